package compose

import (
	"slices"
	"strconv"
	"strings"

	"github.com/resync-hwa/resync/agentsvc/understand"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/tools"
)

// fine says that nothing is wrong, and why what waits or ended is as planned.
func (p *prose) fine(in Input, a answer.Answer, r reading) {
	d := a.Diagnosis
	s := subject(r)
	rest := d.Explanations
	switch {
	case p.correct(r):
		p.inFull(s)
	case s != nil:
		rest = p.fineOf(s, rest)
	case len(inOneBreath(r)) > 0:
		p.bold(p.say("fine_named", "names", strings.Join(inOneBreath(r), ", ")))
	case len(rest) == 0 && r.call.Arg("target") == "":
		p.bold(p.say("fine_plan"))
	default:
		p.bold(p.say("fine_other"))
	}
	for _, e := range rest[:min(len(rest), 3)] {
		p.told(e.Statement)
	}
	switch {
	case s == nil:
		p.totals(in)
	case in.Asked.Intent == understand.Impact && r.outlook.suffering() != nil:
		p.suffering(a, r, true)
	case in.Asked.Intent == understand.Impact:
		p.say1("impact_fine")
	default:
		p.chain(d, s.Entity)
		p.mayI(in, d, false)
	}
	if in.Asked.Intent != understand.Impact {
		p.suffering(a, r, false)
	}
	p.steps(in, d, maxSteps)
	p.unseenLines(d.Missing)
}

// fineOf is the opening about one object: its own explanation, else its state. It gives the explanations that are left.
func (p *prose) fineOf(s *tools.Subject, list []answer.Explanation) []answer.Explanation {
	name := p.names.of(s.Entity)
	for i, e := range list {
		text := p.names.plain(bare(e.Statement))
		if rest, ok := strings.CutPrefix(text, name+" "); ok {
			p.bold(p.say("fine_why", "entity", name, "status", statusOf(s), "rest", rest))
			p.inFull(s)
			return slices.Delete(slices.Clone(list), i, i+1)
		}
	}
	if s.End != "" {
		p.bold(p.say("fine_ended", "entity", name, "status", statusOf(s)))
	} else {
		p.bold(p.say("fine", "entity", name, "state", p.state(s), "since", p.opt("since", "time", p.when0(s.Start))))
	}
	p.inFull(s)
	return list
}

// unknown says what could not be seen, and what would settle it. What is known of the object is told all the same.
func (p *prose) unknown(in Input, a answer.Answer, r reading) {
	d := a.Diagnosis
	s := subject(r)
	code := ""
	if e := failure(r.call); e != nil {
		code = e.Code
	}
	missing := d.Missing
	switch {
	case FatalUpstream(a), fault.Upstream(fault.Code(code)):
		p.away(a)
		return
	case code == string(fault.NotFound) && in.Asked.Target != "":
		p.bold(p.say("cannot_find", "target", target(in)))
		p.say1("cannot_find_hint")
		missing = nil
	case s != nil:
		if !p.correct(r) {
			p.bold(p.say("cannot_tell_state", "entity", p.names.of(s.Entity), "state", p.state(s)))
		} else {
			p.say1("cannot_tell")
		}
		p.inFull(s)
		p.chain(d, s.Entity)
	case in.Asked.Target != "":
		p.bold(p.say("cannot_tell_of", "entity", target(in)))
	default:
		p.bold(p.say("cannot_tell"))
	}
	if s == nil {
		p.besides(d.Candidates, 0)
	}
	p.unseenLines(missing)
	if len(d.WouldChange) > 0 {
		p.paragraph()
		p.say1("would_change", "what", bare(p.names.plain(d.WouldChange[0])))
	}
	p.suffering(a, r, false)
	p.steps(in, d, maxSteps)
}

// away is the answer where the engine could not be read: which failure it was, and what to look at.
func (p *prose) away(a answer.Answer) {
	p.bold(p.say("cannot_read"))
	if len(a.Errors) == 0 {
		return
	}
	p.whyAway(a.Errors[0], a.Language)
}

// whyAway tells a failure and the setting to look at. The tool's own hint knows most, and is English.
func (p *prose) whyAway(e answer.Error, lang string) {
	p.add(upperFirst(p.failed(e.Code, e.Message)))
	hint := ""
	if lang == "en" {
		hint = e.Hint
	}
	if hint == "" && strings.HasPrefix(e.Source, "engine:") {
		hint = p.speech["hint_"+e.Code]
	}
	p.add(hint)
}

// question asks back, with the objects to choose from.
func (p *prose) question(in Input, d *answer.Diagnosis, r reading) {
	e := failure(r.call)
	near := e != nil && e.Code == string(fault.NotFound)
	switch {
	case in.Asked.Target == "" && len(d.Candidates) == 0:
		p.bold(p.say("which_object"))
		return
	case len(d.Candidates) > 0 && near:
		p.bold(p.say("near", "target", target(in)))
	default:
		p.bold(p.say("which", "target", target(in)))
	}
	const most = 8
	items := make([]string, 0, most+1)
	for _, c := range d.Candidates[:min(len(d.Candidates), most)] {
		item := code(c.Entity)
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
	p.bold(p.say("refused"))
	if s := subject(r); s != nil {
		p.say1("as_is", "entity", p.names.of(s.Entity), "state", p.state(s))
		p.inFull(s)
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
		if text := p.say("no_command"); line(act.Text) != text {
			p.told(act.Text)
		}
	case !asked:
		p.say1("instead", "what", lowered(p.step(*act)))
	case act.Command == "":
		p.told(act.Text)
		p.say1("no_ready_command")
	default:
		p.say1("would_run", "command", code(act.Command))
		p.told(act.Text)
	}
	if act != nil && asked {
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
		if len(a.Errors) > 0 {
			p.whyAway(a.Errors[0], a.Language)
		}
	case len(in.Barred) == 0:
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

// conditions tells what does not hold yet, or only a person can see, then what would start and the way back.
func (p *prose) conditions(a answer.Action) {
	by := map[string][]string{}
	for _, c := range a.Preconditions {
		by[c.Met] = append(by[c.Met], bare(c.Text))
	}
	if len(by["no"]) > 0 {
		p.say1("before_no", "what", strings.Join(by["no"], "; "))
	}
	if len(by["unknown"]) > 0 {
		p.say1("before_check", "what", strings.Join(by["unknown"], "; "))
	}
	if len(by["no"])+len(by["unknown"]) == 0 && len(a.Preconditions) > 0 {
		p.say1("cond_all")
	}
	p.paragraph()
	if rule, ok := answer.RuleFor(a.Code); len(a.Starts) > 0 {
		p.say1("would_start", "names", p.starting(a.Starts))
	} else if ok && rule.Starts && a.Command != "" {
		p.say1("starts_none")
	}
	if a.WayBack != "" {
		p.say1("way_back", "what", upperFirst(bare(a.WayBack)))
	}
}
