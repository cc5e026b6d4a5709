// Package api is the web front of the agent service: the router that puts pages, REST, token endpoint, health, metrics and
// MCP behind one set of guards (internal/httpd), one authentication and one table of rights. What is not in the table of
// routes.go does not exist, and a route says who may use it, so nothing is open by accident.
//
// The subjects are packages below: session (logging in and out), chat (questions), data (state of the plan). Start at New.
// The handler is safe for concurrent use and starts no goroutine that outlives a request.
package api

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/resync-hwa/resync/agentsvc"
	"github.com/resync-hwa/resync/agentsvc/api/chat"
	"github.com/resync-hwa/resync/agentsvc/api/data"
	"github.com/resync-hwa/resync/agentsvc/api/knowledge"
	"github.com/resync-hwa/resync/agentsvc/api/operation"
	"github.com/resync-hwa/resync/agentsvc/api/reference"
	"github.com/resync-hwa/resync/agentsvc/api/session"
	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/agentsvc/roster"
	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/httpd"
)

// Limits bound what callers may cost. Zero means the default.
type Limits struct {
	BodyBytes         int64         // 64 KiB
	RequestsPerMinute int           // per caller or address; 600
	LoginsPerMinute   int           // per address; 20
	ChatsAtOnce       int           // 8
	TurnTimeout       time.Duration // 2 min
	Heartbeat         time.Duration // of event streams; 15 s
}

func (l Limits) withDefaults() Limits {
	if l.BodyBytes <= 0 {
		l.BodyBytes = 64 << 10
	}
	if l.RequestsPerMinute <= 0 {
		l.RequestsPerMinute = 600
	}
	if l.LoginsPerMinute <= 0 {
		l.LoginsPerMinute = 20
	}
	return l
}

// Options are what New needs. Auth and Asker are required; what else is nil answers "unsupported" or does not exist.
type Options struct {
	Auth      *auth.Service
	Asker     agentsvc.Asker
	Turns     *conversations.Conversations // where the Asker keeps its turns
	Roster    *roster.Roster               // who answers; nil: the built-in agents
	Model     string                       // who writes the prose of agents that name no model, as people know it
	Tools     data.Caller                  // nil must be nil, not a set that is
	Views     data.Caller                  // what draws the plan
	Health    data.Health                  // asks the engines; cached here
	Engines   func(context.Context) []data.ConfiguredEngine
	Feed      data.Feed                       // what changes in the plans
	Life      context.Context                 // ends with the server; streams end with it
	Acks      data.Acks                       // what is acknowledged as normal here
	Documents knowledge.Documents             // the shelf of manuals and runbooks
	Ready     func(ctx context.Context) error // beyond the database, which is always asked
	Web       fs.FS                           // the built page: index.html and assets/
	Metrics   http.Handler
	MCP       http.Handler
	// Resource describes MCP to OAuth clients; its path and whether it is secure are set here.
	Resource httpd.Resource

	Hosts       []string // public names, as httpd.Options has them
	Secure      bool     // browsers see TLS: here or at a declared proxy
	BehindProxy bool     // a declared proxy sets X-Forwarded-For
	Limits      Limits
	Clock       func() time.Time // nil means time.Now
	Logger      *slog.Logger     // nil discards
}

// server has what the routes need.
type server struct {
	o         Options
	session   *session.API
	knowledge *knowledge.API
	chat      *chat.API
	data      *data.API
	web       *pages
	logins    httpd.Guard

	description description
}

// New makes the whole front.
func New(o Options) (http.Handler, error) {
	if o.Auth == nil {
		return nil, errors.New("api: an auth service is needed")
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	o.Limits = o.Limits.withDefaults()
	o.Resource.Path, o.Resource.Secure = mcpPath, o.Secure
	s := &server{o: o, web: newPages(o.Web), logins: httpd.RateLimit(o.Limits.LoginsPerMinute, time.Minute)}
	var err1, err2, err3 error
	s.session, err1 = session.New(session.Options{Auth: o.Auth, Secure: o.Secure, Pages: append(slices.Clone(pagePaths), sharedPages, reference.Path, knowledge.PagePrefix)})
	s.knowledge = knowledge.New(knowledge.Options{Documents: o.Documents})
	s.chat, err2 = chat.New(chat.Options{Asker: o.Asker, Turns: o.Turns, Roster: o.Roster, Model: o.Model, AtOnce: o.Limits.ChatsAtOnce, TurnTimeout: o.Limits.TurnTimeout, Heartbeat: o.Limits.Heartbeat})
	s.data, err3 = data.New(o.data())
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, err
	}
	return s.handler(), nil
}

