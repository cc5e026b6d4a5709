package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/resync-hwa/resync/agentsvc/api/knowledge"
	"github.com/resync-hwa/resync/agentsvc/api/operation"
	"github.com/resync-hwa/resync/agentsvc/api/wire"
	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/httpd"
)

// route is one row of the table.
type route struct {
	operation.Rule

	method, pattern string // no method: all of them
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
		{method: http.MethodGet, pattern: "/login", Rule: operation.Rule{Access: operation.Public}, handler: h(s.session.Login)},
		{method: http.MethodPost, pattern: "/login/form", Rule: operation.Rule{Access: operation.Login}, handler: h(s.session.LoginForm)},
		{method: http.MethodGet, pattern: "/login/once", Rule: operation.Rule{Access: operation.Public}, handler: h(s.session.Once)},
		{method: http.MethodPost, pattern: "/login/once", Rule: operation.Rule{Access: operation.Login}, handler: h(s.session.UseOnce)},
		{method: http.MethodPost, pattern: "/token", Rule: operation.Rule{Access: operation.Login}, handler: h(s.session.Token)},
		{method: http.MethodPost, pattern: "/api/session", Rule: operation.Rule{Access: operation.Login}, handler: h(s.session.Create)},
		{method: http.MethodGet, pattern: "/api/session", Rule: operation.Rule{Access: operation.Known, Role: auth.Viewer, Scope: auth.ScopeRead}, handler: h(s.session.Show)},
		{method: http.MethodDelete, pattern: "/api/session", Rule: operation.Rule{Access: operation.Known, Role: auth.Viewer}, handler: h(s.session.End)},

		{method: http.MethodPost, pattern: "/api/chat", Rule: operation.Rule{Access: operation.Known, Role: auth.Operator, Scope: auth.ScopeAsk}, handler: h(s.chat.Ask)},
		{method: http.MethodGet, pattern: "/api/conversations/{id}/ledger", Rule: operation.Rule{Access: operation.Named, Role: auth.Viewer, Scope: auth.ScopeTrace}, handler: h(s.chat.Ledger)},
		{method: http.MethodGet, pattern: "/api/status", Rule: operation.Rule{Access: operation.Known, Role: auth.Viewer, Scope: auth.ScopeRead}, handler: h(s.data.Status)},
		{method: http.MethodGet, pattern: "/api/radar", Rule: operation.Rule{Access: operation.Known, Role: auth.Viewer, Scope: auth.ScopeRead}, handler: h(s.data.Radar)},
		{method: http.MethodGet, pattern: "/api/radar/acks", Rule: operation.Rule{Access: operation.Known, Role: auth.Viewer, Scope: auth.ScopeRead}, handler: h(s.data.ListAcks)},
		{method: http.MethodPost, pattern: "/api/radar/acks", Rule: operation.Rule{Access: operation.Known, Role: auth.Operator}, handler: h(s.data.Acknowledge)},
		{method: http.MethodDelete, pattern: "/api/radar/acks", Rule: operation.Rule{Access: operation.Known, Role: auth.Operator}, handler: h(s.data.Withdraw)},

		{method: http.MethodGet, pattern: "/api/knowledge", Rule: operation.Rule{Access: operation.Known, Role: auth.Viewer, Scope: auth.ScopeRead}, handler: h(s.knowledge.List)},
		{method: http.MethodGet, pattern: "/api/knowledge/search", Rule: operation.Rule{Access: operation.Known, Role: auth.Viewer, Scope: auth.ScopeRead}, handler: h(s.data.Passages)},
		{method: http.MethodPut, pattern: uploads + "*", Rule: operation.Rule{Access: operation.Known, Role: auth.Admin}, handler: h(s.knowledge.Add)},
		{method: http.MethodDelete, pattern: uploads + "*", Rule: operation.Rule{Access: operation.Known, Role: auth.Admin}, handler: h(s.knowledge.Remove)},
		{method: http.MethodGet, pattern: knowledge.PagePrefix + "*", Rule: operation.Rule{Access: operation.Page, Role: auth.Viewer, Scope: auth.ScopeRead}, handler: h(s.knowledge.Page)},
		{method: http.MethodGet, pattern: "/knowledge.css", Rule: operation.Rule{Access: operation.Public}, handler: h(s.knowledge.Style), cached: true},

		{method: http.MethodGet, pattern: "/api/health/app", Rule: operation.Rule{Access: operation.Public}, handler: h(alive)},
		{method: http.MethodGet, pattern: "/api/health/tws", Rule: operation.Rule{Access: operation.Known, Role: auth.Viewer, Scope: auth.ScopeRead}, handler: h(s.data.EngineHealth)},
		{method: http.MethodGet, pattern: "/livez", Rule: operation.Rule{Access: operation.Public}, handler: h(alive)},
		{method: http.MethodGet, pattern: "/readyz", Rule: operation.Rule{Access: operation.Public}, handler: h(s.ready)},

		{method: http.MethodGet, pattern: "/login.css", Rule: operation.Rule{Access: operation.Public}, handler: h(s.web.file), cached: true},
		{method: http.MethodGet, pattern: "/favicon.svg", Rule: operation.Rule{Access: operation.Public}, handler: h(s.web.file), cached: true},
		{method: http.MethodGet, pattern: "/assets/*", Rule: operation.Rule{Access: operation.Public}, handler: h(s.web.asset), cached: true},
	}
	for _, path := range pagePaths {
		all = append(all, route{method: http.MethodGet, pattern: path, Rule: operation.Rule{Access: operation.Page, Role: auth.Viewer}, handler: h(s.web.index), cached: true})
	}
	if s.o.Metrics != nil {
		all = append(all, route{method: http.MethodGet, pattern: "/api/metrics", Rule: operation.Rule{Access: operation.Metrics, Role: auth.Admin, Scope: auth.ScopeMetrics}, handler: s.o.Metrics})
	}
	if s.o.MCP != nil {
		for _, path := range []string{mcpPath, mcpPath + "/"} { // people type either
			all = append(all, route{pattern: path, Rule: operation.Rule{Access: operation.Program, Role: auth.Viewer, Scope: auth.ScopeMCP}, handler: s.o.MCP})
		}
		all = append(all,
			route{method: http.MethodGet, pattern: httpd.MetadataPath, Rule: operation.Rule{Access: operation.Public}, handler: s.o.Resource.Metadata()},
			route{method: http.MethodGet, pattern: httpd.MetadataPath + mcpPath, Rule: operation.Rule{Access: operation.Public}, handler: s.o.Resource.Metadata()})
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
