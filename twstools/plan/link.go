package plan

import (
	"slices"
	"strings"

	"github.com/resync-hwa/resync/twstools"
)

// Link is our reading of a workstation's state.
type Link string

// The link states.
const (
	LinkUp      Link = "linked"
	LinkDown    Link = "unlinked"
	LinkStopped Link = "stopped"
	LinkIgnored Link = "ignored"
	LinkUnknown Link = "unknown"
)

var (
	linkedStates = []string{"LINKED", "FULLY_LINKED", "DIRECTLY_LINKED", "HOST_LINKED", "EXTENDED_LINKED", "TCP_IP_LINKED", "BROKER", "MASTER", "MANAGER", "ONLINE"}
	aliveStates  = []string{"RUNNING", "JOBMAN_UP", "START", "IS_INITED", "WRITER_RUNNING", "WRITER_UP"}
	// The master and managers show no link of their own; pools and remote engines have no job manager (UG showcpus, STATE).
	masterTypes = []string{"MANAGER", "MASTER", "DOMAIN_MANAGER"}
	// J of the STATE column: the job manager runs; of a pool, at least one member is up. Dynamic pools always show it.
	managerStates = []string{"RUNNING", "JOBMAN_UP"}
	agentTypes    = []string{"FTA", "AGENT", "S-AGENT", "SA", "STANDARD_AGENT"}
)

// LinkState reads a workstation's states (UG "showcpus", STATE column; V2 activeStates) and gives the field that shows it.
// States that were not sent are unknown; an empty list that was sent is an agent without L, that is unlinked.
func LinkState(w twstools.Workstation) (Link, Fact) {
	fact := Fact{Source: "workstation:" + w.Name, Name: "active_states", Value: strings.Join(w.ActiveStates, ",")}
	if w.Ignored {
		return LinkIgnored, Fact{Source: fact.Source, Name: "ignored", Value: "true"}
	}
	if !w.StatesKnown {
		return LinkUnknown, fact
	}
	has := func(states []string) bool {
		return slices.ContainsFunc(w.ActiveStates, func(s string) bool { return slices.Contains(states, strings.ToUpper(s)) })
	}
	master := slices.Contains(masterTypes, strings.ToUpper(w.Type)) || has([]string{"MASTER", "MANAGER"})
	switch {
	case has([]string{"UNLINKED"}):
		return LinkDown, fact
	case has([]string{"NOT_APPLICABLE"}):
		return LinkUnknown, fact
	case !has(linkedStates) && !master:
		return LinkDown, fact
	case slices.Contains(agentTypes, strings.ToUpper(w.Type)) && !has(aliveStates) && len(w.ActiveStates) > 1:
		return LinkStopped, fact
	}
	return LinkUp, fact
}

// lacksJobManager tells the cause kind of a linked agent, or pool, that shows no job manager while others of this engine show theirs:
// an engine that never sends the flag proves nothing by leaving it out (UG "showcpus", J).
func (g *Graph) lacksJobManager(w twstools.Workstation) string {
	shows := func(w twstools.Workstation) bool {
		return slices.ContainsFunc(w.ActiveStates, func(s string) bool { return slices.Contains(managerStates, strings.ToUpper(s)) })
	}
	kind := ""
	switch t := strings.ToUpper(w.Type); {
	case slices.Contains(agentTypes, t):
		kind = "sched.agent.stopped"
	case t == "POOL":
		kind = "sched.agent.capacity"
	}
	if kind == "" || !w.StatesKnown || shows(w) {
		return ""
	}
	for _, peer := range g.workstations {
		if shows(peer) {
			return kind
		}
	}
	return ""
}
