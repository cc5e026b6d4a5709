package compose

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/resync-hwa/resync/agentsvc/understand"
	"github.com/resync-hwa/resync/twstools/tools"
)

// rows is how many rows prose shows of a list; the page shows them all.
const rows = 10

// lists tells answers that are no diagnosis.
func (p *prose) lists(in Input, r reading) {
	switch {
	case r.plan != nil:
		p.plan(in, r)
	case r.jobs != nil:
		p.jobs(in, r.jobs)
	case r.job != nil:
		p.job(r.job)
	case r.log != nil:
		p.log(in, r.log)
	case r.knowledge != nil:
		p.knowledge(in, r)
	}
}

func (p *prose) plan(in Input, r reading) {
	o := r.plan
	kind := map[string]string{"workstations": "workstation", "prompts": "prompt", "resources": "resource", "files": "file"}[in.Asked.Objects]
	if in.Asked.Intent == understand.Find && kind != "" {
		p.planOf(o, kind)
		return
	}
	p.planLine(in, o)
	if o.JobStreamsTotal > 0 {
		p.say1("streams_counts", "total", strconv.Itoa(o.JobStreamsTotal), "counts", p.counts(o.JobStreamsByStatus))
	}
	if len(o.NeedsPerson) == 0 {
		p.say1("attention_none")
	}
	p.list(p.say("attention", "total", strconv.Itoa(max(o.NeedsPersonTotal, len(o.NeedsPerson)))), p.attention(o.NeedsPerson))
	p.list(p.say("workstations_bad"), unhealthy(o.Workstations))
	if len(unhealthy(o.Workstations)) == 0 && len(o.Workstations) > 0 {
		p.paragraph()
		p.say1("workstations_ok")
	}
	p.unseenLines(o.Missing)
}

// totals adds the plan's counts where they were read beside the diagnosis of the whole plan.
func (p *prose) totals(in Input) {
	c, ok := in.Ledger.Find(PlanStatus)
	if !ok {
		return
	}
	if o := decode[tools.PlanStatusOut](c); o != nil && o.JobsTotal > 0 {
		p.paragraph()
		p.planLine(in, o)
	}
}

func (p *prose) planLine(in Input, o *tools.PlanStatusOut) {
	key := "plan"
	if o.PlanNow == "" {
		key = "plan_untimed"
	}
	p.say1(key, "engine", cmp.Or(o.Engine.Name, in.Defaults.Name), "time", when0(o.PlanNow), "total", strconv.Itoa(o.JobsTotal), "counts", p.counts(o.JobsByStatus))
}

// planOf lists one kind of object out of the plan's state.
func (p *prose) planOf(o *tools.PlanStatusOut, kind string) {
	if kind == "workstation" {
		if bad := unhealthy(o.Workstations); len(bad) > 0 {
			p.list(p.say("workstations_bad"), bad)
			return
		}
		p.say1("workstations_ok")
		return
	}
	var of []tools.AttentionRow
	for _, a := range o.NeedsPerson {
		if a.Kind == kind {
			of = append(of, a)
		}
	}
	if len(of) == 0 {
		p.say1("none_of")
		p.unseenLines(o.Missing)
		return
	}
	p.list(p.say("attention", "total", strconv.Itoa(len(of))), p.attention(of))
}

func (p *prose) attention(list []tools.AttentionRow) []string {
	items := make([]string, 0, rows)
	for _, a := range list[:min(len(list), rows)] {
		item := a.Entity + " (" + cmp.Or(line(a.Status), "?") + p.opt("since", "time", when0(a.Since)) + ")"
		if a.Why != "" {
			item += ": " + line(a.Why)
		}
		items = append(items, item)
	}
	return items
}

func unhealthy(list []tools.WorkstationRow) []string {
	var items []string
	for _, w := range list {
		if w.Problem != "" && len(items) < rows {
			items = append(items, w.Entity+" ("+cmp.Or(line(w.Status), "?")+"): "+line(w.Problem))
		}
	}
	return items
}

// counts writes "3 ABEND, 12 HOLD", the biggest first.
func (p *prose) counts(m map[string]int) string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b string) int { return cmp.Or(m[b]-m[a], strings.Compare(a, b)) })
	parts := make([]string, 0, len(keys))
	for _, k := range keys {
		parts = append(parts, p.say("count", "n", strconv.Itoa(m[k]), "status", line(k)))
	}
	return strings.Join(parts, ", ")
}

