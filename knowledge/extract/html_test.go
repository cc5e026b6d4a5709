package extract_test

import (
	"os"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/knowledge/extract"
)

func TestHTMLGolden(t *testing.T) {
	data, err := os.ReadFile("testdata/html/manual.html")
	if err != nil {
		t.Fatal(err)
	}
	f := one(t, "manual.html", data)
	golden(t, "html/manual.md", f)
	if f.Title != "Operator's guide — part 2" || f.Format != extract.HTML || !f.Stored {
		t.Errorf("title %q, format %s, stored %v", f.Title, f.Format, f.Stored)
	}
	for _, not := range []string{"not text", "alert", "Home", "Site name", "Advertisement", "hidden", "not shown", "template", "Copyright", "¶"} {
		if strings.Contains(text(f), not) {
			t.Errorf("the text holds %q, which no reader of the page sees as its text", not)
		}
	}
}
