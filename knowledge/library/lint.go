package library

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/internal/fold"
	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/knowledge/cut"
	"github.com/resync-hwa/resync/knowledge/extract"
)

// The rules of Lint.
const (
	NoHeadings     = "no-headings"      // the document has no heading at all: nothing can be cited by its section
	EmptySection   = "empty-section"    // a heading has nothing below it, not even other headings
	Double         = "double"           // two documents have the same text
	UnknownKind    = "unknown-kind"     // a document is bound to a kind of cause that is never diagnosed
	UnboundRunbook = "unbound-runbook"  // a runbook is bound to nothing: it is found by search and never attached to a diagnosis
	BrokenLink     = "broken-link"      // a link leads to no section, or to no document of the folder
	NoLanguage     = "unknown-language" // a document is in neither of the languages that are known here
	LongPassage    = "long-passage"     // a piece of text that could not be cut anywhere is far longer than what is searched well
	LeftOut        = "left-out"         // a file, or a part of one, was not taken
)

// longWords is how many words make a passage far too long: three times what the cutter aims at.
const longWords = 900

// Finding is what a librarian would want to know of a document.
type Finding struct {
	Document string
	Line     int // from 1; 0 is the document as a whole
	Rule     string
	Text     string // a sentence for people
}

// LintOptions say what a shelf does not know itself.
type LintOptions struct {
	// Kinds are the kinds of cause that exist; where there are none, bindings to them are not judged.
	Kinds []string
}

// Lint looks through all documents and gives its findings by document and line. It reads one document at a time and changes nothing.
func Lint(ctx context.Context, shelf Shelf, o LintOptions) ([]Finding, error) {
	l := &linter{shelf: shelf, o: o, texts: map[string]string{}, files: map[origin]int64{}}
	documents, err := l.all(ctx)
	if err != nil {
		return nil, err
	}
	for i := range documents {
		if err := l.document(ctx, &documents[i]); err != nil {
			return nil, err
		}
	}
	problems, err := shelf.Problems(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range problems {
		l.found = append(l.found, Finding{Document: p.Document, Rule: LeftOut, Text: "It was left out, or a part of it: " + p.Reason + "."})
	}
	slices.SortStableFunc(l.found, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Document, b.Document), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Text, b.Text))
	})
	return l.found, nil
}

// linter is one Lint.
type linter struct {
	shelf Shelf
	o     LintOptions
	texts map[string]string // hash of a text: the first document that has it
	files map[origin]int64  // documents by where they came from
	found []Finding
}

func (l *linter) all(ctx context.Context) (all []Document, err error) {
	for after := ""; ; {
		const step = 1000
		some, err := l.shelf.Documents(ctx, after, step)
		if err != nil {
			return nil, err
		}
		for _, d := range some {
			l.files[origin{d.Source, d.File, d.Part}] = d.ID
			after = d.Path
		}
		if all = append(all, some...); len(some) < step {
			return all, nil
		}
	}
}

func (l *linter) tell(d *Document, line int, rule, format string, args ...any) {
	l.found = append(l.found, Finding{Document: d.Path, Line: line, Rule: rule, Text: fmt.Sprintf(format, args...)})
}

func (l *linter) document(ctx context.Context, d *Document) error {
	lines, err := l.shelf.Lines(ctx, d.ID, 1, d.Lines)
	if err != nil {
		return err
	}
	sections, err := l.shelf.Sections(ctx, d.ID)
	if err != nil {
		return err
	}
	passages, err := l.shelf.Passages(ctx, d.ID)
	if err != nil {
		return err
	}
	l.about(d, lines, sections)
	l.outline(d, lines, sections)
	starts := map[int]int{}
	for _, p := range passages {
		starts[p.Start]++
	}
	for _, p := range passages {
		if n := wordsOf(p.Passage, lines); n > longWords && starts[p.Start] == 1 { // of a line that was cut itself the pieces are short enough
			l.tell(d, p.Start, LongPassage, "The text from here to line %d has %d words and nothing at which it could be cut; headings or blank lines within it would make it easier to find.", p.End, n)
		}
	}
	if d.Format == extract.Markdown {
		return l.links(ctx, d, lines, sections)
	}
	return nil
}

// wordsOf counts the words on the lines of a passage.
func wordsOf(p cut.Passage, lines []string) int {
	n := 0
	for _, line := range lines[min(p.Start-1, len(lines)):min(p.End, len(lines))] {
		n += len(strings.Fields(line))
	}
	return n
}

// about judges what is said of a document as a whole.
func (l *linter) about(d *Document, lines []string, sections []cut.Section) {
	if hash, _ := hashText(lines); len(lines) > 0 {
		if other, there := l.texts[hash]; there {
			l.tell(d, 0, Double, "It has the same text as %s; each answer may cite both.", other)
		} else {
			l.texts[hash] = d.Path
		}
	}
	if d.Language == "" {
		l.tell(d, 0, NoLanguage, "Its language is not known; a line such as “language: en” in its front matter tells it.")
	}
	if d.Kind == Runbook && len(d.Kinds)+len(d.MessageIDs)+len(d.Jobs)+len(d.Streams) == 0 {
		l.tell(d, 0, UnboundRunbook, "It is a runbook that is bound to nothing, so that no diagnosis attaches it; kinds, message_ids, jobs or streams in its front matter bind it.")
	}
	head := lines
	if len(sections) > 0 {
		head = lines[:min(max(sections[0].StartLine-1, 0), len(lines))]
	}
	for _, kind := range d.Kinds {
		known := slices.ContainsFunc(l.o.Kinds, func(k string) bool { return k == kind || strings.HasPrefix(k, kind+".") })
		if len(l.o.Kinds) > 0 && !known {
			at := slices.IndexFunc(head, func(line string) bool { return strings.Contains(strings.ToLower(line), kind) })
			l.tell(d, at+1, UnknownKind, "It is bound to the kind of cause %q, which does not exist.", untrusted.Normalize(kind))
		}
	}
}

