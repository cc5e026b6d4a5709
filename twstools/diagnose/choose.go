package diagnose

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/plan"
	"github.com/resync-hwa/resync/twstools/reader"
)

// pick is one object that may be meant.
type pick struct {
	job         *twstools.Job
	stream      *twstools.JobStream
	workstation *twstools.Workstation
	resource    *twstools.Resource
	prompt      *twstools.Prompt
	file        *twstools.Entity // named, not found: the plan has no objects of its own for files
}

func (p pick) entity() twstools.Entity {
	switch {
	case p.job != nil:
		return p.job.Entity()
	case p.stream != nil:
		return p.stream.Entity()
	case p.workstation != nil:
		return p.workstation.Entity()
	case p.resource != nil:
		return p.resource.Entity()
	case p.file != nil:
		return *p.file
	default:
		return p.prompt.Entity()
	}
}

func (p pick) phase() plan.Phase {
	switch {
	case p.job != nil:
		return plan.PhaseOf(p.job.Status)
	case p.stream != nil:
		return plan.PhaseOf(p.stream.Status)
	}
	return plan.Unknown
}

func (p pick) status() string {
	switch {
	case p.job != nil:
		return p.job.Status.Display()
	case p.stream != nil:
		return p.stream.Status.Display()
	case p.prompt != nil:
		return p.prompt.Status
	}
	return ""
}

// choose narrows what was found to what is meant. The time that the asker names decides first, then what the asker believes (the
// instance that fits it), then trouble (a question about what is wrong means the one that has something wrong), then a stream over its
// own job of the same name. More than one left: the asker must choose. rest are the instances not meant.
func choose(found reader.Found, req Request, when Moment, now time.Time) (picked, rest []pick) {
	all := picks(found)
	picked, fits := when.of(all, now)
	if !fits {
		picked = all
	}
	narrow := func(keep func(pick) bool) {
		if len(picked) < 2 {
			return
		}
		var kept []pick
		for _, p := range picked {
			if keep(p) {
				kept = append(kept, p)
			}
		}
		if len(kept) > 0 {
			picked = kept
		}
	}
	if phases := premisePhases[req.Premise]; len(phases) > 0 {
		narrow(func(p pick) bool { return slices.Contains(phases, p.phase()) })
	}
	if req.Premise == "running_long" || req.Premise == "slow" || req.Premise == "late" {
		narrow(func(p pick) bool { return p.job != nil && plan.PaceAt(p.job, now).Slow })
	}
	if found.By == "description" {
		narrow(func(p pick) bool { return troubled(p, now) })
		narrow(func(p pick) bool { return p.job != nil })
		if len(picked) > 1 && oneStream(picked) {
			// Words that fit several jobs of one stream mean the stream.
			j := picked[0].job
			picked = []pick{{stream: &twstools.JobStream{Ref: j.StreamRef, Name: j.Stream, Folder: j.StreamFolder, Workstation: j.StreamWorkstation, SchedTime: j.SchedTime}}}
		}
	} else {
		narrow(func(p pick) bool { return troubled(p, now) })
	}
	narrow(func(p pick) bool { return !ownJobOf(p, picked) })
	if oneName(picked) {
		// Of one job's instances the one at work or overdue is meant; else the one whose time is nearest, done or to come.
		narrow(func(p pick) bool { return inPlay(p, now) })
		if settled(picked, now) {
			nearest := slices.MinFunc(picked, func(a, b pick) int { return cmp.Compare(now.Sub(dueAt(a)).Abs(), now.Sub(dueAt(b)).Abs()) })
			narrow(func(p pick) bool { return samePick(p, nearest) })
		}
	}
	for _, p := range all {
		if !slices.ContainsFunc(picked, func(q pick) bool { return samePick(p, q) }) {
			rest = append(rest, p)
		}
	}
	return picked, rest
}

// Meant narrows jobs of one name to those that a question without further words means: those of the time that was named, else the
// latest day's, a day being one of zone. troubled asks for the one in trouble, the one still in play, of ended ones the latest: a
// question about a failure means those, one about a fact does not. More than one left means that the asker must choose, none that the plan
// holds none of the day or the instant that was named.
func Meant(jobs []twstools.Job, when Moment, troubled bool, zone *time.Location, now time.Time) []twstools.Job {
	var picked []pick
	of, fits := when.of(picks(reader.Found{Jobs: jobs}), now)
	switch {
	case !fits:
	case troubled:
		picked, _ = choose(reader.Found{By: "name", Jobs: jobsOf(of)}, Request{}, when, now)
	default:
		picked = of
		if oneName(picked) {
			picked = latestDay(picked, zone, now)
		}
	}
	return jobsOf(picked)
}

func jobsOf(ps []pick) []twstools.Job {
	out := make([]twstools.Job, 0, len(ps))
	for _, p := range ps {
		out = append(out, *p.job)
	}
	return out
}

func picks(f reader.Found) []pick {
	var out []pick
	for i := range f.Jobs {
		out = append(out, pick{job: &f.Jobs[i]})
	}
	for i := range f.Streams {
		out = append(out, pick{stream: &f.Streams[i]})
	}
	for i := range f.Workstations {
		out = append(out, pick{workstation: &f.Workstations[i]})
	}
	for i := range f.Resources {
		out = append(out, pick{resource: &f.Resources[i]})
	}
	for i := range f.Prompts {
		out = append(out, pick{prompt: &f.Prompts[i]})
	}
	return out
}

