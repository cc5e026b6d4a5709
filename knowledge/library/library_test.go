package library_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/resync-hwa/resync/internal/store/storetest"
	"github.com/resync-hwa/resync/knowledge/library"
	"github.com/resync-hwa/resync/knowledge/library/librarytest"
)

// open gives the shelf in a fresh database.
func open(t testing.TB, on storetest.Kind) *library.Library {
	t.Helper()
	l, err := library.Open(t.Context(), on.Open(t, library.Room()))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestMemory(t *testing.T) {
	librarytest.Run(t, func(*testing.T) library.Shelf { return library.NewMemory() })
}

func TestLibrary(t *testing.T) {
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		librarytest.Run(t, func(t *testing.T) library.Shelf { return open(t, on) })
	})
}

// TestShelvesAgree: whatever is done, a database answers as memory does.
func TestShelvesAgree(t *testing.T) {
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		ctx := t.Context()
		r := rand.New(rand.NewPCG(7, 7))
		shelves := []library.Shelf{library.NewMemory(), open(t, on)}
		do := func(f func(s library.Shelf) any) {
			t.Helper()
			want, got := f(shelves[0]), f(shelves[1])
			if !reflect.DeepEqual(want, got) {
				t.Fatalf("memory gives\n%+v\nthe database\n%+v", want, got)
			}
		}
		pair := func(v any, err error) any { return fmt.Sprintf("%+v %v", v, err != nil) }
		for step := range 200 {
			name, n := fmt.Sprintf("%d.md", r.IntN(12)), r.IntN(60)
			switch r.IntN(3) {
			case 0:
				do(func(s library.Shelf) any { return pair(nil, s.Remove(ctx, name)) })
			case 1:
				do(func(s library.Shelf) any {
					return pair(nil, s.Put(ctx, librarytest.Draft(name, n, fmt.Sprint(step)), librarytest.Draft("x"+name, n, "x")))
				})
			default:
				do(func(s library.Shelf) any { return pair(nil, s.Put(ctx, librarytest.Draft(name, n, fmt.Sprint(step)))) })
			}
			after, id, passage := r.Int64N(int64(step+1)), r.Int64N(20), r.Uint64N(600)
			do(func(s library.Shelf) any { return pair(s.Changed(ctx, after, 5)) })
			do(func(s library.Shelf) any { return pair(s.Documents(ctx, name, 5)) })
			do(func(s library.Shelf) any { return pair(s.Find(ctx, name)) })
			do(func(s library.Shelf) any { return pair(s.Passages(ctx, id)) })
			do(func(s library.Shelf) any { return pair(s.Sections(ctx, id)) })
			do(func(s library.Shelf) any { return pair(s.Where(ctx, passage, passage+1, passage+7)) })
			do(func(s library.Shelf) any { return pair(s.Lines(ctx, id, n-5, n+5)) })
		}
	})
}
