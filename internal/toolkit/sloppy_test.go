package toolkit_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/internal/toolkit"
)

type formIn struct {
	Target   string   `json:"target" doc:"which"`
	Words    string   `json:"words,omitempty" doc:"free words"`
	Status   []string `json:"status,omitempty" doc:"statuses"`
	Premise  string   `json:"premise,omitempty" doc:"belief" enum:"abended,not_started,late"`
	Language string   `json:"language,omitempty" doc:"language" enum:"en,pt" default:"en"`
	Late     bool     `json:"late,omitempty" doc:"late ones"`
	PageSize int      `json:"page_size,omitempty" doc:"rows" default:"20" min:"1" max:"100"`
}

type formOut struct {
	Got formIn `json:"got"`
}

func form(t testing.TB) toolkit.Tool {
	t.Helper()
	return toolkit.MustDefine(toolkit.Spec{Name: "fill", Title: "Fill", Description: "Fills."}, func(_ context.Context, in formIn) (toolkit.Reply[formOut], error) {
		return toolkit.Reply[formOut]{Data: formOut{in}}, nil
	})
}

// TestSloppyIsUnderstood holds what is plain in meaning, however it is written.
func TestSloppyIsUnderstood(t *testing.T) {
	t.Parallel()
	whole := formIn{Target: "X", Language: "en", PageSize: 20}
	with := func(change func(*formIn)) formIn {
		in := whole
		change(&in)
		return in
	}
	for _, tt := range []struct {
		name, args string
		want       formIn
	}{
		{"spaces around", `{"target":"  X\n"}`, whole},
		{"wrapped in arguments", `{"arguments":{"target":"X"}}`, whole},
		{"wrapped in input", `{"input":{"target":"X"}}`, whole},
		{"wrapped as text", `{"args":"{\"target\":\"X\"}"}`, whole},
		{"wrapped in a text", `"{\"params\":{\"target\":\"X\"}}"`, whole},
		{"nulls", `{"target":"X","words":null,"status":null,"premise":null,"late":null,"page_size":null}`, whole},
		{"blanks", `{"target":"X","words":"","status":"","premise":"","language":" ","late":"","page_size":""}`, whole},
		{"words for nothing", `{"target":"X","status":"null","premise":"None","language":"undefined","late":"null","page_size":"null"}`, whole},
		{"list of nothing", `{"target":"X","status":["",null," "]}`, whole},
		{"a job may be called null", `{"target":"NULL","words":"null"}`, with(func(in *formIn) { in.Target, in.Words = "NULL", "null" })},
		{"figure for a name", `{"target":42}`, with(func(in *formIn) { in.Target = "42" })},
		{"one item for a list", `{"target":"X","status":"ABEND"}`, with(func(in *formIn) { in.Status = []string{"ABEND"} })},
		{"commas for a list", `{"target":"X","status":"ABEND, FAIL"}`, with(func(in *formIn) { in.Status = []string{"ABEND", "FAIL"} })},
		{"list as text", `{"target":"X","status":" [\"ABEND\",\"FAIL\"] "}`, with(func(in *formIn) { in.Status = []string{"ABEND", "FAIL"} })},
		{"a sentence is one item", `{"target":"X","status":"the late one, of today"}`, with(func(in *formIn) { in.Status = []string{"the late one, of today"} })},
		{"list for one value", `{"target":["X"],"page_size":[5]}`, with(func(in *formIn) { in.PageSize = 5 })},
		{"case of a value", `{"target":"X","premise":"ABENDED"}`, with(func(in *formIn) { in.Premise = "abended" })},
		{"separators of a value", `{"target":"X","premise":"Not started"}`, with(func(in *formIn) { in.Premise = "not_started" })},
		{"camel case of a value", `{"target":"X","premise":"notStarted"}`, with(func(in *formIn) { in.Premise = "not_started" })},
		{"region of a language", `{"target":"X","language":"pt-BR"}`, with(func(in *formIn) { in.Language = "pt" })},
		{"name of a language", `{"target":"X","language":"Português"}`, with(func(in *formIn) { in.Language = "pt" })},
		{"locale", `{"target":"X","language":"en_US"}`, whole},
		{"truth as text", `{"target":"X","late":" True "}`, with(func(in *formIn) { in.Late = true })},
		{"truth as figure", `{"target":"X","late":1}`, with(func(in *formIn) { in.Late = true })},
		{"truth in Portuguese", `{"target":"X","late":"não"}`, whole},
		{"number as text", `{"target":"X","page_size":" 50 "}`, with(func(in *formIn) { in.PageSize = 50 })},
		{"number with a point", `{"target":"X","page_size":"50.0"}`, with(func(in *formIn) { in.PageSize = 50 })},
	} {
		r := form(t).Call(t.Context(), json.RawMessage(tt.args))
		if r.Error != nil {
			t.Errorf("%s: %s", tt.name, r.Text)
			continue
		}
		want, err := json.Marshal(formOut{tt.want})
		if err != nil {
			t.Fatal(err)
		}
		if string(r.Envelope.Data) != string(want) {
			t.Errorf("%s: got %s, want %s", tt.name, r.Envelope.Data, want)
		}
	}
}

