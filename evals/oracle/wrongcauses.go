package oracle

import (
	"slices"
	"strings"

	"github.com/resync-hwa/resync/evals/plant"
	"github.com/resync-hwa/resync/evals/score"
	"github.com/resync-hwa/resync/evals/suite"
	"github.com/resync-hwa/resync/twstools/answer"
)

// withInnocent is a mutant of the first cause that needs something innocent in the world.
func withInnocent(change func(*Case, *answer.Cause, plant.Thing)) func(*Case) bool {
	return func(c *Case) bool {
		x := first(c)
		t, ok := innocent(c)
		if x == nil || !ok {
			return false
		}
		change(c, x, t)
		return true
	}
}

func wrongCauses() []Mutant {
	return []Mutant{
		{"another object is blamed", []string{score.CauseEntity}, true, withInnocent(func(c *Case, x *answer.Cause, t plant.Thing) {
			x.Entity, x.Ref = c.Plant.Text(t), c.Plant.Ref(engine, t)
		})},
		{"the name is right and the ref another's", []string{score.CauseEntity}, true, withInnocent(func(c *Case, x *answer.Cause, t plant.Thing) { x.Ref = c.Plant.Ref(engine, t) })},
		{"another instance is blamed", []string{score.CauseEntity}, true, otherInstance},
		{"the kind is another", []string{score.CauseKind}, true, ofCause(func(c *Case, x *answer.Cause) { x.Kind = otherKind(c) })},
		{"the kind is the first level only", []string{score.CauseKind}, true, func(c *Case) bool {
			x := first(c)
			if x == nil {
				return false
			}
			top, _, deep := strings.Cut(x.Kind, ".")
			x.Kind = top
			return deep && !slices.Contains(c.Gold.Causes[0].Kinds, top)
		}},
		{"the victim is the cause", []string{score.CauseEntity}, true, victim},
		{"a hop is the cause", []string{score.CauseKind}, true, func(c *Case) bool {
			x := first(c)
			if x == nil || slices.Contains(c.Gold.Causes[0].Kinds, "sched.dep.predecessor") {
				return false
			}
			x.Kind = "sched.dep.predecessor"
			return true
		}},
		{"an innocent stands before the right cause", []string{score.CauseEntity}, true, withInnocent(func(c *Case, x *answer.Cause, t plant.Thing) {
			d := c.Answer.Diagnosis
			d.Causes = append([]answer.Cause{blame(c, t, x.Class)}, d.Causes...)
		})},
		{"an innocent stands after the right cause", []string{score.CauseOnly}, false, withInnocent(func(c *Case, _ *answer.Cause, t plant.Thing) {
			c.Answer.Diagnosis.Causes = append(c.Answer.Diagnosis.Causes, blame(c, t, answer.Likely))
		})},
		{"one cause of several is left out", []string{score.CauseOnly, score.CauseEntity}, false, func(c *Case) bool {
			d := c.Answer.Diagnosis
			if len(d.Causes) < 2 {
				return false
			}
			d.Causes = d.Causes[:len(d.Causes)-1]
			return true
		}},
		{"a confirmed cause where there is none", []string{score.CauseOnly}, true, func(c *Case) bool {
			t, ok := innocent(c)
			if first(c) != nil || !ok {
				return false
			}
			c.Answer.Diagnosis.Causes = []answer.Cause{blame(c, t, answer.Confirmed)}
			c.Answer.Diagnosis.ConfidenceClass = answer.Confirmed
			return true
		}},
		{"it is called confirmed although the proof leaves room", []string{score.CauseSure}, false, func(c *Case) bool {
			x := first(c)
			if x == nil || !c.Gold.Unsure {
				return false
			}
			x.Class, c.Answer.Diagnosis.ConfidenceClass = answer.Confirmed, answer.Confirmed
			return true
		}},
		{"it is called confirmed although the data are old", []string{score.CauseSure}, false, func(c *Case) bool {
			x := first(c)
			if x == nil {
				return false
			}
			x.Class, c.Answer.Diagnosis.ConfidenceClass, c.Answer.Stale = answer.Confirmed, answer.Confirmed, true
			return true
		}},
		{"everything is the cause", []string{score.CauseOnly, score.Form}, false, shotgun},
	}
}

// otherKind is one that is not akin to what the gold accepts of its first cause.
func otherKind(c *Case) string {
	for _, k := range []string{"app.fs.space", "sched.held", "app.db.auth", "infra.mailbox_full"} {
		if !slices.ContainsFunc(slices.Concat(c.Gold.Causes, c.Gold.Contributing), func(x suite.Cause) bool {
			return slices.ContainsFunc(x.Kinds, func(g string) bool {
				return g == k || strings.HasPrefix(k, g+".") || strings.Split(g, ".")[0] == strings.Split(k, ".")[0] && len(strings.Split(g, ".")) < 3
			})
		}) {
			return k
		}
	}
	return "plan.statistics"
}

// otherInstance blames another run of the same job or job stream, where the plan has one.
func otherInstance(c *Case) bool {
	x := first(c)
	if x == nil {
		return false
	}
	t, err := c.Plant.Resolve(c.Gold.Causes[0].Entity)
	if err != nil || t.Job == nil && t.JobStream == nil {
		return false
	}
	for _, o := range c.Plant.Words()[c.Plant.Word(t)] {
		named := slices.ContainsFunc(slices.Concat(c.Gold.Causes, c.Gold.Contributing), func(g suite.Cause) bool {
			return slices.ContainsFunc(append([]string{g.Entity}, g.Aliases...), func(n string) bool { a, err := c.Plant.Resolve(n); return err == nil && c.Plant.Identical(a, o) })
		})
		if o.Entity.Type == t.Entity.Type && o.Entity.Stream == t.Entity.Stream && !named && c.Plant.Text(o) != c.Plant.Text(t) {
			x.Entity, x.Ref = c.Plant.Text(o), c.Plant.Ref(engine, o)
			return true
		}
	}
	return false
}

