package evals

import (
	"context"
	"io/fs"
	"strings"

	"github.com/resync-hwa/resync/evals/suite"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/world"
)

// Ready is all that a run asks. The gold is true in each world; From holds that.
type Ready struct {
	Scenarios []Prepared
	Hash      string // of what is asked and of the gold: two runs with one hash have asked the same
	K         int    // how often each question is asked where the run does not say; once when 0
	Seeds     string // Dev, or "own" for a seed that only the person running it knows
}

// own stands in results for a seed that is nobody else's to know.
const own = "own"

// Source makes the scenarios of a run.
type Source func(context.Context) (Ready, error)

// check finds scenarios that cannot be run.
func (r Ready) check() error {
	if len(r.Scenarios) == 0 {
		return fault.New(fault.NotFound, "There is no scenario to run.")
	}
	for _, p := range r.Scenarios {
		if p.Plant == nil || len(p.Scenario.Ask) == 0 {
			return fault.New(fault.Invalid, "The scenario %s has no world, or asks nothing.", p.Scenario.ID)
		}
	}
	return nil
}

// Suite is the source of a suite's scenarios, by the suite's name; seeds are as From has them. only names scenarios (s-1a2b), questions
// (s-1a2b/q2) or tags; all when empty.
func Suite(files fs.FS, name, seeds string, only []string) Source {
	return func(context.Context) (Ready, error) {
		d, err := suite.Define(files, name)
		if err != nil {
			return Ready{}, err
		}
		d.Only = only // so that no other world is made
		all, hash, err := From(files, d, seeds)
		if err != nil {
			return Ready{}, err
		}
		out := Ready{Scenarios: all, Hash: hash, Seeds: Dev, K: d.K}
		if seeds != "" && seeds != Dev {
			out.Seeds = own
		}
		return out, found(all, only)
	}
}

// found refuses names of which nothing is among the scenarios.
func found(all []Prepared, only []string) error {
	var s suite.Suite
	for _, p := range all {
		s.Scenarios = append(s.Scenarios, p.Scenario)
	}
	if _, unknown := s.Select(only); len(unknown) > 0 {
		return fault.New(fault.NotFound, "The suite has nothing called %s.", strings.Join(unknown, ", ")).
			WithHint("Name scenarios (s-1a2b), questions (s-1a2b/q2) or tags.")
	}
	return nil
}

// base tells a base world at an instant.
func base(w suite.World) (*world.World, error) {
	if w.Base != "demo" {
		return nil, fault.New(fault.Invalid, "There is no base world %q.", w.Base).WithHint("demo is one.")
	}
	return world.Demo(w.AsOf)
}
