package joblog

// Complaint gives the line with which the run complains most; false where no line does. Unlike Decisive it takes nothing else for an answer,
// so that it can be asked of runs that the scheduler takes for good ones.
func (s Segment) Complaint() (Finding, bool) {
	var cands []candidate
	for i, line := range s.Body {
		if c, ok := s.judge(i, line); ok {
			cands = append(cands, c)
		}
	}
	best := s.choose(cands)
	if best == nil {
		return Finding{}, false
	}
	return s.finding(*best), true
}
