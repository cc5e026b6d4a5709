package main

import (
	"context"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/tools"
)

func (p *program) whyCommand() *cli.Command {
	return &cli.Command{
		Name: "why", Usage: "say what a job or job stream waits for, hop by hop, down to what must be done", ArgsUsage: "TARGET",
		Description: "TARGET is WORKSTATION#STREAM.JOB, WORKSTATION#STREAM, STREAM.JOB, a bare name, #J and a number, or words of a description.",
		Flags:       append(listFlags(), watchFlag(), &cli.StringFlag{Name: "language", Value: "en", Usage: "en or pt"}),
		Action: func(ctx context.Context, c *cli.Command) error {
			form, target, err := aboutOne(c)
			if err != nil {
				return err
			}
			language := c.String("language")
			if language != "en" && language != "pt" {
				return fault.New(fault.Invalid, "There is no language %q.", language).WithHint("en and pt are.")
			}
			return p.onEngine(ctx, c, form, func(ctx context.Context, e engine, w *screen) ([]string, error) {
				r, err := e.tools.ExplainWait(ctx, tools.DiagnoseIn{Target: target, Language: language})
				if err != nil {
					return nil, err
				}
				return nil, said(w, form, r, func() { whyPage(w, r.Data) }, hopFields(r.Data))
			})
		},
	}
}

// hopFields are the hops of a chain as names and values.
func hopFields(o tools.DiagnoseOut) []tools.FieldRow {
	var out []tools.FieldRow
	for _, h := range o.Diagnosis.Chain {
		out = append(out, tools.FieldRow{Name: h.Entity, Value: h.BlockedBy + " [" + h.Why + "]"})
	}
	for _, c := range o.Diagnosis.Causes {
		out = append(out, tools.FieldRow{Name: c.Kind, Value: c.Statement})
	}
	return out
}

// wording is a sentence of the page in both languages.
type wording struct{ en, pt string }

func (w wording) in(language string) string {
	if language == "pt" {
		return w.pt
	}
	return w.en
}

var (
	wordCauses    = wording{"Root of it", "A raiz"}
	wordPlanned   = wording{"As planned", "Conforme planejado"}
	wordSuffers   = wording{"Held up behind it", "Parados atrás dele"}
	wordDo        = wording{"What to do", "O que fazer"}
	wordWhich     = wording{"Several fit; name one of them", "Vários atendem; informe um deles"}
	wordUnknown   = wording{"Nothing that was read says why it waits.", "Nada do que foi lido diz por que espera."}
	wordMore      = wording{"and more", "e mais"}
	wordItself    = wording{"by itself", "por si"}
	wordSeenAbove = wording{"(shown above)", "(já mostrado acima)"}
)

// whyPage writes the chain as a tree, then where it ends.
func whyPage(s *screen, o tools.DiagnoseOut) {
	d, lang := o.Diagnosis, o.Language
	if len(d.Candidates) > 0 && o.Subject == nil {
		s.line(looking(wordWhich.in(lang), bold))
		for _, c := range d.Candidates {
			s.line(text(c.Entity).behind("  "), text(c.Why))
		}
		return
	}
	root := ""
	if o.Subject != nil {
		root = o.Subject.Entity
		s.line(looking(root, bold), status(orElse(o.Subject.Status, o.Subject.CommonStatus)), text(o.Subject.Description))
	}
	t := newTree(d.Chain)
	t.draw(s, root, lang)
	for _, part := range []struct {
		title wording
		write func()
	}{
		{wordCauses, func() { causes(s, d.Causes) }},
		{wordPlanned, func() { explanations(s, d.Explanations) }},
	} {
		if part.title == wordCauses && len(d.Causes) == 0 || part.title == wordPlanned && len(d.Explanations) == 0 {
			continue
		}
		s.line(looking(part.title.in(lang), bold))
		part.write()
	}
	if len(d.Causes)+len(d.Explanations) == 0 {
		s.line(text(wordUnknown.in(lang)))
	}
	suffering(s, d, lang)
	advice(s, d.Actions, lang)
	missingLines(s, d.Missing)
}

