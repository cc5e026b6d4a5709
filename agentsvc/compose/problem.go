package compose

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/resync-hwa/resync/agentsvc/understand"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/tools"
)

// problem tells causes with their evidence, the way to them, who suffers, and what to do. What was asked for comes first.
func (p *prose) problem(in Input, a answer.Answer, r reading) {
	d := a.Diagnosis
	s := subject(r)
	if s == nil {
		p.wholePlan(in, a, r)
		return
	}
	missing := d.Missing
	asksImpact := in.Asked.Intent == understand.Impact
	p.whom(in, d)
	switch {
	case p.correct(r):
	case asksImpact:
		p.suffering(a, r, true)
	case mayIFirst(in):
		p.mayI(in, d, true)
	}
	p.opening(s, d.Causes[0])
	missing = p.proof(a, s, missing)
	p.chain(d, s.Entity)
	p.moreCauses(d.Causes)
	p.explanations(d)
	if !mayIFirst(in) {
		p.mayI(in, d, false)
	}
	// Who asks what to do hears that before the rest.
	if in.Asked.Intent == understand.Next {
		p.steps(in, d, maxSteps)
	}
	if !asksImpact {
		p.suffering(a, r, false)
	}
	if in.Asked.Intent != understand.Next {
		p.steps(in, d, maxSteps)
	}
	p.unseenLines(missing)
	p.runbook(a)
}

// wholePlan lists the most urgent causes, names the others, and says what is due first and what to begin with.
func (p *prose) wholePlan(in Input, a answer.Answer, r reading) {
	d := a.Diagnosis
	p.whom(in, d)
	unlisted := 0
	if r.diagnosis != nil {
		unlisted = r.diagnosis.Unlisted
	}
	total := len(d.Causes) + len(d.Candidates) + unlisted
	key := "causes"
	if total == 1 {
		key = "causes_one"
	}
	p.headline(p.say(key, "n", strconv.Itoa(total)))
	p.list("", p.causeItems(d.Causes))
	p.besides(d.Candidates, unlisted)
	p.suffering(a, reading{}, false)
	if in.Asked.Intent == understand.Next {
		p.steps(in, d, maxSteps)
	} else {
		p.steps(in, d, 1)
	}
	p.unseenLines(d.Missing)
}

// besides names the objects that are no causes, or no further ones; unlisted is how many more there are that nobody named.
func (p *prose) besides(list []answer.Candidate, unlisted int) {
	if len(list) == 0 {
		return
	}
	all := make([]string, 0, len(list))
	for _, c := range list {
		all = append(all, p.names.of(c.Entity))
	}
	p.paragraph()
	p.say1("others", "names", p.some(all, len(all)+unlisted, 5))
}

func subject(r reading) *tools.Subject {
	if r.diagnosis == nil {
		return nil
	}
	return r.diagnosis.Subject
}

// correct says first that what was believed does not hold, and reports whether it did.
func (p *prose) correct(r reading) bool {
	s := subject(r)
	if s == nil || r.diagnosis.Premise != "false" {
		return false
	}
	key := "false_" + r.call.Arg("premise")
	if s.End == "" && key == "false_succeeded" {
		key = "false_done"
	}
	if p.speech[key] == "" {
		key = "false_other"
	}
	p.bold(p.say(key, "entity", p.names.of(s.Entity), "state", p.state(s), "since", p.opt("since", "time", p.when0(s.Start))))
	p.corrected = true
	return true
}

func statusOf(s *tools.Subject) string { return cmp.Or(line(s.Status), line(s.CommonStatus), "?") }

// opening says in one sentence what is wrong and why, then names the object in full.
func (p *prose) opening(s *tools.Subject, c answer.Cause) {
	name := p.names.of(s.Entity)
	text := p.names.plain(bare(c.Statement))
	switch {
	case c.Entity == s.Entity:
	case states[strings.ToUpper(line(s.Status))] == "state_done": // it is fine itself, and another is not
		text = p.say("state_but", "entity", name, "state", p.state(s), "why", lowered(text))
	case strings.Contains(text, p.say("because")):
		text = p.say("state_why", "entity", name, "state", p.state(s), "why", text)
	case len(p.pieces) > 0 && p.corrected:
		text = p.say("corrected_because", "why", lowered(text))
	default:
		text = p.say("state_because", "entity", name, "state", p.state(s), "why", lowered(text))
	}
	if c.Class != answer.Confirmed {
		text = p.say("likely", "statement", text)
	}
	if len(p.pieces) == 0 {
		p.bold(text)
	} else {
		p.paragraph()
		p.add(text)
	}
	p.inFull(s)
}

// inFull names the asked object as the operator types it, with when and how it ended.
func (p *prose) inFull(s *tools.Subject) {
	var parts []string
	if w := p.whole(s.Entity); w != "" {
		parts = append(parts, w)
	}
	if s.End != "" {
		parts = append(parts, p.say("full_ended", "time", p.when(s.End)))
	}
	if s.ReturnCode != nil && s.End != "" {
		parts = append(parts, p.say("full_rc", "code", strconv.Itoa(*s.ReturnCode)))
	}
	if len(parts) > 0 {
		p.piece("(" + strings.Join(parts, ", ") + ".) ")
	}
}

