package oracle

import (
	"fmt"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/evals/plant"
	"github.com/resync-hwa/resync/evals/score"
	"github.com/resync-hwa/resync/evals/suite"
	"github.com/resync-hwa/resync/twstools/answer"
)

func wrongSufferers() []Mutant {
	return []Mutant{
		{"who suffers is left out", []string{score.Affected}, false, func(c *Case) bool {
			d := c.Answer.Diagnosis
			some := len(d.Affected) > 0
			d.Affected, d.AffectedTotal = nil, 0
			return some
		}},
		{"somebody is said to suffer who does not", []string{score.Impact}, false, withInnocent(func(c *Case, _ *answer.Cause, t plant.Thing) {
			d := c.Answer.Diagnosis
			d.Affected, d.AffectedTotal = append(d.Affected, c.Plant.Text(t)), d.AffectedTotal+1
		})},
		{"something suffers that is not there", []string{score.Impact}, false, always(func(c *Case) {
			d := c.Answer.Diagnosis
			d.Affected, d.AffectedTotal = append(d.Affected, "QQNOWHERE#X[(0100 01/01/26)].Y"), d.AffectedTotal+1
		})},
		{"fewer suffer than are listed", []string{score.Affected}, false, func(c *Case) bool {
			c.Answer.Diagnosis.AffectedTotal--
			return len(c.Answer.Diagnosis.Affected) > 0
		}},
		{"a state of suffering of no list", []string{score.Impact}, false, always(func(c *Case) {
			c.Answer.Diagnosis.Impact = append(c.Answer.Diagnosis.Impact, answer.Impact{Entity: "QQNOWHERE", State: "sad"})
		})},
	}
}

func wrongLists() []Mutant {
	return []Mutant{
		{"what is missing is not said", []string{score.Missing}, false, func(c *Case) bool {
			c.Answer.Diagnosis.Missing = []string{"knowledge: nothing was found"}
			return len(c.Gold.Missing) > 0 && c.Answer.Diagnosis.Verdict == answer.InsufficientEvidence
		}},
		{"one of those to choose from is left out", []string{score.Candidates}, false, func(c *Case) bool {
			d := c.Answer.Diagnosis
			if len(c.Gold.Candidates) == 0 || d.Verdict != answer.NeedsClarification {
				return false
			}
			d.Candidates = d.Candidates[1:]
			return true
		}},
		{"a stranger is among those to choose from", []string{score.Candidates}, false, func(c *Case) bool {
			t, ok := innocent(c)
			d := c.Answer.Diagnosis
			if !ok || len(c.Gold.Candidates) == 0 || d.Verdict != answer.NeedsClarification {
				return false
			}
			d.Candidates = append(d.Candidates, answer.Candidate{Entity: c.Plant.Text(t), Ref: c.Plant.Ref(engine, t)})
			return true
		}},
		{"the list has lost something", []string{score.Listed}, false, func(c *Case) bool {
			if len(c.Gold.Items) == 0 {
				return false
			}
			short := c.Gold
			short.Items, short.Candidates = short.Items[1:], nil
			a, err := Answer(short, c.Question, c.Plant)
			c.Answer = a
			return err == nil
		}},
		{"the list holds a stranger", []string{score.Listed}, false, func(c *Case) bool {
			if len(c.Gold.Items) == 0 {
				return false
			}
			item, err := c.Plant.Resolve(c.Gold.Items[0])
			if err != nil {
				return false
			}
			for word, things := range c.Plant.Words() {
				same := len(things) > 0 && things[0].Entity.Type == item.Entity.Type && word == c.Plant.Word(things[0]) && !strings.Contains(c.Question.Text, word)
				if same && !slices.ContainsFunc(c.Gold.Items, func(i string) bool { t, err := c.Plant.Resolve(i); return err == nil && c.Plant.Word(t) == word }) {
					c.add("There is "+word+" as well.", "Há também "+word+".")
					return true
				}
			}
			return false
		}},
		{"a figure is not stated", []string{score.Listed}, false, func(c *Case) bool {
			none := c.Gold
			none.Figures = nil
			a, err := Answer(none, c.Question, c.Plant)
			c.Answer = a
			return err == nil && slices.ContainsFunc(c.Gold.Figures, func(n int) bool { return n > 12 })
		}},
		{"the explanation is another", []string{score.Explained, score.Form}, false, func(c *Case) bool {
			for i := range c.Answer.Diagnosis.Explanations {
				c.Answer.Diagnosis.Explanations[i].Kind = "planned"
			}
			return len(c.Gold.Explanations) > 0
		}},
		{"what has ended is explained as not yet due", []string{score.Explained}, false, func(c *Case) bool {
			for i := range c.Plant.World.Jobs {
				j := &c.Plant.World.Jobs[i]
				if j.Status.Internal == "ABEND" || j.Status.Internal == "SUCC" {
					d := c.Answer.Diagnosis
					d.Explanations = append(d.Explanations, answer.Explanation{Entity: j.Entity().String(c.Plant.Zone), Kind: "planned.not_yet", Statement: "it is as planned"})
					return d.Verdict != answer.OutOfScope
				}
			}
			return false
		}},
		{"what waits as planned is not explained", []string{score.Explained}, false, func(c *Case) bool {
			c.Answer.Diagnosis.Explanations = nil
			return len(c.Gold.Explanations) > 0
		}},
	}
}

