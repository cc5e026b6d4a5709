package plan

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/resync-hwa/resync/twstools"
)

// ChangeKind says how something differs between two readings of a plan.
type ChangeKind string

// The kinds of differences, in the order in which they are told.
const (
	ChangeWorse     ChangeKind = "worse" // ended well before, and badly now
	ChangeGone      ChangeKind = "gone"
	ChangeNew       ChangeKind = "new"
	ChangeSlower    ChangeKind = "slower"
	ChangeMoved     ChangeKind = "moved" // another time of day, or another workstation
	ChangeRedefined ChangeKind = "redefined"
	ChangeBetter    ChangeKind = "better" // ended badly before, and well now
	ChangeFaster    ChangeKind = "faster"
)

var changeOrder = []ChangeKind{ChangeWorse, ChangeGone, ChangeNew, ChangeSlower, ChangeMoved, ChangeRedefined, ChangeBetter, ChangeFaster}

// Difference is one thing that is not as it was. Before or After is nil for what is new or gone; Field names what differs otherwise, in
// the words of the tools' output, with its two values.
type Difference struct {
	Kind          ChangeKind
	Before, After *Facet
	Field         string
	Old, New      string
}

// Facet is a job or job stream as far as two readings of it can be compared. Its schedule time is compared by the time of day, since the
// readings may be of different days.
type Facet struct {
	Entity      twstools.Entity
	Status      twstools.Status
	Workstation string
	Sched       time.Time     // UTC, zero when unknown
	Start       time.Time     // of the last run
	Took        time.Duration // of the last run, where it ended; zero otherwise
	Fields      []Field       // what its definition says, in a fixed order
}

// Field is one property with its value as text; "" means that the engine did not say.
type Field struct{ Name, Value string }

// Margins of a comparison of two runs: shorter differences are what runs vary by anyway (our own choice; two readings are no statistics,
// late_risk has those).
const (
	changedFactor = 1.5
	changedMargin = 5 * time.Minute
	movedMargin   = time.Minute
)

// JobFacet makes the facet of a job. zone is the plan's: times of day are told in it.
func JobFacet(j twstools.Job, zone *time.Location) Facet {
	f := Facet{Entity: j.Entity(), Status: j.Status, Workstation: j.Workstation, Sched: j.SchedTime}
	if n := len(j.Runs); n > 0 {
		r := j.Runs[n-1]
		f.Start = r.Start
		if !r.End.IsZero() && !r.Start.IsZero() && r.End.After(r.Start) {
			f.Took = r.End.Sub(r.Start)
		}
	}
	add := func(name, value string) { f.Fields = append(f.Fields, Field{name, value}) }
	add("task", j.Definition.Task)
	add("priority", number(j.Priority))
	add("user", strings.Join(j.Definition.UserLogins, ","))
	add("recovery_option", j.Definition.RecoveryOption)
	add("recovery_job", j.Definition.RecoveryJob)
	f.times(j.Times, zone)
	f.dependencies(j.Dependencies, j.DependenciesKnown)
	return f
}

// StreamFacet makes the facet of a job stream.
func StreamFacet(s twstools.JobStream, zone *time.Location) Facet {
	f := Facet{Entity: s.Entity(), Status: s.Status, Workstation: s.Workstation, Sched: s.SchedTime, Start: s.Start}
	if !s.Start.IsZero() && s.End.After(s.Start) {
		f.Took = s.End.Sub(s.Start)
	}
	f.Fields = append(f.Fields, Field{"priority", number(s.Priority)}, Field{"limit", number(s.Limit)}, Field{"jobs", number(s.Stats.Total)})
	f.times(s.Times, zone)
	f.dependencies(s.Dependencies, s.DependenciesKnown)
	return f
}

func (f *Facet) times(t twstools.TimeRestrictions, zone *time.Location) {
	clock := func(at time.Time) string {
		if at.IsZero() {
			return ""
		}
		return at.In(zone).Format("15:04")
	}
	f.Fields = append(f.Fields, Field{"earliest_start", clock(t.EarliestStart)}, Field{"until", clock(t.LatestStart)}, Field{"until_action", t.LatestStartAction},
		Field{"deadline", clock(t.Deadline)}, Field{"max_duration", twstools.Span(t.MaxDuration)})
}

