package plan

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/resync-hwa/resync/twstools"
)

// dependencyBlockers turns the node's open dependencies into blockers; behind is true when something else holds the node already.
func (g *Graph) dependencyBlockers(n *Node, behind bool) []Blocker {
	deps, _ := n.Dependencies()
	var all []Blocker
	for _, d := range deps {
		all = append(all, g.dependencyBlocker(n, d)...)
	}
	out := inTurn(all, behind)
	for _, b := range all {
		// A resource at zero stays there: it is told beside what acts now, and may not matter any more when its turn comes.
		if b.Kind == "sched.dep.resource_zero" && b.turn != acts && len(out) > 0 && out[0].turn == acts {
			b.Weak = true
			out = append(out, b)
		}
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

// fileBlocker: only a file that was looked for and is not there, or does not meet its qualifier, is proven to hold the node. One that was not
// looked for yet has not had its turn (UG "opens"; the interface's FileDependencyInPlanV2: Not Checked, Checking, Exists, Unavailable, Resync).
func (g *Graph) fileBlocker(n *Node, d twstools.Dependency) []Blocker {
	exists := strings.EqualFold(d.FileState, "Exists")
	if exists && (d.Satisfied == nil || *d.Satisfied) && d.State == "" {
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
	b := Blocker{Kind: "sched.dep.file", Entity: file, Params: map[string]string{"file": d.File, "workstation": ws, "qualifier": d.FileQualifier, "state": d.FileState}}
	if !d.LastChecked.IsZero() {
		b.Params["checked"] = g.instant(d.LastChecked)
		facts = append(facts, Fact{source, "last_checked", b.Params["checked"]})
	}
	b.Facts = orUnsatisfied(facts, source)
	if !strings.EqualFold(d.FileState, "Unavailable") && !(exists && d.FileQualifier != "") {
		b.Weak = true
		if !exists {
			b.turn = waitsItsTurn
		}
		if w, ok := g.Workstation(ws); ok && d.FileState != "" && !exists {
			if down := g.linkBlockers(w); len(down) > 0 {
				// nobody looks for it: the agent that does is out of reach
				down[0].Weak, down[0].By = true, file
				down[0].Facts = append(down[0].Facts, b.Facts...)
				return down[:1]
			}
		}
	}
	return []Blocker{b}
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
	b := Blocker{Kind: "sched.dep.resource", Entity: r.Entity(), turn: waitsItsTurn, Params: map[string]string{"units": strconv.Itoa(need)}}
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

// withinUsual reports whether a running job has not taken longer than its estimate, or hardly: estimates are averages (our own choice).
func (g *Graph) withinUsual(n *Node) bool {
	p := g.Pace(n.Job)
	return n.Phase() == Running && p.Estimate > 0 && p.Elapsed > 0 && p.Elapsed <= p.Estimate+max(p.Estimate/4, slowMargin)
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
		b.Kind, b.turn = "planned.no_prompt_reply", waitsItsTurn
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
		b.Weak, b.turn = true, waitsItsTurn
	}
	return []Blocker{b}
}
