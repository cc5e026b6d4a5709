// Package librarytest holds what every shelf must do. A test of a shelf calls Run with a function that makes an empty one.
package librarytest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/knowledge/cut"
	"github.com/resync-hwa/resync/knowledge/library"
)

// Run runs the suite; open gives an empty shelf.
func Run(t *testing.T, open func(t *testing.T) library.Shelf) {
	for name, test := range map[string]func(*testing.T, library.Shelf){
		"empty": empty, "put": put, "lines": lines, "replace": replace, "remove": remove, "changes": changes, "documents": documents,
		"frequencies": frequencies, "weight": weight, "files": files, "turns": turns, "many-write": manyWrite, "all-or-none": allOrNone, "given-is-ours": givenIsOurs,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

// Draft makes a document of n lines, with a section of ten lines each and as many passages. The mark tells versions apart.
func Draft(path string, n int, mark string) library.Draft {
	d := library.Draft{Document: library.Document{
		Path: path, Source: "/srv/docs", File: path, Title: "About " + path, Format: "markdown", Language: "en", Version: "10.2", Access: "ops", Kind: library.Runbook,
		Site: true, Kinds: []string{"app.db"}, MessageIDs: []string{"AWSBHT001E"}, Jobs: []string{"PAY@"}, Streams: []string{"EOD"}, Stored: true, Size: int64(n),
		Hash: mark, Modified: time.Date(2026, 3, 2, 10, 0, 0, 123, time.UTC), Ingested: time.Date(2026, 3, 3, 10, 0, 0, 0, time.UTC), Notes: []string{"A note."},
	}}
	for i := range n {
		d.Text = append(d.Text, fmt.Sprintf("%s %s line %d não \x00 \xff", path, mark, i+1))
	}
	for start := 1; start <= n; start += 10 {
		end := min(start+9, n)
		d.Contents = append(d.Contents, cut.Section{Slug: fmt.Sprintf("s-%d", start), HeadingPath: []string{path, mark}, Level: 2, StartLine: start, EndLine: end})
		d.Parts = append(d.Parts, cut.Passage{Section: len(d.Contents) - 1, Start: start, End: end, Body: start, Bare: start == end, Messages: []string{"AWSBHT002E"}})
	}
	return d
}

// check ends a test at an error.
func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// must gives what came without an error.
func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		check(t, err)
		return v
	}
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n%+v\nwant\n%+v", what, got, want)
	}
}

func empty(t *testing.T, s library.Shelf) {
	ctx := t.Context()
	same(t, "change", must[int64](t)(s.Change(ctx)), int64(0))
	same(t, "tally", must[library.Tally](t)(s.Tally(ctx)), library.Tally{})
	same(t, "documents", len(must[[]library.Document](t)(s.Documents(ctx, "", 10))), 0)
	same(t, "changed", len(must[[]library.Revision](t)(s.Changed(ctx, 0, 10))), 0)
	same(t, "sections", len(must[[]cut.Section](t)(s.Sections(ctx, 1))), 0)
	same(t, "passages", len(must[[]library.Passage](t)(s.Passages(ctx, 1))), 0)
	same(t, "where", len(must[[]library.Passage](t)(s.Where(ctx, 1, 0, 1<<63))), 0)
	same(t, "lines", len(must[[]string](t)(s.Lines(ctx, 1, 1, 10))), 0)
	same(t, "get", len(must[[]library.Document](t)(s.Get(ctx, 1))), 0)
	same(t, "problems", len(must[[]library.Problem](t)(s.Problems(ctx))), 0)
	if err := s.Remove(ctx, "a.md"); !fault.Is(err, fault.NotFound) {
		t.Errorf("Remove of nothing: %v", err)
	}
	check(t, s.Put(ctx))
	same(t, "change after nothing was put", must[int64](t)(s.Change(ctx)), int64(0))
}