func causes(s *screen, all []answer.Cause) {
	for _, c := range all {
		s.line(looking("["+string(c.Class)+"] "+c.Statement, red).behind("  "))
		evidenceLines(s, "      ", c.Evidence)
	}
}

func explanations(s *screen, all []answer.Explanation) {
	for _, x := range all {
		s.line(text(x.Statement).behind("  "))
		evidenceLines(s, "      ", x.Evidence)
	}
}

// mostShown bounds lists below the chain: the whole of them is in -o json.
const mostShown = 10

func suffering(s *screen, d *answer.Diagnosis, lang string) {
	if d.AffectedTotal == 0 {
		return
	}
	s.line(looking(wordSuffers.in(lang), bold), text(number(d.AffectedTotal)))
	for _, e := range d.Affected[:min(mostShown, len(d.Affected))] {
		s.line(text(e).behind("  "))
	}
	if len(d.Affected) > mostShown {
		s.line(text(wordMore.in(lang)).behind("  "))
	}
}

func advice(s *screen, all []answer.Action, lang string) {
	if len(all) == 0 {
		return
	}
	s.line(looking(wordDo.in(lang), bold))
	for _, a := range all {
		s.line(text(a.Text).behind("  "))
		if a.Command != "" {
			s.line(looking(a.Command, cyan).behind("      "))
		}
	}
}

func evidenceLines(s *screen, indent string, all []answer.Evidence) {
	for _, e := range all {
		where := e.Source
		if e.Line > 0 {
			where += ":" + number(e.Line)
		}
		s.line(looking(where+": "+e.Quote, dim).behind(indent))
	}
}

// tree is a chain by what each hop starts from.
type tree struct {
	hops  []answer.Hop
	below map[string][]int
	done  map[string]bool
}

func newTree(chain []answer.Hop) *tree {
	t := &tree{hops: chain, below: map[string][]int{}, done: map[string]bool{}}
	for i, h := range chain {
		t.below[h.Entity] = append(t.below[h.Entity], i)
	}
	return t
}

// draw writes the hops below an entity; what was drawn already, in a circle or on a second way, is named and not followed again. Hops that do not hang
// together with the root come after it.
func (t *tree) draw(s *screen, root, lang string) {
	t.branch(s, root, "", lang)
	for _, h := range t.hops {
		if !t.done[h.Entity] {
			s.line(text(h.Entity), status(h.Status))
			t.branch(s, h.Entity, "", lang)
		}
	}
}

func (t *tree) branch(s *screen, entity, indent, lang string) {
	t.done[entity] = true
	hops := t.below[entity]
	for n, i := range hops {
		h := t.hops[i]
		limb, next := "├─ ", "│  "
		if n == len(hops)-1 {
			limb, next = "└─ ", "   "
		}
		s.WriteString(indent + limb)
		if h.BlockedBy == entity { // nothing behind it: its own times or settings
			s.line(text(wordItself.in(lang)), looking("["+h.Why+"]", dim))
			evidenceLines(s, indent+next+"   ", h.Evidence)
			continue
		}
		again := t.done[h.BlockedBy]
		word, rest := t.statusOf(h)
		if again {
			s.line(text(h.BlockedBy), status(word), looking("["+h.Why+"]", dim), text(wordSeenAbove.in(lang)))
			continue
		}
		s.line(text(h.BlockedBy), status(word), looking("["+h.Why+"]", dim))
		evidenceLines(s, indent+next+"   ", rest)
		t.branch(s, h.BlockedBy, indent+next, lang)
	}
}

// statusOf is the status of what a hop leads to, as its evidence quotes it, and the evidence beside: the word on the line is that quote.
func (t *tree) statusOf(h answer.Hop) (string, []answer.Evidence) {
	var word string
	var rest []answer.Evidence
	for _, e := range h.Evidence {
		if w, ok := strings.CutPrefix(e.Quote, "status="); ok && word == "" && e.Source == "plan:"+h.BlockedBy {
			word = w
			continue
		}
		rest = append(rest, e)
	}
	if hops := t.below[h.BlockedBy]; word == "" && len(hops) > 0 {
		word = t.hops[hops[0]].Status
	}
	return word, rest
}

func number(n int) string { return strings.TrimSpace(figure(&n)) }