func (p *prose) jobs(in Input, o *tools.FindJobsOut) {
	n := len(o.Jobs)
	total := n
	if o.Total != nil {
		total = max(*o.Total, n)
	}
	key := "found"
	switch {
	case total == 0:
		key = "found_none"
	case o.Total == nil && o.NextCursor != "":
		key = "found_atleast"
	case total == 1:
		key = "found_one"
	}
	p.say1(key, "n", strconv.Itoa(total), "filter", p.opt("filter", "what", strings.Join(in.Asked.Statuses, ", ")))
	if len(o.ByStatus) > 1 {
		p.say1("by_status", "counts", p.counts(o.ByStatus))
	}
	if !in.Asked.Count || total <= 3 {
		heading := ""
		if total > rows {
			heading = p.say("shown", "n", strconv.Itoa(min(n, rows)))
		}
		p.list(heading, p.jobItems(o.Jobs[:min(n, rows)]))
	}
	p.unseenLines(o.Missing)
}

func (p *prose) jobItems(jobs []tools.JobRow) []string {
	items := make([]string, 0, len(jobs))
	for _, j := range jobs {
		item := j.Entity + " — " + cmp.Or(line(j.Status), line(j.CommonStatus), "?")
		if j.ReturnCode != nil && *j.ReturnCode != 0 {
			item += p.say("row_rc", "code", strconv.Itoa(*j.ReturnCode))
		}
		if j.End != "" {
			item += p.say("row_end", "time", when(j.End))
		} else if j.Start != "" {
			item += p.say("row_start", "time", when(j.Start))
		}
		if d := short(j.Description); d != "" {
			item += " — " + d
		}
		items = append(items, item)
	}
	return items
}

// short is a description as code: text from outside, quoted as it is.
func short(s string) string {
	const most = 60
	s = line(s)
	if r := []rune(s); len(r) > most {
		s = wordCut(string(r[:most]))
	}
	return code(s)
}

func (p *prose) job(o *tools.GetJobOut) {
	j := o.Job
	p.statusAs(&tools.Subject{Entity: j.Entity, Status: j.Status, CommonStatus: j.CommonStatus, Start: j.Start, End: j.End, ReturnCode: j.ReturnCode}, "ended", "is")
	if d := code(j.Description); d != "" {
		p.say1("described", "text", d)
	}
	if o.JobStream != "" && o.StreamState != "" {
		p.say1("in_stream", "stream", o.JobStream, "status", line(o.StreamState))
	}
	switch {
	case len(o.Depends) > 0:
		p.list(p.say("depends"), depends(o.Depends))
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

func depends(list []tools.DependencyRow) []string {
	items := make([]string, 0, rows)
	for _, d := range list[:min(len(list), rows)] {
		item := d.On + " (" + line(strings.Trim(d.Type+", "+d.State, ", ")) + ")"
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
		item := p.say("run", "status", cmp.Or(line(r.Status), "?"), "rc", p.returned(r.ReturnCode), "at", p.opt("at", "time", when0(cmp.Or(r.End, r.Start))), "took", took)
		if r.Kind != "" {
			item += " (" + line(r.Kind) + ")"
		}
		items = append(items, item)
	}
	return items
}

func (p *prose) log(in Input, o *tools.GetJobLogOut) {
	if len(o.Lines) == 0 {
		p.say1("log_empty", "entity", o.Entity)
		return
	}
	const most = 14
	lines := o.Lines
	if len(lines) > most && !in.Asked.ErrorsOnly {
		lines = lines[len(lines)-most:]
	}
	items := make([]string, 0, most)
	for _, l := range lines[:min(len(lines), most)] {
		if text := code(l.Text); text != "" {
			items = append(items, p.say("line", "n", strconv.Itoa(l.N), "text", text))
		}
	}
	p.list(p.say("log", "source", o.Source, "entity", o.Entity, "status", p.say("log_status", "status", cmp.Or(line(o.Status), "?"))), items)
	if o.Total > len(lines) {
		p.paragraph()
		p.say1("log_more", "n", strconv.Itoa(o.Total))
	}
}

func (p *prose) knowledge(in Input, r reading) {
	k := r.knowledge
	for i, m := range k.Messages {
		if i == 3 {
			break
		}
		p.paragraph()
		about := strings.Trim(line(m.Component)+", "+line(m.Severity), ", ")
		if about != "" {
			about = " (" + about + ")"
		}
		p.say1("message", "id", m.ID, "component", about, "meaning", m.Meaning)
		if m.Action != "" {
			p.say1("message_action", "action", m.Action)
		}
	}
	if len(k.Results) == 0 {
		if len(k.Messages) == 0 {
			p.say1("nothing_known")
		}
		return
	}
	p.paragraph()
	if weak(k.Band) && len(k.Messages) == 0 {
		p.say1("weak")
	}
	for i, res := range k.Results {
		if i == 3 || i > 0 && weak(res.Band) || !p.room() {
			break
		}
		if i > 0 {
			p.paragraph()
		}
		p.say1("passage", "title", line(res.title()), "quote", code(res.Quote))
		p.say1("source", "source", "`"+line(res.source(r.call))+"`")
	}
}

func secondsOf(n int64) time.Duration { return time.Duration(n) * time.Second }
