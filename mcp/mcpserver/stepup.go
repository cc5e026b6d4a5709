package mcpserver

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/httpd"
	"github.com/resync-hwa/resync/internal/toolkit"
)

// The toolsets to which what is no tool belongs.
const (
	planSet      = "plan"
	knowledgeSet = "knowledge"
)

// stepUp refuses what the caller's token was not made for, with the scope that another token would need. Clients that speak OAuth then ask for one;
// a tool that was merely missing would leave them in the dark.
type stepUp struct {
	tell     func(context.Context, inquiry, error) // of what is refused
	toolsets map[string]string                     // by tool; tools that are not offered are none of its business
	resource httpd.Resource
}

func newStepUp(tools *toolkit.Set, offered []string, resource httpd.Resource, tell func(context.Context, inquiry, error)) *stepUp {
	s := &stepUp{tell: tell, toolsets: map[string]string{}, resource: resource}
	for _, t := range tools.Tools() {
		if set := t.Info().Toolset; set == "" || slices.Contains(offered, set) {
			s.toolsets[t.Info().Name] = set
		}
	}
	return s
}

func (s *stepUp) check(w http.ResponseWriter, r *http.Request, q inquiry) (*http.Request, error) {
	c, known := auth.CallerFrom(r.Context())
	set, needed := s.toolset(q)
	if !known || !needed || c.MayToolset(set) {
		return r, nil
	}
	scope := auth.ToolsetScope(set)
	if set == "" {
		scope = auth.ScopeMCP
	}
	if c.By != "" {
		// No token that the program could get gives the person more, so it is not sent for one.
		err := fault.New(fault.Forbidden, "Who is spoken for may not do this.").WithHint("The person and the program need the scope %s, or one that includes it.", scope)
		s.tell(r.Context(), q, err)
		return nil, err
	}
	err := fault.New(fault.Forbidden, "This token was not made for this.").WithHint("It needs the scope %s as well.", scope)
	s.tell(r.Context(), q, err)
	// The new token must do all that the old one does, so its scopes are asked for again.
	s.resource.Challenge(w, r, err, append(slices.Clone(c.Scopes), scope)...)
	return nil, err
}

// toolset gives the set that a message needs, and whether it needs one at all: lists, prompts and completions show what is
// open, and need none.
func (s *stepUp) toolset(q inquiry) (string, bool) {
	switch q.method {
	case mcp.MethodToolsCall:
		set, known := s.toolsets[q.name]
		return set, known // the kernel answers for tools that are not offered
	case mcp.MethodResourcesRead, mcp.MethodResourcesSubscribe:
		return toolsetOf(q.uri), true
	}
	return "", false
}

// toolsetOf gives the toolset that a resource belongs to.
func toolsetOf(uri string) string {
	if strings.HasPrefix(strings.ToLower(uri), "knowledge:") {
		return knowledgeSet
	}
	return planSet
}
