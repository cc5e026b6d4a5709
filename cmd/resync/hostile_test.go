package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/answer"
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
