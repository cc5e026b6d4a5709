package understand

// smallTalk: the words tell how the question came up ("a phone call", "um chamado"), and name nothing of the plan.
func (r *reading) smallTalk(s span) bool {
	for k := s.from; k < s.to; k++ {
		if !r.is(k, "small_talk") && !r.tokens[k].link {
			return false
		}
	}
	return true
}

// aboutTalk: the words stand behind "about", and before it somebody called, wrote or asked: "a phone call about the load of x".
func (r *reading) aboutTalk(from int) bool {
	k := from - 1
	for k > 0 && !r.clauseStart(k) && r.is(k, "article") {
		k--
	}
	if k < 1 || !r.is(k, "topic_of") && !r.is(k, "towards") || r.clauseStart(k) {
		return false
	}
	for k--; k >= 0 && r.tokens[k].clause == r.tokens[from].clause; k-- {
		if r.is(k, "small_talk") {
			return true
		}
	}
	return false
}
