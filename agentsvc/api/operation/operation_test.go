package operation_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"

	"github.com/resync-hwa/resync/agentsvc/api/operation"
	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/httpd"
)

type greetIn struct {
	Name string `path:"name" maxLength:"5"`
	N    int    `query:"n" minimum:"1" default:"1"`
	Body struct {
		Word string `json:"word" maxLength:"5"`
	}
}

type greetOut struct {
	Body struct {
		Said string `json:"said"`
	}
}

func greet(_ context.Context, in *greetIn) (*greetOut, error) {
	switch in.Body.Word {
	case "lost":
		return nil, fault.New(fault.NotFound, "There is no such word.").WithHint("Say hi.")
	case "inner":
		return nil, errors.New("the password is swordfish")
	}
	out := &greetOut{}
	out.Body.Said = strings.Repeat(in.Body.Word+" "+in.Name, in.N)
	return out, nil
}

func server(t *testing.T) (http.Handler, *operation.Set) {
	t.Helper()
	r := chi.NewRouter()
	set := operation.New(r, operation.Options{Title: "t", Version: "1"})
	operation.Register(set, operation.Operation{Rule: operation.Rule{Access: operation.Known, Role: auth.Operator, Scope: auth.ScopeAsk},
		Method: http.MethodPost, Path: "/greet/{name}", ID: "greet", Tag: "t", Summary: "Greet", Fails: []fault.Code{fault.NotFound}}, greet)
	return httpd.Chain(r, httpd.Guards(httpd.Options{MaxBody: 200})), set
}

// What the rule, the types and the handler say arrives as an answer or as a problem document, and inner words never do.
func TestOperations(t *testing.T) {
	h, _ := server(t)
	viewer, operator := auth.Caller{ID: "v", Role: auth.Viewer}, auth.Caller{ID: "o", Role: auth.Operator}
	for _, c := range []struct {
		name   string
		who    auth.Caller
		target string
		body   string
		status int
		has    string
	}{
		{"nobody", auth.Caller{}, "/greet/bob", `{"word":"hi"}`, 401, `"code":"unauthorized"`},
		{"too low", viewer, "/greet/bob", `{"word":"hi"}`, 403, `"code":"forbidden"`},
		{"well", operator, "/greet/bob?n=2", `{"word":"hi"}`, 200, `{"said":"hi bobhi bob"}`},
		{"coded", operator, "/greet/bob", `{"word":"lost"}`, 404, `"hint":"Say hi."`},
		{"not coded", operator, "/greet/bob", `{"word":"inner"}`, 500, `"code":"internal"`},
		{"wrong parameter", operator, "/greet/bob?n=0", `{"word":"hi"}`, 400, `The query parameter \"n\" must be 1 at least.`},
		{"unknown parameter", operator, "/greet/bob?m=0", `{"word":"hi"}`, 400, `The query parameter \"m\" is not known.`},
		{"unknown field", operator, "/greet/bob", `{"word":"hi","x":1}`, 400, `The field \"x\" is not known.`},
		{"no JSON", operator, "/greet/bob", `{"word":`, 400, `"code":"invalid"`},
		{"no body", operator, "/greet/bob", ``, 400, `"code":"invalid"`},
		{"too long", operator, "/greet/bob", `{"word":"hi","pad":"` + strings.Repeat("x", 300) + `"}`, 413, `"code":"limited"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost"+c.target, strings.NewReader(c.body))
			r.Header.Set("Content-Type", "application/json")
			if c.who.ID != "" {
				r = r.WithContext(auth.WithCaller(r.Context(), c.who))
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != c.status || !strings.Contains(w.Body.String(), c.has) || strings.Contains(w.Body.String(), "swordfish") {
				t.Fatalf("%d %s, want %d with %s", w.Code, w.Body, c.status, c.has)
			}
			want := "application/json"
			if c.status != 200 {
				want = "application/problem+json"
			}
			if got := w.Header().Get("Content-Type"); got != want || !json.Valid(w.Body.Bytes()) || w.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("headers %v, want %s", w.Header(), want)
			}
		})
	}
}

func TestTheDescriptionIsTheSameEachTime(t *testing.T) {
	_, one := server(t)
	_, two := server(t)
	a, err := one.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	b, err := two.OpenAPI()
	if err != nil || string(a) != string(b) || !strings.Contains(string(a), `"operationId": "greet"`) {
		t.Errorf("%v\n%s\n%s", err, a, b)
	}
}
