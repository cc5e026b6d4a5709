package extract_test

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"strings"
	"testing"
)

// pdfWriter makes small valid files: page contents with the fonts /R (Times), /B (Helvetica-Bold), /M (Courier), /W (two bytes a letter), /D (named letters).
type pdfWriter struct {
	pages   []string
	objects map[int]string // further ones, or others in the place of its own
	root    string         // further entries of the catalog
	info    string
	page    string // further entries of each page
	packed  bool   // streams by Flate, objects in a stream, table in a stream
}

const pdfFonts = `<</R 3 0 R/B 4 0 R/M 5 0 R/W 6 0 R/D 9 0 R>>`

func (w pdfWriter) bytes() []byte {
	objects := map[int]string{
		1: "<</Type/Catalog/Pages 2 0 R" + w.root + ">>",
		3: "<</Type/Font/Subtype/Type1/BaseFont/Times-Roman/Encoding/WinAnsiEncoding>>",
		4: "<</Type/Font/Subtype/Type1/BaseFont/Helvetica-Bold/Encoding/WinAnsiEncoding>>",
		5: "<</Type/Font/Subtype/Type1/BaseFont/Courier>>",
		6: "<</Type/Font/Subtype/Type0/BaseFont/ABCDEF+Some/Encoding/Identity-H/DescendantFonts[7 0 R]/ToUnicode 8 0 R>>",
		7: "<</Type/Font/Subtype/CIDFontType2/BaseFont/ABCDEF+Some/DW 500/W[1[600 300] 3 4 250]>>",
		8: stream("", "1 begincodespacerange <0000> <ffff> endcodespacerange 2 beginbfchar <0001> <00660069> <0002> <0020> endbfchar\n1 beginbfrange <0003> <0010> <0061> endbfrange"),
		9: "<</Type/Font/Subtype/Type1/BaseFont/Mine/FirstChar 1/Widths[556 250 600 500 333]/Encoding<</Differences[1/fi/space/atilde/uni00E7/f_l]>>>>",
	}
	var kids []string
	for i, c := range w.pages {
		n := 20 + 2*i
		kids = append(kids, fmt.Sprintf("%d 0 R", n))
		objects[n] = fmt.Sprintf("<</Type/Page/Parent 2 0 R/Contents %d 0 R%s>>", n+1, w.page)
		if w.packed {
			objects[n+1] = stream("/Filter/FlateDecode", deflated(c))
		} else {
			objects[n+1] = stream("", c)
		}
	}
	objects[2] = fmt.Sprintf("<</Type/Pages/Count %d/Kids[%s]/MediaBox[0 0 612 792]/Resources<</Font%s>>>>", len(w.pages), strings.Join(kids, " "), pdfFonts)
	objects[10] = "<<" + w.info + ">>"
	last := 21 + 2*len(w.pages)
	for n, o := range w.objects {
		objects[n] = o
		last = max(last, n)
	}
	if w.packed {
		return packedPDF(objects, last)
	}
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
	offsets := map[int]int{}
	for n := 1; n <= last; n++ {
		if o, ok := objects[n]; ok {
			offsets[n] = b.Len()
			fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", n, o)
		}
	}
	at := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", last+1)
	for n := 1; n <= last; n++ {
		kind := 'f'
		if offsets[n] > 0 {
			kind = 'n'
		}
		fmt.Fprintf(&b, "%010d 00000 %c \n", offsets[n], kind)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R/Info 10 0 R>>\nstartxref\n%d\n%%%%EOF\n", last+1, at)
	return b.Bytes()
}

// packedPDF writes a file as new programs do: everything that is no stream lies in one, and so does the table.
func packedPDF(objects map[int]string, last int) []byte {
	var b, head, body bytes.Buffer
	b.WriteString("%PDF-1.5\n")
	rows := make([][3]int, last+3)
	n := 0
	for i := 1; i <= last; i++ {
		o, ok := objects[i]
		switch {
		case !ok:
		case strings.Contains(o, "stream\n"):
			rows[i] = [3]int{1, b.Len(), 0}
			fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i, o)
		default:
			rows[i] = [3]int{2, last + 1, n}
			fmt.Fprintf(&head, "%d %d ", i, body.Len())
			body.WriteString(o + "\n")
			n++
		}
	}
	rows[last+1] = [3]int{1, b.Len(), 0}
	fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", last+1, stream(fmt.Sprintf("/Type/ObjStm/N %d/First %d/Filter/FlateDecode", n, head.Len()), deflated(head.String()+body.String())))
	rows[last+2] = [3]int{1, b.Len(), 0}
	var table strings.Builder
	above := [5]byte{}
	for _, r := range rows {
		row := [5]byte{byte(r[0]), byte(r[1] >> 16), byte(r[1] >> 8), byte(r[1]), byte(r[2])}
		table.WriteByte(2) // by the difference to the row above
		for i := range row {
			table.WriteByte(row[i] - above[i])
		}
		above = row
	}
	at := b.Len()
	fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n", last+2, stream(fmt.Sprintf("/Type/XRef/Size %d/Root 1 0 R/Info 10 0 R/W[1 3 1]/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 5>>",
		last+3), deflated(table.String())), at)
	return b.Bytes()
}

func stream(entries, data string) string {
	return fmt.Sprintf("<<%s/Length %d>>\nstream\n%s\nendstream", entries, len(data), data)
}

func deflated(s string) string {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	_, _ = z.Write([]byte(s))
	_ = z.Close()
	return b.String()
}

// at writes text at a place of the page.
func at(font string, size, x, y int, text string) string {
	return fmt.Sprintf("BT /%s %d Tf %d %d Td (%s) Tj ET\n", font, size, x, y, strings.NewReplacer("(", `\(`, ")", `\)`).Replace(text))
}

func simplePDF() []byte { return pdfWriter{pages: []string{at("R", 10, 72, 700, "x")}}.bytes() }

// TestPDFWriter holds that the tests' own files are as they say: both kinds hold the same.
func TestPDFWriter(t *testing.T) {
	w := pdfWriter{pages: []string{at("R", 10, 72, 700, "one two"), at("R", 10, 72, 700, "three")}, info: "/Title(T)"}
	a := one(t, "a.pdf", w.bytes())
	w.packed = true
	if b := one(t, "a.pdf", w.bytes()); text(a) != text(b) || a.Title != "T" || b.Title != "T" || !strings.Contains(text(a), "one two") {
		t.Errorf("%q and %q", text(a), text(b))
	}
}
