package diagnose

import (
	"context"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/plan"
)

// maxAfter bounds how many direct successors of a done job are read.
const maxAfter = 3

// heldAfter: a job that is done and was asked about all the same ("what is the matter with it, why does nothing go on?") may be fine, and the
// next one held. Only what somebody set by hand counts, a priority of 0 (UG "altpri"); all else that a successor waits for is its own question.
func (c *kase) heldAfter(ctx context.Context, n *plan.Node) {
	if n.Job == nil || n.Phase() != plan.Done || c.req.Premise == "succeeded" || c.req.Action != "" || c.graph == nil {
		return
	}
	found, err := c.d.o.Engine.Neighbours(ctx, twstools.NeighbourQuery{Ref: n.Job.Ref, Direction: twstools.Successors})
	if err != nil {
		c.failed(err)
		return
	}
	read := 0
	for _, nb := range found {
		if nb.Job == nil || plan.PhaseOf(nb.Job.Status) != plan.Waiting {
			continue
		}
		if read++; read > maxAfter {
			return
		}
		j, err := c.d.o.Engine.Job(ctx, nb.Job.Ref)
		if err != nil || j.Priority == nil || *j.Priority != 0 {
			continue
		}
		next := c.graph.Keep(&j)
		class, confidence := c.byStatus(true) // what else it waits for was not looked at
		c.out.Chain = append(c.out.Chain, answer.Hop{Entity: c.name(next.Entity()), Status: next.Status().Display(), Why: "sched.held", BlockedBy: c.name(next.Entity()), Evidence: []answer.Evidence{}})
		c.cause(answer.Cause{Entity: c.name(next.Entity()), Ref: c.ref(next), Kind: "sched.held", Statement: c.statement("sched.held", c.params(next.Entity(), nil)), Class: class, Confidence: confidence,
			Evidence: c.ev.fields([]plan.Fact{c.fact(next, "status", next.Status().Display()), c.fact(next, "priority", "0")})})
	}
}
