package evals_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/resync-hwa/resync/evals"
	"github.com/resync-hwa/resync/evals/oracle"
	"github.com/resync-hwa/resync/evals/plant"
	"github.com/resync-hwa/resync/evals/suite"
	"github.com/resync-hwa/resync/evals/trial"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/answer"
)

const six = "s-4c1e" // a scenario with six questions

// scenarios prepares some of the suite's scenarios, changed by a function.
func scenarios(t *testing.T, change func(*evals.Ready), only ...string) evals.Source {
	t.Helper()
	ready, err := demo()
	if err != nil {
		t.Fatal(err)
	}
	var all suite.Suite
	worlds := map[string]*plant.Plant{}
	for _, p := range ready.Scenarios {
		all.Scenarios = append(all.Scenarios, p.Scenario)
		worlds[p.Scenario.ID] = p.Plant
	}
	picked, unknown := all.Select(only)
	if len(unknown) > 0 {
		t.Fatalf("nothing is called %v", unknown)
	}
	ready.Scenarios = nil
	for _, sc := range picked {
		ready.Scenarios = append(ready.Scenarios, evals.Prepared{Scenario: sc, Plant: worlds[sc.ID]})
	}
	if change != nil {
		change(&ready)
	}
	return func(context.Context) (evals.Ready, error) { return ready, nil }
}

// demo is the hand-written suite, its worlds told once for all tests.
var demo = sync.OnceValues(func() (evals.Ready, error) { //nolint:gochecknoglobals // computed once for all tests
	return evals.Suite(os.DirFS("."), "demo", evals.Dev, nil)(context.Background())
})

// message is the id that the fake gave its answer: it counts what one process has answered.
func message(t *testing.T, x trial.Trial) string {
	t.Helper()
	var a answer.Answer
	if err := json.Unmarshal(x.Answer, &a); err != nil {
		t.Fatalf("%s: %v", x.Name(), err)
	}
	return a.MessageID
}

func TestAScenarioIsOneProcess(t *testing.T) {
	r := run(t, evals.Options{Binary: program(t, "strict"), K: 2, Jobs: 4}, six)
	if r.Run.Program != "fake 1" || r.Run.Model != "offline" || r.Run.Engine != evals.Full || r.Run.K != 2 || r.Run.Seeds != "dev" || len(r.Run.Trials) != 12 {
		t.Fatalf("the run is %+v with %d trials", r.Run, len(r.Run.Trials))
	}
	for i, x := range r.Run.Trials {
		want := "m_" + string(rune('1'+i/2))
		if x.Question != "q"+want[2:] || x.Attempt != 1+i%2 || message(t, x) != want {
			t.Errorf("trial %d is %s, attempt %d, %s", i, x.Question, x.Attempt, message(t, x))
		}
		if x.Status != trial.Pass || x.Family != six || x.Base != "demo" || !slices.Equal(x.Wants, []string{"problem"}) || !x.Core || x.CostUSD != 0.25 || x.ExitCode != 0 || x.Score < 50 {
			t.Errorf("trial %d is %s %s, of the family %s", i, x.Status, x.Why(), x.Family)
		}
		if x.Requests["GET /engine/info"] != 1 || len(x.Requests) != 1 || !slices.Equal(x.Seen, []string{"GET /twsd/api/v2/engine/info"}) {
			t.Errorf("trial %d: the engine was asked %v, seen %v", i, x.Requests, x.Seen)
		}
		if len(x.Ledger) != 2 || x.Ledger[0].Name != "turn_0" || string(x.Ledger[0].Args) != `{"x":1}` || !strings.HasPrefix(string(x.Ledger[0].Result), `{"data":{},"sources":[{`) || x.Ledger[1].Error != "not_found No." {
			t.Errorf("trial %d: the ledger is %+v", i, x.Ledger)
		}
	}
}

