package library_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/store/storetest"
	"github.com/resync-hwa/resync/knowledge/library"
)

// tree is a folder that changes at random. Each change has a time of its own, as changes by people have.
type tree struct {
	t     testing.TB
	dir   string
	r     *rand.Rand
	clock time.Time
}

func newTree(t testing.TB, seed uint64) *tree {
	return &tree{t: t, dir: t.TempDir(), r: rand.New(rand.NewPCG(seed, 1)), clock: time.Now().Add(-1000 * time.Hour)}
}

var treeNames = []string{"a.md", "b.md", "c.html", "d.txt", "one/a.md", "one/b.md", "one/two/a.md", "two/a.md", "m.zip", "one/m.zip", "no.pdf", "x.zip/inner.md"}

// text is a document's text, now and then a bad one.
func (f *tree) text() string {
	switch f.r.IntN(12) {
	case 0:
		return "# Bad\n\x00\n"
	case 1:
		return "---\njobs: [PAY@]\n---\n# Bound\n\nrun it\n"
	case 2:
		return ""
	}
	var b strings.Builder
	for i := range 1 + f.r.IntN(4) {
		fmt.Fprintf(&b, "# Part %d\n\nword%d and more\n\n", i, f.r.IntN(1000))
	}
	return b.String()
}

func (f *tree) change(n int) {
	f.t.Helper()
	write(f.t, filepath.Join(f.dir, "always.md"), "# Always\n\nhere\n")
	for range n {
		name := filepath.Join(f.dir, filepath.FromSlash(treeNames[f.r.IntN(len(treeNames))]))
		if f.r.IntN(3) == 0 {
			if f.r.IntN(4) == 0 {
				name = filepath.Dir(name)
			}
			if name != f.dir {
				_ = os.RemoveAll(name)
			}
			continue
		}
		text := f.text()
		if filepath.Ext(name) == ".zip" && f.r.IntN(4) > 0 {
			text = packed(f.t, map[string]string{"a.md": f.text(), "sub/b.md": f.text()})
		}
		if info, err := os.Stat(name); err == nil && info.IsDir() {
			_ = os.RemoveAll(name)
		}
		if info, err := os.Stat(filepath.Dir(name)); err == nil && !info.IsDir() {
			_ = os.RemoveAll(filepath.Dir(name))
		}
		write(f.t, name, text)
		f.clock = f.clock.Add(time.Minute)
		if err := os.Chtimes(name, f.clock, f.clock); err != nil {
			f.t.Fatal(err)
		}
	}
}

// dump writes down all that readers can see of a shelf but numbers and times.
func dump(t testing.TB, shelf library.Shelf) string {
	t.Helper()
	var b strings.Builder
	all, err := shelf.Documents(t.Context(), "", 100_000)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range all {
		sections, err1 := shelf.Sections(t.Context(), d.ID)
		passages, err2 := shelf.Passages(t.Context(), d.ID)
		lines, err3 := shelf.Lines(t.Context(), d.ID, 1, d.Lines)
		if err1 != nil || err2 != nil || err3 != nil {
			t.Fatal(err1, err2, err3)
		}
		d.ID, d.Change, d.Ingested, d.Modified = 0, 0, time.Time{}, time.Time{}
		fmt.Fprintf(&b, "%+v\n%+v\n%q\n", d, sections, lines)
		for _, p := range passages {
			fmt.Fprintf(&b, "%+v\n", p.Passage)
		}
	}
	problems, err := shelf.Problems(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(&b, "%+v", problems)
	return b.String()
}

// TestRandomTrees: however often a folder changed between ingests, the shelf is what one ingest makes of it as it is now.
func TestRandomTrees(t *testing.T) {
	run := func(t *testing.T, seed uint64, shelf library.Shelf) {
		f := newTree(t, seed)
		o := library.IngestOptions{Paths: []string{f.dir}, Prune: true}
		for round := range 4 {
			f.change(1 + f.r.IntN(10))
			r := ingest(t, shelf, o)
			fresh := library.NewMemory()
			ingest(t, fresh, o)
			if got, want := dump(t, shelf), dump(t, fresh); got != want {
				t.Fatalf("seed %d, round %d: the shelf has\n%s\nwant\n%s", seed, round, got, want)
			}
			kept, err := shelf.Problems(t.Context())
			if err != nil || !slices.Equal(kept, r.Problems) {
				t.Fatalf("seed %d, round %d: problems %+v, the report has %+v", seed, round, kept, r.Problems)
			}
			change, _ := shelf.Change(t.Context())
			if again := ingest(t, shelf, o); again.Moved() || again.Unchanged != len(names(t, shelf)) {
				t.Fatalf("seed %d, round %d: an ingest of what has not changed: %+v", seed, round, again)
			}
			if now, _ := shelf.Change(t.Context()); now != change {
				t.Fatalf("seed %d, round %d: the shelf moved without a reason", seed, round)
			}
		}
	}
	t.Run("memory", func(t *testing.T) {
		for seed := range uint64(25) {
			run(t, seed, library.NewMemory())
		}
	})
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		for seed := range uint64(3) {
			run(t, 100+seed, open(t, on))
		}
	})
}
