package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/firebase/genkit/go/ai"
	"github.com/firebase/genkit/go/core/status"
)

const (
	// maxIterations is how often a model may call tools before it has to answer.
	maxIterations = 4
	// maxModelCalls bounds the tool calls that a model may make in one turn.
	maxModelCalls = 8
	// invalidTool stands in for whatever a model calls that it was not offered.
	invalidTool = "invalid_tool"
)

var (
	errEmptyAnswer = errors.New("the model's answer was empty")
	errUnfinished  = errors.New("the model did not finish its answer")
)

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
	if p.Iteration >= maxIterations {
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
	resp, err := t.once(ctx, p, next)
	// One more try where the server answered nothing usable and nothing was shown yet; a refused or unreachable server is not asked again.
	if retryable(err) && !t.spoke() && ctx.Err() == nil {
		resp, err = t.once(ctx, p, next)
	}
	if err != nil {
		return nil, err
	}
	for _, part := range resp.ToolRequests() {
		r := part.ToolRequest
		if !offered[r.Name] {
			r.Input = map[string]any{"asked": r.Name}
			r.Name = invalidTool
		}
	}
	t.reserve(resp)
	return resp, nil
}

// once calls the model and judges whether what came is an answer.
func (t *turn) once(ctx context.Context, p *ai.ModelParams, next ai.ModelNext) (*ai.ModelResponse, error) {
	t.beginText()
	resp, err := next(ctx, p)
	if err != nil {
		return nil, err
	}
	t.count(resp.Usage)
	calls := len(resp.ToolRequests()) > 0
	switch resp.FinishReason {
	case ai.FinishReasonBlocked, ai.FinishReasonAborted, ai.FinishReasonOther:
		return nil, fmt.Errorf("%w: %s", errUnfinished, resp.FinishReason)
	}
	if !calls && strings.TrimSpace(resp.Text()) == "" {
		return nil, errEmptyAnswer
	}
	t.endText(calls, resp.FinishReason == ai.FinishReasonLength)
	return resp, nil
}

func retryable(err error) bool {
	return err != nil && (errors.Is(err, errEmptyAnswer) || errors.Is(err, status.ErrInvalidOutput))
}

// wrapTool makes the call itself: events, ledger and model see the same complete arguments, and the tool kernel checks them.
func (t *turn) wrapTool(ctx context.Context, p *ai.ToolParams, next ai.ToolNext) (resp *ai.MultipartToolResponse, err error) {
	defer func() {
		if v := recover(); v != nil {
			t.agent.o.Logger.Error("tool panicked", "tool", p.Request.Name, "panic", fmt.Sprint(v))
			resp, err = &ai.MultipartToolResponse{Output: refusal("The tool failed inside.")}, nil
		}
	}()
	if p.Request.Name == invalidTool {
		return &ai.MultipartToolResponse{Output: refusal("That tool is not offered. Use one of the tools in the request.")}, nil
	}
	if !t.offers(p.Request.Name) {
		return next(ctx, p)
	}
	args, err := arguments(p.Request.Input)
	if err != nil {
		return &ai.MultipartToolResponse{Output: refusal("The arguments are no JSON object.")}, nil
	}
	if !t.mayAsk(p.Request.Name) {
		return &ai.MultipartToolResponse{Output: refusal("That server was asked often enough for this question. Answer from what is known.")}, nil
	}
	call, ok := t.call(ctx, p.Request.Ref, p.Request.Name, args)
	if !ok {
		return &ai.MultipartToolResponse{Output: refusal("Enough tools were called. Answer from what is known.")}, nil
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return &ai.MultipartToolResponse{Output: t.shown(call)}, nil
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
	var m map[string]json.RawMessage
	if err := json.Unmarshal(b, &m); err != nil {
		return nil, err
	}
	if m == nil {
		return json.RawMessage("{}"), nil
	}
	return b, nil
}
