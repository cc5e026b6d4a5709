package handover

import (
	"slices"

	"github.com/resync-hwa/resync/twstools/tools"
)

// deadlines tells what may not be in time. Of one job stream the first row speaks for the others: they fall with it.
func (b *builder) deadlines() {
	d := &b.out.Deadlines
	for _, r := range b.late {
		if r.Risk == "on_time" || r.Deadline == "" && r.Risk != "late" && r.Risk != "missed" && !forecastBad(r) {
			continue
		}
		row := Deadline{Entity: r.Entity, Status: r.Status, Risk: string(r.Risk), Deadline: r.Deadline, PredictedEnd: r.PredictedEnd, AtLeast: r.AtLeast, SlackMinutes: r.SlackMinutes,
			ActBy: r.ActBy, Service: r.Service, Contact: r.Contact, Source: "plan:" + r.Entity}
		if r.Eater != nil && r.Eater.Entity != r.Entity {
			row.Because = r.Eater.Entity
		}
		if !slices.ContainsFunc(d.Rows, func(have Deadline) bool { return have.Entity == row.Entity }) {
			d.Rows = append(d.Rows, row)
		}
	}
}

func forecastBad(r tools.LateRow) bool { return r.Engine != nil && r.Engine.Alert == "HIGH_RISK" }
