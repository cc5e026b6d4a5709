package diagnose

import (
	"context"
	"strconv"
	"time"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/joblog"
	"github.com/resync-hwa/resync/twstools/plan"
)

// Bounds of reading a running job's log (our own choice): an event needs minutes from the agent to the plan's copy, so a trailer counts
// as a lost event only when it is older; and programs are silent for a while between two steps.
const (
	eventWindow = 15 * time.Minute
	silentLong  = 20 * time.Minute
	// staleAllowance is by how much a copy of which nothing proves that it is current may lag.
	staleAllowance = 30 * time.Minute
	silentStale    = time.Hour // where nothing proves that what was read is of now
)

// running is what is known of a job that runs.
type running struct {
	n     *plan.Node
	pace  plan.Pace
	facts []plan.Fact // status, start, estimate, elapsed
	asked bool        // it is what was asked about, not what holds up others
}

// slow explains a job that runs far beyond its usual time: its log tells whether it ended and nobody noticed, waits for somebody, hangs, or
// just takes long (TR "A job remains in exec status after JnextPlan"; domain 1.19).
func (c *kase) slow(ctx context.Context, r plan.Root) {
	run := running{n: r.Node, pace: r.Pace, facts: r.Facts, asked: c.req.Target != "" && r.Depth == 0}
	if !c.current() && !plan.PaceAt(r.Node.Job, c.now.Add(-staleAllowance)).Slow {
		// What a copy that lags shows as running may have ended in time.
		c.explain("planned.in_progress", r.Node.Entity(), r.Facts, c.params(r.Node.Entity(), map[string]string{"elapsed": twstools.Span(r.Pace.Elapsed), "estimate": twstools.Span(r.Pace.Estimate)}))
		c.miss("engine:"+c.d.o.Name, c.text("not_proven_fresh"))
		c.out.WouldChange = append(c.out.WouldChange, c.text("wc_status", c.name(r.Node.Entity())))
		return
	}
	c.atWork(ctx, run)
}

// suspected looks into the log of a running job that is within its usual time, or has none, when the asker thinks that it hangs or takes too
// long. Within its usual time only its end in the log counts against it: programs may say what they like while they work.
func (c *kase) suspected(ctx context.Context, n *plan.Node) {
	if n.Job == nil || n.Phase() != plan.Running || len(c.out.Causes) > 0 || !c.suspectsPace() {
		return
	}
	pace := c.graph.Pace(n.Job)
	if pace.Start.IsZero() || pace.Elapsed < eventWindow || pace.Slow {
		return // slow ones were looked into already
	}
	c.atWork(ctx, running{n: n, pace: pace, facts: append([]plan.Fact{c.fact(n, "status", n.Status().Display())}, c.graph.PaceFacts(n, pace)...), asked: true})
}

// atWork reads the log and adds the cause that it shows.
func (c *kase) atWork(ctx context.Context, r running) {
	missing, failed := len(c.out.Missing), len(c.failures)
	f := failureOf{n: r.n, run: lastRun(r.n.Job)}
	seg, source, read := c.readLog(ctx, f)
	linked := c.agent(f)
	if !read {
		if !r.pace.Slow {
			c.out.Missing = c.out.Missing[:missing] // within its usual time nothing hangs on the log
			return
		}
		c.out.WouldChange = append(c.out.WouldChange, c.text("wc_log", c.name(r.n.Entity())))
		if refused := len(c.failures) > failed; r.asked && (refused || !linked) {
			// Slow, hung, or ended unnoticed: its log tells these apart, and somebody may read it or its agent.
			c.ev.fields(r.facts)
			c.unproven = append(c.unproven, r.n)
			c.miss("plan:"+c.name(r.n.Entity()), c.text("running_unread", twstools.Span(r.pace.Elapsed), twstools.Span(r.pace.Estimate)))
			return
		}
		c.paced(r, answer.Likely, 0.7, nil)
		return
	}
	now := c.now.In(c.zoneOf(f))
	p := seg.Progress(now)
	if clocksDiffer(seg, r.pace.Start, now) {
		p.Silent, p.StampedAt = 0, time.Time{}
	}
	if c.endedUnseen(r, f, seg, p, source, linked) {
		return
	}
	if !r.pace.Slow && r.pace.Estimate > 0 {
		return
	}
	if c.waitsFor(r, f, p, source, linked) || c.hangs(r, f, p, source, linked) {
		return
	}
	if !r.pace.Slow {
		return
	}
	class, confidence := c.byStatus(!linked || r.n.Status().Internal == "")
	var lines []answer.Evidence
	if p.Stamped.N > 0 {
		lines = append(lines, c.ev.line(source, f.runID(), p.Stamped))
	}
	c.paced(r, class, confidence, lines)
}

// zoneOf is the zone that the programs of the run's workstation are likely to write in: its own, else the plan's.
func (c *kase) zoneOf(f failureOf) *time.Location {
	if w, ok := c.graph.Workstation(f.workstation()); ok && w.TimeZone != "" {
		if zone, err := time.LoadLocation(w.TimeZone); err == nil {
			return zone
		}
	}
	return c.zone
}

