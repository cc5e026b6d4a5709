package compose

import (
	"strconv"

	"github.com/resync-hwa/resync/agentsvc/understand"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/tools"
)

const (
	shiftChanges   = 6 // what happened on a shift that prose names
	shiftDeadlines = 3
)

// shift tells, behind what is open, what happened on the shift and which deadlines are in danger.
func (p *prose) shift(in Input, now string) {
	if c, ok := in.Ledger.Find(WhatChanged); ok {
		if o := decode[tools.WhatChangedOut](c); o != nil && c.OK() {
			p.shiftHappened(o, in.Asked.SinceClock != understand.ShiftClock)
		}
	}
	if c, ok := in.Ledger.Find(LateRisk); ok {
		if o := decode[tools.LateOut](c); o != nil && c.OK() {
			p.shiftDeadlines(o, now)
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

// shiftDeadlines names what may miss its deadline, the worst first. Of one job stream the first row speaks for the others: they fall with it.
func (p *prose) shiftDeadlines(o *tools.LateOut, now string) {
	if !p.room() {
		return
	}
	var items []string
	streams := map[twstools.Entity]bool{}
	for _, row := range o.Rows {
		if row.Risk == "on_time" || row.Risk == "unknown" {
			continue
		}
		if e, err := twstools.ParseEntity(row.Entity, nil); err == nil {
			e.Type, e.Job = twstools.EntityJobStream, ""
			if streams[e] {
				continue
			}
			streams[e] = true
		}
		items = append(items, p.dueItem(row, now, false))
	}
	switch {
	case len(items) > 0:
		p.list(p.say("shift_deadlines", "n", strconv.Itoa(len(items))), items[:min(len(items), shiftDeadlines)])
	case o.Complete && o.Total > 0:
		p.paragraph()
		p.say1("late_none", "n", strconv.Itoa(o.Total))
	}
}
