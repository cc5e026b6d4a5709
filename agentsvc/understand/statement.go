package understand

import (
	"slices"
	"strings"
)

// A symptom is often told in two breaths: what is not as it should be, and a question without an object of its own ("The shelf prices
// have not been printed. What is in the way?"). What follows reads the first as the object and its state, and the second as belonging to it.

// undone is a statement that something was not done, in words that no premise knows: the negation begins at from, what was not done
// (a participle, a place) at predicate, and the clause ends at to.
type undone struct {
	from, predicate, to int
	placed              bool // the predicate is a place: "not in the accounts"
}

// tell reads the statement and sets aside the questions that belong to it.
func (r *reading) tell() {
	r.undone = r.findUndone()
	if u := r.undone; u != nil {
		r.dropHits(u.predicate, u.to, func(group string) bool { return strings.HasPrefix(group, "cue:") && !askingCues[group] })
	}
	r.setAsideQuestions()
}

// askingCues are questions, wherever they stand.
var askingCues = map[string]bool{"cue:why": true, "cue:why_word": true, "cue:happened": true, "cue:what_waits": true, "cue:q_start": true, "cue:next": true, "cue:impact": true}

// wholesaleCues are about the plan as a whole, lists, terms, or what went before: not what a question means that belongs to a statement.
var wholesaleCues = map[string]bool{"cue:plan": true, "cue:overall_any": true, "cue:anything": true, "cue:list_ask": true, "cue:plural_any": true, "cue:ran_list": true,
	"cue:reference": true, "cue:pronoun": true, "cue:subject_pronoun": true, "cue:meaning": true, "cue:define": true, "cue:yes_no": true, "cue:greeting": true}

// dropHits forgets the hits of chosen groups whose words all stand in [from, to), and frees their words.
func (r *reading) dropHits(from, to int, chosen func(group string) bool) {
	freed := map[int]bool{}
	for group, hits := range r.hits {
		if !chosen(group) {
			continue
		}
		r.hits[group] = slices.DeleteFunc(hits, func(h hit) bool {
			out := slices.ContainsFunc(h.used, func(k int) bool { return k < from || k >= to })
			if !out && !r.lex.keeps[group] {
				for _, k := range h.used {
					freed[k] = true
				}
			}
			return !out
		})
	}
	for k := range freed {
		r.tokens[k].used = r.stoodOn(k)
	}
}

// stoodOn: some hit that is left still stands on the word.
func (r *reading) stoodOn(k int) bool {
	for group, hits := range r.hits {
		if !r.lex.keeps[group] && slices.ContainsFunc(hits, func(h hit) bool { return slices.Contains(h.used, k) }) {
			return true
		}
	}
	return false
}

// findUndone looks for the first negation whose clause says what was not done in words of its own.
func (r *reading) findUndone() *undone {
	for i := range r.tokens {
		none := r.is(i, "none_of") || r.tokens[i].norm == "no" && r.clauseStart(i)
		if !r.is(i, "not_done") && !none || !r.negates(i) {
			continue
		}
		u := undone{from: i, to: r.clauseEnd(i)}
		for u.from > 0 && !r.clauseStart(u.from) && r.is(u.from-1, "told_skip") {
			u.from--
		}
		if r.is(u.from-1, "speaker") && !r.clauseStart(u.from) || r.premiseAt(i, u.to) {
			continue
		}
		if u.predicate = r.participleLater(i, u.to); !none || r.is(i+1, "told_skip") {
			u.predicate = r.predicateAfter(i, u.to)
		}
		if u.predicate < 0 {
			continue
		}
		u.placed = r.is(u.predicate, "told_place")
		return &u
	}
	return nil
}

// negates: told of something, and no order ("do not rerun it").
func (r *reading) negates(i int) bool {
	if r.clauseStart(i) && r.tokens[i].norm == "dont" {
		return false
	}
	if i > 0 && r.tokens[i].norm == "not" && r.clauseStart(i-1) && r.tokens[i-1].norm == "do" {
		return false
	}
	return r.tokens[i].norm != "not" || i > 0 && !r.clauseStart(i) && (r.is(i-1, "told_skip") || r.participleLater(i, r.clauseEnd(i)) >= 0)
}

// premiseAt: a state that the data know is said at this negation.
func (r *reading) premiseAt(i, to int) bool {
	for group, hits := range r.hits {
		if strings.HasPrefix(group, "premise:") && slices.ContainsFunc(hits, func(h hit) bool {
			return slices.Contains(h.used, i) || h.from >= i && h.from <= i+3 && h.from < to
		}) {
			return true
		}
	}
	return false
}

