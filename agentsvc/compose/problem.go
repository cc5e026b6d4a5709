package compose

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/resync-hwa/resync/agentsvc/understand"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/tools"
)

// problem tells causes with their evidence, the chain to them, who suffers, and what to do.
func (p *prose) problem(in Input, a answer.Answer, r reading) {
	d := a.Diagnosis
	if s := subject(r); s != nil {
		p.correct(r)
		if !saysStatus(s, d.Causes) {
			p.status(s)
		}
		// Who asks for the impact hears that first.
		if in.Asked.Intent == understand.Impact {
			p.impact(a, r)
			p.paragraph()
		}
		p.mayI(in, d)
		p.chain(d, s.Entity)
		p.cause(a, d.Causes, s.Entity)
		p.moreCauses(d.Causes)
	} else {
		p.allCauses(d)
		p.totals(in)
	}
	// And who asks what to do hears that before the rest.
	if in.Asked.Intent == understand.Next {
		p.steps(d)
		p.paragraph()
	}
	if in.Asked.Intent != understand.Impact || subject(r) == nil {
		p.impact(a, r)
	}
	p.explanations(d.Explanations)
	if in.Asked.Intent != understand.Next {
		p.steps(d)
	}
	p.unseenLines(d.Missing)
	p.runbook(a)
}

func subject(r reading) *tools.Subject {
	if r.diagnosis == nil {
		return nil
	}
	return r.diagnosis.Subject
}

// correct says first that what was believed does not hold.
func (p *prose) correct(r reading) {
	s := subject(r)
	if s == nil || r.diagnosis.Premise != "false" {
		return
	}
	key := "false_" + r.call.Arg("premise")
	if p.speech[key] == "" {
		key = "false_other"
	}
	p.say1(key, "entity", s.Entity, "status", statusOf(s), "since", p.opt("since", "time", when0(s.Start)))
}

// saysStatus reports whether the first cause is the state of the asked object itself, so that its sentence says all.
func saysStatus(s *tools.Subject, causes []answer.Cause) bool {
	return s.Type != "job" && s.Type != "job_stream" && len(causes) > 0 && causes[0].Entity == s.Entity
}

func statusOf(s *tools.Subject) string { return cmp.Or(line(s.Status), line(s.CommonStatus), "?") }

// when0 is when, with nothing for nothing.
func when0(stamp string) string {
	if stamp == "" {
		return ""
	}
	return when(stamp)
}

// status is the one sentence about the object itself, left out where the correction said it.
func (p *prose) status(s *tools.Subject) {
	if len(p.pieces) > 0 {
		return
	}
	p.statusAs(s, "ended", "is")
}

func (p *prose) statusAs(s *tools.Subject, ended, is string) {
	if s.End != "" {
		p.say1(ended, "entity", s.Entity, "status", statusOf(s), "rc", p.returned(s.ReturnCode), "at", p.opt("at", "time", when(s.End)))
		return
	}
	p.say1(is, "entity", s.Entity, "status", statusOf(s), "since", p.opt("since", "time", when0(s.Start)))
}

func (p *prose) returned(code *int) string {
	if code == nil {
		return ""
	}
	return p.say("rc", "code", strconv.Itoa(*code))
}

// cause tells the first cause, quotes it, and says how sure it is.
func (p *prose) cause(a answer.Answer, causes []answer.Cause, asked string) {
	if len(causes) == 0 {
		return
	}
	c := causes[0]
	text := line(c.Statement)
	// The object was named in the sentence before.
	if rest, ok := strings.CutPrefix(text, asked+" "); ok {
		text = p.say("it", "rest", rest)
	}
	if c.Class == answer.Confirmed {
		p.add(text)
	} else {
		p.say1("likely", "statement", text)
	}
	p.paragraph()
	p.evidence(c.Evidence, 3)
	if c.Class == answer.Confirmed {
		p.say1("confirmed")
		return
	}
	why := ""
	if a.Stale {
		why = p.say("stale_why")
	}
	p.say1("not_confirmed", "why", why)
}

func (p *prose) evidence(list []answer.Evidence, most int) {
	key := "evidence_"
	list = list[:min(len(list), most)]
	for i := 0; i < len(list); i++ {
		e := list[i]
		quote := code(e.Quote)
		switch {
		case quote == "":
			continue
		case e.Line > 0:
			p.say1(key+"line", "line", strconv.Itoa(e.Line), "source", e.Source, "quote", quote)
		default:
			// Fields of one object are told together.
			for i+1 < len(list) && list[i+1].Source == e.Source && list[i+1].Line == 0 {
				i++
				quote += ", " + code(list[i].Quote)
			}
			p.say1(key+"field", "source", e.Source, "quote", quote)
		}
		key = "evidence_also_"
	}
}

func (p *prose) moreCauses(causes []answer.Cause) {
	if len(causes) > 1 {
		p.list(p.say("more_causes"), p.causeItems(causes[1:]))
	}
}

// allCauses lists the most urgent objects of the whole plan, and names the others.
func (p *prose) allCauses(d *answer.Diagnosis) {
	p.list(p.say("causes"), p.causeItems(d.Causes))
	if n := len(d.Candidates); n > 0 {
		names := make([]string, 0, n)
		for _, c := range d.Candidates {
			names = append(names, c.Entity)
		}
		key := "others"
		if n == 1 {
			key = "others_one"
		}
		p.paragraph()
		p.say1(key, "n", strconv.Itoa(n), "names", p.some(names, n, 5))
	}
}

func (p *prose) causeItems(causes []answer.Cause) []string {
	items := make([]string, 0, len(causes))
	for _, c := range causes {
		text := line(c.Statement)
		if !strings.Contains(text, c.Entity) {
			text = p.say("as", "entity", c.Entity, "statement", text)
		}
		if c.Class != answer.Confirmed {
			text = p.say("likely", "statement", text)
		}
		if len(c.Evidence) > 0 {
			text = strings.TrimSpace(sentence(text)) + " " + code(c.Evidence[0].Quote)
		}
		items = append(items, text)
	}
	return items
}

// chain tells the hops from the asked object to the root, each named once.
func (p *prose) chain(d *answer.Diagnosis, asked string) {
	const most = 6
	var hops []string
	for i, h := range d.Chain {
		if h.BlockedBy == "" || len(hops) == most {
			break
		}
		next := h.BlockedBy
		if i+1 < len(d.Chain) && d.Chain[i+1].Entity == next && d.Chain[i+1].Status != "" {
			next += " (" + line(d.Chain[i+1].Status) + ")"
		}
		switch {
		case i == 0 && h.Entity == asked:
			hops = append(hops, p.say("hop_it", "next", next))
		case i == 0:
			hops = append(hops, p.say("hop_first", "entity", h.Entity, "next", next))
		default:
			hops = append(hops, p.say("hop", "next", next))
		}
	}
	if len(hops) > 0 {
		p.say1("chain", "hops", strings.Join(hops, ", "))
	}
}

func (p *prose) explanations(list []answer.Explanation) {
	if len(list) == 0 {
		return
	}
	p.paragraph()
	for _, e := range list[:min(len(list), 3)] {
		p.explanation(e)
	}
}

func (p *prose) explanation(e answer.Explanation) {
	p.add(e.Statement)
	p.evidence(e.Evidence, 1)
}
