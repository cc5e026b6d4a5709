package compose

import (
	"slices"
	"strconv"
	"time"

	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/agentsvc/understand"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/tools"
)

// outlook is what was read beside the diagnosis: who suffers, what an act would start, when things will be done, who holds units.
type outlook struct {
	impact *tools.ImpactOut
	late   *tools.LateOut
	held   *tools.ListResourcesOut
}

// readOutlook takes the last call that was made for the asked view, about the asked object, and gave data.
func readOutlook(u understand.Understanding, ledger conversations.Ledger) *outlook {
	name := ToolOf(u.View)
	if name == "" || Instead(u) {
		return nil
	}
	for _, c := range slices.Backward(ledger) {
		if c.Name != name || !c.OK() || !Fits(c, u) && name != ListResources {
			continue
		}
		switch name {
		case ImpactOf:
			return &outlook{impact: decode[tools.ImpactOut](c)}
		case LateRisk:
			return &outlook{late: decode[tools.LateOut](c)}
		case ListResources:
			return &outlook{held: decode[tools.ListResourcesOut](c)}
		}
	}
	return nil
}

func (o *outlook) suffering() *tools.ImpactOut {
	if o == nil {
		return nil
	}
	return o.impact
}

// foresee fills in what the diagnosis leaves open: who suffers, and how urgent that makes it.
func (r reading) foresee(d *answer.Diagnosis) {
	if r.outlook == nil {
		return
	}
	if o := r.outlook.impact; o != nil && len(d.Impact) == 0 && len(d.Affected) == 0 {
		for _, row := range o.Affected {
			d.Impact = append(d.Impact, answer.Impact{Entity: row.Entity, Hops: row.Hops, State: row.State, Deadline: row.Deadline, PredictedEnd: row.PredictedEnd, Service: row.Service, Contact: row.Contact})
			d.Affected = append(d.Affected, row.Entity)
		}
		d.AffectedTotal = max(o.Total, len(d.Affected))
	}
	o := r.outlook.late
	if o != nil && o.Subject == nil {
		for i := range d.Impact {
			for _, row := range o.Rows {
				if row.Entity == d.Impact[i].Entity && row.PredictedEnd != "" {
					d.Impact[i].PredictedEnd = row.PredictedEnd
				}
			}
		}
	}
	if o == nil || o.Subject == nil || len(o.Rows) == 0 {
		return
	}
	d.Impact = withForecast(d.Impact, o.Rows[0])
	if row := o.Rows[0]; d.Urgency == nil && row.ActBy != "" && (row.Risk == "late" || row.Risk == "missed" || row.Risk == "at_risk") {
		d.Urgency = &answer.Urgency{Class: "this_shift", ActBy: row.ActBy, Contact: row.Contact}
	}
}

// withForecast adds when the asked object will be done: to its own row, else as one of no hops; released where nothing makes it late.
func withForecast(list []answer.Impact, row tools.LateRow) []answer.Impact {
	list = slices.Clone(list)
	for i := range list {
		if list[i].Entity == row.Entity && row.PredictedEnd != "" {
			list[i].PredictedEnd = row.PredictedEnd
			return list
		}
	}
	if row.PredictedEnd == "" {
		return list
	}
	state := "blocked"
	switch row.Risk {
	case "late", "missed":
		state = "late"
	case "on_time", "at_risk":
		state = "released"
	}
	return append(list, answer.Impact{Entity: row.Entity, State: state, Deadline: row.Deadline, PredictedEnd: row.PredictedEnd, Service: row.Service, Contact: row.Contact})
}

// foretell opens the answer with what was asked for, where that is no cause: what would start, when it will be done, who holds it.
func (p *prose) foretell(in Input, a answer.Answer, r reading) {
	d := a.Diagnosis
	if r.outlook == nil || d != nil && (d.Verdict == answer.NeedsClarification || d.Verdict == answer.Refused) || r.diagnosis != nil && r.diagnosis.Premise == "false" {
		return
	}
	switch {
	case r.outlook.impact != nil:
		p.outcome(r.outlook.impact)
	case r.outlook.late != nil && r.outlook.late.Subject != nil:
		p.forecast(r.outlook.late, a.Clocks.PlanNow)
	case r.outlook.late != nil:
		p.forecasts(r.outlook.late, a)
	case r.outlook.held != nil && len(r.outlook.held.Resources) == 1:
		p.holders(r.outlook.held.Resources[0], d == nil || d.Verdict != answer.Problem)
	}
}

// outcome says what an act would start, and who would wait on.
func (p *prose) outcome(o *tools.ImpactOut) {
	if o.If == "" || o.Subject == nil {
		return
	}
	by := map[string][]string{}
	for _, s := range o.Starts {
		if s.Entity == o.Subject.Entity {
			continue // that a rerun runs it goes without saying
		}
		by[s.When] = append(by[s.When], p.names.of(s.Entity))
	}
	act := p.say("if_"+o.If, "entity", p.names.of(o.Subject.Entity))
	switch now, later := by["now"], by["later"]; {
	case len(now) > 0:
		p.bold(p.say("starts_now", "if", act, "names", p.some(now, len(now), 6)))
	case len(later) > 0:
		p.bold(p.say("starts_later", "if", act, "names", p.some(later, len(later), 6)))
	default:
		p.bold(p.say("starts_nothing", "if", act))
	}
	if on := by["still_waits"]; len(on) > 0 {
		p.say1("waits_on", "names", p.some(on, len(on), 6))
	}
	if not := by["not_released"]; len(not) > 0 {
		p.say1("not_released", "names", p.some(not, len(not), 6))
	}
}

