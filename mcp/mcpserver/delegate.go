package mcpserver

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/httpd"
)

// delegation puts the person in the place of the program that speaks for them, so that rights, limits and audit are the person's.
//
// A program that names somebody without the right to is refused, not heard for itself: it believes that it asks for another, and the answer
// would come with its own rights and stand under its own name in the audit.
type delegation struct {
	tell     func(context.Context, inquiry, error) // of what is refused
	people   httpd.Guard
	resource httpd.Resource
	now      func() time.Time
}

func newDelegation(o HTTPOptions, tell func(context.Context, inquiry, error)) *delegation {
	d := &delegation{tell: tell, people: o.People, resource: o.Resource, now: o.Now}
	if d.people == nil {
		d.people = func(next http.Handler) http.Handler { return next }
	}
	if d.now == nil {
		d.now = time.Now
	}
	return d
}

func (d *delegation) check(w http.ResponseWriter, r *http.Request, q inquiry) (*http.Request, error) {
	program, known := auth.CallerFrom(r.Context())
	text, named := q.meta[auth.MetaCaller]
	var err error
	if named {
		var person auth.Caller
		if person, err = d.person(r, program, text); err == nil {
			r = r.WithContext(auth.WithCaller(r.Context(), person))
		}
	}
	if !known || !program.MayDelegate() {
		if err != nil {
			d.tell(r.Context(), q, err)
		}
		return r, err
	}
	counted := d.count(w, r)
	if counted == nil {
		return nil, nil
	}
	if err != nil {
		d.tell(r.Context(), q, err)
		d.resource.Challenge(w, r, err)
	}
	return counted, err
}

// countProgram counts a request that names no person, before it or its refusal is served, and reports whether it may go on; if not, it is answered.
func (d *delegation) countProgram(w http.ResponseWriter, r *http.Request) bool {
	program, known := auth.CallerFrom(r.Context())
	return !known || !program.MayDelegate() || d.count(w, r) != nil // whoever mounted the handler has counted all others
}

// count counts a request for its caller, and gives it back; nil when they sent too many and have been answered.
func (d *delegation) count(w http.ResponseWriter, r *http.Request) *http.Request {
	var counted *http.Request
	d.people(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { counted = r })).ServeHTTP(w, r)
	return counted
}

// person reads what the program says of its caller.
func (d *delegation) person(r *http.Request, program auth.Caller, raw json.RawMessage) (auth.Caller, error) {
	token, _, err := httpd.BearerToken(r)
	if err != nil {
		return auth.Caller{}, err
	}
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return auth.Caller{}, fault.Wrap(fault.Unauthorized, err, "What stands in _meta under %s is not a text.", auth.MetaCaller)
	}
	return auth.Delegated(program, token, text, d.now())
}
