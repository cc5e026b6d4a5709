// Package oracle writes the answer that a gold asks for, and a list of ways to spoil it. It exists to test the judge: the oracle's answer must
// pass every question, each spoilt one must fail. It is no part of what is judged.
//
// Start at NewCase and Mutants.
package oracle

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/resync-hwa/resync/evals/plant"
	"github.com/resync-hwa/resync/evals/score"
	"github.com/resync-hwa/resync/evals/suite"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/answer"
)

// NewCase is the right answer to a question with what belongs to it: what its tools returned and what the engine was asked for.
func NewCase(g suite.Gold, q suite.Question, p *plant.Plant) (Case, error) {
	a, err := Answer(g, q, p)
	c := Case{Gold: g, Question: q, Plant: p, Answer: a, Requests: 3, Seen: []string{"GET /engine/info"}}
	if err != nil {
		return c, err
	}
	if len(g.Reads) > 0 {
		for _, r := range g.Reads[0] {
			c.Seen = append(c.Seen, path(r, p))
		}
	}
	var told []answer.Evidence
	for _, x := range a.Diagnosis.Causes {
		told = append(told, x.Evidence...)
	}
	raw, err := json.Marshal(map[string]any{"data": told})
	c.Ledger = []score.Call{{ID: "t1", Name: "diagnose_job", Result: raw}}
	return c, err
}

// path is how the newer interface is asked for a read of the gold.
func path(read string, p *plant.Plant) string {
	lists := map[string]string{"jobs": "job", "jobstreams": "jobstream", "workstations": "workstation", "resources": "resource", "prompts": "prompt"}
	if list, ok := lists[read]; ok {
		return "GET /plan/" + list
	}
	if t, err := p.Resolve(read); err == nil && t.Job != nil && len(t.Job.Runs) > 0 {
		return "GET /plan/job/run/" + t.Job.Runs[len(t.Job.Runs)-1].ID + "/joblog"
	}
	return "GET /plan/job/none/joblog"
}

