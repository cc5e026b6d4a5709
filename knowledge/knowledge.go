package knowledge

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"path"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/fold"
)

//go:embed runbooks/*.md
var builtIn embed.FS

// Options say what to read.
type Options struct {
	// Paths are the site's own folders or files. One that cannot be opened is an error.
	Paths []string
	// FS is a further set of texts that ship with the program; the site's outrank them. May be nil.
	FS fs.FS
	// Demo adds the built-in runbooks. They are read too when neither Paths nor FS is given.
	Demo bool
	// Logger gets one line per file that is left out. Nil is silent.
	Logger *slog.Logger
}

// Section is a part of a document, from its heading to the next heading of any level.
type Section struct {
	Document    string
	Title       string // the document's
	Slug        string // unique within the document and stable
	HeadingPath []string
	Level       int // of the heading; 0 for text above the first one
	StartLine   int // from 1 in the file as it lies on disk
	EndLine     int // inclusive
	Text        string
	Language    string // "en", "pt" or ""
}

// Document is a file that was read.
type Document struct {
	Path       string // below its folder
	Title      string
	Language   string
	Site       bool // the site's own, not built in
	Kinds      []string
	MessageIDs []string
	Jobs       []string
	Streams    []string
	Sections   []Section

	lines    []string
	passages []passage
}

// Base is everything that was read, ready to be searched.
type Base struct {
	documents []Document
	problems  []Problem
	glossary  *glossary
	lexicon   *lexicon
	places    []place // by passage number of the lexicon
	twins     []int   // by document: what belongs together in two languages
}

// place says where a passage of the lexicon stands.
type place struct {
	document, passage int
	bare              bool // a heading and nothing else
}

// Open reads the documents and builds the index. It fails when a configured path cannot be opened, never for a single
// bad file: those are listed by Problems.
func Open(ctx context.Context, o Options) (*Base, error) {
	g, err := loadGlossary(glossaryYAML)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err, "The built-in glossary cannot be read.")
	}
	from := &gatherer{names: map[string]bool{}}
	for _, p := range o.Paths {
		if err := from.folder(ctx, p); err != nil {
			return nil, err
		}
	}
	if o.FS != nil {
		if err := from.walk(ctx, o.FS, "texts", false); err != nil {
			return nil, err
		}
	}
	if o.Demo || (len(o.Paths) == 0 && o.FS == nil) {
		if err := from.walk(ctx, builtIn, "built-in", false); err != nil {
			return nil, err
		}
	}
	base := &Base{glossary: g, problems: from.problems}
	if err := base.index(ctx, from.files); err != nil {
		return nil, err
	}
	if o.Logger != nil {
		for _, p := range base.problems {
			o.Logger.WarnContext(ctx, "knowledge left out", "document", p.Document, "reason", p.Reason)
		}
	}
	return base, nil
}

// index cuts the files into sections and builds the lexicon.
func (b *Base) index(ctx context.Context, files []file) error {
	build := &lexiconBuilder{glossary: b.glossary, stems: stems{}}
	for _, f := range files {
		if err := ctx.Err(); err != nil {
			return err
		}
		d, err := newDocument(f)
		if err != nil {
			b.problems = append(b.problems, Problem{Document: f.document, Reason: err.Error()})
		}
		bindings := slices.Concat(d.MessageIDs, d.Jobs, d.Streams)
		for i, p := range d.passages {
			s := d.Sections[p.section]
			b.places = append(b.places, place{document: len(b.documents), passage: i, bare: s.Level > 0 && d.bodyStart(p) == s.StartLine})
			build.add(entry{
				language: s.Language, title: d.Title, headings: s.HeadingPath,
				body: strings.Join(d.body(p), "\n"), bindings: bindings,
			})
		}
		b.documents = append(b.documents, d)
	}
	b.lexicon = build.build()
	b.twins = twins(b.documents)
	return nil
}

