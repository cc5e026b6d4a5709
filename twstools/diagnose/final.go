package diagnose

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/joblog"
	"github.com/resync-hwa/resync/twstools/message"
	"github.com/resync-hwa/resync/twstools/plan"
	"github.com/resync-hwa/resync/twstools/query"
)

// The job streams that the product itself brings for the turn of the plan (UG "Automating production plan processing"; FINALPOSTREPORTS
// since 9.1), and what it means for the plan when one of their jobs fails. Any other job of FINALPOSTREPORTS is a report.
const (
	finalStream   = "FINAL"
	reportsStream = "FINALPOSTREPORTS"
)

var turnKinds = map[string]string{
	"STARTAPPSERVER":    "plan.not_extended",
	"MAKEPLAN":          "plan.not_extended",
	"SWITCHPLAN":        "plan.switch_failed",
	"CHECKSYNC":         "plan.mirror",
	"UPDATESTATS":       "plan.statistics",
	"CREATEPOSTREPORTS": "plan.reports",
}

func ofTurn(stream string) bool {
	return strings.EqualFold(stream, finalStream) || strings.EqualFold(stream, reportsStream)
}

// turnKind is what the failure of one of the product's own jobs means for the plan; empty for all other jobs.
func turnKind(j *twstools.Job) string {
	if j == nil || !ofTurn(j.Stream) {
		return ""
	}
	if kind := turnKinds[strings.ToUpper(j.Name)]; kind != "" {
		return kind
	}
	if strings.EqualFold(j.Stream, reportsStream) {
		return "plan.reports"
	}
	return ""
}

// bad explains a job that ended badly: one of the product's own by what it does for the plan, any other from its log.
func (c *kase) bad(ctx context.Context, n *plan.Node) {
	if kind := turnKind(n.Job); kind != "" {
		c.turnFailed(ctx, n, kind)
		return
	}
	c.fail(ctx, n)
}

// turnFailed: what the job does is known by the product's definition, so its bad end alone says what the plan lacks; its log may say why.
func (c *kase) turnFailed(ctx context.Context, n *plan.Node, kind string) {
	run := badRun(n.Job)
	f := failureOf{n: n, run: run, facts: []plan.Fact{c.fact(n, "status", n.Status().Display())}, params: c.params(n.Entity(), map[string]string{"status": n.Status().Display()})}
	if run != nil && run.ReturnCode != nil {
		f.params["rc"] = strconv.Itoa(*run.ReturnCode)
		f.facts = append(f.facts, c.fact(n, "return_code", f.params["rc"]))
	}
	ev := c.ev.fields(f.facts)
	seg, source, read := c.readLog(ctx, f)
	class, confidence := c.byStatus(!read)
	if read {
		linked := c.agent(f)
		line, deeper, proves := turnLine(seg, f, kind)
		if line.N > 0 {
			ev = append([]answer.Evidence{c.ev.line(source, f.runID(), line)}, ev...)
		}
		if proves {
			kind, class, confidence = deeper, answer.Likely, 0.8
			if linked && (c.current() || kind == "plan.mirror" && c.fresh.proven) {
				class, confidence = answer.Confirmed, 0.95 // that a copy is in doubt is no reason to doubt just that
			}
		}
	}
	text := kind
	if kind == "plan.mirror" {
		text = "plan.mirror.turn"
	}
	c.cause(answer.Cause{Entity: c.name(n.Entity()), Ref: c.runRef(f), Kind: kind, Statement: c.statement(text, f.params), Evidence: ev, Class: class, Confidence: confidence})
}

// turnLine finds the line that says why a job of the turn failed, and the kind that it proves: a message of the product about its plan or its
// database, or the mechanism that a signature states. For a report job nothing deeper than the missing report matters to the plan.
func turnLine(seg joblog.Segment, f failureOf, kind string) (line twstools.LogLine, deeper string, proves bool) {
	var rc *int
	if f.run != nil {
		rc = f.run.ReturnCode
	}
	found, ok := seg.Decisive(rc)
	if ok && found.Line.N > 0 {
		line = found.Line
	}
	if kind == "plan.reports" {
		return line, kind, false
	}
	for _, l := range seg.Body {
		for _, id := range message.FindIDs(l.Text) {
			if m, known := message.Lookup(id); known && m.Severity == message.Error && strings.HasPrefix(m.Kind, "plan.") {
				return l, m.Kind, true
			}
		}
	}
	switch {
	case !ok || !found.Proves:
		return line, kind, false
	case strings.HasPrefix(found.Kind, "app.db."):
		return line, "plan.database", true
	}
	return line, found.Kind, true
}

