package plan

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/resync-hwa/resync/twstools"
)

// dependencyBlockers turns the node's open dependencies into blockers. Prompts that were not asked yet count only when nothing else is
// open: the scheduler asks them when the rest is satisfied.
func (g *Graph) dependencyBlockers(n *Node) []Blocker {
	deps, _ := n.Dependencies()
	var out, idle []Blocker
	for _, d := range deps {
		bs := g.dependencyBlocker(n, d)
		if d.Type == twstools.DepPrompt && strings.EqualFold(d.PromptStatus, "NOT_ASKED") {
			idle = append(idle, bs...)
			continue
		}
		out = append(out, bs...)
	}
	if len(out) == 0 {
		return idle
	}
	return out
}

func (g *Graph) dependencyBlocker(n *Node, d twstools.Dependency) []Blocker {
	open, known := d.Open()
	if known && !open {
		return nil
	}
	switch d.Type {
	case twstools.DepFile:
		return g.fileBlocker(n, d)
	case twstools.DepResource:
		return g.resourceBlocker(n, d)
	case twstools.DepPrompt:
		return g.promptBlocker(n, d)
	case twstools.DepJoin:
		return g.joinBlocker(n, d)
	case twstools.DepInternetwork:
		return g.remoteBlocker(n, d)
	default:
		return g.predecessorBlocker(n, d, known)
	}
}

func (g *Graph) fileBlocker(n *Node, d twstools.Dependency) []Blocker {
	if strings.EqualFold(d.FileState, "Exists") && (d.Satisfied == nil || *d.Satisfied) && d.State == "" {
		return nil
	}
	ws := d.Workstation
	if ws == "" && n.Job != nil {
		ws = n.Job.Workstation
	} else if ws == "" {
		ws = n.Stream.Workstation
	}
	file := twstools.Entity{Type: twstools.EntityFile, Workstation: ws, Name: d.File}
	source := "file:" + g.Name(file)
	var facts []Fact
	if d.FileState != "" {
		facts = append(facts, Fact{source, "status", d.FileState})
	}
	if d.State != "" {
		facts = append(facts, Fact{source, "dependency_status", d.State})
	}
	if d.FileQualifier != "" {
		facts = append(facts, Fact{source, "qualifier", d.FileQualifier})
	}
	params := map[string]string{"file": d.File, "workstation": ws, "qualifier": d.FileQualifier, "state": d.FileState}
	if !d.LastChecked.IsZero() {
		params["checked"] = g.instant(d.LastChecked)
		facts = append(facts, Fact{source, "last_checked", params["checked"]})
	}
	return []Blocker{{Kind: "sched.dep.file", Entity: file, Facts: orUnsatisfied(facts, source), Params: params}}
}

// orUnsatisfied gives the bare fact when the engine sent no word for the state.
func orUnsatisfied(facts []Fact, source string) []Fact {
	if len(facts) > 0 {
		return facts
	}
	return []Fact{{source, "satisfied", "false"}}
}

func (g *Graph) resourceBlocker(n *Node, d twstools.Dependency) []Blocker {
	r, read := g.resources[resourceKey(d.Workstation, d.Resource)]
	if !read {
		r = twstools.Resource{Name: d.Resource, Folder: d.ResourceFolder, Workstation: d.Workstation, Quantity: d.UnitsTotal, Available: d.UnitsAvailable}
	}
	if r.Workstation == "" {
		r.Workstation = d.Workstation
	}
	need := max(d.Units, 1)
	source := "resource:" + g.Name(r.Entity())
	b := Blocker{Kind: "sched.dep.resource", Entity: r.Entity(), Params: map[string]string{"units": strconv.Itoa(need)}}
	if r.Available != nil {
		b.Facts = append(b.Facts, Fact{source, "available", strconv.Itoa(*r.Available)})
		b.Params["available"] = strconv.Itoa(*r.Available)
	}
	if r.Quantity != nil {
		b.Facts = append(b.Facts, Fact{source, "quantity", strconv.Itoa(*r.Quantity)})
		b.Params["quantity"] = strconv.Itoa(*r.Quantity)
	}
	b.Facts = append(b.Facts, g.unsatisfied(n, d, "dependency_resource", d.Resource)...)
	switch {
	case r.Quantity != nil && *r.Quantity == 0:
		b.Kind = "sched.dep.resource_zero"
		return []Blocker{b}
	case r.Available != nil && *r.Available >= need && len(r.Holders) >= maxHolders:
		b.Kind = "sched.dep.resource_holders"
		return []Blocker{b}
	case r.Available != nil && *r.Available >= need:
		return nil // units are taken at the launch: an open dependency on free units holds nothing up
	}
	return g.heldBy(b, r, source)
}

