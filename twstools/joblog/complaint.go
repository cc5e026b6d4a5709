package joblog

import "slices"

// maxComplaints bounds the list of Complaints.
const maxComplaints = 8

// Complaints lists, of a run that ended with exit and counts as good all the same, the lines with which it complains, the strongest first: what
// the program neither called harmless nor recovered from. Unlike Decisive it takes nothing else for an answer. None: no line complains.
func (s Segment) Complaints(exit int) []Finding {
	vs := s.views()
	cands := slices.DeleteFunc(weigh(vs, exit), func(c candidate) bool {
		return c.quoted || c.healed || c.quiet || recovered.MatchString(vs[c.at].bare)
	})
	slices.SortStableFunc(cands, func(a, b candidate) int { return b.score - a.score })
	out := make([]Finding, 0, maxComplaints)
	for _, c := range cands[:min(maxComplaints, len(cands))] {
		out = append(out, finding(vs, c))
	}
	return out
}
