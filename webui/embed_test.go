package webui_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/webui"
)

// maxScript is what a first load may cost in script, compressed (DESIGN.md 7).
const maxScript = 80 << 10

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := fs.ReadFile(webui.Dist(), name)
	if err != nil {
		t.Fatalf("dist has no %s: %v", name, err)
	}
	return string(b)
}

func TestFilesWithStableNames(t *testing.T) {
	for _, name := range []string{"index.html", "favicon.svg", "login.css"} {
		if read(t, name) == "" {
			t.Errorf("%s is empty", name)
		}
	}
}

func TestIndexNamesOnlyFilesThatAreThere(t *testing.T) {
	index := read(t, "index.html")
	refs := regexp.MustCompile(`(?:src|href)="([^"]+)"`).FindAllStringSubmatch(index, -1)
	if len(refs) < 3 {
		t.Fatalf("index.html refers to %d files, want at least script, style and icon", len(refs))
	}
	for _, r := range refs {
		if !strings.HasPrefix(r[1], "/") || strings.HasPrefix(r[1], "//") {
			t.Errorf("index.html refers to %q, which is not on this site", r[1])
			continue
		}
		read(t, strings.TrimPrefix(r[1], "/"))
	}
}

// The policy forbids inline script and style; a violation would leave a blank page.
func TestIndexHasNothingInline(t *testing.T) {
	index := read(t, "index.html")
	for _, bad := range []string{"<style", " style=", "javascript:", " onload=", " onerror="} {
		if strings.Contains(index, bad) {
			t.Errorf("index.html contains %q", bad)
		}
	}
	if regexp.MustCompile(`<script[^>]*>[^<]`).MatchString(index) {
		t.Error("index.html contains an inline script")
	}
}

func TestAssetsAreHashedAndForTheBrowserAlone(t *testing.T) {
	hashed := regexp.MustCompile(`-[A-Za-z0-9_-]{8}\.(js|css|svg)(\.gz)?$`)
	script := 0
	err := fs.WalkDir(webui.Dist(), "assets", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if !hashed.MatchString(name) {
			t.Errorf("%s carries no hash", name)
		}
		if path.Ext(name) == ".gz" {
			return nil // TestCompressedTwins
		}
		text := read(t, name)
		for _, bad := range []string{"sourceMappingURL", "innerHTML=", "eval(", "new Function", "@import", "url(http", "url(//"} {
			if strings.Contains(strings.ReplaceAll(text, "dangerouslySetInnerHTML", ""), bad) && !allowed(name, bad) {
				t.Errorf("%s contains %q", name, bad)
			}
		}
		if path.Ext(name) == ".js" {
			script += gzipped(t, text)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if script == 0 || script > maxScript {
		t.Errorf("script is %d bytes compressed, want more than 0 and at most %d", script, maxScript)
	}
}

// allowed: the view library has code for a property that our source never sets (TestSourceKeepsHouseRules).
func allowed(name, what string) bool {
	return path.Ext(name) == ".js" && what == "innerHTML="
}

func gzipped(t *testing.T, text string) int {
	t.Helper()
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Len()
}

// The server prefers name.gz to name: a stale twin would be yesterday's page.
func TestCompressedTwins(t *testing.T) {
	twins, err := fs.Glob(webui.Dist(), "assets/*.gz")
	if err != nil {
		t.Fatal(err)
	}
	if len(twins) < 2 {
		t.Fatalf("found %d compressed files, want script and style at least", len(twins))
	}
	for _, name := range twins {
		r, err := gzip.NewReader(strings.NewReader(read(t, name)))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, err := io.ReadAll(r)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if string(got) != read(t, strings.TrimSuffix(name, ".gz")) {
			t.Errorf("%s holds something else than its twin", name)
		}
	}
}
