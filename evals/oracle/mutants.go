package oracle

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/evals/plant"
	"github.com/resync-hwa/resync/evals/score"
	"github.com/resync-hwa/resync/evals/suite"
	"github.com/resync-hwa/resync/twstools/answer"
)

// Case is a right answer with what belongs to it.
type Case struct {
	Gold     suite.Gold
	Question suite.Question
	Plant    *plant.Plant
	Answer   answer.Answer
	Ledger   []score.Call
	Seen     []string
	Requests int
	Writes   int
}

// Input is what the judge gets of it.
func (c Case) Input() score.Input {
	return score.Input{Gold: c.Gold, Question: c.Question, Plant: c.Plant, Answer: c.Answer, Ledger: c.Ledger, Seen: c.Seen, Requests: c.Requests, Writes: c.Writes}
}

// copied is the case with an answer of its own, so that spoiling it spoils nothing else.
func (c Case) copied() Case {
	raw, err := json.Marshal(c.Answer)
	var a answer.Answer
	if err == nil && json.Unmarshal(raw, &a) == nil { // an answer is plain data and survives the round trip
		c.Answer = a
	}
	return c
}

// Mutant is one way of being wrong.
type Mutant struct {
	Name string
	// Caught names criteria of which one at least must fail: a wrong answer has to fail for the right reason.
	Caught []string
	// Confirmed: the judge must count it as wrong and confirmed, where the right answer is confirmed.
	Confirmed bool
	spoil     func(*Case) bool // false: this case cannot be spoilt so
}

// Spoil makes the wrong answer of a right one; ok is false where the mutant does not apply.
func (m Mutant) Spoil(c Case) (Case, bool) {
	c = c.copied()
	ok := m.spoil(&c)
	return c, ok
}

// Mutants is the list of wrong answers.
func Mutants() []Mutant {
	return slices.Concat(wrongCauses(), wrongEvidence(), wrongVerdicts(), wrongForms(), wrongAdvice(), wrongSufferers(), wrongLists(), wrongClaims(), wrongWords(), wrongFacts(), wrongConduct(), wrongMissing())
}

// first gives the first cause, where there is one.
func first(c *Case) *answer.Cause {
	if len(c.Answer.Diagnosis.Causes) == 0 {
		return nil
	}
	return &c.Answer.Diagnosis.Causes[0]
}

// ofCause is a mutant of the first cause.
func ofCause(change func(*Case, *answer.Cause)) func(*Case) bool {
	return func(c *Case) bool {
		x := first(c)
		if x != nil {
			change(c, x)
		}
		return x != nil
	}
}

// always is a mutant that applies everywhere.
func always(change func(*Case)) func(*Case) bool {
	return func(c *Case) bool { change(c); return true }
}

// become replaces the diagnosis.
func become(d answer.Diagnosis) func(*Case) { return func(c *Case) { c.Answer.Diagnosis = &d } }

// inLang is the text in the question's language.
func (c *Case) inLang(en, pt string) string {
	if c.Question.Lang == "pt" {
		return pt
	}
	return en
}

// add puts a sentence behind the prose.
func (c *Case) add(en, pt string) { c.Answer.Answer += " " + c.inLang(en, pt) }

// innocent is a job of the world that the gold says nothing of and that has nothing to do with what it names: it ended, it stands in another job
// stream, and nothing of it waits for or holds what the gold names. One with a log is preferred.
func innocent(c *Case) (plant.Thing, bool) {
	concerned := concerned(c)
	var found plant.Thing
	ok := false
	for i := range c.Plant.World.Jobs {
		j := &c.Plant.World.Jobs[i]
		if j.Status.Internal != "SUCC" {
			continue
		}
		for _, t := range c.Plant.Meant(j.Entity().String(c.Plant.Zone)) {
			if t.Job == nil || guilty(c, concerned, t) {
				continue
			}
			if _, logged := c.Plant.LastLog(t); logged {
				return t, true
			}
			found, ok = t, true
		}
	}
	return found, ok
}

// concerned are the things that the gold names.
func concerned(c *Case) []plant.Thing {
	g := c.Gold
	names := slices.Concat(g.Names, g.Affected, g.Items, g.Candidates)
	for _, x := range slices.Concat(g.Causes, g.Contributing) {
		names = append(append(names, x.Entity), x.Aliases...)
	}
	if g.Actions.Advised != nil {
		names = append(names, g.Actions.Advised.Target)
	}
	var out []plant.Thing
	for _, n := range names {
		for _, one := range suite.Either(n) {
			if t, err := c.Plant.Resolve(one); err == nil {
				out = append(out, t)
			}
		}
	}
	return out
}

func guilty(c *Case, concerned []plant.Thing, t plant.Thing) bool {
	return strings.Contains(c.Question.Text, c.Plant.Word(t)) || slices.ContainsFunc(concerned, func(o plant.Thing) bool {
		return c.Plant.Word(o) == c.Plant.Word(t) || o.Entity.Stream != "" && o.Entity.Stream == t.Entity.Stream || c.Plant.Related(o, t) || c.Plant.Related(t, o)
	})
}

func blame(c *Case, t plant.Thing, class answer.Class) answer.Cause {
	x := answer.Cause{Entity: c.Plant.Text(t), Ref: c.Plant.Ref(engine, t), Kind: "app.error", Statement: say("app.error", c.Question.Lang), Class: class, Confidence: 0.8}
	if log, ok := c.Plant.LastLog(t); ok {
		x.Evidence = []answer.Evidence{{Source: log.Source, RunID: log.RunID, Line: 1, Quote: log.Lines[0]}}
	}
	return x
}
