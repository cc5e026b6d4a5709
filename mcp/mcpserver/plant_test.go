package mcpserver_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/httpd"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/mcp/mcpserver"
)

// resource is one in a list, a template, or a content.
type resource struct {
	URI, URITemplate, Name, Title, Description, MIMEType, Text string
	Size                                                       int
	Annotations                                                struct {
		Audience []string
		Priority float64
	}
}

type prompt struct {
	Name, Title, Description string
	Arguments                []struct {
		Name, Title, Description string
		Required                 bool
	}
}

type message struct {
	Role    string
	Content struct{ Type, Text, URI string }
}

type completion struct {
	Values  []string
	Total   int
	HasMore bool
}

// plant stands for the tools, documents and names that cmd hands over.
type plant struct {
	mu      sync.Mutex
	asked   []string // tool and arguments of every call
	refused []string // documents
	callers []string
	wanted  []mcpserver.Wanted
	many    int // documents beside the two
}

type anyIn struct {
	Job    string `json:"job,omitempty" doc:"A job."`
	Name   string `json:"name,omitempty" doc:"A name."`
	Target string `json:"target,omitempty" doc:"A target."`
}

type anyOut struct {
	Said         string   `json:"said"`
	Workstations []string `json:"workstations"`
}

// stations are the workstations of the plant.
var stations = map[string]bool{"LX1": true, "/PROD/LX 1": true}

func (p *plant) answer(tool string) toolkit.Func[anyIn, anyOut] {
	return func(ctx context.Context, in anyIn) (toolkit.Reply[anyOut], error) {
		caller, _ := auth.CallerFrom(ctx)
		p.mu.Lock()
		p.asked = append(p.asked, fmt.Sprintf("%s job=%q name=%q", tool, in.Job, in.Name))
		p.callers = append(p.callers, caller.ID)
		p.mu.Unlock()
		switch in.Job {
		case "LX1#S.NOPE":
			return toolkit.Reply[anyOut]{}, fault.New(fault.NotFound, "There is no job NOPE.").WithCandidates("LX1#S.HOPE")
		case "LX1#S.AWAY":
			return toolkit.Reply[anyOut]{}, fault.Wrap(fault.UpstreamUnavailable, errors.New(secret), "The engine does not answer.")
		case "LX1#S.WORSE":
			return toolkit.Reply[anyOut]{}, errors.New(secret)
		}
		out := anyOut{Said: tool + " of " + in.Job + in.Name}
		if stations[in.Name] {
			out.Workstations = []string{in.Name}
		}
		return toolkit.Reply[anyOut]{Data: out, Text: out.Said}, nil
	}
}

func (p *plant) took() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := p.asked
	p.asked, p.callers = nil, nil
	return out
}

// List gives the documents.
func (p *plant) List(context.Context) []mcpserver.Document {
	out := []mcpserver.Document{{Name: "runbooks/não chegou.md", Title: "Arquivo não chegou", Description: "One.", Size: 12, Site: true}, {Name: "a#b.md", Title: "Odd", Size: 3}}
	for i := range p.many {
		out = append(out, mcpserver.Document{Name: fmt.Sprintf("many/%03d.md", i), Title: "One of many"})
	}
	return out
}

// Sections gives two for one document.
func (p *plant) Sections(_ context.Context, document string) []string {
	if document == "runbooks/não chegou.md" {
		return []string{"o-que-fazer", "ação"}
	}
	return nil
}

// Read gives a text that says what was asked.
func (p *plant) Read(_ context.Context, document, section string) toolkit.Result {
	switch document {
	case "runbooks/não chegou.md", "a#b.md":
	case "panic.md":
		panic(secret)
	default:
		return toolkit.Result{Error: &toolkit.ErrorBody{Code: "not_found", Message: "There is no document " + document + "."}}
	}
	return toolkit.Result{Text: "# " + document + "|" + section, Envelope: &toolkit.Envelope{Data: json.RawMessage(`{}`)}}
}

// Refused remembers what was refused.
func (p *plant) Refused(_ context.Context, document, section string, why error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refused = append(p.refused, document+"|"+section+" "+string(fault.CodeOf(why)))
}

// Names remembers what was wanted.
func (p *plant) Names(ctx context.Context, w mcpserver.Wanted) ([]string, int, error) {
	p.mu.Lock()
	p.wanted = append(p.wanted, w)
	p.mu.Unlock()
	switch {
	case w.Typed == "away":
		return nil, 0, errors.New(secret)
	case w.Typed == "slow":
		<-ctx.Done()
		return nil, 0, ctx.Err()
	case w.Typed == "panic":
		panic(secret)
	case w.Typed == "many":
		var out []string
		for i := range 150 {
			out = append(out, fmt.Sprintf("LX1#S.J%03d", i))
		}
		return out, 150, nil
	case w.Typed == "uncounted":
		return []string{"LX1#S.J"}, -1, nil
	}
	return []string{"LX1#S.PAY"}, 1, nil
}

// shop serves the plant with two engines over HTTP; see serveScoped.
func shop(t *testing.T, p *plant) string {
	t.Helper()
	return serveScoped(t, shopServer(t, p)).URL
}

func shopServer(t *testing.T, p *plant) *mcpserver.Server {
	t.Helper()
	var plan []toolkit.Choice
	for _, engine := range []string{"PROD", "São Paulo"} {
		var tools []toolkit.Tool
		for name, toolset := range map[string]string{"plan_status": "plan", "get_job": "plan", "get_job_log": "plan", "list_workstations": "plan", "list_prompts": "plan", "list_resources": "plan", "find_jobs": "plan", "get_job_stream": "plan",
			"diagnose_job": "diagnose", "explain_wait": "diagnose", "impact_of": "diagnose", "late_risk": "diagnose", "radar": "diagnose", "what_changed": "history"} {
			tools = append(tools, toolkit.MustDefine(toolkit.Spec{Name: name, Title: name, Description: "Answers.", Toolset: toolset}, p.answer(name+" at "+engine)))
		}
		plan = append(plan, toolkit.Choice{Name: engine, Tools: tools})
	}
	joined, err := toolkit.Choose("engine", "which", plan...)
	if err != nil {
		t.Fatal(err)
	}
	search := toolkit.MustDefine(toolkit.Spec{Name: "search_knowledge", Title: "Search", Description: "Searches.", Toolset: "knowledge"}, p.answer("search_knowledge"))
	set, err := toolkit.NewSet(append(joined, search)...)
	if err != nil {
		t.Fatal(err)
	}
	return mcpserver.New(mcpserver.Options{Tools: set, Name: "resync", Version: "0.1", Engines: []string{"PROD", "São Paulo"}, Documents: p, Names: p})
}

// serveScoped is serve for callers whose scopes stand in the address: ?scope=mcp:plan&scope=engine:PROD.
func serveScoped(t *testing.T, s *mcpserver.Server) *httptest.Server {
	t.Helper()
	authenticate := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r.WithContext(auth.WithCaller(r.Context(), auth.Caller{ID: "u1", Role: auth.Viewer, Scopes: r.URL.Query()["scope"]})))
		})
	}
	srv := httptest.NewServer(httpd.Chain(s.Handler(mcpserver.HTTPOptions{}), httpd.Guards(httpd.Options{}), authenticate))
	t.Cleanup(srv.Close)
	return srv
}
