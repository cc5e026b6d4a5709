package diagnose

import (
	"context"
	"strings"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/joblog"
	"github.com/resync-hwa/resync/twstools/plan"
)

// maxSuppliers bounds how many predecessors' logs are read to see whether one of them delivered bad data.
const maxSuppliers = 3

// dataKinds are failures over input that another job may have spoilt.
var dataKinds = map[string]bool{"app.data.invalid": true, "app.data.empty": true, "app.data.missing": true}

// deliveryKinds are errors, besides those of network and database, after which what a job delivers may be wrong.
var deliveryKinds = map[string]bool{"app.remote_error": true, "app.fs.space": true, "app.data.missing": true, "app.fs.permission": true}

// swallowed looks behind a job that failed over its input: a predecessor that ended well although its own log proves an error turned a
// failure into a success, and is the guilty one (contract app.script.swallowed_error; "SUCC jobs may be guilty"). It reports whether it
// found one; then the failed job is a victim and no cause.
func (c *kase) swallowed(ctx context.Context, f failureOf, found joblog.Finding, source, runID string) bool {
	if !dataKinds[found.Kind] {
		return false
	}
	for _, p := range c.suppliers(ctx, f.n) {
		run := lastRun(p.Job)
		if run == nil || p.Phase() != plan.Done {
			continue
		}
		seg, theirs, ok := c.readLog(ctx, failureOf{n: p, run: run})
		if !ok {
			continue
		}
		line, ok := seg.Decisive(nil)
		if !ok || !line.Proves || !deliveryKinds[line.Kind] && !strings.HasPrefix(line.Kind, "app.net.") && !strings.HasPrefix(line.Kind, "app.db.") {
			continue
		}
		const kind = "app.script.swallowed_error"
		e := p.Entity()
		c.graph.Keep(p.Job)
		c.cause(answer.Cause{Entity: c.name(e), Ref: c.runRef(failureOf{n: p, run: run}), Kind: kind, Class: answer.Likely, Confidence: 0.7,
			Statement: c.statement(kind, c.params(e, map[string]string{"status": p.Status().Display(), "victim": c.name(f.n.Entity())})),
			Evidence: append([]answer.Evidence{c.ev.line(theirs, run.ID, line.Line), c.ev.line(source, runID, found.Line)},
				c.ev.fields([]plan.Fact{c.fact(p, "status", p.Status().Display())})...)})
		c.fixes = append(c.fixes, fix{kind: kind, entity: c.name(e), code: "fix_script"})
		c.out.RuledOut = append(c.out.RuledOut, answer.RuledOut{Entity: c.name(f.n.Entity()), Kind: found.Kind, Why: c.text("ruled_victim", c.name(e))})
		return true
	}
	return false
}

// suppliers reads the job's direct predecessors, the nearest few.
func (c *kase) suppliers(ctx context.Context, n *plan.Node) []*plan.Node {
	if c.graph == nil {
		return nil
	}
	found, err := c.d.o.Engine.Neighbours(ctx, twstools.NeighbourQuery{Ref: n.Job.Ref, Direction: twstools.Predecessors})
	if err != nil {
		c.failed(err)
		return nil
	}
	var out []*plan.Node
	for _, nb := range found {
		if nb.Job == nil || len(out) == maxSuppliers {
			continue
		}
		j, err := c.d.o.Engine.Job(ctx, nb.Job.Ref)
		if err != nil {
			c.failed(err)
			continue
		}
		out = append(out, &plan.Node{ID: plan.JobID(j.Ref), Job: &j, Whole: true})
	}
	return out
}