// state is a status in words where it has plain ones, with the engine's own beside it.
func (p *prose) state(s *tools.Subject) string {
	status := statusOf(s)
	for _, w := range []string{s.Status, s.CommonStatus} {
		if key := states[strings.ToUpper(line(w))]; key != "" {
			return p.say(key, "status", status)
		}
	}
	if status != strings.ToUpper(status) { // a word of ours: linked, unlinked
		return p.say("state_word", "status", status)
	}
	return p.say("state_is", "status", status)
}

// states gives the plain words of the engine's states.
var states = map[string]string{"HOLD": "state_waiting", "READY": "state_waiting", "WAIT": "state_waiting", "WAITING": "state_waiting", "ADD": "state_waiting", "PEND": "state_waiting",
	"HELD": "state_waiting", "STUCK": "state_stuck", "BLOCKED": "state_stuck", "EXEC": "state_running", "RUNNING": "state_running",
	"ASKED": "state_asked", "SUCC": "state_done", "SUCCESSFUL": "state_done"}

// lowered begins a text small, unless it begins with a name.
func lowered(s string) string {
	word, _, _ := strings.Cut(s, " ")
	r, n := utf8.DecodeRuneInString(word)
	if strings.ContainsFunc(word[n:], func(r rune) bool { return !unicode.IsLower(r) }) {
		return s
	}
	return string(unicode.ToLower(r)) + s[n:]
}

// proof quotes the evidence, says how sure the cause is, and gives what of the unseen is still to be told.
func (p *prose) proof(a answer.Answer, s *tools.Subject, missing []string) []string {
	c := a.Diagnosis.Causes[0]
	key, pairs := p.evidence(c, s)
	if c.Class == answer.Confirmed {
		p.say1(key, append(pairs, "sure", p.say("confirmed"))...)
		return missing
	}
	p.say1(key, append(pairs, "sure", "")...)
	switch {
	case a.Stale:
		p.say1("not_confirmed", "why", p.say("stale_why"))
	case len(missing) > 0:
		_, why := p.unseenOf(missing[0])
		p.say1("not_confirmed", "why", bare(why))
		return missing[1:]
	default:
		p.say1("not_confirmed_bare")
	}
	return missing
}

// evidence picks what decides: the log line, else the fields that the opening did not say.
func (p *prose) evidence(c answer.Cause, s *tools.Subject) (key string, pairs []string) {
	for _, e := range c.Evidence {
		if e.Line > 0 {
			own := "evidence_line"
			if c.Entity != s.Entity {
				own = "evidence_line_of"
			}
			return own, []string{"line", strconv.Itoa(e.Line), "entity", p.names.of(c.Entity), "quote", code(e.Quote)}
		}
	}
	if c.Entity != s.Entity && states[strings.ToUpper(line(s.Status))] == "state_done" {
		return "evidence_field_of", []string{"quote", p.join(fields(c, s)), "entity", p.names.of(c.Entity)}
	}
	return "evidence_field", []string{"quote", p.join(fields(c, s))}
}

// fields are the two fields that say most: no bare instants, no text that the statement gives, and not the status that was said already.
func fields(c answer.Cause, s *tools.Subject) []string {
	const long = 16
	var out []string
	for _, e := range c.Evidence {
		_, value, _ := strings.Cut(e.Quote, "=")
		_, err := time.Parse(time.RFC3339, value)
		said := s != nil && value == s.Status || len(value) > long && strings.Contains(c.Statement, line(value))
		if err != nil && !said && len(out) < 2 {
			out = append(out, code(e.Quote))
		}
	}
	if len(out) == 0 && len(c.Evidence) > 0 {
		out = append(out, code(c.Evidence[0].Quote))
	}
	return out
}

// moreCauses names what else is wrong, one line each.
func (p *prose) moreCauses(causes []answer.Cause) {
	if len(causes) > 1 {
		p.list(p.say("more_causes"), p.causeItems(causes[1:]))
		p.paragraph()
	}
}

// causeItems gives each cause in a line: its short name, what it is, and the quote that decides.
func (p *prose) causeItems(causes []answer.Cause) []string {
	items := make([]string, 0, len(causes))
	for _, c := range causes {
		name, text := p.names.of(c.Entity), p.names.plain(bare(c.Statement))
		if _, path, ok := strings.Cut(c.Entity, "#"); ok && strings.Contains(text, path) {
			name = path // a file's statement names it with its path
		}
		if !strings.Contains(text, name) {
			text = p.say("as", "entity", name, "statement", text)
		}
		if c.Class != answer.Confirmed {
			text = p.say("likely", "statement", text)
		}
		if len(c.Evidence) > 0 {
			text += " (" + decisive(c) + ")"
		}
		items = append(items, strings.Replace(text, name, "**"+name+"**", 1)+".")
	}
	return items
}

func decisive(c answer.Cause) string {
	if i := slices.IndexFunc(c.Evidence, func(e answer.Evidence) bool { return e.Line > 0 }); i >= 0 {
		return code(c.Evidence[i].Quote)
	}
	return fields(c, nil)[0]
}

// explanations says which further wait is as planned.
func (p *prose) explanations(d *answer.Diagnosis) {
	for _, e := range d.Explanations[:min(len(d.Explanations), 1)] {
		p.say1("planned_too", "what", p.names.plain(bare(e.Statement)))
	}
}
