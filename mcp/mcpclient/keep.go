package mcpclient

import (
	"context"
	"encoding/json"

	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"
)

// The library decodes schemas into maps, which loses the order of their members. The transport below it sees the raw
// answer; it leaves the answers to tools/list with whoever asks for them through the context.

type listsKey struct{}

// keepLists returns a context under which answers to tools/list are kept.
func keepLists(ctx context.Context) (context.Context, *[]json.RawMessage) {
	pages := new([]json.RawMessage)
	return context.WithValue(ctx, listsKey{}, pages), pages
}

func keep(ctx context.Context, req transport.JSONRPCRequest, resp *transport.JSONRPCResponse) {
	pages, ok := ctx.Value(listsKey{}).(*[]json.RawMessage)
	if ok && resp != nil && resp.Error == nil && req.Method == string(mcp.MethodToolsList) {
		*pages = append(*pages, resp.Result)
	}
}

// local is a transport within the process that keeps lists.
type local struct{ transport.Interface }

// SendRequest sends and keeps.
func (t local) SendRequest(ctx context.Context, req transport.JSONRPCRequest) (*transport.JSONRPCResponse, error) {
	resp, err := t.Interface.SendRequest(ctx, req)
	keep(ctx, req, resp)
	return resp, err
}

// remote is the HTTP transport that keeps lists. It stays recognisable as one by its other methods.
type remote struct{ *transport.StreamableHTTP }

// SendRequest sends and keeps.
func (t remote) SendRequest(ctx context.Context, req transport.JSONRPCRequest) (*transport.JSONRPCResponse, error) {
	resp, err := t.StreamableHTTP.SendRequest(ctx, req)
	keep(ctx, req, resp)
	return resp, err
}