func victim(c *Case) bool {
	x := first(c)
	if x == nil {
		return false
	}
	for _, names := range c.Gold.Affected {
		t, err := c.Plant.Resolve(suite.Either(names)[0])
		own := slices.ContainsFunc(slices.Concat(c.Gold.Causes, c.Gold.Contributing), func(g suite.Cause) bool {
			return slices.Contains(append([]string{g.Entity}, g.Aliases...), suite.Either(names)[0])
		})
		if err == nil && !own {
			x.Entity, x.Ref, x.Kind = c.Plant.Text(t), c.Plant.Ref(engine, t), "sched.dep.predecessor"
			return true
		}
	}
	return false
}

func shotgun(c *Case) bool {
	x := first(c)
	if x == nil {
		return false
	}
	for i := range c.Plant.World.Jobs {
		j := &c.Plant.World.Jobs[i]
		if j.Status.Internal != "SUCC" {
			c.Answer.Diagnosis.Causes = append(c.Answer.Diagnosis.Causes, blame(c, c.Plant.Meant(j.Entity().String(c.Plant.Zone))[0], answer.Likely))
		}
	}
	return len(c.Answer.Diagnosis.Causes) > len(c.Gold.Causes)+len(c.Gold.Contributing)+1
}

func wrongEvidence() []Mutant {
	return []Mutant{
		{"no evidence", []string{score.EvidenceGold}, false, ofCause(func(_ *Case, x *answer.Cause) { x.Evidence = nil })},
		{"an invented quote", []string{score.EvidenceTrue}, false, ofEvidence(func(e *answer.Evidence) {
			if e.Quote = "status=EXPLODED"; e.Line > 0 {
				e.Quote = "ORA-00600: internal error code, arguments: [17182]"
			}
		})},
		{"an invented quote beside the right one", []string{score.EvidenceTrue}, false, func(c *Case) bool {
			x := first(c)
			if x == nil || len(x.Evidence) == 0 {
				return false
			}
			e := x.Evidence[0]
			if e.Quote = "status=EXPLODED"; e.Line > 0 {
				e.Quote = "QQ no space was left on this device QQ"
			}
			x.Evidence = append(x.Evidence, e)
			return true
		}},
		{"the right quote in a wrong line", []string{score.EvidenceTrue}, false, ofLog(func(_ *Case, x *answer.Cause) { x.Evidence[0].Line++ })},
		{"the right quote under another log", []string{score.EvidenceTrue, score.EvidenceGold}, false, ofEvidence(func(e *answer.Evidence) { e.Source, e.RunID = "joblog:QQNOWHERE#1", "0" })},
		{"a real line that decides nothing", []string{score.EvidenceGold}, false, ofLog(func(c *Case, x *answer.Cause) {
			if log, ok := c.Plant.Log(x.Evidence[0].Source, x.Evidence[0].RunID); ok {
				x.Evidence[0].Line, x.Evidence[0].Quote = 1, log.Lines[0]
			}
		})},
		{"a real quote of another object", []string{score.EvidenceGold}, false, withInnocent(func(c *Case, x *answer.Cause, t plant.Thing) {
			x.Evidence = []answer.Evidence{{Source: "plan:" + c.Plant.Text(t), Quote: "status=SUCC"}}
		})},
		{"what no tool of this turn returned is quoted", []string{score.EvidenceTrue}, false, func(c *Case) bool {
			c.Ledger = []score.Call{{ID: "t1", Name: "plan_status", Result: []byte(`{"data":{}}`)}}
			x := first(c)
			return x != nil && len(x.Evidence) > 0
		}},
		{"a hop has an invented quote", []string{score.EvidenceTrue}, false, always(func(c *Case) {
			c.Answer.Diagnosis.Chain = append(c.Answer.Diagnosis.Chain, answer.Hop{Entity: "x", Why: "sched.dep.predecessor", Evidence: []answer.Evidence{{Source: "plan:QQNOWHERE#X[(0100 01/01/26)].Y", Quote: "status=HOLD"}}})
		})},
		{"a source of no kind", []string{score.Form}, false, always(func(c *Case) {
			c.Answer.Diagnosis.Chain = append(c.Answer.Diagnosis.Chain, answer.Hop{Entity: "x", Why: "sched.dep.predecessor", Evidence: []answer.Evidence{{Source: "I just know", Quote: "status=HOLD"}}})
		})},
	}
}

func ofEvidence(change func(*answer.Evidence)) func(*Case) bool {
	return func(c *Case) bool {
		x := first(c)
		if x == nil || len(x.Evidence) == 0 {
			return false
		}
		change(&x.Evidence[0])
		return true
	}
}

// ofLog is a mutant of a cause that a job log proves.
func ofLog(change func(*Case, *answer.Cause)) func(*Case) bool {
	return func(c *Case) bool {
		x := first(c)
		if x == nil || len(x.Evidence) == 0 || x.Evidence[0].Line == 0 {
			return false
		}
		change(c, x)
		return true
	}
}
