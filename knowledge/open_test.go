package knowledge_test

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/knowledge"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// A hostile file is left out with a reason; the good one beside it is kept and found.
func TestHostileFiles(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	write(t, filepath.Join(outside, "secret.md"), "# Secret\n\nthe zebra password\n")
	write(t, filepath.Join(dir, "good.md"), "# Zebra\n\nHow to tame a zebra.\n")
	write(t, filepath.Join(dir, "script.md"), "# Zebra script\n\n<script>alert('zebra')</script>\n\n[x](javascript:alert(1))\n")
	write(t, filepath.Join(dir, "latin1.md"), "# Zebra\n\nn\xe3o\n")
	write(t, filepath.Join(dir, "binary.md"), "# Zebra\n\x00\x01\n")
	write(t, filepath.Join(dir, "line.md"), "# Zebra\n"+strings.Repeat("z", 2<<20))
	write(t, filepath.Join(dir, "nested.md"), strings.Repeat(">", 100_000)+" zebra\n")
	write(t, filepath.Join(dir, "lists.md"), strings.Repeat("- ", 100_000)+"zebra\n")
	var stairs strings.Builder
	for i := range 3000 {
		stairs.WriteString(strings.Repeat("  ", i) + "- zebra\n")
	}
	write(t, filepath.Join(dir, "stairs.md"), stairs.String())
	write(t, filepath.Join(dir, "references.md"), "# zebra\n"+strings.Repeat("[a]: b\n", 30_000))
	write(t, filepath.Join(dir, "equal.md"), strings.Repeat("# zebra\n", 30_000))
	write(t, filepath.Join(dir, "many.md"), strings.Repeat("z\n", 600_000))
	write(t, filepath.Join(dir, "head.md"), "---\ntitle: [\n---\n# Zebra head\n\ntext\n")
	write(t, filepath.Join(dir, "n\x1b[31mame.md"), "# Zebra\n")
	write(t, filepath.Join(dir, "notes.txt"), "zebra")
	write(t, filepath.Join(dir, ".hidden", "h.md"), "# Zebra hidden\n")
	big, err := os.Create(filepath.Join(dir, "big.md"))
	if err != nil {
		t.Fatal(err)
	}
	if err := big.Truncate(50 << 20); err != nil {
		t.Fatal(err)
	}
	if err := big.Close(); err != nil {
		t.Fatal(err)
	}
	link(t, filepath.Join(outside, "secret.md"), filepath.Join(dir, "link.md"))
	link(t, "good.md", filepath.Join(dir, "inside.md"))
	link(t, outside, filepath.Join(dir, "folder"))
	link(t, "loop.md", filepath.Join(dir, "loop.md"))
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe.md"), 0o600); err != nil {
		t.Fatal(err)
	}

	var log bytes.Buffer
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	base, err := knowledge.Open(ctx, knowledge.Options{Paths: []string{dir}, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	reasons := map[string]string{}
	for _, p := range base.Problems() {
		reasons[p.Document] = p.Reason
	}
	for name, want := range map[string]string{
		"binary.md": "line 2 holds binary data", "line.md": "line 2 has more than", "many.md": "lines",
		"head.md": "front matter", "big.md": "50 MB", "link.md": "link that leads out", "loop.md": "cannot be read", "pipe.md": "no regular file", "name.md": "its name",
	} {
		if !strings.Contains(reasons[name], want) {
			t.Errorf("%s: reason %q, want %q", name, reasons[name], want)
		}
		delete(reasons, name)
	}
	if len(reasons) > 0 {
		t.Errorf("also left out: %v", reasons)
	}
	if strings.Contains(log.String(), outside) {
		t.Error("the log names a path outside of the folder")
	}
	var kept []string
	for _, d := range documents(t, base) {
		kept = append(kept, d.Path)
	}
	if got, want := strings.Join(kept, " "), "equal.md good.md head.md inside.md latin1.md lists.md nested.md notes.txt references.md script.md stairs.md"; got != want {
		t.Errorf("documents %s, want %s", got, want)
	}
	r := search(t, base, "zebra password")
	for _, h := range r.Results {
		if strings.Contains(h.Quote, "password") {
			t.Errorf("a text outside of the folder was read: %+v", h)
		}
	}
	if len(r.Results) == 0 {
		t.Error("the good file is not found")
	}
}

func link(t *testing.T, target, name string) {
	t.Helper()
	if err := os.Symlink(target, name); err != nil {
		t.Fatal(err)
	}
}

func search(t testing.TB, base *knowledge.Base, text string) knowledge.Results {
	t.Helper()
	r, err := base.Search(t.Context(), knowledge.Query{Text: text})
	if err != nil {
		t.Fatalf("Search(%q): %v", text, err)
	}
	return r
}

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "sub", "a.md"), "# Otter\n\nOtters swim.\n")
	t.Run("nothing-configured", func(t *testing.T) {
		if n := len(documents(t, open(t, knowledge.Options{}))); n < 12 {
			t.Errorf("%d built-in runbooks, want at least 12", n)
		}
	})
	t.Run("configured-only", func(t *testing.T) {
		docs := documents(t, open(t, knowledge.Options{Paths: []string{dir}}))
		if len(docs) != 1 || docs[0].Path != "sub/a.md" || !docs[0].Site || docs[0].Title != "Otter" {
			t.Errorf("documents %+v", docs)
		}
	})
	t.Run("with-demo", func(t *testing.T) {
		if n := len(documents(t, open(t, knowledge.Options{Paths: []string{dir}, Demo: true}))); n < 13 {
			t.Errorf("%d documents, want the site's and the built-in", n)
		}
	})
	t.Run("one-file", func(t *testing.T) {
		docs := documents(t, open(t, knowledge.Options{Paths: []string{filepath.Join(dir, "sub", "a.md")}}))
		if len(docs) != 1 || docs[0].Path != "a.md" {
			t.Errorf("documents %+v", docs)
		}
	})
	t.Run("same-folder-twice", func(t *testing.T) {
		docs := documents(t, open(t, knowledge.Options{Paths: []string{dir, dir, dir}}))
		if len(docs) != 1 {
			t.Errorf("a folder that is named three times gives %d documents, want one", len(docs))
		}
	})
	t.Run("same-name-twice", func(t *testing.T) {
		other := t.TempDir()
		write(t, filepath.Join(other, "sub", "a.md"), "# Badger\n\nBadgers dig.\n")
		docs := documents(t, open(t, knowledge.Options{Paths: []string{dir, other}}))
		if len(docs) != 2 || docs[0].Path == docs[1].Path {
			t.Errorf("documents %+v", docs)
		}
	})
	t.Run("not-there", func(t *testing.T) {
		_, err := knowledge.Open(t.Context(), knowledge.Options{Paths: []string{filepath.Join(dir, "nope")}})
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("Open gives %v, want invalid", err)
		}
	})
	t.Run("cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := knowledge.Open(ctx, knowledge.Options{}); err == nil {
			t.Error("Open goes on after its context has ended")
		}
	})
	t.Run("empty", func(t *testing.T) {
		base := open(t, knowledge.Options{FS: fstest.MapFS{"a.md": {Data: nil}, "b.md": {Data: []byte("\n\n")}, "c.md": {Data: []byte("---\nkinds: app.db\n---\n")}}})
		if r := search(t, base, "anything"); len(r.Results) != 0 || r.Band != knowledge.Weak {
			t.Errorf("an empty base answers %+v", r)
		}
		if hits, err := base.Fitting(t.Context(), []string{"app.db"}, nil, "", "en"); err != nil || len(hits) != 0 {
			t.Errorf("Fitting = %v, %v", hits, err)
		}
	})
}

