package main

import (
	"context"
	"encoding/json"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

// patience is how long a client may think about what it is asked; the library would wait for ever.
const patience = 3 * time.Second

// asking are tools that ask the client something in the middle of a call, as the revisions before 2026-07-28 have it.
func asking(s *server.MCPServer) {
	s.AddTool(mcp.NewTool("test_sampling", mcp.WithDescription("Asks the client's model."), mcp.WithString("prompt", mcp.Required())),
		func(ctx context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			ctx, cancel := context.WithTimeout(ctx, patience)
			defer cancel()
			ask := mcp.CreateMessageRequest{CreateMessageParams: question(req.GetString("prompt", ""), 100)}
			ask.Method = string(mcp.MethodSamplingCreateMessage)
			got, err := s.RequestSampling(ctx, ask) //nolint:staticcheck // gone with 2026-07-28, but part of what the suite asks of the older revisions
			if err != nil {
				return mcp.NewToolResultError("the client did not answer"), nil //nolint:nilerr // a tool's error
			}
			return text("LLM response: %s", words(got)), nil
		})
	elicit := func(name, schema string, options ...mcp.ToolOption) {
		s.AddTool(mcp.NewTool(name, append(options, mcp.WithDescription("Asks the person."))...), func(ctx context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			ctx, cancel := context.WithTimeout(ctx, patience)
			defer cancel()
			ask := mcp.ElicitationRequest{Params: form(req.GetString("message", "Please fill this in."), schema)}
			ask.Method = string(mcp.MethodElicitationCreate)
			got, err := s.RequestElicitation(ctx, ask)
			if err != nil {
				return mcp.NewToolResultError("the client did not answer"), nil //nolint:nilerr // a tool's error
			}
			content, err := json.Marshal(got.Content)
			return text("Elicitation completed: action=%s, content=%s", got.Action, content), err
		})
	}
	elicit("test_elicitation", `{"username":{"type":"string","description":"User's response"},"email":{"type":"string","description":"User's email address"}}`,
		mcp.WithString("message", mcp.Required()))
	elicit("test_elicitation_sep1034_defaults", `{"name":{"type":"string","default":"John Doe"},"age":{"type":"integer","default":30},"score":{"type":"number","default":95.5},
"status":{"type":"string","enum":["active","inactive","pending"],"default":"active"},"verified":{"type":"boolean","default":true}}`)
	elicit("test_elicitation_sep1330_enums", `{"untitledSingle":{"type":"string","enum":["option1","option2","option3"]},
"titledSingle":{"type":"string","oneOf":[{"const":"value1","title":"First"},{"const":"value2","title":"Second"},{"const":"value3","title":"Third"}]},
"legacyEnum":{"type":"string","enum":["opt1","opt2","opt3"],"enumNames":["One","Two","Three"]},
"untitledMulti":{"type":"array","items":{"type":"string","enum":["option1","option2","option3"]}},
"titledMulti":{"type":"array","items":{"anyOf":[{"const":"value1","title":"First"},{"const":"value2","title":"Second"},{"const":"value3","title":"Third"}]}}}`)
}

// form asks for the properties of an object; all of those that have no default of their own are required where only they are given.
func form(message, properties string, required ...string) mcp.ElicitationParams {
	schema := map[string]any{"type": "object", "properties": json.RawMessage(properties)}
	if len(required) > 0 {
		schema["required"] = required
	}
	return mcp.ElicitationParams{Message: message, RequestedSchema: schema}
}

// question is one for a model.
func question(prompt string, tokens int) mcp.CreateMessageParams {
	return mcp.CreateMessageParams{Messages: []mcp.SamplingMessage{{Role: mcp.RoleUser, Content: mcp.NewTextContent(prompt)}}, MaxTokens: tokens}
}

// words are the text of a model's answer.
func words(r *mcp.CreateMessageResult) string {
	if r == nil {
		return ""
	}
	if content, ok := r.Content.(mcp.TextContent); ok {
		return content.Text
	}
	return ""
}
