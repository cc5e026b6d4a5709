package data_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"go.uber.org/goleak"

	"github.com/resync-hwa/resync/agentsvc/api/data"
	"github.com/resync-hwa/resync/agentsvc/api/operation"
	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/httpd"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/tools"
	"github.com/resync-hwa/resync/twstools/world"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// night is the instant of the demo's plan.
var night = time.Date(2026, 3, 17, 6, 10, 0, 0, time.UTC)

func clock() time.Time { return night }

// demoWorld is told once; engines over it give copies.
var demoWorld = sync.OnceValues(func() (*world.World, error) { return world.Demo(night) })

// demoEngine is the demo's plan without a server.
func demoEngine(t *testing.T, name string) twstools.Engine {
	t.Helper()
	w, err := demoWorld()
	if err != nil {
		t.Fatal(err)
	}
	return world.Engine(w, world.Options{Name: name})
}

// toolsOver are all that the data operations call, over engines of these names: the tools and the views.
func toolsOver(t *testing.T, names ...string) (set, views *toolkit.Set) {
	t.Helper()
	var choices, drawn []toolkit.Choice
	for _, name := range names {
		own := tools.New(tools.Options{Engine: demoEngine(t, name), Name: name, Mode: "mock", API: "v2", Clock: clock})
		all, err := own.All()
		if err != nil {
			t.Fatal(err)
		}
		some, err := own.Views()
		if err != nil {
			t.Fatal(err)
		}
		choices, drawn = append(choices, toolkit.Choice{Name: name, Tools: all}), append(drawn, toolkit.Choice{Name: name, Tools: some})
	}
	return chosen(t, choices), chosen(t, drawn)
}

func chosen(t *testing.T, choices []toolkit.Choice) *toolkit.Set {
	t.Helper()
	joined, err := toolkit.Choose("engine", "which engine", choices...)
	if err != nil {
		t.Fatal(err)
	}
	set, err := toolkit.NewSet(joined...)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// door is the operations with a caller who is already known.
type door struct {
	http.Handler
	set *operation.Set
}

func open(t *testing.T, o data.Options) door {
	t.Helper()
	if o.Now == nil {
		o.Now = clock
	}
	a, err := data.New(o)
	if err != nil {
		t.Fatal(err)
	}
	r := chi.NewRouter()
	set := operation.New(r, operation.Options{Title: "t", Version: "1"})
	a.Register(set)
	return door{httpd.Chain(r, httpd.Guards(httpd.Options{})), set}
}

// over is a door over the demo's plan under two names.
func over(t *testing.T, engines ...string) door {
	t.Helper()
	if len(engines) == 0 {
		engines = []string{"north", "south"}
	}
	set, views := toolsOver(t, engines...)
	return open(t, data.Options{Tools: set, Views: views, Engines: func(context.Context) []data.ConfiguredEngine {
		var out []data.ConfiguredEngine
		for _, e := range engines {
			out = append(out, data.ConfiguredEngine{Name: e, Mode: "mock"})
		}
		return out
	}})
}

func viewer(scopes ...string) auth.Caller {
	return auth.Caller{ID: "u1", Name: "ana", Role: auth.Viewer, Via: "api_key", Scopes: scopes}
}

// get asks as a caller; nobody asks when they have no id.
func (d door) get(t *testing.T, who auth.Caller, target string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost"+target, nil)
	if who.ID != "" {
		r = r.WithContext(auth.WithCaller(r.Context(), who))
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w
}

// decoded reads the data of an envelope.
func decoded[T any](t *testing.T, w *httptest.ResponseRecorder) (e toolkit.Envelope, data T) {
	t.Helper()
	if w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &e); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(e.Data, &data); err != nil {
		t.Fatal(err)
	}
	return e, data
}

// described is what the OpenAPI file says of the parameters of each path, by place.
func (d door) described(t *testing.T) map[string]map[string][]string {
	t.Helper()
	raw, err := d.set.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Paths map[string]map[string]struct {
			Parameters []struct{ Name, In string }
		}
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	out := map[string]map[string][]string{}
	for path, methods := range doc.Paths {
		out[path] = map[string][]string{}
		for _, p := range methods["get"].Parameters {
			out[path][p.In] = append(out[path][p.In], p.Name)
		}
	}
	return out
}

func argumentsOf(t *testing.T, set *toolkit.Set, tool string) []string {
	t.Helper()
	for _, one := range set.Tools() {
		if one.Info().Name != tool {
			continue
		}
		var s struct {
			Properties map[string]any `json:"properties"`
		}
		if err := json.Unmarshal(one.Info().InputSchema, &s); err != nil {
			t.Fatal(err)
		}
		var out []string
		for name := range s.Properties {
			out = append(out, name)
		}
		slices.Sort(out)
		return out
	}
	t.Fatalf("there is no tool %s", tool)
	return nil
}

func key(s string) string { return strings.ReplaceAll(url.PathEscape(s), "#", "%23") }
