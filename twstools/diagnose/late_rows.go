package diagnose

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/plan"
)

// Risk says how a row stands.
type Risk string

// The risks, worst first.
const (
	RiskMissed Risk = "missed"  // its deadline has passed, and it is not done
	RiskLate   Risk = "late"    // it cannot keep its deadline, by usual durations
	RiskBlock  Risk = "blocked" // something on its way failed or overran: it keeps its deadline only if that is dealt with by act_by
	RiskAtRisk Risk = "at_risk" // it keeps its deadline on a usual day and not on a slow one
	RiskOpen   Risk = "unknown" // durations on its way are not known, or it has no deadline to be late for
	RiskOnTime Risk = "on_time"
)

var riskOrder = []Risk{RiskMissed, RiskLate, RiskBlock, RiskAtRisk, RiskOpen, RiskOnTime}

// LateRow is one object with a deadline, or that is critical, or that was asked about. Times are written in the plan's zone.
type LateRow struct {
	Entity        string       `json:"entity"`
	Ref           answer.Ref   `json:"ref"`
	Status        string       `json:"status"`
	Risk          Risk         `json:"risk" doc:"missed, late, blocked, at_risk, unknown, on_time"`
	Deadline      string       `json:"deadline,omitempty"`
	PredictedEnd  string       `json:"predicted_end,omitempty" doc:"now plus the sum of the parts, by usual durations; reckoned by Resync, not the engine"`
	PredictedSlow string       `json:"predicted_end_slow,omitempty" doc:"the same by the durations of a slow day (ninetieth percentile)"`
	SlackMinutes  *int         `json:"slack_minutes,omitempty" doc:"deadline less predicted end; negative when it will be late; empty where something on the way was not read"`
	ActBy         string       `json:"act_by,omitempty" doc:"when the first part must go on at the latest to keep the deadline; empty where something on the way was not read or has no known duration"`
	AtLeast       bool         `json:"at_least,omitempty" doc:"the prediction is a lower bound: something on the way failed, overran, or has no known duration"`
	Arithmetic    string       `json:"arithmetic,omitempty" doc:"the predicted end as a sum"`
	AlsoWaitsFor  []string     `json:"also_waits_for,omitempty" doc:"what is waited for on the way and has no time: kind and entity"`
	Parts         []PartRow    `json:"parts,omitempty"`
	Eater         *EaterRow    `json:"eater,omitempty"`
	StartNow      *SavingRow   `json:"start_now,omitempty" doc:"what starting one part at once, instead of at its start time, would save"`
	Critical      bool         `json:"critical,omitempty"`
	Engine        *ForecastRow `json:"engine,omitempty" doc:"the engine's own forecast, where it has one"`
	Service       string       `json:"service,omitempty"`
	Contact       string       `json:"contact,omitempty"`

	slack time.Duration
	due   time.Time
}

// PartRow is one part of the path that is left.
type PartRow struct {
	Entity         string `json:"entity"`
	State          string `json:"state" doc:"runs, overrun (longer than usual; what is left is not known), failed (counted as run again now), waits"`
	Start          string `json:"start"`
	WaitMinutes    int    `json:"wait_minutes,omitempty" doc:"until its own start time"`
	Minutes        int    `json:"minutes" doc:"what it still takes"`
	UsualMinutes   int    `json:"usual_minutes,omitempty"`
	SlowMinutes    int    `json:"slow_minutes,omitempty" doc:"on a slow day"`
	ElapsedMinutes int    `json:"elapsed_minutes,omitempty"`
	Source         string `json:"source,omitempty" doc:"own_history, archived_plans or engine_estimate; empty: nobody knows"`
	Runs           int    `json:"runs,omitempty" doc:"how many runs the usual duration rests on"`
	Confidence     string `json:"confidence,omitempty" doc:"the engine's, as sent"`
}

// EaterRow is the part that eats the slack.
type EaterRow struct {
	Entity  string `json:"entity"`
	Why     string `json:"why" doc:"failed, overrun, or longest"`
	Minutes int    `json:"minutes" doc:"beyond its usual time for overrun, else what it still takes"`
}

// SavingRow is what starting a part at once would save.
type SavingRow struct {
	Entity  string `json:"entity"`
	Minutes int    `json:"minutes"`
}

// ForecastRow is the critical-path service's forecast (interface V1, critical jobs).
type ForecastRow struct {
	Alert        string `json:"alert,omitempty" doc:"HIGH_RISK, POTENTIAL_RISK, ON_TRACK as sent"`
	EstimatedEnd string `json:"estimated_end,omitempty"`
	Deadline     string `json:"deadline,omitempty"`
}

