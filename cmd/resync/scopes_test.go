package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/resync-hwa/resync/agentsvc"
	"github.com/resync-hwa/resync/agentsvc/api/data"
	"github.com/resync-hwa/resync/agentsvc/api/operation"
	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/tools"
)

// threeEngines is a site with the engines apollo, north and south, in this order.
func threeEngines(t *testing.T) (*program, *site) {
	t.Helper()
	return demoSite(t, "APP_ENGINES__NORTH__MODE=mock", "APP_ENGINES__SOUTH__MODE=mock", "APP_ENGINES__APOLLO__MODE=mock")
}

// demoSite is a site over the demo engine, or what the environment says.
func demoSite(t *testing.T, environ ...string) (*program, *site) {
	t.Helper()
	return demoSiteAt(t, time.Now, environ...)
}

// demoSiteAt is demoSite by another clock.
func demoSiteAt(t *testing.T, clock func() time.Time, environ ...string) (*program, *site) {
	t.Helper()
	p := &program{environ: append(environ, "APP_DATA_DIR="+t.TempDir()), dir: t.TempDir(), in: strings.NewReader(""), out: io.Discard, err: io.Discard, clock: clock}
	s, err := p.quietly(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return p, s
}

// fixedClock stands still in the demo's night.
func fixedClock() func() time.Time {
	at := time.Date(2026, 3, 17, 6, 10, 0, 0, time.UTC)
	return func() time.Time { return at }
}

func keyOf(ctx context.Context, scopes ...string) context.Context {
	return auth.WithCaller(ctx, auth.Caller{ID: "u1", Name: "ana", Role: auth.Operator, Via: "api_key", Scopes: scopes})
}

// TestEngineScopesHoldEverywhere tries every way to a second engine with a key for two of three: none leads to the third, and none tells its name.
func TestEngineScopesHoldEverywhere(t *testing.T) {
	p, s := threeEngines(t)
	ctx := keyOf(t.Context(), auth.EngineScope("north"), auth.EngineScope("south"))

	t.Run("tools", func(t *testing.T) {
		for _, tt := range []struct{ tool, args, engine, code string }{
			{"plan_status", `{}`, "north", ""},
			{"plan_status", `{"engine":"south"}`, "south", ""},
			{"plan_status", `{"engine":"apollo"}`, "", "not_found"},
			{"what_changed", `{"against":"engine south"}`, "north", ""},
			{"what_changed", `{"against":"engine apollo"}`, "", "not_found"},
			{"what_changed", `{"against":"engine:apollo"}`, "", "not_found"},
			{"what_changed", `{"against":"engine APOLLO","engine":"south"}`, "", "not_found"},
			{"what_changed", `{"against":"engine north"}`, "", "invalid"},
			{"radar", `{"engine":"apollo"}`, "", "not_found"},
			{"search_knowledge", `{"query":"ORA-28001"}`, "", ""},
		} {
			r := s.set.Call(ctx, tt.tool, json.RawMessage(tt.args))
			switch {
			case tt.code != "" && (r.Error == nil || r.Error.Code != tt.code || slices.Contains(r.Error.Candidates, "apollo")):
				t.Errorf("%s %s: %s", tt.tool, tt.args, r.Text)
			case tt.code == "" && (r.Error != nil || r.Envelope.Engine.Name != tt.engine):
				t.Errorf("%s %s: engine %+v, %s", tt.tool, tt.args, r.Envelope, r.Text)
			}
		}
		for _, i := range s.set.Offered(ctx) {
			if strings.Contains(string(i.InputSchema), "apollo") {
				t.Errorf("%s names apollo: %s", i.Name, i.InputSchema)
			}
		}
	})

	t.Run("data routes", func(t *testing.T) {
		d, err := data.New(data.Options{Tools: s.set, Health: s.health(p.clock), Acks: restAcks{s}, Now: p.clock})
		if err != nil {
			t.Fatal(err)
		}
		read := func(ctx context.Context, address string) (int, string) {
			r := chi.NewRouter()
			d.Register(operation.New(r, operation.Options{Title: "data", Version: "1"}))
			w := httptest.NewRecorder()
			r.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, "/api/"+address, nil))
			return w.Code, w.Body.String()
		}
		reader := keyOf(t.Context(), auth.ScopeRead, auth.EngineScope("north"), auth.EngineScope("south"))
		for _, tt := range []struct {
			address  string
			status   int
			has, not string
		}{
			{"status", 200, `"name":"north"`, "apollo"},
			{"status?engine=south", 200, `"name":"south"`, "apollo"},
			{"status?engine=apollo", 404, `"candidates":["north","south"]`, ""},
			{"radar?engine=apollo", 404, `"candidates":["north","south"]`, ""},
			{"radar?page_size=1", 200, `"name":"north"`, "apollo"},
			{"radar/acks?engine=apollo", 404, `"candidates":["north","south"]`, ""},
			{"radar/acks", 200, `"acks":[]`, "apollo"},
			{"health/tws", 200, `"engine":"south"`, "apollo"},
		} {
			status, body := read(reader, tt.address)
			if status != tt.status || !strings.Contains(body, tt.has) || tt.not != "" && strings.Contains(body, tt.not) {
				t.Errorf("%s: %d %s", tt.address, status, body)
			}
		}
		nobody := keyOf(t.Context(), auth.ScopeRead, auth.EngineScope("mars"))
		for _, address := range []string{"status", "radar", "radar/acks", "health/tws"} {
			if status, body := read(nobody, address); status != http.StatusForbidden || strings.Contains(body, "north") {
				t.Errorf("a key for no engine of this server: %d %s", status, body)
			}
		}
		// The listing of engines is kept for some seconds: it must not be the one of somebody who sees less.
		if _, body := read(keyOf(t.Context(), auth.ScopeRead), "health/tws"); !strings.Contains(body, `"engine":"apollo"`) {
			t.Errorf("who may see all sees %s", body)
		}
	})

	t.Run("acknowledgements", func(t *testing.T) {
		seen, err := s.engines[0].tools.Radar(t.Context(), tools.RadarIn{})
		if err != nil || s.engines[0].name != "apollo" || len(seen.Data.Findings) == 0 {
			t.Fatalf("the radar of %s: %v", s.engines[0].name, err)
		}
		_, err = restAcks{s}.Acknowledge(ctx, "apollo", seen.Data.Findings[0].ID, p.clock().Add(time.Hour), "normal")
		if !fault.Is(err, fault.NotFound) {
			t.Errorf("acknowledging on apollo: %v", err)
		}
		var f *fault.Error
		if err := (restAcks{s}).Withdraw(ctx, "apollo", "x"); !errors.As(err, &f) || f.Code != fault.NotFound || strings.Join(f.Candidates, " ") != "north south" {
			t.Errorf("withdrawing on apollo: %v", err)
		}
	})

	t.Run("questions", func(t *testing.T) {
		ag, err := p.agent(t.Context(), s, conversations.New(conversations.Options{Now: p.clock}))
		if err != nil {
			t.Fatal(err)
		}
		ask := func(ctx context.Context, engine string) (string, error) {
			a, err := ag.Ask(ctx, agentsvc.Question{Text: "How is the plan?", Engine: engine}, func(agentsvc.Event) {})
			return a.Engine.Name, err
		}
		if got, err := ask(keyOf(t.Context()), ""); err != nil || got != "apollo" {
			t.Errorf("who may read all: %s, %v", got, err) // and so the agent has listed all tools with all engines once
		}
		if got, err := ask(ctx, ""); err != nil || got != "north" {
			t.Errorf("the default is %s, %v", got, err)
		}
		if got, err := ask(ctx, "south"); err != nil || got != "south" {
			t.Errorf("south: %s, %v", got, err)
		}
		_, err = ask(ctx, "apollo")
		var f *fault.Error
		if !errors.As(err, &f) || f.Code != fault.NotFound || strings.Join(f.Candidates, " ") != "north south" {
			t.Errorf("apollo: %v", err)
		}
		if got, err := ask(keyOf(t.Context(), auth.ScopeAsk, auth.EngineScope("south")), "south"); err != nil || got != "south" {
			t.Errorf("a key for south alone: %s, %v", got, err)
		}
	})
}

// handler is a route of the data API.
// TestToolsetsAreThoseOfTheTools: what configuration takes for a toolset is one, and none is missing there.
func TestToolsetsAreThoseOfTheTools(t *testing.T) {
	p, s := threeEngines(t)
	for _, name := range append(s.set.Toolsets(), "all", "Plan") {
		if _, err := p.config(map[string]string{"mcp.toolsets": name}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := p.config(map[string]string{"mcp.toolsets": "plan,plans"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("plans: %v", err)
	}
	for _, tool := range s.set.Tools() {
		if tool.Info().Toolset == "" {
			t.Errorf("%s belongs to no toolset", tool.Info().Name)
		}
	}
}

// A key can be made for every toolset that a server has, and for no other.
func TestKeysAreMadeForTheToolsetsThereAre(t *testing.T) {
	_, s := demoSite(t)
	if got, want := slices.Sorted(slices.Values(toolsets())), s.set.Toolsets(); !slices.Equal(got, want) {
		t.Errorf("keys are made for %v, the tools are in %v", got, want)
	}
}