// data is what the data operations need of them.
func (o Options) data() data.Options {
	return data.Options{Tools: o.Tools, Views: o.Views, Health: o.Health, Acks: o.Acks, Engines: o.Engines, Feed: o.Feed, Life: o.Life, Heartbeat: o.Limits.Heartbeat, Now: o.Clock}
}

// uploadTime is how long a file may take to come.
const uploadTime = 5 * time.Minute

func (s *server) handler() http.Handler {
	guards := []httpd.Guard{}
	if s.o.BehindProxy {
		guards = append(guards, httpd.Forwarded)
	}
	guards = append(guards, httpd.Guards(httpd.Options{
		Hosts: s.o.Hosts, HTTPS: s.o.Secure, MaxBody: s.o.Limits.BodyBytes, Files: sendsFile, MaxFile: knowledge.MaxUpload, FileTime: uploadTime, Logger: s.o.Logger, Now: s.o.Clock,
	}))
	return httpd.Chain(s.router(), guards...)
}

func (s *server) router() chi.Router {
	r := chi.NewRouter()
	r.Use(s.authenticate, unlessForOthers(httpd.RateLimit(s.o.Limits.RequestsPerMinute, time.Minute)), middleware.GetHead)
	missing := httpd.Handler(func(http.ResponseWriter, *http.Request) error {
		return fault.New(fault.NotFound, "There is nothing at this address.")
	})
	r.NotFound(missing.ServeHTTP)
	r.MethodNotAllowed(func(w http.ResponseWriter, req *http.Request) {
		httpd.MethodNotAllowed(w, req, methodsOf(r, req.URL.Path)...)
	})
	s.operations(r)
	for _, rt := range s.routes() {
		h := rt.guarded(s)
		if rt.method == "" {
			r.Handle(rt.pattern, h)
			continue
		}
		r.Method(rt.method, rt.pattern, h)
	}
	return r
}

// operations mounts what the OpenAPI file describes.
func (s *server) operations(r chi.Router) *operation.Set {
	set := operation.New(r, operation.Options{Title: "Resync", Version: "1", Tags: tags, Refused: s.refused, Logins: s.logins,
		Description: "Questions about the plan of HCL Workload Automation, answered with evidence. Nothing here changes a plan."})
	s.session.Register(set)
	s.chat.Register(set)
	s.data.Register(set)
	s.knowledge.Register(set)
	s.registerHealth(set)
	s.describePlain(set)
	s.registerDescription(set)
	s.description.set = set
	return set
}

// unlessForOthers leaves it to MCP to count the requests of programs that speak for many people there: each person is counted, which only
// the messages tell apart.
func unlessForOthers(limit httpd.Guard) httpd.Guard {
	return func(next http.Handler) http.Handler {
		limited := limit(next)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if c, ok := auth.CallerFrom(r.Context()); ok && c.MayDelegate() && strings.TrimSuffix(r.URL.Path, "/") == mcpPath {
				next.ServeHTTP(w, r)
				return
			}
			limited.ServeHTTP(w, r)
		})
	}
}

// methodsOf gives the methods that an address takes.
func methodsOf(r chi.Router, path string) (out []string) {
	for _, m := range []string{http.MethodDelete, http.MethodGet, http.MethodPatch, http.MethodPost, http.MethodPut} {
		if !r.Match(chi.NewRouteContext(), m, path) {
			continue
		}
		if out = append(out, m); m == http.MethodGet {
			out = append(out, http.MethodHead)
		}
	}
	return out
}
