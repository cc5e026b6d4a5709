// Package mcpclient calls tools over the Model Context Protocol, in this process or over streamable HTTP, behind the
// interface toolkit.Caller: whoever calls cannot tell where the tools run. Envelopes and errors arrive as the server's
// kernel made them, data byte for byte.
//
// Servers that are not ours are reached through a Connection (Stdio, Streamable): their tools and answers as they come,
// within bounds, for whoever judges them.
//
// It refuses to be a general client: no resources, no prompts, no requests from the server. Callers are safe for
// concurrent use. Start at InProcess or HTTP, and close what they give.
package mcpclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/telemetry"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/mcp/mcpserver"
)

// InProcess connects to a server in the same process. The context of each call reaches the tool as it is, with its caller,
// its correlation id and its cancellation.
func InProcess(ctx context.Context, s *mcpserver.Server) (toolkit.Caller, io.Closer, error) {
	// The revision with a handshake spends less per call, and nothing else differs in one process.
	return connect(ctx, local{s.Transport()}, "in process", client.WithProtocolVersion(mcp.LATEST_LEGACY_PROTOCOL_VERSION))
}

// caller implements toolkit.Caller over a connection.
type caller struct {
	client *client.Client
	name   string // of the connection, for errors
}

func connect(ctx context.Context, t transport.Interface, name string, options ...client.ClientOption) (toolkit.Caller, io.Closer, error) {
	c, err := open(ctx, t, name, options...)
	if err != nil {
		return nil, nil, err
	}
	return c, c.client, nil
}

// open starts the transport and agrees with the server on a revision.
func open(ctx context.Context, t transport.Interface, name string, options ...client.ClientOption) (*caller, error) {
	c := &caller{client: client.NewClient(t, options...), name: name}
	// The connection lives until it is closed, not as long as the context in which it was made.
	if err := c.client.Start(context.WithoutCancel(ctx)); err != nil {
		return nil, c.unreachable(ctx, err)
	}
	hello := mcp.InitializeRequest{}
	hello.Params.ClientInfo = mcp.Implementation{Name: "resync", Version: "1"}
	if _, err := c.client.Initialize(ctx, hello); err != nil {
		return nil, errors.Join(c.unreachable(ctx, err), c.client.Close())
	}
	return c, nil
}

// description is a tool as the server sends it, with its schemas untouched.
type description struct {
	Name         string          `json:"name"`
	Title        string          `json:"title"`
	Description  string          `json:"description"`
	InputSchema  json.RawMessage `json:"inputSchema"`
	OutputSchema json.RawMessage `json:"outputSchema"`
}

// Tools lists what the server offers, schemas byte for byte.
func (c *caller) Tools(ctx context.Context) ([]toolkit.Info, error) {
	ctx, pages := keepLists(ctx)
	if _, err := c.client.ListTools(ctx, mcp.ListToolsRequest{}); err != nil {
		return nil, c.unreachable(ctx, err)
	}
	var out []toolkit.Info
	for _, page := range *pages {
		var list struct {
			Tools []description `json:"tools"`
		}
		if err := json.Unmarshal(page, &list); err != nil {
			return nil, c.nonsense(err)
		}
		for _, d := range list.Tools {
			out = append(out, toolkit.Info{Name: d.Name, Title: d.Title, Description: d.Description, InputSchema: d.InputSchema, OutputSchema: d.OutputSchema})
		}
	}
	return out, nil
}

// Call calls a tool. A failed tool is a Result; the error means that there is no result at all.
func (c *caller) Call(ctx context.Context, name string, args json.RawMessage) (toolkit.Result, error) {
	req := mcp.CallToolRequest{}
	req.Params.Name = name
	req.Params.RawArguments = args
	req.Params.Meta = spoken(ctx)
	if len(args) > 0 {
		req.Params.Arguments = args
	}
	for name, value := range telemetry.Carry(ctx) {
		if req.Params.Meta == nil {
			req.Params.Meta = &mcp.Meta{}
		}
		req.Params.Meta.SetMetaField(name, value)
	}
	r, err := c.client.CallTool(ctx, req)
	if ctx.Err() != nil {
		return toolkit.Result{}, fmt.Errorf("call tool %s %s: %w", name, c.name, ctx.Err())
	}
	if err != nil {
		return c.protocolError(ctx, name, err)
	}
	return c.result(r)
}

// protocolError tells an unknown tool, which is a result like any other failure, from a server that cannot be used.
func (c *caller) protocolError(ctx context.Context, name string, err error) (toolkit.Result, error) {
	if errors.Is(err, mcp.ErrInvalidParams) && strings.Contains(err.Error(), "not found") {
		body := &toolkit.ErrorBody{Code: string(fault.NotFound), Message: fmt.Sprintf("There is no tool %q.", name), CorrelationID: toolkit.Correlation(ctx)}
		return toolkit.Result{Error: body, Text: body.Text()}, nil
	}
	return toolkit.Result{}, c.unreachable(ctx, err)
}

// result decodes what the server's kernel encoded.
func (c *caller) result(r *mcp.CallToolResult) (toolkit.Result, error) {
	out := toolkit.Result{Text: text(r)}
	if r.IsError {
		var body struct {
			Error *toolkit.ErrorBody `json:"error"`
		}
		if json.Unmarshal(r.RawStructuredContent, &body) != nil || body.Error == nil || body.Error.Code == "" {
			return toolkit.Result{}, c.nonsense(errors.New("a failed result has no coded error"))
		}
		out.Error = body.Error
		return out, nil
	}
	var e toolkit.Envelope
	if err := json.Unmarshal(r.RawStructuredContent, &e); err != nil {
		return toolkit.Result{}, c.nonsense(err)
	}
	if len(e.Data) == 0 {
		return toolkit.Result{}, c.nonsense(errors.New("a result has no data"))
	}
	out.Envelope = &e
	return out, nil
}

func text(r *mcp.CallToolResult) string {
	var parts []string
	for _, content := range r.Content {
		if t, ok := content.(mcp.TextContent); ok {
			parts = append(parts, t.Text)
		}
	}
	return strings.Join(parts, "\n")
}

// unreachable is the error for a server that could not be asked. An error that is coded already keeps its code.
func (c *caller) unreachable(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("tool server %s: %w", c.name, ctx.Err())
	}
	var coded *fault.Error
	if errors.As(err, &coded) {
		return coded.WithSource("tools:" + c.name)
	}
	if errors.Is(err, context.DeadlineExceeded) { // of the connection, not of the caller
		return fault.Wrap(fault.Timeout, err, "The tool server did not answer in time.").WithSource("tools:" + c.name)
	}
	return fault.Wrap(fault.UpstreamUnavailable, err, "The tool server could not be reached.").WithSource("tools:" + c.name)
}

func (c *caller) nonsense(err error) error {
	return fault.Wrap(fault.UpstreamUnavailable, err, "The tool server sent an answer that cannot be read.").WithSource("tools:" + c.name)
}
