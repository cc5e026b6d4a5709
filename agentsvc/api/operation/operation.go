// Package operation registers the operations of the REST API: an operation is a typed input, a typed output, a rule that says who may use it,
// and the words of its description. Out of these come the route, the validation, the problem documents and the OpenAPI file, so that none of
// them can say something else than the others. huma does the work; nothing outside of this package and of its users' struct tags knows that.
//
// The subjects (packages beside this one) register their operations with Register; package api makes the Set and mounts it. A handler returns
// coded errors (internal/fault) and writes nothing itself. Start at New and Register.
package operation

import (
	"context"
	"net/http"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-chi/chi/v5"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/httpd"
)

// Operation is one row of the API: an address, a method, who may use it, and what it does in words.
type Operation struct {
	Rule

	Method  string // http.MethodGet …
	Path    string // "/api/jobs/{id}"
	ID      string // unique, "listJobs"
	Tag     string // the subject: "plan", "chat", …
	Summary string // some words, no full stop
	// Description is Markdown for readers of the documentation: what comes back, what it costs, what may go wrong.
	Description string
	Status      int    // of success; 0 means 200
	Gives       string // what a success brings, some words
	Plain       bool   // only described here; set by Describe
	Tagged      bool   // answers with an ETag: the input embeds Tagged, and whoever asks again may keep the answer
	Cached      bool   // sets its own Cache-Control; others are sent with no-store
	Rest        bool   // the last parameter of Path takes all that is left of an address, slashes too
	// Fails are the codes beyond invalid, unauthorized, forbidden, limited and internal that callers must be ready for.
	Fails []fault.Code
	// Shape changes what huma would describe, for bodies that are no JSON; nil for all others.
	Shape func(*huma.Operation)
	// Also are further statuses that answer with the body of a success, and what they mean.
	Also map[int]string
}

// Options say what the description tells of the whole.
type Options struct {
	Title, Version, Description string
	Tags                        [][2]string // name and description, in the order of the documentation
	// Refused answers a request that its rule turns away; nil: a problem document.
	Refused func(w http.ResponseWriter, r *http.Request, u Rule, err error)
	// Logins slows down operations whose access is Login; nil does not.
	Logins httpd.Guard
}

// Set is the operations of one server.
type Set struct {
	o    Options
	huma huma.API
	rows []Operation
}

// New makes a set whose operations are mounted on r.
func New(r chi.Router, o Options) *Set {
	takeErrors()
	if o.Refused == nil {
		o.Refused = func(w http.ResponseWriter, r *http.Request, _ Rule, err error) { httpd.Problem(w, r, err) }
	}
	s := &Set{o: o}
	s.huma = huma.NewAPI(config(o), adapter{Router: r, set: s})
	return s
}

// Rows are the registered operations, in the order of their registration.
func (s *Set) Rows() []Operation { return s.rows }

// Register adds an operation. I and O are structs with huma's tags: path, query and header parameters, Body. It panics when the types or the
// operation cannot be described: that is a mistake of the program, and every start shows it.
func Register[I, O any](s *Set, op Operation, handle func(context.Context, *I) (*O, error)) {
	s.rows = append(s.rows, op)
	described := op.describe(s)
	huma.Register(s.huma, described, func(ctx context.Context, in *I) (*O, error) {
		out, err := handle(ctx, in)
		if err != nil {
			return nil, problemOf(ctx, err)
		}
		return out, nil
	})
	op.complete(described)
}

// takeErrors makes huma tell its own errors as ours, and lists that are never null: the library knows no other way than these variables.
var takeErrors = sync.OnceFunc(func() {
	takeWords()
	huma.DefaultArrayNullable = false
	huma.ValidateStrictCasing = true
	huma.NewErrorWithContext = func(c huma.Context, status int, message string, errs ...error) huma.StatusError {
		ctx := context.Background()
		if c != nil {
			ctx = c.Context()
		}
		return problemOf(ctx, explain(status, message, errs))
	}
})
