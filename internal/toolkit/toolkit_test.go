package toolkit_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/jsonschema-go/jsonschema"
	"go.uber.org/goleak"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
)

var update = flag.Bool("update", false, "rewrite golden files")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type window struct {
	From time.Time `json:"from,omitzero" doc:"Start, with zone."`
	To   time.Time `json:"to,omitzero" doc:"End, with zone."`
}

type paging struct {
	Limit  int    `json:"limit" default:"20" min:"1" max:"100" doc:"Rows per page."`
	Cursor string `json:"cursor,omitempty" doc:"From next_cursor."`
}

type sampleIn struct {
	Name   string   `json:"name" example:"FI1#CLOSE.POST" doc:"Pattern of the job's name."`
	Status []string `json:"status,omitempty" enum:"ABEND,SUCC,HOLD" max:"3" doc:"Only these statuses."`
	Order  string   `json:"order" enum:"name,start" default:"name" doc:"Order of the rows."`
	Late   *bool    `json:"late" doc:"Only late ones, or only ones in time."`
	Factor float64  `json:"factor,omitempty" min:"0" doc:"How much slower."`
	Window window   `json:"window,omitzero" doc:"When it ran."`
	paging
}

type row struct {
	Job   string    `json:"job"`
	RC    *int      `json:"rc"`
	Ended time.Time `json:"ended,omitzero"`
	Tags  []string  `json:"tags"`
}

type sampleOut struct {
	Total int               `json:"total"`
	Rows  []row             `json:"rows"`
	Extra map[string]string `json:"extra"`
	Got   *sampleIn         `json:"got,omitempty"`
}

var spec = toolkit.Spec{Name: "find_things", Title: "Find things", Description: "Lists things."}

