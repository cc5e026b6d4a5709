package extract_test

import (
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/knowledge/extract"
)

// allocated gives the megabytes that f asks for in all, which bounds what it holds.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return (after.TotalAlloc - before.TotalAlloc) >> 20
}

// TestHTMLHostile holds that no page costs much more than its size, and that its text is kept where it has any.
func TestHTMLHostile(t *testing.T) {
	for _, c := range []struct{ name, data, want string }{
		{"100,000 divisions in each other", strings.Repeat("<div>", 100_000) + "core" + strings.Repeat("</div>", 100_000), "core"},
		{"lists in each other", strings.Repeat("<ul><li>x", 50_000) + "core", "core"},
		{"tables in each other", strings.Repeat("<table><tr><td>x", 20_000) + "core", "core"},
		{"tables in each other that are left", strings.Repeat("<table><tr><td>", 300) + strings.Repeat("</table>", 200) + "core<table><td>last", "core"},
		{"50 MB of attributes", "<p " + strings.Repeat("a=1 ", 12<<20) + ">core", "core"},
		{"attributes without values", "<p " + strings.Repeat("b ", 8<<20) + " hidden>core", "core"},
		{"a tag that never ends", "<p>core<a " + strings.Repeat("x", 1<<20), "core"},
		{"a quote that never ends", "<p>core<a href=\"" + strings.Repeat(">", 1<<20), "core"},
		{"less-than signs", "core" + strings.Repeat("<", 1<<19), "core"},
		{"script without end", "<p>core<script>" + strings.Repeat("</scrip>", 1<<17), "core"},
		{"comment without end", "<p>core<!--" + strings.Repeat("--", 1<<20), "core"},
		{"ends without beginnings", strings.Repeat("</table></td></p></li>", 1<<17) + "core", "core"},
		{"open paragraphs and cells", strings.Repeat("<p><table><tr><td><b>", 300) + strings.Repeat("<div>", 200_000) + "core", "core"},
		{"cells that span", "<table>" + strings.Repeat("<tr><td rowspan=9999 colspan=9999>x", 500) + "</table>core", ""},
		{"cells without end", "<p>core<table><tr>" + strings.Repeat("<td>", 1<<20), ""},
		{"navigation without end", "<nav>menu<p>core", "core"},
		{"entities", strings.Repeat("&lt;&#0;&#xD800;&bogus;&", 1<<16) + "core", "core"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var g got
			mb := allocated(func() { g = read(t, "a.html", []byte(c.data), extract.Limits{}) })
			if most := uint64(len(c.data)>>20)*8 + 150; mb > most {
				t.Errorf("%d MB were allocated for %d MB", mb, len(c.data)>>20)
			}
			if c.want == "" {
				return
			}
			if g.err != nil || len(g.files) != 1 || !strings.Contains(text(g.files[0]), c.want) {
				t.Errorf("error %v, documents %d: the text is lost", g.err, len(g.files))
			}
		})
	}
}

// TestTimeEndsWork holds that a limit of time ends work that is under way, soon and on the caller's own goroutine: nothing is left running.
func TestTimeEndsWork(t *testing.T) {
	glyphs := pdfWriter{pages: slices.Repeat([]string{strings.Repeat("(some words of a page that is drawn again) Tj ", 50_000) + "BT /R 9 Tf (x) Tj ET"}, 8), packed: true}.bytes()
	for name, data := range map[string][]byte{
		"a.pdf":  glyphs,
		"b.pdf":  pdfWriter{pages: []string{strings.Repeat("[", 10<<20)}, packed: true}.bytes(),
		"c.html": []byte(strings.Repeat("<p hidden><li><td>words ", 1<<20)),
		"d.docx": docx(t, strings.Repeat(`<w:r>`, 1<<20)),
		"e.txt":  []byte(strings.Repeat("\n", 8<<20) + "x"),
	} {
		start := time.Now()
		g := read(t, name, data, extract.Limits{Time: 30 * time.Millisecond, Lines: 1 << 30, SourceBytes: 1 << 30, FileBytes: 1 << 30})
		if d := time.Since(start); d > 5*time.Second {
			t.Errorf("%s took %s", name, d)
		}
		if g.err == nil || !strings.Contains(g.err.Error(), "takes more than the 30ms") {
			t.Errorf("%s: %v", name, g.err)
		}
	}
}
