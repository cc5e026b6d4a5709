package plan

import (
	"strings"

	"github.com/resync-hwa/resync/twstools"
)

// Told notes which fields came with objects of a kind and which did not. The zero Told has seen nothing.
type Told struct{ seen map[string]*told }

type told struct{ with, without int }

func (t *Told) note(kind, field string, there bool) {
	if t.seen == nil {
		t.seen = map[string]*told{}
	}
	n := t.seen[kind+"/"+field]
	if n == nil {
		n = &told{}
		t.seen[kind+"/"+field] = n
	}
	if there {
		n.with++
	} else {
		n.without++
	}
}

// Workstation notes what was told of a workstation.
func (t *Told) Workstation(w *twstools.Workstation) {
	kind := "workstation " + strings.ToUpper(w.Type)
	t.note(kind, "limit", w.Limit != nil)
	t.note(kind, "fence", w.Fence != nil)
	t.note(kind, "active_states", w.StatesKnown)
}

// Job notes what was told of a job, as the engine sent it; rows of lists are a kind of their own, since a list may tell less than a read of one
// object.
func (t *Told) Job(j *twstools.Job, listed bool) {
	kind := "job"
	if listed {
		kind = "listed job"
	}
	t.note(kind, "internal_status", j.Status.Internal != "")
	t.note(kind, "common_status", j.Status.Common != "")
	t.note(kind, "priority", j.Priority != nil)
	if PhaseOf(j.Status) != Done || len(j.Runs) == 0 {
		return
	}
	r := &j.Runs[len(j.Runs)-1]
	if r.Start.IsZero() && r.JobNumber == 0 {
		return // it was done without being run: cancelled, or no operation
	}
	t.note(kind+" done", "start", !r.Start.IsZero())
	t.note(kind+" done", "job_number", r.JobNumber != 0)
	t.note(kind+" done", "end", !r.End.IsZero())
}

// Less notes where a read of one job left out what the row of a list had told of it: a read alone tells no less.
func (t *Told) Less(whole, row *twstools.Job) {
	if whole == nil || row == nil || whole == row {
		return
	}
	for _, f := range []struct {
		name       string
		whole, row bool
	}{
		{"internal_status", whole.Status.Internal != "", row.Status.Internal != ""}, {"common_status", whole.Status.Common != "", row.Status.Common != ""},
		{"priority", whole.Priority != nil, row.Priority != nil},
	} {
		if f.row {
			t.note("job told before", f.name, true)
			t.note("job told before", f.name, f.whole)
		}
	}
}

// JobStream notes what was told of a job stream.
func (t *Told) JobStream(s *twstools.JobStream, listed bool) {
	kind := "job stream"
	if listed {
		kind = "listed job stream"
	}
	t.note(kind, "internal_status", s.Status.Internal != "")
	t.note(kind, "common_status", s.Status.Common != "")
	t.note(kind, "priority", s.Priority != nil)
}

// Patchy reports whether the engine leaves out fields of some objects that it sends of others of their kind: then what is not there may be
// what matters, and whatever is read proves less (our own choice; the interface's description demands hardly any field).
func (t *Told) Patchy() bool {
	for _, n := range t.seen {
		if n.with > 0 && n.without > 0 {
			return true
		}
	}
	return false
}

// Patchy reports whether the engine leaves out fields of some of what was read for the graph that it sends of others.
func (g *Graph) Patchy() bool {
	var t Told
	for _, w := range g.workstations {
		t.Workstation(&w)
	}
	return t.Patchy() || g.told.Patchy()
}
