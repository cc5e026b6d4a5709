package knowledge_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/resync-hwa/resync/knowledge"
)

// A quote of a long section begins at a step and ends with one, though the lines of the text end within sentences.
func TestQuotesAreWholeSteps(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Otters\n\n## What to do\n\n")
	for i := range 12 {
		fmt.Fprintf(&b, "%d. Count the otters of pond %d twice, once at dawn and once at dusk, and write both\n   numbers down with the hour and the weather.\n", i+1, i+1)
	}
	b.WriteString("13. Feed the heron.\n")
	base := open(t, knowledge.Options{FS: fstest.MapFS{"o.md": {Data: []byte(b.String())}}})
	for _, q := range []string{"count otters", "feed heron", "otters pond 7", "weather"} {
		r, err := base.Search(t.Context(), knowledge.Query{Text: q})
		if err != nil || len(r.Results) == 0 {
			t.Fatalf("Search(%q) = %v, %v", q, r, err)
		}
		got := r.Results[0].Quote
		if len(got) > 600 || !strings.ContainsAny(got[:1], "123456789") || !strings.HasSuffix(got, ".") {
			t.Errorf("quote for %q = %q", q, got)
		}
	}
}

// A single line that is too long is cut behind a sentence.
func TestLongLinesAreCutBehindASentence(t *testing.T) {
	text := "# Otters\n\n" + strings.Repeat("An otter eats fish all day long and sleeps at night. ", 40)
	base := open(t, knowledge.Options{FS: fstest.MapFS{"o.md": {Data: []byte(text)}}})
	r, err := base.Search(t.Context(), knowledge.Query{Text: "otter fish"})
	if err != nil || len(r.Results) == 0 || !strings.HasSuffix(r.Results[0].Quote, "night.") || len(r.Results[0].Quote) > 600 {
		t.Errorf("quote = %+v, %v", r.Results, err)
	}
}

// A word longer than a quote is cut, and what is left is still the document's own text.
func TestLongWordsAreCut(t *testing.T) {
	long := strings.Repeat("ab1/", 200)
	base := open(t, knowledge.Options{FS: fstest.MapFS{"path.md": {Data: []byte("# Places\n\n" + long + " is the otter pond.\n")}}})
	r := search(t, base, "otter pond")
	if len(r.Results) != 1 {
		t.Fatalf("%d results, want 1", len(r.Results))
	}
	if q := r.Results[0].Quote; q == "" || len(q) > 600 || !strings.HasPrefix(long, q) {
		t.Errorf("the quote of %d characters is not the beginning of the line: …%s", len(q), q[max(0, len(q)-20):])
	}
}
