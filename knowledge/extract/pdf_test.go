package extract_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/knowledge/extract"
)

// manualPages is a manual of five pages with all that a page can hold.
func manualPages() []string {
	frame := func(n int, body string) string {
		return at("R", 8, 72, 760, "Operator's Guide") + body + at("R", 8, 300, 30, fmt.Sprintf("Page %d of 5", n))
	}
	prose := func(y int, lines ...string) string {
		var b strings.Builder
		for _, l := range lines {
			b.WriteString(at("R", 10, 72, y, l))
			y -= 12
		}
		return b.String()
	}
	filler := func(n int) string {
		return prose(300, fmt.Sprintf("Paragraph number %s of the guide tells how the plan is made and how long it takes,", []string{"one", "two", "three", "four", "five"}[n]),
			"and that nobody has to wait for it. It is long enough that the body text is the most of all.")
	}
	return []string{
		frame(1, at("B", 20, 72, 700, "Operating the plan")+at("B", 14, 72, 660, "Restarting")+prose(640, "The launcher is restarted by the owner of the installa-", "tion only, and by nobody else who is re-",
			"lated to it. A well-known reason is a full disk.")+
			// Kerning inside words, gaps between them, no blanks drawn.
			"BT /R 10 Tf 72 592 Td [(K)60(er)-20(ned)-250(w)30(ords)-260(stay)-250(whole.)] TJ ET\n"+
			"BT /W 10 Tf 72 570 Td <000100030004> Tj 14 0 Td <0005> Tj ET\n"+
			"BT /D 10 Tf 72 548 Td (\\001\\003\\002\\004\\005) Tj ET\n"+filler(0)),
		frame(2, at("B", 14, 72, 700, "Steps")+at("R", 10, 72, 680, "1.")+at("R", 10, 90, 680, "Stop the launcher and wait until it says")+at("R", 10, 90, 668, "that it has stopped.")+
			at("R", 10, 90, 656, "\x95")+at("R", 10, 102, 656, "On a Unix machine as root.")+at("R", 10, 72, 644, "2.")+at("R", 10, 90, 644, "Start it again.")+
			at("M", 10, 72, 610, "conman start")+at("M", 10, 84, 598, "-wait 10")+at("B", 10, 72, 570, "What can go wrong")+prose(556, "A wrong password is refused.")+filler(1)),
		frame(3, at("B", 10, 72, 700, "Code")+at("B", 10, 180, 700, "Meaning")+at("B", 10, 320, 700, "Action")+
			at("R", 10, 72, 682, "4")+at("R", 10, 180, 682, "The disk is")+at("R", 10, 320, 682, "Free space")+at("R", 10, 180, 670, "full")+
			at("R", 10, 72, 652, "8")+at("R", 10, 180, 652, "No agent")+at("R", 10, 320, 652, "Link it")+filler(2)),
		frame(4, "q 0 1 -1 0 0 0 cm BT /R 10 Tf 100 -40 Td (Turned text) Tj ET Q\n/Artifact BMC "+at("R", 10, 72, 500, "Decoration")+"EMC\n"+filler(3)),
		frame(5, filler(4)),
	}
}

func TestPDFGolden(t *testing.T) {
	f := one(t, "manual.pdf", pdfWriter{pages: manualPages(), info: "/Title(\xfe\xff\x00G\x00u\x00i\x00\xe3)"}.bytes())
	golden(t, "pdf/manual.md", f)
	if f.Title != "Guiã" || f.Format != extract.PDF || !f.Stored {
		t.Errorf("title %q, format %s, stored %v", f.Title, f.Format, f.Stored)
	}
	for _, not := range []string{"Operator's Guide", "Page 1", "Decoration"} {
		if strings.Contains(text(f), not) {
			t.Errorf("the text holds %q", not)
		}
	}
	for _, want := range []string{"installation only", "related", "well-known", "Kerned words stay whole.", "fiab c", "fiã çfl", "Turned text"} {
		if !strings.Contains(text(f), want) {
			t.Errorf("the text has no %q", want)
		}
	}
}

