package embedded_test

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/knowledge/index"
	"github.com/resync-hwa/resync/knowledge/index/indextest"
)

// filled gives a folder with an index of a few segments, closed.
func filled(t *testing.T, seed uint64) (dir string, m *maker) {
	t.Helper()
	dir, m = t.TempDir(), newMaker(seed, 2000, 16)
	x := reopen(t, dir)
	fill(t, m, 600, 30, 200, x)
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	return dir, m
}

func files(t *testing.T, dir string) []string {
	t.Helper()
	segments, err := filepath.Glob(filepath.Join(dir, "*.seg"))
	if err != nil || len(segments) < 2 {
		t.Fatalf("%v, %v", segments, err)
	}
	return append(segments, filepath.Join(dir, "manifest"))
}

// A file that was damaged, wherever and however, never makes a search panic or answer wrong: either nothing that a question needs
// was hit, or the index says that it is empty, at once or after the search that came upon it, and is filled anew.
func TestDamageIsFound(t *testing.T) {
	healthyDir, m := filled(t, 4)
	healthy := reopen(t, healthyDir)
	var questions []index.Query
	for range 12 {
		questions = append(questions, m.question(6, 2, 600))
	}
	r := rand.New(rand.NewPCG(8, 8))
	found := 0
	for round := range 60 {
		dir := t.TempDir()
		if err := os.CopyFS(dir, os.DirFS(healthyDir)); err != nil {
			t.Fatal(err)
		}
		list := files(t, dir)
		path := list[r.IntN(len(list))]
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		switch round % 4 {
		case 0: // cut short
			b = b[:r.IntN(len(b))]
		case 1: // one bit
			b[r.IntN(len(b))] ^= 1 << r.IntN(8)
		case 2: // a page of zeros
			at := r.IntN(len(b))
			clear(b[at:min(at+4096, len(b))])
			b[at] ^= 0xa5
		}
		err = os.Remove(path)
		if round%4 != 3 { // else it is gone
			err = errors.Join(err, os.WriteFile(path, b, 0o600))
		}
		if err != nil {
			t.Fatal(err)
		}
		x := reopen(t, dir)
		empty := state(t, x).Upto == 0
		for _, q := range questions {
			got, err := x.Find(t.Context(), q)
			if err != nil {
				if !fault.Is(err, fault.Internal) || state(t, x).Upto != 0 {
					t.Fatalf("round %d: %v, and up to %d", round, err, state(t, x).Upto)
				}
				empty = true
				continue
			}
			if empty != (len(got) == 0) {
				t.Fatalf("round %d: empty is %v, and there are %d candidates", round, empty, len(got))
			}
			if !empty {
				same(t, "a damaged index that answers", got, find(t, healthy, q))
			}
		}
		if empty {
			found++
			again := newMaker(4, 2000, 16)
			oracle := indextest.NewOracle()
			fill(t, again, 100, 30, 50, x, oracle)
			same(t, "built anew", find(t, x, questions[0]), find(t, oracle, questions[0]))
		}
		x.Close()
	}
	if found < 30 {
		t.Errorf("%d of 60 damages were found, which is hardly what the test means", found)
	}
}

// A file that is cut short while it is mapped does not end the program.
func TestCutShortWhileMapped(t *testing.T) {
	dir, m := filled(t, 5)
	x := reopen(t, dir)
	for _, path := range files(t, dir) {
		if filepath.Ext(path) == ".seg" {
			if err := os.Truncate(path, 100); err != nil {
				t.Skip("this system does not cut mapped files: ", err)
			}
		}
	}
	if _, err := x.Find(t.Context(), m.question(6, 2, 600)); !fault.Is(err, fault.Internal) {
		t.Fatalf("got %v, want an internal error", err)
	}
	if s := state(t, x); s.Upto != 0 || s.Passages != 0 {
		t.Errorf("state %+v, want an empty one", s)
	}
}

// Whoever fills an index that was emptied meanwhile is told so, in place of leaving a hole.
func TestEmptiedMeanwhile(t *testing.T) {
	dir, m := filled(t, 6)
	x, other := reopen(t, dir), reopen(t, dir)
	s := state(t, x)
	if err := other.Reset(t.Context(), index.Layout{Analysis: 9}); err != nil {
		t.Fatal(err)
	}
	next := index.Batch{Upto: s.Upto + 1, Average: 40, Changes: []index.Change{{Number: s.Upto + 1, Document: 5000, Passages: []index.Passage{m.passage(10)}}}}
	if err := x.Apply(t.Context(), next); !fault.Is(err, fault.Conflict) {
		t.Fatalf("got %v, want a conflict", err)
	}
	if s := state(t, x); s.Upto != 0 || s.Layout.Analysis != 9 {
		t.Fatalf("state %+v", s)
	}
	apply(t, x, next)
}
