package diagnose

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/joblog"
	"github.com/resync-hwa/resync/twstools/plan"
	"github.com/resync-hwa/resync/twstools/query"
)

// How far from the decisive line the log is searched for who holds the lock, and how many names are looked up in the plan (our own choice).
const (
	holderReach = 6
	maxHolders  = 2
)

// lockKinds are failures over what another run holds.
var lockKinds = map[string]bool{"app.db.lock": true, "app.lockfile": true}

var (
	// A line that says who holds something, not merely that it is held.
	holding = regexp.MustCompile(`(?i)\b(held|holds?|holder|holding|owned|owner|owns|kept|keeps|taken|locked|locks|block(ed|s|er|ing)|in use|used|session|belongs|retid[oa]s?|mantid[oa]s?|bloque\w+|trava\w*|em uso|det[eé]m|detid[oa]s?|segurad?[oa]?s?|pres[oa]s?|sess[aã]o|gehalten|gesperrt|belegt|retenid[oa]s?)\b`)
	jobName = regexp.MustCompile(`(?:([A-Za-z0-9_/\-]+)#)?\b([A-Za-z][A-Za-z0-9_\-]*)(?:\[?\([^)]*\)\]?)?\.([A-Za-z][A-Za-z0-9_\-]*)\b`)
	jobNo   = regexp.MustCompile(`#J(\d{2,10})\b`)
)

// heldBy looks for the job that holds what the run wanted: named by a line beside the decisive one, in the plan, and running while the
// failed run waited. It reports whether it named the holder as the cause; the failed job is its victim then.
func (c *kase) heldBy(ctx context.Context, f failureOf, seg joblog.Segment, found joblog.Finding, source, runID string) bool {
	if !lockKinds[found.Kind] {
		return false
	}
	looked := 0
	for _, line := range near(seg.Body, found.Line.N) {
		text := untrusted.Normalize(line.Text)
		if untrusted.LooksLikeInstruction(text) || !holding.MatchString(text) {
			continue
		}
		for _, where := range append(jobsNamed(text), c.heldAs(f, found, line)...) {
			if looked++; looked > maxHolders {
				return false
			}
			n, run := c.holder(ctx, f, where)
			if n == nil {
				continue
			}
			c.graph.Keep(n.Job)
			params := c.params(n.Entity(), map[string]string{"status": n.Status().Display(), "victim": c.name(f.n.Entity())})
			class, confidence := answer.Likely, 0.8
			if found.Proves && c.agent(f) && c.current() {
				class, confidence = answer.Confirmed, 0.9
			}
			c.cause(answer.Cause{Entity: c.name(n.Entity()), Ref: c.runRef(failureOf{n: n, run: run}), Kind: found.Kind, Statement: c.statement("held_by", params), Class: class, Confidence: confidence,
				Evidence: append([]answer.Evidence{c.ev.line(source, runID, line), c.ev.line(source, runID, found.Line)},
					c.ev.fields([]plan.Fact{c.fact(n, "status", n.Status().Display()), c.fact(n, "start", c.instant(run.Start))})...)})
			c.through(c.name(n.Entity()), nil, f.n)
			c.out.WouldChange = append(c.out.WouldChange, c.text("wc_log", c.name(n.Entity())))
			return true
		}
	}
	return false
}

// near gives the lines around line number n, the following ones first: programs tell who holds a lock after they have told of it.
func near(body []twstools.LogLine, n int) []twstools.LogLine {
	i := slices.IndexFunc(body, func(l twstools.LogLine) bool { return l.N == n })
	if i < 0 {
		return nil
	}
	out := slices.Clone(body[i:min(len(body), i+1+holderReach)])
	before := slices.Clone(body[max(0, i-holderReach):i])
	slices.Reverse(before)
	return append(out, before...)
}

// jobsNamed gives searches for what a line writes like a job: STREAM.JOB, or a job number. Tables and files are written alike; the plan tells.
func jobsNamed(text string) []query.Expr {
	var out []query.Expr
	for _, m := range jobNo.FindAllStringSubmatch(text, -1) {
		if n, err := strconv.ParseInt(m[1], 10, 64); err == nil {
			out = append(out, query.Is("jobruns.jobNumber", n))
		}
	}
	for _, m := range jobName.FindAllStringSubmatch(text, -1) {
		stream := m[2]
		if i := strings.LastIndexByte(stream, '/'); i >= 0 {
			stream = stream[i+1:]
		}
		out = append(out, query.And{query.Is("name", m[3]), query.Is("jobStreamName", stream)})
	}
	return out
}

// heldAs gives searches for a holder that the line names without its stream: a job's bare name, or a process on the same host, which is what
// a job number is (UG showjobs).
func (c *kase) heldAs(f failureOf, found joblog.Finding, line twstools.LogLine) []query.Expr {
	if found.HolderLine.N != line.N {
		return nil
	}
	var out []query.Expr
	if j := found.Holder.Job; conmanName.MatchString(j) && !strings.Contains(j, "/") {
		out = append(out, query.Is("name", j))
	}
	if n, err := strconv.ParseInt(found.Holder.PID, 10, 64); err == nil && n > 1 && f.run != nil {
		out = append(out, query.And{query.Is("jobruns.jobNumber", n), twstools.AtWorkstation("jobruns.actualWorkstation", f.run.ActualWorkstation)})
	}
	return out
}

// holder finds the job of a search that ran while the failed one did.
func (c *kase) holder(ctx context.Context, f failureOf, where query.Expr) (*plan.Node, *twstools.Run) {
	page, err := c.d.o.Engine.Jobs(ctx, twstools.ListQuery{Where: where, Limit: 20})
	if err != nil {
		c.failed(err)
		return nil, nil
	}
	for i := range page.Items {
		j := &page.Items[i]
		if j.Ref == f.n.Job.Ref {
			continue
		}
		for k := range j.Runs {
			r := &j.Runs[k]
			if f.run != nil && together(*r, *f.run) {
				if j.JobStreamID == "" {
					j.JobStreamID = c.d.o.Finder.StreamIDs(ctx, []twstools.Job{*j})[j.StreamRef]
				}
				return &plan.Node{ID: plan.JobID(j.Ref), Job: j}, r
			}
		}
	}
	return nil, nil
}

// together reports whether two runs ran at the same time, as far as their times are told: one that still runs did, unless it began later.
func together(holder, failed twstools.Run) bool {
	if !holder.Start.IsZero() && !failed.End.IsZero() && !holder.Start.Before(failed.End) {
		return false
	}
	if plan.PhaseOf(holder.Status) == plan.Running {
		return true
	}
	return !holder.Start.IsZero() && !failed.Start.IsZero() && holder.End.After(failed.Start)
}
