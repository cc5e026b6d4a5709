package operation

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
	"github.com/go-chi/chi/v5"

	"github.com/resync-hwa/resync/agentsvc/api/wire"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/httpd"
)

// adapter mounts operations on the router: first the rule, then what the library would let pass, then the library.
type adapter struct {
	chi.Router
	set *Set
}

// Handle implements huma.Adapter.
func (a adapter) Handle(described *huma.Operation, handle func(huma.Context)) {
	op := a.set.rows[len(a.set.rows)-1] // Register has just added it
	takes, last := readableBy(described), op.last()
	h := http.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := takes.refuse(r); err != nil {
			httpd.Problem(w, r, err)
			return
		}
		e := &exchange{humaContext: humachi.NewContext(described, r, w), r: r, w: w, last: last}
		handle(e)
		e.send()
	}))
	switch {
	case op.Tagged:
		h = revalidated(h)
	case !op.Cached:
		h = httpd.NoStore(h)
	}
	if op.Access == Login && a.set.o.Logins != nil {
		h = a.set.o.Logins(h)
	}
	a.Method(op.Method, op.pattern(), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := op.Refuse(r.Context()); err != nil {
			a.set.o.Refused(w, r, op.Rule, err)
			return
		}
		h.ServeHTTP(w, r)
	}))
}

// revalidated lets callers keep an answer and ask each time whether it is still true.
func revalidated(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "private, no-cache")
		next.ServeHTTP(w, r)
	})
}

// pattern is what the router takes: its last parameter may hold slashes where Rest says so.
func (op Operation) pattern() string {
	if name := op.last(); name != "" {
		return strings.TrimSuffix(op.Path, "{"+name+"}") + "*"
	}
	return op.Path
}

// last is the parameter that takes the rest of the address, or empty.
func (op Operation) last() string {
	if !op.Rest {
		return ""
	}
	return op.Path[strings.LastIndexByte(op.Path, '{')+1 : len(op.Path)-1]
}

// humaContext has a name of its own, because Context is a method of it.
type humaContext = huma.Context

// exchange is a request and its answer as huma sees them.
type exchange struct {
	humaContext

	r      *http.Request
	w      http.ResponseWriter
	last   string
	status int // to be sent before the first byte; 0 when sent
	failed bool
}

// Param implements huma.Context.
func (e *exchange) Param(name string) string {
	if name != e.last || name == "" {
		return e.humaContext.Param(name)
	}
	pattern := e.Operation().Path
	return strings.TrimPrefix(e.r.URL.Path, pattern[:strings.LastIndexByte(pattern, '{')])
}

// SetReadDeadline implements huma.Context: the guards of the server bound how long a body may take, and lift the bound when it has come.
func (*exchange) SetReadDeadline(time.Time) error { return nil }

// SetStatus implements huma.Context. The status waits until the body is there: one that cannot be written is an error of this server, and
// says so.
func (e *exchange) SetStatus(status int) { e.status = status }

// Status implements huma.Context.
func (e *exchange) Status() int { return e.status }

// BodyWriter implements huma.Context.
func (e *exchange) BodyWriter() io.Writer { return e }

// Write implements io.Writer.
func (e *exchange) Write(b []byte) (int, error) {
	if e.failed {
		return len(b), nil
	}
	e.send()
	return e.w.Write(b)
}

// send sends the status, once.
func (e *exchange) send() {
	if e.status != 0 && !e.failed {
		e.w.WriteHeader(e.status)
	}
	e.status = 0
}

// fail answers with an error instead of a body that cannot be written.
func (e *exchange) fail(err error) {
	httpd.Problem(e.w, e.r, err)
	e.failed = true
}

// Unwrap lets humachi.Unwrap find the request.
func (e *exchange) Unwrap() huma.Context { return e.humaContext }

// readable is what an operation takes in its query, and whether its body is JSON.
type readable struct {
	names []string        // in the order of the description
	many  map[string]bool // those that may stand more than once
	json  bool
}

func readableBy(op *huma.Operation) readable {
	out := readable{many: map[string]bool{}, json: op.RequestBody != nil && op.RequestBody.Content["application/json"] != nil}
	for _, p := range op.Parameters {
		if p.In != "query" {
			continue
		}
		out.names = append(out.names, p.Name)
		if p.Explode != nil && *p.Explode {
			out.many[p.Name] = true
		}
	}
	return out
}

// refuse turns away what the library would read past: parameters that are not known, that stand twice or cannot be read, and bodies that
// do not say that they are JSON.
func (t readable) refuse(r *http.Request) error {
	if r.URL.RawQuery != "" {
		if err := t.refuseQuery(r); err != nil {
			return err
		}
	}
	if t.json && !wire.IsType(r, "application/json") {
		return fault.New(fault.Invalid, "The body must be JSON.").WithHint("Send the header Content-Type: application/json.")
	}
	return nil
}

func (t readable) refuseQuery(r *http.Request) error {
	query, err := parseQuery(r.URL.RawQuery)
	if err != nil {
		return err
	}
	for name, values := range query {
		switch {
		case !slices.Contains(t.names, name):
			return fault.New(fault.Invalid, "The query parameter %s is not known.", quoted(name)).WithHint("%s", t.hint())
		case len(values) > 1 && !t.many[name]:
			return fault.New(fault.Invalid, "The query parameter %s may stand once.", quoted(name))
		}
	}
	return nil
}

func (t readable) hint() string {
	if len(t.names) == 0 {
		return "This address takes no query parameters."
	}
	return "This address takes " + strings.Join(t.names, ", ") + "."
}
