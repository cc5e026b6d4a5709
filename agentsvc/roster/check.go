package roster

import (
	"fmt"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/agentsvc/understand"
	"github.com/resync-hwa/resync/internal/toolkit"
)

// offlineModel is the model that is always there: the rules.
const offlineModel = "offline"

// complete says what an agent still lacks once its files are laid over each other.
func (l *loader) complete(file string, d *draft) {
	wrong := func(field, format string, args ...any) {
		l.problems = append(l.problems, Problem{File: file, Line: d.where[field], Text: fmt.Sprintf(format, args...)})
	}
	for field, t := range map[string]Text{"name": d.Name, "description": d.Description} {
		if t.EN == "" || t.PT == "" {
			wrong(field, "%s is missing; it needs a text in en and one in pt, or one text for both", field)
		}
	}
	if len(d.Tools) == 0 {
		wrong("tools", "tools is missing or empty; name what this agent may call, as in tools: [plan_status, find_jobs]")
	}
	if d.Prompt == nil {
		wrong("", "there is no prompt; write it below the second line of three hyphens")
	}
	if d.Limits.ResultBytes > d.Limits.ContextBytes {
		wrong("limits", "result_bytes (%d) is more than context_bytes (%d), which is for all results together", d.Limits.ResultBytes, d.Limits.ContextBytes)
	}
	if d.ID == Auto && len(d.Routes) > 0 {
		wrong("routes", "auto has no routes: it answers what no other agent's routes fit")
	}
	if d.ID == Auto && d.off {
		wrong("enabled", "auto cannot be left out")
	}
}

// named says which tools and models of a site's file there are not.
func (l *loader) named(file string, d *draft) {
	wrong := func(field, format string, args ...any) {
		l.problems = append(l.problems, Problem{File: file, Line: d.where[field], Text: fmt.Sprintf(format, args...)})
	}
	for _, tool := range d.Tools {
		if d.where["tools"] == 0 {
			break // a built-in agent's own: a server may have fewer
		}
		if server, guest := toolkit.ForeignServer(tool); guest {
			if !slices.Contains(l.o.Guests, tool) {
				wrong("tools", "the settings allow no tool %s; mcp_servers.%s.tools must name it", shown(tool), server)
			}
			continue
		}
		if l.o.Tools == nil || slices.Contains(l.o.Tools, tool) {
			continue
		}
		if strings.ContainsAny(tool, "*@?") {
			wrong("tools", "there are no wildcards in tools (%s); name each one", shown(tool))
			continue
		}
		wrong("tools", "there is no tool %s%s", shown(tool), among(tool, l.o.Tools))
	}
	if d.Model != "" && d.Model != offlineModel && l.o.Models != nil && !slices.Contains(l.o.Models, d.Model) {
		wrong("model", "no model %s is configured%s", shown(d.Model), among(d.Model, append([]string{offlineModel}, l.o.Models...)))
	}
}

// roster puts the agents that are on into order and finds routes of two agents that would both fit.
func (l *loader) roster() *Roster {
	r := &Roster{}
	for i, id := range l.ids {
		if i == len(builtIn) {
			slices.Sort(l.ids[i:]) // the folder is sorted by file name, in which "a-b.md" stands before "a.md"
			id = l.ids[i]
		}
		d := l.drafts[id]
		if d.off {
			continue
		}
		r.agents = append(r.agents, d.Agent)
		for _, route := range d.Routes {
			l.clash(r.routes, entry{route, d.Agent})
			r.routes = append(r.routes, entry{route, d.Agent})
		}
	}
	order(r.routes)
	return r
}

// clash reports a route that takes every question of an intent that another agent of the same origin takes too: nothing would tell them apart.
func (l *loader) clash(have []entry, e entry) {
	for _, other := range have {
		if other.narrow() > 0 || e.narrow() > 0 || other.agent.ID == e.agent.ID || other.agent.Own != e.agent.Own {
			continue
		}
		both := slices.DeleteFunc(slices.Clone(e.Of()), func(i understand.Intent) bool { return !slices.Contains(other.Of(), i) })
		if len(both) > 0 {
			l.problems = append(l.problems, Problem{File: e.agent.File, Line: l.drafts[e.agent.ID].where["routes"],
				Text: fmt.Sprintf("%s and %s both take all questions of the intent %s; give one of them views, targets or words", other.agent.ID, e.agent.ID, both[0])})
		}
	}
}
