package evals_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/evals/suite"
)

// TestTheProductDoesNotKnowTheQuestions: whoever has learnt the questions by heart is not measured by them.
func TestTheProductDoesNotKnowTheQuestions(t *testing.T) {
	s, err := suite.Load(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, sc := range s.Scenarios {
		texts = append(texts, sc.ID)
		for _, q := range sc.Ask {
			texts = append(texts, strings.ToLower(q.Text))
		}
	}
	read := 0
	err = filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if slices.Contains([]string{"evals", "node_modules", ".git", "testdata", "dist"}, d.Name()) {
				return filepath.SkipDir
			}
			return nil
		}
		if !slices.Contains([]string{".go", ".yaml", ".json", ".ts", ".tsx"}, filepath.Ext(path)) || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		raw, err := os.ReadFile(path) //nolint:gosec // the repository's own files
		if err != nil {
			return err
		}
		read++
		content := strings.ToLower(string(raw))
		for _, text := range texts {
			if strings.Contains(content, text) {
				t.Errorf("%s knows %q", path, text)
			}
		}
		return nil
	})
	if err != nil || read < 50 {
		t.Errorf("%d files of the product were read: %v", read, err)
	}
}

// TestTheJudgeLinksNoneOfTheJudged: what it judges is what a person would get, and its words are its own.
func TestTheJudgeLinksNoneOfTheJudged(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	deps := strings.Fields(string(out))
	if !slices.Contains(deps, "github.com/resync-hwa/resync/twstools/twsmock") {
		t.Error("the list of what is linked does not even hold the mock")
	}
	for _, dep := range deps {
		for _, no := range []string{"firebase/genkit", "mark3labs/mcp-go", "resync/agentsvc", "resync/mcp", "resync/webui", "resync/knowledge",
			"twstools/plan", "twstools/diagnose", "twstools/joblog", "twstools/tools", "twstools/hwa"} {
			if strings.Contains(dep, no) {
				t.Errorf("it links %s", dep)
			}
		}
	}
}
