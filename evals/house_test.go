package evals_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/resync-hwa/resync/evals/suite"
)

// product gives every file of the product that holds code or data, by path, in small letters.
func product(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if slices.Contains([]string{"evals", "node_modules", ".git", ".resync", "testdata", "dist"}, d.Name()) {
				return filepath.SkipDir
			}
			return nil
		}
		if !slices.Contains([]string{".go", ".yaml", ".json", ".ts", ".tsx", ".txt"}, filepath.Ext(path)) || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		raw, err := os.ReadFile(path) //nolint:gosec // the repository's own files
		if err == nil {
			files[path] = strings.ToLower(string(raw))
		}
		return err
	})
	if err != nil || len(files) < 50 {
		t.Fatalf("%d files of the product were read: %v", len(files), err)
	}
	return files
}

// TestTheProductDoesNotKnowTheQuestions: whoever has learnt the questions by heart is not measured by them. Names of the demo plant are the
// product's own and are left out.
func TestTheProductDoesNotKnowTheQuestions(t *testing.T) {
	s, err := suite.Load(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	texts, names := map[string]bool{}, map[string]bool{}
	for _, sc := range s.Scenarios {
		texts[sc.ID] = true
		for _, q := range sc.Ask {
			texts[strings.ToLower(q.Text)] = true
		}
		if sc.Gold.Recipe == nil {
			continue
		}
		for _, c := range slices.Concat(sc.Gold.Causes, sc.Gold.Contributing) {
			for _, name := range namesIn(c.Entity) {
				names[strings.ToLower(name)] = true
			}
		}
	}
	if len(names) == 0 {
		t.Error("no scenario names anything: the rule would hold over nothing")
	}
	for path, content := range product(t) {
		for text := range texts {
			if strings.Contains(content, text) && len(text) > 8 {
				t.Errorf("%s knows %q", path, text)
			}
		}
		for _, word := range wordForm.FindAllString(content, -1) {
			if names[word] {
				t.Errorf("%s knows the name %q", path, word)
			}
		}
	}
}

var wordForm = regexp.MustCompile(`[a-z0-9_]+`)

// namesIn are the names of a gold's entity that no product could know by itself.
func namesIn(entity string) []string {
	kind, rest, _ := strings.Cut(entity, ":")
	if kind == "file" {
		rest, _, _ = strings.Cut(rest, "#") // a path is no name
	}
	return slices.DeleteFunc(regexp.MustCompile(`[A-Z0-9_]{5,}`).FindAllString(rest, -1), func(n string) bool { return generic[n] || plain(n) })
}

// plain reports whether a name is one of a plant's that is a mere word, as CONTROL is.
func plain(name string) bool {
	if strings.Contains(name, "_") {
		return false
	}
	for _, raw := range plants() {
		if strings.Contains(raw, "name: "+name+"\n") || strings.Contains(raw, "name: "+name+",") {
			return true
		}
	}
	return false
}

// plants are the texts of all bases.
var plants = sync.OnceValue(func() []string {
	files, _ := filepath.Glob("bases/*/*.yaml") // a pattern that is sound
	var all []string
	for _, f := range files {
		if raw, err := os.ReadFile(f); err == nil { //nolint:gosec // the repository's own files
			all = append(all, string(raw))
		}
	}
	return all
})

// generic are names that the scheduler gives at every plant.
var generic = map[string]bool{"FINAL": true, "FINALPOSTREPORTS": true, "STARTAPPSERVER": true, "MAKEPLAN": true, "SWITCHPLAN": true, "CHECKSYNC": true, "CREATEPOSTREPORTS": true, "UPDATESTATS": true}

var vendors = regexp.MustCompile(`^\s*[A-Z]{2,6}-?[0-9]{3,6}[A-Z]?\b`)

// theirs are messages of systems and tools that bear no id at the line's beginning: nobody here has written them, and who writes logs or looks
// for errors knows them alike. They are taken out of a line before its other words are compared.
var theirs = regexp.MustCompile(`(?i)curl: \([0-9]+\) .*|(OSError: )?(\[Errno [0-9]+\] )?No such file or directory|\[Errno [0-9]+\]|No space left on device|bad interpreter|java\.lang\.\S+(: Java heap space)?|Exception in thread|` +
	`SSL certificate problem: certificate has expired|HTTP/1\.1 [0-9]{3} [A-Z][a-z]+ [A-Z][a-z]+|(krb5: )?Clock skew too great( while getting initial credentials)?|: Permission denied|line [0-9]+: [0-9]+ Killed|AWS[A-Z]{3}[0-9]+[EWI] .*|ERROR [0-9]+ \([A-Z0-9]+\) at line [0-9]+: .*`)

// shared is how many words in a row make a text that two files share by more than chance.
const shared = 6

// TestIncidentsShareNoTextWithTheProduct: what the product looks for in logs is written by other people than what is put into them. A message
// that begins with its vendor's id is the vendor's, and known to both.
func TestIncidentsShareNoTextWithTheProduct(t *testing.T) {
	known := map[string]string{}
	for path, content := range product(t) {
		words := wordForm.FindAllString(content, -1)
		for i := 0; i+shared <= len(words); i++ {
			known[strings.Join(words[i:i+shared], " ")] = path
		}
	}
	looked := 0
	for _, pattern := range []string{"families/*.yaml", "noise/*.yaml", "bases/*/logs.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			raw, err := os.ReadFile(file) //nolint:gosec // the repository's own files
			if err != nil {
				t.Fatal(err)
			}
			for _, line := range logLines(t, raw) {
				if vendors.MatchString(line) {
					continue
				}
				words := wordForm.FindAllString(strings.ToLower(theirs.ReplaceAllString(line, " \n ")), -1)
				for i := 0; i+shared <= len(words); i++ {
					looked++
					if where, ok := known[strings.Join(words[i:i+shared], " ")]; ok {
						t.Errorf("%s: %q stands in %s too", file, line, where)
						break
					}
				}
			}
		}
	}
	if looked < 500 {
		t.Errorf("%d runs of words were looked at: the rule holds over next to nothing", looked)
	}
}

// logLines are the lines of all logs that a file of incidents or a plant holds.
func logLines(t *testing.T, raw []byte) []string {
	t.Helper()
	var file struct {
		Logs     yaml.Node `yaml:"logs"`
		Variants []struct {
			Logs yaml.Node `yaml:"logs"`
		} `yaml:"variants"`
	}
	if err := yaml.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	var lines []string
	var walk func(n *yaml.Node)
	walk = func(n *yaml.Node) {
		if n.Kind == yaml.ScalarNode && strings.Contains(n.Value, "\n") {
			lines = append(lines, strings.Split(n.Value, "\n")...)
		}
		for _, c := range n.Content {
			walk(c)
		}
	}
	walk(&file.Logs)
	for i := range file.Variants {
		walk(&file.Variants[i].Logs)
	}
	return lines
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
