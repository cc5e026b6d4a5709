package score

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/resync-hwa/resync/twstools/answer"
)

// maxCauses is the contract's (answer.md rule 5).
const maxCauses = 4

// sourceForm are the sources of evidence that the contract knows (answer.md rule 3).
var sourceForm = regexp.MustCompile(`^(joblog:\S+#\d+|(plan|workstation|resource|prompt|file|definition|history|engine|event|audit|absence):\S.*|knowledge:\S+#\S+)$`)

// form checks what the contract closes: kinds, codes, classes, the number of causes, the question's own text.
func (s *scorer) form() {
	f := forms{}
	if s.Answer.Diagnosis == nil && !s.nodiagnosis() {
		f.say("there is no diagnosis")
	}
	if s.Answer.Question != s.Question.Text {
		f.say("it repeats the question as %q", s.Answer.Question)
	}
	f.causes(s.d)
	f.explanations(s.d)
	for _, e := range s.all() {
		if !sourceForm.MatchString(e.Source) {
			f.say("%q is no source of evidence", e.Source)
		}
	}
	class := answer.Inconclusive
	if len(s.d.Causes) > 0 {
		class = s.d.Causes[0].Class
	}
	if s.Answer.Diagnosis != nil && s.d.ConfidenceClass != class {
		f.say("the confidence class is %q beside a first cause that is %q", s.d.ConfidenceClass, class)
	}
	if s.d.Verdict == answer.Problem && len(s.d.Causes) == 0 && len(s.Gold.Items) == 0 {
		f.say("a problem without a cause")
	}
	if s.d.Verdict == answer.InsufficientEvidence && len(s.d.Missing) == 0 {
		f.say("nothing is said of what is missing")
	}
	if u := s.d.Urgency; u != nil && !slices.Contains([]string{"now", "this_shift", "morning", "none"}, u.Class) {
		f.say("%q is no urgency", u.Class)
	}
	f.actions(s.d)
	s.check(Form, f.bad...)
}

type forms struct{ bad []string }

func (f *forms) say(format string, args ...any) { f.bad = append(f.bad, fmt.Sprintf(format, args...)) }

func (f *forms) causes(d answer.Diagnosis) {
	if len(d.Causes) > maxCauses {
		f.say("it names %d causes", len(d.Causes))
	}
	for _, x := range d.Causes {
		if !answer.KindKnown(x.Kind) || answer.Planned(x.Kind) {
			f.say("%q is no kind of cause", x.Kind)
		}
		if x.Class != answer.Confirmed && x.Class != answer.Likely {
			f.say("%s has the class %q", x.Entity, x.Class)
		}
		if x.Confidence < 0 || x.Confidence > 1 || x.Confidence != x.Confidence {
			f.say("%s has the confidence %v", x.Entity, x.Confidence)
		}
	}
	for _, r := range d.RuledOut {
		if !answer.KindKnown(r.Kind) || answer.Planned(r.Kind) {
			f.say("%q is ruled out, and is no kind of cause", r.Kind)
		}
	}
	for _, h := range d.Chain {
		if !answer.KindKnown(h.Why) {
			f.say("%q is no kind of a hop", h.Why)
		}
	}
}

func (f *forms) explanations(d answer.Diagnosis) {
	for _, x := range d.Explanations {
		if !answer.Planned(x.Kind) || !answer.KindKnown(x.Kind) {
			f.say("%q explains nothing", x.Kind)
		}
		if x.Entity == "" {
			f.say("%s is explained of nothing", x.Kind)
		}
	}
}

func (f *forms) actions(d answer.Diagnosis) {
	for i, a := range d.Actions {
		if _, ok := answer.RuleFor(a.Code); !ok {
			f.say("%q is no action code", a.Code)
		}
		if a.After < -1 || a.After >= len(d.Actions) || a.After == i {
			f.say("the action %s comes after number %d, which is none", a.Code, a.After)
		}
		if !slices.Contains([]string{"none", "low", "high"}, a.Risk) {
			f.say("%s has the risk %q", a.Code, a.Risk)
		}
		for _, p := range a.Preconditions {
			if !slices.Contains([]string{"yes", "no", "unknown"}, p.Met) {
				f.say("%s: whether %q holds is %q", a.Code, p.Text, p.Met)
			}
		}
	}
}
