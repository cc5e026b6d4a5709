package agent

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/firebase/genkit/go/ai"
	"github.com/firebase/genkit/go/genkit"
	"go.opentelemetry.io/otel"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/resync-hwa/resync/agentsvc/agent/llm"
	"github.com/resync-hwa/resync/agentsvc/offline"
	"github.com/resync-hwa/resync/internal/fault"
)

// Genkit's names of the two models: rules and templates without any network, and the chain of configured models.
const (
	offlineModel = "offline/rules"
	chainModel   = "llm/chain"
)

// offlineLabel is how answers name the first of them.
const offlineLabel = "offline"

// start brings Genkit up with the configured models and the offline rules beside them. Genkit panics where others return errors.
func (a *Agent) start(ctx context.Context) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fault.Wrap(fault.Internal, fmt.Errorf("genkit: %v", p), "The agent could not be started.")
		}
	}()
	if a.chain, err = llm.New(llm.Options{Now: a.o.Now, Logger: a.o.Logger}, a.o.Models...); err != nil {
		return err
	}
	ensureTracing()
	// Else Genkit reads whatever lies in ./prompts; our prompts are the roster's.
	a.g = genkit.Init(ctx, genkit.WithPromptFS(embed.FS{}), genkit.WithPromptDir("."))
	genkit.DefineModelAction(a.g, offlineModel, &ai.ModelOptions{Supports: supports()}, offlineRules)
	genkit.DefineModelAction(a.g, chainModel, &ai.ModelOptions{Supports: supports()}, chainAnswers)
	genkit.RegisterAction(a.g, refusedTool())
	a.flow = genkit.DefineStreamingFlow(a.g, "answer", runFlow)
	return nil
}

func supports() *ai.ModelSupports {
	return &ai.ModelSupports{Multiturn: true, Tools: true, SystemRole: true, ToolChoice: true}
}

// ensureTracing sets a provider of the SDK that records nothing, unless the program has set its own.
func ensureTracing() {
	if _, ok := otel.GetTracerProvider().(*sdktrace.TracerProvider); !ok {
		otel.SetTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.NeverSample())))
	}
}

// offlineRules is the offline model: the next calls, or the sentences of the answer. The turn travels in the context.
func offlineRules(ctx context.Context, req *ai.ModelRequest, _ struct{}, _ ai.ModelStreamCallback) (*ai.ModelResponse, error) {
	t, err := turnOf(ctx)
	if err != nil {
		return nil, err
	}
	step := offline.Next(t.state(offline.MaxCalls))
	message := &ai.Message{Role: ai.RoleModel}
	// With no tools offered the answer is due, whatever else there would be to ask.
	if len(req.Tools) == 0 {
		step.Calls, step.Sentences = nil, offline.Sentences(t.state(offline.MaxCalls))
	}
	for _, c := range step.Calls {
		message.Content = append(message.Content, ai.NewToolRequestPart(&ai.ToolRequest{Name: c.Name, Input: c.Args}))
	}
	if len(step.Sentences) > 0 {
		text := strings.Join(step.Sentences, "")
		message.Content = append(message.Content, ai.NewTextPart(text))
		t.Hear(text)
	}
	return &ai.ModelResponse{Request: req, FinishReason: ai.FinishReasonStop, Message: message, Usage: &ai.GenerationUsage{}}, nil
}

// chainAnswers is the configured models as one: whichever of them answers.
func chainAnswers(ctx context.Context, req *ai.ModelRequest, _ struct{}, _ ai.ModelStreamCallback) (*ai.ModelResponse, error) {
	t, err := turnOf(ctx)
	if err != nil {
		return nil, err
	}
	r, err := t.request(ctx, req)
	if err != nil {
		return nil, err
	}
	resp, err := t.talk.Generate(ctx, r)
	if err != nil {
		return nil, err
	}
	t.voice.model = resp.Model.Label()
	message := &ai.Message{Role: ai.RoleModel}
	if resp.Text != "" {
		message.Content = append(message.Content, ai.NewTextPart(resp.Text))
	}
	for _, c := range resp.Calls {
		var input any
		if err := json.Unmarshal(c.Args, &input); err != nil {
			return nil, fmt.Errorf("arguments of %s: %w", c.Name, err)
		}
		part := ai.NewToolRequestPart(&ai.ToolRequest{Name: c.Name, Ref: c.ID, Input: input})
		if c.Signature != "" {
			part.Metadata = map[string]any{signedKey: c.Signature, signerKey: c.By}
		}
		message.Content = append(message.Content, part)
	}
	finish := ai.FinishReasonStop
	if resp.Cut {
		finish = ai.FinishReasonLength
	}
	return &ai.ModelResponse{Request: req, FinishReason: finish, Message: message}, nil
}

// Under these keys a call carries what its model wants back with it.
const (
	signedKey = "signature"
	signerKey = "by"
)

// request says in our own words what Genkit wants of a model.
func (t *turn) request(ctx context.Context, req *ai.ModelRequest) (llm.Request, error) {
	r := llm.Request{MaxTokens: t.who.Limits.MaxTokens, Facts: func(n int) string { return t.facts(ctx, n) }}
	for _, d := range req.Tools {
		r.Tools = append(r.Tools, llm.Tool{Name: d.Name, Description: d.Description, Schema: d.InputSchema})
	}
	for _, m := range req.Messages {
		msg := llm.Message{Role: llm.User, Text: m.Text()}
		switch m.Role {
		case ai.RoleSystem:
			r.System += m.Text()
			continue
		case ai.RoleModel:
			msg.Role = llm.Assistant
		case ai.RoleTool:
			msg.Role, msg.Text = llm.Results, ""
		case ai.RoleUser:
		}
		for _, p := range m.Content {
			if err := into(&msg, p); err != nil {
				return llm.Request{}, err
			}
		}
		r.Messages = append(r.Messages, msg)
	}
	return r, nil
}

// into adds a call or a result to a message.
func into(msg *llm.Message, p *ai.Part) error {
	switch {
	case p.IsToolRequest():
		args, err := json.Marshal(p.ToolRequest.Input)
		if err != nil {
			return fmt.Errorf("arguments of %s: %w", p.ToolRequest.Name, err)
		}
		c := llm.Call{ID: p.ToolRequest.Ref, Name: p.ToolRequest.Name, Args: args}
		c.Signature, _ = p.Metadata[signedKey].(string)
		c.By, _ = p.Metadata[signerKey].(string)
		msg.Calls = append(msg.Calls, c)
	case p.IsToolResponse():
		out, err := json.Marshal(p.ToolResponse.Output)
		if err != nil {
			return fmt.Errorf("result of %s: %w", p.ToolResponse.Name, err)
		}
		x := llm.Result{ID: p.ToolResponse.Ref, Name: p.ToolResponse.Name, Output: string(out)}
		if shown, ok := p.ToolResponse.Output.(map[string]any); ok {
			x.Shorter = func(n int) string { return shorter(shown, n) }
		}
		msg.Results = append(msg.Results, x)
	}
	return nil
}
