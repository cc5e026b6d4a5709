package twsmock

import (
	"slices"
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
	"github.com/resync-hwa/resync/twstools/world"
)

// Rights are an account's, as the security file of a plant that checks LIST (global option enListSecChk; User's Guide, "showjobs") grants them. What may
// not be listed is missing in silence from lists, counts and neighbours, in both interfaces; what may not be displayed is refused with 403 when it is asked
// for by its id, and so is its job log.
type Rights struct {
	List    []Rule // one of them has to fit; nil grants everything, an empty list nothing
	Display []Rule // the same, for single objects and job logs
	Logs    []Rule // the same, for the job logs of what may be displayed
}

// Rule grants a right to the objects that fit all its patterns (@ and ?); an empty pattern fits everything.
type Rule struct {
	Kind        string // KindJob and so on; "" for every kind
	Folder      string // of a job or job stream its stream's, of others their own: "/", "/PAY@"
	Workstation string // display form; of a job its own
	Stream      string // of a job or job stream; other kinds have none
	Name        string
}

// The kinds of objects that a Rule may name.
const (
	KindJob         = "job"
	KindJobStream   = "jobstream"
	KindWorkstation = "workstation"
	KindResource    = "resource"
	KindPrompt      = "prompt"
)

// Object is one object of the plan as rights see it.
type Object struct{ Kind, Folder, Workstation, Stream, Name string }

func (r Rule) fits(o Object) bool {
	for _, c := range [][2]string{{r.Kind, o.Kind}, {r.Folder, o.Folder}, {r.Workstation, strings.TrimPrefix(o.Workstation, "/")}, {r.Stream, o.Stream}, {r.Name, strings.TrimPrefix(o.Name, "/")}} {
		if pattern := c[0]; pattern != "" && !query.Match(pattern, c[1]) && !query.Match(strings.TrimPrefix(pattern, "/"), c[1]) {
			return false
		}
	}
	return true
}

func granted(rules []Rule, o Object) bool {
	return rules == nil || slices.ContainsFunc(rules, func(r Rule) bool { return r.fits(o) })
}

func jobObject(j twstools.Job) Object {
	return Object{KindJob, j.StreamFolder, j.Workstation, j.Stream, j.Name}
}
func streamObject(s twstools.JobStream) Object {
	return Object{KindJobStream, s.Folder, s.Workstation, s.Name, s.Name}
}
func workstationObject(w twstools.Workstation) Object {
	return Object{Kind: KindWorkstation, Folder: w.Folder, Workstation: w.Name, Name: w.Name}
}
func resourceObject(r twstools.Resource) Object {
	return Object{Kind: KindResource, Folder: r.Folder, Workstation: r.Workstation, Name: r.Name}
}
func promptObject(p twstools.Prompt) Object {
	return Object{Kind: KindPrompt, Folder: p.Folder, Workstation: p.Workstation, Name: p.Name}
}

// listed is the plan with only what may be listed; the plan itself where that is everything. What is left still tells of what is not: a job's dependency names its
// predecessor, and a stream counts all its jobs.
func (r *Rights) listed(w *world.World) *world.World {
	if r == nil || r.List == nil {
		return w
	}
	out := *w
	out.Workstations = keep(w.Workstations, r.List, workstationObject)
	out.JobStreams = keep(w.JobStreams, r.List, streamObject)
	out.Jobs = keep(w.Jobs, r.List, jobObject)
	out.Resources = keep(w.Resources, r.List, resourceObject)
	out.Prompts = keep(w.Prompts, r.List, promptObject)
	out.CriticalJobs = keep(w.CriticalJobs, r.List, func(c twstools.CriticalJob) Object { return jobObject(c.Job) })
	out.Archived = nil
	for _, p := range w.Archived {
		p.Jobs = keep(p.Jobs, r.List, jobObject)
		out.Archived = append(out.Archived, p)
	}
	return &out
}

func keep[T any](all []T, rules []Rule, of func(T) Object) []T {
	out := []T{}
	for _, x := range all {
		if granted(rules, of(x)) {
			out = append(out, x)
		}
	}
	return out
}

// may is fault.Forbidden for an object that the account may not display.
func (v *view) may(o Object) error {
	if v.rights == nil || granted(v.rights.Display, o) {
		return nil
	}
	return fault.New(fault.Forbidden, "The %s %s may not be displayed.", o.Kind, o.Name)
}

// mayReadLogOf is fault.Forbidden for a job whose logs the account may not read, or that it may not display.
func (v *view) mayReadLogOf(o Object) error {
	if err := v.may(o); err != nil || v.rights == nil || granted(v.rights.Logs, o) {
		return err
	}
	return fault.New(fault.Forbidden, "The job log of %s may not be read.", o.Name)
}

// mayReadLog is the same for a run.
func (v *view) mayReadLog(run string) error {
	if v.rights == nil || v.rights.Display == nil && v.rights.Logs == nil {
		return nil
	}
	for i := range v.from.Jobs {
		j := &v.from.Jobs[i]
		if slices.ContainsFunc(j.Runs, func(r twstools.Run) bool { return r.ID == run }) {
			return v.mayReadLogOf(jobObject(*j))
		}
	}
	return nil
}
