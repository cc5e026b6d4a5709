package agent_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/agentsvc"
)

// TestDiagnosisComesBeforeASlowModel: what the tools know is told at once; a model that has not said a word yet holds nothing up.
func TestDiagnosisComesBeforeASlowModel(t *testing.T) {
	a, server, _, _ := withRecall(t, reply{hang: true})
	ctx, cancel := context.WithTimeout(ctxOf(t), 10*time.Second)
	defer cancel()
	var kinds []agentsvc.EventType
	_, err := a.Ask(ctx, agentsvc.Question{Text: "diagnose INV_LOAD abended"}, func(e agentsvc.Event) {
		kinds = append(kinds, e.Type)
		if e.Type == agentsvc.EventDiagnosis {
			cancel() // it is seen: who asked goes
		}
	})
	if !slices.Contains(kinds, agentsvc.EventDiagnosis) || slices.Contains(kinds, agentsvc.EventDelta) {
		t.Errorf("events = %v, error = %v, %d requests to the model", kinds, err, len(server.requests()))
	}
}

// TestDiagnosisIsToldOnce: calls that a model adds are followed by the diagnosis as it then stands, and words alone by none.
func TestDiagnosisIsToldOnce(t *testing.T) {
	for name, c := range map[string]struct {
		replies []reply
		most    int
	}{
		"words only":          {[]reply{good}, 1},
		"the same call again": {[]reply{asksTool, good}, 2},
	} {
		a, _, _, _ := withRecall(t, c.replies...)
		_, h := ask(t, a, "diagnose INV_LOAD abended")
		got := h.types()
		if n := strings.Count(got, "diagnosis"); n < 1 || n > c.most || strings.Index(got, "diagnosis") > strings.Index(got, "delta") {
			t.Errorf("%s: events = %s", name, got)
		}
	}
}
