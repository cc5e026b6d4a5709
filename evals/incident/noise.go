package incident

import (
	"fmt"
	"slices"
)

// tries is how often another place is looked for where a noise would touch the incident.
const tries = 12

// noises chooses irregularities that have nothing to do with the incident: those that are always heard, and at times one more. Nothing waits for
// both, so that whoever asks why something waits has one answer.
func (s *stage) noises(all []Family) []*stage {
	var out []*stage
	r := s.luck("noise")
	more := r.IntN(2)
	for _, i := range r.Perm(len(all)) {
		if !all[i].Always {
			if more == 0 {
				continue
			}
			more--
		}
		if n := s.noise(all[i]); n != nil {
			out = append(out, n)
		}
	}
	return out
}

// noise finds a place for an irregularity, or none.
func (s *stage) noise(f Family) *stage {
	for try := range tries {
		n := &stage{family: f, base: s.base, seed: fmt.Sprintf("%s|noise %s %d", s.seed, f.ID, try), day: s.day, names: s.names, frozen: s.frozen, logs: f.Logs,
			picked: map[string]thing{}, drawn: map[string]string{}}
		apart := make([]string, 0, len(s.picked))
		for name, t := range s.picked {
			n.picked["the "+name] = t
			apart = append(apart, "the "+name)
		}
		slices.Sort(apart)
		if n.place(apart) == nil && !n.touches(s, apart) {
			return n
		}
	}
	return nil
}

// place chooses where a noise happens, apart from the incident.
func (s *stage) place(apart []string) error {
	for _, p := range s.family.Pick {
		t, err := s.pick(p.apart(apart), s.luck("pick "+p.Name))
		if err != nil {
			return err
		}
		s.picked[p.Name] = t
	}
	s.draw(s.family.Draw)
	return nil
}

// touches reports whether something waits for both the noise and the incident.
func (s *stage) touches(incident *stage, apart []string) bool {
	var mine, theirs []string
	for name, t := range s.picked {
		if slices.Contains(apart, name) {
			theirs = append(theirs, incident.jobsOf(t)...)
		} else {
			mine = append(mine, s.jobsOf(t)...)
		}
	}
	victims := s.day.behind(theirs...)
	for id := range s.day.behind(mine...) {
		if _, both := victims[id]; both || slices.Contains(theirs, id) {
			return true
		}
	}
	return slices.ContainsFunc(mine, func(id string) bool { _, both := victims[id]; return both })
}
