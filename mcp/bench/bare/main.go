// Command bare offers the tool with mcp-go and nothing else, its validation of input and output switched on.
package main

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"github.com/resync-hwa/resync/mcp/bench/jobs"
)

func main() {
	plan := jobs.New()
	core := server.NewMCPServer("bench", "1", server.WithInputSchemaValidation(), server.WithOutputSchemaValidation())
	tool := mcp.NewToolWithRawSchema(jobs.Name, jobs.Description, json.RawMessage(jobs.InputSchema))
	tool.RawOutputSchema = json.RawMessage(jobs.OutputSchema)
	core.AddTool(tool, mcp.NewTypedToolHandler(func(_ context.Context, _ mcp.CallToolRequest, in jobs.In) (*mcp.CallToolResult, error) {
		out := plan.List(in)
		return mcp.NewToolResultStructured(out, out.Text()), nil
	}))
	jobs.Serve(
		func() error { return server.ServeStdio(core) },
		func() http.Handler {
			return server.NewStreamableHTTPServer(core, server.WithStateLess(true), server.WithDisableStreaming(true))
		})
}