// predicateAfter is where the words begin that say what was not done; -1 when they say something else.
func (r *reading) predicateAfter(i, to int) int {
	k := i + 1
	for k < to && r.is(k, "told_skip") {
		k++
	}
	switch {
	case k >= to:
		return -1
	case r.is(k, "article") && !r.is(k, "told_place"):
		return r.participleLater(k, to)
	case r.is(k, "told_place"):
		if k+1 < to {
			return k
		}
		return -1
	case r.verbal(k):
		return k
	}
	return -1
}

// participleLater: "why has the list not been printed" with the object between: "hasn't the list been printed".
func (r *reading) participleLater(i, to int) int {
	for k := i + 1; k < to-1; k++ {
		if r.is(k, "be") && r.verbal(k+1) {
			return k + 1
		}
	}
	return -1
}

// verbal: a word that may say what was not done: any that is no function word and no judgement.
func (r *reading) verbal(k int) bool {
	t := &r.tokens[k]
	return t.mention < 0 && t.class == classNone && !t.link && (!t.stop || r.is(k, "told_verb")) && !r.is(k, "judged") && !r.is(k, "fail") && !r.is(k, "late") && !r.is(k, "slow") &&
		!r.is(k, "wrong") && !r.is(k, "fine") && r.nounKind(k) == ""
}

func (r *reading) clauseEnd(i int) int {
	k := i + 1
	for k < len(r.tokens) && !r.clauseStart(k) {
		k++
	}
	return k
}

// setAsideQuestions finds the clauses that only ask, beside one that tells; what they say of the plan as a whole, of "it" or of "them"
// is then meant of what was told.
func (r *reading) setAsideQuestions() {
	told := r.told()
	if told < 0 {
		return
	}
	for from := 0; from < len(r.tokens); {
		to := r.clauseEnd(from)
		if r.tokens[from].clause != told && r.onlyAsks(from, to) {
			r.facts["told"] = true
			for k := from; k < to; k++ {
				r.tokens[k].aside = true
			}
			r.dropHits(from, to, func(group string) bool { return wholesaleCues[group] })
		}
		from = to
	}
}

// told is the clause of the statement: it names something, and says a state of it, or is a sentence of its own.
func (r *reading) told() int {
	for from := 0; from < len(r.tokens); {
		to := r.clauseEnd(from)
		if r.names(from, to) && !r.ofSpeaker(from, to) {
			if r.undone != nil && r.undone.from >= from && r.undone.from < to || r.statesIn(from, to) || to-from >= 3 && !r.tokens[from].asked && r.endsSentence(to) && !r.is(from, "aux") {
				return r.tokens[from].clause
			}
		}
		from = to
	}
	return -1
}

func (r *reading) endsSentence(to int) bool {
	return to >= len(r.tokens) || r.tokens[to].sentence != r.tokens[to-1].sentence
}

func (r *reading) names(from, to int) bool {
	for k := from; k < to; k++ {
		if r.tokens[k].class == classObject || r.content(k) || r.is(k, "thing") {
			return true
		}
	}
	return false
}

func (r *reading) statesIn(from, to int) bool {
	for group, hits := range r.hits {
		if strings.HasPrefix(group, "premise:") && slices.ContainsFunc(hits, func(h hit) bool { return h.from >= from && h.to <= to }) {
			return true
		}
	}
	return false
}

// onlyAsks: the clause has no object of its own, neither a name, nor words, nor a type, nor the plan.
func (r *reading) onlyAsks(from, to int) bool {
	for k := from; k < to; k++ {
		t := &r.tokens[k]
		if t.mention >= 0 || t.class != classNone || r.nounKind(k) != "" || r.content(k) || r.is(k, "plural") || r.is(k, "overall") && !t.stop {
			return false
		}
	}
	return true
}

// widen lets the object's words run over words that elsewhere name an attribute or a state, where a statement shows that they belong to
// it: "the surgery list", "o resumo de vacinação", "estatísticas de queda de energia", "débitos em conta não foram …".
func (r *reading) widen(s *span) {
	predicate := len(r.tokens)
	if r.asserted.pattern != nil && r.asserted.from >= s.to {
		predicate = r.asserted.from
	}
	if u := r.undone; u != nil && u.from >= s.to {
		predicate = min(predicate, u.from)
	}
	for _, k := range []int{r.done.be, r.done.participle} {
		if r.done.participle > 0 && k >= s.to {
			predicate = min(predicate, k)
		}
	}
	for k := s.to; k < predicate && !r.clauseStart(k) && k < len(r.tokens); {
		if n := r.goesOn(k, predicate); n > 0 {
			k += n
			s.to = k
			continue
		}
		break
	}
	for s.from > 0 && !r.clauseStart(s.from) {
		n := r.leads(s.from)
		if n == 0 {
			break
		}
		s.from -= n
	}
}

