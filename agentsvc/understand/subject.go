package understand

import "slices"

// subject is the token of the mention that the question is about: the first that is no place and no file, else the
// first; but not what it only speaks of on the way (passedOver).
func (r *reading) subject() int {
	passed := r.passedOver()
	best, bestRank := -1, 9
	for i := range r.tokens {
		if r.tokens[i].mention < 0 || passed[i] {
			continue
		}
		rank := 9
		switch r.mentions[r.tokens[i].mention].Kind {
		case MentionEntity:
			rank = 0
		case MentionJobNumber, MentionName:
			rank = 1
		case MentionWorkstation:
			rank = 2
		case MentionFile:
			rank = 3
		}
		if rank <= 1 && best >= 0 && bestRank <= 1 {
			continue // the first of two names
		}
		if rank < bestRank {
			best, bestRank = i, rank
		}
	}
	return best
}

// passedOver are names that the question only speaks of on its way to another: what is not meant ("I don't mean X, I mean Y", "não é o X, é o Y"),
// what is given as known ("since X succeeded, why is Y waiting?"), what a consequence is drawn from ("X is down so Y cannot run"), and
// what belongs to a database ("unable to extend table A.B").
func (r *reading) passedOver() map[int]bool {
	names := r.nameTokens()
	if len(names) < 2 {
		return nil
	}
	out := map[int]bool{}
	for n, i := range names {
		rest := names[n+1:]
		switch {
		case r.is(i-1, "database_object"):
			out[i] = true
		case len(rest) > 0 && r.rejected(i, rest[0]), len(rest) > 0 && r.given(i, rest[0]):
			out[i] = true
		}
	}
	if len(out) == len(names) {
		return nil
	}
	return out
}

// nameTokens are the tokens that name jobs, streams or workstations.
func (r *reading) nameTokens() []int {
	var out []int
	for i := range r.tokens {
		if m := r.tokens[i].mention; m >= 0 && slices.Contains([]MentionKind{MentionEntity, MentionName, MentionJobNumber, MentionWorkstation}, r.mentions[m].Kind) {
			out = append(out, i)
		}
	}
	return out
}

// rejected: a negation stands right before the name, with no verb of its own but "is" or "mean", and another name follows in a clause of its
// own or behind "but".
func (r *reading) rejected(i, next int) bool {
	k := i - 1
	if r.is(k, "dismiss") || r.is(k-1, "dismiss") && !r.clauseStart(k) {
		return r.tokens[next].clause != r.tokens[i].clause
	}
	for k >= 0 && !r.clauseStart(k+1) && (r.is(k, "article") || r.is(k, "be") || r.is(k, "meant") || r.nounKind(k) != "") {
		k--
	}
	if k < 0 || r.clauseStart(k+1) || !r.is(k, "neg") || r.tokens[k].clause != r.tokens[i].clause || r.asksBefore(k) {
		return false
	}
	if r.tokens[next].clause != r.tokens[i].clause {
		return i+1 >= len(r.tokens) || r.clauseStart(i+1)
	}
	return r.is(next-1, "but_rather") || r.is(next-2, "but_rather") || r.is(next-3, "but_rather")
}

// asksBefore: a question word stands before k in its clause: "why does not X start".
func (r *reading) asksBefore(k int) bool {
	for ; k >= 0; k-- {
		if r.is(k, "q_en") || r.is(k, "what") || r.is(k, "why_words") {
			return true
		}
		if r.clauseStart(k) {
			break
		}
	}
	return false
}

// given: the name stands in a clause that is told as known, and the next one in the clause that asks or concludes.
func (r *reading) given(i, next int) bool {
	from := i
	for !r.clauseStart(from) {
		from--
	}
	known := r.is(from, "already_that") && r.tokens[from+1].norm == "que"
	if known || r.is(from, "evidenced") && !r.asksBefore(i) {
		return r.tokens[next].clause != r.tokens[i].clause
	}
	for k := i + 1; k < next; k++ {
		if r.is(k, "conclusion") && r.tokens[k].sentence == r.tokens[i].sentence && !r.clauseStart(k+1) && !r.asksBefore(i) && k > from {
			return r.claimed(next)
		}
	}
	return false
}

// claimed: a state is said of the name: after it, in its clause.
func (r *reading) claimed(i int) bool {
	for group, hits := range r.hits {
		if len(group) > 8 && group[:8] == "premise:" && slices.ContainsFunc(hits, func(h hit) bool { return h.from >= i && r.tokens[h.from].sentence == r.tokens[i].sentence }) {
			return true
		}
	}
	return false
}
