package hwa

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
)

// apiRoot is where the V2 interface lives on a server.
const apiRoot = "/twsd/api/v2"

// reserved are words that stand where an id would and mean another operation, some of which are no plain reads.
var reserved = map[string]bool{
	"issues": true, "action": true, "count": true, "joblog": true, "run": true, "async": true, "collect-agent-logs": true,
	"query": true, "query_next": true, "summary_info": true, "header": true, "jobsuccessors": true, "list": true,
}

// planID is the id of a plan in a V1 path: the current one, or an archived one by the minute it was made.
var planID = regexp.MustCompile(`^(?:current|[A-Z]?\d{8,14})$`)

// currentPlan is the live plan's id in V1's paths.
const currentPlan = "current"

// request is a request of the table, ready to be sent. Only makeRequest makes one.
type request struct {
	ep       endpoint
	plan     string
	id       string
	query    url.Values
	headers  map[header]string
	body     string
	what     string // what is being read, for people: "the list of jobs"
	optional bool   // some levels of engine lack it: a 404 means unsupported, not a wrong server

	at     *url.URL      // the host asked; set when it is sent
	within time.Duration // how long that host was given
}

// parts are what fills a row of the table.
type parts struct {
	plan    string
	id      string
	query   map[param]string
	headers map[header]string
	body    string
}

// newRequest makes a request of the table that has no more than an id and parameters.
func newRequest(ep endpoint, id string, params map[param]string) (request, error) {
	return makeRequest(ep, parts{id: id, query: params})
}

// makeRequest makes a request of the table, or says why it cannot. The id is empty for rows without one; a row with a plan and without a name for
// it means the current one.
func makeRequest(ep endpoint, in parts) (request, error) {
	if ep < 0 || int(ep) >= len(allowed) {
		return request{}, fault.New(fault.Internal, "The request is not in the table of allowed reads.")
	}
	op := allowed[ep]
	if strings.Contains(op.Path, "{id}") {
		if err := checkID(in.id); err != nil {
			return request{}, err
		}
	} else if in.id != "" {
		return request{}, fault.New(fault.Internal, "The request takes no id.")
	}
	switch takes := strings.Contains(op.Path, "{plan}"); {
	case takes && in.plan == "":
		in.plan = currentPlan
	case takes && !planID.MatchString(in.plan):
		return request{}, fault.New(fault.Invalid, "%q is not the id of a plan.", clip(in.plan, 40))
	case !takes && in.plan != "":
		return request{}, fault.New(fault.Internal, "The request takes no plan.")
	}
	q := url.Values{}
	for p, v := range in.query {
		if !op.takes(p) {
			return request{}, fault.New(fault.Internal, "The parameter %q is not allowed on %s.", string(p), op.Path)
		}
		if !p.valid(v) {
			return request{}, fault.New(fault.Internal, "The parameter %q needs a number.", string(p))
		}
		q.Set(string(p), v)
	}
	for h, v := range in.headers {
		if !slices.Contains(op.Headers, h) || !h.valid(v) {
			return request{}, fault.New(fault.Internal, "The header %q is not allowed on %s with that value.", string(h), op.Path)
		}
	}
	if err := op.Body.check(in.body); err != nil {
		return request{}, err
	}
	return request{ep: ep, plan: in.plan, id: in.id, query: q, headers: in.headers, body: in.body, what: "the engine's answer"}, nil
}

func (op operation) takes(p param) bool { return slices.Contains(op.Query, p) }

// valid holds numbers to digits, so that no value can smuggle anything through a sloppy server's parser.
func (p param) valid(v string) bool {
	switch p {
	case pLimit, pOffset, pDepth, pFromLine, pToLine, pPage:
		n, err := strconv.Atoi(v)
		return err == nil && n >= 0
	case pHowMany, pLines:
		return isCount(v)
	}
	return true
}

// valid does the same for headers; nothing may ask for everything at once.
func (h header) valid(v string) bool {
	switch h {
	case hHowMany:
		return isCount(v)
	case hObjectCount, hDependencies:
		return v == "1"
	case hLastObject:
		return v != "" && len(v) <= maxCursor && strings.IndexFunc(v, func(r rune) bool { return r < ' ' || r == 0x7f }) < 0
	}
	return false
}

// maxCursor bounds what is sent back as a place to go on from.
const maxCursor = 8 << 10

// isCount reports whether v is a number of rows or lines that may be asked for at once.
func isCount(v string) bool {
	n, err := strconv.Atoi(v)
	return err == nil && n >= 1 && n <= maxRequest && strconv.Itoa(n) == v
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
	t := strings.Replace(allowed[r.ep].Path, "{plan}", r.plan, 1)
	return root + strings.Replace(t, "{id}", r.id, 1), root + strings.Replace(t, "{id}", escapeSegment(r.id), 1)
}

// under gives the path of a root on a server whose V2 interface lives at base.
func (r root) under(base string) string {
	if r == rootV2 {
		return base
	}
	twsd := strings.TrimSuffix(base, "/api/v2")
	if r == rootV1 {
		return twsd
	}
	return strings.TrimSuffix(twsd, "/twsd")
}

// escapeSegment percent-encodes an id into one path segment; url.PathEscape leaves a few characters that some servers split on.
func escapeSegment(id string) string {
	s := url.PathEscape(id)
	for _, c := range []string{"&", "=", "+", "$", ":", "@"} {
		s = strings.ReplaceAll(s, c, fmt.Sprintf("%%%02X", c[0]))
	}
	return s
}

// permitted reports whether a request (of whatever origin) is a row of the table on a server whose V2 interface lives at base.
func permitted(r *http.Request, sent, base string) (endpoint, bool) {
	for i := range allowed {
		op := allowed[i]
		rest, ok := strings.CutPrefix(r.URL.EscapedPath(), op.Root.under(base))
		if ok && r.Method == op.Method && pathMatches(op.Path, rest) && op.permitsQuery(r.URL) && op.permitsHeaders(r.Header) && op.Body.check(sent) == nil {
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
		switch t[i] {
		case "{plan}":
			if !planID.MatchString(p[i]) {
				return false
			}
		case "{id}":
			id, err := url.PathUnescape(p[i])
			if err != nil || checkID(id) != nil {
				return false
			}
		default:
			if t[i] != p[i] {
				return false
			}
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

// permitsHeaders looks at the headers that steer the engine; those of the transport (cookies, encodings, tracing) are none of its business.
func (op operation) permitsHeaders(sent http.Header) bool {
	for name, vs := range sent {
		if !steers(name) {
			continue
		}
		if len(vs) != 1 || !slices.ContainsFunc(op.Headers, func(a header) bool { return http.CanonicalHeaderKey(string(a)) == name && a.valid(vs[0]) }) {
			return false
		}
	}
	return true
}

// steers reports whether a request header can change what the engine does: V1's own, and those by which some servers take another method.
func steers(name string) bool {
	low := strings.ToLower(name)
	for _, p := range []string{"context-", "query-", "x-http-method", "x-method", "justification-"} {
		if strings.HasPrefix(low, p) {
			return true
		}
	}
	return slices.Contains([]string{"how-many", "last-object", "id-encoding", "answer"}, low)
}

// clip shortens s for a message to people.
func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}