// Answer writes a right answer to a question from the gold. It fails (fault.Invalid) where the gold names what its world does not show.
func Answer(g suite.Gold, q suite.Question, p *plant.Plant) (answer.Answer, error) {
	o := oracle{g: g, q: q, p: p}
	a := answer.Answer{ConversationID: "c_oracle", MessageID: "m_oracle", Question: q.Text, Language: q.Lang, Engine: answer.EngineInfo{Name: engine, Mode: "live", API: "v2"},
		DataAsOf: p.World.AsOf.Format(time.RFC3339), Model: "oracle", ToolCalls: []answer.ToolCall{{ID: "t1", Name: "diagnose_job"}}}
	d := &answer.Diagnosis{Verdict: g.Verdict[0], ConfidenceClass: answer.Inconclusive}
	if len(g.Causes) > 0 {
		d.Verdict = answer.Problem
	}
	for _, c := range g.Causes {
		d.Causes = append(d.Causes, o.cause(c))
	}
	if len(d.Causes) > 0 {
		d.ConfidenceClass = d.Causes[0].Class
	}
	o.missing(d)
	if len(g.Explanations) > 0 {
		d.Explanations = []answer.Explanation{{Entity: o.p.Text(o.subject()), Kind: g.Explanations[0], Statement: o.either("it is as planned", "está como planejado")}}
	}
	for _, names := range g.Affected {
		d.Affected = append(d.Affected, o.name(suite.Either(names)[0]))
	}
	d.AffectedTotal = len(d.Affected)
	for _, name := range slices.Concat(g.Candidates, g.Items) {
		t := o.thing(name)
		d.Candidates = append(d.Candidates, answer.Candidate{Entity: p.Text(t), Ref: p.Ref(engine, t), Why: o.either("same name", "mesmo nome")})
	}
	for _, c := range g.Denied {
		if answer.KindKnown(c.Says) {
			d.RuledOut = append(d.RuledOut, answer.RuledOut{Entity: o.name(suite.Either(c.About)[0]), Kind: c.Says, Why: o.either("the data show otherwise", "os dados mostram outra coisa")})
		}
	}
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

func (o *oracle) either(en, pt string) string {
	if o.q.Lang == "pt" {
		return pt
	}
	return en
}

func (o *oracle) fail(err error) {
	if err != nil && o.err == nil {
		o.err = err
	}
}

func (o *oracle) thing(name string) plant.Thing {
	t, err := o.p.Resolve(name)
	o.fail(err)
	return t
}

func (o *oracle) name(gold string) string { return o.p.Text(o.thing(gold)) }

// subject is what the answer is about: the first name that the gold has, a cause, or else any job stream.
func (o *oracle) subject() plant.Thing {
	for _, name := range slices.Concat(o.g.Names, o.g.Affected, o.g.Items, o.g.Candidates) {
		return o.thing(suite.Either(name)[0])
	}
	if len(o.g.Causes) > 0 {
		return o.thing(o.g.Causes[0].Entity)
	}
	for _, s := range o.p.World.JobStreams {
		if things := o.p.Meant(s.Entity().String(o.p.Zone)); len(things) > 0 {
			return things[0]
		}
	}
	return plant.Thing{}
}

func (o *oracle) cause(c suite.Cause) answer.Cause {
	t := o.thing(c.Entity)
	x := answer.Cause{Entity: o.p.Text(t), Ref: o.p.Ref(engine, t), Kind: c.Kinds[0], Statement: say(c.Kinds[0], o.q.Lang), Class: answer.Confirmed, Confidence: 0.9}
	if o.g.Unsure {
		x.Class = answer.Likely
	}
	for _, g := range c.Evidence {
		e, err := o.evidence(g.Any[0])
		o.fail(err)
		x.Evidence = append(x.Evidence, e)
	}
	return x
}

func (o *oracle) evidence(piece suite.Piece) (answer.Evidence, error) {
	t := o.thing(piece.Of)
	kind, _, _ := strings.Cut(piece.Of, ":")
	if kind != "joblog" {
		quote, ok := o.p.Quote(t, piece.Value, piece.Is)
		if !ok {
			return answer.Evidence{}, fault.New(fault.Invalid, "%s does not show %q", piece.Of, piece.Value+piece.Is)
		}
		return answer.Evidence{Source: kind + ":" + strings.TrimPrefix(o.p.Text(t), kind+":"), Quote: quote}, nil
	}
	log, ok := o.p.LastLog(t)
	if !ok {
		return answer.Evidence{}, fault.New(fault.Invalid, "%s has no log", piece.Of)
	}
	return answer.Evidence{Source: log.Source, RunID: log.RunID, Line: log.Find(piece.Quote), Quote: piece.Quote}, nil
}

func (o *oracle) missing(d *answer.Diagnosis) {
	if d.Verdict != answer.InsufficientEvidence {
		return
	}
	for _, m := range o.g.Missing {
		d.Missing = append(d.Missing, suite.Either(m)[0]+": "+o.either("not there", "não está lá"))
	}
	if len(d.Missing) == 0 {
		d.Missing = []string{"plan:current: " + o.either("nothing of that name is there", "nada com esse nome está lá")}
	}
}

// actions are the first of each group that is needed; what must not come first comes after them.
func (o *oracle) actions() []answer.Action {
	var out []answer.Action
	for _, group := range o.g.Actions.Require {
		out = append(out, o.action(group[0], o.target(group[0]), -1))
	}
	for _, code := range o.g.Actions.NotFirst {
		if t := o.target(code); len(out) > 0 && (t.Job != nil || t.JobStream != nil) {
			out = append(out, o.action(code, t, 0))
		}
	}
	if a := o.g.Actions.Advised; a != nil {
		out = append(out, o.action(a.Codes[0], o.thing(a.Target), -1))
	}
	return out
}

// target is on what an action is advised: what the plan holds of the causes, else of what suffers; a rerun is of a job.
func (o *oracle) target(code string) plant.Thing {
	var names []string
	for _, c := range o.g.Causes {
		names = append(append(names, c.Entity), c.Aliases...)
	}
	names = append(append(names, o.g.Names...), o.g.Affected...)
	for _, n := range names {
		t := o.thing(suite.Either(n)[0])
		if t.Job != nil || !slices.Contains([]string{"rerun", "kill", "confirm_succ", "confirm_abend", "cancel"}, code) && len(o.p.Meant(o.p.Text(t))) > 0 {
			return t
		}
	}
	return o.subject()
}

func (o *oracle) action(code string, t plant.Thing, after int) answer.Action {
	rule, _ := answer.RuleFor(code)
	a := answer.Action{Code: code, Target: o.p.Text(t), Text: code + " " + o.p.Text(t), After: after, Risk: "low"}
	if rule.Group != "operate" {
		a.NeedsApproval = rule.Group == "administrate"
		return a
	}
	a.NeedsApproval, a.WayBack = true, o.either("there is none", "não há")
	if rule.Command {
		a.Command = o.command(code, t)
	}
	for _, text := range rule.Precondition {
		a.Preconditions = append(a.Preconditions, answer.Precondition{Text: text, Met: "yes"})
	}
	if len(a.Preconditions) == 0 {
		a.Preconditions = []answer.Precondition{{Text: "agreed", Met: "unknown"}}
	}
	a.Starts = []string{o.p.Text(t)}
	if t.Job == nil && t.JobStream == nil {
		a.Starts = nil
		for _, w := range o.p.Behind(t) {
			a.Starts = append(a.Starts, o.p.Text(w.Thing))
		}
	}
	return a
}

func (o *oracle) command(code string, t plant.Thing) string {
	if t.Entity.Type != twstools.EntityJob && t.Entity.Type != twstools.EntityJobStream {
		return code + " " + o.p.Word(t)
	}
	name := t.Entity.Workstation + "#" + o.p.StreamIDs(t)[0]
	if t.Job != nil {
		name += "." + t.Job.Name
	}
	return code + " " + name + ";schedid"
}

// What the prose opens with, by verdict and language; %s is what it is about.
var openings = map[answer.Verdict]phrase{
	answer.NoProblem:            {"There is nothing wrong with %s: it is as it was planned.", "Não há nada de errado com %s: está como foi planejado."},
	answer.InsufficientEvidence: {"From what can be read it cannot be told what is the matter with %s.", "Com o que se pode ler não há como dizer o que há com %s."},
	answer.NeedsClarification:   {"Which one is meant by %s? There are several of them.", "Qual deles é %s? Há mais de um com este nome."},
	answer.OutOfScope:           {"That is not what this is for: %s.", "Isto não é para isso: %s."},
	answer.Refused:              {"That is for a person to do, and this only reads: %s.", "Isto é para uma pessoa fazer, e aqui só se lê: %s."},
	answer.Problem:              {"This is what was found to be wrong: %s.", "Isto é o que foi encontrado de errado: %s."},
}

func (o *oracle) prose(d *answer.Diagnosis) string {
	var out []string
	for i, x := range d.Causes {
		out = append(out, fmt.Sprintf(o.either("`%s` has trouble because %s.", "`%s` tem problemas porque %s."), x.Entity, say(o.g.Causes[i].Kinds[0], o.q.Lang)))
	}
	var about []string
	for _, n := range slices.Concat(o.g.Names, o.g.Items, o.g.Candidates) {
		about = append(about, o.name(n))
	}
	for _, w := range o.g.Words {
		about = append(about, suite.Either(w)[0])
	}
	for _, n := range o.g.Figures {
		about = append(about, fmt.Sprint(n))
	}
	open := openings[d.Verdict]
	if len(d.Causes) == 0 {
		out = append(out, fmt.Sprintf(o.either(open.en, open.pt), strings.Join(about, ", ")))
	} else if len(about) > 0 {
		out = append(out, fmt.Sprintf(o.either("To be named as well are %s, for what it is worth.", "Também se deve falar de %s, para o que for."), strings.Join(about, ", ")))
	}
	for _, c := range o.g.Claims {
		if c.Must {
			out = append(out, fmt.Sprintf(o.either("As to %s this is so; %s.", "Quanto a %s é assim; %s."), o.name(suite.Either(c.About)[0]), say(c.Says, o.q.Lang)))
		}
	}
	for _, c := range o.g.Denied {
		if c.Must {
			out = append(out, fmt.Sprintf(o.either("As to %s it is not so that %s.", "Quanto a %s não é que %s."), o.name(suite.Either(c.About)[0]), say(c.Says, o.q.Lang)))
		}
	}
	return strings.Join(out, " ")
}
