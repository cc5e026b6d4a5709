package mcpserver

import (
	"context"

	"github.com/mark3labs/mcp-go/mcp"
)

// refused tells the audit of a call of a tool, or of the reading of a resource, that was refused before it reached the tools: who tries what is not theirs
// shows there like who does what is. Of messages that call nothing it tells nothing.
func (s *Server) refused(ctx context.Context, q inquiry, why error) {
	switch q.method {
	case mcp.MethodToolsCall:
		s.tools.Refused(ctx, q.name, q.args, why)
	case mcp.MethodResourcesRead, mcp.MethodResourcesSubscribe:
		a, ok := parseAddress(q.uri)
		if ok && a.template == documentTemplate && s.documents != nil {
			s.documents.Refused(ctx, a.name, a.section, why)
			return
		}
		tool := ""
		if ok && a.template != documentTemplate {
			tool = a.toolOf()
		}
		args, _ := a.arguments() // texts always marshal
		s.tools.Refused(ctx, tool, args, why)
	}
}
