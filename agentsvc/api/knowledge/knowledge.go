// Package knowledge serves the documents over HTTP: a list, adding and removing for admins, and the page on which a
// citation can be read where it stands, with its lines marked. The page is drawn by the server: it needs no script, and the text
// of a document is text there, never markup.
//
// What it shows is what the caller may see; the port decides that from the caller in the context. Safe for concurrent use.
package knowledge

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/resync-hwa/resync/agentsvc/api/wire"
	"github.com/resync-hwa/resync/internal/fault"
)

// Document is one on the shelf.
type Document struct {
	Path     string    `json:"path"`
	Title    string    `json:"title"`
	Kind     string    `json:"kind"` // runbook or manual
	Format   string    `json:"format"`
	Language string    `json:"language,omitempty"`
	Version  string    `json:"version,omitempty"` // of the product it speaks of
	Access   string    `json:"access,omitempty"`  // who may see it; empty is everybody
	Source   string    `json:"source,omitempty"`  // where it was read
	Lines    int       `json:"lines"`
	Sections int       `json:"sections"`
	Passages int       `json:"passages"`
	Bytes    int64     `json:"bytes"`
	Ingested time.Time `json:"ingested"`
	Notes    []string  `json:"notes,omitempty"`
	URL      string    `json:"url,omitempty"` // of the page that shows it, where a server does
}

// Section is a part of a document, from its heading to the next one.
type Section struct {
	Slug      string
	Heading   string
	Level     int // 0 for the text above the first heading
	StartLine int
	EndLine   int
}

// Added says what became of an upload.
type Added struct {
	Added     []string  `json:"added"`     // paths of new documents
	Changed   []string  `json:"changed"`   // of those that were replaced
	Unchanged []string  `json:"unchanged"` // of those that are there already, byte for byte
	Problems  []Problem `json:"problems"`
	Passages  int       `json:"passages"`
	// Searchable is false when the documents are kept and the index does not answer; they are found once it does.
	Searchable bool `json:"searchable"`
}

// Problem is what was left out, and why.
type Problem struct {
	Document string `json:"document"`
	Reason   string `json:"reason"`
}

// Upload is a file that somebody sends.
type Upload struct {
	Name     string // path below the folder of uploads
	Kind     string // runbook, manual or ""
	Language string
	Version  string
	Access   string
	Body     io.Reader
}

// Documents is the shelf as these routes need it. Errors are coded: not_found, invalid, unsupported, limited. Texts are cleaned.
type Documents interface {
	// List gives documents by path, from behind a path on.
	List(ctx context.Context, after string, n int) ([]Document, error)
	// Read gives a document and what it is made of.
	Read(ctx context.Context, path string) (Document, []Section, error)
	// Lines gives the lines from start to end, from 1 and inclusive.
	Lines(ctx context.Context, path string, start, end int) ([]string, error)
	Add(ctx context.Context, u Upload) (Added, error)
	Remove(ctx context.Context, path string) error
}

// Options are what New needs.
type Options struct {
	Documents Documents // nil answers unsupported
}

// API has the handlers.
type API struct{ o Options }

// New makes the handlers.
func New(o Options) *API { return &API{o: o} }

// MaxUpload is the most bytes of one uploaded file; an archive may unpack to more.
const MaxUpload = 64 << 20

const (
	pageSize    = 50
	maxPageSize = 200
)

func (a *API) documents() (Documents, error) {
	if a.o.Documents == nil {
		return nil, fault.New(fault.Unsupported, "This server keeps no documents.")
	}
	return a.o.Documents, nil
}

type listBody struct {
	Documents []Document `json:"documents"`
	Next      string     `json:"next_after,omitempty"`
}

// List answers GET /api/knowledge: documents by path, with the parameters after and page_size.
func (a *API) List(w http.ResponseWriter, r *http.Request) error {
	docs, err := a.documents()
	if err != nil {
		return err
	}
	q, err := wire.Once(r, "after", "page_size")
	if err != nil {
		return err
	}
	n := pageSize
	if q["page_size"] != "" {
		if n, err = strconv.Atoi(q["page_size"]); err != nil || n < 1 || n > maxPageSize {
			return fault.New(fault.Invalid, "page_size is a number from 1 to %d.", maxPageSize)
		}
	}
	list, err := docs.List(r.Context(), q["after"], n+1)
	if err != nil {
		return err
	}
	body := listBody{Documents: []Document{}}
	for i, d := range list[:min(n, len(list))] {
		d.URL = Address(d.Path, 0, 0)
		body.Documents = append(body.Documents, d)
		if i == n-1 && len(list) > n {
			body.Next = d.Path
		}
	}
	return wire.Write(w, http.StatusOK, body)
}

// Add answers PUT /api/knowledge/documents/{name}: the body is the file, whatever its format; its ending or its content tells which.
func (a *API) Add(w http.ResponseWriter, r *http.Request) error {
	docs, err := a.documents()
	if err != nil {
		return err
	}
	q, err := wire.Once(r, "kind", "language", "version", "access")
	if err != nil {
		return err
	}
	name, err := pathOf(r, documentsPrefix)
	if err != nil {
		return err
	}
	if r.ContentLength == 0 {
		return fault.New(fault.Invalid, "The body is empty; it must be the file itself.").WithHint("curl -T manual.pdf …/api/knowledge/documents/manual.pdf")
	}
	added, err := docs.Add(r.Context(), Upload{Name: name, Kind: q["kind"], Language: q["language"], Version: q["version"], Access: q["access"], Body: r.Body})
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return large
	}
	if err != nil {
		return err
	}
	for _, list := range []*[]string{&added.Added, &added.Changed, &added.Unchanged} {
		if *list == nil {
			*list = []string{}
		}
	}
	if added.Problems == nil {
		added.Problems = []Problem{}
	}
	return wire.Write(w, http.StatusOK, added)
}

// Remove answers DELETE /api/knowledge/documents/{path}.
func (a *API) Remove(w http.ResponseWriter, r *http.Request) error {
	docs, err := a.documents()
	if err != nil {
		return err
	}
	path, err := pathOf(r, documentsPrefix)
	if err != nil {
		return err
	}
	if err := docs.Remove(r.Context(), path); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

const (
	documentsPrefix = "/api/knowledge/documents/"
	// PagePrefix is where the pages of documents stand.
	PagePrefix = "/knowledge/"
)

// pathOf takes the document's path off the address.
func pathOf(r *http.Request, prefix string) (string, error) {
	p := strings.TrimPrefix(r.URL.Path, prefix)
	if p == "" || len(p) > 1000 {
		return "", fault.New(fault.Invalid, "The address must end with the document's path, 1000 characters at most.")
	}
	return p, nil
}

// Address is where a document can be read, with the lines from start to end marked; 0 marks none.
func Address(path string, start, end int) string {
	u := url.URL{Path: PagePrefix + path}
	if start > 0 {
		u.RawQuery = "lines=" + strconv.Itoa(start) + "-" + strconv.Itoa(max(start, end))
		u.Fragment = "marked"
	}
	return u.String()
}
