package mcpserver

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
)

// toolsetsHeader is the header in which a client says which toolsets it wants of those that are offered.
const toolsetsHeader = "X-MCP-Toolsets"

// Ways to a toolset that is not selected, as the rest of a sentence.
const (
	byHeader = "name it in the header " + toolsetsHeader + " too"
	byServer = "whoever runs this server adds it to mcp.toolsets or to resync mcp --toolsets"
)

// Toolsets lists the toolsets that are offered to the outside.
func (s *Server) Toolsets() []string { return slices.Clone(s.toolsets) }

// offering puts the toolsets that this server offers into the context of a door to the outside.
func (s *Server) offering(ctx context.Context) context.Context {
	return toolkit.WithSelection(ctx, toolkit.Selection{Toolsets: s.toolsets, How: byServer})
}

// selectToolsets is a check: it narrows what is offered to what the header names. The header cannot add anything.
func (s *Server) selectToolsets(_ http.ResponseWriter, r *http.Request, _ inquiry) (*http.Request, error) {
	ctx := s.offering(r.Context())
	if sent := r.Header.Values(toolsetsHeader); len(sent) > 0 {
		chosen, err := s.narrow(sent)
		if err != nil {
			return nil, err
		}
		if len(chosen) < len(s.toolsets) && len(chosen) > 0 {
			ctx = toolkit.WithSelection(ctx, toolkit.Selection{Toolsets: chosen, How: byHeader})
		}
	}
	return r.WithContext(ctx), nil
}

// narrow reads the header. "all" means all that is offered; nothing in it is as no header.
func (s *Server) narrow(sent []string) ([]string, error) {
	if strings.EqualFold(strings.TrimSpace(strings.Join(sent, "")), "all") {
		return s.toolsets, nil
	}
	chosen, err := s.tools.Select(sent...)
	if err != nil {
		return nil, err
	}
	for _, name := range chosen {
		if !slices.Contains(s.toolsets, name) {
			return nil, fault.New(fault.Invalid, "This server does not offer the toolset %s.", name).
				WithHint("The header %s chooses among %s; to have another one, %s.", toolsetsHeader, strings.Join(s.toolsets, ", "), byServer).WithCandidates(s.toolsets...)
		}
	}
	return chosen, nil
}

// filter shows of the tools what is open to whoever asks. The library puts lists through it and, one by one, the tools that are called: those
// pass, for the kernel refuses them with a better reason than that there is no such tool. What is not the set's is left as it is.
func (s *Server) filter(ctx context.Context, tools []mcp.Tool) []mcp.Tool {
	if len(tools) == 1 && len(s.own) > 1 {
		return tools
	}
	open := make(map[string]toolkit.Info, len(s.own))
	for _, info := range s.tools.Offered(ctx) {
		open[info.Name] = info
	}
	out := make([]mcp.Tool, 0, len(tools))
	for _, t := range tools {
		if info, ok := open[t.Name]; ok {
			t = describe(info)
		} else if s.own[t.Name] {
			continue
		}
		out = append(out, t)
	}
	return out
}