func TestSection(t *testing.T) {
	base := open(t, knowledge.Options{})
	s, err := base.Section(t.Context(), "runbooks/rerun-safely.md", "what-to-do")
	if err != nil || !strings.HasPrefix(s.Text, "## What to do\n") || s.Language != "en" || s.Title != "Run a job again safely" {
		t.Errorf("Section = %+v, %v", s, err)
	}
	var e *fault.Error
	_, err = base.Section(t.Context(), "runbooks/rerun-safely.md", "nope")
	if e = fault.Public(err); e.Code != fault.NotFound || len(e.Candidates) == 0 {
		t.Errorf("unknown section: %+v", e)
	}
	_, err = base.Section(t.Context(), "rerun.md", "what-to-do")
	if e = fault.Public(err); e.Code != fault.NotFound || len(e.Candidates) != 1 || e.Candidates[0] != "runbooks/rerun-safely.md" {
		t.Errorf("unknown document: %+v", e)
	}
	_, err = base.Section(t.Context(), "../../etc/passwd", "top")
	if !fault.Is(err, fault.NotFound) {
		t.Errorf("a path is no document: %v", err)
	}
}

// Every section of every document resolves, and no two of a document have the same address.
func TestEverySectionResolves(t *testing.T) {
	base := open(t, knowledge.Options{})
	for _, d := range documents(t, base) {
		for _, s := range sections(t, base, d.Path) {
			got, err := base.Section(t.Context(), d.Path, s.Slug)
			if err != nil || got.StartLine != s.StartLine {
				t.Errorf("Section(%s, %s) = %d, %v, want line %d", d.Path, s.Slug, got.StartLine, err, s.StartLine)
			}
		}
	}
}