// prose says of the first cause what the form makes of it and of the oracle's words for a kind; %[1]s is the cause, %[2]s the words.
func prose(c *Case, kind, en, pt string) bool {
	x := first(c)
	if x == nil {
		return false
	}
	c.Answer.Answer = fmt.Sprintf(c.inLang(en, pt), "`"+x.Entity+"`", say(kind, c.Question.Lang))
	return true
}

func wrongClaims() []Mutant {
	kind := func(c *Case) string {
		if len(c.Gold.Causes) == 0 {
			return ""
		}
		return c.Gold.Causes[0].Kinds[0]
	}
	return []Mutant{
		{"the structure is right and the prose tells nothing", []string{score.Claims}, false, func(c *Case) bool {
			return prose(c, "", "This is about %[1]s and that is all there is to it.%.0[2]s", "Isto é sobre %[1]s e não há mais o que dizer.%.0[2]s")
		}},
		{"the prose denies the cause", []string{score.Claims}, false, func(c *Case) bool {
			return prose(c, kind(c), "As for %[1]s, it is not so that %[2]s.", "Quanto a %[1]s, não é verdade que %[2]s.")
		}},
		{"the prose only doubts", []string{score.Claims}, false, func(c *Case) bool {
			return !c.Gold.Unsure && prose(c, kind(c), "As for %[1]s, it might be that %[2]s.", "Quanto a %[1]s, talvez se possa ver que %[2]s.")
		}},
		{"the prose only asks", []string{score.Claims}, false, func(c *Case) bool {
			return prose(c, kind(c), "As for %[1]s: is it that %[2]s?", "Quanto a %[1]s: será que %[2]s?")
		}},
		{"the prose gives another cause", []string{score.Claims, score.Consistent}, false, func(c *Case) bool {
			return prose(c, otherKind(c), "The root cause is that %[2]s, and %[1]s is where it shows.", "A causa raiz é que %[2]s, e %[1]s é onde isso aparece.")
		}},
		{"the prose gives another cause as well", []string{score.Consistent}, false, func(c *Case) bool {
			return proseAdds(c, otherKind(c))
		}},
		{"the prose blames an innocent as well", []string{score.Consistent}, false, withInnocent(func(c *Case, _ *answer.Cause, t plant.Thing) {
			c.add("The root cause is "+c.Plant.Text(t)+".", "A causa raiz é "+c.Plant.Text(t)+".")
		})},
		{"the prose takes the cause back", []string{score.Consistent}, false, ofCause(func(c *Case, x *answer.Cause) {
			c.add("But "+x.Entity+" is not the cause.", "Mas "+x.Entity+" não é a causa.")
		})},
		{"the prose gives a cause where none is known", []string{score.Consistent}, false, func(c *Case) bool {
			v := c.Answer.Diagnosis.Verdict
			if first(c) != nil || v != answer.NoProblem && v != answer.InsufficientEvidence {
				return false
			}
			return proseAdds(c, "app.fs.space")
		}},
		{"it asserts what must not be asserted", []string{score.Denied}, false, func(c *Case) bool {
			for _, d := range c.Gold.Denied {
				if t, err := c.Plant.Resolve(suite.Either(d.About)[0]); err == nil {
					c.Answer.Answer += fmt.Sprintf(" "+c.inLang("As to %s this is so; %s.", "Quanto a %s é assim; %s."), c.Plant.Text(t), say(d.Says, c.Question.Lang))
					return true
				}
			}
			return false
		}},
		{"it does not say what it must", []string{score.Claims}, false, func(c *Case) bool {
			must := slices.ContainsFunc(c.Gold.Claims, func(x suite.Claim) bool { return x.Must })
			none := c.Gold
			none.Claims = nil
			a, err := Answer(none, c.Question, c.Plant)
			same := a.Answer == c.Answer.Answer
			c.Answer = a
			return err == nil && must && !same && len(c.Gold.Causes) == 0
		}},
	}
}

