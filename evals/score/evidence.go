package score

import (
	"fmt"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/evals/plant"
	"github.com/resync-hwa/resync/evals/suite"
	"github.com/resync-hwa/resync/twstools/answer"
)

// evidence checks that what decides is quoted under the right cause, and that every quote of the answer stands where it says.
func (s *scorer) evidence() {
	var weak []string
	for _, c := range s.owed() {
		at := slices.IndexFunc(s.d.Causes, func(x answer.Cause) bool { e, _ := s.fits(c, x); return e })
		if at < 0 {
			weak = append(weak, "nothing is quoted for "+s.Plant.Text(c.things[0]))
			continue
		}
		for _, g := range c.gold.Evidence {
			if !s.quoted(g, s.d.Causes[at].Evidence) {
				weak = append(weak, "none of what decides is quoted: "+describe(g))
			}
		}
	}
	for _, x := range s.d.Causes {
		if len(x.Evidence) == 0 {
			weak = append(weak, x.Entity+" is blamed without evidence")
		}
	}
	s.check(EvidenceGold, weak...)
	var untrue []string
	for _, e := range s.all() {
		if err := s.stands(e); err != nil {
			untrue = append(untrue, err.Error())
			continue
		}
		untrue = append(untrue, s.returned(e))
	}
	s.check(EvidenceTrue, untrue...)
}

// all is every quote of the diagnosis.
func (s *scorer) all() []answer.Evidence {
	var out []answer.Evidence
	for _, x := range s.d.Causes {
		out = append(out, x.Evidence...)
	}
	for _, x := range s.d.Explanations {
		out = append(out, x.Evidence...)
	}
	for _, x := range s.d.Chain {
		out = append(out, x.Evidence...)
	}
	return out
}

// stands reports why a quote does not stand where it says, or nil.
func (s *scorer) stands(e answer.Evidence) error {
	kind, name, _ := strings.Cut(e.Source, ":")
	switch kind {
	case "joblog":
		log, ok := s.Plant.Log(e.Source, e.RunID)
		if !ok {
			return fmt.Errorf("the world has no %s with the run %q", e.Source, e.RunID)
		}
		if !log.Holds(e.Quote, e.Line) {
			return fmt.Errorf("%q does not stand in line %d of %s", e.Quote, e.Line, e.Source)
		}
		return nil
	case "absence":
		if !slices.ContainsFunc(s.Answer.ToolCalls, func(c answer.ToolCall) bool { return c.ID == name && c.Error == "" }) {
			return fmt.Errorf("%s names no tool call of this answer", e.Source)
		}
		return nil
	case "knowledge":
		if !slices.ContainsFunc(s.Answer.Citations, func(c answer.Citation) bool {
			return c.Source == e.Source && strings.Contains(plant.Fold(c.Quote), plant.Fold(e.Quote))
		}) {
			return fmt.Errorf("%s is quoted and not cited", e.Source)
		}
		return nil
	}
	return s.Plant.Stands(e.Source, e.Quote)
}

// quoted reports whether one piece of the group is among the evidence.
func (s *scorer) quoted(g suite.Group, have []answer.Evidence) bool {
	for _, p := range g.Any {
		t, err := s.Plant.Resolve(p.Of)
		if err != nil {
			continue
		}
		if slices.ContainsFunc(have, func(e answer.Evidence) bool { return s.stands(e) == nil && s.is(p, t, e) }) {
			return true
		}
	}
	return false
}

// is reports whether a quote that stands is the piece.
func (s *scorer) is(p suite.Piece, t plant.Thing, e answer.Evidence) bool {
	kind, name, _ := strings.Cut(e.Source, ":")
	if want, _, _ := strings.Cut(p.Of, ":"); kind != want {
		return false
	}
	if kind == "joblog" {
		log, ok := s.Plant.LastLog(t)
		quoted, found := s.Plant.Log(e.Source, e.RunID)
		return ok && log.Source == e.Source && (e.RunID == "" || found && quoted == log) && strings.Contains(plant.Fold(e.Quote), plant.Fold(p.Quote))
	}
	if kind == "audit" || kind == "event" {
		return hasWord(e.Quote, p.Value)
	}
	if kind != "engine" && !s.Plant.Same(t, name) && !s.Plant.Same(t, e.Source) {
		return false
	}
	_, value, _ := strings.Cut(e.Quote, "=")
	return s.Plant.Shows(t, plant.Fold(value), p.Value, p.Is)
}

func describe(g suite.Group) string {
	var parts []string
	for _, p := range g.Any {
		parts = append(parts, fmt.Sprintf("%s %q", p.Of, p.Quote+p.Value+p.Is))
	}
	return strings.Join(parts, " or ")
}