// own: cues that stand only on the object's words ask nothing.
func (r *reading) own(s span, out *Understanding, topic bool) {
	if s.to-s.from < 2 || !topic && !r.symptom() {
		return
	}
	r.dropHits(s.from, s.to, func(group string) bool {
		return strings.HasPrefix(group, "cue:") || strings.HasPrefix(group, "out:") && group != "out:leisure"
	})
	out.Forecast = r.has("cue:forecast")
}

// goesOn counts the words at k that the object's words go on with.
func (r *reading) goesOn(k, predicate int) int {
	if r.nounish(k) || r.content(k) && !r.undoneAt(k) {
		return 1
	}
	if k+1 >= predicate || k+1 >= len(r.tokens) || r.clauseStart(k+1) {
		return 0
	}
	n := 1
	if !r.tokens[k].link && !r.is(k, "lacking") && (!r.is(k, "told_place") || predicate >= len(r.tokens)) {
		return 0
	}
	if r.is(k+1, "article") && k+2 < predicate && !r.clauseStart(k+2) {
		n = 2
	}
	if r.nounish(k+n) || r.content(k+n) {
		return n + 1
	}
	return 0
}

// leads counts the words before from that the object's words begin with: "outage" statistics, "resumo de" vacinação.
func (r *reading) leads(from int) int {
	k := from - 1
	if r.nounish(k) && !(r.clauseStart(k) && r.is(k, "list")) && (r.clauseStart(k) || r.is(k-1, "article") || r.tokens[k-1].link || r.tokens[k-1].stop || r.nounish(k-1)) {
		return 1
	}
	if r.is(k, "article") && k > 0 && !r.clauseStart(k) && r.tokens[k-1].link {
		k--
	}
	if k < 1 || !r.tokens[k].link || r.clauseStart(k) {
		return 0
	}
	k--
	state := r.tokens[k].hollow && k > 1 && r.tokens[k-1].link && !r.clauseStart(k) && r.content(k-2) // "estatísticas de queda de energia"
	noun := r.is(k-1, "article") && !r.clauseStart(k) && r.word(k)                                    // "a análise de cestas"
	if r.nounish(k) && r.nounKind(k) == "" || r.content(k) || state || noun {
		return from - k
	}
	return 0
}

// word: a word that is neither a function word nor a state, whatever cue stands on it.
func (r *reading) word(k int) bool {
	t := &r.tokens[k]
	return t.mention < 0 && t.class == classNone && !t.stop && !t.hollow && !t.link && !r.premiseAt(k, k+1)
}

func (r *reading) undoneAt(k int) bool { return r.undone != nil && r.undone.predicate == k }

// nounish: a word that elsewhere asks for an attribute ("history", "list"), and as part of an object's words is a thing.
func (r *reading) nounish(k int) bool {
	return k >= 0 && k < len(r.tokens) && r.tokens[k].mention < 0 && r.is(k, "thing") && !r.tokens[k].aside
}

// hint are the words of the target's sentence that say what is told of it, and no state that became the premise.
func (r *reading) hint(s span) string {
	var out []string
	for k := range r.tokens {
		t := &r.tokens[k]
		if t.sentence != r.tokens[s.from].sentence || t.aside || k >= s.from && k < s.to || t.mention >= 0 || t.class != classNone || t.link ||
			len(t.norm) < 3 || r.is(k, "judged") || r.is(k, "small_talk") && r.aboutTalk(s.from) {
			continue
		}
		said := r.undone != nil && k >= r.undone.predicate && k < r.undone.to
		if r.done.participle > 0 && k == r.done.participle || r.is(k, "told_verb") && said || t.mended && slices.Contains(r.asserted.used, k) || !t.stop && (said || r.deed(k, s) || r.nounish(k) || r.nounKind(k) == "file" || !t.used && !t.hollow) {
			out = append(out, t.text)
		}
	}
	return strings.Join(out, " ")
}

// deed: a verb of operators that stands as a noun before the object's words ("the release of validated readings") says what is done with it.
func (r *reading) deed(k int, s span) bool {
	return r.is(k, "action_noun") && k > 0 && r.is(k-1, "article") && !r.clauseStart(k) && k+2 == s.from && r.tokens[k+1].link
}
