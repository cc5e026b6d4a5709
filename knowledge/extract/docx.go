package extract

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// maxMarkup bounds the bytes between two less-than signs of XML: the decoder keeps each attribute of a tag.
const maxMarkup = 1 << 20

// readDOCX makes Markdown of a Word document: the text as it reads with all changes accepted.
func readDOCX(m *meter, p *paper, data []byte, limits Limits) (File, error) {
	if err := m.look(); err != nil {
		return File{}, err
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return File{}, broken
	}
	d := &docx{m: m, limits: limits, size: int64(len(data)), parts: map[string]*zip.File{}, styles: map[string]docxStyle{}, notes: map[string]string{}, counted: map[string]*[9]int{}, began: map[string]bool{}}
	main := ""
	for _, f := range z.File {
		if d.parts[f.Name] == nil {
			d.parts[f.Name] = f
		}
		if f.Name == "word/document.xml" || main == "" && strings.HasPrefix(f.Name, "word/document") && strings.HasSuffix(f.Name, ".xml") {
			main = f.Name
		}
	}
	var said []string
	for _, part := range []struct {
		name, loss string
		read       func(*xml.Decoder) error
	}{
		{"docProps/core.xml", "Its properties are damaged and were left out.", d.readTitle},
		{"word/styles.xml", "Its styles are damaged; headings may be missing.", d.readStyles},
		{"word/numbering.xml", "Its numbering is damaged; numbers of lists may be missing.", d.readNumbering},
		{"word/footnotes.xml", "Its footnotes are damaged and were left out in part.", d.readNotes},
		{"word/endnotes.xml", "Its endnotes are damaged and were left out in part.", d.readNotes},
	} {
		if d.parts[part.name] == nil {
			continue
		}
		if err := d.part(part.name, part.read); err != nil {
			var why unreadable
			if !errors.As(err, &why) || m.look() != nil {
				return File{}, err
			}
			said = append(said, part.loss)
		}
	}
	w := newDOCXBody(d, p)
	err = d.part(main, w.read)
	var why unreadable
	// What was read before the damage is kept.
	damaged := errors.As(err, &why) && why == broken && w.top().out.err == nil
	if err != nil && !damaged {
		return File{}, err
	}
	w.finish()
	if damaged {
		if len(p.lines) == 0 {
			return File{}, err
		}
		said = append(said, "It is damaged; what comes after the damage is missing.")
	}
	return File{Title: fold(d.title), Lines: trimmed(p.lines), Stored: true, Notes: said}, p.err
}

// docx is what the parts beside the text say.
type docx struct {
	m        *meter
	limits   Limits
	size     int64
	unpacked int64
	parts    map[string]*zip.File
	title    string
	styles   map[string]docxStyle
	lists    docxLists
	counted  map[string]*[9]int // where each numbering is
	began    map[string]bool    // lists whose own start was taken
	notes    map[string]string  // text of foot- and endnotes
}

// part hands a decoder of one part to read. The XML has no entities but the five and no depth that costs a stack, but a tag of any length: that is bounded.
func (d *docx) part(name string, read func(*xml.Decoder) error) error {
	f := d.parts[name]
	if f == nil {
		return refuse("it is a DOCX file without text")
	}
	in, err := f.Open()
	if err != nil {
		return broken
	}
	defer func() { _ = in.Close() }()
	c := &counted{m: d.m, in: in, packed: min(int64(f.CompressedSize64), d.size), most: d.limits.SourceBytes, ratio: d.limits.Ratio, total: &d.unpacked, all: 2 * d.limits.SourceBytes}
	err = read(xml.NewDecoder(&tame{in: c}))
	var syntax *xml.SyntaxError
	switch {
	case err == nil, errors.Is(err, io.EOF):
		return nil
	case errors.As(err, &syntax):
		return broken
	case errors.Is(err, errFull):
		return refuse("it unpacks to more than the %s allowed", size(2*d.limits.SourceBytes))
	}
	return err
}

// tame refuses markup that never ends.
type tame struct {
	in  io.Reader
	run int
}

func (t *tame) Read(b []byte) (int, error) {
	n, err := t.in.Read(b)
	for rest := b[:n]; ; {
		i := bytes.IndexByte(rest, '<')
		if i < 0 {
			t.run += len(rest)
			break
		}
		if t.run += i; t.run > maxMarkup {
			break
		}
		t.run, rest = 0, rest[i+1:]
	}
	if t.run > maxMarkup {
		return 0, refuse("it holds a piece of markup of more than %s", size(maxMarkup))
	}
	return n, err
}

// Namespaces whose elements say something of the text.
var (
	wordSpaces = words("http://schemas.openxmlformats.org/wordprocessingml/2006/main http://purl.oclc.org/ooxml/wordprocessingml/main")
	mathSpaces = words("http://schemas.openxmlformats.org/officeDocument/2006/math http://purl.oclc.org/ooxml/officeDocument/math")
)

// value gives an attribute by its local name.
func value(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// off reports whether an element that switches something says no.
func off(e xml.StartElement) bool {
	v := value(e, "val")
	return v == "0" || v == "false" || v == "off" || v == "none"
}

// each calls open for every start tag and shut for every end tag and text for character data, to the end. open may read on from the decoder itself.
func (d *docx) each(x *xml.Decoder, open func(xml.StartElement) error, shut func(xml.EndElement), text func([]byte)) error {
	for {
		t, err := x.Token()
		if err == nil {
			err = d.m.step()
		}
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if err := open(t); err != nil {
				return err
			}
		case xml.EndElement:
			shut(t)
		case xml.CharData:
			text(t)
		}
	}
}

// skip reads over an element. The decoder's own Skip keeps no time.
func (d *docx) skip(x *xml.Decoder) error {
	for depth := 1; depth > 0; {
		t, err := x.Token()
		if err == nil {
			err = d.m.step()
		}
		if err != nil {
			return err
		}
		switch t.(type) {
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
		}
	}
	return nil
}

func (d *docx) readTitle(x *xml.Decoder) error {
	in := false
	return d.each(x, func(e xml.StartElement) error {
		in = e.Name.Local == "title" && d.title == ""
		return nil
	}, func(xml.EndElement) { in = false }, func(t []byte) {
		if in && len(d.title) < 1<<10 {
			d.title += string(t)
		}
	})
}

// readNotes takes the text of foot- or endnotes.
func (d *docx) readNotes(x *xml.Decoder) error {
	kind, id := "", ""
	var text strings.Builder
	inText := false
	return d.each(x, func(e xml.StartElement) error {
		switch e.Name.Local {
		case "footnote", "endnote":
			kind, id = e.Name.Local, value(e, "id")
			if t := value(e, "type"); t != "" && t != "normal" {
				return d.skip(x)
			}
		case "del", "moveFrom", "pPr", "Fallback":
			return d.skip(x)
		case "tab", "br", "p":
			text.WriteByte(' ')
		case "t":
			inText = wordSpaces[e.Name.Space]
		}
		return nil
	}, func(e xml.EndElement) {
		inText = false
		if (e.Name.Local == "footnote" || e.Name.Local == "endnote") && id != "" {
			d.notes[kind+id] = fold(text.String())
			text.Reset()
		}
	}, func(t []byte) {
		if inText {
			text.Write(t)
		}
	})
}