// TestPDFColumns holds that two columns are read one after the other.
func TestPDFColumns(t *testing.T) {
	var b strings.Builder
	b.WriteString(at("B", 16, 72, 740, "A heading across both of the columns of this page"))
	for i := range 20 {
		b.WriteString(at("R", 10, 72, 700-12*i, fmt.Sprintf("left%02d is a line of prose that fills its column", i)))
		b.WriteString(at("R", 10, 320, 700-12*i, fmt.Sprintf("right%02d is a line of prose that fills its column", i)))
	}
	f := one(t, "c.pdf", pdfWriter{pages: []string{b.String()}}.bytes())
	s := text(f)
	if l, r := strings.Index(s, "left19"), strings.Index(s, "right00"); l < 0 || r < l || strings.Contains(s, "|") {
		t.Errorf("the columns are mixed:\n%s", s)
	}
}

// TestPDFOutline holds that the outline says how deep a heading is.
func TestPDFOutline(t *testing.T) {
	w := pdfWriter{pages: []string{at("B", 14, 72, 700, "Deep one") + at("R", 10, 72, 680, "Some text of the body, which is longer than the heading.")}, root: "/Outlines 15 0 R",
		objects: map[int]string{15: "<</First 16 0 R>>", 16: "<</Title(Top)/First 17 0 R/Next 16 0 R>>", 17: "<</Title(Deep)/First 18 0 R>>", 18: "<</Title(Deep  one)/Next 16 0 R>>"}}
	if f := one(t, "o.pdf", w.bytes()); f.Lines[0] != "### Deep one" {
		t.Errorf("%q", f.Lines)
	}
}

