package library

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"runtime"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/knowledge/courtesy"
	"github.com/resync-hwa/resync/knowledge/extract"
	"github.com/resync-hwa/resync/knowledge/words"
)

// reading is the version of how files become documents. Raise it when package extract or cut makes something else of the same file:
// then every file is read once more, and what has not come out differently stays as it is.
const reading = 2

// Limits of one ingest where the options say nothing.
const (
	defaultMaxBytes     = 4 << 30 // of all files together
	defaultMaxDocuments = 100_000 // on the shelf
	maxArchive          = 256 << 20
	maxFile             = 64 << 20 // any other; texts have a lower bound of their own
)

// Read takes a file apart into documents: extract.Read.
type Read func(ctx context.Context, name string, data []byte, limits extract.Limits, each func(extract.File) error, bad func(name, reason string)) error

// IngestOptions say what to read, and what is said of it where it says nothing itself.
type IngestOptions struct {
	// Paths are folders, files and archives. One that cannot be opened is an error, before anything is changed.
	Paths []string
	// FS is a further set of texts, named by Source, which is no folder's path: those that come with the program, or that were sent.
	FS     fs.FS
	Source string
	// Prune removes documents whose file is gone below an ingested folder, as far as that could be read. It never empties a
	// source whose folder has nothing in it at all: that is how a file system looks that is not mounted.
	Prune bool
	Site  bool // they are the site's own
	Kind  Kind // "" lets each document tell: a runbook is what is bound to something or says that it is one
	// Version of the product and Language (en, pt) hold where the front matter says nothing.
	Version, Language string
	// Access is the label of who may see the documents. A document may ask for a label where this is ""; one that asks for
	// another label than this is left out: neither audience was promised the other's documents.
	Access string
	// MaxBytes bounds the files of one ingest together, 0 means 4 GB. MaxDocuments bounds the shelf, 0 means 100,000.
	MaxBytes     int64
	MaxDocuments int
	Progress     func(Progress)   // may be nil; called by one goroutine at a time
	Read         Read             // nil means extract.Read
	Now          func() time.Time // nil means time.Now
	// Courtesy knows whether somebody asks meanwhile in this process: then fewer files are read at once, with rests. Nil is nobody.
	Courtesy *courtesy.Courtesy

	settle time.Duration   // a file younger than this is still being written and waits
	looks  map[origin]look // what the last round of watching saw of each file
	seen   map[origin]look // what this one sees; nil where nobody watches
	pace   pace
}

// Progress is how far an ingest has come.
type Progress struct {
	Stage    string // waiting, reading, removing
	Done     int    // files
	Total    int
	Bytes    int64  // of the files that are done
	Document string // the one that was just stored, removed or found to be as it was
	Became   string // added, changed, unchanged, removed; "" where the step was none of a document
}

// Report is what an ingest came to.
type Report struct {
	Added, Changed, Unchanged, Removed int // documents
	Waiting                            int // files that somebody is still writing
	Passages                           int // of the documents that were added or changed
	// Problems are those of the sources that were looked at, old ones included that nobody has mended.
	Problems []Problem
	Took     time.Duration
}

// Moved reports whether the shelf has changed.
func (r Report) Moved() bool { return r.Added+r.Changed+r.Removed > 0 }

// label is what an access label may be.
var label = regexp.MustCompile(`^[a-z0-9_-]{1,64}$`)

func (o IngestOptions) checked() (IngestOptions, error) {
	switch {
	case o.Access != "" && !label.MatchString(o.Access):
		return o, fault.New(fault.Invalid, "%q is no access label.", o.Access).WithHint("A label is one word of small letters, digits, - and _.")
	case o.Kind != "" && o.Kind != Runbook && o.Kind != Manual:
		return o, fault.New(fault.Invalid, "%q is no kind of document.", o.Kind).WithHint("It is runbook or manual.")
	case o.Language != "" && words.LanguageCode(o.Language) == "":
		return o, fault.New(fault.Invalid, "Documents in the language %q are not known here.", o.Language).WithHint("It is en or pt.")
	}
	o.Language = words.LanguageCode(o.Language)
	if o.MaxBytes <= 0 {
		o.MaxBytes = defaultMaxBytes
	}
	if o.MaxDocuments <= 0 {
		o.MaxDocuments = defaultMaxDocuments
	}
	if o.Progress == nil {
		o.Progress = func(Progress) {}
	}
	if o.Read == nil {
		o.Read = extract.Read
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Courtesy == nil {
		o.Courtesy = courtesy.New(nil)
	}
	o.pace = o.pace.withDefaults()
	return o, nil
}

// manner says how files are read under these options: what was read in another one is read again.
func (o IngestOptions) manner() string {
	return fmt.Sprintf("%d kind=%s version=%s language=%s access=%s site=%t", reading, o.Kind, o.Version, o.Language, o.Access, o.Site)
}

// Ingest brings files onto a shelf. A file that looks as it did when it was last read is not read; one whose bytes are the same is not
// cut again; a document that comes out as it was stays as it is. Names are the paths below the ingested folder; where another source has
// that name already, the folder's own name goes before it, and a document keeps its name for as long as it is there. Bad files are
// problems, never an error, and stay listed until they are mended or gone.
//
// It may be killed at any moment: everything is stored in batches, each whole or not at all, and the next ingest goes on. One ingests at
// a time over all processes; another one waits for its turn. Several files are read at once and stored in their order.
func Ingest(ctx context.Context, shelf Shelf, o IngestOptions) (Report, error) {
	o, err := o.checked()
	if err != nil {
		return Report{}, err
	}
	began := o.Now()
	in, err := prepare(ctx, shelf, o)
	if err != nil {
		return Report{}, err
	}
	if !in.idle() {
		in.close()
		if in, err = ingestInTurn(ctx, shelf, o); err != nil {
			return Report{}, err
		}
	}
	defer in.close()
	in.report.Problems = inOrder(in.report.Problems)
	in.report.Took = o.Now().Sub(began)
	return in.report, nil
}

// ingestInTurn waits for its turn, looks at everything again, since others may have ingested meanwhile, and does the work.
func ingestInTurn(ctx context.Context, shelf Shelf, o IngestOptions) (*ingest, error) {
	turn, err := takeTurn(ctx, shelf, o)
	if err != nil {
		return nil, err
	}
	working, stop := turn.keep(ctx)
	defer turn.release(ctx)
	defer stop()
	in, err := prepare(working, shelf, o)
	if err != nil {
		return nil, because(working, err)
	}
	in.turn = turn.number
	if err := in.run(working); err != nil {
		in.close()
		return nil, because(working, err)
	}
	return in, nil
}

// because gives the reason for which a context was ended, where that has a code: the error of what it ended says less.
func because(ctx context.Context, err error) error {
	var coded *fault.Error
	if cause := context.Cause(ctx); ctx.Err() != nil && errors.As(cause, &coded) {
		return cause
	}
	return err
}

// workers is how many files are read at once.
func workers() int { return runtime.GOMAXPROCS(0) }
