package library_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/store/storetest"
	"github.com/resync-hwa/resync/knowledge/extract"
	"github.com/resync-hwa/resync/knowledge/library"
)

// TestTwoAtOnce: whoever comes second waits, and the shelf is as if one had come after the other.
func TestTwoAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		o := on.Options(t, library.Room())
		top := t.TempDir()
		const folders, files = 3, 20
		for d := range folders {
			for i := range files {
				write(t, filepath.Join(top, fmt.Sprint(d), fmt.Sprintf("%d.md", i)), fmt.Sprintf("# Part %d\n\nof %d\n", i, d))
			}
		}
		var shelves []library.Shelf
		for range 2 * folders { // as many processes, each with a database handle of its own
			l, err := library.Open(t.Context(), storetest.Open(t, o))
			if err != nil {
				t.Fatal(err)
			}
			shelves = append(shelves, l)
		}
		var all sync.WaitGroup
		for i, shelf := range shelves {
			all.Go(func() {
				if _, err := library.Ingest(t.Context(), shelf, library.Hasty(library.IngestOptions{Paths: []string{filepath.Join(top, fmt.Sprint(i%folders))}, Prune: true})); err != nil {
					t.Errorf("ingest %d: %v", i, err)
				}
			})
		}
		all.Wait()
		if n := len(names(t, shelves[0])); n != folders*files {
			t.Errorf("%d documents, want %d", n, folders*files)
		}
		if turn, err := shelves[0].Turn(t.Context()); err != nil || turn.Taken {
			t.Errorf("the turn was not given back: %+v, %v", turn, err)
		}
	})
}

// TestTurnOfTheDead: an ingest waits for one that lives, however long, and not for one that has died.
func TestTurnOfTheDead(t *testing.T) {
	files := fstest.MapFS{"a.md": {Data: []byte("# A\n\ntext\n")}}
	taken := library.Turn{Number: 1, Taken: true}
	t.Run("dead", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			shelf := library.NewMemory()
			if err := shelf.SetTurn(t.Context(), library.Turn{}, taken); err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			if _, err := library.Ingest(t.Context(), shelf, library.IngestOptions{FS: files}); err != nil {
				t.Fatal(err)
			}
			if waited := time.Since(began); waited < 5*time.Second || waited > 10*time.Second {
				t.Errorf("it waited %s", waited)
			}
			late := library.Delivery{Turn: 1, Drafts: []library.Draft{{Document: library.Document{Path: "late.md"}}}}
			if err := shelf.Keep(t.Context(), late); !fault.Is(err, fault.Conflict) {
				t.Errorf("one that only slept still writes: %v", err)
			}
		})
	})
	t.Run("alive", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			shelf := library.NewMemory()
			if err := shelf.SetTurn(t.Context(), library.Turn{}, taken); err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			waiting := 0
			done := make(chan error)
			go func() {
				_, err := library.Ingest(t.Context(), shelf, library.IngestOptions{FS: files, Progress: func(p library.Progress) {
					if p.Stage == "waiting" {
						waiting++
					}
				}})
				done <- err
			}()
			for beat := range int64(60) {
				time.Sleep(time.Second)
				if err := shelf.SetTurn(t.Context(), taken, library.Turn{Number: 1, Beat: beat + 1, Taken: beat < 59}); err != nil {
					t.Errorf("the turn was taken from one that lives: %v", err)
				}
			}
			if err := <-done; err != nil || time.Since(began) < 60*time.Second || time.Since(began) > 62*time.Second || waiting == 0 {
				t.Errorf("%v after %s, %d times told to wait", err, time.Since(began), waiting)
			}
		})
	})
	t.Run("given-up", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			shelf := library.NewMemory()
			if err := shelf.SetTurn(t.Context(), library.Turn{}, taken); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			if _, err := library.Ingest(ctx, shelf, library.IngestOptions{FS: files}); !fault.Is(err, fault.Timeout) {
				t.Errorf("it does not end with its context: %v", err)
			}
		})
	})
}

// TestTurnLost: one that has lost its turn while it worked stops and says so.
func TestTurnLost(t *testing.T) {
	eachShelf(t, func(t *testing.T, shelf library.Shelf) {
		files := fstest.MapFS{}
		for i := range 50 {
			files[fmt.Sprintf("%d.md", i)] = &fstest.MapFile{Data: []byte("# A\n\ntext\n")}
		}
		var once sync.Once
		steal := func(ctx context.Context, name string, data []byte, limits extract.Limits, each func(extract.File) error, bad func(name, reason string)) error {
			once.Do(func() {
				mine, err := shelf.Turn(ctx)
				if err == nil {
					err = shelf.SetTurn(ctx, mine, library.Turn{Number: mine.Number + 1, Taken: true})
				}
				if err != nil {
					t.Error(err)
				}
			})
			return extract.Read(ctx, name, data, limits, each, bad)
		}
		_, err := library.Ingest(t.Context(), shelf, library.Hasty(library.IngestOptions{FS: files, Read: steal}))
		if !fault.Is(err, fault.Conflict) {
			t.Errorf("%v", err)
		}
		if n := len(names(t, shelf)); n != 0 {
			t.Errorf("it has stored %d documents out of turn", n)
		}
		if turn, err := shelf.Turn(t.Context()); err != nil || !turn.Taken {
			t.Errorf("it has given back a turn that was not its own: %+v, %v", turn, err)
		}
	})
}

// TestCancelled: an ingest that is cancelled ends, gives its turn back, and the next one does the rest.
func TestCancelled(t *testing.T) {
	eachShelf(t, func(t *testing.T, shelf library.Shelf) {
		files := fstest.MapFS{}
		for i := range 900 {
			files[fmt.Sprintf("%03d.md", i)] = &fstest.MapFile{Data: []byte(fmt.Sprintf("# A\n\ntext %d\n", i))}
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		o := library.IngestOptions{FS: files, Progress: func(p library.Progress) {
			if p.Became == "added" {
				cancel()
			}
		}}
		if _, err := library.Ingest(ctx, shelf, library.Hasty(o)); err == nil || fault.Is(err, fault.Conflict) {
			t.Errorf("a cancelled ingest gives %v", err)
		}
		some := len(names(t, shelf))
		if some == 0 || some == len(files) {
			t.Errorf("%d documents were stored before it was cancelled", some)
		}
		if turn, err := shelf.Turn(t.Context()); err != nil || turn.Taken {
			t.Errorf("the turn was not given back: %+v, %v", turn, err)
		}
		o.Progress = nil
		if r := ingest(t, shelf, o); counts(r) != [4]int{len(files) - some, 0, some, 0} {
			t.Errorf("the rest: %+v, %d were there", r, some)
		}
	})
}
