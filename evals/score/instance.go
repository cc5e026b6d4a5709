package score

import (
	"slices"

	"github.com/resync-hwa/resync/evals/plant"
	"github.com/resync-hwa/resync/twstools/answer"
)

// wrongInstance reports whether a cause of the answer is none of the gold's and is called as one of them is: the job of another day, or of another
// job stream of the same name.
func (s *scorer) wrongInstance() bool {
	causes := slices.Concat(s.must, s.may)
	return slices.ContainsFunc(s.d.Causes, func(x answer.Cause) bool {
		if slices.ContainsFunc(causes, func(c cause) bool { e, _ := s.fits(c, x); return e }) {
			return false
		}
		return slices.ContainsFunc(s.blamedThings(x), func(t plant.Thing) bool {
			return slices.ContainsFunc(causes, func(c cause) bool {
				return slices.ContainsFunc(c.things, func(o plant.Thing) bool { return s.otherInstance(o, t) })
			})
		})
	})
}

// blamedThings are what a cause's name means, and where its ref means another thing that one.
func (s *scorer) blamedThings(x answer.Cause) []plant.Thing {
	var out []plant.Thing
	for _, t := range s.Plant.Meant(x.Entity) {
		if s.Plant.SameRef(t, x.Ref) {
			out = append(out, t)
		}
	}
	if len(out) == 0 {
		for _, things := range s.Plant.Words() {
			for _, t := range things {
				if x.Ref != (answer.Ref{}) && s.Plant.SameRef(t, x.Ref) {
					out = append(out, t)
				}
			}
		}
	}
	return out
}

// otherInstance: two jobs, or two job streams, of one name that are not one.
func (s *scorer) otherInstance(a, b plant.Thing) bool {
	if (a.Job == nil) != (b.Job == nil) || (a.JobStream == nil) != (b.JobStream == nil) || a.Job == nil && a.JobStream == nil {
		return false
	}
	return s.Plant.Word(a) == s.Plant.Word(b) && a.Entity.Stream == b.Entity.Stream && !s.Plant.Identical(a, b)
}
