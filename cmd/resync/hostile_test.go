package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/tools"
)

// evil holds what a terminal would obey: an escape, one of the upper range, a mark of direction, and a sign beyond the first plane.
const evil = "A\x1b[31mB\u009b31mC\u202eD\U000e0041E"

// obeyed tells whether a terminal would obey a piece of the text.
func obeyed(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || unseen(r) })
}

// An answer keeps the engine's own names in its refs. A terminal obeys nothing of them in any form, and programs read the same value.
func TestAnswerFormsObeyNothing(t *testing.T) {
	ans := answer.Answer{Question: "q", Diagnosis: &answer.Diagnosis{Causes: []answer.Cause{{Entity: "X", Ref: answer.Ref{Engine: "default", Type: "job", Job: evil}}}}}
	for _, form := range []string{"json", "yaml"} {
		for _, lines := range []bool{false, true} {
			var out bytes.Buffer
			if err := (&asking{form: form, lines: lines, out: &out}).print(ans); err != nil {
				t.Fatal(err)
			}
			if obeyed(out.String()) {
				t.Errorf("%s, lines %v: %q", form, lines, out.String())
			}
			read := json.Unmarshal
			if form == "yaml" {
				read = yaml.Unmarshal
			}
			var same struct {
				Diagnosis struct {
					Causes []struct{ Ref struct{ Job string } }
				}
			}
			if err := read(out.Bytes(), &same); err != nil || len(same.Diagnosis.Causes) != 1 || same.Diagnosis.Causes[0].Ref.Job != evil {
				t.Errorf("%s, lines %v: %v, %+v", form, lines, err, same)
			}
		}
	}
}

// An error repeats what was asked for, and names of the engine: a terminal obeys nothing of that either.
func TestErrorsObeyNothing(t *testing.T) {
	var out bytes.Buffer
	p := &program{err: &out}
	p.explain(fault.New(fault.NotFound, "Nothing is called %s.", evil).WithHint("%s", evil).WithCandidates(evil))
	if obeyed(out.String()) || strings.Count(out.String(), "E") != 3 {
		t.Errorf("it says %q", out.String())
	}
}

// A number that is out of bounds is refused and not quietly made another one: what is shown is what was asked for.
func TestNumbersOutOfBounds(t *testing.T) {
	for _, args := range []string{
		"late --hours 0", "late --hours 169", "late --limit -1", "late --limit 101", "impact --limit 0 X", "changes --limit 0", "radar --prompt-minutes 0",
		"radar --prompt-minutes 10081", "radar --prompt-minutes 999999999999",
	} {
		var out, said bytes.Buffer
		p := &program{args: append([]string{"resync"}, strings.Fields(args)...), dir: t.TempDir(), out: &out, err: &said, clock: time.Now}
		if code := run(t.Context(), p); code != 2 || out.Len() > 0 || !strings.Contains(said.String(), "from 1 to") {
			t.Errorf("%s: status %d, %q, %q", args, code, out.String(), said.String())
		}
	}
}

// That nothing has a deadline is said only where everything could be read.
func TestNothingLateIsNoFindingOfWhatWasNotRead(t *testing.T) {
	const clear = "Nothing that is left to run has a deadline, or is critical."
	for _, tc := range []struct {
		out  tools.LateOut
		want bool
	}{
		{tools.LateOut{Complete: true}, true},
		{tools.LateOut{}, false},
		{tools.LateOut{Complete: true, Missing: []string{"engine:default: the list of jobs could not be read"}}, false},
	} {
		s := &screen{}
		lateText(s, toolkit.Reply[tools.LateOut]{Data: tc.out})
		if strings.Contains(s.String(), clear) != tc.want {
			t.Errorf("%+v: it says %q", tc.out, s.String())
		}
	}
}
