package embedded_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/knowledge/index"
	"github.com/resync-hwa/resync/knowledge/index/embedded"
	"github.com/resync-hwa/resync/knowledge/index/indextest"
)

// Several handles on one folder, as several processes have, write in turn and all see everything.
func TestManyHandlesOneFolder(t *testing.T) {
	dir, oracle, m := t.TempDir(), indextest.NewOracle(), newMaker(3, 1000, 0)
	var handles []*embedded.Index
	for range 3 {
		handles = append(handles, reopen(t, dir))
	}
	for n := range int64(40) {
		b := index.Batch{Upto: n + 1, Average: 40, Changes: []index.Change{{Number: n + 1, Document: n * 5 % 17, Passages: []index.Passage{m.passage(20), m.passage(20)}}}}
		apply(t, handles[n%3], b)
		apply(t, oracle, b)
		q := m.question(4, 2, 40)
		for _, x := range handles {
			same(t, fmt.Sprint("after ", n), find(t, x, q), find(t, oracle, q))
			if got := state(t, x).Upto; got != n+1 {
				t.Fatalf("up to %d, want %d", got, n+1)
			}
		}
	}
}

// Searches, writes, resets of the view by another handle, and the closing all at once: a search sees one state of the index, whole.
func TestAtOnce(t *testing.T) {
	dir, m := t.TempDir(), newMaker(11, 1000, 16)
	writer, reader := reopen(t, dir), reopen(t, dir)
	memory := embedded.Memory()
	// Every batch replaces the three documents by three of as many passages, all with one term in common.
	all := index.Query{All: true, Limit: 1000, Units: []index.Unit{{Weight: 1, Any: []index.Term{{Hash: hash(0), IDF: 1}}}}, Vector: m.direction(nil, 0)}
	batch := func(n int64) index.Batch {
		b := index.Batch{Upto: n, Average: 20}
		for d := range int64(3) {
			c := index.Change{Number: n, Document: d}
			for range 1 + n%5 {
				p := m.passage(10)
				p.Record.Entries = []index.Entry{{Hash: hash(0), Counts: [index.Fields]uint8{index.Body: 1}}}
				c.Passages = append(c.Passages, p)
			}
			b.Changes = append(b.Changes, c)
		}
		return b
	}
	for _, x := range []*embedded.Index{writer, memory} {
		apply(t, x, batch(1))
	}
	stop := make(chan struct{})
	var readers sync.WaitGroup
	for _, x := range []*embedded.Index{writer, reader, memory, reader} {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				got, err := x.Find(context.Background(), all)
				if fault.Is(err, fault.Internal) {
					return // closed
				}
				of := map[int64]int{}
				for _, c := range got {
					of[c.Document]++
				}
				if err != nil || len(of) != 3 || of[0] != of[1] || of[1] != of[2] {
					t.Errorf("a search sees %v of the documents, %v", of, err)
					return
				}
			}
		})
	}
	for n := int64(2); n < 120; n++ {
		b := batch(n)
		apply(t, writer, b)
		apply(t, memory, b)
	}
	memory.Close()
	writer.Close()
	close(stop)
	readers.Wait()
	if _, err := writer.Find(t.Context(), all); err == nil {
		t.Error("a closed index still searches")
	}
	if err := writer.Close(); err != nil {
		t.Errorf("closing twice: %v", err)
	}
}

// A writer waits for the lock of another process as long as its context lets it.
func TestLocked(t *testing.T) {
	dir := t.TempDir()
	x := reopen(t, dir)
	apply(t, x, index.Batch{Upto: 1, Average: 1})
	unlock := lockOf(t, dir)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- x.Apply(ctx, index.Batch{Upto: 2, Average: 1}) }()
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's", err)
	}
	unlock()
	apply(t, x, index.Batch{Upto: 2, Average: 1})
}

// A search that nobody waits for any more ends, and an index that nothing was written to makes no file.
func TestCancelledAndEmpty(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "index")
	x := reopen(t, dir)
	if got := find(t, x, newMaker(1, 10, 4).question(2, 2, 10)); len(got) != 0 {
		t.Errorf("%d candidates of nothing", len(got))
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("opening made a folder: %v", err)
	}
	m := newMaker(2, 100, 0)
	y := embedded.Memory()
	fill(t, m, 100, 10, 100, y)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := y.Find(ctx, m.question(2, 2, 100)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's", err)
	}
	if err := y.Apply(ctx, index.Batch{Upto: 9}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's", err)
	}
	// However much is asked for, no more is given than there is.
	q := m.question(2, 2, 100)
	for _, q.Limit = range []int{-1, math.MaxInt} {
		if got := find(t, y, q); len(got) == 0 || len(got) > 100 {
			t.Errorf("%d candidates", len(got))
		}
	}
	bad := index.Batch{Upto: 200, Changes: []index.Change{{Document: 1, Passages: []index.Passage{{ID: 1000, Vector: []float32{1}}, {ID: 1001, Vector: []float32{1, 0}}}}}}
	if err := y.Apply(t.Context(), bad); !fault.Is(err, fault.Invalid) {
		t.Errorf("vectors of several lengths: %v", err)
	}
}
