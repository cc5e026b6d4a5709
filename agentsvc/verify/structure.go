package verify

import (
	"slices"
	"strings"

	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools/answer"
)

// minQuote is the shortest quote that can prove something.
const minQuote = 3

// Structure verifies diagnosis and citations in place.
func (c *Checker) Structure(a *answer.Answer) Report {
	var r Report
	a.Citations = keepIf(a.Citations, func(ct *answer.Citation) bool {
		if c.found(answer.Evidence{Source: ct.Source, Quote: ct.Quote}) {
			return true
		}
		r.strike("citation", "not found in its document", ct.Source)
		return false
	})
	d := a.Diagnosis
	if d == nil {
		return r
	}
	c.causes(d, a.Stale, &r)
	d.Explanations = keepIf(d.Explanations, func(e *answer.Explanation) bool { return c.explanation(e, &r) })
	for i := range d.Chain {
		c.evidence(&d.Chain[i].Evidence, &r)
		if k := d.Chain[i].Why; k != "" && !answer.KindKnown(k) {
			d.Chain[i].Why = knownPrefix(k)
		}
	}
	c.actions(d, &r)
	settle(d)
	return r
}

func (c *Checker) causes(d *answer.Diagnosis, stale bool, r *Report) {
	d.Causes = keepIf(d.Causes, func(cause *answer.Cause) bool {
		if kind := knownPrefix(cause.Kind); kind != cause.Kind {
			r.strike("class", "kind is not in the list", cause.Kind)
			cause.Kind = kind
			lower(cause)
		}
		if cause.Kind == "" || answer.Planned(cause.Kind) {
			r.strike("cause", "its kind is no kind of cause", cause.Statement)
			return false
		}
		if c.evidence(&cause.Evidence, r) {
			lower(cause)
		}
		if len(cause.Evidence) == 0 {
			r.strike("cause", "no evidence left", cause.Statement)
			return false
		}
		if stale && cause.Class == answer.Confirmed || cause.Class != answer.Confirmed && cause.Class != answer.Likely {
			r.strike("class", "lowered to likely", cause.Entity)
			lower(cause)
		}
		return true
	})
	if extra := len(d.Causes) - MaxCauses; extra > 0 {
		for _, cause := range d.Causes[MaxCauses:] {
			r.strike("cause", "more than four", cause.Statement)
			d.Candidates = append(d.Candidates, answer.Candidate{Entity: cause.Entity, Ref: cause.Ref, Why: cause.Kind})
		}
		d.Causes = d.Causes[:MaxCauses]
	}
}

// explanation keeps an explanation whose kind is planned and that did not lose all its evidence.
func (c *Checker) explanation(e *answer.Explanation, r *Report) bool {
	had := len(e.Evidence) > 0
	c.evidence(&e.Evidence, r)
	if !answer.Planned(e.Kind) || !answer.KindKnown(e.Kind) {
		r.strike("explanation", "its kind is no explanation", e.Statement)
		return false
	}
	if had && len(e.Evidence) == 0 {
		r.strike("explanation", "no evidence left", e.Statement)
		return false
	}
	return true
}

// evidence strikes what is not found and reports whether anything was struck.
func (c *Checker) evidence(list *[]answer.Evidence, r *Report) (struck bool) {
	*list = keepIf(*list, func(e *answer.Evidence) bool {
		if c.found(*e) {
			return true
		}
		r.strike("evidence", "not found in "+e.Source, e.Quote)
		struck = true
		return false
	})
	return struck
}

// found reports whether the quote stands in its source as this conversation's tools returned it.
func (c *Checker) found(e answer.Evidence) bool {
	quote := untrusted.Normalize(e.Quote)
	if id, ok := strings.CutPrefix(e.Source, "absence:"); ok {
		// What is absent cannot be quoted: the quote is the query with its total, and it counts when the call was made and gave data.
		return c.corpus.calls[id] && strings.ContainsAny(quote, "0123456789")
	}
	if len([]rune(quote)) < minQuote {
		return false
	}
	for _, s := range c.corpus.sources[e.Source] {
		if e.RunID != "" && s.RunID != "" && e.RunID != s.RunID {
			continue
		}
		if inLines(s.Lines, e.Line, quote, strings.HasPrefix(e.Source, "knowledge:")) || e.Line == 0 && inFields(s.Fields, quote) {
			return true
		}
	}
	return false
}

// inLines looks in line n, or in any; a quote without a line may run over several that follow each other. Over what
// was left out between two lines no quote goes, but in documents, whose empty lines are left out (gaps).
func inLines(lines []toolkit.Line, n int, quote string, gaps bool) bool {
	for at := 0; n == 0 && at < len(lines); {
		end := at + 1
		for end < len(lines) && (gaps || lines[end].N >= lines[end-1].N && lines[end].N <= lines[end-1].N+1) {
			end++
		}
		var all strings.Builder
		for _, l := range lines[at:end] {
			all.WriteString(l.Text + " ")
		}
		if end-at > 1 && strings.Contains(untrusted.Normalize(all.String()), quote) {
			return true
		}
		at = end
	}
	return slices.ContainsFunc(lines, func(l toolkit.Line) bool {
		return (n == 0 || l.N == n) && strings.Contains(untrusted.Normalize(l.Text), quote)
	})
}

