package handover

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/resync-hwa/resync/twstools/answer"
)

// How many rows of each part people are told one by one; the Report has more.
const (
	pageOpen      = 12
	pageDeadlines = 10
	pageActs      = 12
)

func (p *pager) summary() {
	p.section("")
	if m := p.r.Engine.Mode; m != "live" && m != "" {
		p.line(0, "", say(p.demo, words(m)))
	}
	zone := cmp.Or(p.r.Zone, p.now.Format("-07:00"))
	p.line(0, "", say(p.covers, p.at(p.r.From), p.at(p.r.To)), words(" "), say(p.phrases.zone, words(zone), words(p.now.Format("-07:00"))), words(" "), say(p.deadlinesTo, p.at(p.r.Until)))
	switch n := p.r.OpenTotal; {
	case n == 0 && p.r.Plan.Known:
		p.line(0, "", strong(p.nothingOpen))
	case n == 0:
		p.line(0, "", strong(p.unknownNow))
	case n == 1:
		p.line(0, "", strong(p.openOne))
	default:
		p.line(0, "", strong(fill(p.openMany, n)))
	}
	if len(p.r.Open) > 0 {
		o := p.r.Open[0]
		p.line(0, o.Source, say(p.first, p.data(o.Statement)), p.urgent(o))
	}
	if f := p.r.Happened.Failures; p.r.Happened.Known && len(f) > 0 {
		well := 0
		for _, one := range f {
			if one.Repaired != "" {
				well++
			}
		}
		bad := 0
		for _, one := range f {
			if one.Ends > 0 {
				bad++
			}
		}
		p.line(0, "", words(fill(p.happenedIs, bad, well)))
	}
	if p.r.Plan.Known {
		p.line(0, p.r.Plan.Source, words(fill(p.planIs, p.r.Plan.JobsTotal, counted(p.r.Plan.JobsByStatus))))
		if p.r.Plan.Problem != "" {
			p.line(0, p.r.Plan.Source, say(p.planProblem, p.data(p.r.Plan.Problem)))
		}
	}
	if len(p.r.Unseen) > 0 {
		p.line(0, "", words(p.unseenBut))
	}
}

// counted writes counts by status, the most first.
func counted(by map[string]int) string {
	keys := slices.Sorted(maps.Keys(by))
	slices.SortStableFunc(keys, func(a, b string) int { return cmp.Compare(by[b], by[a]) })
	parts := make([]string, len(keys))
	for i, k := range keys {
		parts[i] = k + " " + strconv.Itoa(by[k])
	}
	return strings.Join(parts, ", ")
}

// urgent is how soon to act, in brackets; nothing where it is not known.
func (p *pager) urgent(o Open) []Span {
	word := map[string]string{"now": p.phrases.now, "this_shift": p.thisShift, "morning": p.morning}[o.Urgency]
	if word == "" {
		return nil
	}
	parts := [][]Span{words(word)}
	if o.ActBy != "" {
		parts = append(parts, say(p.actBy, p.at(o.ActBy)))
	}
	return slices.Concat(words(" ["), joined(", ", parts...), words("]"))
}

func (p *pager) openPart() {
	p.section(p.open)
	if len(p.r.Open) == 0 {
		p.line(0, "", words(map[bool]string{true: p.nothingOpen, false: p.unknownNow}[p.r.Plan.Known]))
		return
	}
	for i, o := range p.r.Open[:min(len(p.r.Open), pageOpen)] {
		p.openItem(i+1, o)
	}
	if more := p.r.OpenTotal - min(len(p.r.Open), pageOpen); more > 0 {
		p.line(0, "", words(fill(p.moreOpen, more)))
	}
}

func (p *pager) openItem(n int, o Open) {
	head := joined(" ", words(strconv.Itoa(n)+"."), name(o.Entity), statusSpan(o.Status))
	if o.Since != "" {
		head = append(head, say(", "+p.since, p.at(o.Since))...)
	}
	p.line(0, "", head, p.urgent(o))
	said := p.data(o.Statement)
	if o.Class == answer.Likely {
		said = slices.Concat(said, words(" ("+p.likely+")"))
	}
	p.line(1, o.Source, said)
	if o.Root != "" {
		p.line(1, "", say(p.root, name(o.Root)))
	}
	if !o.LookedInto {
		p.line(1, "", words(p.notLooked))
	}
	if o.Person {
		p.line(1, "", strong(p.person))
	}
	p.suffering(o)
	if len(o.Also) > 0 {
		p.line(1, "", say(p.also, names(o.Also)))
	}
	if len(o.Contacts) > 0 {
		p.line(1, "", say(p.contact, names(o.Contacts)))
	}
	for _, a := range o.Acts {
		if a.Code != "inform" || !slices.Contains(o.Contacts, a.Target) { // the contact was told
			p.advised(a)
		}
	}
}

func statusSpan(s string) []Span {
	if s == "" {
		return nil
	}
	return []Span{{Data, s}}
}

func names(list []string) []Span {
	var parts [][]Span
	for _, n := range list {
		parts = append(parts, name(n))
	}
	return joined(", ", parts...)
}

func (p *pager) suffering(o Open) {
	if o.SuffersAll == 0 || len(o.Suffers) == 0 {
		return
	}
	var parts [][]Span
	for _, s := range o.Suffers[:min(len(o.Suffers), 3)] {
		var in [][]Span
		if s.Service != "" {
			in = append(in, p.data(s.Service))
		}
		if s.Deadline != "" {
			in = append(in, say(p.due, p.at(s.Deadline)))
		}
		one := name(s.Entity)
		if len(in) > 0 {
			one = slices.Concat(one, words(" ("), joined(", ", in...), words(")"))
		}
		parts = append(parts, one)
	}
	if o.SuffersAll == 1 {
		p.line(1, "", say(p.suffersOne, joined("; ", parts...)))
		return
	}
	p.line(1, "", say(p.suffersMany, words(strconv.Itoa(o.SuffersAll)), joined("; ", parts...)))
}

func (p *pager) advised(a answer.Action) {
	said := say(p.advice, p.data(a.Text))
	if a.Command != "" {
		said = slices.Concat(said, words(" "), say(p.command, code(a.Command)))
	}
	var no, open []string
	for _, c := range a.Preconditions {
		switch c.Met {
		case "no":
			no = append(no, strings.TrimRight(c.Text, "."))
		case "unknown":
			open = append(open, strings.TrimRight(c.Text, "."))
		}
	}
	p.line(1, "", said)
	if len(no) > 0 {
		p.line(2, "", say(p.condNo, p.data(strings.Join(no, "; "))))
	}
	if len(open) > 0 {
		p.line(2, "", say(p.condUnknown, p.data(strings.Join(open, "; "))))
	}
}
