package sim

import (
	"slices"

	"github.com/resync-hwa/resync/twstools"
)

// conditionsMet looks at conditional dependencies: a false one refuses, one that may still come true keeps open.
func (s *Sim) conditionsMet(w *waits) verdict {
	out := met
	for _, d := range w.deps {
		if !d.conditional || d.met || d.waived {
			continue
		}
		switch v := s.verdictOn(d); {
		case v == met:
			d.met = true
			w.stale()
		case v == refused:
			return refused
		case v == open, out == met:
			out = v
		}
	}
	return out
}

func (s *Sim) verdictOn(d *dep) verdict {
	if d.kind == twstools.DepJoin {
		return s.joined(d)
	}
	return s.followed(d)
}

// joined counts the members of a join: as many as its quantity, or all, must be met (UG "Joining or combining conditional dependencies").
func (s *Sim) joined(d *dep) verdict {
	if d.met || d.waived {
		return met
	}
	good, hope, doubt := 0, 0, 0
	for _, m := range d.members {
		v := open
		switch m.kind {
		case twstools.DepFile:
			if s.fileThere(m) {
				v = met
			}
		case twstools.DepPrompt:
			if s.promptAnswered(m) {
				v = met
			}
		case twstools.DepInternetwork:
			if m.remote == "SUCC" {
				v = met
			}
		default:
			v = s.followed(m)
		}
		switch v {
		case met:
			if !m.met {
				m.met = true
				d.of.stale()
			}
			good++
		case open:
			hope++
		case unclear:
			doubt++
		}
	}
	want := d.need.Quantity
	if want <= 0 || want > len(d.members) {
		want = len(d.members)
	}
	switch {
	case good >= want:
		return met
	case good+hope >= want:
		return open
	case good+hope+doubt >= want:
		return unclear
	}
	return refused
}

// condition judges a conditional dependency on a job (UG "Evaluating and processing a conditional dependency flow"): one true status or output
// condition suffices. A predecessor that ended with another of its output conditions true refuses; one that ended with none of them
// true leaves it open for good, as does one that was cancelled before its end.
func (s *Sim) condition(d *dep, p *job) verdict {
	if slices.Contains(d.need.If, "EXEC") && len(p.runs) > 0 && p.runs[len(p.runs)-1].state != "FAIL" {
		return met
	}
	if p.cancelled && len(p.runs) == 0 {
		return unclear
	}
	if !p.settled() {
		return open
	}
	if slices.Contains(d.need.If, p.state) {
		return met
	}
	if len(d.need.Conditions) == 0 || p.state == "SUPPR" {
		return refused
	}
	any := false
	if n := len(p.runs); n > 0 {
		for _, c := range p.runs[n-1].conditions {
			if c.Satisfied != nil && *c.Satisfied {
				any = true
				if slices.Contains(d.need.Conditions, c.Name) {
					return met
				}
			}
		}
	}
	if any {
		return refused
	}
	return unclear
}

func streamCondition(d *dep, p *stream) verdict {
	if slices.Contains(d.need.If, "EXEC") && !p.start.IsZero() {
		return met
	}
	if p.cancelled && p.state == "CANCL" && p.end.IsZero() {
		return unclear
	}
	if !p.over() {
		return open
	}
	if slices.Contains(d.need.If, p.state) {
		return met
	}
	return refused
}
