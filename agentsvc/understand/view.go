package understand

import (
	"fmt"
	"slices"
	"strings"
)

// viewRule gives a view when all its conditions hold; the first that fits decides. Beside the facts of rules it may name i:<intent> and
// o:<objects>, which are known only when the intent is.
type viewRule struct {
	View View     `yaml:"view"`
	When []string `yaml:"when"`
}

var views = []View{ViewNone, ViewImpact, ViewLate, ViewRadar, ViewChanges, ViewStreams, ViewStream, ViewWorkstations, ViewResources, ViewPrompts}

func (l *lexicon) addViews(rules []viewRule) error {
	for _, r := range rules {
		if !slices.Contains(views, r.View) || len(r.When) == 0 {
			return fmt.Errorf("view %v is unknown or has no condition", r)
		}
		for _, c := range r.When {
			for alt := range strings.SplitSeq(strings.TrimPrefix(c, "!"), "|") {
				if !l.isFact(alt) && !isLateFact(alt) {
					return fmt.Errorf("view %s: no cue and no fact is called %q", r.View, alt)
				}
			}
		}
	}
	l.views = rules
	return nil
}

// isLateFact: a fact that only an understood question has.
func isLateFact(name string) bool {
	if intent, ok := strings.CutPrefix(name, "i:"); ok {
		return slices.Contains(intents, Intent(intent))
	}
	objects, ok := strings.CutPrefix(name, "o:")
	return ok && (objects == "" || slices.Contains(objectKinds, strings.TrimSuffix(objects, "s"))) || name == "whole"
}

// view says which reading of the plan is asked for.
func (r *reading) view(out *Understanding) {
	r.facts["i:"+string(out.Intent)] = true
	r.facts["o:"+out.Objects] = true
	r.facts["target"] = out.Target != ""
	r.facts["resource"] = out.TargetKind == "resource"
	r.facts["p:"+out.Premise] = true
	r.facts["whole"] = out.Target == ""
	r.facts["job_stream"] = out.TargetKind == "job_stream"
	for _, rule := range r.lex.views {
		if slices.ContainsFunc(rule.When, func(c string) bool { return !r.holds(c) }) {
			continue
		}
		out.View = rule.View
		break
	}
	if out.View == ViewRadar { // a question about the plan, however it is put
		out.Intent, out.OutOfScopeWhy, out.Target, out.TargetKind, out.Premise = Plan, "", "", "", ""
	}
	switch {
	case out.View != ViewChanges:
	case r.has("cue:previous_run") && out.Target != "":
		out.Against = "previous_run"
	case r.has("cue:previous_plan"):
		out.Against = "previous_plan"
	}
}
