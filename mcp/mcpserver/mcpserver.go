// Package mcpserver offers a set of tools over the Model Context Protocol: on standard input and output, over
// streamable HTTP, and to a client in the same process. It translates and decides nothing: schemas, decoding, deadlines,
// budgets and errors are the tool kernel's (internal/toolkit).
//
// Every revision that the library knows is served on one endpoint, 2026-07-28 and the older ones with a handshake.
// HTTP is stateless unless HTTPOptions asks for sessions: nothing outlives its request, so nothing leaks between callers and any replica
// can answer. A session belongs to the caller who opened it, and to nobody else.
// It authenticates nobody: over HTTP whoever mounts Handler puts the caller into the request's context and stands
// internal/httpd's guards before it; over standard input and output the caller is the person at the terminal.
//
// Everything is safe for concurrent use. Start at New.
package mcpserver

import (
	"context"
	"encoding/json"
	"log/slog"

	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"github.com/resync-hwa/resync/internal/toolkit"
)

// Options says what is served and under which name.
type Options struct {
	Tools        *toolkit.Set
	Name         string
	Title        string
	Version      string
	Toolsets     []string     // those that are offered to the outside; nil means all. The client in the same process has all of them
	Instructions string       // a few lines that teach a model how to work here; empty means those of the product
	Engines      []string     // behind the tools, the one that answers by default first; empty: no plan is offered as resource
	Documents    Documents    // offered as resources; nil: none
	Names        Names        // completes names of jobs, job streams and workstations; nil: nothing is completed
	Logger       *slog.Logger // nil discards
}

// Server serves a set of tools.
type Server struct {
	core      *server.MCPServer
	tools     *toolkit.Set
	toolsets  []string          // offered to the outside
	own       map[string]bool   // names of the tools of the set
	setOf     map[string]string // toolset of each of them
	engines   []string
	documents Documents
	source    Names
	texts     texts
	logger    *slog.Logger
}

// New makes a server. It serves nothing until one of its doors is opened. Check says before whether its prompts are whole.
func New(o Options) *Server {
	s := &Server{tools: o.Tools, toolsets: o.Toolsets, own: map[string]bool{}, setOf: map[string]string{}, engines: o.Engines, documents: o.Documents, source: o.Names, logger: o.Logger}
	if s.toolsets == nil {
		s.toolsets = o.Tools.Toolsets()
	}
	if s.logger == nil {
		s.logger = slog.New(slog.DiscardHandler)
	}
	var err error
	if s.texts, err = readPrompts(promptsYAML); err != nil { // see Check
		s.logger.Error("the prompts cannot be read", slog.String("error", err.Error()))
	}
	hooks := &server.Hooks{}
	// WithRecovery is not used: it would put the panic's text on the wire. The kernel recovers.
	s.core = server.NewMCPServer(o.Name, o.Version, server.WithTitle(o.Title), server.WithInstructions(o.Instructions), server.WithIcons(icon("")...), server.WithHooks(hooks),
		server.WithToolCapabilities(false), server.WithToolFilter(s.filter), server.WithResourceCapabilities(false, false), server.WithPromptCapabilities(false),
		server.WithPromptFilter(s.openPrompts), server.WithCompletions(), server.WithPromptCompletionProvider(completer{s}), server.WithResourceCompletionProvider(completer{s}))
	for _, t := range o.Tools.Tools() {
		info := t.Info()
		s.own[info.Name], s.setOf[info.Name] = true, info.Toolset
		s.core.AddTool(describe(info), s.handler(info.Name))
	}
	s.offerResources(hooks)
	s.offerPrompts(hooks)
	if o.Instructions == "" {
		s.offerInstructions(hooks)
	}
	return s
}

// Around serves a server that was made elsewhere, through the same doors as the product's. It is for the fixture of the conformance suite, which
// has tools, resources and prompts that no product has.
func Around(core *server.MCPServer, logger *slog.Logger) *Server {
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	return &Server{core: core, tools: new(toolkit.Set), logger: logger}
}

// Transport is one end of a connection within the process, for mcpclient. Each call makes a new one.
func (s *Server) Transport() transport.Interface {
	return inProcess{transport.NewInProcessTransport(s.core)}
}

// inProcess drops cancellations: the client cancels the context that it shares with the server, and the library would
// look the request's number up among those of callers of other transports.
type inProcess struct{ *transport.InProcessTransport }

// SendRequest asks the server.
func (t inProcess) SendRequest(ctx context.Context, request transport.JSONRPCRequest) (*transport.JSONRPCResponse, error) {
	response, err := t.InProcessTransport.SendRequest(ctx, request)
	if response != nil && response.Error != nil {
		response.Error.Message = framed.ReplaceAllString(response.Error.Message, "${1}")
	}
	return response, err
}

// SendNotification passes everything but cancellations.
func (t inProcess) SendNotification(ctx context.Context, n mcp.JSONRPCNotification) error {
	if n.Method == string(mcp.MethodNotificationCancelled) {
		return nil
	}
	return t.InProcessTransport.SendNotification(ctx, n)
}

// handler calls the tool through the set. It never returns a Go error: the library would send its text as it is.
func (s *Server) handler(name string) server.ToolHandlerFunc {
	return func(ctx context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		ctx, done := s.withProgress(traced(ctx, req.Params.Meta), req)
		r := s.tools.Call(ctx, name, req.Params.RawArguments)
		done()
		return s.result(ctx, r), nil
	}
}

// failed is the structured content of a failed call.
type failed struct {
	Error *toolkit.ErrorBody `json:"error"`
}

func (s *Server) result(ctx context.Context, r toolkit.Result) *mcp.CallToolResult {
	out := &mcp.CallToolResult{Content: []mcp.Content{mcp.NewTextContent(r.Text)}}
	var content any = r.Envelope
	if r.Error != nil {
		out.IsError = true
		content = failed{r.Error}
	}
	raw, err := json.Marshal(content)
	if err != nil { // only a tool that was not made by the kernel can hold invalid JSON
		s.logger.LogAttrs(ctx, slog.LevelError, "tool result is not valid JSON",
			slog.String("correlation_id", toolkit.Correlation(ctx)), slog.String("error", err.Error()))
		return internalError()
	}
	out.RawStructuredContent = raw
	return out
}

func internalError() *mcp.CallToolResult {
	body := &toolkit.ErrorBody{Code: "internal", Message: "Something went wrong inside Resync."}
	raw, err := json.Marshal(failed{body})
	if err != nil {
		raw = json.RawMessage(`{}`) // two constant strings always marshal
	}
	return &mcp.CallToolResult{IsError: true, RawStructuredContent: raw, Content: []mcp.Content{mcp.NewTextContent(body.Text())}}
}
