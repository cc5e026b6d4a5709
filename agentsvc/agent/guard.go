package agent

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/firebase/genkit/go/ai"
)

const (
	// invalidTool stands in for whatever a model calls that it was not offered.
	invalidTool = "invalid_tool"
	// maxRequests bounds the calls that one message of a model may ask for; Genkit starts a goroutine for each. What comes after is dropped.
	maxRequests = 32
	// maxArguments bounds the arguments of one call, in bytes.
	maxArguments = 32 << 10
)

// errGone ends a tool that answers after its turn.
var errGone = errors.New("the turn is over")

// refusedTool is registered, since Genkit looks tools up by name, and never offered.
func refusedTool() *ai.ToolAction[any, any] {
	return ai.NewTool(invalidTool, "Refuses calls of tools that were not offered.", func(*ai.ToolContext, any) (any, error) {
		return refusal("That tool is not offered. Use one of the tools in the request."), nil
	})
}

func refusal(text string) map[string]any {
	return map[string]any{"error": map[string]any{"code": "invalid", "message": text}}
}

// guard is the middleware of every Generate (field notes on Genkit): a last answer without tools, tools in a stable order, only offered tools
// run, and no error or panic of a tool ends the turn.
func (t *turn) guard() ai.Middleware {
	return ai.MiddlewareFunc(func(context.Context) (*ai.Hooks, error) {
		return &ai.Hooks{WrapGenerate: t.wrapGenerate, WrapModel: t.wrapModel, WrapTool: t.wrapTool}, nil
	})
}

func (t *turn) wrapGenerate(ctx context.Context, p *ai.GenerateParams, next ai.GenerateNext) (*ai.ModelResponse, error) {
	if p.Iteration >= t.rounds()-1 {
		req := *p.Request
		req.Tools, req.ToolChoice = nil, ""
		q := *p
		q.Request = &req
		p = &q
	}
	return next(ctx, p)
}

func (t *turn) wrapModel(ctx context.Context, p *ai.ModelParams, next ai.ModelNext) (*ai.ModelResponse, error) {
	slices.SortFunc(p.Request.Tools, func(a, b *ai.ToolDefinition) int { return strings.Compare(a.Name, b.Name) })
	offered := map[string]bool{}
	for _, d := range p.Request.Tools {
		offered[d.Name] = true
	}
	t.beginText()
	resp, err := next(ctx, p)
	if err != nil {
		return nil, err
	}
	if resp.Message != nil {
		keepRequests(resp.Message, p.Request.Tools)
	}
	t.endText(len(resp.ToolRequests()) > 0, resp.FinishReason == ai.FinishReasonLength)
	for _, part := range resp.ToolRequests() {
		r := part.ToolRequest
		if !offered[r.Name] || !t.offers(r.Name) {
			r.Input = map[string]any{"asked": r.Name}
			r.Name = invalidTool
		}
	}
	t.reserve(resp)
	return resp, nil
}

// keepRequests drops calls from a message: all where no tool was offered, since the answer is due and would otherwise be followed by one more
// round, and what goes beyond maxRequests.
func keepRequests(m *ai.Message, offered []*ai.ToolDefinition) {
	most := maxRequests
	if len(offered) == 0 {
		most = 0
	}
	n := 0
	m.Content = slices.DeleteFunc(slices.Clone(m.Content), func(part *ai.Part) bool {
		if !part.IsToolRequest() {
			return false
		}
		n++
		return n > most
	})
}

// wrapTool makes the call itself: events, ledger and model see the same complete arguments, and the tool kernel checks them.
func (t *turn) wrapTool(ctx context.Context, p *ai.ToolParams, next ai.ToolNext) (resp *ai.MultipartToolResponse, err error) {
	defer func() {
		if v := recover(); v != nil {
			t.agent.o.Logger.Error("tool panicked", "tool", p.Request.Name, "panic", fmt.Sprint(v))
			resp, err = &ai.MultipartToolResponse{Output: refusal("The tool failed inside.")}, nil
		}
	}()
	// Nothing but the agent runs a tool: next would run whatever Genkit knows by that name, offered or not.
	if !t.offers(p.Request.Name) {
		return &ai.MultipartToolResponse{Output: refusal("That tool is not offered. Use one of the tools in the request.")}, nil
	}
	args, err := arguments(p.Request.Input)
	if err != nil {
		return &ai.MultipartToolResponse{Output: refusal("The arguments are no JSON object of a fair size.")}, nil
	}
	s := t.slot(p.Request.Ref, p.Request.Name, args, 0)
	if s == nil {
		return &ai.MultipartToolResponse{Output: refusal("Enough tools were called. Answer from what is known.")}, nil
	}
	if !t.mayAsk(s) {
		return &ai.MultipartToolResponse{Output: refusal("That server was asked often enough for this question. Answer from what is known.")}, nil
	}
	call, repeated, ok := t.call(ctx, s)
	// A turn that is over ends with this error; the calls beside this one share its context, and their events go nowhere.
	if ctx.Err() != nil || !ok {
		return nil, cmp.Or(ctx.Err(), errGone)
	}
	out := t.shown(s.index, call)
	if repeated {
		out["repeated"] = "This call was made already in this turn; this is its result. Do not ask again."
	}
	return &ai.MultipartToolResponse{Output: out}, nil
}

// arguments mends what models send instead of an object: nothing, an empty text, an object as text.
func arguments(input any) (json.RawMessage, error) {
	if s, ok := input.(string); ok {
		if strings.TrimSpace(s) == "" {
			return json.RawMessage("{}"), nil
		}
		input = json.RawMessage(s)
	}
	if input == nil {
		return json.RawMessage("{}"), nil
	}
	b, err := json.Marshal(input)
	if err != nil {
		return nil, err
	}
	if len(b) > maxArguments {
		return nil, errors.New("the arguments are too long")
	}
	var m map[string]json.RawMessage
	if err := json.Unmarshal(b, &m); err != nil {
		return nil, err
	}
	if m == nil {
		return json.RawMessage("{}"), nil
	}
	return b, nil
}
