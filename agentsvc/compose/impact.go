package compose

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/resync-hwa/resync/twstools/answer"
)

// suffering says in one sentence how many are held up, which deadline is the nearest, by when to act and whom to call. In the lead it is
// the answer itself, and names who comes first.
func (p *prose) suffering(a answer.Answer, r reading, lead bool) {
	d := a.Diagnosis
	held, only := p.heldUp(d, r, lead)
	due, late := p.due(d, a.Clocks.PlanNow, sufferers{self: self(r), only: only, services: lead})
	if held == "" && due == "" {
		if lead {
			p.headline(p.say("behind_none_of", "entity", p.asked(r)))
		} else if len(d.Causes) > 0 && d.AffectedTotal == 0 {
			p.paragraph()
			p.say1("behind_none")
		}
		return
	}
	text := held
	switch {
	case only != "" && strings.HasPrefix(due, p.names.of(only)): // says both
		text = due
	case text != "" && due != "":
		text += "; " + due
	default:
		text += due
	}
	if what := p.act(d.Urgency, due, late); what != "" {
		text += ": " + what
	}
	text = upperFirst(text)
	if !lead {
		p.paragraph()
		p.add(text)
		return
	}
	p.headline(text)
	if first := p.firstInLine(d); first != "" && d.AffectedTotal > 1 {
		p.say1("first_in_line", "names", first)
	}
}

// headline is the answer itself: bold where nothing stands before it.
func (p *prose) headline(text string) {
	if len(p.pieces) == 0 {
		p.bold(text)
		return
	}
	p.paragraph()
	p.add(text)
}

func (p *prose) asked(r reading) string {
	if s := subject(r); s != nil {
		return p.names.of(s.Entity)
	}
	return p.say("it_object")
}

// sufferers is what the sentence about the nearest deadline has to know of the one before it.
type sufferers struct {
	self, only string // the asked object; the only one that waits
	services   bool   // name the business service too
}

func self(r reading) string {
	if s := subject(r); s != nil {
		return s.Entity
	}
	return ""
}

// heldUp says who is held up, by name where they are few, and gives the only one. The asked object itself goes without saying.
func (p *prose) heldUp(d *answer.Diagnosis, r reading, lead bool) (text, only string) {
	me := self(r)
	others := slices.DeleteFunc(slices.Clone(d.Affected), func(n string) bool { return n == me })
	total := max(d.AffectedTotal, len(d.Affected))
	named := p.join(p.names.list(others[:min(len(others), 2)]))
	if len(others) == 1 && total <= 2 {
		only = others[0]
	}
	switch {
	case len(others) == 0:
		return "", ""
	case lead && only != "":
		return p.say("behind_of_one", "names", named, "entity", p.names.of(me)), ""
	case lead:
		return p.say("behind_of", "n", strconv.Itoa(total), "entity", p.names.of(me)), ""
	case total <= 2:
		return p.say("behind_few", "names", named), only
	}
	return p.say("behind", "n", strconv.Itoa(total)), ""
}

// firstInLine names those who wait directly behind.
func (p *prose) firstInLine(d *answer.Diagnosis) string {
	var first []string
	for _, i := range d.Impact {
		if i.Hops <= 1 {
			first = append(first, p.names.of(i.Entity))
		}
	}
	return p.some(first, len(first), 5)
}

// due names the nearest deadline, how long from now, and whether it cannot be kept any more.
func (p *prose) due(d *answer.Diagnosis, now string, who sufferers) (text string, late bool) {
	i, late := p.nearest(d)
	if i.Deadline == "" {
		return "", false
	}
	span, past := until(now, i.Deadline)
	left := p.opt("left", "duration", span)
	key := "due"
	switch {
	case past:
		key, left = "due_passed", p.opt("passed", "duration", span)
	case late:
		key = "due_late"
	case i.Entity == who.only:
		key = "due_only"
	case i.Entity == who.self && len(d.Affected) > 1:
		key = "due_own_also"
	case i.Entity == who.self:
		key = "due_own"
	}
	name := p.names.of(i.Entity)
	if who.services && i.Service != "" {
		name = p.say("with_service", "entity", name, "service", line(i.Service))
	}
	return p.say(key, "entity", name, "time", p.when(i.Deadline), "left", left), late || past
}

// nearest finds the nearest deadline among those who suffer and in what the urgency says, which also knows the asked object's own.
func (p *prose) nearest(d *answer.Diagnosis) (first answer.Impact, late bool) {
	for _, i := range d.Impact {
		if i.Deadline != "" && i.State != "released" && (first.Deadline == "" || earlier(i.Deadline, first.Deadline)) {
			first = i
		}
	}
	u := d.Urgency
	if u == nil {
		return first, first.State == "late"
	}
	if said := stamp.FindString(u.Why); said != "" && (first.Deadline == "" || earlier(said, first.Deadline)) {
		for _, e := range p.names.long {
			if strings.Contains(u.Why, e) {
				return answer.Impact{Entity: e, Deadline: said}, p.pressed(u)
			}
		}
	}
	return first, first.State == "late"
}

// pressed reports whether the instant by which to act is here or gone.
func (p *prose) pressed(u *answer.Urgency) bool {
	by, err := time.Parse(time.RFC3339, u.ActBy)
	return err == nil && u.Class == "now" && !p.clock.now.IsZero() && by.Sub(p.clock.now) < time.Minute
}

// act says by when to act, where that is before the deadline, and whom to call.
func (p *prose) act(u *answer.Urgency, due string, late bool) string {
	if u == nil {
		return ""
	}
	var parts []string
	switch {
	case late:
		parts = append(parts, p.say("act_now"))
	case u.ActBy != "":
		if by := p.when(u.ActBy); !strings.Contains(due, by) {
			parts = append(parts, p.say("act_by", "time", by))
		}
	}
	if u.Contact != "" {
		parts = append(parts, p.say("call", "contact", line(u.Contact)))
	}
	return strings.Join(parts, p.say("and"))
}

func upperFirst(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	word, _, _ := strings.Cut(s, " ")
	if strings.ContainsAny(word, "_#./") {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
