package library_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	process "os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/resync-hwa/resync/internal/secret"
	"github.com/resync-hwa/resync/internal/store"
	"github.com/resync-hwa/resync/internal/store/storetest"
	"github.com/resync-hwa/resync/knowledge/library"
)

// childEnv names the folder to ingest for the program that is to be killed, and with _DB and _URL its database.
const childEnv = "RESYNC_LIBRARY_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != "" {
		child()
		return
	}
	goleak.VerifyTestMain(m)
}

// child ingests the folder, says what it was told is stored, and waits after each line until it has been read.
func child() {
	ctx := context.Background()
	read := make([]byte, 1)
	tell := func(what ...any) {
		fmt.Println(what...)
		_, _ = os.Stdin.Read(read)
	}
	say := func(err error) {
		if err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
	}
	db, err := store.Open(ctx, store.Options{Dir: os.Getenv(childEnv + "_DB"), URL: secret.New(os.Getenv(childEnv + "_URL")), Rooms: []store.Room{library.Room()}})
	say(err)
	l, err := library.Open(ctx, db)
	say(err)
	_, err = library.Ingest(ctx, l, library.Impatient(library.IngestOptions{Paths: []string{os.Getenv(childEnv)}, Prune: true, Progress: func(p library.Progress) {
		switch {
		case p.Became == "added", p.Became == "changed", p.Became == "removed":
			tell(p.Became, p.Document)
		case p.Done > 0:
			tell("read", p.Done)
		}
	}}))
	say(err)
	fmt.Println("done")
}

// TestKilledAtAnyMoment: an ingest that is killed again and again, at its beginning, between two batches or in the middle of one, loses nothing
// that it told was stored, and the one that comes to its end leaves the same shelf as if nothing had happened.
func TestKilledAtAnyMoment(t *testing.T) {
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		r := rand.New(rand.NewPCG(9, 9))
		o := on.Options(t, library.Room())
		dir := t.TempDir()
		plant := func(round int) {
			for i := range 240 {
				if i%5 == round || round == 0 {
					write(t, filepath.Join(dir, fmt.Sprintf("%d", i%7), fmt.Sprintf("%03d.md", i)), manual(r, 1+r.IntN(6)))
				}
			}
			parts := map[string]string{}
			for i := range 310 { // more than a batch from one file
				parts[fmt.Sprintf("%03d.md", i)] = manual(r, 1)
			}
			write(t, filepath.Join(dir, "many.zip"), packed(t, parts))
			write(t, filepath.Join(dir, "bad.md"), "# Bad\n\x00\n")
			if round > 0 {
				if err := os.RemoveAll(filepath.Join(dir, fmt.Sprint(round))); err != nil {
					t.Fatal(err)
				}
			}
		}
		midway, children := 0, 0
		for round := range 3 {
			plant(round)
			moments := []moment{{stored: 1 + r.IntN(20)}, {late: time.Duration(r.IntN(150)) * time.Millisecond}}
			if round == 0 {
				moments = append(moments, moment{read: 1 + r.IntN(150)}, moment{stored: 1 + r.IntN(100)})
			}
			children += len(moments)
			for _, after := range moments {
				if stored, done := kill(t, o, dir, after); stored > 0 && !done {
					midway++
				}
			}
			look(t, o)
		}
		t.Logf("%d children of %d were killed after they had stored something and before they were done", midway, children)
		if midway == 0 {
			t.Error("no child was killed midway: the test tests nothing")
		}
		shelf, err := library.Open(t.Context(), storetest.Open(t, o))
		if err != nil {
			t.Fatal(err)
		}
		_, err = library.Ingest(t.Context(), shelf, library.Impatient(library.IngestOptions{Paths: []string{dir}, Prune: true}))
		if err != nil {
			t.Fatal(err)
		}
		fresh := library.NewMemory()
		ingest(t, fresh, library.IngestOptions{Paths: []string{dir}, Prune: true})
		if got, want := dump(t, shelf), dump(t, fresh); got != want {
			t.Errorf("the shelf has %d bytes, an undisturbed one %d", len(got), len(want))
		}
		if again := ingest(t, shelf, library.IngestOptions{Paths: []string{dir}, Prune: true}); again.Moved() {
			t.Errorf("an ingest of what has not changed: %+v", again)
		}
		check(t, shelf)
	})
}

