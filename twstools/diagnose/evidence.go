package diagnose

import (
	"fmt"
	"slices"

	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/plan"
)

// evidence collects what is quoted, source by source, so that exactly that travels with the answer and nothing can be quoted that was
// not read: the only way to an answer.Evidence leads through here.
type evidence struct {
	order []string
	by    map[string]*toolkit.Source
}

func newEvidence() *evidence { return &evidence{by: map[string]*toolkit.Source{}} }

func (e *evidence) source(name, runID string) *toolkit.Source {
	key := name + "|" + runID
	s, ok := e.by[key]
	if !ok {
		s = &toolkit.Source{Source: name, RunID: runID}
		e.by[key] = s
		e.order = append(e.order, key)
	}
	return s
}

// field quotes one field of an object.
func (e *evidence) field(f plan.Fact) answer.Evidence {
	value := untrusted.Normalize(f.Value)
	s := e.source(untrusted.Normalize(f.Source), "")
	field := toolkit.Field{Name: f.Name, Value: value}
	if !slices.Contains(s.Fields, field) {
		s.Fields = append(s.Fields, field)
	}
	return answer.Evidence{Source: s.Source, Quote: f.Name + "=" + value}
}

func (e *evidence) fields(fs []plan.Fact) []answer.Evidence {
	out := []answer.Evidence{}
	for _, f := range fs {
		if f.Value == "" || f.Value == "?" {
			continue // what the engine did not tell proves nothing
		}
		ev := e.field(f)
		if !slices.Contains(out, ev) {
			out = append(out, ev)
		}
	}
	return out
}

// line quotes a line of a log, whole.
func (e *evidence) line(source, runID string, l twstools.LogLine) answer.Evidence {
	text := untrusted.Normalize(l.Text)
	s := e.source(untrusted.Normalize(source), runID)
	line := toolkit.Line{N: l.N, Text: text}
	if !slices.Contains(s.Lines, line) {
		s.Lines = append(s.Lines, line)
	}
	return answer.Evidence{Source: s.Source, RunID: runID, Line: l.N, Quote: text}
}

func (e *evidence) sources() []toolkit.Source {
	out := make([]toolkit.Source, 0, len(e.order))
	for _, key := range e.order {
		out = append(out, *e.by[key])
	}
	return out
}

// logSource names a job log as answers do: the workstation that ran it and the job number.
func logSource(workstation string, jobNumber int64, runID string) string {
	if jobNumber == 0 {
		return fmt.Sprintf("joblog:%s#%s", workstation, runID)
	}
	return fmt.Sprintf("joblog:%s#%d", workstation, jobNumber)
}