// clocksDiffer reports whether the times in a log cannot be set against the plan's: its first one lies well before the run's start or after
// now, so it is written by another clock or in another zone.
func clocksDiffer(seg joblog.Segment, start, now time.Time) bool {
	const tolerance = 5 * time.Minute
	for _, line := range seg.Body {
		if st, ok := joblog.StampOf(line.Text, now); ok {
			return st.At.Before(start.Add(-tolerance)) || st.At.After(now.Add(tolerance))
		}
	}
	return false
}

func (f failureOf) workstation() string {
	if f.run != nil && f.run.ActualWorkstation != "" {
		return f.run.ActualWorkstation
	}
	return f.n.Job.Workstation
}

func (f failureOf) runID() string {
	if f.run == nil {
		return ""
	}
	return f.run.ID
}

// paced is the cause of a job that takes long and shows no more than that.
func (c *kase) paced(r running, class answer.Class, confidence float64, lines []answer.Evidence) {
	c.runs(r, "perf.slow", "perf.slow", nil, append(c.ev.fields(r.facts), lines...), class, confidence)
}

// runs adds a cause of a running job. text names the statement where it differs from that of the kind.
func (c *kase) runs(r running, kind, text string, params map[string]string, ev []answer.Evidence, class answer.Class, confidence float64) {
	e := r.n.Entity()
	all := c.params(e, params)
	all["elapsed"], all["estimate"] = twstools.Span(r.pace.Elapsed), twstools.Span(r.pace.Estimate)
	all["status"] = r.n.Status().Display()
	c.cause(answer.Cause{Entity: c.name(e), Ref: c.ref(r.n), Kind: kind, Statement: c.statement(text, all), Evidence: ev, Class: class, Confidence: confidence})
}

// endedUnseen: the log holds the run's trailer although the plan shows it as running. A trailer that is young may be an event on its way.
func (c *kase) endedUnseen(r running, f failureOf, seg joblog.Segment, p joblog.Progress, source string, linked bool) bool {
	if !p.Ended || p.ExitStatus == nil {
		return false
	}
	ev := append([]answer.Evidence{c.ev.line(source, f.runID(), p.EndLine)}, c.ev.fields(r.facts)...)
	params := map[string]string{"rc": strconv.Itoa(*p.ExitStatus), "line": strconv.Itoa(p.EndLine.N)}
	if !r.pace.Slow && !p.StampedAt.IsZero() && c.now.Sub(p.StampedAt) < eventWindow {
		c.out.WouldChange = append(c.out.WouldChange, c.text("wc_status", c.name(r.n.Entity())))
		return true // its end may still be on its way into the plan: the explanation stands
	}
	class, confidence := c.byStatus(!linked || seg.Trailers > 1)
	c.out.Explanations = nil // it does not run
	c.runs(r, "sched.agent.lost_event", "sched.agent.lost_event", params, ev, class, confidence)
	c.out.RuledOut = append(c.out.RuledOut, answer.RuledOut{Entity: c.name(r.n.Entity()), Kind: "app.hang", Why: c.text("ruled_ended", p.EndLine.N)})
	return true
}

// waitsFor: the log's last word is that it waits for somebody's lock.
func (c *kase) waitsFor(r running, f failureOf, p joblog.Progress, source string, linked bool) bool {
	if p.Waits == nil || p.Waits.Kind == "" {
		return false
	}
	params := map[string]string{"line": strconv.Itoa(p.Waits.Line.N), "holder": p.Waits.Holder.String()}
	ev := append([]answer.Evidence{c.ev.line(source, f.runID(), p.Waits.Line)}, c.ev.fields(r.facts)...)
	class, confidence := answer.Likely, 0.75
	if linked && r.pace.Slow && c.current() {
		class, confidence = answer.Confirmed, 0.9
	}
	c.out.Explanations = nil
	c.runs(r, p.Waits.Kind, p.Waits.Kind+".running", params, ev, class, confidence)
	return true
}

// hangs: nothing new in the log for long, or the same again and again.
func (c *kase) hangs(r running, f failureOf, p joblog.Progress, source string, linked bool) bool {
	params := map[string]string{}
	var line []answer.Evidence
	long := silentLong
	if !c.current() {
		long = silentStale
	}
	switch {
	case p.Silent >= long && p.Silent > r.pace.Estimate:
		params["silent"], params["line"] = twstools.Span(p.Silent), strconv.Itoa(p.LastLine.N)
		line = append(line, c.ev.line(source, f.runID(), p.LastLine))
	case p.Repeating != nil && (r.pace.Slow || !p.Repeating.Since.IsZero() && c.now.Sub(p.Repeating.Since) >= long):
		params["times"], params["line"] = strconv.Itoa(p.Repeating.Times), strconv.Itoa(p.Repeating.Line.N)
		line = append(line, c.ev.line(source, f.runID(), p.Repeating.Line))
	default:
		return false
	}
	class, confidence := c.byStatus(!linked || !r.pace.Slow || r.n.Status().Internal == "")
	c.out.Explanations = nil
	c.runs(r, "app.hang", "app.hang", params, append(c.ev.fields(r.facts), line...), class, confidence)
	return true
}
