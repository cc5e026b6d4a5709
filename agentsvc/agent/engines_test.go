package agent_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/resync-hwa/resync/agentsvc"
	"github.com/resync-hwa/resync/agentsvc/compose/composetest"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
)

// Where the engines are many, one tool lists them and the others only take one: the question's engine reaches these too.
func TestEngineOfAToolThatListsNone(t *testing.T) {
	offered := slices.Clone(composetest.Infos())
	lists := slices.IndexFunc(offered, func(i toolkit.Info) bool { return i.Name == "plan_status" })
	offered[0], offered[lists] = offered[lists], offered[0]
	for i := range offered {
		argument := `{"type":"string"}`
		if i == 0 {
			argument = `{"type":"string","enum":["north","south"]}`
		}
		offered[i].InputSchema = json.RawMessage(`{"type":"object","properties":{"target":{"type":"string"},"engine":` + argument + `}}`)
	}
	for engine, code := range map[string]fault.Code{"south": "", "apollo": fault.NotFound} {
		c := &composetest.Caller{Offered: offered, Play: composetest.Plant}
		a := newAgent(t, c)
		if _, err := a.Ask(ctxOf(t), agentsvc.Question{Text: "diagnose INV_LOAD abended", Engine: engine}, nil); code != "" {
			if fault.CodeOf(err) != code {
				t.Errorf("%s: %v", engine, err)
			}
			continue
		} else if err != nil {
			t.Fatal(err)
		}
		if len(c.Calls()) == 0 {
			t.Error("no tool was called")
		}
		for _, m := range c.Calls() {
			if m.Name == offered[0].Name {
				t.Errorf("%s is the one that lists them: the test shows nothing", m.Name)
			}
			if m.Args["engine"] != engine {
				t.Errorf("%s was asked of %v, want %s", m.Name, m.Args["engine"], engine)
			}
		}
	}
}
