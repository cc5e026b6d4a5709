package compose

import (
	"cmp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/resync-hwa/resync/twstools/tools"
)

func (p *prose) job(o *tools.GetJobOut) {
	j := o.Job
	s := &tools.Subject{Entity: j.Entity, Status: j.Status, CommonStatus: j.CommonStatus, Start: j.Start, End: j.End, ReturnCode: j.ReturnCode}
	name := p.names.of(j.Entity)
	if j.End != "" {
		p.bold(p.say("ended", "entity", name, "status", statusOf(s)))
	} else {
		p.bold(p.say("is", "entity", name, "state", p.state(s), "since", p.opt("since", "time", p.when0(j.Start))))
	}
	p.inFull(s)
	if d := code(j.Description); d != "" {
		p.say1("described", "text", d)
	}
	if o.JobStream != "" && o.StreamState != "" {
		p.say1("in_stream", "stream", p.names.of(o.JobStream), "status", line(o.StreamState))
	}
	switch {
	case len(o.Depends) > 0:
		p.list(p.say("depends"), p.depends(o.Depends))
	case o.DepsKnown:
		p.say1("depends_none")
	default:
		p.say1("depends_unknown")
	}
	if len(o.Runs) > 1 {
		p.list(p.say("runs"), p.runs(o.Runs))
	}
	p.unseenLines(o.Missing)
}

func (p *prose) depends(list []tools.DependencyRow) []string {
	items := make([]string, 0, rows)
	for _, d := range list[:min(len(list), rows)] {
		item := p.names.of(d.On) + " (" + line(strings.Trim(d.Type+", "+d.State, ", ")) + ")"
		if d.Detail != "" {
			item += ": " + line(d.Detail)
		}
		items = append(items, item)
	}
	return items
}

func (p *prose) runs(list []tools.RunRow) []string {
	list = list[max(0, len(list)-5):]
	items := make([]string, 0, len(list))
	for _, r := range list {
		took := ""
		if r.Seconds > 0 {
			took = p.say("took", "duration", duration(secondsOf(r.Seconds)))
		}
		item := p.say("run", "status", cmp.Or(line(r.Status), "?"), "rc", p.returned(r.ReturnCode), "at", p.opt("at", "time", p.when0(cmp.Or(r.End, r.Start))), "took", took)
		if r.Kind != "" {
			item += " (" + line(r.Kind) + ")"
		}
		items = append(items, item)
	}
	return items
}

func (p *prose) log(in Input, o *tools.GetJobLogOut) {
	if len(o.Lines) == 0 {
		p.bold(p.say("log_empty", "entity", p.names.of(o.Entity)))
		return
	}
	const most = 14
	lines := o.Lines
	if len(lines) > most && !in.Asked.ErrorsOnly {
		lines = lines[len(lines)-most:]
	}
	items := make([]string, 0, most)
	for _, l := range lines[:min(len(lines), most)] {
		if text := code(l.Text); strings.ContainsFunc(text, unicode.IsLetter) { // a ruler is no news
			items = append(items, p.say("line", "n", strconv.Itoa(l.N), "text", text))
		}
	}
	p.bold(p.say("log", "entity", p.names.of(o.Entity), "status", cmp.Or(line(o.Status), "?")))
	p.say1("log_source", "entity", code(o.Entity), "source", code(o.Source))
	p.list("", items)
	if o.Total > len(lines) {
		p.paragraph()
		p.say1("log_more", "n", strconv.Itoa(o.Total))
	}
}

func (p *prose) returned(code *int) string {
	if code == nil {
		return ""
	}
	return p.say("returned", "code", strconv.Itoa(*code))
}

func secondsOf(n int64) time.Duration { return time.Duration(n) * time.Second }
