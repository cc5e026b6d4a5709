package compose

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/resync-hwa/resync/twstools/tools"
)

func (p *prose) streams(in Input, o *tools.FindJobStreamsOut) {
	n := count(o.Total, len(o.JobStreams))
	what := strings.Join(in.Asked.Statuses, ", ")
	key := "streams_found"
	switch {
	case n == 0:
		key = "streams_none"
	case n == 1:
		key = "streams_one"
	}
	p.bold(p.say(key, "n", strconv.Itoa(n), "what", p.opt("in_status", "what", what)))
	var items []string
	for _, s := range o.JobStreams[:min(len(o.JobStreams), rows)] {
		item := code(s.Entity) + " — " + cmp.Or(line(s.Status), line(s.CommonStatus), "?")
		if s.Jobs != nil && s.Successful != nil {
			item += p.say("jobs_done", "n", strconv.Itoa(*s.Successful), "of", strconv.Itoa(*s.Jobs))
		}
		switch {
		case s.End != "":
			item += p.say("row_end", "time", p.when(s.End))
		case s.Start != "":
			item += p.say("row_start", "time", p.when(s.Start))
		}
		items = append(items, item)
	}
	p.list("", items)
	p.rest(n, len(items))
	p.unseenLines(o.Missing)
}

func count(total *int, seen int) int {
	if total == nil {
		return seen
	}
	return max(*total, seen)
}

// stream tells one job stream: its state, what of it is done, and what is not.
func (p *prose) stream(o *tools.GetJobStreamOut) {
	s := o.JobStream
	by := map[string]int{}
	var open []string
	for _, j := range o.Jobs {
		by[j.Status]++
		if !slices.Contains([]string{"SUCC", "CANCL"}, j.Status) && len(open) < rows {
			open = append(open, code(j.Name)+" — "+cmp.Or(line(j.Status), "?")+p.opt("row_start", "time", p.when0(j.Start)))
		}
	}
	p.bold(p.say("stream_is", "entity", p.names.of(s.Entity), "status", cmp.Or(line(s.Status), "?"), "since", p.opt("since", "time", p.when0(s.Start))))
	p.add(code(s.Entity) + ".")
	if len(by) > 0 {
		p.say1("stream_jobs", "n", strconv.Itoa(max(o.JobsTotal, len(o.Jobs))), "counts", p.counts(by))
	}
	p.list(p.say("stream_open"), open)
	var deps []string
	for _, d := range o.Depends[:min(len(o.Depends), rows)] {
		deps = append(deps, code(d.On)+" ("+line(strings.ToUpper(d.Type))+", "+line(d.State)+")")
	}
	p.list(p.say("depends"), deps)
	p.unseenLines(o.Missing)
}

func (p *prose) workstations(in Input, o *tools.ListWorkstationsOut) {
	n := count(o.Total, len(o.Workstations))
	asked := len(in.Asked.Statuses) > 0
	key := "ws_listed"
	switch {
	case n == 0 && asked:
		key = "ws_none_bad"
	case n == 0:
		key = "ws_none"
	case n == 1 && asked:
		key = "ws_one_bad"
	case asked:
		key = "ws_bad"
	}
	list := slices.Clone(o.Workstations)
	slices.SortStableFunc(list, func(a, b tools.WorkstationDetail) int { return healthy(a) - healthy(b) })
	if bad := len(list) - fit(list); key == "ws_listed" && bad > 0 && n == len(list) {
		key = "ws_some_bad"
		p.bold(p.say(key, "n", strconv.Itoa(n), "bad", strconv.Itoa(bad)))
	} else {
		p.bold(p.say(key, "n", strconv.Itoa(n)))
	}
	var items []string
	for _, w := range list[:min(len(o.Workstations), rows)] {
		item := p.row(w.Entity, w.Status, "", w.Problem)
		if w.Running != nil {
			item += p.say("ws_running", "n", strconv.Itoa(*w.Running))
		}
		if w.Waiting != nil {
			item += p.say("ws_waiting", "n", strconv.Itoa(*w.Waiting))
		}
		items = append(items, item)
	}
	p.list("", items)
	p.rest(n, len(items))
	p.unseenLines(o.Missing)
}

// healthy is 1 for a workstation without a problem.
func healthy(w tools.WorkstationDetail) int {
	if w.Problem == "" {
		return 1
	}
	return 0
}

func fit(list []tools.WorkstationDetail) int {
	n := 0
	for _, w := range list {
		n += healthy(w)
	}
	return n
}

func (p *prose) resources(o *tools.ListResourcesOut) {
	n := count(o.Total, len(o.Resources))
	key := "res_listed"
	switch n {
	case 0:
		key = "res_none"
	case 1:
		key = "res_one"
	}
	p.bold(p.say(key, "n", strconv.Itoa(n)))
	var items []string
	for _, r := range o.Resources[:min(len(o.Resources), rows)] {
		items = append(items, code(r.Entity)+p.units(r)+p.opt("res_held", "names", p.holderNames(r))+p.opt("res_waiting", "names", p.waiterNames(r.Waiters, r.Waiting)))
	}
	p.list("", items)
	p.rest(n, len(items))
	p.unseenLines(o.Missing)
}

func (p *prose) units(r tools.ResourceUse) string {
	if r.Available == nil || r.Total == nil {
		return ""
	}
	return p.say("res_units", "free", strconv.Itoa(*r.Available), "total", strconv.Itoa(*r.Total))
}

func (p *prose) holderNames(r tools.ResourceUse) string {
	var names []string
	for _, h := range r.Holders {
		name := p.names.like(h.Entity)
		if h.Units != nil {
			name += " (" + strconv.Itoa(*h.Units) + ")"
		}
		names = append(names, name)
	}
	return p.some(names, len(names), 5)
}

func (p *prose) waiterNames(list []tools.WaiterRow, total int) string {
	var names []string
	for _, w := range list {
		names = append(names, p.names.like(w.Entity))
	}
	return p.some(names, max(total, len(names)), 5)
}

// holders opens the answer to who holds a resource.
func (p *prose) holders(r tools.ResourceUse, units bool) {
	free := ""
	if units {
		free = p.units(r)
	}
	if len(r.Holders) == 0 {
		p.bold(p.say("held_none", "entity", p.names.of(r.Entity), "units", free))
	} else {
		p.bold(p.say("held_by", "entity", p.names.of(r.Entity), "names", p.holderNames(r), "units", free))
	}
	if who := p.waiterNames(r.Waiters, r.Waiting); who != "" {
		p.say1("held_waiting", "names", who)
	}
}

func (p *prose) prompts(in Input, o *tools.ListPromptsOut) {
	n := count(o.Total, len(o.Prompts))
	asked := len(in.Asked.Statuses) > 0 || in.Asked.Premise != ""
	key := "pr_listed"
	switch {
	case n == 0:
		key = "pr_none"
	case n == 1 && asked:
		key = "pr_one_open"
	case asked:
		key = "pr_open"
	case n == 1:
		key = "pr_one"
	}
	p.bold(p.say(key, "n", strconv.Itoa(n)))
	var items []string
	for _, q := range o.Prompts[:min(len(o.Prompts), rows)] {
		items = append(items, code(q.Entity)+" ("+cmp.Or(line(q.Status), "?")+p.opt("since", "time", p.when0(q.AskedAt))+"): "+code(q.Text)+p.opt("res_waiting", "names", p.waiterNames(q.Waiters, q.Waiting)))
	}
	p.list("", items)
	p.rest(n, len(items))
	p.unseenLines(o.Missing)
}
