package compose

import (
	"strconv"

	"github.com/resync-hwa/resync/agentsvc/understand"
	"github.com/resync-hwa/resync/twstools/tools"
)

const (
	shiftChanges   = 6 // what happened on a shift that prose names
	shiftDeadlines = 3
)

// shift tells, behind what is open, what happened on the shift and which deadlines are in danger.
func (p *prose) shift(in Input) {
	if c, ok := in.Ledger.Find(WhatChanged); ok {
		if o := decode[tools.WhatChangedOut](c); o != nil && c.OK() {
			p.shiftHappened(o, in.Asked.SinceClock != understand.ShiftClock)
		}
	}
	if c, ok := in.Ledger.Find(LateRisk); ok {
		if o := decode[tools.LateOut](c); o != nil && c.OK() {
			p.shiftDeadlines(o)
		}
	}
}

// shiftHappened tells the changes; since when, where the question said it: nothing that was read supports a beginning that nobody named.
func (p *prose) shiftHappened(o *tools.WhatChangedOut, said bool) {
	if !p.room() {
		return
	}
	items := p.changeItems(o.Changes, shiftChanges)
	since := ""
	if said {
		since = p.opt("ch_from", "time", p.when0(o.From))
	}
	if len(items) == 0 {
		p.paragraph()
		p.say1("ch_none", "since", since)
	} else {
		p.list(p.say("shift_happened", "since", since), items)
		p.rest(o.Total, len(items))
	}
	switch {
	case len(o.Missing) == 0:
	case said:
		p.unseenLines(o.Missing[:1])
	default:
		p.say1("shift_unwatched")
	}
}

func (p *prose) shiftDeadlines(o *tools.LateOut) {
	if !p.room() {
		return
	}
	var items []string
	danger := 0
	for _, row := range o.Rows {
		if row.Risk == "on_time" || row.Risk == "unknown" {
			continue
		}
		if danger++; len(items) < shiftDeadlines {
			items = append(items, code(row.Entity)+": "+p.say("risk_"+string(row.Risk))+p.opt("row_deadline", "time", p.when0(row.Deadline), "left", ""))
		}
	}
	switch {
	case danger > 0:
		p.list(p.say("shift_deadlines", "n", strconv.Itoa(danger)), items)
	case o.Complete && o.Total > 0:
		p.paragraph()
		p.say1("late_none", "n", strconv.Itoa(o.Total))
	}
}
