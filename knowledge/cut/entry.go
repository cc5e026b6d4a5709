package cut

import (
	"regexp"
	"strings"

	"github.com/resync-hwa/resync/internal/fold"
	"github.com/resync-hwa/resync/knowledge/words"
)

// Entry is what a passage says of a message, in its own words: white space folded, marks of emphasis left out.
type Entry struct {
	Says   string // the text of the message
	Cause  string
	Effect string // what the system does
	Action string // what people are to do
}

// Empty reports whether nothing was found.
func (e Entry) Empty() bool { return e == Entry{} }

// maxPart bounds each part of an entry, in bytes.
const maxPart = 1500

// EntryOf takes apart what a passage says of an id that is among its Messages. text are the lines of the passage from Start on, or its
// piece of a line, head those of the head of its table where that stands elsewhere.
func EntryOf(id string, head, text []string) Entry {
	if e := rowEntry(head, text, id); !e.Empty() {
		return e.bounded()
	}
	r := reading{id: strings.ToUpper(id)}
	for _, l := range text {
		r.line(l)
	}
	return r.entry().bounded()
}

// IsLabel reports whether a heading only names a part of a message entry: "Explanation", "Causa e solução".
func IsLabel(heading string) bool { return isLabel(heading) }

func (e Entry) bounded() Entry {
	for _, part := range []*string{&e.Says, &e.Cause, &e.Effect, &e.Action} {
		*part = sentences(words.Squeeze(*part), maxPart)
	}
	return e
}

// sentences cuts a text behind a sentence at or before n bytes, or at a blank.
func sentences(s string, n int) string {
	if len(s) <= n {
		return s
	}
	if at := strings.LastIndexAny(s[:n], ".!?"); at > n/2 && s[at+1] == ' ' {
		return s[:at+1]
	}
	return clip(s, n)
}

// reading goes through the lines of an entry and remembers in which part it stands.
type reading struct {
	id     string
	part   *strings.Builder
	fenced bool
	found  bool // the line with the id was seen
	says, cause,
	effect, action, other strings.Builder
	lead strings.Builder // what stands before any label and is not the message
}

func (r *reading) line(l string) {
	if _, n, _ := fence(l); n > 0 {
		r.fenced = !r.fenced
		return
	}
	t := strings.TrimSpace(l)
	if t == "" {
		if r.part == &r.says {
			r.part = &r.lead // the message is one paragraph
		}
		return
	}
	if !r.fenced {
		if label, rest, ok := labelOf(t); ok {
			r.part = r.of(label)
			r.text(rest)
			return
		}
	}
	bare := unmarked(t)
	if at := strings.Index(bare, r.id); at >= 0 && !r.found && !idGoesOn(bare[at+len(r.id):]) {
		r.found = true
		message := strings.TrimLeft(bare[at+len(r.id):], " \t:–—-.\"”’')")
		if heading := strings.HasPrefix(t, "#"); message == "" || heading && at > 0 {
			r.found = !heading || at == 0 // "It fails with ABC001E": the message itself is quoted below, or nowhere
			r.part = &r.lead
			if at == 0 {
				r.part = &r.says
			}
			return
		}
		r.part = &r.says
		r.text(message)
		return
	}
	if strings.HasPrefix(t, "#") {
		r.part = &r.lead
		return
	}
	if r.part == &r.says {
		bare = strings.TrimPrefix(bare, ": ") // of a definition
	}
	r.text(bare)
}

// text adds to the part, and goes over to others where labels stand in the line.
func (r *reading) text(s string) {
	for s != "" {
		at, end, label := nextLabel(s)
		head := s
		if at >= 0 {
			head = s[:at]
		}
		if r.part == nil {
			r.part = &r.lead
		}
		if r.part.Len() < 4*maxPart {
			r.part.WriteString(unmarked(head) + " ")
		}
		if at < 0 {
			return
		}
		r.part, s = r.of(label), s[end:]
	}
}

// nextLabel finds the first label that stands inside a line, behind the end of a sentence.
func nextLabel(s string) (at, end int, label string) {
	m := inlineLabels.FindStringSubmatchIndex(s)
	if m == nil {
		return -1, 0, ""
	}
	return m[2], m[3], words.Squeeze(fold.Text(strings.Trim(s[m[2]:m[3]], "*_: ")))
}

func (r *reading) of(label string) *strings.Builder {
	switch {
	case saysLabels[label]:
		return &r.says
	case causeLabels[label]:
		return &r.cause
	case systemLabels[label]:
		return &r.effect
	case actionLabels[label]:
		return &r.action
	}
	return &r.other
}

func (r *reading) entry() Entry {
	e := Entry{Says: r.says.String(), Cause: r.cause.String(), Effect: r.effect.String(), Action: r.action.String()}
	if strings.TrimSpace(e.Cause+e.Effect+e.Action) == "" {
		// Nothing is labelled: what stands below the message explains it.
		e.Cause = r.lead.String()
	}
	return e
}

// idGoesOn reports whether an id is only the beginning of a longer one.
func idGoesOn(rest string) bool {
	return rest != "" && (rest[0] >= '0' && rest[0] <= '9' || rest[0] >= 'A' && rest[0] <= 'Z' || rest[0] >= 'a' && rest[0] <= 'z')
}

var emphasis = regexp.MustCompile("\\*\\*|__|`")

// unmarked gives a line without marks of headings, lists and emphasis.
func unmarked(s string) string {
	s = strings.TrimSpace(s)
	s = strings.TrimSpace(strings.TrimLeft(s, "#>"))
	for _, bullet := range []string{"- ", "* ", "+ ", "• "} {
		s = strings.TrimPrefix(s, bullet)
	}
	return emphasis.ReplaceAllString(s, "")
}

// rowEntry reads the row of a table that begins with the id. Columns are known by their heads; without any, the second cell is the
// message and what follows the cause.
func rowEntry(head, text []string, id string) Entry {
	var rows [][]string
	all := strings.Join(append(head[:len(head):len(head)], text...), "\n")
	if strings.Contains(all, "<tr") {
		for _, r := range strings.Split(all, "<tr")[1:] {
			rows = append(rows, cellsOf("<tr"+r))
		}
	} else {
		for _, l := range append(head[:len(head):len(head)], text...) {
			if isRow(l) && !isRule(l) {
				rows = append(rows, cellsOf(l))
			}
		}
	}
	for i, row := range rows {
		if rowID(row, rows[0][0]) != strings.ToUpper(id) {
			continue
		}
		var e Entry
		for k, cell := range row[1:] {
			label := ""
			if i > 0 && k+1 < len(rows[0]) {
				label = words.Squeeze(fold.Text(strings.Trim(rows[0][k+1], "*_ :")))
			}
			part := &e.Cause
			switch {
			case saysLabels[label] || label == "" && k == 0:
				part = &e.Says
			case systemLabels[label]:
				part = &e.Effect
			case actionLabels[label]:
				part = &e.Action
			case otherLabels[label]:
				continue
			case e.Says == "" && !causeLabels[label]:
				part = &e.Says
			}
			*part = strings.TrimSpace(*part + " " + unmarked(cell))
		}
		return e
	}
	return Entry{}
}
