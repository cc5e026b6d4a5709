package understand

import "strings"

// A topic is what a question names before it asks: "The value at risk: what holds that up?", "As for the berth papers, why …?", "The
// estimates, did that work out?". Its clause holds the object's words and nothing else, so all of them are the object's, whatever they mean
// elsewhere.

// topic finds the clause of the topic.
func (r *reading) topic() (span, bool) {
	for from := 0; from < len(r.tokens); {
		to := r.clauseEnd(from)
		if s, ok := r.topicAt(from, to); ok {
			return s, true
		}
		from = to
	}
	return span{}, false
}

const longestTopic = 12 // words

func (r *reading) topicAt(from, to int) (span, bool) {
	if to >= len(r.tokens) || r.tokens[to].sentence != r.tokens[from].sentence || to-from > longestTopic || r.tokens[from].mention >= 0 {
		return span{}, false
	}
	s := span{from: from, to: to}
	led := r.introduced(&s)
	article := r.is(s.from, "article")
	for s.from < to && (r.is(s.from, "article") || r.is(s.from, "and_then") || r.is(s.from, "topic_of")) {
		s.from++
	}
	follows := r.refersBack(to)
	if s.from >= to || !(r.tokens[to-1].colon && article || led || article && follows) {
		return span{}, false
	}
	content := false
	for k := s.from; k < to; k++ {
		t := &r.tokens[k]
		if t.mention >= 0 || t.class == classMessage || t.class == classReturnCode || r.is(k, "be") && !r.meansAnd(k) || r.is(k, "aux") || r.is(k, "neg") || r.is(k, "what") || r.is(k, "q_en") || r.is(k, "speaker") || r.statesVerb(k) {
			return span{}, false
		}
		content = content || r.word(k) || r.nounish(k)
	}
	return s, content
}

// introduced skips "as for", "quanto a" and says that it did.
func (r *reading) introduced(s *span) bool {
	for _, h := range r.hits["cue:as_for"] {
		if h.from == s.from && h.to < s.to {
			s.from = h.to
			return true
		}
	}
	return false
}

// refersBack: the clause that follows asks about "that", "it", "isso".
func (r *reading) refersBack(from int) bool {
	if from >= len(r.tokens) || !r.tokens[from].asked {
		return false
	}
	for k := from; k < r.clauseEnd(from); k++ {
		if r.is(k, "back_ref") {
			return true
		}
	}
	return false
}

// statesVerb: the word says a state as a verb, which a topic has none of.
func (r *reading) statesVerb(k int) bool {
	for group, hits := range r.hits {
		if !strings.HasPrefix(group, "premise:") {
			continue
		}
		for _, h := range hits {
			if h.from <= k && k < h.to && (r.is(k, "fail") || r.is(k, "start") || r.is(k, "finished")) && !r.is(k-1, "article") {
				return true
			}
		}
	}
	return false
}

// ofSpeaker: the clause tells of who asks, and names nothing: "I start my shift now".
func (r *reading) ofSpeaker(from, to int) bool {
	if !r.is(from, "speaker") {
		return false
	}
	for k := from; k < to; k++ {
		if r.tokens[k].class == classObject || r.content(k) {
			return false
		}
	}
	return true
}

// meansAnd: "e" that stands between two words is "and", not a verb: "débitos e créditos".
func (r *reading) meansAnd(k int) bool {
	return r.tokens[k].text == "e" && k > 0 && !r.clauseStart(k) && !r.clauseStart(k+1) && r.word(k-1) && (r.word(k+1) || r.is(k+1, "article"))
}
