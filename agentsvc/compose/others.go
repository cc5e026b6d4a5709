package compose

import (
	"strconv"
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/answer"
)

// fine says that nothing is wrong, and why what waits or ended is as planned.
func (p *prose) fine(in Input, a answer.Answer, r reading) {
	d := a.Diagnosis
	s := subject(r)
	p.correct(r)
	switch {
	case s != nil && len(p.pieces) == 0:
		p.statusAs(s, "fine_ended", "fine")
	case s == nil && len(d.Explanations) == 0:
		p.say1("fine_plan")
	case s == nil:
		p.say1("fine_other")
	}
	for _, e := range d.Explanations[:min(len(d.Explanations), 4)] {
		p.explanation(e)
	}
	if s != nil {
		p.chain(d, s.Entity)
	} else {
		p.totals(in)
	}
	p.impact(a, r)
	p.steps(d)
	p.unseenLines(d.Missing)
}

// unknown says what could not be seen, and what would settle it. What is known of the object is told all the same.
func (p *prose) unknown(in Input, a answer.Answer, r reading) {
	d := a.Diagnosis
	s := subject(r)
	code := ""
	if e := failure(r.call); e != nil {
		code = e.Code
	}
	switch {
	case FatalUpstream(a), fault.Upstream(fault.Code(code)):
		p.say1("cannot_read")
	case code == string(fault.NotFound) && in.Asked.Target != "":
		p.say1("cannot_find", "target", target(in))
		p.say1("cannot_find_hint")
	case s != nil:
		p.correct(r)
		p.status(s)
		p.say1("cannot_tell")
	case in.Asked.Target != "":
		p.say1("cannot_tell_of", "entity", target(in))
	default:
		p.say1("cannot_tell")
	}
	if s != nil {
		p.chain(d, s.Entity)
	}
	if code != string(fault.NotFound) {
		p.unseenLines(d.Missing)
	}
	p.paragraph()
	if len(d.WouldChange) > 0 {
		p.say1("would_change", "what", bare(d.WouldChange[0]))
	}
	for _, e := range a.Errors[:min(len(a.Errors), 2)] {
		if a.Language == "en" && e.Hint != "" && (len(d.WouldChange) == 0 || e.Hint != d.WouldChange[0]) {
			p.add(e.Hint)
		}
	}
	p.impact(a, r)
	p.steps(d)
}

// question asks back, with the objects to choose from.
func (p *prose) question(in Input, d *answer.Diagnosis, r reading) {
	e := failure(r.call)
	near := e != nil && e.Code == string(fault.NotFound)
	switch {
	case in.Asked.Target == "" && len(d.Candidates) == 0:
		p.say1("which_object")
		return
	case len(d.Candidates) > 0 && near:
		p.say1("near", "target", target(in))
	default:
		p.say1("which", "target", target(in))
	}
	const most = 8
	items := make([]string, 0, most+1)
	for _, c := range d.Candidates[:min(len(d.Candidates), most)] {
		item := c.Entity
		if c.Why != "" && c.Why != "same name" && c.Why != "similar name" {
			item += " — " + line(c.Why)
		}
		items = append(items, item)
	}
	if rest := len(d.Candidates) - most; rest > 0 {
		items = append(items, p.say("more", "n", strconv.Itoa(rest)))
	}
	p.list("", items)
}

// refusal says that nothing is changed here, what a person would run, what must hold first, and what would start.
func (p *prose) refusal(in Input, a answer.Answer, r reading) {
	d := a.Diagnosis
	p.say1("refused")
	if s := subject(r); s != nil {
		p.statusAs(s, "ended", "is")
	}
	if failure(r.call) != nil || !r.decided {
		p.refusalBlind(in, a, r)
		return
	}
	act, asked := wanted(in.Asked.Action, d.Actions)
	p.paragraph()
	rule, _ := answer.RuleFor(in.Asked.Action)
	switch {
	case act == nil:
		p.say1("no_ready_command")
	case rule.Group == "administrate":
		p.say1("no_command")
		p.add(act.Text)
	case !asked:
		p.say1("instead", "what", act.Text)
		if act.Command != "" {
			p.say1("command", "command", "`"+line(act.Command)+"`")
		}
	case act.Command == "":
		p.add(act.Text)
		p.say1("no_ready_command")
	default:
		p.say1("would_run", "command", "`"+line(act.Command)+"`")
		p.add(act.Text)
	}
	if act != nil {
		p.conditions(*act)
	}
	p.unseenLines(d.Missing)
}

// refusalBlind is the refusal where the object is not known: nothing is advised about what was not read.
func (p *prose) refusalBlind(in Input, a answer.Answer, r reading) {
	d := a.Diagnosis
	rule, _ := answer.RuleFor(in.Asked.Action)
	switch {
	case rule.Group == "administrate":
		p.say1("no_command")
	case len(d.Candidates) > 0:
		p.paragraph()
		p.question(in, d, r)
	case failure(r.call) != nil && failure(r.call).Code == string(fault.NotFound) && in.Asked.Target != "":
		p.say1("cannot_find", "target", target(in))
		p.say1("cannot_find_hint")
	case failure(r.call) != nil:
		p.say1("cannot_read")
		p.unseenLines(d.Missing)
	default:
		p.say1("refused_which")
	}
}

// wanted gives the action that was asked for, else the first that should come instead; nil when there is none.
func wanted(code string, actions []answer.Action) (act *answer.Action, asked bool) {
	for i := range actions {
		if actions[i].Code == code {
			return &actions[i], true
		}
	}
	if len(actions) > 0 {
		first := ordered(actions)[0]
		return &first, false
	}
	return nil, false
}

func (p *prose) conditions(a answer.Action) {
	var items []string
	for _, c := range a.Preconditions {
		key := map[string]string{"yes": "cond_yes", "no": "cond_no"}[c.Met]
		if key == "" {
			key = "cond_unknown"
		}
		items = append(items, p.say(key, "what", bare(c.Text)))
	}
	p.list(p.say("before"), items)
	p.paragraph()
	if rule, ok := answer.RuleFor(a.Code); len(a.Starts) > 0 {
		p.say1("would_start", "names", p.some(a.Starts, len(a.Starts), 6))
	} else if ok && rule.Starts && a.Command != "" {
		p.say1("starts_none")
	}
	if a.WayBack != "" {
		text := p.say("way_back", "what", bare(a.WayBack))
		p.add(strings.ToUpper(text[:1]) + text[1:])
	}
}