func put(t *testing.T, s library.Shelf) {
	ctx := t.Context()
	a, b := Draft("runbooks/a.md", 35, "one"), Draft("b.md", 5, "one")
	bare := library.Draft{Document: library.Document{Path: "empty.md"}}
	check(t, s.Put(ctx, a, b, bare))
	got := must[library.Document](t)(s.Find(ctx, "runbooks/a.md"))
	want := a.Document
	want.ID, want.Change, want.Lines, want.Sections, want.Passages = got.ID, 1, 35, 4, 4
	same(t, "document", got, want)
	if got.ID == 0 {
		t.Error("a document has no number")
	}
	same(t, "sections", must[[]cut.Section](t)(s.Sections(ctx, got.ID)), a.Contents)
	same(t, "sections again", must[[]cut.Section](t)(s.Sections(ctx, got.ID)), a.Contents)
	passages := must[[]library.Passage](t)(s.Passages(ctx, got.ID))
	for i, p := range passages {
		same(t, "passage", p, library.Passage{ID: p.ID, Document: got.ID, Passage: a.Parts[i]})
		if p.ID == 0 || i > 0 && p.ID != passages[i-1].ID+1 {
			t.Errorf("passage %d has the number %d", i, p.ID)
		}
	}
	other := must[library.Document](t)(s.Find(ctx, "b.md"))
	first := must[[]library.Passage](t)(s.Passages(ctx, other.ID))[0]
	same(t, "where", must[[]library.Passage](t)(s.Where(ctx, first.ID, 999, passages[2].ID, passages[0].ID)), []library.Passage{first, passages[2], passages[0]})
	nothing := must[library.Document](t)(s.Find(ctx, "empty.md"))
	same(t, "get", must[[]library.Document](t)(s.Get(ctx, nothing.ID, 999, got.ID)), []library.Document{nothing, got})
	same(t, "passages of an empty document", len(must[[]library.Passage](t)(s.Passages(ctx, nothing.ID))), 0)
	same(t, "lines of an empty document", len(must[[]string](t)(s.Lines(ctx, nothing.ID, 1, 9))), 0)
	_, err := s.Find(ctx, "other/a.txt")
	var f *fault.Error
	if !errors.As(err, &f) || f.Code != fault.NotFound || !slices.Equal(f.Candidates, []string{"runbooks/a.md"}) {
		t.Errorf("an unknown document: %+v", err)
	}
	tally := must[library.Tally](t)(s.Tally(ctx))
	if tally.Documents != 3 || tally.Passages != 5 || tally.Lines != 40 || tally.Bytes == 0 {
		t.Errorf("tally %+v", tally)
	}
}

func lines(t *testing.T, s library.Shelf) {
	ctx := t.Context()
	d := Draft("long.md", 2600, "one")
	d.Text[700] = strings.Repeat("x", 1<<20)
	d.Text[701], d.Text[702] = "", "with \n inside"
	check(t, s.Put(ctx, d, Draft("other.md", 900, "one")))
	id := must[library.Document](t)(s.Find(ctx, "long.md")).ID
	for _, span := range [][2]int{{1, 1}, {1, 500}, {500, 501}, {499, 1502}, {701, 701}, {702, 703}, {2600, 2600}, {2590, 9999}, {-5, 3}, {1, 2600}, {2601, 2700}, {10, 9}, {0, 0}, {-9, -1}} {
		var want []string
		if from, to := max(span[0], 1), min(span[1], len(d.Text)); from <= to {
			want = d.Text[from-1 : to]
		}
		if got := must[[]string](t)(s.Lines(ctx, id, span[0], span[1])); !slices.Equal(got, want) {
			t.Errorf("lines %d to %d: %d of them, want %d", span[0], span[1], len(got), len(want))
		}
	}
}

