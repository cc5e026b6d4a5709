package score

import (
	"fmt"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/evals/plant"
	"github.com/resync-hwa/resync/twstools/answer"
)

// explained checks what is told to be as planned: it is there, its state does not say the opposite, and what the gold wants is explained of what was asked.
func (s *scorer) explained() {
	var bad []string
	for _, x := range s.d.Explanations {
		things := s.Plant.Meant(x.Entity)
		if len(things) == 0 && !s.pointedAt(x.Entity) {
			bad = append(bad, fmt.Sprintf("%s is explained of %q, which is not there", x.Kind, x.Entity))
		}
		if len(things) > 0 && !slices.ContainsFunc(things, func(t plant.Thing) bool { return opposite(x.Kind, t) == "" }) {
			bad = append(bad, fmt.Sprintf("%s is explained of %s, which is in %s", x.Kind, x.Entity, opposite(x.Kind, things[0])))
		}
	}
	fits := func(x answer.Explanation) bool { return slices.Contains(s.Gold.Explanations, x.Kind) && s.asked(x) }
	if len(s.Gold.Explanations) > 0 && !slices.ContainsFunc(s.d.Explanations, fits) {
		bad = append(bad, fmt.Sprintf("none of %v is explained of what was asked", s.Gold.Explanations))
	}
	s.check(Explained, bad...)
}

// pointedAt reports whether a name is that of an instance outside the plan for which something in it waits, as a predecessor in the next plan.
func (s *scorer) pointedAt(name string) bool {
	for _, n := range s.Gold.Names {
		if t, err := s.Plant.Resolve(n); err == nil && (s.Plant.Points(t, name) || slices.ContainsFunc(s.Plant.Meant(s.Plant.Word(t)), func(o plant.Thing) bool { return s.Plant.Points(o, name) })) {
			return true
		}
	}
	for _, x := range s.d.Explanations {
		for _, e := range x.Evidence {
			if _, entity, ok := strings.Cut(e.Source, ":"); ok && slices.ContainsFunc(s.Plant.Meant(entity), func(t plant.Thing) bool { return s.Plant.Points(t, name) }) {
				return true
			}
		}
	}
	return false
}

// asked reports whether an explanation is of what the gold names, of what that waits for, of what waits for it, or of the job stream around it.
func (s *scorer) asked(x answer.Explanation) bool {
	if len(s.Gold.Names) == 0 {
		return true
	}
	told := s.Plant.Meant(x.Entity)
	if len(told) == 0 {
		return s.pointedAt(x.Entity)
	}
	for _, n := range s.Gold.Names {
		t, err := s.Plant.Resolve(n)
		if err != nil {
			continue
		}
		if slices.ContainsFunc(told, func(o plant.Thing) bool {
			return s.Plant.Identical(o, t) || beside(o, t) || s.waitsFor(o, t) || s.waitsFor(t, o) || s.Plant.Word(o) == s.Plant.Word(t)
		}) {
			return true
		}
	}
	return false
}

// waitsFor reports whether the one stands behind the other in the plan.
func (s *scorer) waitsFor(one, other plant.Thing) bool {
	return slices.ContainsFunc(s.Plant.After(other), func(w plant.Waiter) bool { return s.Plant.Identical(w.Thing, one) })
}

// Statuses as the engine calls them, by what they rule out.
var (
	over    = []string{"SUCC", "SUCCP", "ABEND", "ABENP", "FAIL", "ERROR", "CANCL"}
	started = append([]string{"EXEC"}, over...)
)

// rulesOut are the statuses of a job in which an explanation cannot be so: what has ended does not wait for its time, and is not left out.
var rulesOut = map[string][]string{
	"planned.not_yet":           started,
	"planned.next_plan":         started,
	"planned.suppressed_branch": started,
	"planned.limit_by_design":   started,
	"planned.no_prompt_reply":   started,
	"planned.in_progress":       over,
}

// opposite is the status of a job that says the opposite of an explanation, or nothing.
func opposite(kind string, t plant.Thing) string {
	if t.Job != nil && slices.Contains(rulesOut[kind], t.Job.Status.Internal) {
		return t.Job.Status.Internal
	}
	return ""
}
