package handover

import (
	"cmp"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/tools"
)

const (
	maxOpen     = 20 // told one by one
	maxSuffers  = 5
	maxAdvice   = 3
	maxEvidence = 3
)

// open lists what is not done: what was looked into, the plan's causes that are no object to look into, what else needs a person, and findings.
func (b *builder) open() {
	for _, o := range b.single {
		if d := o.Diagnosis; o.Subject == nil || d.Verdict == answer.NoProblem && !b.needsPerson(o.Subject.Entity) {
			continue
		}
		b.addOpen(b.diagnosed(o))
	}
	if b.whole != nil {
		for _, c := range b.whole.Diagnosis.Causes {
			b.addOpen(b.caused(c))
		}
	}
	if b.status != nil {
		for _, a := range b.status.NeedsPerson {
			b.addOpen(b.noticed(a))
		}
	}
	for _, r := range b.radar {
		b.addOpen(found(r))
	}
	b.out.Open = slices.DeleteFunc(b.out.Open, b.acknowledged)
	list := b.out.Open
	for i := range list {
		b.soonest(&list[i])
		list[i].Contacts = orEmpty(list[i].Contacts)
		list[i].Acts, list[i].Suffers, list[i].Evidence = orEmpty(list[i].Acts), orEmpty(list[i].Suffers), orEmpty(list[i].Evidence)
	}
	slices.SortStableFunc(list, func(x, y Open) int {
		return cmp.Or(cmp.Compare(pressing(x), pressing(y)), cmp.Compare(orLast(x.ActBy), orLast(y.ActBy)), cmp.Compare(y.SuffersAll, x.SuffersAll))
	})
	b.out.OpenTotal = len(list)
	if b.status != nil {
		b.out.OpenTotal += b.status.NeedsPersonTotal - len(b.status.NeedsPerson)
	}
	b.out.Open = list[:min(len(list), maxOpen)]
}

// acknowledged reports whether somebody took just this for normal here: it is told as that, and is not open. What it holds up is told by its deadline.
func (b *builder) acknowledged(o Open) bool {
	return slices.ContainsFunc(b.out.Normal, func(n Normal) bool { return n.Entity == o.Entity && (o.Kind == n.Kind || o.Kind == "") })
}

// caused is a cause of the whole plan's diagnosis: what is advised there about its object.
func (b *builder) caused(c answer.Cause) Open {
	o := Open{Entity: c.Entity, Ref: c.Ref, Kind: c.Kind, Cause: c.Statement, Class: c.Class, Statement: c.Statement, Evidence: evidence(c.Evidence), LookedInto: true, Source: firstSource(c.Evidence, c.Entity)}
	for _, a := range b.whole.Diagnosis.Actions {
		if a.Target == c.Entity && len(o.Acts) < maxAdvice {
			o.Acts = append(o.Acts, a)
		}
	}
	if a := b.attention(c.Entity); a != nil {
		o.Status, o.Since = a.Status, a.Since
	}
	o.Person = person(o.Kind, o.Acts)
	return o
}

// soonest keeps the report from naming two times for one act: where deadlines fall with what is open, it must be acted on by the earliest of their times.
func (b *builder) soonest(o *Open) {
	for _, r := range b.late {
		if r.Eater == nil || r.Eater.Entity != o.Entity && r.Eater.Entity != o.Root && !slices.Contains(o.Also, r.Eater.Entity) {
			continue
		}
		at, ok := instant(r.ActBy)
		if have, known := instant(o.ActBy); ok && (!known || at.Before(have)) {
			o.ActBy = r.ActBy
			o.Contacts = addContact(o.Contacts, r.Contact)
		}
	}
}