func replace(t *testing.T, s library.Shelf) {
	ctx := t.Context()
	check(t, s.Put(ctx, Draft("a.md", 35, "one"), Draft("b.md", 5, "one")))
	was := must[library.Document](t)(s.Find(ctx, "a.md"))
	old := must[[]library.Passage](t)(s.Passages(ctx, was.ID))
	_ = must[[]cut.Section](t)(s.Sections(ctx, was.ID))
	d := Draft("a.md", 12, "two")
	check(t, s.Put(ctx, d))
	is := must[library.Document](t)(s.Find(ctx, "a.md"))
	if is.ID != was.ID || is.Change != 3 || is.Hash != "two" || is.Lines != 12 || is.Passages != 2 {
		t.Errorf("after a change: %+v, before %+v", is, was)
	}
	same(t, "sections", must[[]cut.Section](t)(s.Sections(ctx, is.ID)), d.Contents)
	same(t, "lines", must[[]string](t)(s.Lines(ctx, is.ID, 1, 99)), d.Text)
	for _, p := range old {
		same(t, "a passage of before", len(must[[]library.Passage](t)(s.Where(ctx, p.ID))), 0)
	}
	for _, p := range must[[]library.Passage](t)(s.Passages(ctx, is.ID)) {
		if p.ID <= old[len(old)-1].ID {
			t.Errorf("the number %d is given again", p.ID)
		}
		same(t, "a passage", must[[]library.Passage](t)(s.Where(ctx, p.ID)), []library.Passage{p})
	}
	twice := Draft("c.md", 20, "second")
	check(t, s.Put(ctx, Draft("c.md", 30, "first"), twice))
	c := must[library.Document](t)(s.Find(ctx, "c.md"))
	if c.Hash != "second" || c.Change != 5 || c.Passages != 2 {
		t.Errorf("the same document twice in one batch: %+v", c)
	}
	tally := must[library.Tally](t)(s.Tally(ctx))
	if tally.Documents != 3 || tally.Passages != 5 || tally.Lines != 37 {
		t.Errorf("tally %+v", tally)
	}
}

func remove(t *testing.T, s library.Shelf) {
	ctx := t.Context()
	check(t, s.Put(ctx, Draft("a.md", 35, "one"), Draft("b.md", 5, "one"), Draft("c.md", 5, "one")))
	a := must[library.Document](t)(s.Find(ctx, "a.md"))
	passages := must[[]library.Passage](t)(s.Passages(ctx, a.ID))
	err := s.Remove(ctx, "b.md", "a.txt")
	var f *fault.Error
	if !errors.As(err, &f) || f.Code != fault.NotFound || !slices.Equal(f.Candidates, []string{"a.md"}) {
		t.Errorf("one of two is not there: %+v", err)
	}
	_ = must[library.Document](t)(s.Find(ctx, "b.md")) // all or none
	same(t, "change", must[int64](t)(s.Change(ctx)), int64(3))
	check(t, s.Remove(ctx, "a.md", "a.md"))
	if _, err := s.Find(ctx, "a.md"); !fault.Is(err, fault.NotFound) {
		t.Errorf("it is still there: %v", err)
	}
	same(t, "get", len(must[[]library.Document](t)(s.Get(ctx, a.ID))), 0)
	same(t, "where", len(must[[]library.Passage](t)(s.Where(ctx, passages[0].ID))), 0)
	same(t, "passages", len(must[[]library.Passage](t)(s.Passages(ctx, a.ID))), 0)
	same(t, "sections", len(must[[]cut.Section](t)(s.Sections(ctx, a.ID))), 0)
	same(t, "lines", len(must[[]string](t)(s.Lines(ctx, a.ID, 1, 9))), 0)
	check(t, s.Put(ctx, Draft("a.md", 35, "new")))
	again := must[library.Document](t)(s.Find(ctx, "a.md"))
	if again.ID == a.ID {
		t.Error("the number of a document that is gone is given again")
	}
	if p := must[[]library.Passage](t)(s.Passages(ctx, again.ID)); p[0].ID <= passages[len(passages)-1].ID {
		t.Errorf("the passages begin with %d again", p[0].ID)
	}
}

