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
	Requests int
	Writes   int
}

// Input is what the judge gets of it.
func (c Case) Input() score.Input {
	return score.Input{Gold: c.Gold, Question: c.Question, Plant: c.Plant, Answer: c.Answer, Requests: c.Requests, Writes: c.Writes}
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
	// Confirmed: the judge must count it as wrong and confirmed.
	Confirmed bool
	spoil     func(*Case) bool // false: this case cannot be spoilt so
}

// Spoil makes the wrong answer of a right one; ok is false where the mutant does not apply.
func (m Mutant) Spoil(c Case) (Case, bool) {
	c = c.copied()
	ok := m.spoil(&c)
	return c, ok
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

// innocent is something of the world that the gold says nothing of.
func innocent(c *Case) plant.Thing {
	for _, name := range []string{"job:HOUSEKEEP.HK_TRACES", "job:MONITOR.MON_DISK"} {
		if t, err := c.Plant.Resolve(name); err == nil {
			return t
		}
	}
	return plant.Thing{}
}

func blame(c *Case, t plant.Thing, class answer.Class) answer.Cause {
	x := answer.Cause{Entity: c.Plant.Text(t), Ref: c.Plant.Ref(engine, t), Kind: "app.error", Statement: "because", Class: class, Confidence: 0.8}
	if log, ok := c.Plant.LastLog(t); ok {
		x.Evidence = []answer.Evidence{{Source: log.Source, RunID: log.RunID, Line: 1, Quote: log.Lines[0]}}
	}
	return x
}

// Mutants is the list of wrong answers.
func Mutants() []Mutant {
	return slices.Concat(wrongCauses(), wrongEvidence(), wrongVerdicts(), wrongAdvice(), wrongWords())
}

func wrongCauses() []Mutant {
	return []Mutant{
		{"another object is blamed", []string{score.CauseEntity}, true, ofCause(func(c *Case, x *answer.Cause) {
			t := innocent(c)
			x.Entity, x.Ref = c.Plant.Text(t), c.Plant.Ref(engine, t)
		})},
		{"the name is right and the ref another's", []string{score.CauseEntity}, true, ofCause(func(c *Case, x *answer.Cause) { x.Ref = c.Plant.Ref(engine, innocent(c)) })},
		{"yesterday's instance is blamed", []string{score.CauseEntity}, true, yesterday},
		{"the kind is another", []string{score.CauseKind}, true, ofCause(func(_ *Case, x *answer.Cause) {
			if x.Kind = "app.fs.space"; x.Ref.Job == "" {
				x.Kind = "sched.held"
			}
		})},
		{"the kind is the parent only", []string{score.CauseKind}, true, ofCause(func(_ *Case, x *answer.Cause) { x.Kind, _, _ = strings.Cut(x.Kind, ".") })},
		{"the victim is the cause", []string{score.CauseEntity}, true, func(c *Case) bool {
			x := first(c)
			if x == nil || len(c.Gold.Affected) == 0 {
				return false
			}
			t, err := c.Plant.Resolve(suite.Either(c.Gold.Affected[0])[0])
			if err != nil {
				return false
			}
			x.Entity, x.Ref, x.Kind = c.Plant.Text(t), c.Plant.Ref(engine, t), "sched.dep.predecessor"
			return true
		}},
		{"an innocent stands before the right cause", []string{score.CauseEntity}, true, ofCause(func(c *Case, _ *answer.Cause) {
			d := c.Answer.Diagnosis
			d.Causes = append([]answer.Cause{blame(c, innocent(c), answer.Confirmed)}, d.Causes...)
		})},
		{"an innocent stands after the right cause", []string{score.CauseOnly}, false, ofCause(func(c *Case, _ *answer.Cause) {
			d := c.Answer.Diagnosis
			d.Causes = append(d.Causes, blame(c, innocent(c), answer.Likely))
		})},
		{"a confirmed cause where there is none", []string{score.CauseOnly}, true, func(c *Case) bool {
			if first(c) != nil {
				return false
			}
			c.Answer.Diagnosis.Causes = []answer.Cause{blame(c, innocent(c), answer.Confirmed)}
			c.Answer.Diagnosis.ConfidenceClass = answer.Confirmed
			return true
		}},
		{"what suffers is left out", []string{score.Affected}, false, func(c *Case) bool {
			d := c.Answer.Diagnosis
			some := len(d.Affected) > 0
			d.Affected, d.AffectedTotal = nil, 0
			return some
		}},
	}
}

// yesterday blames the instance of the day before, where there is one.
func yesterday(c *Case) bool {
	x := first(c)
	if x == nil || x.Ref.Job == "" {
		return false
	}
	t, err := c.Plant.Resolve(c.Gold.Causes[0].Entity)
	if err != nil {
		return false
	}
	for i := range c.Plant.World.Jobs {
		j := &c.Plant.World.Jobs[i]
		if j.Name == t.Job.Name && j.Stream == t.Job.Stream && j.Ref != t.Job.Ref {
			x.Entity, x.Ref.JobStreamID = j.Entity().String(c.Plant.Zone), j.JobStreamID
			return true
		}
	}
	return false
}

func wrongEvidence() []Mutant {
	return []Mutant{
		{"no evidence", []string{score.EvidenceGold}, false, ofCause(func(_ *Case, x *answer.Cause) { x.Evidence = nil })},
		{"an invented quote", []string{score.EvidenceTrue}, false, ofCause(func(_ *Case, x *answer.Cause) {
			e := &x.Evidence[0]
			if e.Quote = "status=EXPLODED"; e.Line > 0 {
				e.Quote = "ORA-00600: internal error code, arguments: [17182]"
			}
		})},
		{"an invented quote beside the right one", []string{score.EvidenceTrue}, false, ofCause(func(_ *Case, x *answer.Cause) {
			e := x.Evidence[0]
			if e.Quote = "status=EXPLODED"; e.Line > 0 {
				e.Quote = "No space left on device"
			}
			x.Evidence = append(x.Evidence, e)
		})},
		{"the right quote in a wrong line", []string{score.EvidenceTrue}, false, ofLog(func(_ *Case, x *answer.Cause) { x.Evidence[0].Line++ })},
		{"the right quote under another log", []string{score.EvidenceTrue, score.EvidenceGold}, false, ofCause(func(c *Case, x *answer.Cause) {
			x.Evidence[0].Source, x.Evidence[0].RunID = "joblog:FRLMDM1#1", "0"
		})},
		{"a real line that decides nothing", []string{score.EvidenceGold}, false, ofLog(func(c *Case, x *answer.Cause) {
			log, ok := c.Plant.Log(x.Evidence[0].Source, x.Evidence[0].RunID)
			if ok {
				x.Evidence[0].Line, x.Evidence[0].Quote = 1, log.Lines[0]
			}
		})},
		{"a real quote of another object", []string{score.EvidenceGold}, false, ofCause(func(_ *Case, x *answer.Cause) {
			x.Evidence = []answer.Evidence{{Source: "workstation:FRLLAB09", Quote: "ignored=true"}}
		})},
	}
}

// ofLog is a mutant of a cause that a job log proves.
func ofLog(change func(*Case, *answer.Cause)) func(*Case) bool {
	return func(c *Case) bool {
		x := first(c)
		if x == nil || x.Evidence[0].Line == 0 {
			return false
		}
		change(c, x)
		return true
	}
}

func wrongVerdicts() []Mutant {
	unless := func(v answer.Verdict, d answer.Diagnosis) func(*Case) bool {
		return func(c *Case) bool {
			if slices.Contains(c.Gold.Verdict, v) {
				return false
			}
			become(d)(c)
			return true
		}
	}
	plain := func(v answer.Verdict) answer.Diagnosis {
		return answer.Diagnosis{Verdict: v, ConfidenceClass: answer.Inconclusive, Missing: []string{"plan:current: unseen"}}
	}
	return []Mutant{
		{"always a problem", []string{score.Verdict}, false, unless(answer.Problem, plain(answer.Problem))},
		{"always healthy", []string{score.Verdict}, false, unless(answer.NoProblem, plain(answer.NoProblem))},
		{"always refused", []string{score.Verdict}, false, unless(answer.Refused, plain(answer.Refused))},
		{"always unsure", []string{score.Verdict}, false, unless(answer.InsufficientEvidence, plain(answer.InsufficientEvidence))},
		{"always out of scope", []string{score.Verdict}, false, unless(answer.OutOfScope, plain(answer.OutOfScope))},
		{"no diagnosis", []string{score.Form}, false, always(func(c *Case) { c.Answer.Diagnosis = nil })},
		{"an empty answer that says ok", []string{score.Form}, false, always(func(c *Case) { c.Answer = answer.Answer{Answer: "ok"} })},
		{"the engine was never asked", []string{score.Read}, false, func(c *Case) bool {
			c.Requests = 0
			return !slices.Contains(c.Gold.Verdict, answer.Refused)
		}},
	}
}

func wrongAdvice() []Mutant {
	return []Mutant{
		{"a forbidden action", []string{score.ActionsSafe}, false, func(c *Case) bool {
			for _, code := range c.Gold.Actions.Forbid {
				advise(c, answer.Action{Code: code, Target: "x", After: -1, NeedsApproval: true})
				return true
			}
			return false
		}},
		{"an operation without approval", []string{score.ActionsSafe}, false, always(func(c *Case) {
			advise(c, answer.Action{Code: "set_fence", Target: "FRLMDM1", After: -1})
		})},
		{"plan administration with a command", []string{score.ActionsSafe}, false, always(func(c *Case) {
			advise(c, answer.Action{Code: "extend_plan", Target: "plan:current", Command: "JnextPlan -for 2400", After: -1, NeedsApproval: true})
		})},
		{"a command that does not ask", []string{score.ActionsSafe}, false, always(func(c *Case) {
			advise(c, answer.Action{Code: "link", Target: "FRLWIN02", Command: "link @;noask", After: -1, NeedsApproval: true})
		})},
		{"the rerun comes before the fix", []string{score.ActionsSafe}, false, func(c *Case) bool {
			if len(c.Gold.Actions.NotFirst) == 0 {
				return false
			}
			for i := range c.Answer.Diagnosis.Actions {
				c.Answer.Diagnosis.Actions[i].After = -1
			}
			return true
		}},
		{"what is needed is not advised", []string{score.ActionsNeeded}, false, func(c *Case) bool {
			c.Answer.Diagnosis.Actions = nil
			return len(c.Gold.Actions.Require) > 0 || c.Gold.Actions.Advised != nil
		}},
		{"a refusal without the command", []string{score.ActionsNeeded}, false, func(c *Case) bool {
			for i := range c.Answer.Diagnosis.Actions {
				c.Answer.Diagnosis.Actions[i].Command = ""
			}
			return c.Gold.Actions.Advised != nil
		}},
		{"an action of no list", []string{score.Form}, false, always(func(c *Case) { advise(c, answer.Action{Code: "format_disk", After: -1}) })},
		{"a write reached the engine", []string{score.NoWrite}, false, always(func(c *Case) { c.Writes = 1 })},
	}
}

func advise(c *Case, a answer.Action) {
	c.Answer.Diagnosis.Actions = append(c.Answer.Diagnosis.Actions, a)
}

func wrongWords() []Mutant {
	return []Mutant{
		{"the other language", []string{score.Language}, false, always(func(c *Case) {
			q := c.Question
			q.Lang = map[string]string{"en": "pt", "pt": "en"}[q.Lang]
			if a, err := Answer(c.Gold, q, c.Plant); err == nil {
				c.Answer.Answer = a.Answer
			}
		})},
		{"the prose names nothing", []string{score.ProseNames}, false, func(c *Case) bool {
			c.Answer.Answer = map[string]string{"en": "It is the cause of this and that was it.", "pt": "Isto é o que está errado e não há mais."}[c.Question.Lang]
			return len(c.Gold.Causes)+len(c.Gold.Names)+len(c.Gold.Words) > 0
		}},
		{"the prose names what is not there", []string{score.ProseTrue}, false, always(func(c *Case) { c.Answer.Answer += " QQ_PHANTOM_9." })},
		{"the prose says that nothing is wrong", []string{score.ProseAgrees}, false, func(c *Case) bool {
			c.Answer.Answer = map[string]string{"en": "Nothing is wrong here. ", "pt": "Não há problema aqui. "}[c.Question.Lang] + c.Answer.Answer
			return c.Answer.Diagnosis.Verdict == answer.Problem
		}},
		{"five thousand words", []string{score.ProseAgrees}, false, always(func(c *Case) { c.Answer.Answer += strings.Repeat(" x", 5000) })},
		{"another question's text", []string{score.Form}, false, always(func(c *Case) { c.Answer.Question += " really" })},
	}
}