func proseAdds(c *Case, kind string) bool {
	c.add("The root cause is that "+say(kind, "en")+".", "A causa raiz é que "+say(kind, "pt")+".")
	return true
}

func wrongWords() []Mutant {
	return []Mutant{
		{"the other language", []string{score.Language}, false, always(func(c *Case) {
			q := c.Question
			q.Lang = c.inLang("pt", "en")
			if a, err := Answer(c.Gold, q, c.Plant); err == nil {
				c.Answer.Answer = a.Answer + map[string]string{"en": " That is what there was to see of it.", "pt": " Isso é o que se pode ver ainda, e não há mais."}[q.Lang]
			}
		})},
		{"it says that it speaks another language", []string{score.Language}, false, always(func(c *Case) { c.Answer.Language = c.inLang("pt", "en") })},
		{"the prose names nothing", []string{score.ProseNames}, false, func(c *Case) bool {
			c.Answer.Answer = c.inLang("It is the cause of this and that was it.", "Isto é o que está errado e não há mais.")
			return len(c.Gold.Causes)+len(c.Gold.Names)+len(c.Gold.Words) > 0
		}},
		{"the prose says that nothing is wrong", []string{score.ProseAgrees}, false, func(c *Case) bool {
			c.Answer.Answer = c.inLang("Nothing is wrong here. ", "Não há problema aqui. ") + c.Answer.Answer
			return c.Answer.Diagnosis.Verdict == answer.Problem
		}},
		{"the prose says that all is well with the cause", []string{score.Consistent}, false, ofCause(func(c *Case, x *answer.Cause) {
			c.add("Nothing is wrong with "+x.Entity+".", "Não há nada de errado com "+x.Entity+".")
		})},
		{"five thousand words", []string{score.ProseAgrees}, false, always(func(c *Case) { c.Answer.Answer += strings.Repeat(" x", 5000) })},
	}
}

func wrongFacts() []Mutant {
	add := func(en, pt string) func(*Case) bool { return always(func(c *Case) { c.add(en, pt) }) }
	grounded := []string{score.Grounded}
	return []Mutant{
		{"a name that is nowhere", grounded, false, add("There is QQ_PHANTOM_9 too.", "Há também QQ_PHANTOM_9.")},
		{"an instance that is not in the plan", grounded, false, add("There is QQWS1#QQSTREAM[(0100 01/01/26)].QQJOB too.", "Há também QQWS1#QQSTREAM[(0100 01/01/26)].QQJOB.")},
		{"a job number that is nowhere", grounded, false, add("It was #J99999991 that ran.", "Foi #J99999991 que rodou.")},
		{"a message that is nowhere", grounded, false, add("The message was AWSQQX999E.", "A mensagem foi AWSQQX999E.")},
		{"a return code that was none", grounded, false, add("It gave the return code 213.", "Deu o código de retorno 213.")},
		{"a path that is nowhere", grounded, false, add("It opens /opt/qq/zz/none.dat there.", "Abre /opt/qq/zz/none.dat ali.")},
		{"an address that is nowhere", grounded, false, add("It runs on 10.213.98.77 there.", "Roda em 10.213.98.77 ali.")},
		{"a person who is nowhere", grounded, false, add("Ask qq.nobody@elsewhere.example about it.", "Fale com qq.nobody@elsewhere.example sobre isso.")},
		{"a duration that was none", grounded, false, add("It took 19 days and 7 hours.", "Levou 19 dias e 7 horas.")},
		{"a share that was none", grounded, false, add("It used 98.7654 % of it.", "Usou 98.7654 % disso.")},
		{"a number that counts nothing", grounded, false, add("It holds up 73913 jobs.", "Segura 73913 jobs.")},
		{"a day on which nothing was", grounded, false, add("It began on 2019-11-23.", "Começou em 2019-11-23.")},
		{"a time of day at which nothing was", grounded, false, func(c *Case) bool {
			facts := c.Plant.Told(concerned(c)...)
			for minute := 12*60 + 7; minute < 36*60; minute += 37 {
				h, m := minute/60%24, minute%60
				if !facts.HasClock(h, m, c.Plant.Zone) && !facts.HasClock(h, m+1, c.Plant.Zone) && !facts.HasClock(h, max(0, m-1), c.Plant.Zone) {
					c.add(fmt.Sprintf("It ended at %02d:%02d.", h, m), fmt.Sprintf("Terminou às %02d:%02d.", h, m))
					return true
				}
			}
			return false
		}},
	}
}
