package plan

import (
	"strconv"
	"strings"

	"github.com/resync-hwa/resync/twstools"
)

// informs reports whether a prompt only informs: a text that begins with a colon asks for no reply (UG "Prompt definition").
func informs(p twstools.Prompt) bool { return strings.HasPrefix(strings.TrimSpace(p.Text), ":") }

// asker finds the job or stream that a prompt belongs to, where it names one that was read.
func (v *view) asker(p twstools.Prompt) (*Node, bool) {
	if j := v.jobs[p.JobRef.ID]; j != nil && !p.JobRef.IsZero() {
		return v.g.Node(JobID(j.Ref))
	}
	if s := v.streams[p.JobStreamRef.ID]; s != nil && p.JobRef.IsZero() {
		return v.g.Node(StreamID(s.Ref))
	}
	return nil, false
}

// gone reports whether what a prompt or a resource belongs to is over: then nobody waits.
func (v *view) gone(p twstools.Prompt) bool {
	if n, ok := v.asker(p); ok && over(n.Phase()) {
		return true
	}
	s := v.streams[p.JobStreamRef.ID]
	return s != nil && over(PhaseOf(s.Status))
}

func (v *view) prompt(p twstools.Prompt, kind string, severity Severity) Finding {
	e := p.Entity()
	source := "prompt:" + v.g.Name(e)
	f := Finding{Kind: kind, Entity: e, Severity: severity, Facts: []Fact{{source, "status", p.Status}}, Params: map[string]string{"text": p.Text}}
	if p.Name == "" { // its number belongs to this plan alone
		f.Instance = p.JobStreamRef.ID
	}
	if p.Text != "" {
		f.Facts = append(f.Facts, Fact{source, "text", p.Text})
	}
	if !p.AskedAt.IsZero() {
		f.Since, f.Params["since"] = p.AskedAt, v.g.instant(p.AskedAt)
		f.Facts = append(f.Facts, Fact{source, "asked_at", f.Params["since"]})
	}
	if n, ok := v.asker(p); ok {
		f.Facts = append(f.Facts, v.g.fact(n, "status", n.Status().Display()))
	}
	return f
}

// promptsAsked: a question that has waited for longer than people need to answer. One that does not tell since when is told.
func (v *view) promptsAsked() []Finding {
	var out []Finding
	for _, p := range v.Prompts {
		if !strings.EqualFold(p.Status, "ASKED") || informs(p) || v.gone(p) {
			continue
		}
		age := v.Now.Sub(p.AskedAt)
		if !p.AskedAt.IsZero() && age < v.PromptAge {
			continue
		}
		severity := Medium
		if !p.AskedAt.IsZero() && age >= promptTooOld {
			severity = High
		}
		kind := "sched.dep.prompt"
		if t := strings.ToUpper(p.Type); strings.Contains(t, "RESTART") || strings.Contains(t, "RECOVERY") {
			kind = "sched.dep.recovery_prompt"
		}
		out = append(out, v.prompt(p, kind, severity))
	}
	return out
}

// promptsDenied: answered no, the prompt is not asked again and holds for good (UG "reply", comments).
func (v *view) promptsDenied() []Finding {
	var out []Finding
	for _, p := range v.Prompts {
		if s := strings.ToUpper(p.Status); s != "ANSWERED_NO" && s != "NO" || informs(p) || v.gone(p) {
			continue
		}
		n, known := v.asker(p)
		if known && n.Phase() != Waiting && n.Phase() != Ready {
			continue
		}
		f := v.prompt(p, "sched.dep.prompt_denied", High)
		if !p.AnsweredAt.IsZero() {
			f.Since = p.AnsweredAt
		}
		if !known {
			f.Weak, f.Severity = true, Medium
		}
		out = append(out, f)
	}
	return out
}

func (v *view) resource(r twstools.Resource, kind string, severity Severity) Finding {
	source := "resource:" + v.g.Name(r.Entity())
	f := Finding{Kind: kind, Entity: r.Entity(), Severity: severity, Params: map[string]string{}}
	for _, n := range []struct {
		name  string
		value *int
	}{{"quantity", r.Quantity}, {"available", r.Available}} {
		if n.value != nil {
			f.Params[n.name] = strconv.Itoa(*n.value)
			f.Facts = append(f.Facts, Fact{source, n.name, f.Params[n.name]})
		}
	}
	return f
}

// resourcesZero: what needs a unit of it cannot start.
func (v *view) resourcesZero() []Finding {
	var out []Finding
	for _, r := range v.Resources {
		if r.Quantity != nil && *r.Quantity == 0 {
			out = append(out, v.resource(r, "sched.dep.resource_zero", Medium))
		}
	}
	return out
}

// resourceHolders: units are free, and as many hold some as can (UG "needs", comments: 32).
func (v *view) resourceHolders() []Finding {
	var out []Finding
	for _, r := range v.Resources {
		if len(r.Holders) < maxHolders || r.Available == nil || *r.Available <= 0 {
			continue
		}
		f := v.resource(r, "sched.dep.resource_holders", High)
		f.Params["holders"] = strconv.Itoa(len(r.Holders))
		f.Facts = append(f.Facts, Fact{f.Facts[0].Source, "holders", f.Params["holders"]})
		out = append(out, f)
	}
	return out
}

// keepsInVain reports whether a holder will not give its units back by itself: it ended, is stuck, or waits for a person.
func keepsInVain(p Phase) bool {
	switch p {
	case Bad, Stuck, ToConfirm, Done, Cancelled, Suppressed:
		return true
	}
	return false
}

// resourcesKept: units are held by what ended or is stuck. With none left somebody will wait for them.
func (v *view) resourcesKept() []Finding {
	var out []Finding
	for _, r := range v.Resources {
		source := "resource:" + v.g.Name(r.Entity())
		var facts []Fact
		first := ""
		for _, h := range r.Holders {
			n := v.g.holder(h)
			if n == nil || !keepsInVain(n.Phase()) {
				continue
			}
			name := v.g.Name(n.Entity())
			if n.Job != nil {
				name = v.g.Name(v.jobEntity(n.Job))
			}
			if first == "" {
				first = name
			}
			facts = append(facts, Fact{source, "holder", name}, Fact{"plan:" + name, "status", n.Status().Display()})
		}
		if len(facts) == 0 {
			continue
		}
		severity := Low
		if r.Available != nil && *r.Available <= 0 {
			severity = High
		}
		f := v.resource(r, "sched.dep.resource", severity)
		f.Facts, f.Params["holder"] = append(f.Facts, facts[:min(len(facts), 2*shownJobs)]...), first
		out = append(out, f)
	}
	return out
}
