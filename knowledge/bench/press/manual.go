package press

import (
	"fmt"
	"hash/fnv"
	"strings"
)

// Manual is a reference of messages, all of one layout: a subject and a fault make a message, so each has dozens of neighbours that differ
// in one or two words.
type Manual struct {
	Document string // its path in the corpus
	Title    string
	Language string // "en" or "pt"
	Intro    string
	Prefix   string // of the ids
	Layout   layout
	Subjects []subject
	Faults   []fault
	Head     string // running head of its pages, where it is known as a scan only
	first    int    // number of the first message
}

// subject is what a message is about; the fields are parts of sentences.
type subject struct {
	name   string // "run cycle"
	plural string // heading of its part of the manual
	where  string // where it is kept or seen
	setting,
	duty string // who looks after it, and what stops without it
}

// fault is what went wrong with a subject. In its sentences $s is the subject, $w where it is, $p its parameter, $d what depends on it and
// $n a number of the message's own.
type fault struct {
	severity                            string
	text, explanation, system, operator string
}

// Entry is one message of a manual, with the lines that define it.
type Entry struct {
	ID         string
	Text       string
	Start, End int // lines from 1, inclusive
}

// page collects lines.
type page struct{ lines []string }

func (p *page) add(lines ...string) { p.lines = append(p.lines, lines...) }

// para adds text wrapped at 100 columns, and a blank line.
func (p *page) para(text string) { p.add(wrap(text, 100, "")...); p.add("") }

// Print writes a manual and says where each of its messages stands.
func (m *Manual) Print() (text string, entries []Entry) {
	p := &page{}
	p.add("# "+m.Title, "")
	p.para(m.Intro)
	number := m.first
	for _, s := range m.Subjects {
		p.add("## "+s.plural, "")
		if m.Layout.tabular() {
			p.add(words[m.Language].columns, "|---|---|---|---|")
		}
		for _, f := range m.Faults {
			number += 1 + int(pick(m.Prefix+s.name+f.text, 3))
			id := fmt.Sprintf("%s%03d%s", m.Prefix, number, f.severity)
			parts := [4]string{f.text, f.explanation, f.system, f.operator}
			for i := range parts {
				parts[i] = s.fill(parts[i], pick(id, 90)+10)
			}
			start := len(p.lines) + 1
			m.Layout.write(p, m, id, parts)
			end := len(p.lines)
			for p.lines[end-1] == "" {
				end--
			}
			entries = append(entries, Entry{ID: id, Text: parts[0], Start: start, End: end})
		}
		if m.Layout.tabular() {
			p.add("")
		}
	}
	text = strings.TrimRight(strings.Join(p.lines, "\n"), "\n") + "\n"
	if m.Head != "" {
		text = Scan(text, m.Head)
		find(strings.Split(text, "\n"), entries)
	}
	return text, entries
}

// find gives the entries the lines that they have in a scan: from their own id to the line before the next one's.
func find(lines []string, entries []Entry) {
	at := 0
	for i := range entries {
		for !strings.Contains(lines[at], entries[i].ID) {
			at++
		}
		entries[i].Start = at + 1
	}
	for i := range entries {
		end := len(lines)
		if i+1 < len(entries) {
			end = entries[i+1].Start - 1
		}
		for lines[end-1] == "" {
			end--
		}
		entries[i].End = end
	}
}

func (s subject) fill(text string, n uint32) string {
	text = strings.NewReplacer("$s", s.name, "$w", s.where, "$p", s.setting, "$d", s.duty, "$n", fmt.Sprint(n)).Replace(text)
	return strings.ToUpper(text[:1]) + text[1:]
}

// pick gives a number below n that depends on the text alone.
func pick(text string, n uint32) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(text))
	return h.Sum32() / 7 % n
}

// wrap breaks a text into lines of at most width bytes, all but the first with an indent.
func wrap(text string, width int, indent string) []string {
	var lines []string
	line := ""
	for _, w := range strings.Fields(text) {
		if line != "" && len(line)+1+len(w) > width {
			lines = append(lines, line)
			line = indent + w
			continue
		}
		if line != "" {
			line += " "
		}
		line += w
	}
	return append(lines, line)
}
