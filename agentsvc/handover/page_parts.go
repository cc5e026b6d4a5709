package handover

import (
	"cmp"
	"fmt"
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

func (p *pager) deadlinePart() {
	p.section(p.phrases.deadlines)
	d := p.r.Deadlines
	switch {
	case !d.Known:
		p.line(0, "", words(p.deadlinesUnknown))
		return
	case len(d.Rows) == 0:
		p.line(0, "", words(p.noDeadlines))
	}
	told, open := inDanger(d.Rows)
	if len(told) == 0 && len(open) > 0 {
		p.line(0, "", words(p.noDeadlines))
	}
	shown, streams := 0, map[string]int{}
	for _, r := range told {
		streams[streamOf(r.Entity)]++
	}
	seen, rest := map[string]bool{}, 0
	for _, r := range told {
		stream := streamOf(r.Entity)
		if seen[stream] {
			continue
		}
		seen[stream] = true
		if shown == pageDeadlines {
			rest += streams[stream]
			continue
		}
		shown++
		p.deadlineRow(r, streams[stream]-1)
	}
	if rest > 0 {
		p.line(0, "", words(fill(p.moreDeadlines, rest)))
	}
	p.cannotBeTold(open)
	if n := d.Counts["on_time"]; n > 0 {
		p.line(0, "", words(fill(p.onTime, n)))
	}
	if d.Basis != "" && len(told) > 0 && p.r.Language == "en" {
		p.line(0, "", p.data("("+d.Basis+")"))
	}
}

// inDanger parts what is in danger from what nobody can tell: there something on the way has no clock, or was not read.
func inDanger(rows []Deadline) (told, open []Deadline) {
	for _, r := range rows {
		if r.Risk == "unknown" {
			open = append(open, r)
		} else {
			told = append(told, r)
		}
	}
	slices.SortStableFunc(open, func(a, b Deadline) int { return cmp.Compare(orLast(a.Deadline), orLast(b.Deadline)) })
	return told, open
}

// cannotBeTold names the first deadlines of which nobody can tell whether they will be kept.
func (p *pager) cannotBeTold(open []Deadline) {
	if len(open) == 0 {
		return
	}
	var parts [][]Span
	var sources []string
	for _, r := range open[:min(len(open), 3)] {
		parts = append(parts, slices.Concat(name(r.Entity), words(" ("), say(p.due, p.at(r.Deadline)), words(")")))
		sources = append(sources, r.Source)
	}
	p.line(0, strings.Join(sources, ", "), words("- "), say(p.cannotTell, words(strconv.Itoa(len(open))), joined("; ", parts...)))
}

// streamOf is the job stream's instance of a job, or the job stream itself.
func streamOf(entity string) string {
	if i := strings.LastIndex(entity, "]."); i >= 0 {
		return entity[:i+1]
	}
	return entity
}

func (p *pager) deadlineRow(r Deadline, more int) {
	risk := map[string]string{"missed": p.missed, "late": p.willLate, "blocked": p.blocked, "at_risk": p.atRisk, "unknown": p.riskUnknown}[r.Risk]
	parts := [][]Span{slices.Concat(name(r.Entity), words(": "), strong(cmp.Or(risk, r.Risk)))}
	if r.Deadline != "" {
		parts = append(parts, say(p.deadline, p.at(r.Deadline)))
	}
	if r.PredictedEnd != "" {
		phrase := p.predicted
		if r.AtLeast {
			phrase = p.earliest
		}
		parts = append(parts, say(phrase, p.at(r.PredictedEnd)))
	}
	switch m := r.SlackMinutes; {
	case m != nil && *m < 0:
		parts = append(parts, words(fill(p.shortMin, -*m)))
	case m != nil:
		parts = append(parts, words(fill(p.slackMin, *m)))
	}
	if r.ActBy != "" {
		parts = append(parts, say(p.actUntil, p.at(r.ActBy)))
	}
	if r.Because != "" {
		parts = append(parts, say(p.eats, name(r.Because)))
	}
	if r.Service != "" {
		parts = append(parts, p.data(r.Service))
	}
	if r.Contact != "" {
		parts = append(parts, name(r.Contact))
	}
	if more > 0 {
		parts = append(parts, words(fill(p.moreOfStream, more)))
	}
	p.line(0, r.Source, words("- "), joined("; ", parts...))
}

func (p *pager) happenedPart() {
	p.section(p.phrases.happened)
	h := p.r.Happened
	if !h.Known {
		p.line(0, "", words(p.pastUnknown))
		return
	}
	p.line(0, "plan:current", words(fill(p.runs, h.Counts["runs_started"], h.Counts["runs_ended_well"], h.Counts["runs_ended_badly"])))
	if len(h.Failures) == 0 && h.Counts["runs_ended_badly"] == 0 {
		p.line(0, "", words(p.noFailures))
	}
	for _, f := range h.Failures[:min(len(h.Failures), pageActs)] {
		p.failure(f)
	}
	if rest := h.Failures[min(len(h.Failures), pageActs):]; len(rest) > 0 {
		well := 0
		for _, f := range rest {
			if f.Repaired != "" {
				well++
			}
		}
		p.line(0, "", words("- "), words(fill(p.moreFailures, len(rest), well)))
	}
	p.actsOf(p.answered, h.Answers)
	var dated, undated []Act
	for _, a := range h.Cancelled {
		if a.At != "" {
			dated = append(dated, a)
		} else {
			undated = append(undated, a)
		}
	}
	p.actsOf(p.cancelled, dated)
	if len(undated) > 0 {
		p.line(0, "plan:current", words("- "), say(p.cancelledNow, names(entities(undated))))
	}
	p.actsOf(p.acts, h.Acts)
	for _, l := range h.Late {
		p.line(0, l.Source, words("- "), say(p.late, name(l.Entity)), words(" "), statusSpan(l.Status), words(": "), p.data(l.Why))
	}
	if h.More > 0 {
		p.line(0, "", words(fill(p.moreChanges, h.More)))
	}
}

func entities(list []Act) []string {
	var out []string
	for _, a := range list {
		out = append(out, a.Entity)
	}
	return out
}

func (p *pager) failure(f Failure) {
	var said []Span
	switch {
	case f.Ends == 0:
		said = say(p.was, name(f.Entity), p.data(f.Status))
	case f.Ends == 1:
		said = say(p.failedOnce, name(f.Entity), p.at(f.Last), p.data(f.Status))
	default:
		said = say(p.failedMore, name(f.Entity), words(strconv.Itoa(f.Ends)), p.at(f.Last), p.data(f.Status))
	}
	switch {
	case f.Repaired != "":
		said = slices.Concat(said, say(p.repairedAt, p.at(f.Repaired)))
		if f.By != "" {
			said = slices.Concat(said, say(p.repairedBy, p.data(f.Act), p.data(f.By)))
		}
		if f.Note != "" {
			said = slices.Concat(said, say(p.note, p.data(f.Note)))
		}
	case f.Open:
		said = slices.Concat(said, words(p.stillOpen))
	default:
		said = slices.Concat(said, words(p.endedBad))
	}
	p.line(0, strings.Join(f.Sources, ", "), words("- "), said)
}

func (p *pager) actsOf(phrase string, list []Act) {
	for _, a := range list[:min(len(list), pageActs)] {
		said := say(phrase, name(a.Entity))
		if a.What != "cancelled" || a.Before != "" {
			said = slices.Concat(said, words(", "), p.data(strings.ReplaceAll(a.What, "_", " ")))
		}
		if a.Before != "" {
			said = slices.Concat(said, words(": "), p.data(a.Before), words(" → "), p.data(cmp.Or(a.After, "?")))
		}
		if a.At != "" && a.Exact {
			said = slices.Concat(said, words(", "), p.at(a.At))
		} else if a.At != "" {
			said = slices.Concat(said, say(p.seenAt, p.at(a.At)))
		}
		if a.By != "" {
			said = slices.Concat(said, say(p.by, p.data(a.By)))
		}
		if a.After != "" && a.Before == "" {
			said = slices.Concat(said, say(p.note, p.data(a.After)))
		}
		p.line(0, a.Source, words("- "), said)
	}
	if more := len(list) - pageActs; more > 0 {
		p.line(0, "", words(fmt.Sprintf("- … +%d", more)))
	}
}

func (p *pager) normalPart() {
	if len(p.r.Normal) == 0 {
		return
	}
	p.section(p.normal)
	for _, n := range p.r.Normal {
		p.line(0, n.Source, words("- "), p.data(n.Statement), words(" — "), say(p.normalRow, p.data(n.By), p.at(n.Until), p.data(n.Note)))
	}
}

func (p *pager) unseenPart() {
	p.section(p.unseenHead)
	if len(p.r.Unseen) == 0 {
		p.line(0, "", words(p.allSeen))
		return
	}
	heads := map[string]string{UnseenHistory: p.kindHistory, UnseenStale: p.kindStale, UnseenMirror: p.kindMirror, UnseenZone: p.kindZone, UnseenMore: p.kindMore, UnseenRead: p.kindRead}
	for _, kind := range []string{UnseenStale, UnseenHistory, UnseenRead, UnseenMore, UnseenMirror, UnseenZone} {
		for _, u := range p.r.Unseen {
			if u.Kind == kind {
				p.line(0, u.Source, words("- "+heads[kind]+": "), p.data(u.Why))
			}
		}
	}
}
