package knowledge

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/knowledge/courtesy"
	"github.com/resync-hwa/resync/knowledge/index"
	"github.com/resync-hwa/resync/knowledge/index/embedded"
	"github.com/resync-hwa/resync/knowledge/library"
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
	StartLine   int // from 1 in the document's lines
	EndLine     int // inclusive
	Text        string
	Language    string // "en", "pt" or ""
}

// Base answers questions from the documents of a shelf.
type Base struct {
	shelf     library.Shelf
	engine    index.Index
	glossary  *words.Glossary
	view      *view
	parts     *parts
	model     string
	questions Embedder
	documents Embedder
	logger    *slog.Logger
	instead   *Base                 // answers while the shelf is empty; may be nil
	later     func() (*Base, error) // opens the one that answers; nil for all but those that Later makes
	problems  []library.Problem
	negation  [2]uint32              // the terms that say no
	weight    atomic.Pointer[Weight] // nil: words alone
	now       func() time.Time
	probes    atomic.Int64
	away      atomic.Pointer[error]     // why the last Sync had no embedder; nil before the first
	unweighed atomic.Pointer[time.Time] // when weighing failed last
	courtesy  *courtesy.Courtesy
}

// Over makes a base over a shelf and an index. It reads nothing yet: Sync brings the index up to the shelf, here or in another process.
func Over(ctx context.Context, p Parts) (*Base, error) {
	if p.Shelf == nil || p.Index == nil {
		return nil, errors.New("a knowledge base needs a shelf and an index")
	}
	if p.Model != "" && (p.Questions == nil || p.Documents == nil) {
		return nil, errors.New("a model needs an embedder for questions and one for documents")
	}
	g, err := words.LoadGlossary()
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err, "The built-in glossary cannot be read.")
	}
	if p.Logger == nil {
		p.Logger = slog.New(slog.DiscardHandler)
	}
	if p.Now == nil {
		p.Now = time.Now
	}
	return &Base{now: p.Now, shelf: p.Shelf, engine: p.Index, glossary: g, view: newView(), parts: newParts(), model: p.Model, instead: p.Instead,
		questions: p.Questions, documents: p.Documents, logger: p.Logger, courtesy: courtesy.New(nil),
		negation: [2]uint32{index.Hash("en:" + words.Negation), index.Hash("pt:" + words.Negation)}}, ctx.Err()
}

// Open reads documents into memory and indexes them. It fails when a configured path cannot be opened, never for a single
// bad file: those are listed by Problems.
func Open(ctx context.Context, o Options) (*Base, error) {
	shelf := library.NewMemory()
	base, err := Over(ctx, Parts{Shelf: shelf, Index: embedded.Memory(), Logger: o.Logger})
	if err != nil {
		return nil, err
	}
	var sources []library.IngestOptions
	if len(o.Paths) > 0 {
		sources = append(sources, library.IngestOptions{Paths: o.Paths, Site: true})
	}
	if o.FS != nil {
		sources = append(sources, library.IngestOptions{FS: o.FS, Source: "texts"})
	}
	if o.Demo || len(sources) == 0 {
		sources = append(sources, library.IngestOptions{FS: builtIn, Source: "built-in"})
	}
	for _, source := range sources {
		if _, err := library.Ingest(ctx, shelf, source); err != nil {
			return nil, err
		}
	}
	if base.problems, err = shelf.Problems(ctx); err != nil {
		return nil, err
	}
	for _, p := range base.problems {
		base.logger.WarnContext(ctx, "knowledge left out", "document", p.Document, "reason", p.Reason)
	}
	return base, base.Sync(ctx, nil)
}

// Courtesy knows whether somebody asks: whoever ingests in the process that answers hands it to library.IngestOptions.
func (b *Base) Courtesy() *courtesy.Courtesy { return b.courtesy }

// Problems lists what Open left out, and why.
func (b *Base) Problems() []library.Problem { return slices.Clone(b.problems) }

// Documents lists what is there and the caller may see: the site's first, then by path.
func (b *Base) Documents(ctx context.Context) ([]library.Document, error) {
	b, err := b.answering(ctx)
	if err != nil {
		return nil, err
	}
	var out []library.Document
	for after := ""; ; {
		page, err := b.shelf.Documents(ctx, after, catalogueStep)
		if err != nil {
			return nil, err
		}
		for _, d := range page {
			if sees(ctx, d.Access) {
				out = append(out, d)
			}
		}
		if len(page) < catalogueStep {
			break
		}
		after = page[len(page)-1].Path
	}
	slices.SortStableFunc(out, func(a, b library.Document) int {
		switch {
		case a.Site == b.Site:
			return strings.Compare(a.Path, b.Path)
		case a.Site:
			return -1
		default:
			return 1
		}
	})
	return out, nil
}

// Section gives one section whole. Unknown names are not_found with the nearest ones as candidates.
func (b *Base) Section(ctx context.Context, document, slug string) (Section, error) {
	b, d, err := b.open(ctx, document)
	if err != nil {
		return Section{}, err
	}
	sections, err := b.sections(ctx, &d)
	if err != nil {
		return Section{}, err
	}
	var slugs []string
	for _, s := range sections {
		if s.Slug == slug {
			lines, err := b.shelf.Lines(ctx, d.ID, s.StartLine, s.EndLine)
			return Section{Document: d.Path, Title: d.Title, Slug: s.Slug, HeadingPath: s.HeadingPath, Level: s.Level,
				StartLine: s.StartLine, EndLine: s.EndLine, Text: strings.Join(lines, "\n"), Language: d.Language}, err
		}
		slugs = append(slugs, s.Slug)
	}
	return Section{}, fault.New(fault.NotFound, "The document %s has no section %q.", document, slug).
		WithCandidates(slugs[:min(len(slugs), 20)]...)
}
