package agent_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/resync-hwa/resync/agentsvc"
	"github.com/resync-hwa/resync/agentsvc/agent"
	"github.com/resync-hwa/resync/agentsvc/compose/composetest"
	"github.com/resync-hwa/resync/agentsvc/understand"
	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
)

// byScope offers the tools that the caller's scopes open.
type byScope struct{ *composetest.Caller }

// Tools implements toolkit.Caller.
func (b byScope) Tools(ctx context.Context) ([]toolkit.Info, error) {
	infos, err := b.Caller.Tools(ctx)
	if c, ok := auth.CallerFrom(ctx); ok && len(c.Scopes) > 0 {
		infos = slices.DeleteFunc(slices.Clone(infos), func(i toolkit.Info) bool { return i.Name != "plan_status" })
	}
	return infos, err
}

// The list of tools is kept for a minute, and never from one person to another whose scopes open other tools.
func TestTheToolsOfOnePersonAreNotThoseOfAnother(t *testing.T) {
	all, one := auth.Caller{ID: "ana", Role: auth.Operator}, auth.Caller{ID: "bob", Role: auth.Operator, Scopes: []string{"mcp:plan"}}
	for name, order := range map[string][]auth.Caller{"who sees less comes last": {all, one}, "who sees less comes first": {one, all}} {
		t.Run(name, func(t *testing.T) {
			server := newLLM(t, good)
			a := newAgent(t, byScope{plant()}, named("a", server))
			for _, who := range order {
				if _, err := a.Ask(auth.WithCaller(t.Context(), who), agentsvc.Question{Text: "plan"}, nil); err != nil {
					t.Fatal(err)
				}
				reqs := server.requests()
				if n := len(reqs[len(reqs)-1].Tools); (n == 1) != (who.ID == "bob") {
					t.Errorf("%s is offered %d tools", who.ID, n)
				}
			}
		})
	}
}

// zoned reads each question as one about what ran within the last hour, and notes in which zone it was read last.
type zoned struct{ in *string }

// Parse implements agent.Understander.
func (z zoned) Parse(_ string, c understand.Context) understand.Understanding {
	*z.in = time.Date(2026, 3, 17, 12, 0, 0, 0, c.Location).Format("-07:00")
	return understand.Understanding{Language: "en", Intent: understand.Find, Since: c.Now.Add(-time.Hour)}
}

// Times of day in a question are those of the plan that it is about, whichever plan was read before.
func TestTimesAreThoseOfTheEngineThatIsAsked(t *testing.T) {
	offered := slices.Clone(composetest.Infos())
	for i := range offered {
		offered[i].InputSchema = json.RawMessage(`{"type":"object","properties":{"since":{"type":"string"},"engine":{"type":"string","enum":["north","south"]}}}`)
	}
	now := map[string]string{"north": "2026-03-17T09:25:00+01:00", "south": composetest.Now}
	c := &composetest.Caller{Offered: offered, Play: func(ctx context.Context, name string, args map[string]any) (toolkit.Result, error) {
		r, err := composetest.Plant(ctx, name, args)
		if engine, _ := args["engine"].(string); r.Envelope != nil {
			r.Envelope.Engine.Name = cmp.Or(engine, "north") // the first one answers whoever names none
			r.Envelope.Clocks.PlanNow = now[r.Envelope.Engine.Name]
		}
		return r, err
	}}
	in := ""
	a, err := agent.New(t.Context(), agent.Options{Caller: c, Understander: zoned{&in}})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close() //nolint:errcheck // it gives none
	for _, x := range []struct{ engine, zone string }{{"", "+01:00"}, {"south", "-03:00"}, {"", "+01:00"}, {"north", "+01:00"}, {"south", "-03:00"}} {
		if _, err := a.Ask(ctxOf(t), agentsvc.Question{Text: "what ran between 22:00 and 02:00?", Engine: x.engine}, nil); err != nil {
			t.Fatal(err)
		}
		if in != x.zone {
			t.Errorf("engine %q: the question was read in the zone %s, want %s", x.engine, in, x.zone)
		}
	}
	if n := made(c, "plan_status"); n != 2 { // once for each zone, and no more when it is known
		t.Errorf("the zone was asked for %d times", n)
	}
}

// Where the engines are many, one tool lists them and the others only take one: the question's engine reaches these too.
func TestEngineOfAToolThatListsNone(t *testing.T) {
	offered := slices.Clone(composetest.Infos())
	lists := slices.IndexFunc(offered, func(i toolkit.Info) bool { return i.Name == "plan_status" })
	offered[0], offered[lists] = offered[lists], offered[0]
	for i := range offered {
		argument := `{"type":"string"}`
		if i == 0 {
			argument = `{"type":"string","enum":["north","south"]}`
		}
		offered[i].InputSchema = json.RawMessage(`{"type":"object","properties":{"target":{"type":"string"},"engine":` + argument + `}}`)
	}
	t.Run("whose engine", func(t *testing.T) { whoseEngine(t, offered) })
	for engine, code := range map[string]fault.Code{"south": "", "apollo": fault.NotFound} {
		c := &composetest.Caller{Offered: offered, Play: composetest.Plant}
		a := newAgent(t, c)
		if _, err := a.Ask(ctxOf(t), agentsvc.Question{Text: "diagnose INV_LOAD abended", Engine: engine}, nil); code != "" {
			if fault.CodeOf(err) != code {
				t.Errorf("%s: %v", engine, err)
			}
			continue
		} else if err != nil {
			t.Fatal(err)
		}
		if len(c.Calls()) == 0 {
			t.Error("no tool was called")
		}
		for _, m := range c.Calls() {
			if m.Name == offered[0].Name {
				t.Errorf("%s is the one that lists them: the test shows nothing", m.Name)
			}
			if m.Args["engine"] != engine {
				t.Errorf("%s was asked of %v, want %s", m.Name, m.Args["engine"], engine)
			}
		}
	}
}

// The question's engine goes to our tools that the model did not send to another one, and to no tool of a further server, whose engines are not ours.
func whoseEngine(t *testing.T, ours []toolkit.Info) {
	t.Helper()
	c := withGuests(page("x"))
	c.Offered = append(slices.Clone(ours), c.Offered[len(composetest.Infos()):]...)
	server := newLLM(t, reply{calls: []call{{"wiki__search", []string{`{"query":"a"}`}}, {"find_jobs", []string{`{"target":"A","engine":"north"}`}}, {"find_jobs", []string{`{"target":"B"}`}}}}, good)
	a := newAgent(t, c, named("a", server))
	if _, err := a.Ask(ctxOf(t), agentsvc.Question{Text: "diagnose INV_LOAD abended", Engine: "south"}, nil); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"wiki__search a": nil, "find_jobs A": "north", "find_jobs B": "south"}
	for _, m := range c.Calls() {
		name := fmt.Sprint(m.Name, " ", cmp.Or(m.Args["target"], m.Args["query"]))
		if engine, ok := want[name]; ok && engine != m.Args["engine"] {
			t.Errorf("%s was asked of %v, want %v", name, m.Args["engine"], engine)
		}
		delete(want, name)
	}
	if len(want) > 0 {
		t.Errorf("not asked: %v", want)
	}
}