// turn is what is read of the turn that a question about FINAL or FINALPOSTREPORTS means: both streams' jobs of that production day.
type turn struct {
	jobs []twstools.Job
	next *twstools.Job // of a turn that is still to come
}

// turnWindow is how far the jobs of one turn lie apart at most: a plan is extended once a day.
const turnWindow = 12 * time.Hour

// readTurn reads the turn that a picked job stream belongs to; nil when it is none of the product's own.
func (c *kase) readTurn(ctx context.Context, p pick) *turn {
	if p.stream == nil || !ofTurn(p.stream.Name) {
		return nil
	}
	return c.turnAt(ctx, p.stream.SchedTime)
}

// turnAt lists the jobs of both streams around an instant; the zero instant means the last turn that was due. nil: the plan has none, or none
// can be read.
func (c *kase) turnAt(ctx context.Context, at time.Time) *turn {
	page, err := c.d.o.Engine.Jobs(ctx, twstools.ListQuery{Where: query.AnyOf("jobStreamName", finalStream, reportsStream), Limit: 200})
	if err != nil {
		c.failed(err)
		return nil
	}
	jobs := slices.DeleteFunc(slices.Clone(page.Items), func(j twstools.Job) bool { return !ofTurn(j.Stream) })
	if at.IsZero() {
		for _, j := range jobs {
			if !j.SchedTime.After(c.now) && j.SchedTime.After(at) {
				at = j.SchedTime
			}
		}
	}
	if at.IsZero() {
		return nil
	}
	t := &turn{}
	for i := range jobs {
		j := &jobs[i]
		switch d := j.SchedTime.Sub(at); {
		case d.Abs() < turnWindow:
			t.jobs = append(t.jobs, *j)
		case d > 0 && (t.next == nil || j.SchedTime.Before(t.next.SchedTime)):
			t.next = j
		}
	}
	return t
}

// starts are the jobs of the turn that ended badly: both streams answer for it.
func (t *turn) starts() []plan.Start {
	var out []plan.Start
	if t == nil {
		return nil
	}
	for i := range t.jobs {
		if plan.PhaseOf(t.jobs[i].Status) == plan.Bad {
			out = append(out, plan.Start{Ref: t.jobs[i].Ref})
		}
	}
	return out
}

// judgeTurn adds what the other stream of the turn shows, and says of a turn that went well what was seen to have ended.
func (c *kase) judgeTurn(ctx context.Context, t *turn) {
	if t == nil {
		return
	}
	var done []*twstools.Job
	all := len(t.jobs) > 0
	for i := range t.jobs {
		j := &t.jobs[i]
		switch plan.PhaseOf(j.Status) {
		case plan.Bad:
			all = false
			if n, ok := c.graph.Node(plan.JobID(j.Ref)); ok {
				c.bad(ctx, n)
			}
		case plan.Done:
			done = append(done, j)
		default:
			all = false
		}
	}
	slices.SortStableFunc(done, func(a, b *twstools.Job) int { return endOf(a).Compare(endOf(b)) })
	var names []string
	for _, j := range done {
		fact := plan.Fact{Source: "plan:" + c.name(j.Entity()), Name: "status", Value: j.Status.Display()}
		c.ev.field(fact)
		names = append(names, j.Name)
		if kind := turnKind(j); kind != "" && !slices.ContainsFunc(c.out.RuledOut, func(r answer.RuledOut) bool { return r.Kind == kind }) {
			c.out.RuledOut = append(c.out.RuledOut, answer.RuledOut{Entity: c.name(j.Entity()), Kind: kind, Why: j.Status.Display()})
		}
	}
	if all && len(c.out.Causes) == 0 && t.next != nil {
		e := t.next.Entity()
		e.Type, e.Job = twstools.EntityJobStream, ""
		c.out.Explanations = append(c.out.Explanations, answer.Explanation{Entity: c.name(e), Kind: "planned.not_yet",
			Statement: c.statement("planned.not_yet.turn", c.params(e, map[string]string{"done": strings.Join(names, ", "), "start": c.instant(t.next.SchedTime)})),
			Evidence:  c.ev.fields([]plan.Fact{{Source: "plan:" + c.name(e), Name: "sched_time", Value: c.instant(t.next.SchedTime)}})})
	}
}

func endOf(j *twstools.Job) time.Time {
	if r := lastRun(j); r != nil {
		return r.End
	}
	return time.Time{}
}