// TestSloppyIsAnswered holds what could mean several things, or another thing than it says: an error that names the nearest.
func TestSloppyIsAnswered(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, args, message, hint, candidate string }{
		{"camel case of a name", `{"target":"X","pageSize":5}`, `no argument "pageSize"`, "Did you mean page_size? Valid arguments: target, words", "page_size"},
		{"hyphen in a name", `{"target":"X","page-size":5}`, `no argument "page-size"`, "Did you mean page_size?", "page_size"},
		{"case of a name", `{"Target":"X"}`, `no argument "Target"`, "Did you mean target?", "target"},
		{"slip in a name", `{"target":"X","langauge":"pt"}`, `no argument "langauge"`, "Did you mean language?", "language"},
		{"a longer name", `{"target_name":"X"}`, `no argument "target_name"`, "Did you mean target?", "target"},
		{"nothing near", `{"target":"X","zzz":1}`, `no argument "zzz"`, "Valid arguments: target, words, status, premise, language, late, page_size.", "target"},
		{"wrapped beside others", `{"input":{"target":"X"},"late":true}`, `no argument "input"`, "Valid arguments", "target"},
		{"blank where one is needed", `{"target":"  "}`, `"target" is required`, "which", ""},
		{"slip in a value", `{"target":"X","premise":"abend"}`, `does not know the value "abend"`, "Did you mean abended?", "abended"},
		{"value of another language", `{"target":"X","premise":"atrasado"}`, `does not know the value "atrasado"`, "Valid values: abended, not_started, late.", "abended"},
		{"another language", `{"target":"X","language":"fr"}`, `does not know the value "fr"`, "Valid values: en, pt.", "en"},
		{"no truth", `{"target":"X","late":"perhaps"}`, `"late" must be true or false`, "", ""},
		{"two is no truth", `{"target":"X","late":2}`, `"late" must be true or false, not 2`, "", ""},
		{"several for one", `{"target":["X","Y"]}`, `"target" must be a text, not a list`, "", ""},
		{"a number in words", `{"target":"X","page_size":"twenty"}`, `"page_size" must be a whole number, not "twenty"`, "", ""},
		{"too many", `{"target":"X","page_size":"500"}`, `from 1 to 100`, "", ""},
	} {
		r := form(t).Call(t.Context(), json.RawMessage(tt.args))
		switch {
		case r.Error == nil:
			t.Errorf("%s: was accepted as %s", tt.name, r.Envelope.Data)
		case r.Error.Code != "invalid" || !strings.Contains(r.Error.Message, tt.message) || !strings.Contains(r.Error.Hint, tt.hint):
			t.Errorf("%s: %s, want %q and %q", tt.name, r.Text, tt.message, tt.hint)
		case tt.candidate != "" && (len(r.Error.Candidates) == 0 || r.Error.Candidates[0] != tt.candidate):
			t.Errorf("%s: candidates %v, want %s", tt.name, r.Error.Candidates, tt.candidate)
		}
	}
}