func orEmpty[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// orLast orders what has no time behind what has one.
func orLast(s string) string { return cmp.Or(s, "~") }

// pressing ranks by how soon a person must act; what was not reckoned goes by what a finding's severity says of it.
func pressing(o Open) int {
	switch o.Urgency {
	case "now":
		return 0
	case "this_shift":
		return 2
	case "morning":
		return 4
	case "none":
		return 6
	}
	switch o.Severity {
	case "critical":
		return 1
	case "high":
		return 3
	case "medium":
		return 5
	case "low":
		return 7
	}
	return 5
}

// addOpen adds what is not there yet. The same cause, or an object of what is there, only adds to it.
func (b *builder) addOpen(o Open) {
	for i := range b.out.Open {
		have := &b.out.Open[i]
		same := have.Entity == o.Entity || have.Root != "" && have.Root == o.Entity || o.Root != "" && (o.Root == have.Entity || o.Root == have.Root) && o.Kind == have.Kind ||
			within(have.Entity, o.Entity) || slices.Contains(have.Also, o.Entity)
		if !same {
			continue
		}
		if o.Entity != have.Entity && o.Entity != have.Root && !within(have.Entity, o.Entity) && !slices.Contains(have.Also, o.Entity) {
			have.Also = append(have.Also, o.Entity)
		}
		have.Since, have.Severity = cmp.Or(have.Since, o.Since), cmp.Or(have.Severity, o.Severity)
		if len(have.Acts) == 0 {
			have.Acts = o.Acts
		}
		return
	}
	b.out.Open = append(b.out.Open, o)
}

// diagnosed is an object that was looked into.
func (b *builder) diagnosed(r tools.DiagnoseOut) Open {
	d, s := r.Diagnosis, r.Subject
	o := Open{Entity: s.Entity, Ref: s.Ref, Status: s.Status, Since: cmp.Or(s.End, s.Start), LookedInto: true, SuffersAll: d.AffectedTotal, Source: "plan:" + s.Entity}
	switch {
	case len(d.Causes) > 0:
		c := d.Causes[0]
		o.Kind, o.Cause, o.Class, o.Statement, o.Evidence, o.Source = c.Kind, c.Statement, c.Class, c.Statement, evidence(c.Evidence), firstSource(c.Evidence, c.Entity)
		if c.Entity != s.Entity {
			o.Root = c.Entity
		}
	case len(d.Explanations) > 0:
		e := d.Explanations[0]
		o.Kind, o.Statement, o.Evidence, o.Source = e.Kind, e.Statement, evidence(e.Evidence), firstSource(e.Evidence, e.Entity)
	default:
		o.Statement = b.phrases().noCause
	}
	if u := d.Urgency; u != nil {
		o.Urgency, o.ActBy, o.Why = u.Class, u.ActBy, u.Why
		o.Contacts = addContact(o.Contacts, u.Contact)
	}
	o.Suffers = suffering(d.Impact)
	for _, i := range d.Impact {
		o.Contacts = addContact(o.Contacts, i.Contact)
	}
	o.Contacts = o.Contacts[:min(len(o.Contacts), 4)]
	o.Acts = d.Actions[:min(len(d.Actions), maxAdvice)]
	o.Person = person(o.Kind, o.Acts)
	if a := b.attention(s.Entity); a != nil {
		o.Since = cmp.Or(a.Since, o.Since)
		o.Status = cmp.Or(o.Status, a.Status)
	}
	return o
}

func (b *builder) attention(entity string) *tools.AttentionRow {
	if b.status == nil {
		return nil
	}
	for i, a := range b.status.NeedsPerson {
		if a.Entity == entity {
			return &b.status.NeedsPerson[i]
		}
	}
	return nil
}

// noticed is what needs a person and was not looked into.
func (b *builder) noticed(a tools.AttentionRow) Open {
	prefix := "plan:"
	if a.Kind == "workstation" || a.Kind == "prompt" {
		prefix = a.Kind + ":"
	}
	return Open{Entity: a.Entity, Ref: answer.Ref{Type: a.Kind}, Status: a.Status, Since: a.Since, Statement: a.Why, Person: a.Kind == "prompt", Source: prefix + a.Entity}
}

// found is a finding of the radar.
func found(r tools.RadarRow) Open {
	o := Open{Entity: r.Entity, Ref: r.Ref, Kind: r.Kind, Class: answer.Class(r.Class), Since: r.Since, Statement: r.Statement, LookedInto: true, Severity: r.Severity, Source: "plan:" + r.Entity}
	for _, e := range r.Evidence {
		o.Evidence = append(o.Evidence, answer.Evidence{Source: e.Source, Quote: e.Quote})
	}
	for _, a := range r.Actions {
		o.Acts = append(o.Acts, answer.Action{Code: a.Code, Target: r.Entity, Text: a.Text, Command: a.Command, After: -1})
	}
	o.Evidence = evidence(o.Evidence)
	o.Acts = o.Acts[:min(len(o.Acts), maxAdvice)]
	o.Source = firstSource(o.Evidence, o.Entity)
	o.Person = person(o.Kind, o.Acts)
	return o
}

// person reports whether somebody's word is waited for: a question in the plan, or a confirmation.
func person(kind string, acts []answer.Action) bool {
	return kind == "sched.dep.prompt" || slices.ContainsFunc(acts, func(a answer.Action) bool {
		return a.Code == "answer_prompt" || strings.HasPrefix(a.Code, "confirm_")
	})
}

func evidence(list []answer.Evidence) []answer.Evidence { return list[:min(len(list), maxEvidence)] }

func addContact(list []string, one string) []string {
	if one == "" || slices.Contains(list, one) {
		return list
	}
	return append(list, one)
}

// suffering chooses whom to name: one row a service, those with a deadline first, the earliest before the others.
func suffering(all []answer.Impact) []answer.Impact {
	list := slices.Clone(all)
	slices.SortStableFunc(list, func(x, y answer.Impact) int {
		return cmp.Or(cmp.Compare(orLast(x.Deadline), orLast(y.Deadline)), cmp.Compare(x.Hops, y.Hops))
	})
	var out []answer.Impact
	for _, i := range list {
		if i.Service != "" && slices.ContainsFunc(out, func(o answer.Impact) bool { return o.Service == i.Service }) {
			continue
		}
		out = append(out, i)
	}
	return out[:min(len(out), maxSuffers)]
}
