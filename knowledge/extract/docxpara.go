package extract

import (
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
)

// docxPara is a paragraph that is open.
type docxPara struct {
	text         strings.Builder
	style        string
	list         string
	depth, level int
	moved        bool // indented
	runMono      bool
	plain        bool // holds text in a proportional font
	hidden       bool // the current run is
	inText       bool
	inProps      bool // of the paragraph itself: fonts there are those of its mark
}

// begin takes a start tag inside a paragraph.
func (p *docxPara) begin(w *docxBody, e xml.StartElement) error {
	v := value(e, "val")
	switch e.Name.Local {
	case "pPr":
		p.inProps = true
	case "pStyle":
		p.style = v
	case "ilvl":
		p.depth, _ = strconv.Atoi(v)
	case "numId":
		p.list = v
	case "outlineLvl":
		if n, err := strconv.Atoi(v); err == nil && n < 9 {
			p.level = n + 1
		}
	case "ind":
		left := value(e, "left") + value(e, "start")
		p.moved = left != "" && left != "0" && !strings.HasPrefix(left, "-")
	case "r":
		p.runMono, p.hidden = false, false
	case "rStyle":
		s := w.d.style(v)
		p.runMono = p.runMono || s.mono || s.code
	case "rFonts":
		if !p.inProps {
			p.runMono = monoName.MatchString(value(e, "ascii"))
		}
	case "vanish":
		p.hidden = !p.inProps && !off(e)
	case "t":
		p.inText = true
	case "tab", "ptab":
		if !p.inProps {
			p.text.WriteByte('\t')
		}
	case "br", "cr":
		p.text.WriteByte('\n')
	case "noBreakHyphen":
		p.text.WriteByte('-')
	case "footnoteReference", "endnoteReference":
		if text := w.d.notes[strings.TrimSuffix(e.Name.Local, "Reference")+value(e, "id")]; text != "" {
			w.notes = append(w.notes, text)
			fmt.Fprintf(&p.text, " [%d]", len(w.notes))
		}
	}
	return nil
}
