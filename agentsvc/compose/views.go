package compose

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/agentsvc/understand"
	"github.com/resync-hwa/resync/twstools/tools"
)

// The tools of the other views.
const (
	ImpactOf         = "impact_of"
	LateRisk         = "late_risk"
	Radar            = "radar"
	WhatChanged      = "what_changed"
	FindJobStreams   = "find_job_streams"
	GetJobStream     = "get_job_stream"
	ListWorkstations = "list_workstations"
	ListResources    = "list_resources"
	ListPrompts      = "list_prompts"
)

// ToolOf names the tool that gives a view; empty for none.
func ToolOf(v understand.View) string {
	return map[understand.View]string{understand.ViewImpact: ImpactOf, understand.ViewLate: LateRisk, understand.ViewRadar: Radar, understand.ViewChanges: WhatChanged,
		understand.ViewStreams: FindJobStreams, understand.ViewStream: GetJobStream, understand.ViewWorkstations: ListWorkstations, understand.ViewResources: ListResources,
		understand.ViewPrompts: ListPrompts}[v]
}

// Instead reports whether the view answers the question by itself; who suffers, what will be late and who holds a resource are told with a diagnosis.
func Instead(u understand.Understanding) bool {
	switch u.View {
	case understand.ViewNone, understand.ViewImpact, understand.ViewLate:
		return false
	case understand.ViewResources:
		return u.Target == ""
	}
	return true
}

// view is what a tool of a view gave. One of the pointers is set.
type view struct {
	radar        *tools.RadarOut
	changes      *tools.WhatChangedOut
	against      string
	streams      *tools.FindJobStreamsOut
	stream       *tools.GetJobStreamOut
	workstations *tools.ListWorkstationsOut
	resources    *tools.ListResourcesOut
	prompts      *tools.ListPromptsOut
}

func readView(c conversations.Call) *view {
	v := view{against: c.Arg("against")}
	switch c.Name {
	case Radar:
		v.radar = decode[tools.RadarOut](c)
	case WhatChanged:
		v.changes = decode[tools.WhatChangedOut](c)
	case FindJobStreams:
		v.streams = decode[tools.FindJobStreamsOut](c)
	case GetJobStream:
		v.stream = decode[tools.GetJobStreamOut](c)
	case ListWorkstations:
		v.workstations = decode[tools.ListWorkstationsOut](c)
	case ListResources:
		v.resources = decode[tools.ListResourcesOut](c)
	case ListPrompts:
		v.prompts = decode[tools.ListPromptsOut](c)
	}
	if v == (view{against: v.against}) {
		return nil
	}
	return &v
}

// only is the object of a list of one.
func (v *view) only() string {
	var all []string
	switch {
	case v.stream != nil:
		return v.stream.JobStream.Entity
	case v.streams != nil:
		for _, s := range v.streams.JobStreams {
			all = append(all, s.Entity)
		}
	case v.workstations != nil:
		for _, w := range v.workstations.Workstations {
			all = append(all, w.Entity)
		}
	case v.resources != nil:
		for _, r := range v.resources.Resources {
			all = append(all, r.Entity)
		}
	case v.prompts != nil:
		for _, q := range v.prompts.Prompts {
			all = append(all, q.Entity)
		}
	case v.radar != nil:
		for _, f := range v.radar.Findings {
			all = append(all, f.Entity)
		}
	case v.changes != nil:
		for _, c := range v.changes.Changes {
			if !slices.Contains(all, c.Entity) {
				all = append(all, c.Entity)
			}
		}
	}
	if len(all) != 1 {
		return ""
	}
	return all[0]
}

func (p *prose) view(in Input, v *view) {
	switch {
	case v.radar != nil:
		p.radar(v.radar)
	case v.changes != nil:
		p.changes(in, v)
	case v.streams != nil:
		p.streams(in, v.streams)
	case v.stream != nil:
		p.stream(v.stream)
	case v.workstations != nil:
		p.workstations(in, v.workstations)
	case v.resources != nil:
		p.resources(v.resources)
	case v.prompts != nil:
		p.prompts(in, v.prompts)
	}
}

// radar lists what is wrong though nothing failed.
func (p *prose) radar(o *tools.RadarOut) {
	switch {
	case o.Total == 1:
		p.bold(p.say("radar_one"))
	case o.Total > 1:
		p.bold(p.say("radar_some", "n", strconv.Itoa(o.Total)))
	case o.Clear:
		p.bold(p.say("radar_clear"))
	default:
		p.bold(p.say("radar_none"))
	}
	const most = 8
	var items []string
	for _, f := range o.Findings[:min(len(o.Findings), most)] {
		items = append(items, p.say("severity_"+f.Severity)+": "+p.names.plain(bare(f.Statement))+p.sinceUnsaid(f))
	}
	p.list("", items)
	p.rest(o.Total, len(items))
	if n := len(o.Acknowledged); n > 0 {
		p.paragraph()
		p.say1("radar_acked", "n", strconv.Itoa(n))
	}
	p.unseenLines(o.Missing)
}

// sinceUnsaid is since when a finding stands, where its sentence does not say it.
func (p *prose) sinceUnsaid(f tools.RadarRow) string {
	if f.Since == "" || strings.Contains(f.Statement, f.Since) || strings.Contains(p.readable(p.names.plain(f.Statement)), strings.Fields(p.when(f.Since))[0]) {
		return ""
	}
	return p.say("row_since", "time", p.when(f.Since))
}

// rest counts what a list left out.
func (p *prose) rest(total, shown int) {
	if shown > 0 && total > shown {
		p.paragraph()
		p.say1("shown_of", "shown", strconv.Itoa(shown), "n", strconv.Itoa(total))
	}
}

// changes tells what differs, of a time or between two runs or plans.
func (p *prose) changes(in Input, v *view) {
	o := v.changes
	since := p.opt("ch_from", "time", p.when0(o.From))
	switch v.against {
	case "previous_run":
		since = p.say("ch_previous_run", "entity", code(in.Asked.Target))
	case "previous_plan":
		since = p.say("ch_previous_plan")
	}
	switch o.Total {
	case 0:
		p.bold(p.say("ch_none", "since", since))
	case 1:
		p.bold(p.say("ch_one", "since", since))
	default:
		p.bold(p.say("ch_some", "n", strconv.Itoa(o.Total), "since", since))
	}
	started, ended := o.Counts["started"], o.Counts["ended"]
	if started+ended > 0 {
		p.say1("ch_runs", "started", strconv.Itoa(started), "ended", strconv.Itoa(ended))
	}
	items := p.changeItems(o.Changes, 8)
	p.list("", items)
	p.rest(o.Total, len(items))
	p.unseenLines(o.Missing)
}

// changeItems tells the first changes of a list, one a line.
func (p *prose) changeItems(list []tools.ChangeRow, most int) []string {
	var items []string
	for _, c := range list[:min(len(list), most)] {
		item := code(c.Entity) + ": " + cmp.Or(p.speech["ch_"+c.Kind], line(c.Kind))
		if c.Field != "" {
			item += ", " + line(c.Field)
		}
		switch {
		case c.Before != "" && c.After != "":
			item += " " + short(c.Before) + " → " + short(c.After)
		case c.After != "":
			item += " " + short(c.After)
		case c.Before != "":
			item += p.say("ch_was", "value", short(c.Before))
		}
		items = append(items, item+p.opt("ch_at", "time", p.when0(c.At))+p.opt("ch_by", "who", line(c.By)))
	}
	return items
}