// inFields takes name=value, or several of them joined by a comma or semicolon, each of which must stand.
func inFields(fields []toolkit.Field, quote string) bool {
	has := func(q string) bool {
		return slices.ContainsFunc(fields, func(f toolkit.Field) bool { return untrusted.Normalize(f.Name+"="+f.Value) == q })
	}
	if has(quote) {
		return true
	}
	for _, sep := range []string{", ", "; "} {
		if parts := strings.Split(quote, sep); len(parts) > 1 && !slices.ContainsFunc(parts, func(p string) bool { return !has(strings.TrimSpace(p)) }) {
			return true
		}
	}
	return false
}

// actions drops unknown codes, moves the `after` of the rest along, and takes away commands that may not be shown.
func (c *Checker) actions(d *answer.Diagnosis, r *Report) {
	place := make([]int, len(d.Actions))
	var kept []answer.Action
	for i, a := range d.Actions {
		place[i] = -1
		rule, ok := answer.RuleFor(a.Code)
		if !ok {
			r.strike("action", "code is not in the list", a.Code)
			continue
		}
		if a.Command != "" && !commandMayStand(rule, a.Command) {
			r.strike("command", "not allowed for "+a.Code, a.Command)
			a.Command = ""
		}
		if rule.Group == "operate" {
			a.NeedsApproval = true
		}
		place[i] = len(kept)
		kept = append(kept, a)
	}
	for i := range kept {
		if at := kept[i].After; at >= 0 && at < len(place) && place[at] != i {
			kept[i].After = place[at]
		} else {
			kept[i].After = -1
		}
	}
	d.Actions = kept
}

// commandMayStand refuses commands where the code has none, more than one line, wildcards, and conman's ;noask.
func commandMayStand(rule answer.ActionRule, command string) bool {
	return rule.Command && rule.Group != "administrate" && !strings.ContainsAny(command, "@?*\n\r`|&<>$") &&
		!strings.Contains(strings.ToLower(strings.ReplaceAll(command, " ", "")), ";noask")
}

// settle makes verdict and class follow from what is left, and empty lists empty instead of null.
func settle(d *answer.Diagnosis) {
	if d.Verdict == answer.Problem && len(d.Causes) == 0 {
		d.Verdict = answer.InsufficientEvidence
	}
	d.ConfidenceClass = answer.Inconclusive
	if len(d.Causes) > 0 {
		d.ConfidenceClass = d.Causes[0].Class
	}
	Fill(d)
}

// Fill makes empty lists of the diagnosis empty lists: readers index them without looking.
func Fill(d *answer.Diagnosis) {
	if d.Urgency == nil {
		d.Urgency = &answer.Urgency{Class: "none"}
	}
	d.Causes, d.Explanations, d.Chain, d.Impact = full(d.Causes), full(d.Explanations), full(d.Chain), full(d.Impact)
	d.Affected, d.Candidates, d.RuledOut, d.Actions = full(d.Affected), full(d.Candidates), full(d.RuledOut), full(d.Actions)
	d.Missing, d.WouldChange = full(d.Missing), full(d.WouldChange)
	for i := range d.Causes {
		d.Causes[i].Evidence = full(d.Causes[i].Evidence)
	}
	for i := range d.Explanations {
		d.Explanations[i].Evidence = full(d.Explanations[i].Evidence)
	}
	for i := range d.Chain {
		d.Chain[i].Evidence = full(d.Chain[i].Evidence)
	}
	for i := range d.Actions {
		d.Actions[i].Preconditions, d.Actions[i].Starts = full(d.Actions[i].Preconditions), full(d.Actions[i].Starts)
	}
}

// knownPrefix gives the deepest known kind that kind starts with, empty when none is.
func knownPrefix(kind string) string {
	for kind != "" && !answer.KindKnown(kind) {
		i := strings.LastIndexByte(kind, '.')
		kind = kind[:max(i, 0)]
	}
	return kind
}

func lower(cause *answer.Cause) {
	cause.Class = answer.Likely
	cause.Confidence = min(cause.Confidence, 0.7)
}

func full[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// keepIf gives what keep says yes to, in a slice of its own: the ledger's decoded data stays as it was.
func keepIf[T any](s []T, keep func(*T) bool) []T {
	out := make([]T, 0, len(s))
	for i := range s {
		v := s[i]
		if keep(&v) {
			out = append(out, v)
		}
	}
	return out
}