func (c *kase) lateRow(n *plan.Node, e plan.Estimates, forecast twstools.CriticalJob) LateRow {
	usual, slow := c.graph.Remaining(n, e, plan.P50), c.graph.Remaining(n, e, plan.P90)
	row := LateRow{Entity: c.name(n.Entity()), Ref: c.ref(n), Status: untrusted.Normalize(n.Status().Display()), AtLeast: usual.Guess}
	row.Service, row.Contact = c.service(n)
	c.ev.field(c.fact(n, "status", row.Status))
	row.due = c.graph.DeadlineOf(n)
	if n.Job != nil {
		row.Critical = n.Job.Critical
	}
	if forecast.Job.Name != "" {
		row.Engine = &ForecastRow{Alert: untrusted.Normalize(forecast.Alert), EstimatedEnd: c.instant(forecast.EstimatedEnd), Deadline: c.instant(forecast.Deadline)}
		if row.due.IsZero() {
			row.due = forecast.Deadline
		}
		c.ev.field(c.fact(n, "engine_alert", forecast.Alert))
	}
	if !unfinished(n.Phase()) {
		row.Risk, row.AtLeast = RiskOnTime, false
		return row
	}
	row.PredictedEnd, row.PredictedSlow = c.instant(usual.End), c.instant(slow.End)
	row.Arithmetic = c.sum(usual)
	for _, x := range usual.Parts {
		row.Parts = append(row.Parts, c.partRow(x))
	}
	for _, b := range usual.Untimed {
		row.AlsoWaitsFor = append(row.AlsoWaitsFor, b.Kind+" "+c.name(b.Entity))
		c.ev.fields(b.Facts)
	}
	if x, ok := usual.Eater(); ok {
		row.Eater = c.eater(x)
	}
	if part, saves := c.graph.StartNow(n, e, plan.P50); saves >= time.Minute {
		row.StartNow = &SavingRow{Entity: c.name(part.Node.Entity()), Minutes: minutes(saves)}
	}
	row.Risk = risk(row.due, c.now, usual, slow)
	if !row.due.IsZero() {
		row.Deadline = c.instant(row.due)
		c.ev.field(c.fact(n, "deadline", row.Deadline))
		row.slack = row.due.Sub(usual.End)
		if !usual.Unread {
			m := minutes(row.slack)
			row.SlackMinutes = &m
		}
		if !usual.Unread && !usual.Unsized {
			row.ActBy = c.instant(row.due.Add(-work(usual)))
		}
	}
	return row
}

// work is the time of a path in which something runs.
func work(p plan.Path) (sum time.Duration) {
	for _, x := range p.Parts {
		sum += x.Length
	}
	return sum
}

// risk judges a path against a deadline.
func risk(deadline, now time.Time, usual, slow plan.Path) Risk {
	stuck := slices.ContainsFunc(usual.Parts, func(x plan.Part) bool { return x.State == plan.PartFailed || x.State == plan.PartOverrun })
	switch {
	case deadline.IsZero():
		return RiskOpen
	case deadline.Before(now):
		return RiskMissed
	case usual.End.After(deadline):
		return RiskLate
	case stuck:
		return RiskBlock
	case slow.End.After(deadline):
		return RiskAtRisk
	case usual.Guess:
		return RiskOpen
	}
	return RiskOnTime
}

func (c *kase) partRow(x plan.Part) PartRow {
	row := PartRow{Entity: c.name(x.Node.Entity()), State: string(x.State), Start: c.instant(x.Start), WaitMinutes: minutes(x.Wait), Minutes: minutes(x.Length),
		UsualMinutes: minutes(x.Estimate.P50), ElapsedMinutes: minutes(x.Elapsed), Source: string(x.Estimate.From), Runs: x.Estimate.Runs, Confidence: untrusted.Normalize(x.Estimate.Confidence)}
	if x.Estimate.P90 > x.Estimate.P50 {
		row.SlowMinutes = minutes(x.Estimate.P90)
	}
	c.ev.field(c.fact(x.Node, "status", x.Node.Status().Display()))
	if x.Node.Job != nil && x.Estimate.From == plan.FromEngine {
		c.ev.field(c.fact(x.Node, "estimated_duration", x.Estimate.P50.String()))
	} else if x.Estimate.Runs > 0 {
		c.ev.field(plan.Fact{Source: "history:" + row.Entity, Name: "usual_duration", Value: x.Estimate.P50.String()})
	}
	if x.State == plan.PartRuns || x.State == plan.PartOverrun {
		c.ev.field(c.fact(x.Node, "start", row.Start))
	}
	return row
}

func (c *kase) eater(x plan.Part) *EaterRow {
	row := &EaterRow{Entity: c.name(x.Node.Entity()), Why: "longest", Minutes: minutes(x.Length)}
	switch x.State {
	case plan.PartFailed:
		row.Why = "failed"
	case plan.PartOverrun:
		row.Why, row.Minutes = "overrun", minutes(x.Elapsed-x.Estimate.P50)
	}
	return row
}

// sum writes a path's arithmetic: now, the parts, the end. Each figure is the distance between two clock readings, so that the sum holds to
// the minute.
func (c *kase) sum(p plan.Path) string {
	var b strings.Builder
	at := p.Now
	step := func(d time.Duration) string {
		from := at.Truncate(time.Minute)
		at = at.Add(d)
		return short(at.Truncate(time.Minute).Sub(from))
	}
	clock := func(t time.Time) string { return t.In(c.zone).Format("15:04") }
	b.WriteString(clock(p.Now))
	for _, x := range p.Parts {
		name := x.Node.Entity().Job
		if name == "" {
			name = x.Node.Entity().Stream
		}
		name = untrusted.Normalize(name)
		if x.Wait > 0 {
			fmt.Fprintf(&b, " + %s until %s starts", step(x.Wait), name)
		}
		switch {
		case x.Unsized && x.Length == 0:
			fmt.Fprintf(&b, " + ? min %s", name)
		case x.Length > 0 || x.State == plan.PartOverrun:
			fmt.Fprintf(&b, " + %s %s", step(x.Length), name)
		}
	}
	fmt.Fprintf(&b, " = %s", clock(p.End))
	return b.String()
}

// short writes a length of time in hours and minutes.
func short(d time.Duration) string {
	m := minutes(d)
	if m < 60 {
		return fmt.Sprintf("%d min", m)
	}
	return fmt.Sprintf("%d h %02d min", m/60, m%60)
}

// minutes rounds to whole minutes.
func minutes(d time.Duration) int {
	return int(d.Round(time.Minute) / time.Minute)
}
