package incident

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/resync-hwa/resync/twstools/world/sim"
)

// eve is how long before the plan begins the definitions are changed that only its own day has: before FINAL makes the plan.
const eve = 10 * time.Minute

// never is a time of day that lies in no plan.
const never = 400 * 24 * 60

// today plans the changes of definitions that only the plan of the day has.
func (s *stage) today(plant *sim.Sim, defs *sim.Definitions, all []Define) error {
	for _, d := range all {
		if !d.Today {
			continue
		}
		t, ok := s.picked[d.Of]
		if !ok {
			return fmt.Errorf("nothing is called %s", d.Of)
		}
		act, err := s.change(defs, d, t)
		if err != nil {
			return err
		}
		plant.At(s.day.start.Add(-eve), act)
	}
	return nil
}

// change gives what changes a job's, stream's or arrival's definition while the plant is at work.
func (s *stage) change(defs *sim.Definitions, d Define, t thing) (func(*sim.Sim) error, error) {
	switch t.kind {
	case "job", "stream":
		return func(p *sim.Sim) error { return s.redefine(p, d, t) }, nil
	case "file":
		i := slices.IndexFunc(defs.Arrivals, func(a sim.Arrival) bool { return a.File == t.name && a.On == t.ws })
		if i < 0 {
			return nil, fmt.Errorf("nobody brings the file %s", t.name)
		}
		// The simulation reads the arrivals of a day when it makes that day's plan.
		return func(*sim.Sim) error {
			if d.Drop {
				defs.Arrivals[i].At = sim.TimeOfDay{Set: true, Minutes: never}
				return nil
			}
			return s.patch(d.With, &defs.Arrivals[i])
		}, nil
	}
	return nil, fmt.Errorf("the definition of a %s cannot be changed for one day", t.kind)
}

func (s *stage) redefine(p *sim.Sim, d Define, t thing) error {
	var failed error
	err := p.Redefine(t.stream, func(st *sim.Stream) {
		var into any = st
		if t.kind == "job" {
			i := slices.IndexFunc(st.Jobs, func(j sim.Job) bool { return j.Name == t.job })
			st.Jobs[i].Needs = slices.Clone(st.Jobs[i].Needs)
			into = &st.Jobs[i]
		}
		failed = errors.Join(s.patch(d.With, into), s.append(d.More, into))
	})
	return errors.Join(failed, err)
}
