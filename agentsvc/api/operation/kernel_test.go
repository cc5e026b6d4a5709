package operation_test

import (
	"context"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"

	"github.com/resync-hwa/resync/agentsvc/api/operation"
	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/httpd"
)

var anybody = operation.Rule{Access: operation.Public}

// serve sends one request to a server with what add registers.
func serve(t *testing.T, add func(*operation.Set), method, target, body string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := chi.NewRouter()
	add(operation.New(r, operation.Options{Title: "t", Version: "1"}))
	req := httptest.NewRequestWithContext(t.Context(), method, "http://localhost"+target, strings.NewReader(body))
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	httpd.Chain(r, httpd.Guards(httpd.Options{})).ServeHTTP(w, req)
	return w
}

type thing struct {
	Name  string `json:"name"`
	Count int    `json:"count,omitempty"`
}

func takeThing(s *operation.Set) {
	operation.Register(s, operation.Operation{Rule: anybody, Method: http.MethodPost, Path: "/things", ID: "t", Tag: "t", Summary: "T"},
		func(_ context.Context, in *struct{ Body thing }) (*struct{ Body thing }, error) {
			return &struct{ Body thing }{in.Body}, nil
		})
}

// Bodies are one JSON object in UTF-8 and nothing behind it; what is wrong is named, and values never are.
func TestBodies(t *testing.T) {
	const kind = "application/json"
	for _, c := range []struct{ name, kind, body, want string }{
		{"whole", "application/json; charset=utf-8", ` {"name":"a","count":2} `, ""},
		{"unknown field", kind, `{"name":"a","nam":"hush"}`, `The field \"nam\" is not known.`},
		{"other case", kind, `{"NAME":"hush","name":"a"}`, `The field \"NAME\" is not known.`},
		{"endless field name", kind, `{"name":"a","` + strings.Repeat("n", 5000) + `":1}`, `nnn`},
		{"wrong type", kind, `{"name":"a","count":"hush"}`, `The field \"count\" must be a`},
		{"too large a number", kind, `{"name":"a","count":1e400}`, "The body"},
		{"number beyond its type", kind, `{"name":"a","count":1e30}`, "The body"},
		{"nothing", kind, `null`, "JSON object"},
		{"missing", kind, `{}`, "must have the field name"},
		{"second object", kind, `{"name":"a"} {}`, "nothing behind"},
		{"broken", kind, `{"name":"hush`, "one JSON object"},
		{"no UTF-8", kind, "{\"name\":\"hush\xff\"}", "UTF-8"},
		{"empty", kind, ``, "one JSON object"},
		{"list", kind, `["hush"]`, "one JSON object"},
		{"deep", kind, `{"name":` + strings.Repeat("[", 60_000), "one JSON object"},
		{"deep and whole", kind, `{"name":` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + `}`, "must be a text"},
		{"simple type", "text/plain", `{"name":"a"}`, "must be JSON"},
		{"no type", "", `{"name":"a"}`, "must be JSON"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := serve(t, takeThing, "POST", "/things", c.body, "Content-Type", c.kind)
			if c.want == "" {
				if w.Code != 200 || strings.TrimSpace(w.Body.String()) != `{"name":"a","count":2}` {
					t.Errorf("%d %s", w.Code, w.Body)
				}
				return
			}
			if w.Code != 400 || !strings.Contains(w.Body.String(), c.want) || strings.Contains(w.Body.String(), "hush") || w.Body.Len() > 1000 {
				t.Errorf("%d %s, want %q", w.Code, w.Body, c.want)
			}
		})
	}
}

// Whatever comes as a body is taken, or refused with a code.
func FuzzBodies(f *testing.F) {
	f.Add(`{"name":"a","count":2}`)
	f.Add(`{"NAME":null}[`)
	f.Add(`{"name":"a","count":1e999}`)
	f.Add("{\"name\":\"\xff\"}")
	f.Add(`{"name":"a","name":{"name":[]}}`)
	f.Fuzz(func(t *testing.T, body string) {
		w := serve(t, takeThing, "POST", "/things", body, "Content-Type", "application/json")
		if w.Code != 200 && (w.Code != 400 || !strings.Contains(w.Body.String(), `"code":"invalid"`)) {
			t.Errorf("%q: %d %s", body, w.Code, w.Body)
		}
	})
}

