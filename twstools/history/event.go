package history

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/resync-hwa/resync/twstools"
)

// Event is something that happened besides ordinary runs: a transition into or out of a bad status, a property of an object, the plan's
// turn.
type Event struct {
	At    time.Time
	Exact bool // the engine dated At; otherwise it is when we saw it, and it happened since the sighting before
	// SeenAt is when we saw it, on our clock.
	SeenAt   time.Time
	Kind     twstools.ChangeKind // status, property or plan_turned
	Key      twstools.Key        // of a job or job stream; its Engine alone for the rest
	Name     string              // of a workstation, resource or prompt
	RunID    string              // of the run that ended badly, where known
	From, To twstools.Status     // for status; From is zero for what was found like this
	Field    string              // for property
	Old, New string
}

// event is a row of history_events.
type event struct {
	id, at, seenAt, exact int64
	kind                  string
	job                   int64
	instance              string
	sched                 int64
	run, name, field      string
	was, became           string
}

const (
	eventColumns  = "id, at, seen_at, exact, kind, job, instance, sched, run, name, field, was, became"
	eventInsert   = "INSERT INTO history_events (engine, " + eventColumns + ")"
	eventConflict = `ON CONFLICT (id) DO UPDATE SET
		at = CASE WHEN excluded.exact > history_events.exact THEN excluded.at ELSE history_events.at END,
		exact = CASE WHEN excluded.exact > history_events.exact THEN excluded.exact ELSE history_events.exact END,
		was = CASE WHEN history_events.was = '' THEN excluded.was ELSE history_events.was END`
)

func (e event) row(engine string) []any {
	return []any{engine, e.id, e.at, e.seenAt, e.exact, e.kind, e.job, e.instance, e.sched, e.run, e.name, e.field, e.was, e.became}
}

// textBytes bounds the old and the new value of a property.
const textBytes = 300

// eventOf makes the event of a change of r, nil for what is no job.
func eventOf(c twstools.Change, r *record) event {
	e := event{at: millis(c.At), seenAt: millis(c.SeenAt), exact: number(c.Exact), kind: string(c.Kind), name: cut(c.Name, 100), field: cut(c.Field, 60),
		was: cut(c.Old, textBytes), became: cut(c.New, textBytes)}
	if c.Kind == twstools.StatusChanged {
		e.was, e.became = statusText(c.From), statusText(c.To)
	}
	if r != nil {
		e.job, e.instance, e.sched = r.id, cut(instanceOf(c.Key), 40), millis(c.Key.Sched)
	}
	return e.dated()
}

// dated gives the event its number by its instance and by when it happened.
func (e event) dated() event {
	return e.marked(cmp.Or(e.instance, strconv.FormatInt(e.sched, 10)), strconv.FormatInt(e.at, 10))
}

// marked gives the event its number: the same thing told twice has the same one.
func (e event) marked(of, mark string) event {
	became := e.became
	if e.kind == string(twstools.StatusChanged) {
		became = statusFrom(became).Display() // a run's status may have fewer words than the job's
	}
	e.id = digestOf(strconv.FormatInt(e.job, 36), e.kind, e.name, e.field, of, mark, became)
	return e
}

// event keeps an event; one that two changes tell becomes one.
func (b *batch) event(e event) {
	if e.job == 0 {
		e.id = digestOf(b.h.Engine, strconv.FormatInt(e.id, 36)) // jobs carry their engine in their number
	}
	if was, ok := b.events[e.id]; ok {
		if was.exact > e.exact {
			was.was = cmp.Or(was.was, e.was)
			e = was
		}
		e.was = cmp.Or(e.was, was.was)
	}
	b.events[e.id] = e
}

// transition keeps the change of a status if the one before or the one after is bad. The end of a run and the change of status that
// comes with it are one transition, as is a bad status that is found again when Resync has been started anew.
func (b *batch) transition(ctx context.Context, c twstools.Change, r *record) error {
	to := c.To
	if to == (twstools.Status{}) && c.Run != nil {
		to = c.Run.Status
	}
	if c.Kind == twstools.RunStarted || c.Kind == twstools.RunEnded && !abnormal(to) {
		return nil // the change of status beside it tells what it leaves
	}
	if !abnormal(to) && !abnormal(c.From) || to.Display() == c.From.Display() && to.Canceled == c.From.Canceled {
		return nil
	}
	c.Kind, c.To = twstools.StatusChanged, to
	e := eventOf(c, r)
	e.became = statusText(twstools.Status{Internal: to.Internal, Common: to.Common, Canceled: to.Canceled})
	run, ok := endedAs(c, to)
	switch {
	case ok:
		e.run = cut(run.ID, 100)
		if !run.End.IsZero() {
			e.at, e.exact = millis(run.End), 1
		}
		// Not by the instance: where a stand-in for its id is given, the next plan has another one.
		e = e.marked("run", runOf(c.Key, run, true, c.SeenAt).mark()+strconv.FormatInt(number(to.Canceled), 10))
	case c.From == (twstools.Status{}):
		known, err := b.stands(ctx, e)
		if err != nil || known {
			return err
		}
		e = e.dated()
	default:
		e = e.dated()
	}
	b.event(e)
	return nil
}

// endedAs gives the run that has the bad status: the change's own, or the job's last one.
func endedAs(c twstools.Change, to twstools.Status) (twstools.Run, bool) {
	if !abnormal(to) {
		return twstools.Run{}, false
	}
	if c.Run != nil && !c.Run.Start.IsZero() {
		return *c.Run, true
	}
	if c.Job == nil {
		return twstools.Run{}, false
	}
	for _, run := range slices.Backward(c.Job.Runs) {
		if !run.Start.IsZero() && !(runOf(c.Key, run, true, c.SeenAt).recovery()) {
			return run, run.Status.Display() == to.Display()
		}
	}
	return twstools.Run{}, false
}

// stands reports whether the last event of the instance says already what a first sighting says.
func (b *batch) stands(ctx context.Context, e event) (bool, error) {
	last := event{}
	for _, o := range b.events {
		if o.job == e.job && o.instance == e.instance && (o.sched == e.sched || o.instance != "") && o.kind == e.kind && o.at >= last.at {
			last = o
		}
	}
	if last.id != 0 {
		return last.became == e.became, nil
	}
	rows, err := b.tx.QueryContext(ctx, `SELECT became FROM history_events WHERE job = $1 AND instance = $2 AND (sched = $3 OR instance <> '') AND kind = $4
		ORDER BY at DESC, seen_at DESC LIMIT 1`, e.job, e.instance, e.sched, e.kind)
	if err != nil {
		return false, fmt.Errorf("read events: %w", err)
	}
	defer rows.Close()
	became := ""
	for rows.Next() {
		if err := rows.Scan(&became); err != nil {
			return false, fmt.Errorf("read events: %w", err)
		}
	}
	return became == e.became, rows.Err()
}
