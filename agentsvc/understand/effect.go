package understand

import (
	"maps"
	"slices"
	"strings"
)

// People tell the cause that they suppose beside what they ask about: "A is down, is that why B failed?". The question is about B.

// suffers is the token of a name that the question calls the effect of something about another name: "A is down, is that why B failed?",
// "A must be unlinked, since B does not run". -1 when there is none.
func (r *reading) suffers() int {
	first := -1
	for i := range r.tokens {
		t := &r.tokens[i]
		if t.mention < 0 || t.class != classObject {
			continue
		}
		if first < 0 {
			first = i
			continue
		}
		if strings.EqualFold(t.norm, r.tokens[first].norm) {
			continue
		}
		for _, h := range r.hits["cue:effect"] {
			if h.from > first && h.to <= i && i-h.to <= 4 {
				return i
			}
		}
		if r.has("cue:inferred") && r.hits["cue:inferred"][0].from < i {
			for k := first + 1; k < i; k++ {
				if r.is(k, "evidenced") && i-k <= 3 {
					return i
				}
			}
		}
	}
	return -1
}

// assertedOfAnother: the state is said in the clause of a name that is only spoken of on the way.
func (r *reading) assertedOfAnother(name int) bool {
	if r.asserted.pattern == nil {
		return false
	}
	for i := range r.passedOver() {
		if c := r.tokens[i].clause; c != r.tokens[name].clause && c == r.tokens[r.asserted.from].clause {
			return true
		}
	}
	return false
}

// premiseOf keeps to what is asserted in the clause of a name.
func (r *reading) premiseOf(name int, out *Understanding) {
	if r.asserted.pattern != nil && r.tokens[r.asserted.from].clause == r.tokens[name].clause && r.asserted.from > name {
		return
	}
	for _, group := range slices.Sorted(maps.Keys(r.hits)) {
		p, ok := strings.CutPrefix(group, "premise:")
		if !ok {
			continue
		}
		for _, h := range r.hits[group] {
			if h.from > name && r.tokens[h.from].clause == r.tokens[name].clause && !r.denied(p, h) {
				out.Premise, r.asserted = p, h
				return
			}
		}
	}
}

// tornOff is the word before a name typed in small letters that may be the name's first part: "pay load2".
func (r *reading) tornOff() string {
	i := r.about
	if i == 0 || r.clauseStart(i) || isUpper(r.tokens[i].text) || r.mentions[r.tokens[i].mention].Kind != MentionName {
		return ""
	}
	if t := &r.tokens[i-1]; t.mention < 0 && t.class == classNone && len(t.ids) == 0 && !t.stop && hasLower(t.text) && len(t.norm) > 1 {
		return t.text
	}
	return ""
}
