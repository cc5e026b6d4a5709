package compose

import (
	"cmp"
	"regexp"
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
	case r.view != nil:
		p.view(in, r.view)
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
		p.bold(p.say("attention_many", "n", strconv.Itoa(total))) // by kind: nothing here says what is due first
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
	if o.JobsTotal == 0 && len(o.JobsByStatus) == 0 && len(o.Missing) > 0 {
		return // it was not counted: what is missing is told on its own
	}
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
	status, why = cmp.Or(line(status), "?"), p.pace(line(why))
	item := code(entity) + " (" + status + p.opt("since", "time", p.when0(since)) + ")"
	if why == "BLOCKED" && status == "STUCK" { // the engine's other word for it
		why = ""
	}
	if why = strings.TrimPrefix(why, status+" "); why != "" && why != status {
		item += ": " + why
	}
	return item
}

// paceForm is how plan_status tells that a job runs for longer than usual.
var paceForm = regexp.MustCompile(`^elapsed (.+), estimated (.+)$`)

// pace says it as people do.
func (p *prose) pace(why string) string {
	g := paceForm.FindStringSubmatch(why)
	if g == nil {
		return why
	}
	return p.say("span_beside", "elapsed", g[1], "usual", g[2])
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
	what := p.alternatives(in.Asked.Statuses)
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
	told := p.filtered(in, what)
	p.bold(p.say(key, "n", strconv.Itoa(total), "what", told, "filter", p.opt("filter", "what", told)))
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

// alternatives writes a, b or c.
func (p *prose) alternatives(parts []string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	last := len(parts) - 1
	return strings.Join(parts[:last], ", ") + p.say("or") + parts[last]
}

// filtered is what was looked for: the states, and the window of time.
func (p *prose) filtered(in Input, what string) string {
	stamp := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return p.when(t.UTC().Format(time.RFC3339))
	}
	from, to := stamp(in.Asked.Since), stamp(in.Asked.Until)
	window := ""
	switch {
	case from != "" && to != "":
		window = p.say("window", "from", from, "to", to)
	case from != "":
		window = p.say("ch_from", "time", from)
	}
	return strings.TrimSpace(what + window)
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
