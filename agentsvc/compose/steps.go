package compose

import (
	"strconv"
	"strings"

	"github.com/resync-hwa/resync/agentsvc/understand"
	"github.com/resync-hwa/resync/twstools/answer"
)

// steps lists what to do in order, with command, conditions that are not met, what would start, and the way back.
func (p *prose) steps(d *answer.Diagnosis) {
	if len(d.Actions) == 0 {
		return
	}
	const most = 4
	p.paragraph()
	p.say1("next")
	p.breakWith("\n")
	for i, a := range ordered(d.Actions) {
		if i == most || !p.room() {
			break
		}
		p.piece(strconv.Itoa(i+1) + ". " + readable(sentence(a.Text)))
		p.stepNotes(a)
		p.breakWith("\n")
	}
}

// mayI answers the question whether an action may be done now: by what does not hold, else by what only a person can check.
func (p *prose) mayI(in Input, d *answer.Diagnosis) {
	if in.Asked.Intent != understand.Next || in.Asked.Action == "" {
		return
	}
	act, asked := wanted(in.Asked.Action, d.Actions)
	if !asked {
		p.say1("may_not")
		return
	}
	by := map[string][]string{}
	for _, c := range act.Preconditions {
		by[c.Met] = append(by[c.Met], bare(c.Text))
	}
	switch {
	case len(by["no"]) > 0:
		p.say1("may_no", "what", strings.Join(by["no"], "; "))
	case len(by["unknown"]) > 0:
		p.say1("may_check", "what", strings.Join(by["unknown"], "; "))
	default:
		p.say1("may_yes")
	}
}

func (p *prose) stepNotes(a answer.Action) {
	if a.Command != "" {
		p.add(p.say("command", "command", "`"+line(a.Command)+"`"))
	}
	var notes []string
	if a.NeedsApproval {
		notes = append(notes, p.say("approval"))
	}
	for _, c := range a.Preconditions {
		if key := map[string]string{"no": "first_no", "unknown": "first_unknown"}[c.Met]; key != "" {
			notes = append(notes, p.say(key, "what", bare(c.Text)))
		}
	}
	if len(a.Starts) > 0 {
		notes = append(notes, p.say("starts", "names", p.some(a.Starts, len(a.Starts), 3)))
	}
	if a.WayBack != "" {
		notes = append(notes, p.say("way_back", "what", bare(a.WayBack)))
	}
	if len(notes) > 0 {
		text := strings.Join(notes, "; ")
		p.add(strings.ToUpper(text[:1]) + text[1:])
	}
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

func (p *prose) unseenLines(missing []string) {
	if len(missing) == 0 || !p.room() {
		return
	}
	items := make([]string, 0, 3)
	for _, m := range missing[:min(len(missing), 3)] {
		items = append(items, sentence(m))
	}
	p.list(p.say("unseen"), items)
}

func (p *prose) runbook(a answer.Answer) {
	if len(a.Citations) == 0 || !p.room() {
		return
	}
	c := a.Citations[0]
	p.paragraph()
	p.say1("runbook", "title", line(c.Title), "quote", code(c.Quote))
	p.say1("source", "source", "`"+line(c.Source)+"`")
}
