package understand

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"
)

var update = flag.Bool("update", false, "write data/weights.txt anew")

// The perceptron goes over the examples so often, and is not content before the right intent leads by the margin. Chosen with trustSure and trustWeak.
const (
	rounds = 12
	margin = 20
)

// TestWeights holds data/weights.txt to what the examples give.
func TestWeights(t *testing.T) {
	u, err := New()
	if err != nil {
		t.Fatal(err)
	}
	all := examples(t, u)
	if *update {
		if err := os.WriteFile("data/weights.txt", []byte(train(all)), 0o644); err != nil { //nolint:gosec // data of the repository
			t.Fatal(err)
		}
		return
	}
	have, err := os.ReadFile("data/weights.txt")
	if err != nil {
		t.Fatal(err)
	}
	if train(all) != string(have) {
		t.Error("data/weights.txt is not what the examples and the lexicon give: run go test ./agentsvc/understand -run TestWeights -update")
	}
	if weights, err := loadWeights(); err != nil || len(weights) < 1000 {
		t.Errorf("data/weights.txt: %d signs, %v", len(weights), err)
	}
	if len(have) > 400_000 {
		t.Errorf("data/weights.txt has %d bytes, want at most 400,000", len(have))
	}
}

// sample is an example with its signs.
type sample struct {
	set, language, question string
	talk                    Context
	intents                 []string // that fit; the first is learned
	signs                   []string
}

// examples are those of data/examples.yaml, testdata/said_*.yaml (by intent, each file in one voice) and the sets of testdata that were read and
// mended for: they are examples now. Turns that follow the line before are left out.
func examples(t *testing.T, u *Understander) []sample {
	t.Helper()
	var all []sample
	add := func(name, question string, fit []string, talk Context) {
		talk.Now = time.Date(2026, 3, 17, 8, 40, 0, 0, time.UTC)
		set := strings.TrimSuffix(filepath.Base(name), ".yaml")
		s := sample{set: set, question: question, talk: talk, intents: fit, signs: u.read(question, talk).signs()}
		if k := strings.LastIndex(set, "_"); k > 0 {
			s.set, s.language = set[:k], set[k+1:]
		}
		all = append(all, s)
	}
	said, err := filepath.Glob("testdata/said_*.yaml")
	if err != nil || len(said) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, name := range append(said, "data/examples.yaml") {
		byIntent := map[string][]string{}
		readYAML(t, name, &byIntent)
		for _, intent := range slices.Sorted(maps.Keys(byIntent)) {
			for _, q := range byIntent[intent] {
				add(name, q, []string{intent}, Context{})
			}
		}
	}
	for _, pattern := range []string{"testdata/held_out_*.yaml", "testdata/fresh_*.yaml"} {
		sets, err := filepath.Glob(pattern)
		if err != nil || len(sets) == 0 {
			t.Fatalf("no sets %s: %v", pattern, err)
		}
		for _, name := range sets {
			if strings.Contains(name, "held_out_blind") {
				continue
			}
			var asked []struct {
				Q       string    `yaml:"q"`
				Intent  yaml.Node `yaml:"i"`
				Last    string    `yaml:"last"`
				Prev    string    `yaml:"prev"`
				Offered []string  `yaml:"list"`
				Follows bool      `yaml:"go"`
			}
			readYAML(t, name, &asked)
			for _, c := range asked {
				fit := []string{c.Intent.Value}
				if c.Intent.Kind == yaml.SequenceNode {
					fit = nil
					for _, n := range c.Intent.Content {
						fit = append(fit, n.Value)
					}
				}
				if !c.Follows {
					add(name, c.Q, fit, Context{LastEntity: c.Last, LastIntent: Intent(c.Prev), Offered: c.Offered})
				}
			}
		}
	}
	return all
}

func readYAML(t *testing.T, name string, into any) {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(raw, into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// train gives the averaged weights of a perceptron, one line a sign. Signs that are seen once teach nothing, pairs of words that are seen twice little: without
// them the cross-validation is the same and the file 80 KB smaller.
func train(samples []sample) string {
	seen := map[string]int{}
	for _, s := range samples {
		for _, sign := range s.signs {
			seen[sign]++
		}
	}
	type tally = [14]int
	var names []string
	place := map[string]int{}
	gold, signs := make([]int, len(samples)), make([][]int, len(samples))
	for k, s := range samples {
		gold[k] = slices.Index(intents, Intent(s.intents[0]))
		for _, sign := range s.signs {
			if seen[sign] < 2 || strings.Contains(sign, " ") && seen[sign] < 3 {
				continue
			}
			if _, ok := place[sign]; !ok {
				place[sign] = len(names)
				names = append(names, sign)
			}
			signs[k] = append(signs[k], place[sign])
		}
	}
	now, sum := make([]tally, len(names)), make([]tally, len(names))
	order := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same order everywhere
	turns := make([]int, len(samples))
	for k := range turns {
		turns[k] = k
	}
	all := rounds * len(samples)
	left := all // what is added now will have been in all the steps to come
	for range rounds {
		order.Shuffle(len(turns), func(a, b int) { turns[a], turns[b] = turns[b], turns[a] })
		for _, k := range turns {
			var points tally
			for _, n := range signs[k] {
				for i := range points {
					points[i] += now[n][i]
				}
			}
			best := -1
			for i := range points {
				if i != gold[k] && (best < 0 || points[i] > points[best]) {
					best = i
				}
			}
			if points[best]+margin > points[gold[k]] {
				for _, n := range signs[k] {
					now[n][gold[k]]++
					sum[n][gold[k]] += left
					now[n][best]--
					sum[n][best] -= left
				}
			}
			left--
		}
	}
	var b strings.Builder
	slices.Sort(names)
	for _, sign := range names {
		var parts []string
		for i, intent := range intents {
			if n := sum[place[sign]][i] * 100 / all; n > 40 || n < -40 {
				parts = append(parts, fmt.Sprintf("%s=%d", intent, n))
			}
		}
		if len(parts) > 0 {
			fmt.Fprintf(&b, "%s\t%s\n", sign, strings.Join(parts, " "))
		}
	}
	return b.String()
}
