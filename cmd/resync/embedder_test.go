package main

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/config"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/knowledge"
	"github.com/resync-hwa/resync/knowledge/index/indextest"
	"github.com/resync-hwa/resync/knowledge/library"
)

// TestEmbedderOfTheConfiguration goes from settings over HTTP into a base and back: what the settings say is what the server is asked.
func TestEmbedderOfTheConfiguration(t *testing.T) {
	var seen struct {
		Model string   `json:"model"`
		Input []string `json:"input"`
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen.Input = nil
		if json.NewDecoder(r.Body).Decode(&seen) != nil || r.URL.Path != "/api/embed" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		out := make([][]float64, len(seen.Input))
		for i, text := range seen.Input {
			out[i] = []float64{float64(len(text)), 1, 2}
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"embeddings": out})
	}))
	t.Cleanup(s.Close)
	if c, err := newEmbedder(config.Embedder{Provider: "none"}, time.Now, slog.New(slog.DiscardHandler)); c != nil || err != nil {
		t.Fatalf("%v, %v", c, err)
	}
	if _, err := newEmbedder(config.Embedder{Provider: "ollama", Endpoint: s.URL}, time.Now, nil); !fault.Is(err, fault.Invalid) {
		t.Errorf("err = %v", err)
	}
	c, err := newEmbedder(config.Embedder{Provider: "ollama", Endpoint: s.URL, Model: "nomic", QueryPrefix: "q: ", DocumentPrefix: "d: "}, time.Now, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	shelf := library.NewMemory()
	b, err := knowledge.Over(t.Context(), knowledge.Parts{Shelf: shelf, Index: indextest.NewOracle(), Model: c.Space(), Questions: c.Questions(), Documents: c.Documents()})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Sync(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if seen.Model != "nomic" || len(seen.Input) != 1 || seen.Input[0][:3] != "d: " {
		t.Errorf("asked %+v", seen)
	}
	b.SetWeight(knowledge.Weight{Alpha: 0.2, Model: c.Space()})
	if _, err := b.Search(t.Context(), knowledge.Query{Text: "agent unlinked"}); err != nil || len(seen.Input) != 1 || seen.Input[0] != "q: agent unlinked" {
		t.Errorf("asked %+v, %v", seen, err)
	}
}
