package joblog

import (
	"slices"

	"github.com/resync-hwa/resync/internal/untrusted"
)

// maxComplaints bounds the list of Complaints.
const maxComplaints = 8

// Complaints gives the lines with which the run complains, the strongest first; none where no line does. Unlike Decisive it takes nothing
// else for an answer, so that it can be asked of runs that the scheduler takes for good ones: what the program itself says it retried,
// ignored or went on from is no complaint.
func (s Segment) Complaints() []Finding {
	var cands []candidate
	for i, line := range s.Body {
		if recovered.MatchString(untrusted.Normalize(line.Text)) {
			continue
		}
		if c, ok := s.judge(i, line); ok {
			cands = append(cands, c)
		}
	}
	slices.SortStableFunc(cands, func(a, b candidate) int { return b.score - a.score })
	out := make([]Finding, 0, maxComplaints)
	for _, c := range cands[:min(maxComplaints, len(cands))] {
		out = append(out, s.finding(c))
	}
	return out
}
