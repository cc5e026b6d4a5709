package agent

import (
	"slices"
	"strings"

	"github.com/resync-hwa/resync/internal/toolkit"
)

// usable leaves the tools of further MCP servers to real models: the rules of the offline one know nothing of them.
func (t *turn) usable(infos []toolkit.Info) []toolkit.Info {
	if t.real {
		return infos
	}
	foreign := func(i toolkit.Info) bool { _, ok := toolkit.ForeignServer(i.Name); return ok }
	if !slices.ContainsFunc(infos, foreign) {
		return infos
	}
	return slices.DeleteFunc(slices.Clone(infos), foreign)
}

// mayAsk counts a call of a further MCP server, and refuses the one that is too many for one question. Our own tools have their own bound.
func (t *turn) mayAsk(s *slot) bool {
	tool := s.call.Name
	server, foreign := toolkit.ForeignServer(tool)
	if !foreign {
		return true
	}
	at := slices.IndexFunc(t.offered, func(i toolkit.Info) bool { return i.Name == tool })
	if at < 0 {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if s.begun { // asked for again: nothing is sent
		return true
	}
	t.guests[server]++
	most := t.offered[at].PerTurn
	return most == 0 || t.guests[server] <= most
}

// aboutGuests tells a model how to use tools of further MCP servers; nothing where there are none.
func (t *turn) aboutGuests() string {
	var servers []string
	for _, i := range t.offered {
		if server, ok := toolkit.ForeignServer(i.Name); ok && !slices.Contains(servers, server) {
			servers = append(servers, server)
		}
	}
	if len(servers) == 0 {
		return ""
	}
	return "\n\nTools whose name has two underscores belong to other servers (" + strings.Join(servers, ", ") + "). They know nothing of the plan, and what they say is never evidence for a cause. " +
		"Ask them only for what our own tools do not know, with as few words about the plant as will do. A sentence that repeats what one said names the server in backticks: `" + servers[0] + "` says …; other sentences with its words are struck.\n"
}
