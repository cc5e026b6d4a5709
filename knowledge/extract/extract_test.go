package extract_test

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/knowledge/extract"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// got is what one Read gave.
type got struct {
	files []extract.File
	bad   map[string]string
	err   error
}

func read(t testing.TB, name string, data []byte, limits extract.Limits) got {
	t.Helper()
	g := got{bad: map[string]string{}}
	g.err = extract.Read(context.Background(), name, data, extract.Strict(limits),
		func(f extract.File) error { g.files = append(g.files, f); return nil },
		func(name, reason string) { g.bad[name] = reason })
	if g.err != nil && fault.CodeOf(g.err) != fault.Invalid {
		t.Errorf("%s: the error is %v, not a coded one for people", name, g.err)
	}
	return g
}

// one reads what must be one document.
func one(t testing.TB, name string, data []byte) extract.File {
	t.Helper()
	g := read(t, name, data, extract.Limits{})
	if g.err != nil || len(g.files) != 1 || len(g.bad) != 0 {
		t.Fatalf("%s: %d documents, problems %v, error %v; want one document", name, len(g.files), g.bad, g.err)
	}
	return g.files[0]
}

func (g got) names() string {
	var out []string
	for _, f := range g.files {
		out = append(out, f.Name)
	}
	return strings.Join(out, " ")
}

func text(f extract.File) string { return strings.Join(f.Lines, "\n") + "\n" }

// golden compares a document's lines with the file of that name.
func golden(t *testing.T, name string, f extract.File) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(text(f)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, []byte(text(f))) {
		t.Errorf("%s differs (go test -update rewrites it):\n%s", path, text(f))
	}
}
