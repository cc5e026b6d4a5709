package baseline_test

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/evals/baseline"
	"github.com/resync-hwa/resync/evals/incident"
	"github.com/resync-hwa/resync/evals/plant"
)

// someFamilies is how many families' worlds are made here: making takes its time, and a run of the suite asks the baselines about all.
const someFamilies = 4

// made gives the questions of some families, each in one plant with all its twins.
func made(t *testing.T) []asked {
	t.Helper()
	book, err := incident.Load(os.DirFS(".."))
	if err != nil {
		t.Fatal(err)
	}
	step := max(1, len(book.Families)/someFamilies)
	var out []asked
	for i := 0; i < len(book.Families) && i < step*someFamilies; i += step {
		f := book.Families[i]
		twins, err := book.Twins(f.ID, book.Bases(f)[0], 1)
		if err != nil {
			t.Logf("%s: %v", f.ID, err) // the family's own tests judge that
			continue
		}
		for _, m := range twins {
			p, err := plant.New(m.World)
			if err != nil {
				t.Fatal(err)
			}
			for _, q := range m.Scenario.Ask {
				out = append(out, asked{m.Scenario, q, p})
			}
		}
	}
	if len(out) == 0 {
		t.Fatal("no world could be made")
	}
	return out
}

// In worlds that nobody wrote by hand the answers have the contract's form too, and the rates of each slice are told.
func TestMadeWorlds(t *testing.T) {
	swept(t)
	all := made(t)
	asked, right := map[string]int{}, map[string]map[string]int{}
	for _, c := range all {
		asked[c.sc.Gold.Slice]++
	}
	for _, b := range baseline.All(baseline.Options{CommonKind: baseline.MostCommon(scenarios(all))}) {
		right[b.Name()] = map[string]int{}
		for _, c := range all {
			a, err := b.Answer(t.Context(), c.q, c.p)
			if err != nil {
				t.Fatal(err)
			}
			name := b.Name() + " " + c.sc.Gold.Recipe.Set() + "/" + c.sc.Gold.Recipe.Variant + " " + c.q.ID
			sound(t, name, a)
			r := judged(t, c, a)
			for _, f := range r.Failed() {
				if slices.Contains(owed, f.Name) {
					t.Errorf("%s: %s: %s\n%s", name, f.Name, f.Reason, a.Answer)
				}
			}
			if r.Pass {
				right[b.Name()][c.sc.Gold.Slice]++
			}
		}
	}
	for _, slice := range slices.Sorted(maps.Keys(asked)) {
		var told []string
		for _, name := range slices.Sorted(maps.Keys(right)) {
			told = append(told, name+" "+share(right[name][slice], asked[slice]))
		}
		t.Logf("%s, %d questions: %s", slice, asked[slice], strings.Join(told, ", "))
	}
}
