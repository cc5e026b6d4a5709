package api

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/resync-hwa/resync/agentsvc/api/data"
	"github.com/resync-hwa/resync/agentsvc/api/operation"
	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/httpd"
)

// NewData makes the data operations alone, and their description: what a tool server offers beside MCP, for edge agents and other programs. Callers
// bring a token or an API key; without Auth whoever comes is the person at this machine, so mount it without one on loopback only. The guards of
// the server (httpd.Guards) are the mounter's. Of the Options it takes Auth, what data needs, Limits, Clock and Logger.
func NewData(o Options) (http.Handler, error) {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	o.Limits = o.Limits.withDefaults()
	s := &server{o: o}
	var err error
	if s.data, err = data.New(o.data()); err != nil {
		return nil, err
	}
	r := chi.NewRouter()
	r.Use(s.program, httpd.RateLimit(o.Limits.RequestsPerMinute, time.Minute), middleware.GetHead)
	r.NotFound(httpd.Handler(func(http.ResponseWriter, *http.Request) error {
		return fault.New(fault.NotFound, "There is nothing at this address.").WithHint("GET /api/openapi.json describes what there is.")
	}).ServeHTTP)
	r.MethodNotAllowed(func(w http.ResponseWriter, req *http.Request) {
		httpd.MethodNotAllowed(w, req, methodsOf(r, req.URL.Path)...)
	})
	set := operation.New(r, operation.Options{Title: "Resync, data", Version: "1", Tags: tags, Refused: s.refused,
		Description: "The state of the plan of HCL Workload Automation, with evidence, as a tool server gives it to programs. Nothing here changes a plan."})
	s.data.Register(set)
	s.registerDescription(set)
	s.description.set = set
	return r, nil
}

// program finds out who asks where no browser comes.
func (s *server) program(next http.Handler) http.Handler {
	if s.o.Auth != nil {
		return s.authenticate(next)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get(auth.HeaderCaller) != "" {
			httpd.Problem(w, r, fault.New(fault.Forbidden, "Nobody can speak for others here: this server does not ask who comes.").WithHint("Start it with --auth, and make a key with the scopes mcp, read and delegate."))
			return
		}
		next.ServeHTTP(w, r.WithContext(auth.WithCaller(r.Context(), auth.Local())))
	})
}
