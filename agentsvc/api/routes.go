package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/resync-hwa/resync/agentsvc/api/knowledge"
	"github.com/resync-hwa/resync/agentsvc/api/wire"
	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/httpd"
)

// access says who may use a route.
type access int

const (
	closed  access = iota // the zero value lets nobody in
	public                // everybody
	login                 // everybody, at the slow rate of log-ins
	page                  // people with a role; others are led to the login page
	known                 // callers with a role
	metrics               // admins, and API keys made for it
	program               // callers with a token or an API key; cookies do not count
	named                 // API keys that name the scope; what a role may do does not suffice
)

// route is one row of the table.
type route struct {
	method, pattern string // no method: all of them
	access          access
	role            auth.Role // at least; for page, known and program
	scope           string    // that an API key with scopes must have; empty: such keys are refused
	handler         http.Handler
	cached          bool // sets its own Cache-Control
}

// pagePaths are the pages of the browser's application. A log-in may lead to these, and to nothing else.
var pagePaths = []string{"/", "/dashboard", "/chat", "/status"}

// uploads is where documents are added and removed.
const uploads = "/api/knowledge/documents/"

// sendsFile tells the requests that may carry a file.
func sendsFile(r *http.Request) bool {
	return r.Method == http.MethodPut && strings.HasPrefix(r.URL.Path, uploads)
}

// mcpPath is where MCP answers.
const mcpPath = "/mcp"

const readyTimeout = 3 * time.Second

// routes is the table of all that exists.
func (s *server) routes() []route {
	h := httpd.Handler
	all := []route{
		{method: http.MethodGet, pattern: "/login", access: public, handler: h(s.session.Login)},
		{method: http.MethodPost, pattern: "/login/form", access: login, handler: h(s.session.LoginForm)},
		{method: http.MethodGet, pattern: "/login/once", access: public, handler: h(s.session.Once)},
		{method: http.MethodPost, pattern: "/login/once", access: login, handler: h(s.session.UseOnce)},
		{method: http.MethodPost, pattern: "/token", access: login, handler: h(s.session.Token)},
		{method: http.MethodPost, pattern: "/api/session", access: login, handler: h(s.session.Create)},
		{method: http.MethodGet, pattern: "/api/session", access: known, role: auth.Viewer, scope: auth.ScopeRead, handler: h(s.session.Show)},
		{method: http.MethodDelete, pattern: "/api/session", access: known, role: auth.Viewer, handler: h(s.session.End)},

		{method: http.MethodPost, pattern: "/api/chat", access: known, role: auth.Operator, scope: auth.ScopeAsk, handler: h(s.chat.Ask)},
		{method: http.MethodGet, pattern: "/api/conversations/{id}/ledger", access: named, role: auth.Viewer, scope: auth.ScopeTrace, handler: h(s.chat.Ledger)},
		{method: http.MethodGet, pattern: "/api/agents", access: known, role: auth.Viewer, scope: auth.ScopeRead, handler: h(s.chat.Agents)},
		{method: http.MethodGet, pattern: "/api/status", access: known, role: auth.Viewer, scope: auth.ScopeRead, handler: h(s.data.Status)},
		{method: http.MethodGet, pattern: "/api/radar", access: known, role: auth.Viewer, scope: auth.ScopeRead, handler: h(s.data.Radar)},
		{method: http.MethodGet, pattern: "/api/radar/acks", access: known, role: auth.Viewer, scope: auth.ScopeRead, handler: h(s.data.ListAcks)},
		{method: http.MethodPost, pattern: "/api/radar/acks", access: known, role: auth.Operator, handler: h(s.data.Acknowledge)},
		{method: http.MethodDelete, pattern: "/api/radar/acks", access: known, role: auth.Operator, handler: h(s.data.Withdraw)},

		{method: http.MethodGet, pattern: "/api/knowledge", access: known, role: auth.Viewer, scope: auth.ScopeRead, handler: h(s.knowledge.List)},
		{method: http.MethodGet, pattern: "/api/knowledge/search", access: known, role: auth.Viewer, scope: auth.ScopeRead, handler: h(s.data.Passages)},
		{method: http.MethodPut, pattern: uploads + "*", access: known, role: auth.Admin, handler: h(s.knowledge.Add)},
		{method: http.MethodDelete, pattern: uploads + "*", access: known, role: auth.Admin, handler: h(s.knowledge.Remove)},
		{method: http.MethodGet, pattern: knowledge.PagePrefix + "*", access: page, role: auth.Viewer, scope: auth.ScopeRead, handler: h(s.knowledge.Page)},
		{method: http.MethodGet, pattern: "/knowledge.css", access: public, handler: h(s.knowledge.Style), cached: true},

		{method: http.MethodGet, pattern: "/api/health/app", access: public, handler: h(alive)},
		{method: http.MethodGet, pattern: "/api/health/tws", access: known, role: auth.Viewer, scope: auth.ScopeRead, handler: h(s.data.EngineHealth)},
		{method: http.MethodGet, pattern: "/livez", access: public, handler: h(alive)},
		{method: http.MethodGet, pattern: "/readyz", access: public, handler: h(s.ready)},

		{method: http.MethodGet, pattern: "/login.css", access: public, handler: h(s.web.file), cached: true},
		{method: http.MethodGet, pattern: "/favicon.svg", access: public, handler: h(s.web.file), cached: true},
		{method: http.MethodGet, pattern: "/assets/*", access: public, handler: h(s.web.asset), cached: true},
	}
	for _, path := range pagePaths {
		all = append(all, route{method: http.MethodGet, pattern: path, access: page, role: auth.Viewer, handler: h(s.web.index), cached: true})
	}
	if s.o.Metrics != nil {
		all = append(all, route{method: http.MethodGet, pattern: "/api/metrics", access: metrics, role: auth.Admin, scope: auth.ScopeMetrics, handler: s.o.Metrics})
	}
	if s.o.MCP != nil {
		for _, path := range []string{mcpPath, mcpPath + "/"} { // people type either
			all = append(all, route{pattern: path, access: program, role: auth.Viewer, scope: auth.ScopeMCP, handler: s.o.MCP})
		}
		all = append(all,
			route{method: http.MethodGet, pattern: httpd.MetadataPath, access: public, handler: s.o.Resource.Metadata()},
			route{method: http.MethodGet, pattern: httpd.MetadataPath + mcpPath, access: public, handler: s.o.Resource.Metadata()})
	}
	return all
}

// alive answers /livez and /api/health/app: the process runs and answers.
func alive(w http.ResponseWriter, _ *http.Request) error {
	return wire.Write(w, http.StatusOK, map[string]string{"status": "ok"})
}

// ready answers /readyz: what this process cannot work without is there. Engines and models do not count.
func (s *server) ready(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
	defer cancel()
	err := s.o.Auth.Ping(ctx)
	if err == nil && s.o.Ready != nil {
		err = s.o.Ready(ctx)
	}
	if err != nil {
		return fault.Wrap(fault.UpstreamUnavailable, err, "This server is not ready.")
	}
	return wire.Write(w, http.StatusOK, map[string]string{"status": "ready"})
}
