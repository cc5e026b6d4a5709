package embedded_test

import (
	"cmp"
	"slices"
	"testing"

	"github.com/resync-hwa/resync/knowledge/index"
	"github.com/resync-hwa/resync/knowledge/index/embedded"
	"github.com/resync-hwa/resync/knowledge/index/indextest"
)

// shared tells how many of the n nearest by an exact index are among the nearest by another.
func shared(got, exact []index.Candidate, n int) int {
	exact = slices.Clone(exact)
	slices.SortFunc(exact, func(a, b index.Candidate) int { return cmp.Compare(b.Dense, a.Dense) })
	have := map[uint64]bool{}
	for _, c := range got {
		if c.ByVector {
			have[c.ID] = true
		}
	}
	count := 0
	for _, c := range exact[:n] {
		if have[c.ID] {
			count++
		}
	}
	return count
}

// Where signatures choose which vectors are looked at, nearly all of the nearest are found: in clusters, and even where all vectors
// lean into one direction and the clusters are drowned in noise, which is harder than what models make of texts.
func TestNearestBySignatures(t *testing.T) {
	for _, lean := range []float64{0, 2} {
		m := newMaker(12, 1000, 128)
		common := m.direction(nil, 0)
		for i := range m.centres {
			m.centres[i] = m.direction(m.centres[i], 1)
			if lean > 0 {
				m.centres[i] = m.direction(common, lean)
			}
		}
		x, oracle := embedded.Memory(), indextest.NewOracle()
		fill(t, m, 20_000, 3, 5_000, x, oracle)
		hundred, all := 0, 0
		const questions = 20
		for range questions {
			q := index.Query{All: true, Vector: m.direction(m.centres[m.r.IntN(len(m.centres))], 1)}
			got, exact := find(t, x, q), find(t, oracle, q)
			if len(got) != len(exact) {
				t.Fatalf("%d by vector, want %d", len(got), len(exact))
			}
			hundred += shared(got, exact, 100)
			all += shared(got, exact, 200)
		}
		t.Logf("leaning %v: %.2f %% of the nearest 100, %.2f %% of 200", lean, float64(hundred)/questions, float64(all)/questions/2)
		if hundred < 100*questions*97/100 || all < 200*questions*96/100 {
			t.Errorf("leaning %v: found %d of the nearest %d and %d of %d", lean, hundred, 100*questions, all, 200*questions)
		}
	}
}
