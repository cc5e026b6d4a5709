package webui_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// House rules of the front end, each with its reason.
var forbidden = []struct{ pattern, why string }{
	{`innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|srcdoc`, "text of logs and models must never become HTML"},
	{`(:|\bas|<)\s*any\b\s*[;,)>=|&\[]`, "what comes from outside is unknown until it is decoded"},
	{`@ts-(ignore|expect-error|nocheck)`, "the compiler's word stands"},
	{`export default`, "a thing has one name"},
	{`https?://[a-z]`, "the pages ask nobody but their own server"},
}

const maxLines = 250

func TestSourceKeepsHouseRules(t *testing.T) {
	files := 0
	err := filepath.WalkDir("app/src", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		files++
		text := string(b)
		if n := strings.Count(text, "\n"); n > maxLines {
			t.Errorf("%s has %d lines, at most %d: split it", name, n, maxLines)
		}
		if strings.Contains(name, ".test") {
			return nil // tests write hostile text on purpose
		}
		if ext := filepath.Ext(name); ext != ".ts" && ext != ".tsx" {
			return nil
		}
		for _, rule := range forbidden {
			if found := regexp.MustCompile(rule.pattern).FindString(text); found != "" {
				t.Errorf("%s contains %q: %s", name, found, rule.why)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 20 {
		t.Fatalf("looked at %d files, want the whole source", files)
	}
}

// A lock file with addresses would tie every build to one registry.
func TestLockFileNamesNoRegistry(t *testing.T) {
	b, err := os.ReadFile("app/package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(b), `"resolved"`) {
		t.Error("package-lock.json carries resolved addresses; app/.npmrc keeps them out")
	}
	if !strings.Contains(string(b), `"integrity"`) {
		t.Error("package-lock.json carries no checksums")
	}
}
