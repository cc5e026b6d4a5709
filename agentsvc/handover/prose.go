package handover

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// maxWords is what an answer of the chat may have (contracts/answer.md).
const maxWords = 350

// How many of each the chat names.
const (
	proseOpen      = 5
	proseDeadlines = 3
	proseHappened  = 6
	proseUnseen    = 2
)

// Prose writes the report for the chat: Markdown of at most 350 words, what is most urgent first. It counts nothing itself: its numbers and times are
// those of the tools.
func (r Report) Prose() string {
	w := &writer{pager: r.pager()}
	w.open()
	w.deadlines()
	w.happened()
	w.normal()
	w.unseen()
	return strings.TrimSpace(w.b.String())
}

// writer writes within the bound of words.
type writer struct {
	*pager
	b     strings.Builder
	words int
	zoned bool
}

// add writes a piece if it still fits; it reports whether it did.
func (w *writer) add(sep, text string) bool {
	n := len(strings.Fields(text))
	if text == "" || w.words+n > maxWords {
		return false
	}
	w.words += n
	w.b.WriteString(sep + text)
	return true
}

// list writes a head and as many items as fit.
func (w *writer) list(head string, items []string) {
	if len(items) == 0 || w.words+len(strings.Fields(head+" "+items[0])) > maxWords || !w.add("\n\n", begun(head)) {
		return
	}
	for _, item := range items {
		if !w.add("\n", "- "+begun(item)) {
			return
		}
	}
}

// md writes spans as Markdown on one line.
func md(spans ...[]Span) string {
	var b strings.Builder
	for _, s := range slices.Concat(spans...) {
		switch s.Kind {
		case Name, Code:
			b.WriteString(inCode(s.Text))
		default:
			b.WriteString(escape(s.Text))
		}
	}
	return b.String()
}

// clock writes an instant; the first one says the zone.
func (w *writer) clock(s string) string {
	t, err := time.Parse(time.RFC3339, s)
	text := w.when(s)
	if err != nil || w.zoned || w.now.IsZero() {
		return text
	}
	w.zoned = true
	t = t.In(w.now.Location())
	at, rest, _ := strings.Cut(text, " ")
	return strings.TrimSpace(at + " " + offset(t) + " " + strings.TrimSpace(strings.TrimPrefix(rest, t.Format("-07:00"))))
}

// offset writes UTC, UTC-3, UTC+5:30.
func offset(t time.Time) string {
	_, off := t.Zone()
	if off == 0 {
		return "UTC"
	}
	sign := "+"
	if off < 0 {
		sign, off = "-", -off
	}
	text := fmt.Sprintf("UTC%s%d", sign, off/3600)
	if m := off % 3600 / 60; m > 0 {
		text += fmt.Sprintf(":%02d", m)
	}
	return text
}

func (w *writer) open() {
	if len(w.r.Open) == 0 {
		w.add("", "**"+escape(map[bool]string{true: w.nothingOpen, false: w.unknownNow}[w.r.Plan.Known])+"**")
		return
	}
	first := w.r.Open[0]
	said := strings.TrimRight(md(w.data(first.Statement)), ". ")
	w.add("", "**"+escape(w.proseFirst)+" "+said+".**")
	w.add(" ", w.howSoon(first))
	var items []string
	for _, o := range w.r.Open[1:min(len(w.r.Open), proseOpen)] {
		items = append(items, strings.TrimSpace(strings.TrimRight(md(w.data(o.Statement)), ". ")+". "+w.howSoon(o)))
	}
	w.list(escape(w.proseAlso), items)
}

// howSoon says until when to act, whom to call, and the first thing that is advised.
func (w *writer) howSoon(o Open) string {
	var parts []string
	if o.ActBy != "" {
		parts = append(parts, upper(fill(w.actBy, escape(w.clock(o.ActBy))))+".")
	}
	if len(o.Contacts) > 0 {
		parts = append(parts, fill(w.contact, inCode(o.Contacts[0]))+".")
	}
	if len(o.Acts) > 0 && o.Entity == w.r.Open[0].Entity {
		parts = append(parts, fill(w.advice, md(w.data(o.Acts[0].Text))))
	}
	return strings.Join(parts, " ")
}

