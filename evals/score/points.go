package score

import (
	"slices"

	"github.com/resync-hwa/resync/twstools/answer"
)

// sure checks that nothing is called confirmed where the proof leaves room or the data are old.
func (s *scorer) sure() {
	var bad []string
	if s.Gold.Unsure || s.Answer.Stale {
		for _, x := range s.d.Causes {
			if x.Class == answer.Confirmed {
				bad = append(bad, x.Entity+" is called confirmed, and the proof leaves room")
			}
		}
		if s.d.ConfidenceClass == answer.Confirmed {
			bad = append(bad, "the answer is called confirmed, and the proof leaves room")
		}
	}
	s.check(CauseSure, bad...)
}

// near is the mean, over what is blamed, of one by one more than the hops to the nearest right cause; nothing where there is no way.
func (s *scorer) near() float64 {
	if len(s.d.Causes) == 0 || len(s.must) == 0 {
		return 0
	}
	sum := 0.0
	for _, x := range s.d.Causes {
		best := -1
		for _, t := range s.Plant.Meant(x.Entity) {
			for _, c := range slices.Concat(s.must, s.may) {
				if n := s.Plant.StepsAway(c.things[0], t); n >= 0 && (best < 0 || n < best) {
					best = n
				}
			}
		}
		if best >= 0 {
			sum += 1 / float64(1+best)
		}
	}
	return sum / float64(len(s.d.Causes))
}

// points is the weighted mean of the parts, for sorting: entities 25, mechanism 15, claims 20, evidence 15, groundedness 10, who suffers 5, actions 10.
func (s *scorer) points() float64 {
	holds := func(names ...string) float64 {
		n := 0
		for _, c := range s.out {
			if c.Pass && slices.Contains(names, c.Name) {
				n++
			}
		}
		return float64(n) / float64(len(names))
	}
	grounded := 1.0
	if s.atoms > 0 {
		grounded = 1 - float64(s.unsupported)/float64(s.atoms)
	}
	return 100 * (0.25*s.entities() + 0.15*s.mechanism() + 0.20*holds(Claims, Denied, Consistent, ProseNames) + 0.15*holds(EvidenceGold, EvidenceTrue) +
		0.10*grounded + 0.05*holds(Affected, Impact) + 0.10*holds(ActionsNeeded, ActionsSafe, ActionsWhole))
}

// entities is the harmonic mean of how much of what is blamed is right and how much of what is right is blamed.
func (s *scorer) entities() float64 {
	if len(s.must) == 0 && len(s.d.Causes) == 0 {
		return 1
	}
	right, hit := 0, 0
	for _, x := range s.d.Causes {
		if slices.ContainsFunc(slices.Concat(s.must, s.may), func(c cause) bool { e, _ := s.fits(c, x); return e }) {
			right++
		}
	}
	for _, c := range s.must {
		if slices.ContainsFunc(s.d.Causes, func(x answer.Cause) bool { e, _ := s.fits(c, x); return e }) {
			hit++
		}
	}
	if right == 0 || hit == 0 {
		return 0
	}
	precision, recall := float64(right)/float64(len(s.d.Causes)), float64(hit)/float64(len(s.must))
	return 2 * precision * recall / (precision + recall)
}

// mechanism is, over the causes that must be named, one for an accepted kind and a half for a near relation of one.
func (s *scorer) mechanism() float64 {
	if len(s.must) == 0 {
		return s.entities()
	}
	sum := 0.0
	for _, c := range s.must {
		best := 0.0
		for _, x := range s.d.Causes {
			e, k := s.fits(c, x)
			switch {
			case e && k:
				best = 1
			case e && best < 1 && slices.ContainsFunc(c.gold.Kinds, func(g string) bool { return akin(g, x.Kind) || siblings(g, x.Kind) }):
				best = 0.5
			}
		}
		sum += best
	}
	return sum / float64(len(s.must))
}
