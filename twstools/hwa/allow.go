package hwa

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
)

// apiRoot is where the V2 interface lives on a server.
const apiRoot = "/twsd/api/v2"

// operation is one row of the table of allowed requests.
type operation struct {
	Method string
	Path   string // below apiRoot; {id} stands for one percent-encoded segment
	Query  []param
}

// param is a query parameter that some operation may carry. There is deliberately no constant for lock (a GET that takes a
// lock) and follow (a GET that never ends).
type param string

const (
	pLimit    param = "limit"
	pOffset   param = "offset"
	pOQL      param = "oql"
	pFilter   param = "plan_filter"
	pGroups   param = "grouping_filters"
	pDepth    param = "depth"
	pFromLine param = "from_line"
	pToLine   param = "to_line"
)

// endpoint is an index into the table.
type endpoint int

const (
	engineInfo endpoint = iota
	planJobs
	planJob
	planJobPredecessors
	planJobSuccessors
	planJobCount
	planJobLog
	planRunLog
	planStreams
	planStream
	planStreamPredecessors
	planStreamSuccessors
	planStreamCount
	planWorkstations
	planWorkstation
	planResources
	planResource
	planPrompts
)

// allowed is everything that this package can send. A request is made by newRequest from a row of it, and checked against
// it again by the guard in front of the wire.
var allowed = [...]operation{
	engineInfo:             {http.MethodGet, "/engine/info", nil},
	planJobs:               {http.MethodGet, "/plan/job", []param{pLimit, pOffset, pOQL}},
	planJob:                {http.MethodGet, "/plan/job/{id}", nil},
	planJobPredecessors:    {http.MethodGet, "/plan/job/{id}/predecessors", []param{pDepth}},
	planJobSuccessors:      {http.MethodGet, "/plan/job/{id}/successors", []param{pDepth}},
	planJobCount:           {http.MethodGet, "/plan/job/count", []param{pFilter, pGroups}},
	planJobLog:             {http.MethodGet, "/plan/job/joblog", []param{pOQL, pFromLine, pToLine}},
	planRunLog:             {http.MethodGet, "/plan/job/run/{id}/joblog", []param{pFromLine, pToLine}},
	planStreams:            {http.MethodGet, "/plan/jobstream", []param{pLimit, pOffset, pOQL}},
	planStream:             {http.MethodGet, "/plan/jobstream/{id}", nil},
	planStreamPredecessors: {http.MethodGet, "/plan/jobstream/{id}/predecessors", []param{pDepth}},
	planStreamSuccessors:   {http.MethodGet, "/plan/jobstream/{id}/successors", []param{pDepth}},
	planStreamCount:        {http.MethodGet, "/plan/jobstream/count", []param{pFilter, pGroups}},
	planWorkstations:       {http.MethodGet, "/plan/workstation", []param{pLimit, pOffset, pOQL}},
	planWorkstation:        {http.MethodGet, "/plan/workstation/{id}", nil},
	planResources:          {http.MethodGet, "/plan/resource", []param{pLimit, pOffset, pOQL}},
	planResource:           {http.MethodGet, "/plan/resource/{id}", nil},
	planPrompts:            {http.MethodGet, "/plan/prompt", []param{pLimit, pOffset, pOQL}},
}

// reserved are words that stand where an id would and mean another operation, some of which are no plain reads.
var reserved = map[string]bool{
	"issues": true, "action": true, "count": true, "joblog": true, "run": true,
	"async": true, "collect-agent-logs": true,
}

// request is a request of the table, ready to be sent. Only newRequest makes one.
type request struct {
	ep       endpoint
	id       string
	query    url.Values
	what     string // what is being read, for people: "the list of jobs"
	optional bool   // some levels of engine lack it: a 404 means unsupported, not a wrong server

	at     *url.URL      // the host asked; set when it is sent
	within time.Duration // how long that host was given
}

