// Command gosdk offers the tool with the official Go SDK, which always validates.
package main

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/resync-hwa/resync/mcp/bench/jobs"
)

func main() {
	plan := jobs.New()
	server := mcp.NewServer(&mcp.Implementation{Name: "bench", Version: "1"}, nil)
	mcp.AddTool(server, &mcp.Tool{Name: jobs.Name, Title: jobs.Title, Description: jobs.Description, InputSchema: json.RawMessage(jobs.InputSchema), OutputSchema: json.RawMessage(jobs.OutputSchema)},
		func(_ context.Context, _ *mcp.CallToolRequest, in jobs.In) (*mcp.CallToolResult, jobs.Out, error) {
			return nil, plan.List(in), nil // the text is made of the structure by the SDK
		})
	jobs.Serve(
		func() error { return server.Run(context.Background(), &mcp.StdioTransport{}) },
		func() http.Handler {
			return mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return server }, &mcp.StreamableHTTPOptions{Stateless: true, JSONResponse: true})
		})
}
