package handover

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

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
