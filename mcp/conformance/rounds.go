package main

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

// seals sign the state that a client carries from round to round: the library does not.
type seals struct{ key []byte }

func (s seals) sum(state string) string {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(state))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func (s seals) seal(state string) string { return state + "." + s.sum(state) }

// open gives the state, and false for what was not sealed here.
func (s seals) open(sealed string) (string, bool) {
	state, sum, ok := strings.Cut(sealed, ".")
	return state, ok && hmac.Equal([]byte(sum), []byte(s.sum(state)))
}

var errState = errors.New("the request state is not one of this server")

// rounds are tools that take several requests until they are done, as 2026-07-28 has it.
func rounds(s *server.MCPServer) {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	seal := seals{key}
	add := func(name string, do func(ctx context.Context, p mcp.CallToolParams) (*mcp.CallToolResult, error)) {
		s.AddTool(mcp.NewTool(name, mcp.WithDescription("Needs several rounds.")), func(ctx context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			return do(ctx, req.Params)
		})
	}
	name := form("What is your name?", `{"name":{"type":"string"}}`, "name")
	confirm := form("Please confirm", `{"ok":{"type":"boolean"}}`, "ok")
	ask := server.NewInputRequestBuilder

	elicited := func(_ context.Context, p mcp.CallToolParams) (*mcp.CallToolResult, error) {
		if r := server.ElicitationResponse(p.InputResponses, "user_name"); r != nil && r.Action != "" {
			return text("Hello!"), nil
		}
		return ask("").Elicit("user_name", name).ToolResult(), nil
	}
	add("test_input_required_result_elicitation", elicited)
	add("test_streaming_elicitation", elicited)
	add("test_input_required_result_sampling", func(_ context.Context, p mcp.CallToolParams) (*mcp.CallToolResult, error) {
		if r := server.SamplingResponse(p.InputResponses, "capital_question"); r != nil {
			return text("The model says: %s", words(r)), nil
		}
		return ask("").Sample("capital_question", question("What is the capital of France?", 100)).ToolResult(), nil
	})
	add("test_input_required_result_list_roots", func(_ context.Context, p mcp.CallToolParams) (*mcp.CallToolResult, error) {
		if r := server.RootsResponse(p.InputResponses, "client_roots"); r != nil {
			return text("%d roots", len(r.Roots)), nil
		}
		return ask("").Roots("client_roots").ToolResult(), nil
	})
	stated := func(_ context.Context, p mcp.CallToolParams) (*mcp.CallToolResult, error) {
		if p.RequestState == "" {
			return ask(seal.seal("confirm")).Elicit("confirm", confirm).ToolResult(), nil
		}
		if state, ok := seal.open(p.RequestState); !ok || state != "confirm" {
			return nil, errState
		}
		return text("state-ok"), nil
	}
	add("test_input_required_result_request_state", stated)
	add("test_input_required_result_tampered_state", stated)
	add("test_input_required_result_multiple_inputs", func(_ context.Context, p mcp.CallToolParams) (*mcp.CallToolResult, error) {
		if state, ok := seal.open(p.RequestState); ok && state == "all" && len(p.InputResponses) == 3 {
			return text("all there"), nil
		}
		return ask(seal.seal("all")).Elicit("user_name", name).Sample("greeting", question("Generate a greeting", 50)).Roots("client_roots").ToolResult(), nil
	})
	add("test_input_required_result_multi_round", func(_ context.Context, p mcp.CallToolParams) (*mcp.CallToolResult, error) {
		switch state, ok := seal.open(p.RequestState); {
		case p.RequestState == "":
			return ask(seal.seal("1")).Elicit("step1", form("Step 1: What is your name?", `{"name":{"type":"string"}}`, "name")).ToolResult(), nil
		case ok && state == "1":
			return ask(seal.seal("2")).Elicit("step2", form("Step 2: What is your favorite color?", `{"color":{"type":"string"}}`, "color")).ToolResult(), nil
		case ok && state == "2":
			return text("done"), nil
		}
		return nil, errState
	})
	add("test_input_required_result_capabilities", func(ctx context.Context, _ mcp.CallToolParams) (*mcp.CallToolResult, error) {
		b := ask("")
		if c := capabilities(ctx); c.Sampling != nil {
			b.Sample("sample", question("Say something", 50))
		} else if c.Elicitation != nil {
			b.Elicit("user_name", name)
		}
		return b.ToolResult(), nil
	})
	add("test_missing_capability", func(ctx context.Context, _ mcp.CallToolParams) (*mcp.CallToolResult, error) {
		if capabilities(ctx).Sampling == nil {
			return nil, mcp.MissingRequiredClientCapabilityError{Capability: "sampling"}
		}
		return text("ok"), nil
	})
}

// capabilities are those that the client declares with a request.
func capabilities(ctx context.Context) mcp.ClientCapabilities {
	if info := server.RequestProtocolInfoFromContext(ctx); info != nil && info.ClientCapabilities != nil {
		return *info.ClientCapabilities
	}
	return mcp.ClientCapabilities{}
}