// heldBy leads from a resource to those of its holders that are in trouble, and to the holders when all of them work within their usual
// time: then the wait is as planned (contract planned.in_progress). Otherwise the resource itself is the end of the chain.
func (g *Graph) heldBy(b Blocker, r twstools.Resource, source string) []Blocker {
	var names []string
	var troubled, usual []Blocker
	for _, h := range r.Holders {
		node := g.holder(h)
		name := strings.Trim(h.JobStream+"."+h.Job, ".")
		if node != nil {
			name = g.Name(node.Entity())
		}
		if name == "" {
			name = h.JobKey
		}
		value := name
		if h.Quantity != nil {
			value = fmt.Sprintf("%s (%d)", name, *h.Quantity)
		}
		b.Facts = append(b.Facts, Fact{source, "holder", value})
		names = append(names, name)
		if node != nil && g.inTrouble(node) {
			next := b
			next.Next = node.ID
			troubled = append(troubled, next)
		} else if node != nil && node.Job != nil && g.withinUsual(node) {
			next := b
			next.Next = node.ID
			usual = append(usual, next)
		}
	}
	if len(troubled) == 0 && len(usual) == len(r.Holders) {
		troubled = usual
	}
	b.Params["holder"] = strings.Join(names, ", ")
	for i := range troubled {
		troubled[i].Params, troubled[i].Facts = b.Params, b.Facts
	}
	if len(troubled) > 0 {
		return troubled
	}
	return []Blocker{b}
}

// withinUsual reports whether a running job has not yet taken longer than its estimate.
func (g *Graph) withinUsual(n *Node) bool {
	p := g.Pace(n.Job)
	return n.Phase() == Running && p.Estimate > 0 && p.Elapsed > 0 && p.Elapsed <= p.Estimate
}

func (g *Graph) holder(h twstools.Holder) *Node {
	if !h.JobRef.IsZero() {
		if n, ok := g.Node(JobID(h.JobRef)); ok {
			return n
		}
	}
	if !h.JobStreamRef.IsZero() {
		if n, ok := g.Node(StreamID(h.JobStreamRef)); ok {
			return n
		}
	}
	return nil
}

// inTrouble reports whether a holder will not give its units back as planned: it ended badly, is stuck, waits itself, or runs far
// beyond its usual time.
func (g *Graph) inTrouble(n *Node) bool {
	switch n.Phase() {
	case Bad, Stuck, ToConfirm, Waiting:
		return true
	case Running:
		if n.Job != nil {
			return g.Pace(n.Job).Slow
		}
		for _, id := range g.streamJobs[n.ID] {
			if m, ok := g.Node(id); ok && (m.Phase() == Bad || m.Phase() == Running && g.Pace(m.Job).Slow) {
				return true
			}
		}
	}
	return false
}

func (g *Graph) promptBlocker(n *Node, d twstools.Dependency) []Blocker {
	p, read := g.prompts[promptKey(d)]
	if !read {
		p = twstools.Prompt{Name: d.Prompt, Number: d.PromptNumber, Text: d.PromptText, Status: d.PromptStatus, Type: d.PromptType}
	}
	if d.PromptStatus != "" {
		p.Status = d.PromptStatus // the dependency is of this instance
	}
	if p.Text == "" {
		p.Text = d.PromptText
	}
	entity := twstools.PromptEntity(p.Folder, p.Name, p.Number)
	source := "prompt:" + g.Name(entity)
	b := Blocker{Kind: "sched.dep.prompt", Entity: entity, Params: map[string]string{"text": p.Text}}
	if p.Status != "" {
		b.Facts = append(b.Facts, Fact{source, "status", p.Status})
	}
	if p.Text != "" {
		b.Facts = append(b.Facts, Fact{source, "text", p.Text})
	}
	if !p.AskedAt.IsZero() {
		b.Params["since"] = g.instant(p.AskedAt)
		b.Facts = append(b.Facts, Fact{source, "asked_at", b.Params["since"]})
	}
	b.Facts = orUnsatisfied(b.Facts, source)
	switch status := strings.ToUpper(p.Status); {
	case strings.HasPrefix(strings.TrimSpace(p.Text), ":"):
		// UG "Prompt definition": a text that starts with a colon asks for no reply
		b.Kind = "planned.no_prompt_reply"
	case status == "ANSWERED_NO" || status == "NO":
		b.Kind = "sched.dep.prompt_denied" // UG "reply", comments: it is not asked again
	case status == "ANSWERED_YES" || status == "YES":
		return nil
	case strings.Contains(strings.ToUpper(p.Type), "RESTART") || strings.Contains(strings.ToUpper(p.Type), "RECOVERY"):
		b.Kind = "sched.dep.recovery_prompt"
		if n.Job != nil {
			b.Params["job"] = g.Name(n.Entity())
		}
	case status == "NOT_ASKED" || status == "INACT":
		b.Weak = true
	}
	return []Blocker{b}
}

// joinBlocker follows the open members of a join; a join counts once however many members it has.
func (g *Graph) joinBlocker(n *Node, d twstools.Dependency) []Blocker {
	satisfied := 0
	var out []Blocker
	for _, m := range d.Members {
		bs := g.dependencyBlocker(n, m)
		if len(bs) == 0 {
			satisfied++
			continue
		}
		out = append(out, bs...)
	}
	if d.JoinQuantity > 0 && satisfied >= d.JoinQuantity {
		return nil
	}
	for i := range out {
		if out[i].Params == nil {
			out[i].Params = map[string]string{}
		}
		out[i].Params["join"] = d.JoinName
	}
	return out
}

