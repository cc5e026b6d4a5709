package agent_test

import (
	"testing"

	"github.com/resync-hwa/resync/agentsvc"
	"github.com/resync-hwa/resync/agentsvc/agent"
	"github.com/resync-hwa/resync/internal/auth"
)

// BenchmarkOfflineTurn is a whole turn with two tools that cost nothing: what the agent itself spends.
func BenchmarkOfflineTurn(b *testing.B) {
	a, err := agent.New(b.Context(), agent.Options{Caller: plant(), Understander: reader{}})
	if err != nil {
		b.Fatal(err)
	}
	defer a.Close()
	ctx := auth.WithCaller(b.Context(), auth.Caller{ID: "ana"})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := a.Ask(ctx, agentsvc.Question{Text: "diagnose INV_LOAD abended"}, nil); err != nil {
			b.Fatal(err)
		}
	}
}
