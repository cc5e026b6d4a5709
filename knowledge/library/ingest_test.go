package library_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/store/storetest"
	"github.com/resync-hwa/resync/knowledge/library"
)

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(path, old, old); err != nil {
		t.Fatal(err)
	}
}

func ingest(t testing.TB, shelf library.Shelf, o library.IngestOptions) library.Report {
	t.Helper()
	r, err := library.Ingest(t.Context(), shelf, library.Hasty(o))
	if err != nil {
		t.Fatalf("Ingest: %v", err)
	}
	return r
}

// counts gives the numbers of a report.
func counts(r library.Report) [4]int { return [4]int{r.Added, r.Changed, r.Unchanged, r.Removed} }

func names(t testing.TB, shelf library.Shelf) (out []string) {
	t.Helper()
	all, err := shelf.Documents(t.Context(), "", 10_000)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range all {
		out = append(out, d.Path)
	}
	return out
}

func find(t testing.TB, shelf library.Shelf, name string) library.Document {
	t.Helper()
	d, err := shelf.Find(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func reasons(problems []library.Problem) map[string]string {
	out := map[string]string{}
	for _, p := range problems {
		out[p.Document] += p.Reason + ";"
	}
	return out
}

// eachShelf runs a test over memory and both databases.
func eachShelf(t *testing.T, test func(t *testing.T, shelf library.Shelf)) {
	t.Run("memory", func(t *testing.T) { test(t, library.NewMemory()) })
	storetest.Each(t, func(t *testing.T, on storetest.Kind) { test(t, open(t, on)) })
}

// TestIngestAgain: what has not changed is not read, what has the same bytes is not cut, and what is gone goes.
func TestIngestAgain(t *testing.T) {
	eachShelf(t, func(t *testing.T, shelf library.Shelf) {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "a.md"), "# A\n\nalpha\n")
		write(t, filepath.Join(dir, "sub", "b.md"), "# B\n\nbeta\n")
		write(t, filepath.Join(dir, "c.txt"), "gamma\n")
		write(t, filepath.Join(dir, "picture.png"), "png")
		read := 0
		var told []string
		o := library.IngestOptions{Paths: []string{dir}, Prune: true, Site: true,
			Read: counted(&read),
			Progress: func(p library.Progress) {
				if p.Became != "" {
					told = append(told, p.Document+" "+p.Became)
				}
			}}
		step := func(what string, want [4]int, wantRead int, wantTold ...string) library.Report {
			t.Helper()
			read, told = 0, nil
			r := ingest(t, shelf, o)
			if counts(r) != want || read != wantRead {
				t.Errorf("%s: added, changed, unchanged, removed %v and %d read, want %v and %d", what, counts(r), read, want, wantRead)
			}
			if slices.Sort(told); !slices.Equal(told, wantTold) {
				t.Errorf("%s: told %q, want %q", what, told, wantTold)
			}
			return r
		}
		r := step("first", [4]int{3, 0, 0, 0}, 3, "a.md added", "c.txt added", "sub/b.md added")
		if r.Passages != 3 || !r.Moved() {
			t.Errorf("first: %+v", r)
		}
		change, _ := shelf.Change(t.Context())
		step("again", [4]int{0, 0, 3, 0}, 0, "a.md unchanged", "c.txt unchanged", "sub/b.md unchanged")
		write(t, filepath.Join(dir, "a.md"), "# A\n\nalpha\n")
		later := time.Now().Add(-time.Minute)
		if err := os.Chtimes(filepath.Join(dir, "a.md"), later, later); err != nil {
			t.Fatal(err)
		}
		step("touched", [4]int{0, 0, 3, 0}, 0, "a.md unchanged", "c.txt unchanged", "sub/b.md unchanged")
		if now, _ := shelf.Change(t.Context()); now != change {
			t.Errorf("the shelf has changed from %d to %d though nothing did", change, now)
		}
		before := find(t, shelf, "a.md")
		write(t, filepath.Join(dir, "a.md"), "# A\n\nalpha and more\n")
		write(t, filepath.Join(dir, "d.md"), "# D\n\ndelta\n")
		if err := os.RemoveAll(filepath.Join(dir, "sub")); err != nil {
			t.Fatal(err)
		}
		step("changed", [4]int{1, 1, 1, 1}, 2, "a.md changed", "c.txt unchanged", "d.md added", "sub/b.md removed")
		if after := find(t, shelf, "a.md"); after.ID != before.ID || after.Hash == before.Hash || !after.Site || after.Format != "markdown" || after.Source != dir || after.Size != 20 {
			t.Errorf("after the change: %+v", after)
		}
		if got := names(t, shelf); !slices.Equal(got, []string{"a.md", "c.txt", "d.md"}) {
			t.Errorf("documents %v", got)
		}
		if err := shelf.Remove(t.Context(), "c.txt"); err != nil {
			t.Fatal(err)
		}
		step("removed by name", [4]int{1, 0, 2, 0}, 1, "a.md unchanged", "c.txt added", "d.md unchanged")
		o.Prune = false
		if err := os.Remove(filepath.Join(dir, "d.md")); err != nil {
			t.Fatal(err)
		}
		step("without pruning", [4]int{0, 0, 2, 0}, 0, "a.md unchanged", "c.txt unchanged")
		o.Prune, o.Version, o.Access = true, "10.2", "operator"
		step("other settings", [4]int{0, 2, 0, 1}, 2, "a.md changed", "c.txt changed", "d.md removed")
		if d := find(t, shelf, "a.md"); d.Version != "10.2" || d.Access != "operator" {
			t.Errorf("with other settings: %+v", d)
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		if _, err := library.Ingest(t.Context(), shelf, o); !fault.Is(err, fault.Invalid) {
			t.Errorf("a folder that is not there: %v", err)
		}
		if err := os.Mkdir(dir, 0o750); err != nil {
			t.Fatal(err)
		}
		r = step("an empty folder", [4]int{0, 0, 2, 0}, 0, "a.md unchanged", "c.txt unchanged")
		if len(r.Problems) != 1 || !strings.Contains(r.Problems[0].Reason, "not mounted") {
			t.Errorf("an empty folder: %+v", r.Problems)
		}
		if kept, _ := shelf.Problems(t.Context()); !slices.Equal(kept, r.Problems) {
			t.Errorf("problems on the shelf: %+v", kept)
		}
		step("still empty", [4]int{0, 0, 2, 0}, 0, "a.md unchanged", "c.txt unchanged")
		write(t, filepath.Join(dir, "a.md"), "# A\n\nalpha and more\n")
		r = step("something again", [4]int{0, 0, 1, 1}, 0, "a.md unchanged", "c.txt removed")
		if kept, _ := shelf.Problems(t.Context()); len(kept)+len(r.Problems) != 0 {
			t.Errorf("problems that are mended: %+v", kept)
		}
	})
}

// TestHostileFiles: each bad file is left out, and stays listed with its reason until it is mended or gone; the rest is kept.
func TestHostileFiles(t *testing.T) {
	eachShelf(t, func(t *testing.T, shelf library.Shelf) {
		dir, outside := t.TempDir(), t.TempDir()
		write(t, filepath.Join(outside, "secret.md"), "# Secret\n\nzebra password\n")
		write(t, filepath.Join(dir, "good.md"), "# Zebra\n\nHow to tame a zebra.\n")
		write(t, filepath.Join(dir, "binary.md"), "# Zebra\n\x00\x01\n")
		write(t, filepath.Join(dir, "line.md"), "# Zebra\n"+strings.Repeat("z", 2<<20))
		write(t, filepath.Join(dir, "head.md"), "---\ntitle: [\n---\n# Zebra head\n\ntext\n")
		write(t, filepath.Join(dir, "shut.md"), "---\naccess: [ops, hr]\n---\n# Zebra\n\ntext\n")
		write(t, filepath.Join(dir, "label.md"), "---\naccess: Top Secret!\n---\n# Zebra\n\ntext\n")
		write(t, filepath.Join(dir, "n\x1b[31mame.md"), "# Zebra\n")
		write(t, filepath.Join(dir, "broken.pdf"), "%PDF-1.7\nnothing\n")
		write(t, filepath.Join(dir, "broken.zip"), "PK\x03\x04 and no more")
		write(t, filepath.Join(dir, "empty.md"), "")
		write(t, filepath.Join(dir, ".hidden", "h.md"), "# Zebra hidden\n")
		write(t, filepath.Join(dir, "mixed.zip"), packed(t, map[string]string{"in/good.md": "# In\n\nside\n", "in/bad.md": "# In\n\x00\n"}))
		if err := os.WriteFile(filepath.Join(dir, "big.md"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(filepath.Join(dir, "big.md"), 100<<20); err != nil {
			t.Fatal(err)
		}
		for name, target := range map[string]string{"link.md": filepath.Join(outside, "secret.md"), "inside.md": "good.md", "folder": outside, "loop.md": "loop.md"} {
			if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
		if err := syscall.Mkfifo(filepath.Join(dir, "pipe.md"), 0o600); err != nil {
			t.Fatal(err)
		}
		r := ingest(t, shelf, library.IngestOptions{Paths: []string{dir}, Prune: true})
		if got, want := strings.Join(names(t, shelf), " "), "good.md head.md inside.md mixed.zip/in/good.md"; got != want {
			t.Errorf("documents %s, want %s", got, want)
		}
		kept, err := shelf.Problems(t.Context())
		if err != nil || !slices.Equal(kept, r.Problems) {
			t.Errorf("the shelf has the problems %+v, the report %+v, %v", kept, r.Problems, err)
		}
		got := reasons(kept)
		for name, want := range map[string]string{
			"binary.md": "line 2 holds binary data", "line.md": "line 2 has more than", "head.md": "front matter", "big.md": "100 MB", "link.md": "leads out",
			"loop.md": "cannot be read", "pipe.md": "no regular file", "name.md": "its name", "broken.pdf": "", "broken.zip": "damaged", "empty.md": "it is empty",
			"mixed.zip/in/bad.md": "binary", "shut.md": "who may see", "label.md": "access label",
		} {
			if reason, there := got[name]; !there || !strings.Contains(reason, want) || strings.Contains(reason, outside) || strings.Contains(reason, dir) {
				t.Errorf("%s: %q, want %q", name, got[name], want)
			}
			delete(got, name)
		}
		if len(got) > 0 {
			t.Errorf("also left out: %v", got)
		}
		again := ingest(t, shelf, library.IngestOptions{Paths: []string{dir}, Prune: true})
		if counts(again) != [4]int{0, 0, 4, 0} || !slices.Equal(again.Problems, r.Problems) {
			t.Errorf("again: %+v", again)
		}
		write(t, filepath.Join(dir, "binary.md"), "# Zebra\n\nmended\n")
		if err := os.Remove(filepath.Join(dir, "line.md")); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, "head.md"), "# Zebra head\n\n\x00\n")
		r = ingest(t, shelf, library.IngestOptions{Paths: []string{dir}, Prune: true})
		got = reasons(r.Problems)
		if got["binary.md"] != "" || got["line.md"] != "" || !strings.Contains(got["head.md"], "binary") || counts(r) != [4]int{1, 0, 3, 1} {
			t.Errorf("after mending one, removing one and breaking one: %v %v", counts(r), got)
		}
	})
}

// packed makes an archive.
func packed(t testing.TB, files map[string]string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range files {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestArchive: a changed archive changes the documents that have changed, and no others.
func TestArchive(t *testing.T) {
	eachShelf(t, func(t *testing.T, shelf library.Shelf) {
		file := filepath.Join(t.TempDir(), "manual.zip")
		o := library.IngestOptions{Paths: []string{file}}
		write(t, file, packed(t, map[string]string{"a.md": "# A\n\none\n", "b.md": "# B\n\none\n", "c.md": "# C\n\none\n"}))
		if r := ingest(t, shelf, o); counts(r) != [4]int{3, 0, 0, 0} {
			t.Errorf("first: %+v", r)
		}
		b := find(t, shelf, "manual.zip/b.md")
		if b.File != "manual.zip" || b.Part != "b.md" {
			t.Errorf("a part: %+v", b)
		}
		write(t, file, packed(t, map[string]string{"a.md": "# A\n\ntwo\n", "b.md": "# B\n\none\n", "d.md": "# D\n\none\n"}))
		if r := ingest(t, shelf, o); counts(r) != [4]int{1, 1, 1, 1} {
			t.Errorf("changed: %+v", r)
		}
		if now := find(t, shelf, "manual.zip/b.md"); now.Change != b.Change {
			t.Errorf("a part that is as it was has changed: %+v", now)
		}
		if got, want := strings.Join(names(t, shelf), " "), "manual.zip/a.md manual.zip/b.md manual.zip/d.md"; got != want {
			t.Errorf("documents %s, want %s", got, want)
		}
		write(t, file, "no archive any more")
		if r := ingest(t, shelf, o); counts(r) != [4]int{0, 0, 0, 3} || len(r.Problems) != 1 {
			t.Errorf("broken: %+v", r)
		}
	})
}

// TestNames: a document keeps its name whatever comes and goes beside it.
func TestNames(t *testing.T) {
	shelf := library.NewMemory()
	top := t.TempDir()
	one, two, three := filepath.Join(top, "one"), filepath.Join(top, "two"), filepath.Join(top, "more", "two")
	for _, dir := range []string{one, two, three} {
		write(t, filepath.Join(dir, "sub", "a.md"), "# "+dir+"\n\ntext\n")
	}
	write(t, filepath.Join(two, "b.md"), "# B\n\ntext\n")
	source := func(name string) string { return find(t, shelf, name).Source }
	ingest(t, shelf, library.IngestOptions{Paths: []string{one, two, three, one, one + "/"}, Prune: true})
	for range 2 {
		if got, want := strings.Join(names(t, shelf), " "), "b.md sub/a.md two-2/sub/a.md two/sub/a.md"; got != want {
			t.Fatalf("documents %s, want %s", got, want)
		}
		if source("sub/a.md") != one || source("two/sub/a.md") != two || source("two-2/sub/a.md") != three {
			t.Errorf("sources %s, %s, %s", source("sub/a.md"), source("two/sub/a.md"), source("two-2/sub/a.md"))
		}
		r := ingest(t, shelf, library.IngestOptions{Paths: []string{three, two, one}, Prune: true})
		if counts(r) != [4]int{0, 0, 4, 0} {
			t.Errorf("in another order: %+v", r)
		}
	}
	if err := os.RemoveAll(filepath.Join(one, "sub")); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(one, "other.md"), "# Other\n\ntext\n")
	r := ingest(t, shelf, library.IngestOptions{Paths: []string{one, two}, Prune: true})
	if got, want := strings.Join(names(t, shelf), " "), "b.md other.md two-2/sub/a.md two/sub/a.md"; got != want || counts(r) != [4]int{1, 0, 2, 1} {
		t.Errorf("documents %s, want %s; %+v", got, want, r)
	}
	t.Chdir(two)
	r = ingest(t, shelf, library.IngestOptions{Paths: []string{"b.md", "."}, Prune: true})
	if counts(r) != [4]int{0, 0, 2, 0} {
		t.Errorf("named in another way: %+v", r)
	}
	if r := ingest(t, shelf, library.IngestOptions{Paths: []string{"b.md"}, Prune: true}); counts(r) != [4]int{0, 0, 1, 0} {
		t.Errorf("one file alone must not prune its folder: %+v", r)
	}
}

// TestFolderInFolder: a file that is reached by two ways is one document, with the name that it had first.
func TestFolderInFolder(t *testing.T) {
	eachShelf(t, func(t *testing.T, shelf library.Shelf) {
		top := t.TempDir()
		sub := filepath.Join(top, "sub")
		write(t, filepath.Join(top, "a.md"), "# A\n\ntext\n")
		write(t, filepath.Join(sub, "b.md"), "# B\n\ntext\n")
		write(t, filepath.Join(sub, "c.md"), "# C\n\ntext\n")
		write(t, filepath.Join(top, ".hidden", "d.md"), "# D\n\ntext\n")
		step := func(want [4]int, wantNames string, paths ...string) {
			t.Helper()
			r := ingest(t, shelf, library.IngestOptions{Paths: paths, Prune: true})
			if got := strings.Join(names(t, shelf), " "); counts(r) != want || got != wantNames {
				t.Errorf("%v: %v and %s, want %v and %s", paths, counts(r), got, want, wantNames)
			}
		}
		step([4]int{1, 0, 0, 0}, "a.md", filepath.Join(top, "a.md"))
		step([4]int{2, 0, 1, 0}, "a.md sub/b.md sub/c.md", sub, top, filepath.Join(sub, "b.md"))
		step([4]int{0, 0, 2, 0}, "a.md sub/b.md sub/c.md", sub)
		step([4]int{0, 0, 1, 0}, "a.md sub/b.md sub/c.md", filepath.Join(sub, "b.md"))
		if err := os.Remove(filepath.Join(sub, "c.md")); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(filepath.Join(top, "a.md")); err != nil {
			t.Fatal(err)
		}
		step([4]int{0, 0, 1, 1}, "a.md sub/b.md", sub)
		step([4]int{0, 0, 1, 1}, "sub/b.md", top)
		step([4]int{1, 0, 0, 0}, "d.md sub/b.md", filepath.Join(top, ".hidden"))
		step([4]int{0, 0, 1, 0}, "d.md sub/b.md", top)
		if err := os.Remove(filepath.Join(sub, "b.md")); err != nil {
			t.Fatal(err)
		}
		step([4]int{0, 0, 0, 1}, "d.md", sub)
	})
}

// TestSaid: what a document says of itself, and what is said of it.
func TestSaid(t *testing.T) {
	for _, c := range []struct {
		name, head string
		o          library.IngestOptions
		want       library.Document
	}{
		{"nothing", "", library.IngestOptions{}, library.Document{Kind: library.Manual, Title: "Zebra"}},
		{"bound", "jobs: PAY@", library.IngestOptions{}, library.Document{Kind: library.Runbook, Title: "Zebra", Jobs: []string{"PAY@"}}},
		{"typed", "type: Runbook", library.IngestOptions{}, library.Document{Kind: library.Runbook, Title: "Zebra"}},
		{"typed-against-option", "type: manual", library.IngestOptions{Kind: library.Runbook}, library.Document{Kind: library.Manual, Title: "Zebra"}},
		{"unknown-type", "type: poem", library.IngestOptions{}, library.Document{Kind: library.Manual, Title: "Zebra"}},
		{"option", "", library.IngestOptions{Kind: library.Runbook, Version: "9.5", Language: "pt", Access: "ops"},
			library.Document{Kind: library.Runbook, Title: "Zebra", Version: "9.5", Language: "pt", Access: "ops"}},
		{"front-matter", "title: T\nversion: 10.10\nproduct: Scheduler\nlanguage: en\naccess: ops", library.IngestOptions{Version: "9.5", Language: "pt"},
			library.Document{Kind: library.Manual, Title: "T", Version: "10.10", Product: "Scheduler", Language: "en", Access: "ops"}},
		{"same-access", "access: ops", library.IngestOptions{Access: "ops"}, library.Document{Kind: library.Manual, Title: "Zebra", Access: "ops"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			shelf := library.NewMemory()
			c.o.FS = fstest.MapFS{"a.md": {Data: []byte("---\n" + c.head + "\n---\n# Zebra\n\n12 34\n")}}
			ingest(t, shelf, c.o)
			d := find(t, shelf, "a.md")
			got := library.Document{Kind: d.Kind, Title: d.Title, Version: d.Version, Product: d.Product, Language: d.Language, Access: d.Access, Jobs: d.Jobs}
			if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", c.want) {
				t.Errorf("%+v\nwant\n%+v", got, c.want)
			}
		})
	}
	t.Run("other-access", func(t *testing.T) {
		shelf := library.NewMemory()
		r := ingest(t, shelf, library.IngestOptions{Access: "ops", FS: fstest.MapFS{"a.md": {Data: []byte("---\naccess: hr\n---\n# Zebra\n")}}})
		if len(names(t, shelf)) != 0 || len(r.Problems) != 1 || !strings.Contains(r.Problems[0].Reason, "hr, but it was ingested with ops") {
			t.Errorf("%+v", r)
		}
	})
	for name, o := range map[string]library.IngestOptions{"access": {Access: "Two words"}, "kind": {Kind: "poem"}, "language": {Language: "fr"}} {
		if _, err := library.Ingest(t.Context(), library.NewMemory(), o); !fault.Is(err, fault.Invalid) {
			t.Errorf("a wrong %s gives %v", name, err)
		}
	}
}

// TestEmptyPath: a variable that is not set must not mean the folder that somebody happens to stand in.
func TestEmptyPath(t *testing.T) {
	shelf := library.NewMemory()
	if _, err := library.Ingest(t.Context(), shelf, library.IngestOptions{Paths: []string{""}}); !fault.Is(err, fault.Invalid) {
		t.Errorf("an empty path gives %v", err)
	}
}

// TestBounds: more than is allowed is left out, and what is there stays.
func TestBounds(t *testing.T) {
	shelf := library.NewMemory()
	files := fstest.MapFS{}
	for i := range 5 {
		files[fmt.Sprintf("%d.md", i)] = &fstest.MapFile{Data: []byte("# A\n\n" + strings.Repeat("x ", 100))}
	}
	r := ingest(t, shelf, library.IngestOptions{FS: files, MaxDocuments: 3})
	if counts(r) != [4]int{3, 0, 0, 0} || len(r.Problems) != 2 || !strings.Contains(r.Problems[0].Reason, "more than the 3 documents") {
		t.Errorf("%+v", r)
	}
	r = ingest(t, shelf, library.IngestOptions{FS: files, MaxBytes: 500})
	if counts(r) != [4]int{0, 0, 3, 0} || len(r.Problems) != 3 || !strings.Contains(r.Problems[0].Reason, "all documents together") {
		t.Errorf("%+v", r)
	}
}

// TestUnreachable: what cannot be reached for a while is kept, and named as a problem without a word of the system's own.
func TestUnreachable(t *testing.T) {
	eachShelf(t, func(t *testing.T, shelf library.Shelf) {
		files := flaky{fstest.MapFS{}, map[string]bool{}}
		for _, name := range []string{"sub/a.md", "b.md", "late.md", "c.md"} {
			files.MapFS[name] = &fstest.MapFile{Data: []byte("# " + name + "\n\ntext\n")}
		}
		o := library.IngestOptions{FS: files, Source: "sent", Prune: true}
		ingest(t, shelf, o)
		for _, name := range []string{"sub", "b.md", "late.md"} {
			files.bad[name] = true
		}
		for range 2 {
			r := ingest(t, shelf, o)
			if counts(r) != [4]int{0, 0, 4, 0} || len(r.Problems) != 3 || len(names(t, shelf)) != 4 {
				t.Errorf("%+v", r)
			}
			for _, p := range r.Problems {
				if !strings.Contains(p.Reason, "cannot be read") || strings.Contains(p.Reason, "secret") {
					t.Errorf("%+v", p)
				}
			}
		}
		clear(files.bad)
		delete(files.MapFS, "sub/a.md")
		if r := ingest(t, shelf, o); counts(r) != [4]int{0, 0, 3, 1} || len(r.Problems) != 0 {
			t.Errorf("when all can be reached: %+v", r)
		}
	})
}
