package evals_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"

	"github.com/resync-hwa/resync/evals"
)

// Whatever a program prints, an answer is one JSON object to the question that was asked, or none.
func FuzzReadAnswer(f *testing.F) {
	for _, seed := range []string{`{"question":"why?"}`, `{"question":"why?"} {}`, `[]`, ``, "null", `{"question":"why?","diagnosis":3}`, "\x00{", `{"question":"what?"}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, err := evals.ReadAnswer(raw, "why?")
		if err != nil {
			return
		}
		var a struct{ Question string }
		if !json.Valid(got) || json.Unmarshal(got, &a) != nil || a.Question != "why?" || !bytes.Equal(got, bytes.TrimSpace(raw)) {
			t.Errorf("%q is taken for an answer", raw)
		}
	})
}

// In whichever pieces it comes, the lines are the same; and more than the bound is told, not cut.
func FuzzLines(f *testing.F) {
	f.Add([]byte("a\nb\n\nc"), uint8(1))
	f.Add([]byte("\n\n"), uint8(3))
	f.Add([]byte("one line without an end"), uint8(7))
	f.Fuzz(func(t *testing.T, raw []byte, size uint8) {
		const limit = 64
		pieces := slices.Collect(slices.Chunk(raw, max(int(size), 1)))
		lines, over := evals.Lines(limit, pieces...)
		if over != (len(raw) > limit) {
			t.Fatalf("%d bytes: over %v", len(raw), over)
		}
		if over {
			return
		}
		want := bytes.Split(raw, []byte("\n"))
		if last := len(want) - 1; len(bytes.TrimSpace(want[last])) == 0 {
			want = want[:last]
		}
		if !slices.EqualFunc(lines, want, bytes.Equal) {
			t.Errorf("%q in pieces of %d: %q, want %q", raw, size, lines, want)
		}
	})
}