func TestTurnsAreAskedAndKeptAndNotJudged(t *testing.T) {
	const turn = "And before that?"
	source := scenarios(t, func(r *evals.Ready) {
		ask := slices.Clone(r.Scenarios[0].Scenario.Ask)
		ask[1].Turns = []string{turn, turn}
		r.Scenarios[0].Scenario.Ask = ask[:3]
	}, six)
	r := run(t, evals.Options{Binary: program(t, "strict"), Source: source})
	x := r.Run.Trials[1]
	if x.Status != trial.Pass || !slices.Equal(x.Turns, []string{turn, turn}) || len(x.Before) != 2 || message(t, x) != "m_4" || x.CostUSD != 0.75 || x.Requests["GET /engine/info"] != 3 {
		t.Fatalf("%s %s: %d answers before, %s, cost %v, %v", x.Status, x.Why(), len(x.Before), message(t, x), x.CostUSD, x.Requests)
	}
	var names []string
	for _, c := range x.Ledger {
		names = append(names, c.Name)
	}
	if !slices.Equal(names, []string{"turn_2", "get_job", "turn_0", "get_job", "turn_1", "get_job"}) {
		t.Errorf("the ledger holds %v; this turn's calls come first", names)
	}
	if y := r.Run.Trials[2]; y.Ledger[0].Name != "turn_0" || len(y.Before) != 0 || len(r.Run.Trials[0].Before) != 0 {
		t.Errorf("the next question is not in a conversation of its own: %v", y.Ledger[0].Name)
	}
}

func TestADeadProcessCostsOneQuestion(t *testing.T) {
	r := run(t, evals.Options{Binary: program(t, "crash second")}, six)
	var got []string
	for _, x := range r.Run.Trials {
		line := string(x.Status)
		if x.Fault != nil {
			line += " " + x.Fault.Kind
			if !strings.Contains(x.Stderr, "everything is lost") {
				t.Errorf("%s: standard error is lost: %q", x.Name(), x.Stderr)
			}
		}
		got = append(got, line)
	}
	if want := []string{"pass", "fault exit", "pass", "fault exit", "pass", "fault exit"}; !slices.Equal(got, want) {
		t.Errorf("the questions are %v, want %v", got, want)
	}
	if r.Run.Trials[0].ExitCode != 1 || len(r.Run.Trials[2].Seen) != 1 {
		t.Errorf("exit status %d; seen by the second process %v", r.Run.Trials[0].ExitCode, r.Run.Trials[2].Seen)
	}
}

func TestTheBudgetEndsTheAsking(t *testing.T) {
	r := run(t, evals.Options{Binary: program(t, "strict"), MaxUSD: 0.5, Jobs: 1}, six, "s-08aa")
	kinds := map[string]int{}
	for _, x := range r.Run.Trials {
		kind := string(x.Status)
		if x.Fault != nil {
			kind = x.Fault.Kind
		}
		kinds[kind]++
	}
	if kinds["pass"] != 2 || kinds["budget"] != 6 {
		t.Errorf("%v; want two answers at a quarter each, and six questions not asked", kinds)
	}
}

// dumb is a baseline for tests.
type dumb struct {
	name string
	gold map[string]suite.Gold // by question
}

func (d dumb) Name() string { return d.name }

func (d dumb) Answer(_ context.Context, q suite.Question, p *plant.Plant) (answer.Answer, error) {
	g, ok := d.gold[q.Text]
	if !ok {
		return answer.Answer{}, errors.New("this one knows nothing")
	}
	return oracle.Answer(g, q, p)
}