// forecast says whether one object keeps its deadline, and when it will be done.
func (p *prose) forecast(o *tools.LateOut, now string) {
	if len(o.Rows) == 0 {
		return
	}
	row := o.Rows[0]
	name := p.names.of(row.Entity)
	end := p.end(row)
	key := "late_" + string(row.Risk)
	switch {
	case row.PredictedEnd == "" && row.Risk == "on_time":
		key = "late_done"
	case row.PredictedEnd == "":
		key = "late_no_end"
	case row.Deadline == "" && row.AtLeast:
		key = "late_end_least"
	case row.Deadline == "":
		key = "late_end"
	}
	gap, _ := until(row.Deadline, row.PredictedEnd)
	p.bold(p.say(key, "entity", name, "status", line(row.Status), "deadline", p.when0(row.Deadline), "end", end,
		"gap", p.opt("gap", "duration", gap), "left", p.leftOf(now, row.Deadline)))
	p.eater(row)
	if row.PredictedEnd != "" {
		p.say1("reckoned")
	}
}

// leftOf is "(in 40 min)" of an instant to come.
func (p *prose) leftOf(now, then string) string {
	span, past := until(now, then)
	if past {
		return p.opt("passed", "duration", span)
	}
	return p.opt("left", "duration", span)
}

func (p *prose) end(row tools.LateRow) string {
	if row.PredictedEnd == "" {
		return ""
	}
	key := "end_at"
	if row.AtLeast {
		key = "end_least"
	}
	return p.say(key, "time", p.when(row.PredictedEnd))
}

// eater names what costs most of the time that is left, where it is another object or does not go as usual.
func (p *prose) eater(row tools.LateRow) {
	e := row.Eater
	if e == nil || e.Entity == row.Entity && e.Why == "longest" {
		return
	}
	p.say1("eater_"+e.Why, "entity", p.names.of(e.Entity), "minutes", span(e.Minutes))
	if s := row.StartNow; s != nil {
		p.say1("start_now", "entity", p.names.of(s.Entity), "minutes", span(s.Minutes))
	}
}

func span(minutes int) string { return duration(time.Duration(minutes) * time.Minute) }

// forecasts lists what will not keep its deadline, the worst first.
func (p *prose) forecasts(o *tools.LateOut, a answer.Answer) {
	now := a.Clocks.PlanNow
	bad := o.Counts["missed"] + o.Counts["late"]
	risk := o.Counts["blocked"] + o.Counts["at_risk"]
	open := o.Counts["unknown"]
	switch {
	case bad > 0:
		p.bold(p.say("late_some", "n", strconv.Itoa(bad), "more", p.optN("late_more", risk)))
	case risk > 0:
		p.bold(p.say("late_risky", "n", strconv.Itoa(risk)))
	case o.Total == 0:
		p.bold(p.say("late_no_deadlines"))
	case open > 0 || !o.Complete:
		p.bold(p.say("late_none_seen"))
	default:
		p.bold(p.say("late_none", "n", strconv.Itoa(o.Total)))
	}
	most := 6
	told := func(tools.LateRow) bool { return true }
	if d := a.Diagnosis; d != nil { // its causes follow; what it cannot carry is left to the page
		most = 4
		told = func(row tools.LateRow) bool {
			return slices.ContainsFunc(d.Impact, func(i answer.Impact) bool { return i.Entity == row.Entity && i.PredictedEnd == row.PredictedEnd })
		}
	}
	var items []string
	for _, row := range o.Rows {
		if row.Risk == "on_time" || row.Risk == "unknown" && len(items) > 2 || len(items) == most {
			continue
		}
		item := p.dueItem(row, now, told(row))
		items = append(items, item)
	}
	p.list("", items)
	p.paragraph()
	if len(items) > 0 {
		p.say1("reckoned")
		p.paragraph()
	}
}

// dueItem tells of one deadline how it stands, when to act for it at the latest, and what costs the time; when it will be done only where the
// answer carries that.
func (p *prose) dueItem(row tools.LateRow, now string, carried bool) string {
	item := code(row.Entity) + ": " + p.say("risk_"+string(row.Risk)) + p.opt("row_deadline", "time", p.when0(row.Deadline), "left", p.leftOf(now, row.Deadline))
	if carried {
		item += p.opt("row_predicted", "end", p.end(row))
	}
	if _, past := until(now, row.ActBy); row.ActBy != "" && !past {
		item += ", " + p.say("act_by", "time", p.when(row.ActBy))
	}
	if row.Eater != nil && row.Eater.Entity != row.Entity {
		item += p.say("row_because", "entity", p.names.of(row.Eater.Entity))
	}
	return item
}

// optN fills a phrase with a number, nothing for none.
func (p *prose) optN(key string, n int) string {
	if n == 0 {
		return ""
	}
	return p.say(key, "n", strconv.Itoa(n))
}
