package compose

import (
	"slices"
	"strconv"
	"strings"

	"github.com/resync-hwa/resync/agentsvc/understand"
	"github.com/resync-hwa/resync/twstools/answer"
)

// maxSteps is how many steps prose tells; the page shows them all.
const maxSteps = 4

// steps lists what to do in order, each with its command, the conditions that are not met yet, and what it would start. Informing whom
// the answer names already is no step.
func (p *prose) steps(in Input, d *answer.Diagnosis, most int) {
	list := slices.DeleteFunc(ordered(fixFirst(d.Actions, in.Asked.Action)), func(a answer.Action) bool {
		return a.Code == "inform" && d.Urgency != nil && a.Target == d.Urgency.Contact
	})
	list = list[:min(len(list), most)]
	if len(list) == 0 {
		return
	}
	p.paragraph()
	if most == 1 {
		p.add(p.say("first_step", "step", lowered(p.step(list[0]))))
		return
	}
	p.add(p.say("next"))
	p.breakWith("\n")
	for i, a := range list {
		if !p.room() {
			break
		}
		p.piece(strconv.Itoa(i+1) + ". " + sentence(p.step(a)))
		p.breakWith("\n")
	}
}

// step is one action in a line.
func (p *prose) step(a answer.Action) string {
	text := p.names.plain(bare(a.Text))
	if a.Command != "" {
		text += ": " + code(a.Command)
	}
	var notes []string
	if a.NeedsApproval {
		notes = append(notes, p.say("approval"))
	}
	for _, c := range a.Preconditions {
		key := map[string]string{"no": "first_no", "unknown": "first_unknown"}[c.Met]
		if what := bare(c.Text); key != "" && !strings.Contains(strings.ToLower(text), strings.ToLower(what)) {
			notes = append(notes, p.say(key, "what", what))
		}
	}
	if len(a.Starts) > 0 {
		notes = append(notes, p.say("starts", "names", p.starting(a.Starts)))
	}
	if strings.HasPrefix(a.Code, "set_") && a.WayBack != "" {
		notes = append(notes, bare(a.WayBack))
	}
	if len(notes) > 0 {
		text += " (" + strings.Join(notes, "; ") + ")"
	}
	return p.readable(text)
}

// starting counts what an action would start, and names the first two.
func (p *prose) starting(list []string) string {
	short := p.names.list(list)
	if len(short) <= 2 {
		return p.join(short)
	}
	return p.say("counted", "n", strconv.Itoa(len(short)), "names", strings.Join(short[:2], ", "))
}

// fixFirst puts what mends the cause before what was asked for: nothing is run again that has not been mended.
func fixFirst(actions []answer.Action, asked string) []answer.Action {
	at := slices.IndexFunc(actions, func(a answer.Action) bool { return a.Code == asked })
	rule, ok := answer.RuleFor(asked)
	if at < 0 || !ok || rule.Group != "operate" {
		return actions
	}
	out := slices.Clone(actions)
	for i, a := range out {
		if r, _ := answer.RuleFor(a.Code); r.Group == "fix" && a.Target == out[at].Target && out[at].After < 0 && a.After != at {
			out[at].After = i
			break
		}
	}
	return out
}

// mayIFirst reports whether the question is only whether something may be done, and not why.
func mayIFirst(in Input) bool {
	return in.Asked.Intent == understand.Next && in.Asked.Action != "" && in.Asked.Premise == ""
}

// mayI answers the question whether an action may be done now: by what does not hold, else by what only a person can check.
func (p *prose) mayI(in Input, d *answer.Diagnosis, lead bool) {
	u := in.Asked
	if u.Action == "" || u.Intent != understand.Next && u.Intent != understand.Diagnose && u.Intent != understand.Wait {
		return
	}
	what := p.speech["do_"+u.Action]
	if what == "" {
		what = p.say("do_other")
	}
	key, why := p.verdictOn(u.Action, d.Actions)
	text := p.say(key, "do", what, "what", why)
	if lead {
		p.bold(text)
		return
	}
	p.paragraph()
	p.add(text)
}

// verdictOn says which answer fits an action, and what it hangs on.
func (p *prose) verdictOn(code string, actions []answer.Action) (key, why string) {
	act, asked := wanted(code, actions)
	if !asked {
		return "may_not", ""
	}
	by := map[string][]string{}
	for _, c := range act.Preconditions {
		by[c.Met] = append(by[c.Met], bare(c.Text))
	}
	switch {
	case len(by["no"]) > 0:
		return "may_no", strings.Join(by["no"], "; ")
	case len(by["unknown"]) > 0:
		return "may_check", strings.Join(by["unknown"], "; ")
	}
	return "may_yes", ""
}

// ordered puts each action behind the one that must be done first.
func ordered(actions []answer.Action) []answer.Action {
	out := make([]answer.Action, 0, len(actions))
	done := make([]bool, len(actions))
	var take func(i, depth int)
	take = func(i, depth int) {
		if done[i] || depth > len(actions) {
			return
		}
		if at := actions[i].After; at >= 0 && at < len(actions) && at != i {
			take(at, depth+1)
		}
		if !done[i] {
			done[i] = true
			out = append(out, actions[i])
		}
	}
	for i := range actions {
		take(i, 0)
	}
	return out
}

// unseenLines tells the first two of what could not be seen.
func (p *prose) unseenLines(missing []string) {
	if len(missing) == 0 || !p.room() {
		return
	}
	p.paragraph()
	for _, m := range missing[:min(len(missing), 2)] {
		source, why := p.unseenOf(m)
		if source == "" {
			p.say1("unseen_bare", "why", bare(why))
			continue
		}
		p.say1("unseen", "source", source, "why", bare(why))
	}
}

// runbook quotes one whole sentence or step of the runbook that fits.
func (p *prose) runbook(a answer.Answer) {
	if len(a.Citations) == 0 || !p.room() {
		return
	}
	c := a.Citations[0]
	p.paragraph()
	source := code(strings.TrimPrefix(c.Source, "knowledge:"))
	quote := ""
	if steps := passages(c.Quote); len(steps) > 0 {
		quote = steps[0]
	}
	if quote == "" {
		p.say1("runbook_title", "title", line(c.Title), "source", source)
		return
	}
	p.say1("runbook", "title", line(c.Title), "source", source, "quote", verbatim(quote))
}
