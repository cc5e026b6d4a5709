package main

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

func resources(s *server.MCPServer) {
	static := func(name, mime string, content mcp.ResourceContents) {
		s.AddResource(mcp.NewResource("test://"+name, name, mcp.WithResourceDescription("A resource for testing."), mcp.WithMIMEType(mime)),
			func(context.Context, mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
				return []mcp.ResourceContents{content}, nil
			})
	}
	static("static-text", "text/plain", mcp.TextResourceContents{URI: "test://static-text", MIMEType: "text/plain", Text: "This is the content of the static text resource."})
	static("static-binary", "image/png", mcp.BlobResourceContents{URI: "test://static-binary", MIMEType: "image/png", Blob: image})
	static("watched-resource", "text/plain", mcp.TextResourceContents{URI: "test://watched-resource", MIMEType: "text/plain", Text: "This is watched."})
	s.AddResourceTemplate(mcp.NewResourceTemplate("test://template/{id}/data", "template", mcp.WithTemplateDescription("A template for testing."), mcp.WithTemplateMIMEType("application/json")),
		func(_ context.Context, req mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
			id := strings.TrimSuffix(strings.TrimPrefix(req.Params.URI, "test://template/"), "/data")
			body, err := json.Marshal(map[string]any{"id": id, "templateTest": true, "data": "Data for ID: " + id})
			return []mcp.ResourceContents{mcp.TextResourceContents{URI: req.Params.URI, MIMEType: "application/json", Text: string(body)}}, err
		})
}

func prompts(s *server.MCPServer) {
	add := func(p mcp.Prompt, messages func(args map[string]string) []mcp.PromptMessage) {
		s.AddPrompt(p, func(_ context.Context, req mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
			return &mcp.GetPromptResult{Messages: messages(req.Params.Arguments)}, nil
		})
	}
	say := func(c mcp.Content) mcp.PromptMessage { return mcp.NewPromptMessage(mcp.RoleUser, c) }
	about := mcp.WithPromptDescription("A prompt for testing.")
	add(mcp.NewPrompt("test_simple_prompt", about), func(map[string]string) []mcp.PromptMessage {
		return []mcp.PromptMessage{say(mcp.NewTextContent("This is a simple prompt for testing."))}
	})
	add(mcp.NewPrompt("test_prompt_with_arguments", about, mcp.WithArgument("arg1", mcp.RequiredArgument()), mcp.WithArgument("arg2", mcp.RequiredArgument())),
		func(args map[string]string) []mcp.PromptMessage {
			return []mcp.PromptMessage{say(mcp.NewTextContent("Prompt with arguments: arg1='" + args["arg1"] + "', arg2='" + args["arg2"] + "'"))}
		})
	add(mcp.NewPrompt("test_prompt_with_embedded_resource", about, mcp.WithArgument("resourceUri", mcp.RequiredArgument())), func(args map[string]string) []mcp.PromptMessage {
		return []mcp.PromptMessage{say(mcp.NewEmbeddedResource(mcp.TextResourceContents{URI: args["resourceUri"], MIMEType: "text/plain", Text: "Embedded resource content for testing."})),
			say(mcp.NewTextContent("Please process the embedded resource above."))}
	})
	add(mcp.NewPrompt("test_prompt_with_image", about), func(map[string]string) []mcp.PromptMessage {
		return []mcp.PromptMessage{say(mcp.NewImageContent(image, "image/png")), say(mcp.NewTextContent("Please analyze the image above."))}
	})
	s.AddPrompt(mcp.NewPrompt("test_input_required_result_prompt", about), func(_ context.Context, req mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
		if r := server.ElicitationResponse(req.Params.InputResponses, "user_context"); r != nil {
			return &mcp.GetPromptResult{Messages: []mcp.PromptMessage{say(mcp.NewTextContent("Use the context."))}}, nil
		}
		return server.NewInputRequestBuilder("").Elicit("user_context", form("What context should the prompt use?", `{"context":{"type":"string"}}`, "context")).PromptResult(), nil
	})
}

// cities complete the arguments of prompts.
type cities struct{}

// CompletePromptArgument gives the cities that begin as the argument does.
func (cities) CompletePromptArgument(_ context.Context, _ string, arg mcp.CompleteArgument, _ mcp.CompleteContext) (*mcp.Completion, error) {
	c := &mcp.Completion{Values: []string{}}
	for _, city := range []string{"paris", "porto", "prague"} {
		if strings.HasPrefix(city, strings.ToLower(arg.Value)) {
			c.Values = append(c.Values, city)
		}
	}
	c.Total = len(c.Values)
	return c, nil
}