func TestPDFRefused(t *testing.T) {
	good := pdfWriter{pages: manualPages()}.bytes()
	picture := "<</Type/XObject/Subtype/Image/Width 1/Height 1/Length 1>>\nstream\nx\nendstream"
	bomb := strings.Repeat(" ", 40<<20)
	var nested, kids strings.Builder
	nested.WriteString(strings.Repeat("[", 100_000))
	for i := range 3000 {
		fmt.Fprintf(&kids, "%d 0 R ", 30+i%50)
	}
	forms := map[int]string{}
	for i := range 12 { // each draws the next ten times
		forms[30+i] = stream(fmt.Sprintf("/Type/XObject/Subtype/Form/Resources<</XObject<</X %d 0 R>>>>", 31+i), strings.Repeat("/X Do ", 10))
	}
	for _, c := range []struct {
		name         string
		data         []byte
		limits       extract.Limits
		want, reason string
	}{
		{name: "scan", data: pdfWriter{pages: []string{"/X Do"}, page: "/Resources<</XObject<</X 30 0 R>>>>", objects: map[int]string{30: picture}}.bytes(), reason: "pictures of pages and no text"},
		{name: "empty page", data: pdfWriter{pages: []string{""}}.bytes(), reason: "it holds no text"},
		{name: "encrypted", data: bytes.Replace(good, []byte("/Info 10 0 R"), []byte("/Encrypt 9 0 R"), 1), reason: "encrypted"},
		{name: "letters that nobody knows", data: pdfWriter{pages: []string{at("R", 10, 72, 700, "some letters")}, objects: map[int]string{3: "<</Subtype/Type0/Encoding/Identity-H/DescendantFonts[7 0 R]>>"}}.bytes(), reason: "do not say which letters"},
		{name: "too many pages", data: good, limits: extract.Limits{Pages: 4}, reason: "more than the 4 pages"},
		{name: "as many pages as allowed", data: good, limits: extract.Limits{Pages: 5}, want: "# Operating"},
		{name: "more text than allowed", data: good, limits: extract.Limits{FileBytes: 500}, reason: "more than the 500 bytes"},
		{name: "nothing but a head", data: []byte("%PDF-1.7\n"), reason: "no page can be found"},
		{name: "the table is gone", data: bytes.ReplaceAll(good, []byte("xref"), []byte("yref")), want: "# Operating"},
		{name: "the table lies", data: bytes.Replace(good, []byte("%PDF-1.4\n"), []byte("%PDF-1.4\n%abcdefgh\n"), 1), want: "# Operating"},
		{name: "the end is missing", data: good[:len(good)*3/4], want: "Paragraph number one"},
		{name: "lines before the head", data: append([]byte("mail\r\nheader\r\n\r\n"), good...), want: "# Operating"},
		{name: "lengths lie", data: bytes.ReplaceAll(good, []byte("/Length "), []byte("/Length 9")), want: "# Operating"},
		{name: "a page that is its own parent", data: pdfWriter{pages: []string{at("R", 9, 9, 9, "x")}, objects: map[int]string{2: "<</Kids[2 0 R 2 0 R 20 0 R]/Resources<</Font" + pdfFonts + ">>>>"}}.bytes(), want: "x"},
		{name: "an object that is itself", data: pdfWriter{pages: []string{at("R", 9, 9, 9, "x")}, objects: map[int]string{10: "10 0 R"}}.bytes(), want: "x"},
		{name: "a tree without leaves", data: pdfWriter{pages: []string{""}, objects: map[int]string{2: "<</Kids[" + kids.String() + "]>>"}}.bytes(), reason: "no text"},
		{name: "arrays in each other", data: pdfWriter{pages: []string{nested.String() + at("R", 9, 9, 9, "x")}}.bytes(), reason: "it holds no text"},
		{name: "a page that unpacks to much", data: pdfWriter{pages: []string{bomb, at("R", 9, 9, 9, "x")}, packed: true}.bytes(), want: "x"},
		{name: "forms that draw each other", data: pdfWriter{pages: []string{at("R", 9, 9, 9, "x") + "/X Do"}, page: "/Resources<</Font" + pdfFonts + "/XObject<</X 30 0 R>>>>", objects: forms}.bytes(), want: "x"},
		{name: "numbers of no use", data: pdfWriter{pages: []string{"1e9 99999999999999999999 -.-. 0 0 0 cm BT /R 1000000000 Tf 1000000000 -1000000000 Td (far) Tj ET " + at("R", 9, 9, 9, "x")}}.bytes(), reason: "no text"},
		{name: "a table of a billion objects", data: bytes.Replace(good, []byte("xref\n0 "), []byte("xref\n0 999999999"), 1), want: "# Operating"},
		{name: "a picture in the content", data: pdfWriter{pages: []string{"BI /W 1 ID \xff(\xffEI EI " + at("R", 9, 9, 9, "x")}}.bytes(), want: "x"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var g got
			if mb := allocated(func() { g = read(t, "a.pdf", c.data, c.limits) }); mb > 400 {
				t.Errorf("%d MB were allocated", mb)
			}
			if c.reason != "" {
				if g.err == nil || !strings.Contains(g.err.Error(), c.reason) {
					t.Errorf("error %v; want %q", g.err, c.reason)
				}
				return
			}
			if g.err != nil || !strings.Contains(text(g.files[0]), c.want) {
				t.Errorf("error %v; %v; want %q", g.err, g.files, c.want)
			}
		})
	}
}

// TestPDFTurnedPage holds that a page is read as it is shown.
func TestPDFTurnedPage(t *testing.T) {
	page := "0 1 -1 0 0 0 cm " + at("R", 10, 100, -100, "first line of it") + at("R", 10, 100, -112, "second line of it")
	f := one(t, "t.pdf", pdfWriter{pages: []string{page}, page: "/Rotate 90"}.bytes())
	if f.Lines[0] != "first line of it second line of it" {
		t.Errorf("%q", f.Lines)
	}
}

// TestPDFRepeatedOnly holds that a text is not lost because every page has it.
func TestPDFRepeatedOnly(t *testing.T) {
	page := at("R", 10, 100, 100, "The same")
	if f := one(t, "t.pdf", pdfWriter{pages: []string{page, page, page, page}}.bytes()); !strings.Contains(text(f), "The same") {
		t.Errorf("%q", f.Lines)
	}
}
