package compose

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

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
	total := max(o.NeedsPersonTotal, len(o.NeedsPerson))
	switch total {
	case 0:
		p.bold(p.say("attention_none"))
	case 1:
		p.bold(p.say("causes_one"))
	default:
		p.bold(p.say("causes", "n", strconv.Itoa(total)))
	}
	p.list("", p.attention(o.NeedsPerson))
	if bad := p.unhealthy(o); len(bad) > 0 {
		p.list(p.say("workstations_bad"), bad)
	}
	p.paragraph()
	p.planLine(in, o)
	if o.JobStreamsTotal > 0 {
		p.say1("streams_counts", "total", strconv.Itoa(o.JobStreamsTotal), "counts", p.counts(o.JobStreamsByStatus))
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
	p.say1(key, "engine", cmp.Or(o.Engine.Name, in.Defaults.Name), "time", p.when0(o.PlanNow), "total", strconv.Itoa(o.JobsTotal), "counts", p.counts(o.JobsByStatus))
}

// planOf lists one kind of object out of the plan's state.
func (p *prose) planOf(o *tools.PlanStatusOut, kind string) {
	if kind == "workstation" {
		bad := make([]string, 0, rows)
		for _, w := range o.Workstations {
			if w.Problem != "" && len(bad) < rows {
				bad = append(bad, p.row(w.Entity, w.Status, "", w.Problem))
			}
		}
		if len(bad) == 0 {
			p.bold(p.say("workstations_ok"))
			return
		}
		p.bold(p.say("workstations_bad"))
		p.list("", bad)
		return
	}
	var of []tools.AttentionRow
	for _, a := range o.NeedsPerson {
		if a.Kind == kind {
			of = append(of, a)
		}
	}
	if len(of) == 0 {
		p.bold(p.say("none_of"))
		p.unseenLines(o.Missing)
		return
	}
	p.bold(p.say("attention", "total", strconv.Itoa(len(of))))
	p.list("", p.attention(of))
}

func (p *prose) attention(list []tools.AttentionRow) []string {
	items := make([]string, 0, rows)
	for _, a := range list[:min(len(list), rows)] {
		items = append(items, p.row(a.Entity, a.Status, a.Since, a.Why))
	}
	return items
}

// row is an object with its state, since when, and what is the matter where the state does not say it.
func (p *prose) row(entity, status, since, why string) string {
	status, why = cmp.Or(line(status), "?"), line(why)
	item := code(entity) + " (" + status + p.opt("since", "time", p.when0(since)) + ")"
	if why = strings.TrimPrefix(why, status+" "); why != "" && why != status {
		item += ": " + why
	}
	return item
}

// unhealthy lists the workstations with a problem that are not listed as needing a person already.
func (p *prose) unhealthy(o *tools.PlanStatusOut) []string {
	var items []string
	for _, w := range o.Workstations {
		listed := slices.ContainsFunc(o.NeedsPerson[:min(len(o.NeedsPerson), rows)], func(a tools.AttentionRow) bool { return a.Entity == w.Entity })
		if w.Problem != "" && !listed && len(items) < rows {
			items = append(items, p.row(w.Entity, w.Status, "", w.Problem))
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
	what := strings.Join(in.Asked.Statuses, ", ")
	strange := slices.ContainsFunc(o.Jobs, func(j tools.JobRow) bool { return !slices.Contains(in.Asked.Statuses, strings.ToUpper(j.Status)) })
	key := "found"
	switch {
	case total == 0:
		key = "found_none"
	case o.Total == nil && o.NextCursor != "":
		key = "found_atleast"
	case what != "" && !strange && total == 1:
		key = "found_in_one"
	case what != "" && !strange:
		key = "found_in"
	case total == 1:
		key = "found_one"
	}
	p.bold(p.say(key, "n", strconv.Itoa(total), "what", what, "filter", p.opt("filter", "what", what)))
	if len(o.ByStatus) > 1 {
		p.say1("by_status", "counts", p.counts(o.ByStatus))
	}
	if !in.Asked.Count || total <= 3 {
		heading := ""
		if total > rows {
			heading = p.say("shown", "n", strconv.Itoa(min(n, rows)))
		}
		jobs := slices.Clone(o.Jobs)
		// What is so now comes before what only was so in an earlier run.
		slices.SortStableFunc(jobs, func(a, b tools.JobRow) int { return asked(in, b) - asked(in, a) })
		p.list(heading, p.jobItems(jobs[:min(n, rows)]))
	}
	p.unseenLines(o.Missing)
}

func asked(in Input, j tools.JobRow) int {
	if slices.Contains(in.Asked.Statuses, strings.ToUpper(j.Status)) {
		return 1
	}
	return 0
}

func (p *prose) jobItems(jobs []tools.JobRow) []string {
	items := make([]string, 0, len(jobs))
	for _, j := range jobs {
		item := code(j.Entity) + " — " + cmp.Or(line(j.Status), line(j.CommonStatus), "?")
		if j.ReturnCode != nil && *j.ReturnCode != 0 {
			item += p.say("row_rc", "code", strconv.Itoa(*j.ReturnCode))
		}
		if j.End != "" {
			item += p.say("row_end", "time", p.when(j.End))
		} else if j.Start != "" {
			item += p.say("row_start", "time", p.when(j.Start))
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
		p.bold(p.say("message", "id", m.ID, "component", about, "meaning", m.Meaning))
		if m.Action != "" {
			p.say1("message_action", "action", m.Action)
		}
	}
	if len(k.Results) == 0 {
		if len(k.Messages) == 0 {
			p.bold(p.say("nothing_known"))
		}
		return
	}
	p.paragraph()
	if weak(k.Band) && len(k.Messages) == 0 {
		p.bold(p.say("weak"))
	}
	for i, res := range k.Results {
		if i == 2 || i > 0 && weak(res.Band) || !p.room() {
			break
		}
		p.paragraph()
		p.passage(res, res.source(r.call), i == 0, len(p.pieces) == 0)
	}
}

// passage tells a section: its title and source, then its sentences or steps, each as it stands there.
func (p *prose) passage(res Passage, source string, best, opens bool) {
	most := 40
	if best {
		most = 90
	}
	title := p.say("passage", "title", line(res.title()))
	if opens {
		p.bold(title)
	} else {
		p.add(title)
	}
	p.say1("source", "source", code(strings.TrimPrefix(source, "knowledge:")))
	steps := passages(res.Quote)
	if len(steps) == 0 {
		p.add(code(res.Quote))
		return
	}
	items, words := make([]string, 0, len(steps)), 0
	for _, s := range steps {
		if words += len(strings.Fields(s)); words > most && len(items) > 0 {
			break
		}
		items = append(items, verbatim(s))
	}
	if len(items) == 1 {
		p.add(items[0])
		return
	}
	p.list("", items)
}

func (p *prose) returned(code *int) string {
	if code == nil {
		return ""
	}
	return p.say("returned", "code", strconv.Itoa(*code))
}

func secondsOf(n int64) time.Duration { return time.Duration(n) * time.Second }
