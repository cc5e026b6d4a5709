package handover

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Kinds of what a line is made of.
const (
	Words  = ""       // our own
	Name   = "name"   // of an object of the plan
	Data   = "data"   // text that somebody outside wrote
	Code   = "code"   // a command
	Strong = "strong" // our own words that matter most
)

// Span is a piece of a line. Everything but Words and Strong may come from the plant: whoever shows it escapes it.
type Span struct{ Kind, Text string }

// Line is one line of a report; Level is how deep it stands below the head of its section, Source where its statement was read.
type Line struct {
	Level  int
	Spans  []Span
	Source string
}

// Section is one part of a report with its head; the first has none.
type Section struct {
	Head  string
	Lines []Line
}

// Page is a report for people, in the order in which it is read aloud.
type Page struct {
	Title    string
	Sections []Section
}

// pager writes a Page.
type pager struct {
	phrases
	r     Report
	now   time.Time
	known []string // names of objects, the longest first
	out   Page
}

// Page gives the report's text in its language: a summary, then what is open, deadlines, what happened, what is normal, and what was not seen.
func (r Report) Page() Page {
	p := r.pager()
	p.out.Title = fill(p.title, r.Engine.Name)
	p.summary()
	p.openPart()
	p.deadlinePart()
	p.happenedPart()
	p.normalPart()
	p.unseenPart()
	return p.out
}

func (r Report) pager() *pager {
	p := &pager{phrases: phrasesOf(r.Language), r: r, known: r.names()}
	if now, err := time.Parse(time.RFC3339, r.Clocks.PlanNow); err == nil {
		p.now = inZone(now, r.Zone)
	}
	return p
}

// names are all objects that the report names, the longest first, so that a job is found before its job stream.
func (r Report) names() []string {
	var out []string
	for _, o := range r.Open {
		out = append(append(out, o.Entity, o.Root), o.Also...)
		for _, s := range o.Suffers {
			out = append(out, s.Entity)
		}
	}
	for _, d := range r.Deadlines.Rows {
		out = append(out, d.Entity, d.Because)
	}
	for _, f := range r.Happened.Failures {
		out = append(out, f.Entity)
	}
	for _, n := range r.Normal {
		out = append(out, n.Entity)
	}
	out = slices.DeleteFunc(out, func(s string) bool { return len(s) < 2 })
	slices.SortFunc(out, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	return slices.Compact(out)
}

func (p *pager) section(head string) { p.out.Sections = append(p.out.Sections, Section{Head: head}) }

// line adds a line to the last section.
func (p *pager) line(level int, source string, spans ...[]Span) {
	s := &p.out.Sections[len(p.out.Sections)-1]
	l := Line{Level: level, Source: source}
	for _, more := range spans {
		l.Spans = append(l.Spans, more...)
	}
	s.Lines = append(s.Lines, l)
}

func words(text string) []Span  { return []Span{{Words, text}} }
func strong(text string) []Span { return []Span{{Strong, text}} }
func name(entity string) []Span { return []Span{{Name, entity}} }
func code(text string) []Span   { return []Span{{Code, text}} }

// data is text from outside, with its instants as people read them, and the objects that the report knows marked as such.
func (p *pager) data(text string) []Span {
	text = stamp.ReplaceAllStringFunc(text, p.when)
	var out []Span
	for text != "" {
		at, which := -1, ""
		for _, n := range p.known {
			if i := wholeWord(text, n); i >= 0 && (at < 0 || i < at) {
				at, which = i, n
			}
		}
		if at < 0 {
			return append(out, Span{Data, text})
		}
		if at > 0 {
			out = append(out, Span{Data, text[:at]})
		}
		out, text = append(out, Span{Name, which}), text[at+len(which):]
	}
	return out
}

// wholeWord finds a name that is not part of a longer one.
func wholeWord(text, name string) int {
	for from := 0; from < len(text); {
		i := strings.Index(text[from:], name)
		if i < 0 {
			return -1
		}
		i += from
		before, behind := i == 0 || !nameByte(text[i-1]), i+len(name) == len(text) || !nameByte(text[i+len(name)])
		if before && behind {
			return i
		}
		from = i + 1
	}
	return -1
}

// nameByte reports whether a byte may go on with a name of the plan.
func nameByte(c byte) bool { return wordByte(c) || c == '#' || c == '@' || c == '-' || c >= 0x80 }

// say puts spans into the places of a phrase.
func say(phrase string, values ...[]Span) []Span {
	var out []Span
	for i, part := range strings.Split(phrase, "%") {
		if i > 0 && len(values) > 0 {
			out, values = append(out, values[0]...), values[1:]
		}
		if part != "" {
			out = append(out, Span{Words, part})
		}
	}
	return out
}

func joined(sep string, parts ...[]Span) []Span {
	var out []Span
	for _, part := range parts {
		if len(part) == 0 {
			continue
		}
		if len(out) > 0 {
			out = append(out, Span{Words, sep})
		}
		out = append(out, part...)
	}
	return out
}

var stamp = regexp.MustCompile(`\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})`)

// when writes an instant as people at the plan's place say it: the time of day, the day only when it is not today's. Where the clocks have been or
// will be changed in between, or the hour comes twice, the offset stands beside it. Other text stays.
func (p *pager) when(s string) string {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return s
	}
	if p.now.IsZero() {
		return t.Format("2006-01-02 15:04 -07:00")
	}
	t = t.In(p.now.Location())
	const day = time.DateOnly
	text := t.Format("15:04")
	if t.Format("-07:00") != p.now.Format("-07:00") {
		text = t.Format("15:04 -07:00")
	}
	switch t.Format(day) {
	case p.now.Format(day):
	case p.now.AddDate(0, 0, -1).Format(day):
		text += p.yesterday
	case p.now.AddDate(0, 0, 1).Format(day):
		text += p.tomorrow
	default:
		text += fill(p.onDay, t.Format(day))
	}
	return text
}

func (p *pager) at(s string) []Span {
	if s == "" {
		return nil
	}
	return words(p.when(s))
}

// Text writes the page as plain text: no mark-up, one line a statement, sources behind.
func (p Page) Text() string {
	var b strings.Builder
	b.WriteString(oneLine(p.Title) + "\n")
	for _, s := range p.Sections {
		b.WriteString("\n")
		if s.Head != "" {
			b.WriteString(strings.ToUpper(s.Head) + "\n")
		}
		for _, l := range s.Lines {
			b.WriteString(strings.Repeat("   ", l.Level))
			for _, span := range l.Spans {
				b.WriteString(folded(span.Text))
			}
			if l.Source != "" {
				b.WriteString("  [" + oneLine(l.Source) + "]")
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}
