package diagnose

import (
	"cmp"
	"context"
	"strconv"

	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/plan"
)

// recovered tells of a job that ended badly and whose recovery job made it good: what follows it was let go, and nothing is to be done (contract
// planned.recovered; UG "recovery", table of options and actions). Who is seen to wait for it still proves the contrary.
func (c *kase) recovered(ctx context.Context, n *plan.Node) bool {
	run, ok := plan.Recovery(n.Job)
	if !ok || turnKind(n.Job) != "" || c.holdsSuccessor(ctx, n.Job) {
		return false
	}
	facts := []plan.Fact{c.fact(n, "status", n.Status().Display())}
	if own := plan.OwnRun(n.Job); own != nil && own.ReturnCode != nil {
		facts = append(facts, c.fact(n, "return_code", strconv.Itoa(*own.ReturnCode)))
	}
	facts = append(facts, c.fact(n, "recovery_run", run.Status.Display()))
	name := untrusted.Normalize(cmp.Or(run.Name, n.Job.Definition.RecoveryJob))
	c.explainAs("planned.recovered", n.Entity(), facts, c.statement("planned.recovered.job", c.params(n.Entity(), map[string]string{"status": n.Status().Display(), "recovery": name})))
	return true
}

// holdsSuccessor reports whether a direct successor is told to wait for the job.
func (c *kase) holdsSuccessor(ctx context.Context, j *twstools.Job) bool {
	found, err := c.d.o.Engine.Neighbours(ctx, twstools.NeighbourQuery{Ref: j.Ref, Direction: twstools.Successors})
	c.failed(err)
	var waits *twstools.Job
	for _, nb := range found {
		switch p := (&plan.Node{Job: nb.Job, Stream: nb.JobStream}).Phase(); p {
		case plan.Ready, plan.Running, plan.Done, plan.Bad:
			return false // it went on
		case plan.Waiting, plan.Stuck:
			if nb.Job != nil && waits == nil {
				waits = nb.Job
			}
		}
	}
	if waits == nil {
		return false
	}
	whole, err := c.d.o.Engine.Job(ctx, waits.Ref)
	if err != nil {
		c.failed(err)
		return false
	}
	for _, d := range whole.Dependencies {
		if d.JobRef == j.Ref && d.Satisfied != nil && !*d.Satisfied {
			return true
		}
	}
	return false
}