var premisePhases = map[string][]plan.Phase{
	"abended":      {plan.Bad, plan.Stuck},
	"not_started":  {plan.Waiting, plan.Ready, plan.Suppressed, plan.Cancelled},
	"waiting":      {plan.Waiting, plan.Ready, plan.Suppressed, plan.Stuck},
	"running_long": {plan.Running},
	"slow":         {plan.Running},
}

// trouble ranks how much an instance asks for attention.
func trouble(p pick, now time.Time) int {
	switch p.phase() {
	case plan.Bad, plan.Stuck, plan.ToConfirm:
		return 4
	case plan.Ready:
		return 2
	case plan.Running:
		if p.job != nil && plan.PaceAt(p.job, now).Slow {
			return 3
		}
		return 1
	case plan.Waiting, plan.Suppressed:
		if due := dueAt(p); !due.IsZero() && due.Before(now) {
			return 2
		}
		return 1
	}
	return 0
}

func troubled(p pick, now time.Time) bool { return trouble(p, now) > 1 }

func dueAt(p pick) time.Time {
	if p.job != nil {
		return p.job.SchedTime
	}
	if p.stream != nil {
		return p.stream.SchedTime
	}
	return time.Time{}
}

func oneStream(ps []pick) bool {
	for _, p := range ps {
		if p.job == nil || p.job.StreamRef.IsZero() || p.job.StreamRef != ps[0].job.StreamRef {
			return false
		}
	}
	return len(ps) > 0
}

// oneName reports whether all are instances of one job, or of one job stream, on different days: then the one still in play is
// meant, and of ended ones the latest.
func oneName(ps []pick) bool {
	for _, p := range ps {
		a, b := p.entity(), ps[0].entity()
		if a.Type != b.Type || a.Workstation != b.Workstation || a.Folder != b.Folder || a.Stream != b.Stream || a.Job != b.Job || a.Stream == "" {
			return false
		}
	}
	return len(ps) > 1
}

// latestDay keeps the instances planned for the latest day that has begun: one of an earlier plan is not what an unsaid day means, nor is
// one of a day to come, unless there is no other.
func latestDay(ps []pick, zone *time.Location, now time.Time) []pick {
	day := func(p pick) string { return dueAt(p).In(zone).Format(time.DateOnly) }
	latest, today := "", now.In(zone).Format(time.DateOnly)
	for _, p := range ps {
		if d := day(p); latest == "" || d > latest && d <= today || latest > today {
			latest = d
		}
	}
	return slices.DeleteFunc(slices.Clone(ps), func(p pick) bool { return day(p) != latest })
}

// inPlay reports whether an instance is neither over nor still to come.
func inPlay(p pick, now time.Time) bool {
	switch p.phase() {
	case plan.Done, plan.Cancelled:
		return false
	case plan.Waiting, plan.Suppressed:
		return !dueAt(p).After(now)
	}
	return true
}

// settled reports whether none is in play and all have a planned time, so that the nearest can be told.
func settled(ps []pick, now time.Time) bool {
	return !slices.ContainsFunc(ps, func(p pick) bool { return inPlay(p, now) || dueAt(p).IsZero() })
}

// ownJobOf reports whether p is a job whose stream bears the same name and is picked too.
func ownJobOf(p pick, ps []pick) bool {
	return p.job != nil && slices.ContainsFunc(ps, func(q pick) bool { return q.stream != nil && q.stream.Ref == p.job.StreamRef })
}

func samePick(a, b pick) bool {
	switch {
	case a.job != nil:
		return b.job != nil && a.job.Ref == b.job.Ref
	case a.stream != nil:
		return b.stream != nil && a.stream.Ref == b.stream.Ref
	}
	return a.entity() == b.entity() && a.entity().Type == b.entity().Type
}

// clarify answers with the instances, each with its state.
func (c *kase) clarify(ctx context.Context, ps []pick) (Report, error) {
	c.out.Verdict = answer.NeedsClarification
	shared := map[string]int{}
	var jobs []twstools.Job
	for _, p := range ps {
		shared[c.name(p.entity())]++
		if p.job != nil {
			jobs = append(jobs, *p.job)
		}
	}
	ids := c.d.o.Finder.StreamIDs(ctx, jobs[:min(12, len(jobs))])
	for i, p := range ps {
		if i >= 12 {
			c.miss("plan:current", fmt.Sprintf(c.text("more_instances"), len(ps)-i))
			break
		}
		e := p.entity()
		if p.job != nil && e.JobStreamID == "" {
			e.JobStreamID = ids[p.job.StreamRef]
			p.job.JobStreamID = e.JobStreamID
		}
		e.ShowID = shared[c.name(p.entity())] > 1
		c.out.Candidates = append(c.out.Candidates, answer.Candidate{Entity: c.name(e), Ref: c.pickRef(p), Why: c.state(p)})
	}
	return c.report(ctx, nil), nil
}

func (c *kase) pickRef(p pick) answer.Ref {
	switch {
	case p.job != nil:
		return JobRef(c.d.o.Name, *p.job)
	case p.stream != nil:
		return StreamRef(c.d.o.Name, *p.stream)
	}
	return Ref(c.d.o.Name, p.entity(), twstools.Ref{})
}

// state says in a few words how an instance stands, and when it was planned.
func (c *kase) state(p pick) string {
	s := p.status()
	if due := dueAt(p); !due.IsZero() {
		return fmt.Sprintf("%s, %s", s, due.In(c.zone).Format(time.RFC3339))
	}
	return s
}
