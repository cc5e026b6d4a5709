package roster_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/resync-hwa/resync/agentsvc/compose"
	"github.com/resync-hwa/resync/agentsvc/offline"
	"github.com/resync-hwa/resync/agentsvc/roster"
	"github.com/resync-hwa/resync/agentsvc/understand"
)

func understander(t *testing.T) *understand.Understander {
	t.Helper()
	u, err := understand.New()
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// The night shift's hour at which the questions are asked.
var night = understand.Context{Now: time.Date(2026, 3, 17, 8, 40, 0, 0, time.UTC), Location: time.FixedZone("-03", -3*3600)}

// TestAutoLosesNoTool holds, over all labelled utterances of the understanding, that the agent that auto chooses has every tool that the answer
// would rest on with all of them at hand.
func TestAutoLosesNoTool(t *testing.T) {
	r, u := load(t, roster.Options{}), understander(t)
	auto, _ := r.Agent(roster.Auto)
	files, err := filepath.Glob("../understand/testdata/*.yaml")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	asked, who := 0, map[string]int{}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var list []struct {
			Q string `yaml:"q"`
		}
		if err := yaml.Unmarshal(raw, &list); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, x := range list {
			asked++
			got := u.Parse(x.Q, night)
			a, ok := r.For("", got, x.Q)
			if !ok {
				t.Fatalf("%q: nobody", x.Q)
			}
			who[a.ID]++
			turn := offline.Turn{Input: compose.Input{Question: x.Q, Asked: got}, Offered: a.Tools}
			for _, tool := range auto.Tools {
				if !slices.Contains(a.Tools, tool) {
					turn.Withheld = append(turn.Withheld, tool)
				}
			}
			if barred := offline.Barred(turn); len(barred) > 0 {
				t.Errorf("%q goes to %s, which lacks %v (%s, view %q)", x.Q, a.ID, barred, got.Intent, got.View)
			}
		}
	}
	t.Logf("%d questions: %v", asked, who)
	if asked < 400 || len(who) < 5 {
		t.Errorf("%d questions went to %v", asked, who)
	}
}