func TestBaselinesAreScoredTheSameWay(t *testing.T) {
	clever := dumb{"clever", map[string]suite.Gold{}}
	source := scenarios(t, func(r *evals.Ready) {
		for _, q := range r.Scenarios[0].Scenario.Ask {
			clever.gold[q.Text] = r.Scenarios[0].Scenario.Gold
		}
	}, six)
	r := run(t, evals.Options{Binary: program(t, "healthy"), Source: source, K: 2, Baselines: func([]suite.Scenario) []evals.Answerer { return []evals.Answerer{clever, dumb{name: "lost"}} }})
	if len(r.Run.Baselines) != 2 || len(r.Run.Baselines["clever"]) != 6 || len(r.Run.Baselines["lost"]) != 6 {
		t.Fatalf("baselines: %v", r.Run.Baselines)
	}
	for i, x := range r.Run.Baselines["clever"] {
		if x.Status != trial.Pass || len(x.Criteria) == 0 || x.Attempt != 1 || len(x.Answer) == 0 {
			t.Errorf("clever %d: %s %s", i, x.Status, x.Why())
		}
		if y := r.Run.Baselines["lost"][i]; y.Status != trial.Fault || y.Fault.Kind != "baseline" {
			t.Errorf("lost %d: %s", i, y.Status)
		}
	}
	again, err := evals.Regrade(r.Run, must(source(t.Context())))
	if err != nil || !reflect.DeepEqual(again.Baselines, r.Run.Baselines) {
		t.Errorf("regraded, they are not what they were: %v", err)
	}
}

