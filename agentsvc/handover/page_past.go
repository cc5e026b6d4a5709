package handover

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

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
