package press_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/knowledge/bench/press"
)

// The committed manuals and their questions are what the press makes: whoever changes one changes both.
func TestTheCorpusIsAsPrinted(t *testing.T) {
	dir := t.TempDir()
	if err := press.Write(dir, filepath.Join(dir, "identifiers.yaml")); err != nil {
		t.Fatal(err)
	}
	compare := map[string]string{"identifiers.yaml": "../pairs/identifiers.yaml"}
	for _, m := range press.Manuals() {
		compare[m.Document] = "../corpus/" + m.Document
	}
	if len(compare) < 9 {
		t.Fatalf("only %d files are compared", len(compare))
	}
	for made, committed := range compare {
		a, err := os.ReadFile(filepath.Join(dir, made))
		if err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(committed)
		if err != nil {
			t.Fatal(err)
		}
		if string(a) != string(b) {
			t.Errorf("%s is not what the press makes: go run ./knowledge/bench --press", committed)
		}
	}
}

var id = regexp.MustCompile(`\b(?:ZK[A-Z]{3}|AWSQZ[KV])[0-9]{3}[EWI]\b`)

// Each message stands on its lines: they begin with its id and hold no other, so that a question for it has one right answer.
func TestEntriesAreWhereTheySay(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range press.Manuals() {
		text, entries := m.Print()
		lines := strings.Split(text, "\n")
		if len(entries) < 25 {
			t.Errorf("%s has only %d messages: too few neighbours", m.Document, len(entries))
		}
		for _, e := range entries {
			if seen[e.ID] {
				t.Errorf("%s is there twice", e.ID)
			}
			seen[e.ID] = true
			if !strings.Contains(lines[e.Start-1], e.ID) {
				t.Errorf("%s: line %d is %q", e.ID, e.Start, lines[e.Start-1])
			}
			for _, other := range id.FindAllString(strings.Join(lines[e.Start-1:e.End], "\n"), -1) {
				if other != e.ID {
					t.Errorf("the lines of %s hold %s", e.ID, other)
				}
			}
		}
	}
}

// A scan depends on its text alone, keeps every identifier, and shows each of the faults that it is made for.
func TestScan(t *testing.T) {
	b, err := os.ReadFile("../corpus/zikra/planner-messages.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(b) + "\n| Port | Use |\n|---|---|\n| 41210 | commands |\n\n```\nzkplan trace\n```\n"
	scan := press.Scan(text, "A running head")
	if scan != press.Scan(text, "A running head") {
		t.Error("the same text gives another scan")
	}
	for _, want := range id.FindAllString(text, -1) {
		if !strings.Contains(scan, want) {
			t.Errorf("the scan lost %s", want)
		}
	}
	for what, pattern := range map[string]string{
		"words broken at line ends":   `[a-z]{3}-\n[a-z]`,
		"running heads":               `\n\nA running head\n\n`,
		"page numbers":                `(?m)^.*   \d+$|^\d+   A running head$`,
		"headings as bold lines":      `(?m)^\*\*ZKPLN`,
		"headings as plain lines":     `(?m)^ZKPLN[0-9]{3}`,
		"headings of the wrong level": `(?m)^###### ZKPLN`,
		"ligatures":                   `\x{fb01}`,
	} {
		if !regexp.MustCompile(pattern).MatchString(scan) {
			t.Errorf("the scan has no %s", what)
		}
	}
	if strings.Contains(scan, "```") {
		t.Error("the scan kept a fence")
	}
}
