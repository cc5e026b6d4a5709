package diagnose

import (
	"context"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/plan"
	"github.com/resync-hwa/resync/twstools/query"
)

// The rule of doubt. A rule that proves its cause (the mechanism is quoted, and what else could explain it was looked at) calls it confirmed; that
// stands only where what was read can be trusted to be all there is (contract, rule 4):
//
//  1. a complete record: of what was asked about, of the causes and of the workstations they are on, the engine told every field that engines
//     always tell, and nowhere does it leave out of one object what it tells of another of its kind;
//  2. a plan in sight: no read of a plan's object was refused to the account, and no object that the plan names is left out of a list. Where only
//     a log or an audit record was refused, a cause that a line of a log proves stands; one that a status alone shows does not;
//  3. a fresh copy: a change within the last minutes proves that the copy of the plan is kept up, and no CHECKSYNC failed. That the copy is in
//     doubt is itself proven by that failure.
//
// It holds for causes drawn from a status and for those drawn from a log alike: the log tells of a run, the plan that this run is the one that
// counts. Where one of the three fails the cause is likely, and missing says which.

// doubt applies the rule to what was found; asked is what was asked about, if one object was.
func (c *kase) doubt(ctx context.Context, asked *Subject) {
	if !slices.ContainsFunc(c.out.Causes, func(x answer.Cause) bool { return x.Class == answer.Confirmed }) {
		return
	}
	c.survey(ctx)
	source, why := c.holes(asked)
	for i := range c.out.Causes {
		x := &c.out.Causes[i]
		if x.Class != answer.Confirmed {
			continue
		}
		if why != "" {
			c.miss(source, why)
			x.Class, x.Confidence = answer.Likely, min(x.Confidence, 0.8)
			continue
		}
		fromLog := slices.ContainsFunc(x.Evidence, func(e answer.Evidence) bool { return e.Line > 0 })
		if most, room := c.room(x.Kind, fromLog); room {
			x.Class, x.Confidence = answer.Likely, min(x.Confidence, most)
		}
	}
}

// byStatus gives the class of a cause that a status alone proves; weak says that it does not prove all of it.
func (c *kase) byStatus(weak bool) (answer.Class, float64) {
	if weak {
		return answer.Likely, 0.6
	}
	if most, room := c.room("", false); room {
		return answer.Likely, most
	}
	return answer.Confirmed, 0.9
}

// room says whether the rule leaves room for another cause, and how sure a cause can be at most then.
func (c *kase) room(kind string, fromLog bool) (most float64, room bool) {
	engine := "engine:" + c.d.o.Name
	refused := func(err error) bool {
		p := fault.Public(err)
		return p.Code == fault.Forbidden && !(fromLog && (strings.HasPrefix(p.Source, "joblog:") || strings.HasPrefix(p.Source, "audit:")))
	}
	switch {
	case c.patchy():
		c.miss(engine, c.text("patchy"))
		return 0.7, true
	case c.hidden || c.graph != nil && c.graph.Hidden:
		c.miss(engine, c.text("hidden"))
		return 0.7, true
	case slices.ContainsFunc(c.failures, refused):
		return 0.75, true
	case kind == "plan.mirror" && c.fresh.proven:
		return 0, false
	case !c.current():
		c.miss(engine, c.text("not_proven_fresh"))
		return 0.75, true
	}
	return 0, false
}

// patchy reports whether the engine leaves out fields here that it tells there.
func (c *kase) patchy() bool {
	return c.told.Patchy() || c.graph != nil && c.graph.Patchy()
}

// survey looks once whether this account is shown the resources and prompts of the plan: where lists are checked against rights (option
// enListSecChk), objects are left out without a word, and a rival that cannot be seen is not ruled out.
func (c *kase) survey(ctx context.Context) {
	if c.surveyed {
		return
	}
	c.surveyed = true
	resources, err := c.d.o.Engine.Resources(ctx, twstools.ListQuery{Limit: 1})
	if err != nil || len(resources.Items) > 0 {
		c.hidden = fault.Is(err, fault.Forbidden)
		return
	}
	waiting, err := c.d.o.Engine.Jobs(ctx, twstools.ListQuery{Limit: 200, Where: query.Is("jobruns.commonStatus", "WAITING")})
	c.hidden = err == nil && slices.ContainsFunc(waiting.Items, func(j twstools.Job) bool { return j.DependencyCounts[twstools.DepResource] > 0 })
}

// holes says what the engine did not tell of the objects that the causes rest upon; nothing: it told all.
func (c *kase) holes(asked *Subject) (source, why string) {
	if c.graph == nil {
		return "", ""
	}
	names := map[string]bool{}
	if asked != nil {
		names[asked.Entity] = true
	}
	for _, x := range c.out.Causes {
		names[x.Entity] = true
	}
	for _, n := range c.graph.Nodes() {
		name := c.name(n.Entity())
		if !names[name] {
			continue
		}
		holes := holesIn(n)
		if n.Job != nil {
			if w, ok := c.graph.Workstation(n.Job.Workstation); ok {
				holes = append(holes, holesAt(w)...)
			}
		}
		if len(holes) > 0 {
			return "plan:" + name, c.text("holes", strings.Join(holes, ", "))
		}
	}
	for _, x := range c.out.Causes {
		if w, ok := c.graph.Workstation(x.Entity); ok && x.Ref.Type == string(twstools.EntityWorkstation) && len(holesAt(w)) > 0 {
			return "workstation:" + x.Entity, c.text("holes", strings.Join(holesAt(w), ", "))
		}
	}
	return "", ""
}

func holesAt(w twstools.Workstation) []string {
	var out []string
	if !w.StatesKnown {
		out = append(out, "active_states")
	}
	if w.Limit == nil {
		out = append(out, "limit")
	}
	return out
}

// holesIn names the fields that engines always tell of such an object and that are missing.
func holesIn(n *plan.Node) []string {
	var out []string
	need := func(told bool, name string) {
		if !told {
			out = append(out, name)
		}
	}
	s := n.Status()
	need(s.Internal != "", "internal_status")
	need(s.Common != "", "common_status")
	if n.Stream != nil {
		need(n.Stream.Priority != nil, "priority")
		need(n.Stream.InternalID != "", "job_stream_id")
		return out
	}
	j := n.Job
	need(j.Priority != nil, "priority")
	r := lastRun(j)
	began := n.Phase() == plan.Running || n.Phase() == plan.Done || n.Phase() == plan.Bad && !isFail(s)
	if !began {
		return out
	}
	need(r != nil && !r.Start.IsZero(), "start")
	need(r != nil && r.JobNumber != 0, "job_number")
	if n.Phase() != plan.Running {
		need(r != nil && !r.End.IsZero(), "end")
		need(r != nil && r.ReturnCode != nil, "return_code")
	}
	return out
}
