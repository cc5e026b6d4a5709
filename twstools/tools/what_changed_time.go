package tools

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/history"
	"github.com/resync-hwa/resync/twstools/plan"
	"github.com/resync-hwa/resync/twstools/query"
)

// sinceTime tells what happened in a time: runs that ended badly, and what was well again, from the plan itself; limits, links, answers and
// the plan's turn from what Resync remembers; who did what from audit records.
func (w *changes) sinceTime(ctx context.Context) error {
	from, to := w.c.now.Add(-defaultSince), w.c.now
	var err error
	if w.in.Since != "" {
		if from, err = moment(w.in.Since, w.c.now, w.c.zone); err != nil {
			return err
		}
	}
	if w.in.Until != "" {
		if to, err = moment(w.in.Until, w.c.now, w.c.zone); err != nil {
			return err
		}
	}
	if !from.Before(to) {
		return fault.New(fault.Invalid, "The time from %s to %s is empty.", w.c.instant(from), w.c.instant(to)).WithHint("since must lie before until, and before now.")
	}
	of, err := w.target(ctx)
	if err != nil {
		return err
	}
	w.out.Compared, w.out.From, w.out.To = "time", w.c.instant(from), w.c.instant(to)
	if err := w.runsWithin(ctx, of, from, to); err != nil {
		return err
	}
	w.remembered(ctx, of, from, to)
	w.audited(ctx, of, from, to)
	slices.SortStableFunc(w.rows, func(a, b ChangeRow) int { return b.at.Compare(a.at) })
	return nil
}

// runsWithin reads the jobs that started or ended in the time, counts them, and makes rows of those that ended badly or were well again.
func (w *changes) runsWithin(ctx context.Context, of twstools.Entity, from, to time.Time) error {
	either := query.Or{
		query.Term{Field: "jobruns.timeInfo.actualStartTime", Op: query.Ge, Values: []query.Value{from}},
		query.Term{Field: "jobruns.timeInfo.actualEndTime", Op: query.Ge, Values: []query.Value{from}},
	}
	var where query.Expr = either
	if own := within(of); own != nil {
		where = query.And{own, either}
	}
	page, err := w.c.jobsToShow(ctx, twstools.ListQuery{Where: where, Limit: maxCompared})
	if err != nil {
		return err
	}
	if page.Incomplete || len(page.Items) >= maxCompared {
		w.miss("plan:current", "not all runs of that time were listed: the counts are a lower bound")
	}
	in := func(t time.Time) bool { return !t.IsZero() && !t.Before(from) && t.Before(to) }
	counts, told := map[string]int{}, map[string]bool{}
	for _, j := range page.Items {
		if !fits(of, j.Entity()) {
			continue
		}
		for i, r := range j.Runs {
			if r.ID != "" && told[j.Ref.ID+" "+r.ID] {
				continue // a list may give a row twice
			}
			told[j.Ref.ID+" "+r.ID] = true
			if in(r.Start) {
				counts["started"]++
			}
			if !in(r.End) {
				continue
			}
			if plan.PhaseOf(r.Status) == plan.Bad {
				counts["ended_badly"]++
				w.run(j, r, "failed", statusBefore(j.Runs[:i]))
				continue
			}
			counts["ended_well"]++
			if was := statusBefore(j.Runs[:i]); was != "" {
				w.run(j, r, "recovered", was)
			}
		}
	}
	for k, n := range counts {
		w.out.Counts["runs_"+k] = n
	}
	if w.out.From != "" && from.Before(w.c.now.Add(-36*time.Hour)) {
		w.miss("plan:current", "a plan holds about a day: what ran in earlier plans is only in what Resync remembers and in archived plans")
	}
	return nil
}

// statusBefore is the status of the last run, if it was a bad one.
func statusBefore(runs []twstools.Run) string {
	if n := len(runs); n > 0 && plan.PhaseOf(runs[n-1].Status) == plan.Bad {
		return untrusted.Normalize(runs[n-1].Status.Display())
	}
	return ""
}

func (w *changes) run(j twstools.Job, r twstools.Run, kind, was string) {
	after := untrusted.Normalize(r.Status.Display())
	if r.ReturnCode != nil {
		after += " rc " + strconv.Itoa(*r.ReturnCode)
	}
	e := w.name(j.Entity())
	w.rows = append(w.rows, ChangeRow{Kind: kind, Entity: e, Field: "status", Before: was, After: after, At: w.c.instant(r.End), Exact: true, Source: "plan:" + e, at: r.End})
}

