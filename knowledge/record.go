package knowledge

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/internal/fold"
	"github.com/resync-hwa/resync/knowledge/cut"
	"github.com/resync-hwa/resync/knowledge/index"
	"github.com/resync-hwa/resync/knowledge/library"
	"github.com/resync-hwa/resync/knowledge/words"
)

// recordVersion is raised when records are made differently; indexes made before are then made anew.
const recordVersion = 5

// pointer is a line of a list that was read as a heading: "Changing the ports on page 408" names a section and is none.
var pointer = regexp.MustCompile(`(?i)\b(?:on page|na p[áa]gina) +[0-9ivxlcdm]+\.?$`)

// layout is what the records of this program mean.
func layout(model string, dimensions int) index.Layout {
	return index.Layout{Analysis: int(words.GlossarySum())<<8 | recordVersion, Model: model, Dimensions: dimensions}
}

// maker makes the records of passages. It remembers stems: one for each goroutine.
type maker struct {
	glossary *words.Glossary
	stems    words.Stems
}

func newMaker(g *words.Glossary) *maker { return &maker{glossary: g, stems: words.Stems{}} }

// record analyses one passage: body are its lines without the heading.
func (m *maker) record(d *library.Document, s *cut.Section, p *cut.Passage, body []string) index.Record {
	r := making{maker: m, language: d.Language, entries: map[uint32]*index.Entry{}}
	heading := 0
	r.count(index.Title, d.Title, false)
	for i, h := range s.HeadingPath {
		// A document's first heading repeats its title more often than not; it must not count twice.
		if i == 0 && len(s.HeadingPath) > 1 && fold.Text(h) == fold.Text(d.Title) {
			continue
		}
		if i < len(s.HeadingPath)-1 {
			r.count(index.Ancestor, h, false)
		} else {
			heading = r.count(index.Heading, h, true)
		}
	}
	length := r.count(index.Body, strings.Join(body, "\n"), false)
	for _, l := range body {
		if below, ok := strings.CutPrefix(l, "#"); ok { // a lesser heading that the cutter left in the passage
			r.count(index.Ancestor, strings.TrimLeft(below, "#"), false)
		}
	}
	for _, id := range slices.Concat(d.MessageIDs, d.Jobs, d.Streams) {
		r.add("="+fold.Text(id), index.Binding, -1)
	}
	for _, id := range p.Messages {
		r.defines(fold.Text(id))
	}
	out := index.Record{Section: p.Section, Length: length, Words: heading, Entries: make([]index.Entry, 0, len(r.entries))}
	if p.Contents {
		out.Flags |= index.Contents
	}
	if p.Bare {
		out.Flags |= index.Bare
	}
	if n := len(s.HeadingPath); n > 0 && pointer.MatchString(s.HeadingPath[n-1]) {
		out.Flags |= index.Contents
	}
	for _, e := range r.entries {
		out.Entries = append(out.Entries, *e)
	}
	slices.SortFunc(out.Entries, func(a, b index.Entry) int { return cmp.Compare(a.Hash, b.Hash) })
	return out
}

// making is one record on its way.
type making struct {
	*maker
	language string
	entries  map[uint32]*index.Entry
}

func (r *making) add(term string, f index.Field, position int) {
	h := index.Hash(term)
	e := r.entries[h]
	if e == nil {
		e = &index.Entry{Hash: h}
		r.entries[h] = e
	}
	e.Add(f, position)
}

// defines notes an id whose explanation the passage is. Of "rc 127" the number is what a question names.
func (r *making) defines(id string) {
	r.add("="+id, index.Defines, -1)
	words := strings.Fields(id)
	for _, w := range words[min(1, len(words)):] {
		if r.language != Portuguese {
			r.add("en:"+w, index.Defines, -1)
		}
		if r.language != English {
			r.add("pt:"+w, index.Defines, -1)
		}
	}
}

// count adds the terms of a text to a field and gives the number of its words. Only a passage's own heading can name its role.
func (r *making) count(f index.Field, text string, roles bool) int {
	tokens := r.stems.Analyse(words.Plain(text))
	content := words.Content(tokens)
	at := 0 // of the content word that is or follows
	for _, t := range tokens {
		switch {
		case t.Ident:
			r.add("="+t.Raw, f, at)
		case !t.Stop:
			if r.language != Portuguese {
				r.add("en:"+t.En, f, at)
			}
			if r.language != English {
				r.add("pt:"+t.Pt, f, at)
			}
			at++
		}
	}
	for _, c := range r.glossary.All(content) {
		r.add("c:"+c, f, -1)
	}
	if roles {
		for _, m := range append(r.glossary.Find(content, false), r.glossary.Find(tokens, true)...) {
			for _, c := range m.Concepts {
				if r.glossary.Role(c) {
					r.add("c:"+c, f, -1)
				}
			}
		}
	}
	return len(content)
}
