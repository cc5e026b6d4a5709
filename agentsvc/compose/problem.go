package compose

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/tools"
)

// problem tells causes with their evidence, the chain to them, who suffers, and what to do.
func (p *prose) problem(in Input, a answer.Answer, r reading) {
	d := a.Diagnosis
	if s := subject(r); s != nil {
		p.correct(r)
		p.status(s)
		p.chain(d, s.Entity)
		p.cause(a, d.Causes)
		p.moreCauses(d.Causes)
	} else {
		p.allCauses(d)
		p.totals(in)
	}
	p.impact(a, r)
	p.explanations(d.Explanations)
	p.steps(d)
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
func (p *prose) cause(a answer.Answer, causes []answer.Cause) {
	if len(causes) == 0 {
		return
	}
	c := causes[0]
	if c.Class == answer.Confirmed {
		p.add(c.Statement)
	} else {
		p.say1("likely", "statement", c.Statement)
	}
	p.paragraph()
	p.evidence(c.Evidence, 2)
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
	for _, e := range list[:min(len(list), most)] {
		quote := code(e.Quote)
		switch {
		case quote == "":
			continue
		case e.Line > 0:
			p.say1(key+"line", "line", strconv.Itoa(e.Line), "source", e.Source, "quote", quote)
		default:
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

// impact tells how soon to act, who is held up, and which deadlines are near.
func (p *prose) impact(a answer.Answer, r reading) {
	d := a.Diagnosis
	p.paragraph()
	p.urgency(d.Urgency)
	told := make([]answer.Impact, 0, 3)
	for _, i := range d.Impact {
		if len(told) < cap(told) && (i.Deadline != "" || i.Service != "") {
			told = append(told, i)
		}
	}
	p.heldUp(d, r, told)
	for _, i := range told {
		p.suffers(i, a.Clocks.PlanNow)
	}
}

// heldUp names who is held up, less the asked object itself and those of whom more is told anyway.
func (p *prose) heldUp(d *answer.Diagnosis, r reading, told []answer.Impact) {
	known := map[string]bool{}
	if s := subject(r); s != nil {
		known[s.Entity] = true
	}
	for _, i := range told {
		known[i.Entity] = true
	}
	var names []string
	for _, n := range d.Affected {
		if !known[n] {
			names = append(names, n)
		}
	}
	switch total := max(d.AffectedTotal, len(d.Affected)); {
	case len(names) == 0:
	case total > 4:
		p.say1("behind", "n", strconv.Itoa(total), "names", strings.Join(names[:min(len(names), 3)], ", "))
	default:
		p.say1("behind_few", "names", strings.Join(names, ", "))
	}
}

func (p *prose) suffers(i answer.Impact, now string) {
	contact := p.opt("contact", "contact", line(i.Contact))
	if i.Deadline == "" {
		p.say1("suffers", "entity", i.Entity, "service", line(i.Service), "contact", contact)
		return
	}
	left := ""
	if span, past := until(now, i.Deadline); span != "" && past {
		left = p.say("passed", "duration", span)
	} else if span != "" {
		left = p.say("left", "duration", span)
	}
	p.say1("deadline", "entity", i.Entity, "deadline", when(i.Deadline), "left", left, "predicted", p.opt("predicted", "time", when0(i.PredictedEnd)),
		"service", p.opt("service", "service", line(i.Service)), "contact", contact)
}

func (p *prose) urgency(u *answer.Urgency) {
	if u == nil {
		return
	}
	key, ok := map[string]string{"now": "urgent_now", "this_shift": "urgent_shift", "morning": "urgent_morning"}[u.Class]
	if !ok || u.Why == "" {
		return
	}
	p.say1(key, "by", p.opt("by", "time", when0(u.ActBy)), "why", bare(u.Why))
	if u.Contact != "" {
		p.say1("call", "contact", line(u.Contact))
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
		p.piece(strconv.Itoa(i+1) + ". " + sentence(a.Text))
		p.stepNotes(a)
		p.breakWith("\n")
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
