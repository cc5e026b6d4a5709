package mcpclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"

	"github.com/resync-hwa/resync/internal/fault"
)

// The bounds of a listing. Every page is bounded in bytes besides.
const (
	maxListed = 1000
	maxPages  = 50
)

// Offered is a tool as a server that is not ours describes it. All of it is untrusted text.
type Offered struct {
	Name        string
	Title       string
	Description string
	InputSchema json.RawMessage
	ReadOnly    *bool // the server's own hint; nil: it says nothing
	Destructive *bool
}

// The kinds of Content.
const (
	Text     = "text"
	Image    = "image"
	Audio    = "audio"
	Resource = "resource" // embedded: with Text, or with bytes that were left behind
	Link     = "link"
	Unknown  = "unknown"
)

// Content is one piece of an answer. Bytes of images and the like are counted and not kept.
type Content struct {
	Kind  string
	Text  string
	Type  string // MIME type
	URI   string
	Name  string
	Bytes int // as they came, in base64
}

// Answer is what a server that is not ours answered to a call. All of it is untrusted.
type Answer struct {
	Content    []Content
	Structured json.RawMessage // empty: none
	Failed     bool            // the server says that the tool failed
}

// ErrRefused is the error of a call that the server answered with an error of the protocol: it is there, and takes no such call. The cause
// holds its words, which are untrusted.
var ErrRefused = fault.New(fault.Invalid, "The MCP server does not take this call.")

// Connection is a connection to a server that is not ours. Its methods are safe for concurrent use; each call is bounded by its
// context alone. Requests of the server (sampling, elicitation, roots) are refused.
type Connection struct {
	caller  *caller
	gone    <-chan struct{}
	changed chan struct{}
}

// Streamable connects to a server over streamable HTTP. The token, which may be empty, is a bearer for that server only.
func Streamable(ctx context.Context, address, token string, o HTTPOptions) (*Connection, error) {
	t, host, err := o.transport(address, token)
	if err != nil {
		return nil, err
	}
	return stranger(ctx, t, host, nil, o.client()...)
}

// Stdio starts a program and speaks with it over its standard input and output. It runs until Close, which ends its children too.
func Stdio(ctx context.Context, p Program) (*Connection, error) {
	t, err := p.start()
	if err != nil {
		return nil, err
	}
	return stranger(ctx, t, p.Command, t.gone)
}

func stranger(ctx context.Context, t transport.Interface, name string, gone <-chan struct{}, options ...client.ClientOption) (*Connection, error) {
	// One round: a server that wants more input than the call gave gets none.
	c, err := open(ctx, t, name, append(options, client.WithMaxInputRoundTrips(1))...)
	if err != nil {
		return nil, errors.Join(err, t.Close())
	}
	out := &Connection{caller: c, gone: gone, changed: make(chan struct{}, 1)}
	c.client.OnNotification(func(n mcp.JSONRPCNotification) {
		if n.Method != mcp.MethodNotificationToolsListChanged {
			return
		}
		select {
		case out.changed <- struct{}{}:
		default:
		}
	})
	return out, nil
}

// Gone is closed when the program has ended or cannot be spoken with any more. It is nil for connections over HTTP.
func (c *Connection) Gone() <-chan struct{} { return c.gone }

// Changed receives after the server said that its list has changed.
func (c *Connection) Changed() <-chan struct{} { return c.changed }

// Close ends the connection, and the program where there is one.
func (c *Connection) Close() error { return c.caller.client.Close() }

// List gives the tools of the server, at most a thousand.
func (c *Connection) List(ctx context.Context) ([]Offered, error) {
	ctx, pages := keepLists(ctx)
	var req mcp.ListToolsRequest
	for n := 0; ; n++ {
		page, err := c.caller.client.ListToolsByPage(ctx, req)
		if err != nil {
			return nil, c.caller.unreachable(ctx, err)
		}
		if page.NextCursor == "" {
			break
		}
		if n == maxPages || len(page.Tools) == 0 || page.NextCursor == req.Params.Cursor {
			return nil, c.caller.nonsense(errors.New("the list has no end"))
		}
		req.Params.Cursor = page.NextCursor
	}
	var out []Offered
	for _, page := range *pages {
		var list struct {
			Tools []struct {
				description
				Annotations struct {
					ReadOnly    *bool `json:"readOnlyHint"`
					Destructive *bool `json:"destructiveHint"`
				} `json:"annotations"`
			} `json:"tools"`
		}
		if err := json.Unmarshal(page, &list); err != nil {
			return nil, c.caller.nonsense(err)
		}
		for _, d := range list.Tools {
			out = append(out, Offered{Name: d.Name, Title: d.Title, Description: d.Description, InputSchema: d.InputSchema,
				ReadOnly: d.Annotations.ReadOnly, Destructive: d.Annotations.Destructive})
		}
		if len(out) > maxListed {
			return nil, c.caller.nonsense(fmt.Errorf("more than %d tools", maxListed))
		}
	}
	return out, nil
}

// Call calls a tool. A tool that failed is an Answer; the error says that there is none: ErrRefused when the server does not take the call.
func (c *Connection) Call(ctx context.Context, name string, args json.RawMessage) (Answer, error) {
	req := mcp.CallToolRequest{}
	req.Params.Name = name
	if len(args) > 0 {
		req.Params.Arguments, req.Params.RawArguments = args, args
	}
	r, err := c.caller.client.CallTool(ctx, req)
	switch {
	case ctx.Err() != nil:
		return Answer{}, fmt.Errorf("call tool %s %s: %w", name, c.caller.name, ctx.Err())
	case errors.Is(err, mcp.ErrInvalidParams), errors.Is(err, mcp.ErrMethodNotFound), errors.Is(err, mcp.ErrInvalidRequest):
		return Answer{}, fmt.Errorf("%w: %w", ErrRefused, err)
	case err != nil:
		return Answer{}, c.caller.unreachable(ctx, err)
	}
	a := Answer{Structured: r.RawStructuredContent, Failed: r.IsError}
	for _, piece := range r.Content {
		a.Content = append(a.Content, content(piece))
	}
	return a, nil
}

func content(c mcp.Content) Content {
	switch c := c.(type) {
	case mcp.TextContent:
		return Content{Kind: Text, Text: c.Text}
	case mcp.ImageContent:
		return Content{Kind: Image, Type: c.MIMEType, Bytes: len(c.Data)}
	case mcp.AudioContent:
		return Content{Kind: Audio, Type: c.MIMEType, Bytes: len(c.Data)}
	case mcp.ResourceLink:
		return Content{Kind: Link, URI: c.URI, Name: c.Name, Type: c.MIMEType, Text: c.Description}
	case mcp.EmbeddedResource:
		switch r := c.Resource.(type) {
		case mcp.TextResourceContents:
			return Content{Kind: Resource, URI: r.URI, Type: r.MIMEType, Text: r.Text}
		case mcp.BlobResourceContents:
			return Content{Kind: Resource, URI: r.URI, Type: r.MIMEType, Bytes: len(r.Blob)}
		}
	}
	return Content{Kind: Unknown}
}