func sample(t testing.TB) toolkit.Tool {
	t.Helper()
	tool, err := toolkit.Define(spec, func(_ context.Context, in sampleIn) (toolkit.Reply[sampleOut], error) {
		return toolkit.Reply[sampleOut]{Data: sampleOut{Got: &in}}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return tool
}

func TestSchemaGolden(t *testing.T) {
	info := sample(t).Info()
	for name, schema := range map[string]json.RawMessage{"input": info.InputSchema, "output": info.OutputSchema} {
		var v any
		if err := json.Unmarshal(schema, &v); err != nil {
			t.Fatal(err)
		}
		portable(t, name, v)
		got, _ := json.MarshalIndent(schema, "", "  ")
		file := filepath.Join("testdata", "find_things."+name+".json")
		if *update {
			if err := os.WriteFile(file, append(got, '\n'), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil || string(want) != string(got)+"\n" {
			t.Errorf("%s schema differs from %s (%v); got\n%s", name, file, err, got)
		}
	}
}

// portable checks the subset that all clients understand: one string per type, every array with items, no nulls.
func portable(t *testing.T, path string, v any) {
	t.Helper()
	switch v := v.(type) {
	case map[string]any:
		if typ, ok := v["type"]; ok {
			if s, isText := typ.(string); !isText && path != "properties" {
				t.Errorf("%s: type is %v", path, typ)
			} else if s == "array" && v["items"] == nil {
				t.Errorf("%s: array without items", path)
			}
		}
		for _, bad := range []string{"$ref", "anyOf", "oneOf", "allOf", "$defs"} {
			if v[bad] != nil {
				t.Errorf("%s: has %s", path, bad)
			}
		}
		for k, e := range v {
			portable(t, path+"."+k, e)
		}
	case []any:
		for _, e := range v {
			portable(t, path, e)
		}
	case nil:
		t.Errorf("%s: null in schema", path)
	}
}

type nested struct {
	Next []nested `json:"next,omitempty" doc:"x"`
}

type marshals struct{}

func (marshals) MarshalJSON() ([]byte, error) { return []byte("1"), nil }

func defineIn[In any]() error {
	_, err := toolkit.Define(spec, func(context.Context, In) (toolkit.Reply[sampleOut], error) {
		return toolkit.Reply[sampleOut]{}, nil
	})
	return err
}

func defineOut[Out any]() error {
	_, err := toolkit.Define(spec, func(context.Context, struct{}) (toolkit.Reply[Out], error) {
		return toolkit.Reply[Out]{}, nil
	})
	return err
}

// Pitfall 12: what has no honest schema must not become an empty one.
func TestDefineRefuses(t *testing.T) {
	tests := []struct {
		name string
		err  error
		want string
	}{
		{"recursive input", defineIn[nested](), "contains itself"},
		{"recursive output", defineOut[nested](), "contains itself"},
		{"recursive through pointer", defineOut[struct {
			N *nested `json:"n,omitempty"`
		}](), "contains itself"},
		{"raw json", defineOut[struct {
			R json.RawMessage `json:"r"`
		}](), "raw JSON"},
		{"any", defineOut[struct {
			R any `json:"r"`
		}](), "not supported"},
		{"bytes", defineOut[struct {
			R []byte `json:"r"`
		}](), "byte slices"},
		{"own marshaller", defineOut[struct {
			R marshals `json:"r"`
		}](), "marshals itself"},
		{"no json name", defineOut[struct{ R string }](), "no json name"},
		{"string option", defineOut[struct {
			R int `json:"r,string"`
		}](), "not supported"},
		{"two of one name", defineOut[struct {
			A int `json:"a"`
			B int `json:"a"`
		}](), "two fields"},
		{"input no struct", defineIn[[]string](), "not a struct"},
		{"no doc", defineIn[struct {
			A int `json:"a"`
		}](), "no doc tag"},
		{"no doc inside a list", defineIn[struct {
			A []struct {
				B int `json:"b"`
			} `json:"a" doc:"x"`
		}](), "no doc tag"},
		{"bad min", defineIn[struct {
			A int `json:"a" doc:"x" min:"one"`
		}](), "min"},
		{"min on bool", defineIn[struct {
			A bool `json:"a" doc:"x" min:"1"`
		}](), "min"},
		{"default of another kind", defineIn[struct {
			A int `json:"a" doc:"x" default:"many"`
		}](), "default"},
		{"default out of range", defineIn[struct {
			A int `json:"a" doc:"x" default:"5" max:"4"`
		}](), "range"},
		{"default not in enum", defineIn[struct {
			A string `json:"a" doc:"x" default:"c" enum:"a,b"`
		}](), "does not know"},
		{"enum on number", defineIn[struct {
			A int `json:"a" doc:"x" enum:"1,2"`
		}](), "enum"},
	}
	for _, tt := range tests {
		if tt.err == nil || !strings.Contains(tt.err.Error(), tt.want) || !strings.Contains(tt.err.Error(), "find_things") {
			t.Errorf("%s: error %v, want one with %q", tt.name, tt.err, tt.want)
		}
	}
	for _, s := range []toolkit.Spec{
		{Name: "Find", Title: "a", Description: "b"}, {Name: "find", Description: "b"}, {Name: "find", Title: "a"},
		{Name: "find", Title: "a", Description: "b", Timeout: time.Hour},
	} {
		if _, err := toolkit.Define(s, func(context.Context, struct{}) (toolkit.Reply[row], error) { panic("never") }); err == nil {
			t.Errorf("spec %+v was accepted", s)
		}
	}
}

func TestDecode(t *testing.T) {
	tests := []struct {
		name, args string
		want       string // of the input as the function got it
		wantErr    string
		hint       string
	}{
		{"defaults", `{"name":"X"}`, `{"name":"X","order":"name","factor":0,"limit":20}`, "", ""},
		{"all", `{"name":"X","status":["ABEND"],"order":"start","late":false,"factor":1.5,"window":{"from":"2026-11-21T03:00:00+02:00"},"limit":5,"cursor":"c"}`,
			`{"name":"X","status":["ABEND"],"order":"start","late":false,"factor":1.5,"window":{"from":"2026-11-21T03:00:00+02:00"},"limit":5,"cursor":"c"}`, "", ""},
		{"sloppy", `{"name":["X"],"status":"abend","late":"true","factor":"2","window":"{\"to\":\"2026-11-21T03:00:00Z\"}","limit":"42","cursor":null}`,
			`{"name":"X","status":["ABEND"],"order":"name","late":true,"factor":2,"window":{"to":"2026-11-21T03:00:00Z"},"limit":42}`, "", ""},
		{"list in a string", `{"name":"X","status":"[\"SUCC\",\"HOLD\"]"}`, `{"name":"X","status":["SUCC","HOLD"],"order":"name","factor":0,"limit":20}`, "", ""},
		{"number for text", `{"name":881204}`, `{"name":"881204","order":"name","factor":0,"limit":20}`, "", ""},
		{"whole in a string", `"{\"name\":\"X\"}"`, `{"name":"X","order":"name","factor":0,"limit":20}`, "", ""},
		{"float that is whole", `{"name":"X","limit":7.0}`, `{"name":"X","order":"name","factor":0,"limit":7}`, "", ""},
		{"blank optional", `{"name":"X","order":"","limit":""}`, `{"name":"X","order":"name","factor":0,"limit":20}`, "", ""},
		{"missing required", `{}`, "", `"name" is required`, "Pattern of the job's name."},
		{"null is missing", `{"name":null}`, "", `"name" is required`, ""},
		{"no arguments at all", ``, "", `"name" is required`, ""},
		{"unknown", `{"name":"X","stat":"ABEND"}`, "", `no argument "stat"`, "name, status, order, late, factor, window, limit, cursor"},
		{"unknown inside", `{"name":"X","window":{"form":"x"}}`, "", `no argument "window.form"`, "from, to"},
		{"wrong enum", `{"name":"X","status":["NOPE"]}`, "", `"NOPE"`, "ABEND, SUCC, HOLD"},
		{"too many", `{"name":"X","status":["SUCC","SUCC","SUCC","SUCC"]}`, "", `at most 3 items`, ""},
		{"too small", `{"name":"X","limit":0}`, "", `from 1 to 100`, ""},
		{"too big for an int", `{"name":"X","limit":99999999999999999999}`, "", `"limit"`, ""},
		{"fraction", `{"name":"X","limit":1.5}`, "", `whole number, not 1.5`, ""},
		{"object for number", `{"name":"X","limit":{}}`, "", `whole number, not an object`, ""},
		{"bad time", `{"name":"X","window":{"from":"yesterday"}}`, "", `"window.from" must be a time`, ""},
		{"list at the top", `["X"]`, "", `JSON object`, ""},
		{"not json", `{"name":`, "", `not valid JSON`, ""},
		{"two values", `{} {}`, "", `not valid JSON`, ""},
		{"huge value is not repeated", `{"name":"X","limit":"` + strings.Repeat("9a", 5000) + `"}`, "", `"limit"`, ""},
	}
	tool := sample(t)
	for _, tt := range tests {
		r := tool.Call(t.Context(), json.RawMessage(tt.args))
		if tt.wantErr != "" {
			if r.Error == nil || r.Error.Code != "invalid" || !strings.Contains(r.Error.Message, tt.wantErr) || !strings.Contains(r.Error.Hint, tt.hint) {
				t.Errorf("%s: error %+v, want %q with hint %q", tt.name, r.Error, tt.wantErr, tt.hint)
			} else if len(r.Text) > 400 {
				t.Errorf("%s: the error has %d bytes", tt.name, len(r.Text))
			}
			continue
		}
		var data struct{ Got json.RawMessage }
		if r.Error != nil {
			t.Errorf("%s: %+v", tt.name, r.Error)
		} else if err := json.Unmarshal(r.Envelope.Data, &data); err != nil || !sameWithout(t, data.Got, tt.want) {
			t.Errorf("%s: function got %s, want %s", tt.name, data.Got, tt.want)
		}
	}
}

// sameWithout compares as JSON; a window without bounds and a factor of 0 may be absent.
func sameWithout(t *testing.T, got []byte, want string) bool {
	t.Helper()
	var g, w map[string]any
	if json.Unmarshal(got, &g) != nil || json.Unmarshal([]byte(want), &w) != nil {
		return false
	}
	if w["factor"] == 0.0 {
		delete(w, "factor")
	}
	gb, _ := json.Marshal(g)
	wb, _ := json.Marshal(w)
	return string(gb) == string(wb)
}

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
	wantText := "total: 2\nrows:\njob      rc  ended\nA<B&\"é   0   2026-11-21T03:00:00Z\nC\n"
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

func FuzzDecode(f *testing.F) {
	for _, s := range []string{`{"name":"X"}`, `{"name":["a"],"status":"[\"HOLD\"]","window":"{}"}`, `"{}"`, `[[[]]]`, `{"name":1e999}`, `{"limit":"0x10","name":""}`} {
		f.Add([]byte(s))
	}
	tool := sample(f)
	f.Fuzz(func(t *testing.T, args []byte) {
		r := tool.Call(context.Background(), args)
		if (r.Envelope == nil) == (r.Error == nil) {
			t.Fatalf("%q gave %+v", args, r)
		}
		if r.Error != nil && r.Error.Code != "invalid" {
			t.Fatalf("%q gave %+v", args, r.Error)
		}
		if r.Envelope != nil && !json.Valid(r.Envelope.Data) {
			t.Fatalf("%q gave invalid JSON %s", args, r.Envelope.Data)
		}
	})
}

func BenchmarkCall(b *testing.B) {
	tool := sample(b)
	for b.Loop() {
		tool.Call(b.Context(), json.RawMessage(`{"name":"X","status":["ABEND"],"limit":5}`))
	}
}
