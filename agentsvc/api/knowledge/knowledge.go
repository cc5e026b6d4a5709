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

	"github.com/resync-hwa/resync/agentsvc/api/operation"
	"github.com/resync-hwa/resync/internal/auth"
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

func (a *API) documents() (Documents, error) {
	if a.o.Documents == nil {
		return nil, fault.New(fault.Unsupported, "This server keeps no documents.")
	}
	return a.o.Documents, nil
}

// Register adds the operations to the set.
func (a *API) Register(s *operation.Set) {
	read := operation.Rule{Access: operation.Known, Role: auth.Viewer, Scope: auth.ScopeRead}
	change := operation.Rule{Access: operation.Known, Role: auth.Admin}
	operation.Register(s, operation.Operation{
		Rule: read, Method: http.MethodGet, Path: "/api/knowledge", ID: "listDocuments", Tag: "knowledge", Summary: "List the documents", Gives: "A page of documents, by path",
		Description: "Manuals and runbooks that the caller may see, by path. The next page begins behind next_after.",
		Fails:       []fault.Code{fault.Unsupported},
	}, a.list)
	operation.Register(s, operation.Operation{
		Rule: change, Method: http.MethodPut, Path: documentsPrefix + "{path}", Rest: true, ID: "putDocument", Tag: "knowledge", Summary: "Add or replace a document", Gives: "What became of it",
		Description: "The body is the file, whatever its format; its ending or its content tells which. An archive is unpacked. At most 64 MiB.",
		Fails:       []fault.Code{fault.Unsupported, fault.Conflict, fault.UpstreamUnavailable}, Shape: operation.TakesFile,
	}, a.add)
	operation.Register(s, operation.Operation{
		Rule: change, Method: http.MethodDelete, Path: documentsPrefix + "{path}", Rest: true, ID: "removeDocument", Tag: "knowledge", Summary: "Remove a document", Gives: "It is removed", Status: http.StatusNoContent,
		Description: "Takes a document off the shelf and out of the index.",
		Fails:       []fault.Code{fault.NotFound, fault.Unsupported, fault.UpstreamUnavailable},
	}, a.remove)
}

type listInput struct {
	After    string `query:"after" doc:"The next_after of the page before."`
	PageSize int    `query:"page_size" minimum:"1" maximum:"200" default:"50" doc:"How many documents at most."`
}

// documentsPage is the body of GET /api/knowledge.
type documentsPage struct {
	Documents []Document `json:"documents"`
	Next      string     `json:"next_after,omitempty" doc:"Where the next page begins; absent on the last one."`
}

type listOutput struct{ Body documentsPage }

// list answers GET /api/knowledge: documents by path.
func (a *API) list(ctx context.Context, in *listInput) (*listOutput, error) {
	docs, err := a.documents()
	if err != nil {
		return nil, err
	}
	n := in.PageSize
	list, err := docs.List(ctx, in.After, n+1)
	if err != nil {
		return nil, err
	}
	out := &listOutput{Body: documentsPage{Documents: []Document{}}}
	for i, d := range list[:min(n, len(list))] {
		d.URL = Address(d.Path, 0, 0)
		out.Body.Documents = append(out.Body.Documents, d)
		if i == n-1 && len(list) > n {
			out.Body.Next = d.Path
		}
	}
	return out, nil
}

type addInput struct {
	operation.Request

	Path     string `path:"path" maxLength:"1000" example:"site/oracle-account.md" doc:"Where the document shall stand, below the folder of uploads; it may hold slashes."`
	Kind     string `query:"kind" maxLength:"64" example:"runbook" doc:"runbook or manual; guessed when absent."`
	Language string `query:"language" maxLength:"64" example:"en" doc:"en or pt; guessed when absent."`
	Version  string `query:"version" maxLength:"64" example:"10.2" doc:"Of the product that it speaks of."`
	Access   string `query:"access" maxLength:"64" doc:"The least role that may see it; everybody with a role when absent."`
}

type addOutput struct{ Body Added }

// add answers PUT /api/knowledge/documents/{path}: the body is the file.
func (a *API) add(ctx context.Context, in *addInput) (*addOutput, error) {
	docs, err := a.documents()
	if err != nil {
		return nil, err
	}
	if in.HTTP().ContentLength == 0 {
		return nil, fault.New(fault.Invalid, "The body is empty; it must be the file itself.").WithHint("curl -T manual.pdf …/api/knowledge/documents/manual.pdf")
	}
	added, err := docs.Add(ctx, Upload{Name: in.Path, Kind: in.Kind, Language: in.Language, Version: in.Version, Access: in.Access, Body: in.HTTP().Body})
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return nil, large
	}
	if err != nil {
		return nil, err
	}
	for _, list := range []*[]string{&added.Added, &added.Changed, &added.Unchanged} {
		if *list == nil {
			*list = []string{}
		}
	}
	if added.Problems == nil {
		added.Problems = []Problem{}
	}
	return &addOutput{Body: added}, nil
}

type removeInput struct {
	Path string `path:"path" maxLength:"1000" example:"site/oracle-account.md" doc:"Of the document; it may hold slashes."`
}

// remove answers DELETE /api/knowledge/documents/{path}.
func (a *API) remove(ctx context.Context, in *removeInput) (*struct{}, error) {
	docs, err := a.documents()
	if err != nil {
		return nil, err
	}
	return nil, docs.Remove(ctx, in.Path)
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
