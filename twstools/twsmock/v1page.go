package twsmock

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/resync-hwa/resync/internal/fault"
)

// v1Paging is which part of what was found is asked for.
type v1Paging struct {
	limit, offset int
	rest          v1Rest
}

// v1Rest is what Last-Object remembers of a query, so that the next part can continue it: which list it was, how far it went, and what
// the body of a continuation has no place for, which is all but the plain filters. What a real server keeps of those is not known.
type v1Rest struct {
	List    string          `json:"l"`
	Offset  int             `json:"o"`
	Last    string          `json:"i"`
	Sorters json.RawMessage `json:"s,omitempty"`
	Complex json.RawMessage `json:"c,omitempty"`
	Of      string          `json:"of,omitempty"` // the object that a chain began at
}

// paging reads the headers of both ways to page: How-Many (0 for everything) and, to continue, Last-Object; or Query-PageSize and
// Query-PageNumber, which is an offset in spite of its name. They exclude each other. No more than 10,000 objects come at once.
func (c v1Call) paging(list string) (v1Paging, error) {
	p := v1Paging{limit: maxPage}
	h := c.r.Header
	byPage := h.Get("Query-PageSize") != "" || h.Get("Query-PageNumber") != ""
	var err error
	switch {
	case byPage && (h.Get("How-Many") != "" || c.next):
		return p, fault.New(fault.Invalid, "How-Many excludes Query-PageSize and Query-PageNumber.")
	case byPage && !c.mirrored():
		return p, fault.New(fault.Invalid, "Query-PageSize and Query-PageNumber need the current plan in the database.")
	case byPage:
		if p.limit, err = intHeader(h, "Query-PageSize", maxPage, maxPage); err == nil {
			p.offset, err = intHeader(h, "Query-PageNumber", 0, 1<<31-1)
		}
	default:
		p.limit, err = intHeader(h, "How-Many", maxPage, maxPage)
		if p.limit == 0 {
			p.limit = 1<<31 - 1
		}
	}
	if err != nil || !c.next {
		return p, err
	}
	if p.rest, err = readRest(h.Get("Last-Object")); err != nil {
		return p, err
	}
	if p.rest.List != list+"@"+c.plan.id {
		return p, fault.New(fault.Invalid, "The header Last-Object belongs to another query.")
	}
	p.offset = p.rest.Offset
	return p, nil
}

func intHeader(h http.Header, name string, byDefault, most int) (int, error) {
	s := h.Get(name)
	if s == "" {
		return byDefault, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > most {
		return 0, fault.New(fault.Invalid, "The header %s is a number from 0 to %d, not %q.", name, most, s)
	}
	return n, nil
}

func readRest(header string) (v1Rest, error) {
	var rest v1Rest
	raw, err := base64.StdEncoding.DecodeString(header)
	if err == nil {
		err = json.Unmarshal(raw, &rest)
	}
	if err != nil || rest.Offset < 0 {
		return rest, fault.New(fault.Invalid, "The header Last-Object is needed to continue a query, as an earlier answer gave it.")
	}
	return rest, nil
}

func (r v1Rest) header() (string, error) {
	raw, err := json.Marshal(r)
	return base64.StdEncoding.EncodeToString(raw), err
}

// pageV1 answers the part of what was found that is asked for, as a bare array. The total comes only where the header Context-ObjectCount asks.
func pageV1[T, W any](c v1Call, list string, p v1Paging, found []T, id func(T) string, write func(T) W) answer {
	from := min(p.offset, len(found))
	part := found[from:]
	part = part[:min(p.limit, len(part))]
	out := make([]W, len(part))
	for i, x := range part {
		out[i] = write(x)
	}
	a := inJSON(http.StatusOK, out)
	a.header = http.Header{"How-Many-Returned": {strconv.Itoa(len(part))}}
	a.header.Set("Context-PlanDependenciesScope", flagHeader(c.r, "Context-PlanDependenciesScope"))
	if flagHeader(c.r, "Context-ObjectCount") == "1" {
		a.header.Set("Context-ObjectCount", strconv.Itoa(len(found)))
	}
	if len(part) == 0 {
		return a
	}
	rest := p.rest
	rest.List, rest.Offset, rest.Last = list+"@"+c.plan.id, from+len(part), id(part[len(part)-1])
	token, err := rest.header()
	if err != nil {
		return failedV1(err)
	}
	a.header.Set("Last-Object", token)
	return a
}

// withDependencies reports whether a list is to carry dependencies.
func (c v1Call) withDependencies() bool {
	return flagHeader(c.r, "Context-PlanDependenciesScope") == "1"
}