type listIn struct {
	operation.Request
	operation.Paged

	Kinds []string `query:"kind,explode"`
}

func list(s *operation.Set) {
	operation.Register(s, operation.Operation{Rule: anybody, Method: http.MethodGet, Path: "/things", ID: "l", Tag: "t", Summary: "L"},
		func(_ context.Context, in *listIn) (*operation.List[string], error) {
			next := ""
			if in.Cursor != "x" {
				next = "n>1&"
			}
			return operation.ListOf(&in.Request, in.Kinds, 7, next), nil
		})
}

func TestLists(t *testing.T) {
	w := serve(t, list, "GET", "/things?kind=a&kind=b&page_size=2", "")
	if w.Code != 200 || strings.TrimSpace(w.Body.String()) != `{"items":["a","b"],"total":7,"next_cursor":"n\u003e1\u0026"}` {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if got, want := w.Header().Get("Link"), `</things?cursor=n%3E1%26&kind=a&kind=b&page_size=2>; rel="next"`; got != want {
		t.Errorf("Link %s, want %s", got, want)
	}
	w = serve(t, list, "GET", "/things?cursor=first&page_size=2", "")
	if got, want := w.Header().Get("Link"), `</things?cursor=n%3E1%26&page_size=2>; rel="next"`; got != want {
		t.Errorf("of a page that has a cursor itself: Link %s, want %s", got, want)
	}
	w = serve(t, list, "GET", "/things?cursor=x", "")
	if w.Code != 200 || w.Header().Get("Link") != "" || strings.TrimSpace(w.Body.String()) != `{"items":[],"total":7}` {
		t.Errorf("last page: %d %v %s", w.Code, w.Header(), w.Body)
	}
	for query, want := range map[string]string{
		"page_size=0": "1 at least", "page_size=101": "100 at most", "page_size=1e3": "form", "page_size=99999999999999999999": "form", "page_size=1&page_size=2": "may stand once",
		"page=1": "is not known", "cursor=%zz": "cannot be read", "cursor=%ff": "cannot be read", "a;b": "cannot be read", "cursor=" + strings.Repeat("x", 2001): "2000 characters at most",
	} {
		if w := serve(t, list, "GET", "/things?"+query, ""); w.Code != 400 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%.40s: %d %s, want %q", query, w.Code, w.Body, want)
		}
	}
}

type tagIn struct{ operation.Tagged }

type tagOut struct {
	ETag string `header:"ETag"`
	Body thing
}

func tagged(s *operation.Set) {
	operation.Register(s, operation.Operation{Rule: anybody, Method: http.MethodGet, Path: "/thing", ID: "g", Tag: "t", Summary: "G", Tagged: true},
		func(_ context.Context, in *tagIn) (*tagOut, error) {
			tag := operation.Tag("thing", "7")
			if err := in.Unchanged(tag); err != nil {
				return nil, err
			}
			return &tagOut{ETag: tag, Body: thing{Name: "a"}}, nil
		})
}

func TestTags(t *testing.T) {
	tag := serve(t, tagged, "GET", "/thing", "").Header().Get("ETag")
	if !strings.HasPrefix(tag, `W/"`) || operation.Tag("thing", "7") != tag || operation.Tag("thing7") == operation.Tag("thing", "7") {
		t.Fatalf("tag %s", tag)
	}
	for have, status := range map[string]int{tag: 304, `"x", ` + tag: 304, strings.TrimPrefix(tag, "W/"): 304, "*": 304, `W/"x"`: 200, "": 200, `"`: 200} {
		w := serve(t, tagged, "GET", "/thing", "", "If-None-Match", have)
		if w.Code != status || w.Header().Get("ETag") != tag || (status == 304) != (w.Body.Len() == 0) || w.Header().Get("Cache-Control") != "private, no-cache" {
			t.Errorf("%s: %d %v %s", have, w.Code, w.Header(), w.Body)
		}
	}
}

