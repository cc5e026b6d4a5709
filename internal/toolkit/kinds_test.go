package toolkit_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
)

// entity is a type with a text form of its own, as the domain has them.
type entity struct{ stream, job string }

func (e entity) MarshalText() ([]byte, error) { return []byte(e.stream + "." + e.job), nil }

func (e *entity) UnmarshalText(b []byte) error {
	stream, job, ok := strings.Cut(string(b), ".")
	if !ok {
		return fault.New(fault.Invalid, "A job is written STREAM.JOB.")
	}
	if job == "BOOM" {
		return errors.New("dsn=hunter2")
	}
	if job == "PANIC" {
		panic("hunter2")
	}
	e.stream, e.job = stream, job
	return nil
}

type status string

type hop struct {
	Job   entity  `json:"job"`
	Tag   status  `json:"tag" doc:"x"`
	Ratio float32 `json:"ratio,omitempty"`
}

type kindsIn struct {
	Job    entity            `json:"job" doc:"Which."`
	Labels map[string]int    `json:"labels,omitempty" doc:"Labels."`
	Count  uint8             `json:"count,omitempty" doc:"How many."`
	Tags   []status          `json:"tags,omitempty" enum:"a,b" default:"[\"a\",\"b\"]" doc:"Tags."`
	Ports  []int             `json:"ports,omitempty" min:"1" doc:"Ports."`
	Inner  []kindsInner      `json:"inner,omitempty" doc:"Rules."`
	Meta   map[string]string `json:"meta,omitempty" doc:"Free."`
	Word   string            `json:"word,omitempty" min:"2" max:"3" doc:"A short one."`
	Least  float64           `json:"least,omitempty" min:"1.5" doc:"A number."`
}

type kindsInner struct {
	Name string `json:"name" doc:"Name."`
	On   bool   `json:"on,omitempty" doc:"On."`
}

type kindsOut struct {
	In     kindsIn           `json:"in"`
	Hops   []*hop            `json:"hops"`
	First  hop               `json:"first"`
	Table  []wide            `json:"table"`
	Counts map[status]uint64 `json:"counts"`
}

type wide struct {
	Name  string   `json:"name"`
	Where hop      `json:"where"`
	Hops  []hop    `json:"hops"`
	Words []string `json:"words"`
}

func kinds(t testing.TB) toolkit.Tool {
	t.Helper()
	return toolkit.MustDefine(spec, func(_ context.Context, in kindsIn) (toolkit.Reply[kindsOut], error) {
		h := hop{Job: entity{"S", "J"}, Tag: "a\nb", Ratio: 0.5}
		out := kindsOut{In: in, Hops: []*hop{&h}, First: h, Counts: map[status]uint64{"z": 1, "a": 1 << 63},
			Table: []wide{{Name: strings.Repeat("n", 80), Where: h, Hops: []hop{h, h}, Words: []string{"x", "y"}}, {Name: "second"}}}
		if in.Count == 9 {
			out.Hops = append(out.Hops, nil)
		}
		return toolkit.Reply[kindsOut]{Data: out}, nil
	})
}

func TestKinds(t *testing.T) {
	tool := kinds(t)
	var schema any
	if err := json.Unmarshal(tool.Info().InputSchema, &schema); err != nil {
		t.Fatal(err)
	}
	portable(t, "input", schema)
	r := tool.Call(t.Context(), json.RawMessage(`{"job":"A.B","labels":{"x":"1","y":2,"z":null},"count":"7","ports":["80",443],"inner":[{"name":"n","on":"TRUE"}],"meta":{"k":5}}`))
	if r.Error != nil {
		t.Fatal(r.Text)
	}
	wantIn := `"in":{"job":"A.B","labels":{"x":1,"y":2},"count":7,"tags":["a","b"],"ports":[80,443],"inner":[{"name":"n","on":true}],"meta":{"k":"5"}}`
	wantRest := `"hops":[{"job":"S.J","tag":"a\nb","ratio":0.5}],"first":{"job":"S.J","tag":"a\nb","ratio":0.5}`
	for _, want := range []string{wantIn, wantRest, `"counts":{"a":9223372036854775808,"z":1}`, `"words":[]`} {
		if !strings.Contains(string(r.Envelope.Data), want) {
			t.Errorf("data lacks %s:\n%s", want, r.Envelope.Data)
		}
	}
	b, _ := json.Marshal(r.Envelope)
	valid(t, tool.Info().OutputSchema, b)
	for _, want := range []string{"first.job: S.J\n", "first.tag: a b\n", "job=S.J tag=a b ratio=0.5", "(2)", "x, y", strings.Repeat("n", 59) + "…", "in.tags: a, b\n"} {
		if !strings.Contains(r.Text, want) {
			t.Errorf("text lacks %q:\n%s", want, r.Text)
		}
	}
}

