// Package library keeps the documents: who they are, their lines, sections and passages, and in which order they changed.
// It is the truth from which every index is made. A Shelf is the database (Open) or memory (NewMemory); both pass one suite.
// Reading files into a shelf is Ingest.
//
// It knows no question and no index; package knowledge joins them. Safe for concurrent use.
package library

import (
	"context"
	"time"

	"github.com/resync-hwa/resync/knowledge/cut"
)

// Kind is what a document is to its readers.
type Kind string

// The kinds. A site's runbooks outrank manuals.
const (
	Runbook Kind = "runbook" // says what to do here; bound to jobs, kinds of cause or message ids
	Manual  Kind = "manual"  // a vendor's or anybody's text
)

// Document is what is known of one, without its text.
type Document struct {
	ID         int64  // never given twice
	Path       string // its name in citations: below the folder that was ingested, with slashes; unique
	Source     string // the folder that it was read from, absolute; "" for texts of the program
	File       string // the file below Source that it came from
	Part       string // the entry within File, where that is an archive
	Title      string
	Format     string // markdown, html, pdf, docx, text
	Language   string // en, pt or ""
	Product    string // that it speaks of, as the front matter says; ""
	Version    string // of the product, as the front matter or whoever ingested it says; ""
	Access     string // label of who may see it; "" is everybody with a role
	Kind       Kind
	Site       bool // the site's own; false for texts that come with the program
	Kinds      []string
	MessageIDs []string
	Jobs       []string
	Streams    []string
	Stored     bool // its lines are what was made of a PDF, DOCX or HTML file; citations count in them
	Lines      int
	Sections   int
	Passages   int
	Size       int64  // of the file in bytes; of a part of an archive, of its text
	Hash       string // of the same: SHA-256, hex
	Modified   time.Time
	Ingested   time.Time
	Change     int64    // by which it came to be what it is
	Print      string   // a hash over all that is kept of it but its times and numbers
	Notes      []string // sentences for people: what was left out of it or guessed
}

// Passage is where one stands.
type Passage struct {
	ID       uint64 // never given twice
	Document int64
	cut.Passage
}

// Draft is a document on its way onto the shelf.
type Draft struct {
	Document
	Text     []string // its lines
	Contents []cut.Section
	Parts    []cut.Passage
}

// Revision says that a document came, changed or went.
type Revision struct {
	Number   int64
	Document int64
	Gone     bool
}

// Counted is what package knowledge has counted of a document, packed by it, as of a change.
type Counted struct {
	Document int64
	Change   int64
	Packed   []byte
}

// Problem is a file, or a part of one, that was left out, and why. Reason is a sentence for people.
type Problem struct {
	Document string
	Reason   string
}

// Tally counts a shelf.
type Tally struct {
	Documents int
	Passages  int
	Lines     int
	Bytes     int64 // of the texts as they are kept, packed
}

// Shelf holds documents. Unknown documents are not_found with the nearest names as candidates.
type Shelf interface {
	// Change is the number of the last change, 0 for an empty shelf.
	Change(ctx context.Context) (int64, error)
	// Changed gives what changed after a number, oldest first, each document once, at most n.
	Changed(ctx context.Context, after int64, n int) ([]Revision, error)

	// Documents lists by path, from behind a path on, at most n.
	Documents(ctx context.Context, after string, n int) ([]Document, error)
	// Find gives a document by its path.
	Find(ctx context.Context, path string) (Document, error)
	// Get gives documents by their numbers, in that order; those that are gone are left out.
	Get(ctx context.Context, documents ...int64) ([]Document, error)
	Sections(ctx context.Context, document int64) ([]cut.Section, error)
	Passages(ctx context.Context, document int64) ([]Passage, error)
	// Where gives passages by their numbers, in that order; those that are gone are left out.
	Where(ctx context.Context, passages ...uint64) ([]Passage, error)
	// Lines gives the lines from start to end, from 1 and inclusive, of those that exist.
	Lines(ctx context.Context, document int64, start, end int) ([]string, error)
	Tally(ctx context.Context) (Tally, error)

	// Put adds documents or replaces those of the same path, all or none. IDs and Change are given by the shelf. A document that
	// is replaced keeps its ID; its passages get new ones.
	Put(ctx context.Context, drafts ...Draft) error
	// Remove takes documents off, all or none; paths that are not there are not_found.
	Remove(ctx context.Context, paths ...string) error

	// SetFrequencies notes for documents, as of a change, in how many of their passages each term stands: all of them or none. What
	// was counted before the document's last change is dropped.
	SetFrequencies(ctx context.Context, counted ...Counted) error
	// Frequencies gives what was noted, of all documents that are there, in the order of Change, after a number.
	Frequencies(ctx context.Context, after int64, each func(document, change int64, packed []byte) error) error

	// Weight gives what was last noted of how much vectors count among these documents (packed by package knowledge); nil where nothing was.
	Weight(ctx context.Context) ([]byte, error)
	// SetWeight notes it, in place of what was.
	SetWeight(ctx context.Context, packed []byte) error

	Intake
}

// Intake is the side of a shelf at which Ingest works: what it remembers of the files that documents came from.
type Intake interface {
	// Files lists what was noted of the files of a source, by path.
	Files(ctx context.Context, source string) ([]File, error)
	// Problems lists what could not be read, of all sources, by document, until the file is mended or gone.
	Problems(ctx context.Context) ([]Problem, error)
	// Keep does what the delivery says, all or none.
	Keep(ctx context.Context, d Delivery) error
	// Turn tells whose turn it is to ingest.
	Turn(ctx context.Context) (Turn, error)
	// SetTurn changes it, provided that nobody else has in between: code conflict when the turn or whether it is taken is not as
	// it was. The beat may have moved.
	SetTurn(ctx context.Context, was, becomes Turn) error
}

// File is what was seen of a file when it was last read.
type File struct {
	Source    string // absolute folder, as Document.Source
	Path      string // below it, with slashes
	Size      int64
	Modified  time.Time // zero: it was so young that a later change may not show in it
	Hash      string    // SHA-256 of its bytes, hex; "" where it could not be read
	Manner    string    // how it was read; with other settings it is read again
	Documents int       // how many came out of it
	Problems  []Problem // of it and its parts
}

// Delivery is what an ingest brings to the shelf at once.
type Delivery struct {
	Turn   int64 // whose it is: code conflict when the turn has passed to somebody else; 0 is anybody's
	Remove []string
	Drafts []Draft
	Files  []File // to be noted
	Forget []File // whose notes are dropped, by Source and Path
}

// Turn says whose turn it is to ingest. One ingests at a time, over all processes.
type Turn struct {
	Number int64 // rises with each that takes it
	Beat   int64 // rises while the one that has taken it lives
	Taken  bool
}
