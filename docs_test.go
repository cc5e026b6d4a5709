package resync_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/evals/report"
)

// documents gives the text of every Markdown file that speaks to users, by path.
func documents(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/*/*.md"} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			all[path] = string(b)
		}
	}
	if len(all) < 10 || all["README.md"] == "" {
		t.Fatalf("only %d documents were found: the rules below would hold over nothing", len(all))
	}
	return all
}

var (
	link   = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	fenced = regexp.MustCompile("(?s)```.*?```")
	marked = regexp.MustCompile("`[^`\n]+`")
)

// TestLinksOfTheDocumentsLead holds that what a document points to is there: a reader at night has no time for a dead end.
func TestLinksOfTheDocumentsLead(t *testing.T) {
	seen := 0
	for path, text := range documents(t) {
		for _, m := range link.FindAllStringSubmatch(fenced.ReplaceAllString(text, ""), -1) {
			target, _, _ := strings.Cut(m[1], "#")
			if target == "" || strings.Contains(target, "://") {
				continue
			}
			seen++
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), filepath.FromSlash(target))); err != nil {
				t.Errorf("%s points to %s: %v", path, m[1], err)
			}
		}
	}
	if seen < 20 {
		t.Errorf("only %d links were looked at", seen)
	}
}

// code gives what stands in a document as code: fenced blocks and marked words, a line each.
func code(text string) string {
	var b strings.Builder
	for _, block := range fenced.FindAllString(text, -1) {
		b.WriteString(block + "\n")
	}
	for _, words := range marked.FindAllString(fenced.ReplaceAllString(text, ""), -1) {
		b.WriteString(strings.Trim(words, "`") + "\n")
	}
	return b.String()
}

var (
	makeCall   = regexp.MustCompile(`(?m)(?:^|&& )make ([a-z0-9][a-z0-9-]*)`)
	resyncCall = regexp.MustCompile(`(?m)(?:^|[ (/])resync ([a-z]+)(?: ([a-z]+))?(?:[^a-z:]|$)`)
	target     = regexp.MustCompile(`(?m)^([a-z0-9-]+):.*## `)
	command    = regexp.MustCompile(`(?m)^   ([a-z]+)[ ,]`)
)

// TestDocumentedTargetsExist holds that every make target that a document names is one that make help lists.
func TestDocumentedTargetsExist(t *testing.T) {
	b, err := os.ReadFile("Makefile")
	if err != nil {
		t.Fatal(err)
	}
	var targets []string
	for _, m := range target.FindAllStringSubmatch(string(b), -1) {
		targets = append(targets, m[1])
	}
	seen := 0
	for path, text := range documents(t) {
		for _, m := range makeCall.FindAllStringSubmatch(code(text), -1) {
			seen++
			if !slices.Contains(targets, m[1]) {
				t.Errorf("%s names make %s, which is none of %v", path, m[1], targets)
			}
		}
	}
	if seen < 5 {
		t.Errorf("only %d make targets were found in the documents", seen)
	}
}

// TestDocumentedCommandsExist asks the program itself: a command that a document names must be one that its help lists.
func TestDocumentedCommandsExist(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program; left out by -short")
	}
	binary := filepath.Join(t.TempDir(), "resync")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "./cmd/resync").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	listed := func(args ...string) []string {
		out, err := exec.CommandContext(t.Context(), binary, append(args, "--help")...).Output()
		if err != nil {
			t.Fatalf("resync %v --help: %v", args, err)
		}
		_, commands, _ := strings.Cut(string(out), "\nCOMMANDS:\n")
		commands, _, _ = strings.Cut(commands, "\n\n")
		var names []string
		for _, m := range command.FindAllStringSubmatch(commands, -1) {
			names = append(names, m[1])
		}
		return names
	}
	top := listed()
	nested := map[string][]string{"user": listed("user"), "config": listed("config"), "evals": listed("evals")}
	seen := 0
	for path, text := range documents(t) {
		for _, m := range resyncCall.FindAllStringSubmatch(code(text), -1) {
			seen++
			if !slices.Contains(top, m[1]) {
				t.Errorf("%s names resync %s, which is none of %v", path, m[1], top)
			}
			if below := nested[m[1]]; m[2] != "" && below != nil && !slices.Contains(below, m[2]) {
				t.Errorf("%s names resync %s %s, which is none of %v", path, m[1], m[2], below)
			}
		}
	}
	if seen < 20 {
		t.Errorf("only %d commands were found in the documents", seen)
	}
}

// TestTheReadmeKeepsItsPromises holds the two commands that do everything, and a picture that is there and small.
func TestTheReadmeKeepsItsPromises(t *testing.T) {
	readme := documents(t)["README.md"]
	for _, want := range []string{"make run", "make test", "claude mcp add", ".vscode/mcp.json", "TWS_HOST", "TWS_PASSWORD", "APP_TWS_CA_FILE"} {
		if !strings.Contains(readme, want) {
			t.Errorf("README.md does not name %s", want)
		}
	}
	info, err := os.Stat("docs/images/answer.png")
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > 200<<10 {
		t.Errorf("the picture has %d bytes", info.Size())
	}
}

// TestTheReadmeShowsTheCommittedFigures: a figure that is told and not committed would be nobody's.
func TestTheReadmeShowsTheCommittedFigures(t *testing.T) {
	raw, err := os.ReadFile("evals/baseline.json")
	if err != nil {
		t.Fatal(err)
	}
	f, err := report.DecodeFigures(raw)
	if err != nil {
		t.Fatal(err)
	}
	if f.Whole.Of < 300 {
		t.Errorf("the figures are of %d questions", f.Whole.Of)
	}
	if !strings.Contains(documents(t)["README.md"], f.Table()) {
		t.Errorf("README.md does not show the committed figures; `resync evals report --readme DIR` prints them:\n%s", f.Table())
	}
}

// TestRulesOfTheAnalysisAreHeld holds the table at the end of docs/analysis.md: each case and test that it names is there.
func TestRulesOfTheAnalysisAreHeld(t *testing.T) {
	var code strings.Builder
	for _, pattern := range []string{"twstools/diagnose/testdata/*/*.yaml", "twstools/*/*_test.go"} {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) < 5 {
			t.Fatalf("%s: %d files, %v", pattern, len(paths), err)
		}
		for _, path := range paths {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			code.Write(b)
		}
	}
	text, seen := documents(t)["docs/analysis.md"], 0
	for _, m := range regexp.MustCompile(`case "([^"]+)"`).FindAllStringSubmatch(text, -1) {
		seen++
		if !strings.Contains(code.String(), "says: "+m[1]+"\n") {
			t.Errorf("there is no case that says %q", m[1])
		}
	}
	for _, m := range regexp.MustCompile("`(Test[A-Za-z]+)`").FindAllStringSubmatch(text, -1) {
		seen++
		if !strings.Contains(code.String(), "func "+m[1]+"(t *testing.T)") {
			t.Errorf("there is no test %s", m[1])
		}
	}
	if seen < 24 {
		t.Errorf("only %d rules are named", seen)
	}
}