func TestKindsRefused(t *testing.T) {
	tool := kinds(t)
	for args, want := range map[string]string{
		`{"job":"AB"}`:                                `STREAM.JOB`,
		`{"job":"A.BOOM"}`:                            `"job" does not accept the value "A.BOOM"`,
		`{"job":"A.B","count":256}`:                   `"count" is out of range`,
		`{"job":"A.B","count":-1}`:                    `"count" is out of range`,
		`{"job":"A.B","labels":{"x":"many"}}`:         `"labels.x" must be a whole number, not "many"`,
		`{"job":"A.B","labels":[1]}`:                  `"labels" must be an object, not a list`,
		`{"job":"A.B","ports":[]}`:                    `"ports" is out of range: it must have at least 1 items`,
		`{"job":"A.B","ports":["x"]}`:                 `"ports[0]" must be a whole number`,
		`{"job":"A.B","inner":[{}]}`:                  `"inner[0].name" is required`,
		`{"job":"A.B","inner":[{"nme":1}]}`:           `no argument "inner[0].nme"`,
		`{"job":"A.B","inner":[true]}`:                `"inner[0]" must be an object, not true`,
		`{"job":{}}`:                                  `"job" must be a text, not an object`,
		`{"job":"A.B","tags":["c"]}`:                  `"tags" does not know the value "c"`,
		`{"job":"A.B","word":"long"}`:                 `from 2 to 3 characters`,
		`{"job":"A.B","least":1}`:                     `at least 1.5`,
		`{"job":"A.B","least":"NaN"}`:                 `must be a number`,
		`{"job":"A.B","inner":[{"name":"n","on":7}]}`: `"inner[0].on" must be true or false, not 7`,
	} {
		r := tool.Call(t.Context(), json.RawMessage(args))
		if r.Error == nil || r.Error.Code != "invalid" || !strings.Contains(r.Error.Message, want) || strings.Contains(r.Text, "hunter2") {
			t.Errorf("%s: %+v, want %s", args, r.Error, want)
		}
	}
	// Neither a type's own panic nor data without a schema leaves the kernel as anything but a coded error.
	for _, args := range []string{`{"job":"A.PANIC"}`, `{"job":"A.B","count":9}`} {
		if r := tool.Call(t.Context(), json.RawMessage(args)); r.Error == nil || r.Error.Code != "internal" || strings.Contains(r.Text, "hunter2") {
			t.Errorf("%s: %+v", args, r.Error)
		}
	}
}

// The cause of a failure is in the log under the id that the caller sees, and only there.
func TestSetLogsCauses(t *testing.T) {
	failing := toolkit.MustDefine(spec, func(_ context.Context, in struct {
		Code string `json:"code,omitempty" doc:"Which."`
	}) (toolkit.Reply[row], error) {
		if in.Code == "" {
			return toolkit.Reply[row]{}, errors.New("inner cause")
		}
		return toolkit.Reply[row]{}, fault.Wrap(fault.Code(in.Code), errors.New("inner cause"), "Said.")
	})
	bare, err := toolkit.NewSet(failing)
	if err != nil {
		t.Fatal(err)
	}
	for code, level := range map[string]string{"": "ERROR", "upstream_unavailable": "WARN", "not_found": "DEBUG"} {
		var b bytes.Buffer
		set := bare.WithLogger(slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{Level: slog.LevelDebug})))
		r := set.Call(t.Context(), "find_things", json.RawMessage(fmt.Sprintf(`{"code":%q}`, code)))
		for _, want := range []string{"level=" + level, "inner cause", "correlation_id=" + r.Error.CorrelationID, "tool=find_things"} {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%q: log lacks %s: %s", code, want, b.String())
			}
		}
		if strings.Contains(r.Text, "inner") {
			t.Errorf("%q: the caller sees %s", code, r.Text)
		}
	}
	if n := len(bare.Tools()); n != 1 {
		t.Errorf("%d tools", n)
	}
}
