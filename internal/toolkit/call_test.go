package toolkit_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
)

func TestEnvelope(t *testing.T) {
	rc := 0
	ended := time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)
	tool := toolkit.MustDefine(spec, func(context.Context, struct{}) (toolkit.Reply[sampleOut], error) {
		return toolkit.Reply[sampleOut]{Data: sampleOut{Total: 2, Rows: []row{{Job: "A<B&\"é\u2028", RC: &rc, Ended: ended}, {Job: "C"}}},
			Sources: []toolkit.Source{{Source: "joblog:A#1", Lines: []toolkit.Line{{N: 3, Text: "x"}}}}, UpstreamCalls: 2, Stale: true}, nil
	})
	r := tool.Call(t.Context(), nil)
	if r.Error != nil {
		t.Fatal(r.Error)
	}
	want := `{"total":2,"rows":[{"job":"A\u003cB\u0026\"é\u2028","rc":0,"ended":"2026-11-21T03:00:00Z","tags":[]},{"job":"C","tags":[]}],"extra":{}}`
	if string(r.Envelope.Data) != want {
		t.Errorf("data is\n%s want\n%s", r.Envelope.Data, want)
	}
	b, err := json.Marshal(r.Envelope)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(b), want) {
		t.Error("marshalling the envelope changed the data's bytes")
	}
	valid(t, tool.Info().OutputSchema, b)
	e, _ := json.Marshal(map[string]any{"error": toolkit.ErrorBody{Code: "invalid", Message: "m"}})
	valid(t, tool.Info().OutputSchema, e)
	wantText := "stale: the engine did not answer just now, and this was read before\ntotal: 2\nrows:\njob      rc  ended\nA<B&\"é   0   2026-11-21T03:00:00Z\nC\n"
	if strings.TrimSpace(r.Text) != strings.TrimSpace(wantText) {
		t.Errorf("text is\n%q want\n%q", r.Text, wantText)
	}
}

func valid(t *testing.T, schema, instance []byte) {
	t.Helper()
	var s jsonschema.Schema
	if err := json.Unmarshal(schema, &s); err != nil {
		t.Fatal(err)
	}
	resolved, err := s.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal(instance, &v); err != nil {
		t.Fatal(err)
	}
	if err := resolved.Validate(v); err != nil {
		t.Errorf("%s: %v", instance, err)
	}
}

func TestErrors(t *testing.T) {
	secret := "dsn=postgres://u:secret@h"
	coded := fault.Wrap(fault.UpstreamDenied, errors.New(secret), "The engine refused the account.").WithHint("Check it.").WithSource("engine:default").WithCandidates("a")
	tests := []struct {
		name string
		fn   func(ctx context.Context) error
		code string
		text string
	}{
		{"coded", func(context.Context) error { return coded }, "upstream_denied", "upstream_denied: The engine refused the account.\nCheck it.\nCandidates: a"},
		{"stranger", func(context.Context) error { return errors.New(secret) }, "internal", "internal: "},
		{"panic", func(context.Context) error { panic(secret) }, "internal", "internal: "},
		{"deadline noticed", func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, "timeout", "timeout: "},
	}
	for _, tt := range tests {
		s := spec
		s.Timeout = 20 * time.Millisecond
		tool := toolkit.MustDefine(s, func(ctx context.Context, _ struct{}) (toolkit.Reply[row], error) {
			return toolkit.Reply[row]{}, tt.fn(ctx)
		})
		r := tool.Call(toolkit.WithCorrelation(t.Context(), "id-12345"), nil)
		if r.Envelope != nil || r.Error == nil || r.Error.Code != tt.code || r.Error.CorrelationID != "id-12345" {
			t.Errorf("%s: %+v", tt.name, r)
			continue
		}
		all, _ := json.Marshal(r)
		if !strings.HasPrefix(r.Text, tt.text) || strings.Contains(string(all), "secret") {
			t.Errorf("%s: shows %s", tt.name, all)
		}
	}
}

