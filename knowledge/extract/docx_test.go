package extract_test

import (
	"strings"
	"testing"

	"github.com/resync-hwa/resync/knowledge/extract"
)

const (
	wordSpace  = `xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"`
	simpleBody = `<w:p><w:r><w:t>x</w:t></w:r></w:p>`
)

// docx makes a Word file of a body and further parts.
func docx(t testing.TB, body string, parts ...item) []byte {
	return pack(t, append([]item{{"[Content_Types].xml", "<Types/>"}, {"word/document.xml", `<?xml version="1.0" encoding="UTF-8"?><w:document ` + wordSpace + `><w:body>` + body + `</w:body></w:document>`}}, parts...)...)
}

// para is a paragraph with properties and runs of text; "|" in text begins another run.
func para(props, text string) string {
	var b strings.Builder
	b.WriteString(`<w:p><w:pPr>` + props + `</w:pPr>`)
	for run := range strings.SplitSeq(text, "|") {
		b.WriteString(`<w:r><w:t xml:space="preserve">` + run + `</w:t></w:r>`)
	}
	return b.String() + `</w:p>`
}

func style(id string) string { return `<w:pStyle w:val="` + id + `"/>` }

func numbered(list, depth string) string {
	return `<w:numPr><w:ilvl w:val="` + depth + `"/><w:numId w:val="` + list + `"/></w:numPr>`
}

func tc(props string, paras ...string) string {
	return `<w:tc><w:tcPr>` + props + `</w:tcPr>` + strings.Join(paras, "") + `</w:tc>`
}

var manualParts = []item{
	{"docProps/core.xml", `<cp:coreProperties xmlns:cp="c" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Guia do operador</dc:title></cp:coreProperties>`},
	{"word/styles.xml", `<w:styles ` + wordSpace + `>
<w:style w:type="paragraph" w:styleId="Ttulo1"><w:name w:val="heading 1"/><w:pPr><w:outlineLvl w:val="0"/></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="X2"><w:name w:val="Título 2"/></w:style>
<w:style w:type="paragraph" w:styleId="Mine"><w:name w:val="House heading"/><w:basedOn w:val="X2"/></w:style>
<w:style w:type="paragraph" w:styleId="Out"><w:name w:val="Own"/><w:pPr><w:outlineLvl w:val="2"/><w:numPr><w:ilvl w:val="2"/><w:numId w:val="3"/></w:numPr></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="S1"><w:name w:val="toc 1"/></w:style>
<w:style w:type="paragraph" w:styleId="Kod"><w:name w:val="Code block"/></w:style></w:styles>`},
	{"word/numbering.xml", `<w:numbering ` + wordSpace + `>
<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="3"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl><w:lvl w:ilvl="1"><w:numFmt w:val="bullet"/></w:lvl></w:abstractNum>
<w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:numFmt w:val="upperRoman"/><w:lvlText w:val="%1"/></w:lvl><w:lvl w:ilvl="2"><w:numFmt w:val="lowerLetter"/><w:lvlText w:val="%1.%3)"/></w:lvl></w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>
<w:num w:numId="2"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>
<w:num w:numId="3"><w:abstractNumId w:val="1"/></w:num></w:numbering>`},
	{"word/footnotes.xml", `<w:footnotes ` + wordSpace + `><w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:t>line</w:t></w:r></w:p></w:footnote>
<w:footnote w:id="2"><w:p><w:r><w:t>Only on the master.</w:t></w:r></w:p></w:footnote></w:footnotes>`},
}

var manualBody = strings.Join([]string{
	para(style("S1"), "Restarting 1"),
	para(style("Ttulo1"), "Rest|arting"),
	`<w:p><w:r><w:t>Before you restart, read this.</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r>` +
		`<w:del><w:r><w:delText>gone</w:delText><w:t>gone too</w:t></w:r></w:del><w:ins><w:r><w:t xml:space="preserve"> It is new.</w:t></w:r></w:ins>` +
		`<w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r><w:r><w:tab/><w:t>tab</w:t><w:br/><w:t>broken line</w:t></w:r><m:oMath><m:r><m:t>E=m</m:t></m:r></m:oMath></w:p>`,
	para(style("X2"), "Passos"),
	para(numbered("1", "0"), "Stop it."), para(numbered("1", "1"), "on UNIX"), para(numbered("1", "1"), "on Windows"),
	para(`<w:ind w:left="720"/>`, "It takes a minute."), para(style("Kod"), "net stop x"), para(style("Kod"), "  net start x"),
	para(numbered("1", "0"), "Start it."), para("", "Anew:"), para(numbered("2", "0"), "One."),
	para(style("Mine"), "Codes"), para(style("Out"), "Under"), para(style("Out"), "Under again"),
	`<w:tbl><w:tblPr/><w:tr>` + tc("", para("", "Code")) + tc(`<w:gridSpan w:val="2"/>`, para("", "Meaning")) + `</w:tr><w:tr>` +
		tc(`<w:vMerge w:val="restart"/>`, para("", "4")) + tc("", para("", "a | b")+para("", "c")) + tc("", para("", "Wait")) + `</w:tr><w:tr>` +
		tc(`<w:vMerge/>`, para("", "")) + tc("", para(numbered("1", "1"), "disk full")) + tc("", `<w:tbl><w:tr>`+tc("", para("", "in"))+tc("", para("", "ner"))+`</w:tr></w:tbl>`+para("", "")) + `</w:tr></w:tbl>`,
	`<w:p><w:r><w:t>Anchor.</w:t><mc:AlternateContent><mc:Choice><w:txbxContent>` + para("", "In a box.") + `</w:txbxContent></mc:Choice><mc:Fallback><w:txbxContent>` + para("", "In a box.") + `</w:txbxContent></mc:Fallback></mc:AlternateContent></w:r></w:p>`,
	`<w:p><w:r><w:fldChar/><w:instrText>PAGEREF x</w:instrText><w:t>after the box</w:t></w:r></w:p>`,
	`<w:p><w:r><w:rPr><w:rFonts w:ascii="Courier New"/></w:rPr><w:t xml:space="preserve">conman  ss</w:t></w:r></w:p>`,
}, "")