func TestRegradeJudgesStoredAnswersByTodaysGold(t *testing.T) {
	r := run(t, evals.Options{Binary: program(t, "healthy")}, six)
	if r.Run.Trials[0].Status != trial.Wrong {
		t.Fatalf("%s; the test wants a wrong answer", r.Run.Trials[0].Status)
	}
	healthy := scenarios(t, func(ready *evals.Ready) {
		ready.Hash = "another"
		ready.Scenarios[0].Scenario.Gold = suite.Gold{ID: six, Slice: "healthy", Verdict: []answer.Verdict{answer.NoProblem}}
	}, six)
	ready, err := healthy(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	again, err := evals.Regrade(r.Run, ready)
	if err != nil {
		t.Fatal(err)
	}
	x := again.Trials[0]
	if again.Suite != "another" || x.Slice != "healthy" || !slices.Equal(x.Wants, []string{"no_problem"}) || slices.ContainsFunc(x.Criteria, func(c criterion) bool { return c.Name == "verdict" && !c.Pass }) {
		t.Errorf("regraded: %s %+v %s", again.Suite, x.Wants, x.Why())
	}
	if r.Run.Trials[0].Slice == "healthy" || r.Run.Suite == "another" {
		t.Error("the old run was changed")
	}
	same, err := evals.Regrade(r.Run, must(scenarios(t, nil, six)(t.Context())))
	if err != nil || !slices.EqualFunc(same.Trials, r.Run.Trials, func(a, b trial.Trial) bool { return a.Status == b.Status && slices.Equal(a.Criteria, b.Criteria) }) {
		t.Errorf("the same gold judges otherwise: %v", err)
	}
	if _, err := evals.Regrade(r.Run, must(scenarios(t, nil, "s-08aa")(t.Context()))); !fault.Is(err, fault.NotFound) {
		t.Errorf("a question that is gone: %v", err)
	}
	ready.Scenarios[0].Scenario.Ask = slices.Clone(ready.Scenarios[0].Scenario.Ask)
	ready.Scenarios[0].Scenario.Ask[0].Text += " Please."
	if _, err := evals.Regrade(r.Run, ready); !fault.Is(err, fault.Conflict) {
		t.Errorf("a question in other words: %v", err)
	}
}

func must(r evals.Ready, _ error) evals.Ready { return r }

func TestVariantsOfTheEngine(t *testing.T) {
	source := scenarios(t, func(r *evals.Ready) {
		w := *r.Scenarios[0].Plant.World
		w.Audit = append(slices.Clone(w.Audit), twstools.AuditRecord{ID: "a1", Action: "x", ObjectType: "job", Object: "A#B.C", User: "ana", At: w.AsOf.Add(-time.Hour)})
		p, err := plant.New(&w)
		if err != nil {
			t.Fatal(err)
		}
		r.Scenarios[0].Plant = p
		r.Scenarios[0].Scenario.Ask = r.Scenarios[0].Scenario.Ask[:1]
	}, six)
	binary := program(t, "probe")
	look := func(variant string) (s seen, x trial.Trial) {
		t.Helper()
		r := run(t, evals.Options{Binary: binary, Source: source, Variant: variant})
		x = r.Run.Trials[0]
		var a answer.Answer
		if err := errors.Join(json.Unmarshal(x.Answer, &a), json.Unmarshal([]byte(a.Answer), &s)); err != nil || r.Run.Engine != variant {
			t.Fatalf("%s: %s %s %v", variant, r.Run.Engine, x.Why(), err)
		}
		return s, x
	}
	full, _ := look(evals.Full)
	if full.V2 != 200 || full.Job != 200 || full.Prompts == 0 || full.Audit == 0 || full.Fields < 200 {
		t.Fatalf("full: %+v", full)
	}
	if s, x := look(evals.V1Only); s.V2 != 404 || s.Audit == 0 || slices.ContainsFunc(x.Criteria, func(c criterion) bool { return strings.HasPrefix(c.Name, "evidence.") }) {
		t.Errorf("v1-only: %+v", s)
	}
	if s, _ := look(evals.DroppedFields); s.Fields > full.Fields*95/100 || s.Fields < full.Fields*80/100 {
		t.Errorf("dropped-fields: %d of %d fields are left; about one in eight must be gone: those that say which object it is stay", s.Fields, full.Fields)
	} else if again, _ := look(evals.DroppedFields); again.Fields != s.Fields {
		t.Error("dropped-fields: other fields are gone the second time")
	}
	if s, _ := look(evals.NoAudit); s.Audit != 0 || s.Prompts != full.Prompts {
		t.Errorf("no-audit: %+v", s)
	}
	if s, _ := look(evals.LateCopy); later(t, full.Now, s.Now) != 12*time.Minute || s.Prompts != full.Prompts {
		t.Errorf("late-copy: the clock says %s, and %s without it", s.Now, full.Now)
	}
	if s, _ := look(evals.Restricted); s.Prompts != 0 || s.Job != 200 || s.Log != 403 || full.Log != 200 || s.Fields != full.Fields {
		t.Errorf("restricted: %+v", s)
	}
}

func later(t *testing.T, from, to string) time.Duration {
	t.Helper()
	a, err1 := time.Parse(time.RFC1123, from)
	b, err2 := time.Parse(time.RFC1123, to)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	return b.Sub(a)
}

// A model's settings reach the program, its key as a file that can be found from the program's own folder, and nothing else does.
func TestOnlyTheModelsSettingsAreHandedThrough(t *testing.T) {
	source := scenarios(t, func(r *evals.Ready) { r.Scenarios[0].Scenario.Ask = r.Scenarios[0].Scenario.Ask[:1] }, six)
	environ := []string{"LLM_ENDPOINT=http://127.0.0.1:1/v1", "LLM_API_KEY_FILE=key", "LLM_API_KEY=hush", "APP_LLM_MODEL=small", "APP_LLM_PROVIDER=openai", "SECRET_KEY=hush"}
	r := run(t, evals.Options{Binary: program(t, "probe"), Source: source, Model: "big", Environ: environ})
	var a answer.Answer
	var s seen
	if err := errors.Join(json.Unmarshal(r.Run.Trials[0].Answer, &a), json.Unmarshal([]byte(a.Answer), &s)); err != nil {
		t.Fatal(err)
	}
	key, err := filepath.Abs("key")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"LLM_ENDPOINT=http://127.0.0.1:1/v1", "LLM_API_KEY_FILE=" + key, "APP_LLM_MODEL=big", "APP_LLM_PROVIDER=openai"} {
		if !slices.Contains(s.Env, want) {
			t.Errorf("%s is not handed through", want)
		}
	}
	if r.Run.Model != "big" || strings.Contains(strings.Join(s.Env, " "), "hush") {
		t.Errorf("the model is %s, the environment %v", r.Run.Model, s.Env)
	}
}
