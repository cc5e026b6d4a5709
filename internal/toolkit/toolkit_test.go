package toolkit_test

import (
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

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
			paging
			B int `json:"limit"`
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
		{"a name for wrapped arguments", defineIn[struct {
			A string `json:"input" doc:"x"`
		}](), "wrap all arguments"},
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
		{"unknown inside", `{"name":"X","window":{"form":"x"}}`, "", `no argument "window.form"`, "Did you mean window.from? Valid arguments: window.from, window.to."},
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
		{"text without end", `{"name":"` + strings.Repeat("x", 8<<10+1) + `"}`, "", `"name" is longer than 8192 bytes`, ""},
		{"text without end in a list", `{"name":"X","status":["` + strings.Repeat("x", 8<<10+1) + `"]}`, "", `"status[0]" is longer than 8192 bytes`, ""},
		{"arguments without end", `{"name":"X","status":[` + strings.Repeat(`"SUCC",`, 20000) + `"SUCC"]}`, "", `longer than 65536 bytes`, ""},
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
