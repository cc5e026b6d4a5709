package tools

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/message"
	"github.com/resync-hwa/resync/twstools/plan"
	"github.com/resync-hwa/resync/twstools/query"
	"github.com/resync-hwa/resync/twstools/reader"
)

// commonStatuses are the words of the coarse vocabulary; all others are the engine's internal ones.
var commonStatuses = map[string]bool{"WAITING": true, "RUNNING": true, "SUCCESSFUL": true, "CANCELED": true, "HELD": true, "UNDECIDED": true, "BLOCKED": true, "SUPPRESS": true}

// conditions gathers what must hold; the first mistake ends it.
type conditions struct {
	all query.And
	err error
}

func (c *conditions) add(x query.Expr) { c.all = append(c.all, x) }

// expr gives the whole condition, nil for none.
func (c *conditions) expr() (query.Expr, error) {
	if len(c.all) == 0 || c.err != nil {
		return nil, c.err
	}
	return c.all, nil
}

// pattern adds a condition on a name: itself, or with wildcards.
func (c *conditions) pattern(field, p string) {
	if p = wild(p); p == "" {
		return
	}
	if wildcards(p) {
		c.add(query.Matches(field, p))
		return
	}
	c.add(query.Is(field, p))
}

// workstation is pattern for a workstation, which engines write with and without the slash of the root folder.
func (c *conditions) workstation(field, p string) {
	if p = wild(p); p == "" || wildcards(p) {
		c.pattern(field, p)
		return
	}
	c.add(twstools.AtWorkstation(field, p))
}

// mainStatuses are the words that an error names: the others are rare.
var mainStatuses = []string{"ABEND", "FAIL", "ERROR", "STUCK", "HOLD", "WAITING", "READY", "EXEC", "RUNNING", "SUCC", "SUCCESSFUL", "CANCL", "CANCELED", "SUPPR", "PEND", "DONE"}

// statusWords are the engine's own words for the asked statuses, in the spellings of all its surfaces. Another word is an error: it would find nothing,
// and look as if nothing were so.
func statusWords(asked []string) ([]string, error) {
	var out []string
	for _, s := range asked {
		s = strings.ToUpper(s)
		word, known := message.Status(s)
		if !known && !commonStatuses[s] {
			e := fault.New(fault.Invalid, "%q is no status of jobs or job streams.", clip(s, 40))
			if near := toolkit.Nearest(s, mainStatuses); near != "" {
				return nil, e.WithHint("Did you mean %s? Usual ones: %s.", near, strings.Join(mainStatuses, ", ")).WithCandidates(near)
			}
			return nil, e.WithHint("Usual ones: %s. oql can ask for any other.", strings.Join(mainStatuses, ", ")).WithCandidates(mainStatuses...)
		}
		out = append(out, s)
		if known && !commonStatuses[s] && word.Word != s {
			out = append(out, word.Word)
		}
	}
	return out, nil
}

// statuses adds internal words and common ones.
func (c *conditions) statuses(internalField, commonField string, statuses []string) {
	var internal, common []query.Value
	for _, s := range statuses {
		s = strings.ToUpper(strings.TrimSpace(s))
		if commonStatuses[s] {
			common = append(common, s)
		} else {
			internal = append(internal, s)
		}
		if s == "READY" || s == "ERROR" {
			common = append(common, s)
		}
	}
	var or query.Or
	if len(internal) > 0 {
		or = append(or, query.AnyOf(internalField, internal...))
	}
	if len(common) > 0 {
		or = append(or, query.AnyOf(commonField, common...))
	}
	switch len(or) {
	case 0:
	case 1:
		c.add(or[0])
	default:
		c.add(or)
	}
}

// instants read two bounds of time, each zero for "".
func (c *call) instants(f *conditions, read func(string, time.Time, *time.Location) (time.Time, error), from, to string) span {
	one := func(text string) time.Time {
		if text == "" {
			return time.Time{}
		}
		at, err := read(text, c.now, c.zone)
		if err != nil && f.err == nil {
			f.err = err
		}
		return at
	}
	s := span{one(from), one(to)}
	if !s.from.IsZero() && !s.to.IsZero() && !s.from.Before(s.to) && f.err == nil {
		f.err = fault.New(fault.Invalid, "The time from %s to %s is empty.", c.instant(s.from), c.instant(s.to)).WithHint("The first instant must lie before the second.")
	}
	return s
}

// begun refuses a span that begins after now: nothing has run in it, and what runs now would stand for it.
func (c *call) begun(f *conditions, s span) span {
	if s.from.After(c.now) && f.err == nil {
		f.err = fault.New(fault.Invalid, "since %s lies ahead.", c.instant(s.from)).WithHint("starts_from asks for what is planned.")
	}
	return s
}

// term builds field op value.
func term(field string, op query.Op, v query.Value) query.Expr {
	return query.Term{Field: field, Op: op, Values: []query.Value{v}}
}

// span is a stretch of time with open ends: from inclusive, to exclusive.
type span struct{ from, to time.Time }

func (s span) isZero() bool { return s.from.IsZero() && s.to.IsZero() }

func (s span) holds(at time.Time) bool {
	return !at.IsZero() && (s.from.IsZero() || !at.Before(s.from)) && (s.to.IsZero() || at.Before(s.to))
}

// in says that a field lies in the span.
func (s span) in(field string) query.Expr {
	var all query.And
	if !s.from.IsZero() {
		all = append(all, term(field, query.Ge, s.from))
	}
	if !s.to.IsZero() {
		all = append(all, term(field, query.Lt, s.to))
	}
	return all
}