func changes(t *testing.T, s library.Shelf) {
	ctx := t.Context()
	check(t, s.Put(ctx, Draft("a.md", 5, "1"), Draft("b.md", 5, "1"), Draft("c.md", 5, "1")))
	a, b, c := must[library.Document](t)(s.Find(ctx, "a.md")).ID, must[library.Document](t)(s.Find(ctx, "b.md")).ID, must[library.Document](t)(s.Find(ctx, "c.md")).ID
	check(t, s.Put(ctx, Draft("a.md", 5, "2")))
	check(t, s.Remove(ctx, "b.md"))
	all := []library.Revision{{Number: 3, Document: c}, {Number: 4, Document: a}, {Number: 5, Document: b, Gone: true}}
	same(t, "all", must[[]library.Revision](t)(s.Changed(ctx, 0, 10)), all)
	same(t, "the first two", must[[]library.Revision](t)(s.Changed(ctx, 0, 2)), all[:2])
	same(t, "from 3 on", must[[]library.Revision](t)(s.Changed(ctx, 3, 10)), all[1:])
	same(t, "none", len(must[[]library.Revision](t)(s.Changed(ctx, 5, 10))), 0)
	same(t, "beyond", len(must[[]library.Revision](t)(s.Changed(ctx, 99, 10))), 0)
	same(t, "no more than none", len(must[[]library.Revision](t)(s.Changed(ctx, 0, 0))), 0)
	for i := range 50 {
		check(t, s.Put(ctx, Draft("a.md", 5, fmt.Sprint(i))))
	}
	same(t, "after many", must[[]library.Revision](t)(s.Changed(ctx, 0, 10)), []library.Revision{all[0], all[2], {Number: 55, Document: a}})
}

func documents(t *testing.T, s library.Shelf) {
	ctx := t.Context()
	names := []string{"Z.md", "a b.md", "a.md", "a/b.md", "a_b.md", "b.md", "é.md", "日本.md"}
	for _, i := range []int{3, 0, 7, 1, 6, 2, 5, 4} {
		check(t, s.Put(ctx, Draft(names[i], 3, "1")))
	}
	for _, size := range []int{1, 3, 100} {
		var got []string
		for after := ""; ; after = got[len(got)-1] {
			some := must[[]library.Document](t)(s.Documents(ctx, after, size))
			for _, d := range some {
				got = append(got, d.Path)
			}
			if len(some) < size {
				break
			}
		}
		same(t, "by bytes", got, names)
	}
	same(t, "behind what is not there", must[[]library.Document](t)(s.Documents(ctx, "a.zz", 1))[0].Path, "a/b.md")
	same(t, "none", len(must[[]library.Document](t)(s.Documents(ctx, "", 0))), 0)
}

func frequencies(t *testing.T, s library.Shelf) {
	ctx := t.Context()
	check(t, s.Put(ctx, Draft("a.md", 5, "1"), Draft("b.md", 5, "1"), Draft("c.md", 5, "1")))
	list := func(after int64) (out []string) {
		t.Helper()
		check(t, s.Frequencies(ctx, after, func(document, change int64, packed []byte) error {
			out = append(out, fmt.Sprintf("%d@%d=%s", document, change, packed))
			_, err := s.Change(ctx) // the shelf can be used in between
			return err
		}))
		return out
	}
	a, b := must[library.Document](t)(s.Find(ctx, "a.md")), must[library.Document](t)(s.Find(ctx, "b.md"))
	check(t, s.SetFrequencies(ctx, library.Counted{Document: b.ID, Change: b.Change, Packed: []byte("old")}))
	check(t, s.SetFrequencies(ctx, // what is stale drops itself alone
		library.Counted{Document: 99, Change: 1, Packed: []byte("nobody")},
		library.Counted{Document: b.ID, Change: b.Change, Packed: []byte("b")},
		library.Counted{Document: a.ID, Change: a.Change},
		library.Counted{Document: a.ID, Change: 99, Packed: []byte("stale")}))
	check(t, s.SetFrequencies(ctx))
	same(t, "all", list(0), []string{fmt.Sprintf("%d@1=", a.ID), fmt.Sprintf("%d@2=b", b.ID)})
	same(t, "after 1", list(1), []string{fmt.Sprintf("%d@2=b", b.ID)})
	wrong := errors.New("no more")
	if err := s.Frequencies(ctx, 0, func(int64, int64, []byte) error { return wrong }); !errors.Is(err, wrong) {
		t.Errorf("the error of each is lost: %v", err)
	}
	check(t, s.Put(ctx, Draft("b.md", 5, "2")))
	check(t, s.Remove(ctx, "a.md"))
	same(t, "after changes", len(list(0)), 0)
	check(t, s.SetFrequencies(ctx, library.Counted{Document: b.ID, Change: b.Change, Packed: []byte("of before")}))
	same(t, "counted before the change", len(list(0)), 0)
}

