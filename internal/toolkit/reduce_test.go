package toolkit_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/internal/toolkit"
)

// handle is handed on and not taken apart.
type handle struct {
	Part string `json:"part"`
}

func (handle) Opaque() {}

type leaf struct {
	Deep string `json:"deep"`
}

type twice struct {
	Word string `json:"word"`
	Leaf leaf   `json:"leaf"`
}

type reducedOut struct {
	First  twice    `json:"first"`
	Second []twice  `json:"second"`
	Handle handle   `json:"handle"`
	Plain  []string `json:"plain"`
}

// TestOutputSchemasSayThingsOnce: a type of object is described where it first stands, an opaque one never, and the data of a tool that says
// another has the same only by the names of its parts. All of them stay objects, and what is sent stays whole.
func TestOutputSchemasSayThingsOnce(t *testing.T) {
	t.Parallel()
	whole := reducedOut{First: twice{"a", leaf{"b"}}, Second: []twice{{"c", leaf{"d"}}}, Handle: handle{"e"}, Plain: []string{"f"}}
	fn := func(context.Context, struct{}) (toolkit.Reply[reducedOut], error) {
		return toolkit.Reply[reducedOut]{Data: whole}, nil
	}
	own := toolkit.MustDefine(toolkit.Spec{Name: "own_data", Title: "T", Description: "D."}, fn)
	like := toolkit.MustDefine(toolkit.Spec{Name: "like_data", Title: "T", Description: "D.", DataAs: "own_data"}, fn)
	schema := func(tool toolkit.Tool) string {
		var s struct {
			Properties struct{ Data json.RawMessage }
		}
		if err := json.Unmarshal(tool.Info().OutputSchema, &s); err != nil {
			t.Fatal(err)
		}
		return string(s.Properties.Data)
	}
	if got := schema(own); strings.Count(got, `"word"`) != 1 || strings.Count(got, `"deep"`) != 1 || strings.Contains(got, `"part"`) || !strings.Contains(got, `"second":{"type":"array","items":{"type":"object"}}`) ||
		!strings.Contains(got, `"handle":{"type":"object"}`) {
		t.Errorf("the schema of its own is %s", got)
	}
	if got := schema(like); got != `{"type":"object","properties":{"first":{"type":"object"},"second":{"type":"array","items":{"type":"object"}},"handle":{"type":"object"},"plain":{"type":"array","items":{"type":"string"}}},"description":"as that of own_data"}` {
		t.Errorf("the schema of the like is %s", got)
	}
	for _, tool := range []toolkit.Tool{own, like} {
		r := tool.Call(t.Context(), nil)
		raw, err := json.Marshal(r.Envelope)
		if err != nil {
			t.Fatal(err)
		}
		valid(t, tool.Info().OutputSchema, raw)
		if want, _ := json.Marshal(whole); string(r.Envelope.Data) != string(want) {
			t.Errorf("sent %s, want %s", r.Envelope.Data, want)
		}
	}
}

// TestTextNamesItsEngine: whoever reads only the text learns which of several engines answered.
func TestTextNamesItsEngine(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{1: "said: a:", 2: "engine: a\nsaid: a:"} {
		var choices []toolkit.Choice
		for _, name := range []string{"a", "b"}[:n] {
			choices = append(choices, toolkit.Choice{Name: name, Tools: []toolkit.Tool{sayer(t, name, "say")}})
		}
		tools, err := toolkit.Choose("engine", "which", choices...)
		if err != nil {
			t.Fatal(err)
		}
		if r := tools[0].Call(t.Context(), nil); r.Text != want {
			t.Errorf("with %d: %q, want %q", n, r.Text, want)
		}
	}
}
