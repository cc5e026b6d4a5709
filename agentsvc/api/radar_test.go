package api_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/agentsvc/api/data"
	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
)

// shelf keeps acknowledgements in memory; the radar shows one finding, "seen".
type shelf struct{ all []data.Ack }

func (s *shelf) List(_ context.Context, engine string) ([]data.Ack, error) {
	if engine == "mars" {
		return nil, fault.New(fault.NotFound, "There is no engine %q.", engine)
	}
	return s.all, nil
}

func (s *shelf) Acknowledge(ctx context.Context, engine, id string, until time.Time, note string) (data.Ack, error) {
	if id != "seen" {
		return data.Ack{}, fault.New(fault.NotFound, "The radar shows nothing with the id %q.", id)
	}
	who, _ := auth.CallerFrom(ctx)
	a := data.Ack{Engine: engine, ID: id, Note: note, By: who.Name, Until: until}
	s.all = append(s.all, a)
	return a, nil
}

func (s *shelf) Withdraw(_ context.Context, _, id string) error {
	if len(s.all) == 0 || s.all[0].ID != id {
		return fault.New(fault.NotFound, "Nothing with the id %s is acknowledged.", id)
	}
	s.all = nil
	return nil
}

func radarServer(t *testing.T) *bundle {
	t.Helper()
	o, b := options(t)
	type in struct {
		Engine   string   `json:"engine,omitempty" doc:"Name of the engine."`
		Severity string   `json:"min_severity,omitempty" doc:"At least."`
		Rules    []string `json:"rules,omitempty" doc:"Rules."`
		Size     int      `json:"page_size,omitempty" doc:"Rows."`
	}
	type out struct {
		Asked string `json:"asked" doc:"What was asked."`
	}
	tool := toolkit.MustDefine(toolkit.Spec{Name: "radar", Title: "Radar", Description: "What is wrong."}, func(_ context.Context, i in) (toolkit.Reply[out], error) {
		return toolkit.Reply[out]{Data: out{i.Severity + " " + strings.Join(i.Rules, "+") + strings.Repeat("#", i.Size)}, Engine: toolkit.Engine{Name: i.Engine}}, nil
	})
	set, err := toolkit.NewSet(tool)
	if err != nil {
		t.Fatal(err)
	}
	o.Tools, o.Acks = set, &shelf{}
	return b.start(t, o)
}

func TestRadarIsTheToolItself(t *testing.T) {
	b := radarServer(t)
	viewer := b.as(t, auth.Viewer, "session")
	v := b.do(t, "GET", "/api/radar?engine=prod&min_severity=high&rule=held&rule=fence&page_size=3", "", viewer).json(t)
	if v["engine"].(map[string]any)["name"] != "prod" || v["data"].(map[string]any)["asked"] != "high held+fence###" {
		t.Errorf("radar = %v", v)
	}
	for _, query := range []string{"?severity=high", "?min_severity=high&min_severity=low", "?page_size=many"} {
		if r := b.do(t, "GET", "/api/radar"+query, "", viewer); r.StatusCode != 400 {
			t.Errorf("%s = %d", query, r.StatusCode)
		}
	}
}

// An operator acknowledges and withdraws in their own name; a viewer sees it; a page of another origin gets nothing done.
func TestAcknowledgements(t *testing.T) {
	b := radarServer(t)
	viewer, operator := b.as(t, auth.Viewer, "session"), b.as(t, auth.Operator, "session")
	const good = `{"id":"seen","until":"2026-12-01T08:00:00Z","note":"normal here"}`
	if r := b.do(t, "POST", "/api/radar/acks", good, operator, jsonBody, header("Origin", "https://evil.example")); r.StatusCode != 403 {
		t.Errorf("cross-origin = %d", r.StatusCode)
	}
	if r := b.do(t, "POST", "/api/radar/acks", good, viewer, jsonBody); r.StatusCode != 403 {
		t.Errorf("viewer = %d", r.StatusCode)
	}
	r := b.do(t, "POST", "/api/radar/acks", good, operator, jsonBody)
	if v := r.json(t); r.StatusCode != 201 || v["by"] != "operator-user" || v["note"] != "normal here" {
		t.Fatalf("%d %v", r.StatusCode, v)
	}
	if r := b.do(t, "GET", "/api/radar/acks", "", viewer); r.StatusCode != 200 || !strings.Contains(r.text, `"id":"seen"`) {
		t.Errorf("list = %d %s", r.StatusCode, r.text)
	}
	for name, c := range map[string]struct {
		method, path, body string
		status             int
	}{
		"unseen":        {"POST", "/api/radar/acks", `{"id":"gone","until":"2026-12-01T08:00:00Z","note":"x"}`, 404},
		"no-end":        {"POST", "/api/radar/acks", `{"id":"seen","note":"x"}`, 400},
		"no-time":       {"POST", "/api/radar/acks", `{"id":"seen","until":"tomorrow","note":"x"}`, 400},
		"unknown-field": {"POST", "/api/radar/acks", `{"id":"seen","until":"2026-12-01T08:00:00Z","note":"x","by":"somebody else"}`, 400},
		"with-a-query":  {"POST", "/api/radar/acks?id=seen", good, 400},
		"which":         {"DELETE", "/api/radar/acks", "", 400},
		"another":       {"DELETE", "/api/radar/acks?id=other", "", 404},
		"no-engine":     {"GET", "/api/radar/acks?engine=mars", "", 404},
		"put":           {"PUT", "/api/radar/acks", good, 405},
	} {
		if r := b.do(t, c.method, c.path, c.body, operator, jsonBody); r.StatusCode != c.status {
			t.Errorf("%s = %d %s, want %d", name, r.StatusCode, r.text, c.status)
		}
	}
	if r := b.do(t, "DELETE", "/api/radar/acks?id=seen", "", operator); r.StatusCode != 204 {
		t.Errorf("withdraw = %d %s", r.StatusCode, r.text)
	}
	if r := b.do(t, "GET", "/api/radar/acks", "", viewer); strings.TrimSpace(r.text) != `{"acks":[]}` {
		t.Errorf("after that: %s", r.text)
	}
}