func weight(t *testing.T, s library.Shelf) {
	ctx := t.Context()
	if w := must[[]byte](t)(s.Weight(ctx)); w != nil {
		t.Errorf("noted before anything was: %q", w)
	}
	ours := []byte("0.2")
	check(t, s.SetWeight(ctx, []byte("0.1")))
	check(t, s.SetWeight(ctx, ours))
	ours[0] = 'x'
	check(t, s.Put(ctx, Draft("a.md", 5, "1")))
	same(t, "weight", string(must[[]byte](t)(s.Weight(ctx))), "0.2")
	stopped, stop := context.WithCancel(ctx)
	stop()
	if err := s.SetWeight(stopped, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that has ended: %v", err)
	}
	same(t, "change", must[int64](t)(s.Change(ctx)), int64(1)) // a weight is no change of the documents
}

func files(t *testing.T, s library.Shelf) {
	ctx := t.Context()
	modified := time.Date(2026, 3, 2, 10, 0, 0, 123456789, time.UTC)
	a := library.File{Source: "/x", Path: "a.md", Size: 7, Modified: modified, Hash: "h", Manner: "m", Documents: 1}
	b := library.File{Source: "/x", Path: "b.pdf", Problems: []library.Problem{{Document: "b.pdf", Reason: "it is broken"}, {Document: "b.pdf", Reason: "and more"}}}
	c := library.File{Source: "/y", Path: "a.md", Problems: []library.Problem{{Document: "a.md", Reason: "é"}}}
	check(t, s.Keep(ctx, library.Delivery{Files: []library.File{b, a, c}, Drafts: []library.Draft{Draft("a.md", 5, "1")}}))
	same(t, "files of /x", must[[]library.File](t)(s.Files(ctx, "/x")), []library.File{a, b})
	same(t, "files of /y", must[[]library.File](t)(s.Files(ctx, "/y")), []library.File{c})
	same(t, "files of another", len(must[[]library.File](t)(s.Files(ctx, "/z"))), 0)
	same(t, "problems", must[[]library.Problem](t)(s.Problems(ctx)), []library.Problem{c.Problems[0], b.Problems[1], b.Problems[0]})
	b.Problems, b.Hash = nil, "mended"
	check(t, s.Keep(ctx, library.Delivery{Files: []library.File{b}, Forget: []library.File{c, {Source: "/z", Path: "never"}}, Remove: []string{"a.md"}}))
	same(t, "mended", must[[]library.File](t)(s.Files(ctx, "/x")), []library.File{a, b})
	same(t, "no problems", len(must[[]library.Problem](t)(s.Problems(ctx))), 0)
	same(t, "change", must[int64](t)(s.Change(ctx)), int64(2))
}

func turns(t *testing.T, s library.Shelf) {
	ctx := t.Context()
	free := must[library.Turn](t)(s.Turn(ctx))
	same(t, "at first", free, library.Turn{})
	mine := library.Turn{Number: 1, Taken: true}
	check(t, s.SetTurn(ctx, free, mine))
	if err := s.SetTurn(ctx, free, library.Turn{Number: 1, Taken: true}); !fault.Is(err, fault.Conflict) {
		t.Errorf("a turn is taken twice: %v", err)
	}
	beat := mine
	beat.Beat = 5
	check(t, s.SetTurn(ctx, mine, beat))
	check(t, s.SetTurn(ctx, mine, library.Turn{Number: 1, Beat: 6, Taken: true})) // the beat may have moved
	same(t, "now", must[library.Turn](t)(s.Turn(ctx)), library.Turn{Number: 1, Beat: 6, Taken: true})
	check(t, s.Keep(ctx, library.Delivery{Turn: 1, Drafts: []library.Draft{Draft("a.md", 5, "1")}}))
	check(t, s.SetTurn(ctx, mine, library.Turn{Number: 2, Taken: true}))
	if err := s.Keep(ctx, library.Delivery{Turn: 1, Drafts: []library.Draft{Draft("b.md", 5, "1")}}); !fault.Is(err, fault.Conflict) {
		t.Errorf("one whose turn has passed still writes: %v", err)
	}
	check(t, s.Keep(ctx, library.Delivery{Drafts: []library.Draft{Draft("c.md", 5, "1")}}))
	same(t, "change", must[int64](t)(s.Change(ctx)), int64(2))
	if err := s.SetTurn(ctx, library.Turn{Number: 2}, library.Turn{Number: 3}); !fault.Is(err, fault.Conflict) {
		t.Errorf("a turn that is taken is set as if it were free: %v", err)
	}
}

