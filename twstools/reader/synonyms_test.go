package reader

import (
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// TestSynonymsAreFoldedAndPaired holds the form of the table: words as fold gives them, none twice in a line, none alone.
func TestSynonymsAreFoldedAndPaired(t *testing.T) {
	var lines [][]string
	if err := yaml.Unmarshal(synonymsYAML, &lines); err != nil {
		t.Fatal(err)
	}
	if len(lines) < 100 {
		t.Errorf("%d lines", len(lines))
	}
	for _, line := range lines {
		seen := map[string]bool{}
		for _, w := range line {
			if form := strings.ReplaceAll(folded(w), " ", "-"); form != w || seen[w] {
				t.Errorf("%q in %v is not folded, or stands twice", w, line)
			}
			seen[w] = true
		}
		if len(line) < 2 {
			t.Errorf("%v has nothing to mean the same as", line)
		}
	}
}
