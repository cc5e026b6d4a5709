package knowledge_test

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/knowledge"
)

func reading(t *testing.T, base *knowledge.Base, args string) (toolkit.Result, knowledge.ReadOut) {
	t.Helper()
	tl, err := knowledge.ReadTool(base)
	if err != nil {
		t.Fatal(err)
	}
	r := tl.Call(t.Context(), json.RawMessage(args))
	var out knowledge.ReadOut
	if r.Envelope != nil {
		if err := json.Unmarshal(r.Envelope.Data, &out); err != nil {
			t.Fatal(err)
		}
	}
	return r, out
}

func TestRead(t *testing.T) {
	const note = "# Payroll\n\nWhat it does.\n\n## Unlock\n\nAsk the owner.\u200b\n\n## Unlock\n\npassword=hunter2secret\n-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7\n-----END PRIVATE KEY-----\n"
	base := open(t, knowledge.Options{FS: fstest.MapFS{"ops/pay load.md": {Data: []byte(note)}, "empty.md": {Data: nil}}})

	r, out := reading(t, base, `{"document":"ops/pay load.md"}`)
	if r.Error != nil {
		t.Fatal(r.Error)
	}
	if out.Title != "Payroll" || out.StartLine != 1 || out.EndLine != 14 || out.LastLine != 14 || out.SectionsTotal != 3 || out.Sections[2].Section != "unlock-2" || out.Sections[2].StartLine != 9 {
		t.Errorf("%+v", out)
	}
	all, _ := json.Marshal(r)
	for _, hidden := range []string{"hunter2secret", "MIIEvQ", "\u200b"} {
		if strings.Contains(string(all), hidden) {
			t.Errorf("shows %q", hidden)
		}
	}
	if !strings.HasPrefix(r.Text, "# Payroll\n\nWhat it does.\n") || r.Envelope.Truncated {
		t.Errorf("text %q", r.Text)
	}

	r, out = reading(t, base, `{"document":"ops/pay load.md","section":"unlock"}`)
	if r.Error != nil || out.StartLine != 5 || out.LastLine != 7 || strings.TrimSpace(r.Text) != "## Unlock\n\nAsk the owner." {
		t.Errorf("section %+v %q %v", out, r.Text, r.Error)
	}
	if s := r.Envelope.Sources; len(s) != 1 || s[0].Source != "knowledge:ops/pay load.md#unlock" || len(s[0].Lines) != 2 || s[0].Lines[1] != (toolkit.Line{N: 7, Text: "Ask the owner."}) {
		t.Errorf("source %+v", s)
	}

	if r, _ = reading(t, base, `{"document":"ops/pay load.md","section":"nope"}`); r.Error == nil || r.Error.Code != "not_found" || len(r.Error.Candidates) != 3 {
		t.Errorf("unknown section: %+v", r.Error)
	}
	if r, _ = reading(t, base, `{"document":"../../etc/load.md"}`); r.Error == nil || r.Error.Code != "not_found" || len(r.Error.Candidates) != 1 {
		t.Errorf("unknown document: %+v", r.Error)
	}
}

// A manual does not fill the answer: it ends at a line, and says where it goes on.
func TestReadOfAManual(t *testing.T) {
	var b strings.Builder
	for range 40 {
		b.WriteString("# Chapter\n\n" + strings.Repeat("A line of the manual, as long as lines are.\n", 40))
	}
	base := open(t, knowledge.Options{FS: fstest.MapFS{"manual.md": {Data: []byte(b.String())}}})
	r, out := reading(t, base, `{"document":"manual.md"}`)
	if r.Error != nil {
		t.Fatal(r.Error)
	}
	if !r.Envelope.Truncated || len(r.Text) > 24<<10 || out.EndLine >= out.LastLine || !strings.Contains(r.Text, "It goes on with: knowledge:manual.md#chapter-") {
		t.Errorf("%d bytes, line %d of %d: %q", len(r.Text), out.EndLine, out.LastLine, r.Text[len(r.Text)-200:])
	}
	if n := r.Envelope.Sources[0].Lines; n[len(n)-1].N > out.EndLine {
		t.Errorf("the source has line %d, the text ends at %d", n[len(n)-1].N, out.EndLine)
	}
}