// manyWrite: what a reader has seen of the changes never grows behind its back.
func manyWrite(t *testing.T, s library.Shelf) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	const writers, each = 4, 12
	var writing, reading sync.WaitGroup
	for w := range writers {
		writing.Go(func() {
			for i := range each {
				if err := s.Put(ctx, Draft(fmt.Sprintf("%d-%d.md", w, i), 3, "1"), Draft("shared.md", 12, fmt.Sprint(w, i))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	seen := map[int64]int64{}
	reading.Go(func() {
		upto := int64(0)
		for done := false; !done; {
			done = ctx.Err() != nil
			some, err := s.Changed(t.Context(), upto, 7)
			if err != nil {
				t.Error(err)
				return
			}
			for _, r := range some {
				if r.Number <= upto {
					t.Errorf("change %d comes after %d", r.Number, upto)
				}
				upto, seen[r.Document] = r.Number, r.Number
			}
			done = done && len(some) == 0
		}
	})
	writing.Wait()
	stop()
	reading.Wait()
	same(t, "change", must[int64](t)(s.Change(t.Context())), int64(2*writers*each))
	numbers := map[uint64]bool{}
	for _, d := range must[[]library.Document](t)(s.Documents(t.Context(), "", 1000)) {
		if seen[d.ID] != d.Change {
			t.Errorf("%s changed last with %d, the reader saw %d", d.Path, d.Change, seen[d.ID])
		}
		for _, p := range must[[]library.Passage](t)(s.Passages(t.Context(), d.ID)) {
			if numbers[p.ID] {
				t.Errorf("passage %d is there twice", p.ID)
			}
			numbers[p.ID] = true
		}
	}
	same(t, "documents", must[library.Tally](t)(s.Tally(t.Context())).Documents, writers*each+1)
}

func allOrNone(t *testing.T, s library.Shelf) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Put(ctx, Draft("a.md", 5, "1")); err == nil {
		t.Error("Put goes on after its context has ended")
	}
	if err := s.SetFrequencies(ctx, library.Counted{Document: 1, Change: 1}); err == nil {
		t.Error("SetFrequencies goes on after its context has ended")
	}
	same(t, "change", must[int64](t)(s.Change(t.Context())), int64(0))
	err := s.Keep(t.Context(), library.Delivery{Remove: []string{"nope.md"}, Drafts: []library.Draft{Draft("a.md", 5, "1")}, Files: []library.File{{Source: "/x", Path: "a.md"}}})
	if !fault.Is(err, fault.NotFound) {
		t.Errorf("a delivery of which a part cannot be done: %v", err)
	}
	same(t, "documents", must[library.Tally](t)(s.Tally(t.Context())).Documents, 0)
	same(t, "files", len(must[[]library.File](t)(s.Files(t.Context(), "/x"))), 0)
}

// givenIsOurs: what a shelf gives and gets can be changed without changing what is on it.
func givenIsOurs(t *testing.T, s library.Shelf) {
	ctx := t.Context()
	d := Draft("a.md", 25, "1")
	check(t, s.Put(ctx, d))
	want := Draft("a.md", 25, "1")
	d.Text[0], d.Contents[0].Slug = "changed", "changed"
	id := must[library.Document](t)(s.Find(ctx, "a.md")).ID
	must[[]string](t)(s.Lines(ctx, id, 1, 25))[1] = "changed"
	must[[]cut.Section](t)(s.Sections(ctx, id))[1].Slug = "changed"
	must[[]library.Passage](t)(s.Passages(ctx, id))[1].Start = 99
	same(t, "lines", must[[]string](t)(s.Lines(ctx, id, 1, 25)), want.Text)
	same(t, "sections", must[[]cut.Section](t)(s.Sections(ctx, id)), want.Contents)
	same(t, "passages", must[[]library.Passage](t)(s.Passages(ctx, id))[1].Passage, want.Parts[1])
}
