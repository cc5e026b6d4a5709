package main

import (
	"context"
	"fmt"
	"time"

	"github.com/resync-hwa/resync/agentsvc/agent/llm"
	"github.com/resync-hwa/resync/internal/config"
)

// models are the configured language models in the order in which they are asked.
func models(l config.LLM) []llm.Settings {
	var out []llm.Settings
	for _, m := range l.Models {
		out = append(out, llm.Settings{Name: m.Name, Provider: m.Provider, Endpoint: m.Endpoint, APIKey: m.APIKey.Reveal(), Model: m.Model, MaxTokens: m.MaxTokens, Temperature: m.Temperature,
			Timeout: m.Timeout, FirstByte: m.FirstByte, Between: m.Chunk, ContextTokens: m.ContextTokens, KeepAlive: m.KeepAlive, CAFile: m.CAFile})
	}
	return out
}

// modelName names the model that is asked first as people know it.
func modelName(l config.LLM) string {
	if len(l.Models) > 0 {
		return l.Models[0].Model
	}
	return "offline"
}

// examineModels asks each configured model for one word; nothing is found where none is configured.
func (p *program) examineModels(ctx context.Context, s *site) ([]finding, error) {
	chain, err := llm.New(llm.Options{Now: p.clock, Logger: s.logger}, models(s.cfg.LLM)...)
	if err != nil {
		return nil, err
	}
	defer chain.Close()
	var out []finding
	for _, m := range chain.Models() {
		took, err := m.Ask(ctx)
		out = append(out, outcome("", "model "+m.Name(), err, fmt.Sprintf("%s over %s, %s", m.Label(), m.Provider(), took.Round(time.Millisecond))))
	}
	return out, nil
}
