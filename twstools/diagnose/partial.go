package diagnose

import (
	"strings"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/plan"
)

// doubt lowers what was called confirmed where the engine told only part of what it knows of the objects that the causes rest upon: a proof
// drawn from a record with holes leaves room for what the holes would have shown (contract, rule 4).
func (c *kase) doubt(asked *Subject) {
	if c.graph == nil {
		return
	}
	names := map[string]bool{}
	if asked != nil {
		names[asked.Entity] = true
	}
	confirmed := false
	for _, x := range c.out.Causes {
		names[x.Entity] = true
		confirmed = confirmed || x.Class == answer.Confirmed
	}
	if !confirmed {
		return
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
			c.miss("plan:"+name, c.text("holes", strings.Join(holes, ", ")))
			c.lower()
			return
		}
	}
	for _, x := range c.out.Causes {
		if w, ok := c.graph.Workstation(x.Entity); ok && x.Ref.Type == string(twstools.EntityWorkstation) && len(holesAt(w)) > 0 {
			c.miss("workstation:"+x.Entity, c.text("holes", strings.Join(holesAt(w), ", ")))
			c.lower()
			return
		}
	}
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

// lower makes every confirmed cause a likely one.
func (c *kase) lower() {
	for i := range c.out.Causes {
		if x := &c.out.Causes[i]; x.Class == answer.Confirmed {
			x.Class, x.Confidence = answer.Likely, min(x.Confidence, 0.8)
		}
	}
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