// outline judges headings.
func (l *linter) outline(d *Document, lines []string, sections []cut.Section) {
	if len(sections) > 0 && !slices.ContainsFunc(sections, func(s cut.Section) bool { return s.Level > 0 }) {
		l.tell(d, 0, NoHeadings, "It has no headings, so that it can be cited by its lines alone.")
	}
	for i, s := range sections {
		parent := i+1 < len(sections) && sections[i+1].Level > s.Level
		if s.Level == 0 || parent || s.EndLine > len(lines) {
			continue
		}
		text := lines[s.StartLine:s.EndLine]
		if !slices.ContainsFunc(text, func(line string) bool { return strings.Trim(line, "=- \t") != "" }) {
			l.tell(d, s.StartLine, EmptySection, "Nothing stands below the heading %q.", untrusted.Normalize(s.HeadingPath[len(s.HeadingPath)-1]))
		}
	}
}

var (
	// link is an inline link of Markdown; pictures are none.
	link = regexp.MustCompile(`(^|[^!])\[[^\[\]]*\]\(<?([^()<>\s]+)>?(?:\s+"[^"]*")?\)`)
	// codeSpan is left out: what looks like a link there is none.
	codeSpan = regexp.MustCompile("`[^`]*`")
	fence    = regexp.MustCompile("^\\s{0,3}(```+|~~~+)")
	// anchor is a mark to which a link may lead without a heading.
	anchor = regexp.MustCompile(`(?i)\b(?:id|name)\s*=\s*["']([^"']+)["']`)
)

// links judges the links that lead to sections of this document or to others of the same folder.
func (l *linter) links(ctx context.Context, d *Document, lines []string, sections []cut.Section) error {
	open := "" // the fence that we are in
	for i, line := range lines {
		if f := fence.FindStringSubmatch(line); f != nil {
			switch {
			case open == "":
				open = f[1]
			case strings.HasPrefix(f[1], open):
				open = ""
			}
			continue
		}
		if open != "" || !strings.Contains(line, "](") {
			continue
		}
		for _, m := range link.FindAllStringSubmatch(codeSpan.ReplaceAllString(line, ""), -1) {
			why, err := l.leads(ctx, d, m[2], lines, sections)
			if err != nil {
				return err
			}
			if why != "" {
				l.tell(d, i+1, BrokenLink, "The link to %s leads nowhere: %s.", untrusted.Normalize(m[2]), why)
			}
		}
	}
	return nil
}

// leads says why a link leads nowhere, "" where it may lead somewhere.
func (l *linter) leads(ctx context.Context, d *Document, target string, lines []string, sections []cut.Section) (string, error) {
	u, err := url.Parse(target)
	if err != nil || u.Scheme != "" || u.Host != "" || strings.HasPrefix(u.Path, "/") || u.RawQuery != "" {
		return "", nil // not ours to judge
	}
	if u.Path != "" {
		if !extract.Supported(u.Path) {
			return "", nil
		}
		from := origin{source: d.Source, file: path.Join(path.Dir(d.File), u.Path)}
		if d.Part != "" {
			from.file, from.part = d.File, path.Join(path.Dir(d.Part), u.Path)
		}
		id, there := l.files[from]
		if !there {
			return "there is no such document", nil
		}
		if u.Fragment == "" || id == d.ID {
			return l.section(u.Fragment, lines, sections), nil
		}
		if sections, err = l.shelf.Sections(ctx, id); err != nil {
			return "", err
		}
		if l.section(u.Fragment, nil, sections) == "" {
			return "", nil
		}
		others, err := l.shelf.Get(ctx, id)
		if err != nil || len(others) == 0 || others[0].Format != extract.Markdown {
			return "", err
		}
		if lines, err = l.shelf.Lines(ctx, id, 1, others[0].Lines); err != nil {
			return "", err
		}
	}
	return l.section(u.Fragment, lines, sections), nil
}

// section says whether a document has a section of that name, or a mark.
func (l *linter) section(slug string, lines []string, sections []cut.Section) string {
	if slug == "" || slug == "top" {
		return ""
	}
	want := plain(slug)
	if slices.ContainsFunc(sections, func(s cut.Section) bool { return s.Slug == slug || plain(s.Slug) == want }) {
		return ""
	}
	for _, line := range lines {
		for _, m := range anchor.FindAllStringSubmatch(line, -1) {
			if m[1] == slug {
				return ""
			}
		}
	}
	return "there is no such section"
}

// plain is a slug without the differences between those who make slugs.
func plain(slug string) string {
	return strings.Join(strings.FieldsFunc(fold.Text(slug), func(r rune) bool { return r == '-' || r == '_' || r == '.' || r == ' ' }), "-")
}