// remoteBlocker judges a dependency on another network by the status that the engine keeps of it (UG "Internetwork dependencies").
func (g *Graph) remoteBlocker(n *Node, d twstools.Dependency) []Blocker {
	entity := twstools.Entity{Type: twstools.EntityService, Name: strings.Trim(d.NetworkAgent+"::"+d.Remote, ":")}
	b := Blocker{Kind: "sched.dep.predecessor", Entity: entity, Params: map[string]string{"remote": d.Remote, "agent": d.NetworkAgent}, Weak: true,
		Facts: g.unsatisfied(n, d, "dependency_internetwork", strings.Trim(d.NetworkAgent+"::"+d.Remote, ":"))}
	if s := d.RemoteStatus.Display(); s != "?" {
		b.Params["status"] = s
		b.Facts = append(b.Facts, g.fact(n, "remote_status", s))
	}
	switch strings.ToUpper(d.RemoteStatus.Internal) {
	case "ERROR":
		b.Kind = "sched.dep.external_not_found"
	case "EXTRN":
		b.Kind = "sched.dep.external_unreachable"
	case "ABEND", "FAIL", "ABENP":
		b.Kind = "sched.dep.external_failed"
	}
	if w, ok := g.Workstation(d.NetworkAgent); ok {
		if link, fact := LinkState(w); link == LinkDown {
			b.Kind = "sched.dep.external_unreachable"
			b.Facts = append(b.Facts, fact)
		}
	}
	return []Blocker{b}
}

func (g *Graph) predecessorBlocker(n *Node, d twstools.Dependency, known bool) []Blocker {
	entity := predecessorEntity(n, d)
	params := map[string]string{"status": d.PredecessorStatus.Display()}
	switch {
	case d.Orphan:
		// UG "Managing external follows dependencies": [o] never resolves
		return []Blocker{{Kind: "sched.dep.orphan", Entity: entity, Facts: []Fact{g.fact(n, "orphan_predecessor", g.Name(entity))}, Params: params}}
	case d.Pending:
		// [P]: bound in the next plan
		return []Blocker{{Kind: "planned.next_plan", Entity: entity, Facts: []Fact{g.fact(n, "pending_predecessor", g.Name(entity))}, Params: params}}
	}
	id := JobID(d.JobRef)
	if d.JobRef.IsZero() {
		id = StreamID(d.StreamRef)
	}
	b := Blocker{Kind: "sched.dep.predecessor", Entity: entity, Next: id, Params: params}
	node, read := g.Node(id)
	if !read {
		b.Next, b.Weak = "", true
		b.Facts = g.unsatisfied(n, d, "dependency_predecessor", g.Name(entity))
		return []Blocker{b}
	}
	b.Entity = node.Entity()
	b.Facts = []Fact{g.fact(node, "status", node.Status().Display())}
	switch node.Phase() {
	case Done:
		if !known {
			return nil
		}
		if d.Conditional || len(d.OutputConditions)+len(d.StatusConditions) > 0 {
			// UG "Conditional dependencies": no output condition came true, so the successor stays HOLD
			b.Kind, b.Next = "sched.dep.condition_unset", ""
			b.Facts = append(b.Facts, g.unsatisfied(n, d, "dependency_condition", strings.Join(append(d.OutputConditions, d.StatusConditions...), "|"))...)
			return []Blocker{b}
		}
		// The engine says that a finished predecessor still holds: its own copy of the plan disagrees with itself.
		b.Kind, b.Next, b.Weak = "plan.mirror", "", true
		b.Facts = append(b.Facts, g.unsatisfied(n, d, "dependency_predecessor", g.Name(entity))...)
		return []Blocker{b}
	case Cancelled, Suppressed:
		if !known || !d.Conditional {
			return nil // ordinary successors are released (UG "cancel job")
		}
		b.Kind, b.Next = "sched.dep.condition_unset", ""
	}
	return []Blocker{b}
}

// predecessorEntity names a predecessor from the dependency alone; a predecessor inside the stream carries no stream of its own.
func predecessorEntity(n *Node, d twstools.Dependency) twstools.Entity {
	e := twstools.Entity{Type: twstools.EntityJob, Folder: d.StreamFolder, Workstation: d.StreamWorkstation, Stream: d.Stream, Sched: d.StreamSched, Job: d.Job}
	if n.Job != nil && (d.Type == twstools.DepInternal || e.Stream == "") {
		own := n.Job.Entity()
		own.Job = d.Job
		e = own
	}
	if d.Job == "" {
		e.Type = twstools.EntityJobStream
	}
	return e
}

func (g *Graph) unsatisfied(n *Node, d twstools.Dependency, name, value string) []Fact {
	state := d.State
	if state == "" && d.Satisfied != nil {
		state = "satisfied=" + strconv.FormatBool(*d.Satisfied)
	}
	return []Fact{g.fact(n, name, strings.TrimSpace(value+" "+state))}
}
