package understand

import (
	"slices"
	"strings"
)

// doneAsked is a question whether something was done to an object: "were the accounts created?", "as notas foram emitidas?". The verb
// stands at be, the participle at participle; participle is 0 when nothing of the kind is asked.
type doneAsked struct{ be, participle int }

var doneVerbs = strings.Fields("was were been foi foram sido")

// shortParticiples have no ending that tells them.
var shortParticiples = strings.Fields("sent made paid built done written sold bought drawn shown taken given put cut read feito feita feitos feitas pago paga pagos pagas escrito escrita impresso impressa impressos impressas aberto aberta abertos abertas entregue entregues posto posta aceito aceita")

func participle(s string) bool {
	for _, end := range []string{"ed", "ado", "ada", "ados", "adas", "ido", "ida", "idos", "idas"} {
		if strings.HasSuffix(s, end) && len(s) > len(end)+2 {
			return true
		}
	}
	return slices.Contains(shortParticiples, s)
}

// findDone looks for the question, and sets the participle aside: it is no part of the object's words.
func (r *reading) findDone() {
	if r.undone != nil || r.any("wh") || r.has("cue:why_word") {
		return
	}
	for i := range r.tokens {
		if !r.tokens[i].asked || !slices.Contains(doneVerbs, r.tokens[i].norm) {
			continue
		}
		k := i + 1
		for k < len(r.tokens) && !r.clauseStart(k) && r.is(k, "told_skip") && !participle(r.tokens[k].norm) {
			k++
		}
		if r.clauseStart(k) || !participle(r.tokens[k].norm) || r.tokens[k].mention >= 0 {
			if k = r.clauseEnd(i) - 1; !r.clauseStart(i) {
				continue
			}
			for k > i && (!participle(r.tokens[k].norm) || r.tokens[k].mention >= 0) {
				k--
			}
		}
		if k > i {
			r.done = doneAsked{be: i, participle: k}
			r.facts["done_asked"] = true
			r.tokens[k].used = true
			return
		}
	}
}

// doneSpan is the object of what was done, when all its words are types and attributes elsewhere: "a rotina de backup foi executada?".
func (r *reading) doneSpan() (span, bool) {
	d := r.done
	if d.participle == 0 {
		return span{}, false
	}
	from, to := d.be+1, d.participle
	switch {
	case !r.clauseStart(d.be):
		for from, to = d.be, d.be; from > 0 && !r.clauseStart(from); {
			from--
		}
	case d.participle == d.be+1:
		from, to = d.participle+1, r.clauseEnd(d.participle)
	}
	s := span{from: from, to: to}
	for s.from < s.to && (r.tokens[s.from].stop || r.is(s.from, "article")) {
		s.from++
	}
	if kind := r.nounKind(min(s.from, len(r.tokens)-1)); kind != "" && s.from < s.to {
		for s.kind, s.from = kind, s.from+1; s.from < s.to && (r.tokens[s.from].link || r.is(s.from, "naming")); {
			s.from++
		}
	}
	for k := s.from; k < s.to; k++ {
		if t := &r.tokens[k]; t.mention >= 0 || t.class != classNone || t.stop && !t.link {
			return span{}, false
		}
	}
	return s, s.from < s.to
}
