package diagnose

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/joblog"
	"github.com/resync-hwa/resync/twstools/plan"
)

// maxSuppliers bounds how many predecessors' logs are read to see whether one of them delivered bad data.
const maxSuppliers = 3

// overInput reports whether a failure may come from what another job delivered: it is one over data, or nothing tells what it is over.
func overInput(found joblog.Finding) bool {
	return strings.HasPrefix(found.Kind, "app.data.") && found.Kind != "app.data.duplicate" || found.Kind == "app.error" && found.Signature == ""
}

// supplied looks behind a job that failed over its input: a predecessor that counts as good although its own log complains is the guilty
// one ("SUCC jobs may be guilty"). Where it ended with 0, its script turned a failure into a success (app.script.swallowed_error: an error
// that its log proves); where it ended with another return code, its success condition did (app.rc_mapping, UG "rccondsucc"). It reports
// whether it found one, then the failed job is a victim and no cause, and whether a predecessor's log could not be read.
func (c *kase) supplied(ctx context.Context, f failureOf, seg joblog.Segment, found joblog.Finding, source, runID string) (guilty, blind bool) {
	if !overInput(found) {
		return false, false
	}
	for _, p := range c.suppliers(ctx, f.n) {
		run := lastRun(p.Job)
		if c.skipped(ctx, f, p, seg, found, source, runID) {
			return true, blind
		}
		if p.Phase() == plan.Cancelled || letOff(p.Job, f.run) {
			blind = true // what it was to make may be what is lacking
		}
		if p.Phase() == plan.Unknown || p.Phase() == plan.Done && run == nil {
			blind = true // how it ended is not told
		}
		if run == nil || p.Phase() != plan.Done {
			continue
		}
		log, theirs, ok := c.readLog(ctx, failureOf{n: p, run: run})
		if !ok {
			blind = true
			continue
		}
		if run.ReturnCode == nil {
			of := *run
			run = &of
			run.ReturnCode = log.ExitStatus // what the plan does not tell stands in the log's trailer
		}
		kind, line, facts := c.hides(p, run, log)
		if kind == "" {
			continue
		}
		e := p.Entity()
		n := c.graph.Keep(p.Job)
		c.cause(answer.Cause{Entity: c.name(e), Ref: c.runRef(failureOf{n: p, run: run}), Kind: kind, Class: answer.Likely, Confidence: 0.7,
			Statement: c.statement(kind, c.params(e, map[string]string{"status": p.Status().Display(), "victim": c.name(f.n.Entity()), "rc": rcOf(run)})),
			Evidence:  append([]answer.Evidence{c.ev.line(theirs, run.ID, line.Line), c.ev.line(source, runID, found.Line)}, c.ev.fields(facts)...)})
		code := "fix_script"
		if kind == "app.rc_mapping" {
			code = "fix_definition"
		}
		c.fixes = append(c.fixes, fix{kind: kind, entity: c.name(e), code: code})
		c.through(c.name(e), n, f.n)
		c.out.RuledOut = append(c.out.RuledOut, answer.RuledOut{Entity: c.name(f.n.Entity()), Kind: found.Kind, Why: c.text("ruled_victim", c.name(e))})
		return true, blind
	}
	return false, blind
}

// hides tells how a run that counts as good hid what its log complains of; "" where it hid nothing.
func (c *kase) hides(p *plan.Node, run *twstools.Run, seg joblog.Segment) (string, joblog.Finding, []plan.Fact) {
	facts := []plan.Fact{c.fact(p, "status", p.Status().Display())}
	if run.ReturnCode != nil {
		facts = append(facts, c.fact(p, "return_code", strconv.Itoa(*run.ReturnCode)))
	}
	if run.ReturnCode != nil && *run.ReturnCode != 0 {
		complaints := seg.Complaints(*run.ReturnCode)
		if len(complaints) == 0 {
			return "", joblog.Finding{}, nil
		}
		for _, o := range run.OutputConditions {
			if o.IsSuccess && o.Expression != "" {
				facts = append(facts, c.fact(p, "success_condition", o.Expression))
			}
		}
		return "app.rc_mapping", complaints[0], facts
	}
	line, ok := seg.Swallowed()
	if !ok {
		// An error that no signature knows, but that bears the number of a database's message, is one all the same.
		complaints := seg.Complaints(0)
		if i := slices.IndexFunc(complaints, func(x joblog.Finding) bool { return x.Kind == "app.error" && vendorCode.MatchString(x.Line.Text) }); i >= 0 {
			line, ok = complaints[i], true
		}
	}
	if !ok || !strings.HasPrefix(line.Kind, "app.") || strings.HasPrefix(line.Kind, "app.killed.") {
		return "", line, nil
	}
	return "app.script.swallowed_error", line, facts
}

// vendorCode is how databases number their errors (vendors' message references).
var vendorCode = regexp.MustCompile(`\b(?:ORA|PLS|TNS|SP2|KUP|IMP|EXP|RMAN|FRM)-\d{4,5}\b|\bSQL\d{4,5}N\b|\bSQLCODE\s*[=:]?\s*-\d+|\bMsg \d+, Level 1[1-9]\b|^ERROR \d{4} \(\w{5}\)`)

func rcOf(run *twstools.Run) string {
	if run == nil || run.ReturnCode == nil {
		return ""
	}
	return strconv.Itoa(*run.ReturnCode)
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
		j.Fill(nb.Job)
		out = append(out, &plan.Node{ID: plan.JobID(j.Ref), Job: &j, Whole: true})
	}
	return out
}