// look checks the shelf as the killed have left it: whole documents, each once.
func look(t *testing.T, o store.Options) {
	t.Helper()
	db, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	shelf, err := library.Open(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	check(t, shelf)
}

// check holds that every document is whole: its lines, sections and passages are as many as it says, and no passage is anybody else's.
func check(t *testing.T, shelf library.Shelf) {
	t.Helper()
	ctx := t.Context()
	all, err := shelf.Documents(ctx, "", 100_000)
	if err != nil {
		t.Fatal(err)
	}
	passages, last := 0, int64(0)
	origins, numbers := map[string]bool{}, map[uint64]bool{}
	for _, d := range all {
		lines, err1 := shelf.Lines(ctx, d.ID, 1, d.Lines+1)
		sections, err2 := shelf.Sections(ctx, d.ID)
		parts, err3 := shelf.Passages(ctx, d.ID)
		if err1 != nil || err2 != nil || err3 != nil || len(lines) != d.Lines || len(sections) != d.Sections || len(parts) != d.Passages {
			t.Errorf("%s has %d lines, %d sections and %d passages, and says %+v (%v, %v, %v)", d.Path, len(lines), len(sections), len(parts), d, err1, err2, err3)
		}
		from := d.Source + "\n" + d.File + "\n" + d.Part
		if origins[from] {
			t.Errorf("%s is there twice", from)
		}
		origins[from] = true
		for _, p := range parts {
			if numbers[p.ID] {
				t.Errorf("passage %d is there twice", p.ID)
			}
			numbers[p.ID] = true
		}
		passages += len(parts)
		last = max(last, d.Change)
	}
	tally, err := shelf.Tally(ctx)
	if err != nil || tally.Documents != len(all) || tally.Passages != passages {
		t.Errorf("tally %+v, %v; there are %d documents and %d passages", tally, err, len(all), passages)
	}
	if change, err := shelf.Change(ctx); err != nil || change < last {
		t.Errorf("the last change is %d, %v; a document has %d", change, err, last)
	}
}

// moment is when a child is killed: when it has told that so many documents are stored, that so many files are read, or so long after it began,
// when it may be in the middle of a transaction or still be opening the database.
type moment struct {
	stored, read int
	late         time.Duration
}

// kill starts the child and kills it at a moment; it gives how many documents it had told to be
// stored, all of which must be there, and whether it came to its end all the same.
func kill(t *testing.T, o store.Options, dir string, at moment) (stored int, done bool) {
	t.Helper()
	cmd := process.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+dir, childEnv+"_DB="+o.Dir, childEnv+"_URL="+o.URL.Reveal())
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if at.late > 0 {
		late := time.AfterFunc(at.late, func() { _ = cmd.Process.Kill() })
		defer late.Stop()
	}
	told := map[string]string{}
	read := bufio.NewScanner(out)
	for files := 0; read.Scan(); {
		what, name, _ := strings.Cut(read.Text(), " ")
		switch what {
		case "added", "changed", "removed":
			told[name] = what
		case "read":
			files++
		case "done":
			done = true
		case "error":
			t.Errorf("the child says %q", read.Text())
		}
		if len(told) == at.stored && at.stored > 0 || files == at.read && at.read > 0 {
			if err := cmd.Process.Kill(); err != nil { // SIGKILL; what it had said until then is still read
				t.Error(err)
			}
			continue
		}
		_, _ = in.Write([]byte{'.'}) // fails where it has been killed
	}
	_ = cmd.Wait()
	db, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	shelf, err := library.Open(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	for name, what := range told {
		if _, err := shelf.Find(t.Context(), name); (err == nil) == (what == "removed") {
			t.Errorf("the child told that %s was %s: %v", name, what, err)
		}
	}
	return len(told), done
}