func upper(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func (w *writer) deadlines() {
	var items []string
	seen := map[string]bool{}
	told, _ := inDanger(w.r.Deadlines.Rows)
	for _, r := range told {
		if stream := streamOf(r.Entity); len(items) < proseDeadlines && !seen[stream] {
			seen[stream] = true
			items = append(items, w.deadlineItem(r))
		}
	}
	switch {
	case !w.r.Deadlines.Known:
		w.add("\n\n", escape(w.deadlinesUnknown))
	case len(items) == 0:
		w.add("\n\n", escape(w.noDeadlines))
	default:
		w.list(escape(w.phrases.deadlines)+":", items)
	}
}

func (w *writer) deadlineItem(r Deadline) string {
	risk := map[string]string{"missed": w.missed, "late": w.willLate, "blocked": w.blocked, "at_risk": w.atRisk, "unknown": w.riskUnknown}[r.Risk]
	parts := []string{inCode(r.Entity) + ": " + escape(cmp.Or(risk, r.Risk))}
	if r.Deadline != "" {
		parts = append(parts, fill(w.deadline, escape(w.clock(r.Deadline))))
	}
	if r.PredictedEnd != "" {
		parts = append(parts, fill(map[bool]string{true: w.earliest, false: w.predicted}[r.AtLeast], escape(w.clock(r.PredictedEnd))))
	}
	if r.Because != "" {
		parts = append(parts, fill(w.eats, inCode(r.Because)))
	}
	return strings.Join(parts, ", ") + "."
}

func (w *writer) happened() {
	h := w.r.Happened
	if !h.Known {
		w.add("\n\n", escape(w.pastUnknown))
		return
	}
	var items []string
	for _, f := range h.Failures {
		item := inCode(f.Entity) + ": " + escape(f.Status)
		if f.Last != "" {
			item += ", " + escape(w.clock(f.Last))
		}
		switch {
		case f.Repaired != "":
			item += escape(fill(w.repairedAt, w.clock(f.Repaired)))
			if f.By != "" {
				item += escape(fill(w.repairedBy, f.Act, f.By))
			}
		case f.Open:
			item += escape(w.stillOpen)
		}
		items = append(items, item+".")
	}
	for _, a := range h.Answers {
		items = append(items, w.actItem(w.answered, a))
	}
	for _, a := range h.Cancelled {
		if a.At != "" {
			items = append(items, w.actItem(w.cancelled, a))
		}
	}
	head := fill(w.proseRuns, w.clock(w.r.From), h.Counts["runs_ended_well"], h.Counts["runs_ended_badly"])
	if len(items) == 0 {
		w.add("\n\n", escape(head))
		return
	}
	w.list(escape(head), items[:min(len(items), proseHappened)])
}

func (w *writer) actItem(phrase string, a Act) string {
	item := fill(phrase, inCode(a.Entity))
	if a.At != "" {
		item += ", " + escape(w.clock(a.At))
	}
	if a.By != "" {
		item += escape(fill(w.by, a.By))
	}
	return item + "."
}

func (w *writer) normal() {
	var list []string
	for _, n := range w.r.Normal {
		list = append(list, inCode(n.Entity))
	}
	if len(list) > 0 {
		w.add("\n\n", escape(w.phrases.normal)+": "+strings.Join(list[:min(len(list), 4)], ", ")+".")
	}
}

func (w *writer) unseen() {
	var said []string
	for _, kind := range []string{UnseenStale, UnseenHistory, UnseenRead, UnseenZone} {
		for _, u := range w.r.Unseen {
			if u.Kind == kind && len(said) < proseUnseen {
				said = append(said, md(w.data(u.Why)))
			}
		}
	}
	if len(said) > 0 {
		w.add("\n\n", escape(w.phrases.unseenHead)+": "+strings.Join(said, "; ")+".")
	}
}