// newDocument cuts a file. The error tells of a front matter that was left out; the document is good all the same.
func newDocument(f file) (Document, error) {
	head := f.lines
	if len(head) > 2000 {
		head = head[:2000] // no front matter is longer, and joining a manual twice is waste
	}
	fm, bodyLine, err := splitFrontMatter([]byte(strings.Join(head, "\n")))
	d := Document{
		Path: f.document, Title: fm.Title, Language: fm.Language, Site: f.site,
		Kinds: fm.Kinds, MessageIDs: fm.MessageIDs, Jobs: fm.Jobs, Streams: fm.Streams, lines: f.lines,
	}
	if d.Language == "" {
		sample := f.lines[min(bodyLine-1, len(f.lines)):]
		d.Language = languageOf(strings.Join(sample[:min(len(sample), 400)], "\n"))
	}
	o := split(f.lines, bodyLine-1, d.Title)
	if d.Title == "" {
		d.Title = titleOf(f.document, o.sections)
	}
	for i := range o.sections {
		s := &o.sections[i]
		s.Document, s.Title, s.Language = d.Path, d.Title, d.Language
	}
	d.Sections, d.passages = o.sections, o.passages
	return d, err
}

// titleOf takes the first heading of the first level, or the file's name.
func titleOf(document string, sections []Section) string {
	for _, s := range sections {
		if s.Level == 1 && s.HeadingPath[len(s.HeadingPath)-1] != "" {
			return s.HeadingPath[len(s.HeadingPath)-1]
		}
	}
	return strings.TrimSuffix(path.Base(document), path.Ext(document))
}

// body gives the lines of a passage without the heading that the section begins with; that is indexed as heading.
func (d *Document) body(p passage) []string {
	return d.lines[d.bodyStart(p)-1 : p.end]
}

// bodyStart is the first line after the section's heading, or the heading where nothing else is there.
func (d *Document) bodyStart(p passage) int {
	s := d.Sections[p.section]
	if s.Level == 0 || p.start != s.StartLine {
		return p.start
	}
	at := p.start + 1
	if !strings.HasPrefix(strings.TrimSpace(d.lines[p.start-1]), "#") {
		// An underlined heading: the rule of = or - below it belongs to it.
		for at <= p.end && strings.Trim(d.lines[at-1], "=- \t") != "" {
			at++
		}
		at++
	}
	first, _, ok := trim(d.lines, min(at-1, p.end), p.end)
	if !ok {
		return p.start
	}
	return first
}

// Documents lists what was read, in the order of reading: the site's first. The result must not be changed.
func (b *Base) Documents() []Document { return b.documents }

// Problems lists what was left out, and why.
func (b *Base) Problems() []Problem { return slices.Clone(b.problems) }

// Lines gives the lines start to end of a document, from 1 and inclusive, as they lie on disk; nil when there are no such.
func (b *Base) Lines(document string, start, end int) []string {
	for i := range b.documents {
		if d := &b.documents[i]; d.Path == document && start >= 1 && start <= end && end <= len(d.lines) {
			return slices.Clone(d.lines[start-1 : end])
		}
	}
	return nil
}

// Section gives one section whole. Unknown names are not_found with the nearest ones as candidates.
func (b *Base) Section(document, slug string) (Section, error) {
	for i := range b.documents {
		d := &b.documents[i]
		if d.Path != document {
			continue
		}
		var slugs []string
		for _, s := range d.Sections {
			if s.Slug == slug {
				return s, nil
			}
			slugs = append(slugs, s.Slug)
		}
		return Section{}, fault.New(fault.NotFound, "The document %s has no section %q.", document, slug).
			WithCandidates(slugs[:min(len(slugs), 20)]...)
	}
	return Section{}, fault.New(fault.NotFound, "There is no document %q.", document).WithCandidates(b.nearest(document)...)
}

// nearest gives documents whose file name shares a word with the asked one.
func (b *Base) nearest(document string) []string {
	var out []string
	want := parts(fold.Text(path.Base(document)))
	for i := range b.documents {
		have := parts(fold.Text(path.Base(b.documents[i].Path)))
		for _, w := range want {
			if w != "md" && slices.Contains(have, w) {
				out = append(out, b.documents[i].Path)
				break
			}
		}
	}
	return out[:min(len(out), 5)]
}
