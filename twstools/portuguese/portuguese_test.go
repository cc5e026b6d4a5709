package portuguese_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/resync-hwa/resync/twstools/portuguese"
)

func TestOf(t *testing.T) {
	if err := portuguese.Check(); err != nil {
		t.Fatal(err)
	}
	for english, want := range map[string]string{
		"nobody watched from 14:00 to 17:12":                                                       "ninguém observou de 14:00 a 17:12",
		"The engine's account may not read the list of job streams (AWSJDB817E no rights).":        "A conta usada no engine não pode ler a lista de job streams (AWSJDB817E no rights).",
		"The engine's account may not read the job log.":                                           "A conta usada no engine não pode ler o log do job.",
		"The engine failed to read the list of jobs: HTTP 500 (boom).":                             "O engine não conseguiu ler a lista de jobs: HTTP 500 (boom).",
		"The engine did not answer within 3.75s when what the engine says about itself was asked.": "O engine não respondeu em 3.75s quando se pediu o que o engine diz de si mesmo.",
		"The engine did not give all jobs: some that need a person may be missing.":                "O engine não entregou tudo (os jobs): pode faltar algo que precisa de uma pessoa.",
		"O engine não respondeu.":                                                                  "O engine não respondeu.",
		"AWSJCO999E {thing} boom":                                                                  "AWSJCO999E {thing} boom",
		"":                                                                                         "",
	} {
		if got := portuguese.Of(english); got != want {
			t.Errorf("%q is %q, want %q", english, got, want)
		}
	}
	for line, want := range map[string]string{
		"history:default: nobody watched from a to b":         "history:default: ninguém observou de a a b",
		"joblog:W#1: The connection to the engine broke off.": "joblog:W#1: A conexão com o engine foi interrompida.",
		"The connection to the engine broke off.":             "A conexão com o engine foi interrompida.",
	} {
		if got := portuguese.Line(line); got != want {
			t.Errorf("%q is %q, want %q", line, got, want)
		}
	}
}

// TestTheTableIsOfToday: each reason is still one that the program gives. A sentence that was reworded would stay English unseen.
func TestTheTableIsOfToday(t *testing.T) {
	raw, err := os.ReadFile("reasons.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Reasons []struct{ EN, PT string }
	}
	if err := yaml.Unmarshal(raw, &file); err != nil || len(file.Reasons) < 30 {
		t.Fatalf("%d reasons, %v", len(file.Reasons), err)
	}
	var sources strings.Builder
	for _, root := range []string{"..", "../../internal/fault", "../../agentsvc/edge", "../../mcp/mcpclient"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			name := filepath.Base(path)
			if err != nil || d.IsDir() || strings.HasSuffix(name, "_test.go") || filepath.Ext(name) != ".go" && name != "texts.yaml" {
				return err
			}
			text, err := os.ReadFile(path) //nolint:gosec // of this repository
			sources.Write(text)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	all, holes := sources.String(), regexp.MustCompile(`\{\w+\}`)
	for _, r := range file.Reasons {
		for _, piece := range holes.Split(r.EN, -1) {
			if piece = strings.Trim(piece, " ."); len(piece) > 3 && !strings.Contains(all, piece) {
				t.Errorf("%q: nothing says %q any more", r.EN, piece)
			}
		}
		for _, hole := range holes.FindAllString(r.PT, -1) {
			if !strings.Contains(r.EN, hole) {
				t.Errorf("%q: %s is not in the English reason", r.PT, hole)
			}
		}
	}
}
