// Package oracle writes the answer that a gold asks for, and a list of ways to spoil it. It exists to test the judge: the oracle's answer must
// pass every question, each spoilt one must fail. It is no part of what is judged.
//
// Start at Answer and Mutants.
package oracle

import (
	"fmt"
	"strings"
	"time"

	"github.com/resync-hwa/resync/evals/plant"
	"github.com/resync-hwa/resync/evals/suite"
	"github.com/resync-hwa/resync/twstools/answer"
)

// Answer writes a right answer to a question from the gold.
func Answer(g suite.Gold, q suite.Question, p *plant.Plant) (answer.Answer, error) {
	o := oracle{g: g, q: q, p: p}
	a := answer.Answer{ConversationID: "c_oracle", MessageID: "m_oracle", Question: q.Text, Language: q.Lang, Engine: answer.EngineInfo{Name: engine, Mode: "live", API: "v2"},
		DataAsOf: p.World.AsOf.Format(time.RFC3339), Model: "oracle", ToolCalls: []answer.ToolCall{{ID: "t1", Name: "diagnose_job"}}}
	d := &answer.Diagnosis{Verdict: g.Verdict[0], ConfidenceClass: answer.Inconclusive}
	for _, c := range g.Causes {
		x, err := o.cause(c)
		if err != nil {
			return a, err
		}
		d.Causes = append(d.Causes, x)
	}
	if len(d.Causes) > 0 {
		d.ConfidenceClass = d.Causes[0].Class
	}
	if d.Verdict == answer.InsufficientEvidence {
		d.Missing = []string{"plan:current: nothing of that name is there"}
	}
	if len(g.Explanations) > 0 {
		d.Explanations = []answer.Explanation{{Entity: o.name(g.Names[0]), Kind: g.Explanations[0], Statement: "as planned"}}
	}
	for _, names := range g.Affected {
		d.Affected = append(d.Affected, o.name(suite.Either(names)[0]))
	}
	d.AffectedTotal = len(d.Affected)
	d.Actions = o.actions()
	a.Diagnosis = d
	a.Answer = o.prose(d)
	return a, o.err
}

// engine is the name that the hosted mock has in the program's configuration.
const engine = "default"

type oracle struct {
	g   suite.Gold
	q   suite.Question
	p   *plant.Plant
	err error
}

func (o *oracle) thing(name string) plant.Thing {
	t, err := o.p.Resolve(name)
	if err != nil && o.err == nil {
		o.err = err
	}
	return t
}

func (o *oracle) name(gold string) string { return o.p.Text(o.thing(gold)) }

func (o *oracle) cause(c suite.Cause) (answer.Cause, error) {
	t := o.thing(c.Entity)
	x := answer.Cause{Entity: o.p.Text(t), Ref: o.p.Ref(engine, t), Kind: c.Kinds[0], Statement: "because", Class: answer.Confirmed, Confidence: 0.9}
	for _, g := range c.Evidence {
		e, err := o.evidence(g.Any[0])
		if err != nil {
			return x, err
		}
		x.Evidence = append(x.Evidence, e)
	}
	return x, nil
}

func (o *oracle) evidence(piece suite.Piece) (answer.Evidence, error) {
	t := o.thing(piece.Of)
	kind, _, _ := strings.Cut(piece.Of, ":")
	if kind != "joblog" {
		quote, ok := o.p.Quote(t, piece.Value, piece.Is)
		if !ok {
			return answer.Evidence{}, fmt.Errorf("%s does not show %q", piece.Of, piece.Value+piece.Is)
		}
		return answer.Evidence{Source: kind + ":" + o.p.Text(t), Quote: quote}, nil
	}
	log, ok := o.p.LastLog(t)
	if !ok {
		return answer.Evidence{}, fmt.Errorf("%s has no log", piece.Of)
	}
	return answer.Evidence{Source: log.Source, RunID: log.RunID, Line: log.Find(piece.Quote), Quote: piece.Quote}, nil
}

// actions are the first of each group that is needed; what must not come first comes after them.
func (o *oracle) actions() []answer.Action {
	var out []answer.Action
	target := ""
	if len(o.g.Causes) > 0 {
		target = o.name(o.g.Causes[0].Entity)
	}
	add := func(code, target string, after int) {
		rule, _ := answer.RuleFor(code)
		out = append(out, answer.Action{Code: code, Target: target, Text: code, After: after, Risk: "low", NeedsApproval: rule.Group == "operate" || rule.Group == "administrate"})
	}
	for _, group := range o.g.Actions.Require {
		add(group[0], target, -1)
	}
	for _, code := range o.g.Actions.NotFirst {
		add(code, target, 0)
	}
	if a := o.g.Actions.Advised; a != nil {
		t := o.thing(a.Target)
		add(a.Codes[0], o.p.Text(t), -1)
		last := &out[len(out)-1]
		last.Command = a.Codes[0] + " " + o.p.Word(t)
		last.Preconditions = []answer.Precondition{{Text: "agent linked", Met: "yes"}}
	}
	return out
}

// What the prose says, by verdict and language; %s is what it is about.
var phrases = map[answer.Verdict]map[string]string{
	answer.Problem:              {"en": "It is held up because of %s, and that is what has to be looked at.", "pt": "Está parado por causa de %s, e é isso que precisa ser visto."},
	answer.NoProblem:            {"en": "There is nothing wrong with %s: it is as it was planned.", "pt": "Não há nada de errado com %s: está como foi planejado."},
	answer.InsufficientEvidence: {"en": "It cannot be told: there is nothing called %s in this plan.", "pt": "Não há como dizer: não existe %s neste plano."},
	answer.NeedsClarification:   {"en": "Which one is meant by %s? There are several of them.", "pt": "Qual deles é %s? Há mais de um com este nome."},
	answer.OutOfScope:           {"en": "That is not what this is for: %s.", "pt": "Isto não é para isso: %s."},
	answer.Refused:              {"en": "That is for a person to do, and this only reads: %s.", "pt": "Isto é para uma pessoa fazer, e aqui só se lê: %s."},
}

func (o *oracle) prose(d *answer.Diagnosis) string {
	var about []string
	for _, x := range d.Causes {
		about = append(about, x.Entity)
	}
	for _, n := range o.g.Names {
		about = append(about, o.name(n))
	}
	for _, w := range o.g.Words {
		about = append(about, suite.Either(w)[0])
	}
	return fmt.Sprintf(phrases[d.Verdict][o.q.Lang], strings.Join(about, ", "))
}
