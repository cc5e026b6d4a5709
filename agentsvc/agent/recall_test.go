package agent_test

import (
	"context"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/agentsvc"
	"github.com/resync-hwa/resync/agentsvc/agent"
	"github.com/resync-hwa/resync/agentsvc/agent/llm"
	"github.com/resync-hwa/resync/agentsvc/compose/composetest"
	"github.com/resync-hwa/resync/agentsvc/recall"
	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/toolkit"
)

// changing is the plant, with a hand on what the tools say.
type changing struct {
	change func(ctx context.Context, name string, r *toolkit.Result)
}

func (c *changing) play(ctx context.Context, name string, args map[string]any) (toolkit.Result, error) {
	r, err := composetest.Plant(ctx, name, args)
	if c.change != nil {
		c.change(ctx, name, &r)
	}
	return r, err
}

func withRecall(t *testing.T, replies ...reply) (*agent.Agent, *modelServer, *changing, *composetest.Caller) {
	t.Helper()
	server := newLLM(t, replies...)
	store, err := recall.New(recall.Options{})
	if err != nil {
		t.Fatal(err)
	}
	hand := &changing{}
	caller := &composetest.Caller{Play: hand.play}
	a, err := agent.New(t.Context(), agent.Options{Caller: caller, Understander: reader{}, Recall: store, Models: []llm.Settings{{Provider: llm.OpenAI, Endpoint: server.URL + "/v1/", Model: "m"}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() }) // it gives none
	return a, server, hand, caller
}

func TestTheSameFactsNeedNoModel(t *testing.T) {
	a, server, hand, caller := withRecall(t, asksTool, good)
	first, _ := ask(t, a, "diagnose INV_LOAD abended")
	asked, calls := len(server.requests()), len(caller.Calls())
	if first.Model != "m" || asked != 2 {
		t.Fatalf("model = %s, %d requests", first.Model, asked)
	}
	// The call that the question needs was made before the model asked for the same.
	if calls != 2 {
		t.Errorf("calls = %+v", caller.Calls())
	}
	hand.change = func(_ context.Context, _ string, r *toolkit.Result) { // a minute later
		if r.Envelope != nil {
			r.Envelope.Clocks.PlanNow = "2026-03-17T05:26:00-03:00"
		}
	}
	again, h := ask(t, a, " diagnose  INV_LOAD abended ")
	if len(server.requests()) != asked {
		t.Errorf("the model was asked again")
	}
	if again.Answer != first.Answer || again.Model != "m" || again.Usage.InputTokens != 0 || h.text() != again.Answer || len(again.ToolCalls) != len(first.ToolCalls) {
		t.Errorf("answer = %q by %s, usage = %+v, %d calls", again.Answer, again.Model, again.Usage, len(again.ToolCalls))
	}
	if got := h.types(); !strings.HasSuffix(got, "diagnosis delta delta done") && !strings.HasSuffix(got, "diagnosis delta done") {
		t.Errorf("events = %s", got)
	}
	hand.change = func(_ context.Context, name string, r *toolkit.Result) { // another run of the job
		if name == "diagnose_job" {
			r.Envelope.Data = []byte(strings.ReplaceAll(string(r.Envelope.Data), `"r1"`, `"r2"`))
			for i := range r.Envelope.Sources {
				r.Envelope.Sources[i].RunID = strings.ReplaceAll(r.Envelope.Sources[i].RunID, "r1", "r2")
			}
		}
	}
	ask(t, a, "diagnose INV_LOAD abended")
	if len(server.requests()) == asked {
		t.Errorf("other facts, and the model was not asked")
	}
}

// Prose that names a time which has passed is held against what the tools say now, and the model is asked again.
func TestKeptProseIsVerifiedAgain(t *testing.T) {
	timed := reply{text: []string{"INV_LOAD ended ABEND: the database refused the login; the plan's clock says 05:25."}}
	a, server, hand, _ := withRecall(t, asksTool, timed)
	first, _ := ask(t, a, "diagnose INV_LOAD abended")
	asked := len(server.requests())
	if first.Model != "m" || !strings.Contains(first.Answer, "05:25") {
		t.Fatalf("answer = %q by %s", first.Answer, first.Model)
	}
	ask(t, a, "diagnose INV_LOAD abended")
	if len(server.requests()) != asked {
		t.Error("the model was asked although nothing had changed")
	}
	hand.change = func(_ context.Context, _ string, r *toolkit.Result) {
		if r.Envelope != nil {
			r.Envelope.Clocks.PlanNow, r.Envelope.Clocks.FetchedAt = "2026-03-17T05:27:00-03:00", "2026-03-17T05:27:00-03:00"
		}
	}
	later, _ := ask(t, a, "diagnose INV_LOAD abended")
	if len(server.requests()) == asked || strings.Contains(later.Answer, "05:25") {
		t.Errorf("answer = %q", later.Answer)
	}
}

// What the model called beyond the question's needs is called again, with the rights of whoever asks now.
func TestKeptProseIsNotForWhoSeesLess(t *testing.T) {
	more := reply{calls: []call{{"get_job_log", []string{`{"job":"INV_LOAD"}`}}}}
	a, server, hand, caller := withRecall(t, more, good)
	hand.change = func(ctx context.Context, name string, r *toolkit.Result) {
		if who, ok := auth.CallerFrom(ctx); ok && who.ID == "bob" && name == "get_job_log" {
			*r = composetest.OK(map[string]any{"entity": composetest.Load, "lines": []any{}})
		}
	}
	as := func(id string) string {
		ctx := auth.WithCaller(t.Context(), auth.Caller{ID: id, Role: auth.Viewer})
		ans, err := a.Ask(ctx, agentsvc.Question{Text: "diagnose INV_LOAD abended"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return ans.Answer
	}
	as("ann")
	asked, calls := len(server.requests()), len(caller.Calls())
	as("eve") // sees what ann sees
	if len(server.requests()) != asked || len(caller.Calls()) != 2*calls {
		t.Errorf("%d requests of %d, %d calls of %d", len(server.requests()), asked, len(caller.Calls()), 2*calls)
	}
	as("bob")
	if len(server.requests()) == asked {
		t.Error("bob got prose about a log that he may not read")
	}
}

func TestProseThatDidNotStandIsNotKept(t *testing.T) {
	for name, second := range map[string]reply{
		"struck": {text: []string{"INV_LOAD ended ABEND because the database refused the login. ", "PAY_CALC caused it."}},
		"empty":  {},
	} {
		t.Run(name, func(t *testing.T) {
			a, server, _, _ := withRecall(t, asksTool, second)
			ask(t, a, "diagnose INV_LOAD abended")
			asked := len(server.requests())
			ask(t, a, "diagnose INV_LOAD abended")
			if len(server.requests()) == asked {
				t.Error("it was kept")
			}
		})
	}
}

// An agent with a model of its own has prose kept under that model, and gets none that another one wrote in its place.
func TestProseIsKeptUnderTheAgentsOwnModel(t *testing.T) {
	for _, down := range []bool{false, true} {
		first, own := newLLM(t, good), newLLM(t, good)
		if down {
			own = newLLM(t, reply{status: 401})
		}
		store, err := recall.New(recall.Options{})
		if err != nil {
			t.Fatal(err)
		}
		a, err := agent.New(t.Context(), agent.Options{Caller: plant(), Understander: reader{}, Recall: store, Roster: siteOf(t, map[string]string{"diagnostics.md": "---\nmodel: own\n---\n"}),
			Models: []llm.Settings{{Name: "first", Provider: llm.OpenAI, Endpoint: first.URL + "/v1", Model: "one"}, {Name: "own", Provider: llm.OpenAI, Endpoint: own.URL + "/v1", Model: "two"}}})
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close() //nolint:errcheck // it gives none
		for range 2 {
			if ans, _ := ask(t, a, "diagnose INV_LOAD abended"); ans.Model != map[bool]string{false: "two", true: "one"}[down] {
				t.Errorf("down = %v: written by %s", down, ans.Model)
			}
		}
		if got, want := [2]int{len(own.requests()), len(first.requests())}, map[bool][2]int{false: {1, 0}, true: {2, 2}}[down]; got != want {
			t.Errorf("down = %v: requests %v, want %v", down, got, want)
		}
	}
}