// ran adds that something ran in the span: it ended or started after the beginning, or runs; and it started before the end.
func (c *conditions) ran(s span, start, end string, running query.Expr) {
	if !s.from.IsZero() {
		c.add(query.Or{term(start, query.Ge, s.from), term(end, query.Ge, s.from), running})
	}
	if !s.to.IsZero() {
		c.add(term(start, query.Lt, s.to))
	}
}

// planned adds that what has not started is due in the span. Due is the later of its schedule time and its earliest start, so one of the two lies in
// the span; plannedStart decides. waiting says that it waits, as far as the engine's filter can.
func (c *conditions) planned(s span, waiting query.Expr) {
	if s.isZero() {
		return
	}
	c.add(waiting)
	c.add(query.Or{s.in("schedTime"), s.in("timeRestrictions.startTime")})
}

// waitingAs says that a status is one of what waits.
func waitingAs(common string) query.Expr {
	return query.AnyOf(common, "WAITING", "READY", "HELD", "BLOCKED", "UNDECIDED")
}

// plannedStart is when something that has not started is due by its own times: what runs before it may still hold it up. Zero where it has started, or
// the engine tells neither time.
func plannedStart(phase plan.Phase, sched time.Time, times twstools.TimeRestrictions) time.Time {
	switch phase {
	case plan.Waiting, plan.Ready, plan.Stuck, plan.Unknown:
	default:
		return time.Time{}
	}
	if times.EarliestStart.After(sched) {
		return times.EarliestStart
	}
	return sched
}

// late adds what can only be late: a deadline or a latest start that has passed. The engine's own flag follows from them, where it is set at all (AD,
// localopts "bm check deadline": off by default), so lateness is judged here.
func (c *conditions) late(now time.Time) {
	c.add(query.Or{term("timeRestrictions.deadlineTime", query.Lt, now), term("timeRestrictions.untilTime", query.Lt, now)})
}

// timing is what lateness is judged by.
type timing struct {
	phase                     plan.Phase
	times                     twstools.TimeRestrictions
	end                       time.Time
	flagged, deadline, notRun bool // the engine's own marks: late, deadline passed, latest start passed
}

func jobTiming(j *twstools.Job) timing {
	t := timing{phase: plan.PhaseOf(j.Status), times: j.Times, flagged: j.Late, deadline: j.DeadlinePassed, notRun: j.UntilPassed}
	if n := len(j.Runs); n > 0 {
		t.end = j.Runs[n-1].End
	}
	return t
}

func streamTiming(s *twstools.JobStream) timing {
	return timing{phase: plan.PhaseOf(s.Status), times: s.Times, end: s.End, flagged: s.Late}
}

// lateWhy says in a few words why something counts as late at now; "" when it does not.
func (c *call) lateWhy(t timing) string {
	open := t.phase != plan.Done && t.phase != plan.Cancelled && t.phase != plan.Suppressed
	waits := t.phase == plan.Waiting || t.phase == plan.Ready
	d, until := t.times.Deadline, t.times.LatestStart
	switch {
	case !d.IsZero() && t.phase == plan.Done && t.end.After(d):
		return "ended after its deadline " + c.instant(d)
	case open && !d.IsZero() && d.Before(c.now):
		return "deadline " + c.instant(d) + " passed"
	case open && t.deadline:
		return "deadline passed"
	case waits && !until.IsZero() && until.Before(c.now):
		return "latest start " + c.instant(until) + " passed"
	case waits && t.notRun:
		return "latest start passed"
	case open && t.flagged:
		return "the engine marks it late"
	}
	return ""
}

// returnCode reads a condition on a return code: 8, =8, !=0, >4, <=16.
func (c *conditions) returnCode(text string) func(*int) bool {
	text = strings.ReplaceAll(text, " ", "")
	if text == "" || c.err != nil {
		return nil
	}
	op, rest := query.Eq, text
	for _, o := range []query.Op{query.Ne, query.Le, query.Ge, query.Lt, query.Gt, query.Eq} {
		if after, ok := strings.CutPrefix(text, string(o)); ok {
			op, rest = o, after
			break
		}
	}
	n, err := strconv.ParseInt(rest, 10, 32)
	if err != nil {
		c.err = fault.New(fault.Invalid, "%q is no condition on a return code.", clip(text, 40)).WithHint("Write 8, !=0, >4 or <=16.")
		return nil
	}
	c.add(term("jobruns.returnCode", op, n))
	return func(rc *int) bool {
		if rc == nil {
			return false
		}
		return query.Eval(term("rc", op, n), single{int64(*rc)})
	}
}

// single is a row of one value.
type single struct{ v query.Value }

// Values implements query.Row.
func (s single) Values(string) ([]query.Value, bool) { return []query.Value{s.v}, true }

// typed adds a filter in the engine's own language.
func (c *conditions) typed(oql string, of query.Object) []query.Order {
	q, err := query.ParseOQLOf(oql, of)
	if err != nil {
		if c.err == nil {
			c.err = err
		}
		return nil
	}
	if q.Where != nil {
		c.add(q.Where)
	}
	return q.Order
}

// byWords looks the words up in the name index; nothing found is an empty list.
func (c *call) byWords(ctx context.Context, text, kind string) (reader.Found, error) {
	found, err := c.t.finder.Find(ctx, text, kind, "")
	if fault.Is(err, fault.NotFound) {
		return reader.Found{}, nil
	}
	return found, err
}

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}