func TestDOCXGolden(t *testing.T) {
	f := one(t, "manual.docx", docx(t, manualBody, manualParts...))
	golden(t, "docx/manual.md", f)
	if f.Title != "Guia do operador" || f.Format != extract.DOCX || !f.Stored || len(f.Notes) != 0 {
		t.Errorf("title %q, format %s, stored %v, notes %q", f.Title, f.Format, f.Stored, f.Notes)
	}
	for _, not := range []string{"gone", "hidden", "PAGEREF", "Restarting 1"} {
		if strings.Contains(text(f), not) {
			t.Errorf("the text holds %q", not)
		}
	}
	if strings.Count(text(f), "In a box.") != 1 {
		t.Error("a text box comes not once")
	}
}

// TestDOCXOdd holds what files are like that other programs wrote, or that are damaged.
func TestDOCXOdd(t *testing.T) {
	for _, c := range []struct {
		name         string
		data         []byte
		want, reason string
		note         string
	}{
		{name: "headings without styles", data: docx(t, para(style("Heading2"), "A")), want: "## A"},
		{name: "another prefix, the strict namespace", data: pack(t, item{"[Content_Types].xml", ""}, item{"word/document2.xml",
			`<document xmlns="http://purl.oclc.org/ooxml/wordprocessingml/main"><body><p><r><t>strict</t></r></p></body></document>`}), want: "strict"},
		{name: "damaged styles", data: docx(t, simpleBody, item{"word/styles.xml", "<a><b"}), want: "x", note: "styles are damaged"},
		{name: "broken off", data: docx(t, simpleBody+`<w:tbl><w:tr><w:tc><w:p><w:r><w:t>y</w:t></w:r></w:p><w:x`), want: "y", note: "It is damaged"},
		{name: "damaged from the start", data: docx(t, `<`), reason: "damaged"},
		{name: "no text", data: docx(t, `<w:p/>`), reason: "it holds no text"},
		{name: "an entity of its own", data: pack(t, item{"[Content_Types].xml", ""}, item{"word/document.xml",
			`<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><w:document ` + wordSpace + `><w:body><w:p><w:r><w:t>&b;</w:t></w:r></w:p></w:body></w:document>`}), reason: "damaged"},
		{name: "a tag that never ends", data: docx(t, `<w:p `+strings.Repeat(`a="1" `, 1<<19)+`/>`), reason: "piece of markup"},
		{name: "a bomb", data: docx(t, simpleBody+strings.Repeat(" ", 4<<20)), reason: "piece of markup"},
		{name: "a bomb of paragraphs", data: docx(t, strings.Repeat(simpleBody, 300_000)), reason: "500000 lines"},
		{name: "deep nesting", data: docx(t, strings.Repeat(`<w:tbl><w:tr><w:tc>`, 20_000)+simpleBody), want: "x", note: "damaged"},
		{name: "paragraphs in each other", data: docx(t, strings.Repeat(`<w:p>`, 20_000)+`<w:r><w:t>x</w:t></w:r>`), want: "x", note: "damaged"},
		{name: "spreadsheet", data: pack(t, item{"[Content_Types].xml", ""}, item{"xl/workbook.xml", ""}), reason: "spreadsheet"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var g got
			if mb := allocated(func() { g = read(t, "a.docx", c.data, extract.Limits{}) }); mb > 400 {
				t.Errorf("%d MB were allocated", mb)
			}
			if c.reason != "" {
				if g.err == nil || !strings.Contains(g.err.Error(), c.reason) {
					t.Errorf("error %v; want %q", g.err, c.reason)
				}
				return
			}
			if g.err != nil || !strings.Contains(text(g.files[0]), c.want) {
				t.Fatalf("error %v, documents %+v; want %q", g.err, g.files, c.want)
			}
			if notes := strings.Join(g.files[0].Notes, " "); !strings.Contains(notes, c.note) || c.note == "" && notes != "" {
				t.Errorf("notes %q, want %q", notes, c.note)
			}
		})
	}
}
