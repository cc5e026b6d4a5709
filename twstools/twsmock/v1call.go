package twsmock

import (
	"crypto/sha256"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
)

// maxBody bounds what is read of a request: filters are small.
const maxBody = 1 << 20

// v1Call is one request to a read of the older interface, with the plan that it asks about.
type v1Call struct {
	*view
	opts  V1Options
	r     *http.Request
	ids   idScheme
	vars  []string // the variable parts of the path but the plan's id
	next  bool     // the path continues an earlier query
	query url.Values
	body  []byte
	plan  *v1Plan

	state *v1State
}

func (h *Handler) newV1Call(r *http.Request, f *Fault, template string, vars []string, q url.Values) (v1Call, *answer) {
	refused := func(a answer) (v1Call, *answer) { return v1Call{}, &a }
	c := v1Call{view: h.current(), opts: h.opts.V1, r: r, vars: vars, query: q, next: strings.Contains(template, "next"), state: &h.v1}
	if f != nil && f.World != nil {
		c.view = h.viewOf(f.World)
	}
	var err error
	if c.ids, err = idSchemeOf(r); err != nil {
		return refused(failedV1(err))
	}
	if c.body, err = io.ReadAll(http.MaxBytesReader(nil, bodyOf(r), maxBody)); err != nil {
		return refused(refuseV1(http.StatusBadRequest, "The body of the request cannot be read, or is longer than a filter can be."))
	}
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); len(c.body) > 0 && kind != typeJSON {
		return refused(refuseV1(http.StatusUnsupportedMediaType, "The body is to be application/json."))
	}
	id := currentPlan
	if strings.HasPrefix(template, "/plan/{planId}/") {
		id, c.vars = vars[0], vars[1:]
	}
	if c.plan = h.v1.plan(c.view, c.w, id); c.plan == nil {
		return refused(refuseV1(http.StatusNotFound, "AWSJDB101E There is no plan with the id "+id+"."))
	}
	return c, nil
}

func bodyOf(r *http.Request) io.ReadCloser {
	if r.Body == nil {
		return http.NoBody
	}
	return r.Body
}

// withContext adds the headers that the interface sends with each answer about the plan.
func (c v1Call) withContext(a answer) answer {
	if a.header == nil {
		a.header = http.Header{}
	}
	a.header.Set("Context-Locale", c.w.Info.Locale)
	if a.status >= http.StatusBadRequest {
		return a
	}
	a.header.Set("Context-PlanId", c.planID())
	a.header.Set("Context-DatabasePlan", map[bool]string{true: "1", false: "0"}[c.mirrored()])
	a.header.Set("Context-UseCache", "0")
	a.header.Set("Context-CheckResync", "0")
	a.header.Set("Context-StatusScope", flagHeader(c.r, "Context-StatusScope"))
	return a
}

// unlisted is the same call over the whole plan: what may not be listed can be asked for by its id all the same, if it may be displayed.
func (c v1Call) unlisted() v1Call {
	c.plan = c.state.plan(c.view, c.from, c.plan.id)
	return c
}

// planID is what objects say of the plan they are in.
func (c v1Call) planID() string {
	if c.plan.archived {
		return c.plan.id
	}
	return c.w.PlanID
}

// mirrored reports whether the plan can be read from the database.
func (c v1Call) mirrored() bool { return !c.opts.NoMirror && !c.plan.archived }

// flagHeader reads one of the headers that are 0 or 1; what is neither counts as 0, as where it is missing.
func flagHeader(r *http.Request, name string) string {
	if r.Header.Get(name) == "1" {
		return "1"
	}
	return "0"
}

// failedV1 turns an error of the world into what the older interface would say.
func failedV1(err error) answer {
	p := fault.Public(err)
	switch p.Code {
	case fault.Invalid:
		text := p.Message
		if p.Hint != "" {
			text += " " + p.Hint
		}
		return refuseV1(http.StatusBadRequest, text)
	case fault.Forbidden:
		return refuseV1(http.StatusForbidden, notAuthorized)
	case fault.NotFound:
		return refuseV1(http.StatusNotFound, "AWSJDB101E "+p.Message)
	default:
		return refuseV1(http.StatusInternalServerError, "AWSJCS011E An internal error has occurred.")
	}
}

func noSuchV1(id string) error {
	return fault.New(fault.NotFound, "The object %q is not in the plan.", id)
}

// oneV1 answers a single object.
func oneV1[T, W any](v T, err error, write func(T) W) answer {
	if err != nil {
		return failedV1(err)
	}
	return inJSON(http.StatusOK, write(v))
}

// shown answers a single object that rights are about.
func shown[T, W any](c v1Call, all []T, id func(T) string, of func(T) Object, write func(T) W) answer {
	v, err := pickV1(c, all, id)
	if err == nil {
		err = c.may(of(v))
	}
	return oneV1(v, err, write)
}

// pick finds the object that an id of the path names.
func pickV1[T any](c v1Call, all []T, id func(T) string) (T, error) {
	for _, want := range c.ids.read(c.vars[0]) {
		for _, x := range all {
			if id(x) == want {
				return x, nil
			}
		}
	}
	var none T
	return none, noSuchV1(c.vars[0])
}

func digest(parts ...string) [sha256.Size]byte {
	return sha256.Sum256([]byte(strings.Join(parts, "\x00")))
}
