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
	"github.com/resync-hwa/resync/knowledge/cut"
	"github.com/resync-hwa/resync/knowledge/words"
)

// Languages that texts are analysed in; anything else is analysed as both.
const (
	English    = words.English
	Portuguese = words.Portuguese
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
	passages []cut.Passage
}

// Base is everything that was read, ready to be searched.
type Base struct {
	documents []Document
	problems  []Problem
	glossary  *words.Glossary
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
	g, err := words.LoadGlossary()
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
	build := &lexiconBuilder{glossary: b.glossary, stems: words.Stems{}}
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
			s := d.Sections[p.Section]
			b.places = append(b.places, place{document: len(b.documents), passage: i, bare: p.Bare})
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
	c, err := cut.Cut(f.document, f.lines)
	d := Document{
		Path: f.document, Title: c.Title, Language: c.Language, Site: f.site,
		Kinds: c.Kinds, MessageIDs: c.MessageIDs, Jobs: c.Jobs, Streams: c.Streams, lines: f.lines, passages: c.Passages,
	}
	for _, s := range c.Sections {
		d.Sections = append(d.Sections, Section{Document: d.Path, Title: d.Title, Slug: s.Slug, HeadingPath: s.HeadingPath, Level: s.Level,
			StartLine: s.StartLine, EndLine: s.EndLine, Text: strings.Join(f.lines[s.StartLine-1:s.EndLine], "\n"), Language: d.Language})
	}
	return d, err
}

// body gives the lines of a passage without the heading that the section begins with; that is indexed as heading.
func (d *Document) body(p cut.Passage) []string {
	return d.lines[p.Body-1 : p.End]
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
	want := words.Parts(fold.Text(path.Base(document)))
	for i := range b.documents {
		have := words.Parts(fold.Text(path.Base(b.documents[i].Path)))
		for _, w := range want {
			if w != "md" && slices.Contains(have, w) {
				out = append(out, b.documents[i].Path)
				break
			}
		}
	}
	return out[:min(len(out), 5)]
}
