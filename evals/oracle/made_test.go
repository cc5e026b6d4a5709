package oracle_test

import (
	"os"
	"slices"
	"testing"

	"github.com/resync-hwa/resync/evals/incident"
	"github.com/resync-hwa/resync/evals/oracle"
	"github.com/resync-hwa/resync/evals/plant"
	"github.com/resync-hwa/resync/evals/score"
)

// TestMutantsDieInMadeWorlds: in one plant of each family every kind of wrong answer fails for one twin, another for each family.
func TestMutantsDieInMadeWorlds(t *testing.T) {
	if testing.Short() || raced {
		t.Skip("makes a world of every family; left out by -short and under the race detector")
	}
	b, err := incident.Load(os.DirFS(".."))
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range b.Families {
		bases := b.Bases(f)
		all, err := b.Twins(f.ID, bases[i%len(bases)], 0)
		if err != nil {
			t.Fatal(err)
		}
		m := all[i%len(all)]
		p, err := plant.New(m.World)
		if err != nil {
			t.Fatal(err)
		}
		q := m.Scenario.Ask[i%len(m.Scenario.Ask)]
		c, err := oracle.NewCase(m.Scenario.Gold, q, p)
		if err != nil {
			t.Fatal(err)
		}
		if r := judged(t, c); !r.Pass {
			t.Errorf("%s: %v", m.Scenario.ID, r.Failed())
		}
		ways := 0
		for _, x := range oracle.Mutants() {
			spoilt, ok := x.Spoil(c)
			if !ok {
				continue
			}
			ways++
			r := judged(t, spoilt)
			if r.Pass || !slices.ContainsFunc(r.Failed(), func(f score.Criterion) bool { return slices.Contains(x.Caught, f.Name) }) {
				t.Errorf("%s/%s of %s: %s: pass %v, failed %v; want one of %v", m.Scenario.ID, q.ID, f.ID, x.Name, r.Pass, r.Failed(), x.Caught)
			}
		}
		if ways < manyWays {
			t.Errorf("%s/%s: %d kinds of wrong answers apply, want %d", m.Scenario.ID, q.ID, ways, manyWays)
		}
	}
}
