package tools

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/diagnose"
	"github.com/resync-hwa/resync/twstools/plan"
)

// TimelineIn says which jobs, and from when to when.
type TimelineIn struct {
	JobStream   string `json:"job_stream,omitempty" doc:"name of the jobs' job stream; @ and ? allowed" example:"PAYROLL"`
	Workstation string `json:"workstation,omitempty" doc:"workstation that they are planned on; @ and ? allowed" example:"LXPAY01"`
	From        string `json:"from,omitempty" doc:"beginning of the window, as since in find_jobs" default:"4h"`
	To          string `json:"to,omitempty" doc:"end of the window: as starts_before in find_jobs" default:"8h"`
	Predict     bool   `json:"predict,omitempty" doc:"also what late_risk predicts of jobs with a deadline and of critical ones; costs the engine more reads"`
	Limit       int    `json:"limit,omitempty" doc:"most jobs" default:"200" min:"1" max:"300"`
}

// TimelineOut are jobs in the order in which they start.
type TimelineOut struct {
	From     string         `json:"from"`
	To       string         `json:"to"`
	Now      string         `json:"now" doc:"the plan's own now"`
	Jobs     []TimelineRow  `json:"jobs"`
	Total    *int           `json:"total,omitempty" doc:"all that fit; absent when nobody counted them"`
	ByStatus map[string]int `json:"by_status" doc:"of the jobs that are listed"`
	Complete bool           `json:"complete" doc:"false: more fit than are listed, or some could not be read"`
	Missing  []string       `json:"missing,omitempty"`
}

// TimelineRow is one bar: what was stands in start and end, what is expected in the planned and predicted ones.
type TimelineRow struct {
	Entity       string `json:"entity"`
	Name         string `json:"name"`
	JobStream    string `json:"job_stream"`
	Workstation  string `json:"workstation"`
	Status       string `json:"status"`
	Start        string `json:"start,omitempty"`
	End          string `json:"end,omitempty"`
	PlannedStart string `json:"planned_start,omitempty" doc:"of what has not started: the later of schedule time and earliest start"`
	PlannedEnd   string `json:"planned_end,omitempty" doc:"start, or planned start, and the engine's estimate of the duration; of what runs longer already: absent"`
	PredictedEnd string `json:"predicted_end,omitempty" doc:"as late_risk reckons it"`
	Deadline     string `json:"deadline,omitempty"`
	Late         string `json:"late,omitempty" doc:"why it counts as late"`
	Risk         string `json:"risk,omitempty" doc:"of late_risk: missed, late, blocked, at_risk, unknown, on_time"`
	Critical     bool   `json:"critical,omitempty"`
	Runs         int    `json:"runs,omitempty" doc:"attempts, where there were several; start and end are the last one's"`

	begins time.Time
}

// longestWindow bounds a timeline.
const longestWindow = 7 * 24 * time.Hour

// PlanTimeline lays jobs on a time axis: those that ran within the window, and those that are planned in what of it lies ahead.
func (t *Tools) PlanTimeline(ctx context.Context, in TimelineIn) (toolkit.Reply[TimelineOut], error) {
	ctx, c, err := t.begin(ctx)
	if err != nil {
		return toolkit.Reply[TimelineOut]{}, err
	}
	var f conditions
	window := span{c.instants(&f, moment, in.From, "").from, c.instants(&f, coming, "", in.To).to}
	switch {
	case f.err != nil:
		return toolkit.Reply[TimelineOut]{}, f.err
	case !window.from.Before(window.to):
		return toolkit.Reply[TimelineOut]{}, fault.New(fault.Invalid, "The window from %s to %s is empty.", c.instant(window.from), c.instant(window.to)).WithHint("from must lie before to.")
	case window.to.Sub(window.from) > longestWindow:
		return toolkit.Reply[TimelineOut]{}, fault.New(fault.Invalid, "The window is longer than %d days.", int(longestWindow.Hours()/24))
	}
	l := &timeline{c: c, in: in, seen: map[string]bool{}, out: TimelineOut{From: c.instant(window.from), To: c.instant(window.to), Now: c.instant(c.now), Jobs: []TimelineRow{}, ByStatus: map[string]int{}, Complete: true}}
	if err := l.read(ctx, window); err != nil {
		return toolkit.Reply[TimelineOut]{}, err
	}
	if err := c.unread(ctx); err != nil && len(l.rows) == 0 {
		return toolkit.Reply[TimelineOut]{}, err
	}
	l.predict(ctx, window)
	l.finish()
	r := reply(c, l.out, []toolkit.Source{totalOf(ViewTimeline, len(l.rows))}, noTime)
	r.Text = fmt.Sprintf("%d jobs from %s to %s", len(l.out.Jobs), l.out.From, l.out.To)
	return r, nil
}