// remembered adds what Resync itself saw.
func (w *changes) remembered(ctx context.Context, of twstools.Entity, from, to time.Time) {
	if w.c.t.o.Remembered == nil {
		w.miss("history:"+w.c.t.o.Name, "nothing is remembered here: limits, priorities, links and answers that changed and left no run are not seen")
		return
	}
	h, err := w.c.t.o.Remembered.Happened(ctx, from, to)
	if err != nil {
		w.optional("history:"+w.c.t.o.Name, err)
		return
	}
	for _, g := range h.Gaps {
		w.miss("history:"+w.c.t.o.Name, fmt.Sprintf("nobody watched from %s to %s", w.c.instant(g.From), w.c.instant(g.To)))
	}
	if h.Truncated {
		w.miss("history:"+w.c.t.o.Name, "more happened than is told: the latest is")
	}
	for _, e := range h.Events {
		if row, ok := w.event(e); ok && (of.Stream == "" || e.Key.Stream != "" && fits(of, keyEntity(e.Key))) && !w.told(row) {
			w.rows = append(w.rows, row)
		}
	}
}

func keyEntity(k twstools.Key) twstools.Entity {
	e := twstools.Entity{Type: twstools.EntityJobStream, Folder: k.Folder, Workstation: k.StreamWorkstation, Stream: k.Stream, Sched: k.Sched, Job: k.Job}
	if k.Job != "" {
		e.Type = twstools.EntityJob
	}
	return e
}

func (w *changes) event(e history.Event) (ChangeRow, bool) {
	row := ChangeRow{Kind: string(e.Kind), Field: e.Field, Before: untrusted.Normalize(e.Old), After: untrusted.Normalize(e.New), At: w.c.instant(e.At), Exact: e.Exact, at: e.At}
	switch {
	case e.Kind == twstools.PlanTurned:
		row.Entity = "plan:current"
	case e.Key.Stream != "":
		row.Entity = w.name(keyEntity(e.Key))
	default:
		row.Entity = untrusted.Normalize(e.Name)
	}
	if e.Kind == twstools.StatusChanged {
		row.Field, row.After = "status", untrusted.Normalize(e.To.Display())
		if e.From != (twstools.Status{}) {
			row.Before = untrusted.Normalize(e.From.Display())
		}
	}
	row.Source = "history:" + row.Entity
	return row, row.Entity != ""
}

// told reports whether the plan already tells the same end of a run.
func (w *changes) told(row ChangeRow) bool {
	return row.Field == "status" && slices.ContainsFunc(w.rows, func(have ChangeRow) bool {
		return have.Entity == row.Entity && have.At == row.At
	})
}

// sameAction is how far an audit record and a change that was only seen may lie apart to be one (our own choice: the refresh is 15 s, a
// command takes a minute to reach an agent).
const sameAction = 3 * time.Minute

// audited adds who did what, and names who where a change and a record are one.
func (w *changes) audited(ctx context.Context, of twstools.Entity, from, to time.Time) {
	records, err := twstools.CapabilitiesOf(w.c.t.o.Engine).Audit.Audit(ctx, twstools.RecordQuery{From: from, To: to, Object: of.Stream, Limit: 500})
	if err != nil {
		w.optional("audit:"+w.c.t.o.Name, err)
		return
	}
	for _, a := range records {
		if a.At.Before(from) || !a.At.Before(to) {
			continue
		}
		user, object := untrusted.Normalize(a.User), untrusted.Normalize(a.Object)
		joined := false
		for i := range w.rows {
			r := &w.rows[i]
			if r.Kind != "failed" && r.Kind != "recovered" && r.By == "" && mentions(object, r.Entity) && r.at.Sub(a.At).Abs() <= sameAction {
				r.By, joined = user, true
			}
		}
		if !joined {
			w.rows = append(w.rows, ChangeRow{Kind: "action", Entity: object, Field: strings.ToLower(untrusted.Normalize(a.Action)), After: untrusted.Normalize(a.Message),
				At: w.c.instant(a.At), Exact: true, By: user, Source: "audit:" + object, at: a.At})
		}
	}
}

// mentions reports whether an audit record's object, however the engine writes it, is the entity: instances and folders may be left out.
func mentions(object, entity string) bool {
	plain := func(s string) string {
		if i, j := strings.IndexByte(s, '['), strings.IndexByte(s, ']'); i >= 0 && j > i {
			s = s[:i] + s[j+1:]
		}
		return strings.ToUpper(strings.ReplaceAll(s, "/", ""))
	}
	a, b := plain(object), plain(entity)
	return a != "" && (a == b || strings.HasSuffix(b, "#"+a) || strings.HasSuffix(a, "#"+b))
}
