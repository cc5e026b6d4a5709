package extract_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/knowledge/extract"
)

// fuzz reads data under a name: whatever it is, no panic, no endless work, and lines that are lines.
func fuzz(t *testing.T, name string, data []byte) {
	start := time.Now()
	err := extract.Read(context.Background(), name, data, extract.Strict(extract.Limits{Time: 5 * time.Second}), func(f extract.File) error {
		if f.Name == "" || f.Format == "" || len(f.Lines) == 0 {
			t.Errorf("a document without name, format or lines: %+v", f)
		}
		for _, l := range f.Lines {
			if strings.ContainsAny(l, "\n\x00") || !utf8.ValidString(l) {
				t.Errorf("%q is no line", l)
			}
		}
		return nil
	}, func(name, reason string) {
		if name == "" || reason == "" {
			t.Errorf("a problem without name or reason: %q, %q", name, reason)
		}
	})
	if err != nil && fault.CodeOf(err) != fault.Invalid {
		t.Errorf("the error is no coded one: %v", err)
	}
	if d := time.Since(start); d > 20*time.Second {
		t.Errorf("%s for %d bytes", d, len(data))
	}
}

func FuzzHTML(f *testing.F) {
	page, err := os.ReadFile("testdata/html/manual.html")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(page)
	f.Add([]byte("<table><td><table><td>x</table><ol start=-1><li><pre>a<br>b<dl><dt>c<dd>d"))
	f.Add([]byte("<?xml version='1.0'?><html><script/><p hidden/>a<td rowspan=3 colspan=2>b</td><h1><li>c</h1>"))
	f.Fuzz(func(t *testing.T, data []byte) { fuzz(t, "a.html", data) })
}

func FuzzText(f *testing.F) {
	f.Add([]byte("a\r\nb"))
	f.Add([]byte("\xff\xfea\x00\x3d\xd8"))
	f.Add([]byte("a\xe7\xe3o"))
	f.Fuzz(func(t *testing.T, data []byte) { fuzz(t, "a.md", data) })
}

func FuzzPDF(f *testing.F) {
	f.Add(pdfWriter{pages: manualPages(), info: "/Title(T)"}.bytes())
	f.Add(pdfWriter{pages: []string{at("R", 9, 72, 700, "x")}, packed: true, root: "/Outlines 15 0 R", objects: map[int]string{15: "<</First 15 0 R/Title(x)>>"}}.bytes())
	f.Add(pdfWriter{pages: []string{at("W", 9, 72, 700, "\x00\x01") + "/X Do"}, page: "/Rotate 90/Resources<</Font" + pdfFonts + "/XObject<</X 30 0 R>>>>",
		objects: map[int]string{30: stream("/Subtype/Form/Filter[/A85/LZW/RL]/Matrix[1 0 0 1 0 0]", "J..)6T`?p&<!J9%_[umg\"B7/Z7KNXbN'S+,*Q/&\"OLT'F~>")}}.bytes())
	f.Fuzz(func(t *testing.T, data []byte) { fuzz(t, "a.pdf", data) })
}

// FuzzPDFPage takes the content of a page, so that changes reach what draws rather than the tables.
func FuzzPDFPage(f *testing.F) {
	for _, p := range manualPages() {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, page string) { fuzz(t, "a.pdf", pdfWriter{pages: []string{page, page}}.bytes()) })
}

// FuzzDOCX takes the XML of the text and of the styles, for the same reason.
func FuzzDOCX(f *testing.F) {
	f.Add(manualBody, manualParts[1].data, manualParts[2].data)
	f.Add(simpleBody, "", "")
	f.Add(`<w:tbl><w:tc/><w:tr><w:tc><w:tcPr><w:vMerge/><w:gridSpan w:val="9"/></w:tcPr><w:p><w:txbxContent></w:p></w:tc>`, "<w:style><w:basedOn w:val=''/></w:style>", "<w:lvl w:ilvl='99'/>")
	f.Fuzz(func(t *testing.T, body, styles, numbers string) {
		fuzz(t, "a.docx", docx(t, body, item{"word/styles.xml", styles}, item{"word/numbering.xml", numbers}))
	})
}

func FuzzZIP(f *testing.F) {
	f.Add(pack(f, item{"a.md", "# a"}, item{"b/c.html", "<p>x"}, item{"d.zip", string(pack(f, item{"e.txt", "e"}))}))
	f.Add(pack(f, item{"[Content_Types].xml", ""}, item{"word/document.xml", "<w:p/>"}))
	f.Add([]byte("PK\x05\x06\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, data []byte) { fuzz(t, "a.zip", data) })
}
