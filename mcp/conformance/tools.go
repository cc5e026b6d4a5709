package main

import (
	"context"
	"encoding/json"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

const (
	// image is a PNG of one pixel, sound a WAV of one sample.
	image = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII="
	sound = "UklGRiYAAABXQVZFZm10IBAAAAABAAEARKwAAIhYAQACABAAZGF0YQIAAAAAAA=="

	// dialect has all that the suite looks for in a schema.
	dialect = `{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object",
"$defs":{"address":{"$anchor":"addressDef","type":"object","properties":{"street":{"type":"string"},"city":{"type":"string"}}}},
"properties":{"name":{"type":"string"},"address":{"$ref":"#/$defs/address"},"contactMethod":{"type":"string","enum":["phone","email"]},"phone":{"type":"string"},"email":{"type":"string"}},
"allOf":[{"anyOf":[{"required":["phone"]},{"required":["email"]}]}],
"if":{"properties":{"contactMethod":{"const":"phone"}},"required":["contactMethod"]},"then":{"required":["phone"]},"else":{"required":["email"]},"additionalProperties":false}`

	// region has a parameter that travels in a header too.
	region = `{"type":"object","properties":{"region":{"type":"string","description":"Travels as a header.","x-mcp-header":"Region"}}}`
)

// contents are tools that show one kind of content each.
func contents(s *server.MCPServer) {
	show := func(name string, content ...mcp.Content) {
		s.AddTool(mcp.NewTool(name, mcp.WithDescription("Shows a kind of content.")), func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			return &mcp.CallToolResult{Content: content}, nil
		})
	}
	show("test_simple_text", mcp.NewTextContent("This is a simple text response for testing."))
	show("test_image_content", mcp.NewImageContent(image, "image/png"))
	show("test_audio_content", mcp.NewAudioContent(sound, "audio/wav"))
	show("test_embedded_resource", mcp.NewEmbeddedResource(mcp.TextResourceContents{URI: "test://embedded-resource", MIMEType: "text/plain", Text: "This is an embedded resource content."}))
	show("test_multiple_content_types", mcp.NewTextContent("Multiple content types test:"), mcp.NewImageContent(image, "image/png"),
		mcp.NewEmbeddedResource(mcp.TextResourceContents{URI: "test://mixed-content-resource", MIMEType: "application/json", Text: `{"test":"data","value":123}`}))
	s.AddTool(mcp.NewTool("test_error_handling", mcp.WithDescription("Fails.")), func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return mcp.NewToolResultError("This tool intentionally returns an error for testing"), nil
	})
	said := func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) { return text("ok"), nil }
	s.AddTool(mcp.NewToolWithRawSchema("json_schema_2020_12_tool", "Has a schema with all of the dialect.", json.RawMessage(dialect)), said)
	s.AddTool(mcp.NewToolWithRawSchema("test_custom_header", "Has a parameter that travels in a header.", json.RawMessage(region)), said)
}

// pause lies between two notifications, lull between the last one and the result, for the library loses what is sent right before it.
const (
	pause = 50 * time.Millisecond
	lull  = 20 * time.Millisecond
)

// notifying are tools that say something before they are done.
func notifying(s *server.MCPServer) {
	logs := func(messages ...string) server.ToolHandlerFunc {
		return func(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			for _, m := range messages {
				if err := s.SendLogMessageToClient(ctx, mcp.NewLoggingMessageNotification(mcp.LoggingLevelInfo, "conformance", m)); err != nil {
					return nil, err
				}
				rest(ctx, pause)
			}
			return text("Tool with logging executed successfully"), nil
		}
	}
	s.AddTool(mcp.NewTool("test_tool_with_logging", mcp.WithDescription("Logs three times.")), logs("Tool execution started", "Tool processing data", "Tool execution completed"))
	s.AddTool(mcp.NewTool("test_logging_tool", mcp.WithDescription("Logs once, if it was asked to.")), logs("Tool execution started"))
	s.AddTool(mcp.NewTool("test_tool_with_progress", mcp.WithDescription("Reports progress.")), func(ctx context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		if req.Params.Meta == nil || req.Params.Meta.ProgressToken == nil {
			return text("nobody asked for progress"), nil
		}
		for i, done := range []int{0, 50, 100} {
			if i > 0 {
				rest(ctx, pause)
			}
			if err := s.SendNotificationToClient(ctx, string(mcp.MethodNotificationProgress), map[string]any{"progressToken": req.Params.Meta.ProgressToken, "progress": done, "total": 100}); err != nil {
				return nil, err
			}
		}
		rest(ctx, lull)
		return text("progress reported"), nil
	})
}

// rest waits, unless the request ends.
func rest(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// changing are tools that change what the server offers.
func changing(s *server.MCPServer) {
	change := func(name string, do func()) {
		s.AddTool(mcp.NewTool(name, mcp.WithDescription("Changes a list.")), func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			do()
			return text("changed"), nil
		})
	}
	change("test_trigger_tool_change", func() { s.SendNotificationToAllClients(mcp.MethodNotificationToolsListChanged, nil) })
	change("test_trigger_prompt_change", func() { s.SendNotificationToAllClients(mcp.MethodNotificationPromptsListChanged, nil) })
}
