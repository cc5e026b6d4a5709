package joblog

import "slices"

// Complaint finds, in a run that ended with exit and counts as good all the same, the line with which it complains most: of what the program
// neither called harmless nor recovered from. Unlike Decisive it takes nothing else for an answer. False: no line complains.
func (s Segment) Complaint(exit int) (Finding, bool) {
	vs := s.views()
	cands := slices.DeleteFunc(weigh(vs, exit), func(c candidate) bool {
		return c.quoted || c.healed || c.quiet || recovered.MatchString(vs[c.at].bare)
	})
	best := choose(vs, cands)
	if best == nil {
		return Finding{}, false
	}
	f := finding(vs, *deeper(vs, cands, best))
	return f, true
}
