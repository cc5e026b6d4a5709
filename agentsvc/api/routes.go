package api

import (
	"net/http"
	"strings"

	"github.com/resync-hwa/resync/agentsvc/api/knowledge"
	"github.com/resync-hwa/resync/agentsvc/api/operation"
	"github.com/resync-hwa/resync/agentsvc/api/reference"
	"github.com/resync-hwa/resync/internal/auth"
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

// sharedPages is where a conversation that somebody shares is read; the token of its link follows.
const sharedPages = "/shared/"

// uploads is where documents are added and removed.
const uploads = "/api/knowledge/documents/"

// sendsFile tells the requests that may carry a file.
func sendsFile(r *http.Request) bool {
	return r.Method == http.MethodPut && strings.HasPrefix(r.URL.Path, uploads)
}

// mcpPath is where MCP answers.
const mcpPath = "/mcp"

// routes is the table of all that exists.
func (s *server) routes() []route {
	h := httpd.Handler
	all := []route{
		{method: http.MethodGet, pattern: "/login", Rule: operation.Rule{Access: operation.Public}, handler: h(s.session.Login)},
		{method: http.MethodPost, pattern: "/login/form", Rule: operation.Rule{Access: operation.Login}, handler: h(s.session.LoginForm)},
		{method: http.MethodGet, pattern: "/login/once", Rule: operation.Rule{Access: operation.Public}, handler: h(s.session.Once)},
		{method: http.MethodPost, pattern: "/login/once", Rule: operation.Rule{Access: operation.Login}, handler: h(s.session.UseOnce)},
		{method: http.MethodPost, pattern: "/token", Rule: operation.Rule{Access: operation.Login}, handler: h(s.session.Token)},

		{method: http.MethodGet, pattern: knowledge.PagePrefix + "*", Rule: operation.Rule{Access: operation.Page, Role: auth.Viewer, Scope: auth.ScopeRead}, handler: h(s.knowledge.Page)},
		{method: http.MethodGet, pattern: "/knowledge.css", Rule: operation.Rule{Access: operation.Public}, handler: h(s.knowledge.Style), cached: true},
		{method: http.MethodGet, pattern: reference.Path, Rule: operation.Rule{Access: operation.Page, Role: auth.Viewer, Scope: auth.ScopeRead}, handler: h(s.description.show)},
		{method: http.MethodGet, pattern: reference.StylePath, Rule: operation.Rule{Access: operation.Public}, handler: h(reference.Style), cached: true},

		{method: http.MethodGet, pattern: "/login.css", Rule: operation.Rule{Access: operation.Public}, handler: h(s.web.file), cached: true},
		{method: http.MethodGet, pattern: "/favicon.svg", Rule: operation.Rule{Access: operation.Public}, handler: h(s.web.file), cached: true},
		{method: http.MethodGet, pattern: "/assets/*", Rule: operation.Rule{Access: operation.Public}, handler: h(s.web.asset), cached: true},
	}
	for _, path := range pagePaths {
		all = append(all, route{method: http.MethodGet, pattern: path, Rule: operation.Rule{Access: operation.Page, Role: auth.Viewer}, handler: h(s.web.index), cached: true})
	}
	all = append(all, route{method: http.MethodGet, pattern: sharedPages + "{token}", Rule: operation.Rule{Access: operation.Page, Role: auth.Viewer}, handler: h(s.web.index), cached: true})
	if s.o.Metrics != nil {
		all = append(all, route{method: http.MethodGet, pattern: "/api/metrics", Rule: metricsRule, handler: s.o.Metrics})
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
