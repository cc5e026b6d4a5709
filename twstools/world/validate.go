package world

import (
	"fmt"
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
)

// Validate checks that a world hangs together: ids are there and unique, and everything that is referred to exists. Load does it for files.
func (w *World) Validate() error {
	v := validator{ids: map[string]string{}, runs: map[string]bool{}, workstations: map[string]bool{}}
	if w.AsOf.IsZero() {
		v.bad("the world has no instant (AsOf)")
	}
	v.collect(w)
	v.check(w)
	if len(v.errs) == 0 {
		return nil
	}
	more := ""
	if len(v.errs) > 20 {
		more = fmt.Sprintf("; and %d more", len(v.errs)-20)
		v.errs = v.errs[:20]
	}
	return fault.New(fault.Invalid, "The world is wrong: %s%s.", strings.Join(v.errs, "; "), more)
}

type validator struct {
	ids          map[string]string // id → kind
	runs         map[string]bool
	workstations map[string]bool
	errs         []string
}

func (v *validator) bad(format string, args ...any) {
	v.errs = append(v.errs, fmt.Sprintf(format, args...))
}

func (v *validator) id(kind, name string, r twstools.Ref) {
	if r.IsZero() {
		v.bad("%s %s has no id", kind, name)
		return
	}
	if other, twice := v.ids[r.ID]; twice {
		v.bad("%s %s has the id of another %s", kind, name, other)
	}
	v.ids[r.ID] = kind
}

func (v *validator) collect(w *World) {
	for _, x := range w.Workstations {
		v.id("workstation", x.Name, x.Ref)
		v.workstations[x.Name] = true
	}
	for _, x := range w.JobStreams {
		v.id("stream", x.Name, x.Ref)
	}
	for _, x := range w.Jobs {
		v.id("job", x.Name, x.Ref)
		for _, r := range x.Runs {
			if r.ID == "" || v.runs[r.ID] {
				v.bad("job %s has a run without an id of its own", x.Name)
			}
			v.runs[r.ID] = true
		}
	}
	for _, x := range w.Resources {
		v.id("resource", x.Name, x.Ref)
	}
	for _, x := range w.Prompts {
		v.id("prompt", x.Name, x.Ref)
	}
}

func (v *validator) check(w *World) {
	for _, s := range w.JobStreams {
		v.onPlant("job stream "+s.Name, s.Workstation)
		v.dependencies("job stream "+s.Name, s.Dependencies)
	}
	for _, j := range w.Jobs {
		what := "job " + j.Stream + "." + j.Name
		v.onPlant(what, j.Workstation)
		v.refers(what, "stream", j.StreamRef)
		v.dependencies(what, j.Dependencies)
	}
	for _, r := range w.Resources {
		v.onPlant("resource "+r.Name, r.Workstation)
		for _, h := range r.Holders {
			v.refers("holder of "+r.Name, "job", h.JobRef)
			v.refers("holder of "+r.Name, "stream", h.JobStreamRef)
		}
	}
	for _, p := range w.Prompts {
		v.refers("prompt "+p.Name, "job", p.JobRef)
		v.refers("prompt "+p.Name, "stream", p.JobStreamRef)
	}
	for id := range w.Logs {
		if !v.runs[id] {
			v.bad("a log belongs to the run %s, which is not there", id)
		}
	}
}

func (v *validator) onPlant(what, workstation string) {
	if !v.workstations[workstation] {
		v.bad("%s is on the workstation %q, which is not there", what, workstation)
	}
}

func (v *validator) refers(what, kind string, r twstools.Ref) {
	if !r.IsZero() && v.ids[r.ID] != kind {
		v.bad("%s refers to a %s that is not there", what, kind)
	}
}

func (v *validator) dependencies(what string, ds []twstools.Dependency) {
	for _, d := range ds {
		v.refers(what, "job", d.JobRef)
		v.refers(what, "stream", d.StreamRef)
		v.dependencies(what, d.Members)
	}
}