// An answer that cannot be written is an error of the server, told as one, and nothing of it is half there.
func TestAnswersAreWholeOrErrors(t *testing.T) {
	w := serve(t, func(s *operation.Set) {
		operation.Register(s, operation.Operation{Rule: anybody, Method: http.MethodGet, Path: "/half", ID: "h", Tag: "t", Summary: "H"},
			func(context.Context, *struct{}) (*struct{ Body []float64 }, error) {
				return &struct{ Body []float64 }{[]float64{1, math.NaN()}}, nil
			})
	}, "GET", "/half", "")
	if w.Code != 500 || !strings.Contains(w.Body.String(), `"code":"internal"`) || strings.Contains(w.Body.String(), "NaN") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

type eventsIn struct{ operation.Request }

func stream(s *operation.Set) {
	operation.RegisterEvents(s, operation.Operation{Rule: anybody, Method: http.MethodGet, Path: "/events", ID: "e", Tag: "t", Summary: "E"},
		[]operation.Event{{Name: "thing", Data: thing{}, Doc: "A thing."}},
		func(_ context.Context, in *eventsIn, open func() (*operation.Sender, error)) (*thing, error) {
			if !operation.WantsEvents(in.HTTP()) {
				return nil, operation.After(fault.New(fault.Limited, "Too many."), 5)
			}
			to, err := open()
			if err != nil {
				return nil, err
			}
			return nil, to.Event("1", "thing", thing{Name: "a\nb"})
		})
}

func TestStreams(t *testing.T) {
	w := serve(t, stream, "GET", "/events", "", "Accept", "text/event-stream")
	if w.Code != 200 || w.Header().Get("Content-Type") != operation.EventsType || w.Body.String() != ": ready\n\nid: 1\nevent: thing\ndata: {\"name\":\"a\\nb\"}\n\n" {
		t.Errorf("%d %v %q", w.Code, w.Header(), w.Body)
	}
	for accept, status := range map[string]int{"": 429, "*/*": 429, "application/json": 429, "text/event-stream;q=0": 429, "application/json, text/event-stream; q=0.000": 429, "text/event-stream;charset=utf-8;Q=0": 429,
		"application/json;q=0.5, Text/Event-Stream": 200, "text/event-stream;q=0.1": 200, "text/event-stream;level=0": 200} {
		w = serve(t, stream, "GET", "/events", "", "Accept", accept)
		if w.Code != status || status == 429 && w.Header().Get("Retry-After") != "5" {
			t.Errorf("%s: %d %v %s", accept, w.Code, w.Header(), w.Body)
		}
	}
}

// The last parameter of an address may hold slashes, and comes as it was meant.
func TestRestOfAnAddress(t *testing.T) {
	type in struct {
		Path string `path:"path" maxLength:"20"`
	}
	add := func(s *operation.Set) {
		operation.Register(s, operation.Operation{Rule: anybody, Method: http.MethodGet, Path: "/files/{path}", Rest: true, ID: "f", Tag: "t", Summary: "F"},
			func(_ context.Context, i *in) (*struct{ Body thing }, error) {
				return &struct{ Body thing }{thing{Name: i.Path}}, nil
			})
	}
	for target, want := range map[string]string{
		"/files/a/b.md": `{"name":"a/b.md"}`, "/files/a%2fb%20c.md": `{"name":"a/b c.md"}`, "/files/" + strings.Repeat("x", 21): "at most", "/files/": "is needed",
	} {
		if w := serve(t, add, "GET", target, ""); !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %s, want %s", target, w.Code, w.Body, want)
		}
	}
}

// Log-ins pass the slow rate, others do not.
func TestLoginsAreSlowed(t *testing.T) {
	var slowed []string
	r := chi.NewRouter()
	set := operation.New(r, operation.Options{Title: "t", Version: "1", Logins: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			slowed = append(slowed, r.URL.Path)
			next.ServeHTTP(w, r)
		})
	}})
	for path, access := range map[string]operation.Access{"/login": operation.Login, "/open": operation.Public, "/known": operation.Known} {
		operation.Register(set, operation.Operation{Rule: operation.Rule{Access: access, Role: auth.Viewer}, Method: http.MethodGet, Path: path, ID: path, Tag: "t", Summary: "X"},
			func(context.Context, *struct{}) (*struct{}, error) { return nil, nil })
		r.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	}
	if !slices.Equal(slowed, []string{"/login"}) {
		t.Errorf("slowed %v", slowed)
	}
}