type timeline struct {
	c       *call
	in      TimelineIn
	out     TimelineOut
	rows    []TimelineRow
	seen    map[string]bool
	total   int
	counted bool
}

// read asks for what ran and for what is planned, each as find_jobs does.
func (l *timeline) read(ctx context.Context, window span) error {
	at := func(t time.Time) string { return t.UTC().Format(time.RFC3339) }
	which := FindJobsIn{JobStream: l.in.JobStream, Workstation: l.in.Workstation}
	var asked []FindJobsIn
	if window.from.Before(l.c.now) {
		ran := which
		ran.Since, ran.Until = at(window.from), at(window.to)
		asked = append(asked, ran)
	}
	if window.to.After(l.c.now) {
		due := which
		due.DueFrom, due.DueTo = at(window.from), at(window.to)
		asked = append(asked, due)
	}
	l.counted = true
	for _, in := range asked {
		listing, err := l.c.jobListing(ctx, in)
		if err != nil {
			return err
		}
		m, err := listing.from(ctx, slot{size: l.in.Limit})
		if err != nil {
			return err
		}
		l.out.Missing = append(l.out.Missing, partly(m.partial, "plan:current", "jobs")...)
		if l.counted = l.counted && m.total >= 0; l.counted {
			l.total += m.total
		}
		for i := range m.items {
			l.add(&m.items[i])
		}
	}
	return nil
}

func (l *timeline) add(j *twstools.Job) {
	if l.seen[j.Ref.ID] {
		l.total--
		return
	}
	l.seen[j.Ref.ID] = true
	row := l.c.jobRow(*j)
	bar := TimelineRow{Entity: row.Entity, Name: row.Name, JobStream: row.JobStream, Workstation: row.Workstation, Status: row.Status, Start: row.Start, End: row.End,
		Deadline: l.c.instant(j.Times.Deadline), Late: row.Late, Critical: row.Critical}
	if n := len(j.Runs); n > 0 {
		bar.begins = j.Runs[n-1].Start
		if n > 1 {
			bar.Runs = n
		}
	}
	phase := plan.PhaseOf(j.Status)
	due := plannedStart(phase, j.SchedTime, j.Times)
	if !due.IsZero() {
		bar.PlannedStart = l.c.instant(due)
	}
	if bar.begins.IsZero() {
		bar.begins = due
	}
	if est := plan.Estimates(nil).Of(&plan.Node{Job: j}); est.Known() && (phase == plan.Running || !due.IsZero()) {
		from := due
		if phase == plan.Running {
			from = bar.begins
		}
		if end := from.Add(est.P50); !from.IsZero() && (phase != plan.Running || end.After(l.c.now)) {
			bar.PlannedEnd = l.c.instant(end)
		}
	}
	l.rows = append(l.rows, bar)
}

// predict adds what late_risk says of the jobs that are here.
func (l *timeline) predict(ctx context.Context, window span) {
	if !l.in.Predict || !window.to.After(l.c.now) {
		return
	}
	r, err := l.c.t.diagnoser.Late(ctx, diagnose.LateRequest{Within: window.to.Sub(l.c.now)})
	if err != nil {
		l.out.Missing = append(l.out.Missing, "late_risk: "+fault.Public(err).Message)
		return
	}
	l.out.Missing = append(l.out.Missing, r.Missing...)
	by := map[string]diagnose.LateRow{}
	for _, row := range r.Rows {
		by[row.Entity] = row
	}
	for i := range l.rows {
		if row, ok := by[l.rows[i].Entity]; ok {
			l.rows[i].PredictedEnd, l.rows[i].Risk = row.PredictedEnd, string(row.Risk)
		}
	}
}

// finish orders the bars and leaves as many as fit.
func (l *timeline) finish() {
	slices.SortStableFunc(l.rows, func(a, b TimelineRow) int {
		return cmp.Or(a.begins.Compare(b.begins), cmp.Compare(a.Entity, b.Entity))
	})
	bytes := 0
	for _, row := range l.rows[:min(l.in.Limit, len(l.rows))] {
		if bytes += 220 + 2*len(row.Entity) + len(row.Late); bytes > pageBytes {
			break
		}
		l.out.Jobs = append(l.out.Jobs, row)
		l.out.ByStatus[untrusted.Normalize(row.Status)]++
	}
	if l.counted {
		l.out.Total = &l.total
	}
	l.out.Complete = len(l.out.Jobs) == len(l.rows) && (!l.counted || l.total == len(l.rows)) && len(l.out.Missing) == 0
}
