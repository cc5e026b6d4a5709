package compose

import (
	"slices"
	"strconv"
	"strings"

	"github.com/resync-hwa/resync/twstools/answer"
)

// impact tells how soon to act, who is held up, and which deadlines are near.
func (p *prose) impact(a answer.Answer, r reading) {
	d := a.Diagnosis
	p.paragraph()
	p.urgency(d.Urgency)
	told := worth(d)
	p.heldUp(d, r, told)
	for _, i := range told {
		if d.Urgency != nil && i.Contact == d.Urgency.Contact {
			i.Contact = ""
		}
		p.suffers(i, a.Clocks.PlanNow)
	}
}

// worth picks who is told of by name: the nearest deadline of each service, then services without one. What the urgency says already is
// not said again.
func worth(d *answer.Diagnosis) []answer.Impact {
	const most = 3
	list := slices.Clone(d.Impact)
	slices.SortStableFunc(list, func(a, b answer.Impact) int {
		switch {
		case (a.Deadline == "") != (b.Deadline == ""):
			return strings.Compare(b.Deadline, a.Deadline)
		case a.Deadline == b.Deadline:
			return 0
		case earlier(a.Deadline, b.Deadline):
			return -1
		}
		return 1
	})
	var out []answer.Impact
	seen := map[string]bool{}
	for _, i := range list {
		key := i.Service
		if key == "" {
			key = i.Entity
		}
		if i.Deadline == "" && i.Service == "" || seen[key] || len(out) == most {
			continue
		}
		seen[key] = true
		if d.Urgency == nil || !strings.Contains(d.Urgency.Why, i.Entity) {
			out = append(out, i)
		}
	}
	return out
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
