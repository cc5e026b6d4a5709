package understand

import "unicode/utf8"

// nameByCapitals takes a word of the vocabulary for a name where it is typed like one and stands where a name stands: "why is FORECAST
// stuck?", "o que houve com HORARIO?", "job STATUS", a lone "LIMIT". Words shouted for their meaning ("it is NOT running", "URGENT"), the
// engine's own states ("in HOLD") and products stay words, and so does everything beside a name that looks like one.
func (r *reading) nameByCapitals() {
	named := r.hasName()
	for i := range r.tokens {
		switch {
		case r.mayName(i) && (r.afterNoun(i) || !named && r.namePlace(i)), r.called(i):
			r.insertMention(i, MentionName)
		}
	}
}

func (r *reading) hasName() bool {
	for _, m := range r.mentions {
		if m.Kind == MentionEntity || m.Kind == MentionName || m.Kind == MentionJobNumber {
			return true
		}
	}
	return false
}

// mayName: a word of the vocabulary in capitals that is no state, no product, and said for no emphasis.
func (r *reading) mayName(i int) bool {
	t := &r.tokens[i]
	l := r.lex
	if r.loud || t.mention >= 0 || t.class != classNone || t.quoted || utf8.RuneCountInString(t.text) < 3 || !isUpper(t.text) || !allLetters(t.text) {
		return false
	}
	if l.notNames[t.norm] && !l.mayName[t.norm] || t.stop && !l.mayName[t.norm] || t.link {
		return false
	}
	for _, class := range []string{"fail", "start", "wait", "block", "hold", "late", "finish", "success", "neg", "be", "aux", "polite", "fine", "wrong", "slow", "down", "overall"} {
		if r.is(i, class) && !l.mayName[t.norm] {
			return false
		}
	}
	return i == 0 || !isUpper(r.tokens[i-1].text) || len(r.tokens[i-1].text) < 2 || r.tokens[i-1].mention >= 0
}

// afterNoun: right after a type noun that is no plural.
func (r *reading) afterNoun(i int) bool {
	return i > 0 && !r.clauseStart(i) && r.nounKind(i-1) != "" && r.nounKind(i-1) != "file" && !r.plural(i-1)
}

// namePlace: where a name stands: alone, behind an article or a preposition, behind the verb of a question, or before the clause's verb.
func (r *reading) namePlace(i int) bool {
	last := i+1 >= len(r.tokens) || r.clauseStart(i+1)
	if len(r.tokens) == 1 {
		return !r.orders(i)
	}
	if i > 0 && !r.clauseStart(i) {
		before := i - 1
		switch {
		case r.is(before, "article") && !r.is(before, "name_place"):
			told := !r.clauseStart(before) && (r.is(before-1, "start") || r.is(before-1, "finish") || r.orders(before-1)) // "quando termina o FORECAST?"
			return told || !last && r.verbAfter(i+1)                                                                      // "what is the LIMIT?" asks for the limit
		case r.is(before, "naming"), r.is(before, "name_place"):
			when := r.tokens[i].stop && !r.is(before, "towards") // "last failures of TODAY"
			return !when && !(r.is(i, "err") && r.typeBefore(before)) && (last || r.verbAfter(i+1) || !r.joins(i+1))
		case r.is(before, "be"), r.is(before, "aux"):
			return !last && (r.clauseStart(before) || r.is(before-1, "wh") || r.is(before-1, "q_en") || r.is(before-1, "why_words"))
		}
		return r.is(before, "why_words") && !last || last && !r.tokens[i].stop && r.orders(before) // "rerun DEPLOY"
	}
	ordered := r.orders(i) && (r.nounKind(i+1) != "" || i+2 < len(r.tokens) && r.nounKind(i+2) != "") // "CANCEL failed jobs"
	return !last && r.verbAfter(i+1) && !ordered
}

// typeBefore: "jobs com ERRO", "job is in ERROR": a state of what was named by its type.
func (r *reading) typeBefore(k int) bool {
	for k > 0 && !r.clauseStart(k) {
		if k--; r.nounKind(k) != "" {
			return true
		}
	}
	return false
}

// verbAfter: the word is a verb of the name before it.
func (r *reading) verbAfter(k int) bool {
	for _, class := range []string{"be", "aux", "fail", "start", "late", "finish", "finished", "wait", "block", "neg"} {
		if r.is(k, class) {
			return true
		}
	}
	return false
}

// orders: the word alone commands an action.
func (r *reading) orders(i int) bool {
	for _, id := range r.tokens[i].ids {
		for _, p := range r.lex.byWord[id] {
			if len(p.elems) == 1 && len(p.group) > 4 && p.group[:4] == "act:" {
				return true
			}
		}
	}
	return false
}

// called: "the job called Prompt": whatever the word means, unless it goes on as words do.
func (r *reading) called(i int) bool {
	t := &r.tokens[i]
	if i < 2 || r.clauseStart(i) || t.mention >= 0 || t.class != classNone || t.stop || t.quoted || !r.is(i-1, "calling") || verbLike(t.text) || utf8.RuneCountInString(t.text) < 3 {
		return false
	}
	return r.nounKind(i-2) != "" && (i+1 >= len(r.tokens) || r.verbAfter(i+1) || !r.joins(i+1))
}