// dependencies adds one field for each thing it depends on, so that one more and one less are told by name. Lists do not carry them: then
// nothing is compared.
func (f *Facet) dependencies(deps []twstools.Dependency, known bool) {
	if !known {
		return
	}
	f.Fields = append(f.Fields, Field{"dependencies", "known"})
	var names []string
	for _, d := range deps {
		name := dependencyName(d)
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, n := range names {
		f.Fields = append(f.Fields, Field{"dependency", n})
	}
}

// dependencyName names what is depended on, without the instance: that differs from day to day.
func dependencyName(d twstools.Dependency) string {
	ws := d.StreamWorkstation
	if ws != "" {
		ws += "#"
	}
	switch d.Type {
	case twstools.DepFile:
		return "file " + d.File
	case twstools.DepResource:
		return "resource " + d.Resource + " (" + strconv.Itoa(max(1, d.Units)) + ")"
	case twstools.DepPrompt:
		return "prompt " + cmp.Or(d.Prompt, d.PromptText)
	case twstools.DepInternetwork:
		return "remote " + d.Remote
	case twstools.DepJoin:
		return "join " + d.JoinName
	}
	return strings.Trim(ws+d.Stream+"."+d.Job, ".")
}

func number(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}

// identity is what two instances of the same job have in common.
func (f Facet) identity() string {
	e := f.Entity
	return strings.ToUpper(strings.Join([]string{string(e.Type), e.Workstation, strings.TrimSuffix(e.Folder, "/"), e.Stream, e.Job}, "|"))
}

// Differences compares two readings. Instances of one name are paired in the order of their schedule times. Whether something is missing
// because it was not listed is the caller's to know: what is not in after is gone. Both lists are of one engine, or of two with the same
// names; zone is the plan's.
func Differences(before, after []Facet, zone *time.Location) []Difference {
	old, now := byIdentity(before), byIdentity(after)
	var out []Difference
	for _, id := range names(old, now) {
		a, b := old[id], now[id]
		for i := range max(len(a), len(b)) {
			switch {
			case i >= len(b):
				out = append(out, Difference{Kind: ChangeGone, Before: &a[i]})
			case i >= len(a):
				out = append(out, Difference{Kind: ChangeNew, After: &b[i]})
			default:
				out = append(out, compare(&a[i], &b[i], zone)...)
			}
		}
	}
	out = folded(out, before, after)
	slices.SortStableFunc(out, func(x, y Difference) int {
		return cmp.Compare(slices.Index(changeOrder, x.Kind), slices.Index(changeOrder, y.Kind))
	})
	return out
}

func byIdentity(fs []Facet) map[string][]Facet {
	out := map[string][]Facet{}
	for _, f := range fs {
		out[f.identity()] = append(out[f.identity()], f)
	}
	for _, same := range out {
		slices.SortStableFunc(same, func(a, b Facet) int { return a.Sched.Compare(b.Sched) })
	}
	return out
}

func names(a, b map[string][]Facet) []string {
	var out []string
	for id := range a {
		out = append(out, id)
	}
	for id := range b {
		if _, twice := a[id]; !twice {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

func compare(a, b *Facet, zone *time.Location) []Difference {
	var out []Difference
	say := func(kind ChangeKind, field, was, is string) {
		out = append(out, Difference{Kind: kind, Before: a, After: b, Field: field, Old: was, New: is})
	}
	was, is := PhaseOf(a.Status), PhaseOf(b.Status)
	switch {
	case was == Done && (is == Bad || is == Stuck):
		say(ChangeWorse, "status", a.Status.Display(), b.Status.Display())
	case (was == Bad || was == Stuck) && is == Done:
		say(ChangeBetter, "status", a.Status.Display(), b.Status.Display())
	}
	if was == Done && is == Done {
		switch {
		case longer(b.Took, a.Took):
			say(ChangeSlower, "elapsed", twstools.Span(a.Took), twstools.Span(b.Took))
		case longer(a.Took, b.Took):
			say(ChangeFaster, "elapsed", twstools.Span(a.Took), twstools.Span(b.Took))
		}
	}
	if !a.Sched.IsZero() && !b.Sched.IsZero() {
		if x, y := a.Sched.In(zone), b.Sched.In(zone); apart(x, y) > movedMargin {
			say(ChangeMoved, "sched_time", x.Format("15:04"), y.Format("15:04"))
		}
	}
	if a.Workstation != "" && b.Workstation != "" && !strings.EqualFold(a.Workstation, b.Workstation) {
		say(ChangeMoved, "workstation", a.Workstation, b.Workstation)
	}
	out = append(out, redefined(a, b)...)
	return out
}

// longer reports whether a took notably longer than b.
func longer(a, b time.Duration) bool {
	return a > 0 && b > 0 && a-b >= changedMargin && float64(a) > changedFactor*float64(b)
}

// apart is how far two times of day lie apart, around midnight too.
func apart(a, b time.Time) time.Duration {
	of := func(t time.Time) time.Duration {
		return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute + time.Duration(t.Second())*time.Second
	}
	d := (of(a) - of(b)).Abs()
	return min(d, 24*time.Hour-d)
}

// redefined compares what the definitions say. A value that one side does not tell is no difference, but for dependencies, whose whole
// list is known or not.
func redefined(a, b *Facet) []Difference {
	var out []Difference
	say := func(field, was, is string) {
		out = append(out, Difference{Kind: ChangeRedefined, Before: a, After: b, Field: field, Old: was, New: is})
	}
	values := func(f *Facet, name string) (out []string) {
		for _, x := range f.Fields {
			if x.Name == name {
				out = append(out, x.Value)
			}
		}
		return out
	}
	for _, x := range a.Fields {
		if x.Name == "dependency" || x.Name == "dependencies" || x.Value == "" {
			continue
		}
		if now := values(b, x.Name); len(now) == 1 && now[0] != "" && now[0] != x.Value {
			say(x.Name, x.Value, now[0])
		}
	}
	if len(values(a, "dependencies")) == 0 || len(values(b, "dependencies")) == 0 {
		return out
	}
	was, is := values(a, "dependency"), values(b, "dependency")
	for _, d := range was {
		if !slices.Contains(is, d) {
			say("dependency", d, "")
		}
	}
	for _, d := range is {
		if !slices.Contains(was, d) {
			say("dependency", "", d)
		}
	}
	return out
}