func TestDeadlineIgnored(t *testing.T) {
	release := make(chan struct{})
	ended := make(chan struct{})
	s := spec
	s.Timeout = time.Millisecond
	tool := toolkit.MustDefine(s, func(context.Context, struct{}) (toolkit.Reply[row], error) {
		defer close(ended)
		<-release
		return toolkit.Reply[row]{}, nil
	})
	r := tool.Call(t.Context(), nil)
	if r.Error == nil || r.Error.Code != "timeout" || r.Error.CorrelationID == "" {
		t.Errorf("a function that ignores its deadline gave %+v", r)
	}
	close(release)
	<-ended
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	tool := toolkit.MustDefine(spec, func(ctx context.Context, _ struct{}) (toolkit.Reply[row], error) {
		cancel()
		<-ctx.Done()
		return toolkit.Reply[row]{}, ctx.Err()
	})
	if r := tool.Call(ctx, nil); r.Error == nil || r.Error.Code != "timeout" {
		t.Errorf("cancelled call gave %+v", r.Error)
	}
}

func TestBudgets(t *testing.T) {
	type in struct {
		Limit int `json:"limit" default:"20" doc:"Rows."`
	}
	tool := toolkit.MustDefine(spec, func(_ context.Context, in in) (toolkit.Reply[sampleOut], error) {
		out := sampleOut{}
		for range in.Limit {
			out.Rows = append(out.Rows, row{Job: strings.Repeat("é", 50)})
		}
		return toolkit.Reply[sampleOut]{Data: out}, nil
	})
	small := tool.Call(t.Context(), nil)
	if small.Error != nil || len(small.Text) > 24<<10 {
		t.Fatalf("small result: %+v", small.Error)
	}
	middle := tool.Call(t.Context(), json.RawMessage(`{"limit":700}`))
	if middle.Error != nil || len(middle.Text) > 24<<10 || !strings.HasSuffix(middle.Text, "Ask for less with: limit.") {
		t.Errorf("text of %d bytes, error %v", len(middle.Text), middle.Error)
	}
	lines := strings.Split(middle.Text, "\n")
	if l := lines[len(lines)-2]; strings.TrimSpace(l) != strings.Repeat("é", 50) {
		t.Errorf("the text is not cut at a line: %q", l)
	}
	big := tool.Call(t.Context(), json.RawMessage(`{"limit":2000}`))
	if big.Error == nil || big.Error.Code != "limited" || !strings.Contains(big.Error.Hint, "limit") {
		t.Errorf("a result over the budget gave %+v", big.Error)
	}
}

func TestSet(t *testing.T) {
	tool := sample(t)
	if _, err := toolkit.NewSet(tool, tool); err == nil {
		t.Error("two tools of one name were accepted")
	}
	many := make([]toolkit.Tool, 17)
	for i := range many {
		many[i] = tool
	}
	if _, err := toolkit.NewSet(many...); err == nil || !strings.Contains(err.Error(), "17") {
		t.Errorf("17 tools: %v", err)
	}
	bare, err := toolkit.NewSet(tool)
	if err != nil {
		t.Fatal(err)
	}
	var records []toolkit.AuditRecord
	set := bare.WithAudit(func(_ context.Context, a toolkit.AuditRecord) { records = append(records, a) })
	ctx := auth.WithCaller(t.Context(), auth.Caller{ID: "u1", Role: auth.Viewer})
	ok := set.Call(ctx, "find_things", json.RawMessage(`{"name":"X","limit":5}`))
	set.Call(ctx, "find_things", json.RawMessage(` {"limit": 5, "name": "X"} `))
	unknown := set.Call(ctx, "find_thing", nil)
	if ok.Error != nil || unknown.Error == nil || unknown.Error.Code != "not_found" || unknown.Error.Candidates[0] != "find_things" {
		t.Errorf("ok %+v, unknown %+v", ok.Error, unknown.Error)
	}
	if len(records) != 3 || records[0].CallerID != "u1" || records[0].ArgsHash != records[1].ArgsHash ||
		records[0].ResultBytes == 0 || records[2].ErrorCode != "not_found" || records[0].CorrelationID == "" || len(records[0].ArgsHash) != 64 {
		t.Errorf("audit: %+v", records)
	}
	infos, err := toolkit.Local(set).Tools(ctx)
	if err != nil || len(infos) != 1 || infos[0].Name != "find_things" {
		t.Errorf("tools: %v %v", infos, err)
	}
	if r, err := toolkit.Local(set).Call(ctx, "find_things", json.RawMessage(`{"name":"X"}`)); err != nil || r.Error != nil {
		t.Errorf("local call: %v %v", r.Error, err)
	}
}