// newRequest makes a request of the table, or says why it cannot. id is empty for rows without one.
func newRequest(ep endpoint, id string, params map[param]string) (request, error) {
	if ep < 0 || int(ep) >= len(allowed) {
		return request{}, fault.New(fault.Internal, "The request is not in the table of allowed reads.")
	}
	op := allowed[ep]
	if strings.Contains(op.Path, "{id}") {
		if err := checkID(id); err != nil {
			return request{}, err
		}
	} else if id != "" {
		return request{}, fault.New(fault.Internal, "The request takes no id.")
	}
	q := url.Values{}
	for p, v := range params {
		if !op.takes(p) {
			return request{}, fault.New(fault.Internal, "The parameter %q is not allowed on %s.", string(p), op.Path)
		}
		if !p.valid(v) {
			return request{}, fault.New(fault.Internal, "The parameter %q needs a number.", string(p))
		}
		q.Set(string(p), v)
	}
	return request{ep: ep, id: id, query: q, what: "the engine's answer"}, nil
}

func (op operation) takes(p param) bool {
	for _, a := range op.Query {
		if a == p {
			return true
		}
	}
	return false
}

// valid holds numbers to digits, so that no value can smuggle anything through a sloppy server's parser.
func (p param) valid(v string) bool {
	switch p {
	case pLimit, pOffset, pDepth, pFromLine, pToLine:
		n, err := strconv.Atoi(v)
		return err == nil && n >= 0
	}
	return true
}

// checkID refuses ids that could be read as another path once a sloppy server or proxy has decoded them.
func checkID(id string) error {
	if id == "" || len(id) > 1024 {
		return fault.New(fault.Invalid, "The reference does not point at an object of this engine.")
	}
	segments := strings.FieldsFunc(id, func(r rune) bool { return r == '/' || r == '\\' })
	if len(segments) == 0 {
		return fault.New(fault.Invalid, "The reference does not point at an object of this engine.")
	}
	for _, s := range segments {
		if s == "." || s == ".." || reserved[strings.ToLower(s)] || strings.HasPrefix(strings.ToLower(s), "submit") {
			return fault.New(fault.Invalid, "The reference %q cannot be read: it would be taken for another operation.", clip(id, 80))
		}
	}
	return nil
}

// path gives the decoded and the encoded path below root.
func (r request) path(root string) (plain, raw string) {
	t := allowed[r.ep].Path
	return root + strings.Replace(t, "{id}", r.id, 1), root + strings.Replace(t, "{id}", escapeSegment(r.id), 1)
}

// escapeSegment percent-encodes an id into one path segment; url.PathEscape leaves a few characters that some servers split on.
func escapeSegment(id string) string {
	s := url.PathEscape(id)
	for _, c := range []string{"&", "=", "+", "$", ":", "@"} {
		s = strings.ReplaceAll(s, c, fmt.Sprintf("%%%02X", c[0]))
	}
	return s
}

// permitted reports whether a method and URL (of whatever origin) are a row of the table under root.
func permitted(method string, u *url.URL, root string) (endpoint, bool) {
	rest, ok := strings.CutPrefix(u.EscapedPath(), root)
	if !ok {
		return 0, false
	}
	for i := range allowed {
		if op := allowed[i]; method == op.Method && pathMatches(op.Path, rest) && op.permitsQuery(u) {
			return endpoint(i), true
		}
	}
	return 0, false
}

func pathMatches(template, raw string) bool {
	t, p := strings.Split(template, "/"), strings.Split(raw, "/")
	if len(t) != len(p) {
		return false
	}
	for i := range t {
		if t[i] != "{id}" {
			if t[i] != p[i] {
				return false
			}
			continue
		}
		id, err := url.PathUnescape(p[i])
		if err != nil || checkID(id) != nil {
			return false
		}
	}
	return true
}

func (op operation) permitsQuery(u *url.URL) bool {
	q, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return false
	}
	for name, vs := range q {
		if len(vs) != 1 || !op.takes(param(name)) || !param(name).valid(vs[0]) {
			return false
		}
	}
	return true
}

// clip shortens s for a message to people.
func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}
