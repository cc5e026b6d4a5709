package hwa_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/hwa"
	"github.com/resync-hwa/resync/twstools/query"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type m = map[string]any

// stub is a server that speaks V2 after a fashion: every field is a way to misbehave.
type stub struct {
	rows map[string][]m // by the last word of the list's path

	ignoreLimit, ignoreOffset, ignoreOQL, ignoreOrder bool
	pageSize                                          int  // rows in a page at most
	noCount, pageCount                                bool // count missing, or that of the page
	bare                                              bool
	key                                               string // instead of "results"
	nextHost                                          string
	offsetStatus                                      int // answered for an offset behind the end
	refuseOQL                                         func(string) bool
	refuseStatus                                      int
	byIDStatus                                        int // 0: works
	handle                                            func(w http.ResponseWriter, r *http.Request) bool

	mu   sync.Mutex
	seen []*http.Request
}

// row shows a raw object to a filter.
type row m

func (r row) Values(field string) ([]query.Value, bool) {
	var out []query.Value
	walk(m(r), strings.Split(field, "."), &out)
	return out, true
}

func walk(v any, path []string, out *[]query.Value) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			walk(e, path, out)
		}
		return
	case m:
		if len(path) > 0 {
			walk(v[path[0]], path[1:], out)
		}
		return
	}
	if v == nil || len(path) > 0 {
		return
	}
	if n, ok := v.(int); ok {
		v = int64(n)
	}
	*out = append(*out, v)
}

func (s *stub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.seen = append(s.seen, r)
	s.mu.Unlock()
	if s.handle != nil && s.handle(w, r) {
		return
	}
	rest := strings.TrimPrefix(r.URL.EscapedPath(), "/twsd/api/v2/plan/")
	kind, id, single := strings.Cut(rest, "/")
	if r.URL.Path == "/twsd/api/v2/engine/info" {
		writeJSON(w, m{"displayVersion": "10.2.8.00", "timezone": "America/Sao_Paulo", "licenseType": "PERSERVER"})
		return
	}
	rows, ok := s.rows[kind]
	if !ok {
		http.NotFound(w, r)
		return
	}
	if single {
		s.one(w, rows, id)
		return
	}
	s.list(w, r, rows)
}

func (s *stub) one(w http.ResponseWriter, rows []m, raw string) {
	id, _ := url.PathUnescape(raw)
	if s.byIDStatus != 0 {
		w.WriteHeader(s.byIDStatus)
		return
	}
	for _, o := range rows {
		if o["id"] == id {
			writeJSON(w, o)
			return
		}
	}
	w.WriteHeader(http.StatusNotFound)
	writeJSON(w, m{"messages": []string{"AWSJDB101E The object was not found."}})
}

func (s *stub) list(w http.ResponseWriter, r *http.Request, rows []m) {
	q := r.URL.Query()
	if text := q.Get("oql"); text != "" && !s.ignoreOQL {
		parsed, err := query.ParseOQL(text)
		if err != nil || s.refuseOQL != nil && s.refuseOQL(text) {
			status := http.StatusBadRequest
			if s.refuseStatus != 0 {
				status = s.refuseStatus
			}
			w.WriteHeader(status)
			writeJSON(w, m{"messages": []string{"OQL_FILTER_SYNTAX_ERROR"}})
			return
		}
		var kept []m
		for _, o := range rows {
			if query.Eval(parsed.Where, row(o)) {
				kept = append(kept, o)
			}
		}
		rows = kept
		if !s.ignoreOrder {
			query.Sort(rows, func(o m) query.Row { return row(o) }, parsed.Order)
		}
	}
	total := len(rows)
	offset, _ := strconv.Atoi(q.Get("offset"))
	if s.ignoreOffset {
		offset = 0
	}
	if s.offsetStatus != 0 && offset >= total && offset > 0 {
		w.WriteHeader(s.offsetStatus)
		return
	}
	limit, err := strconv.Atoi(q.Get("limit"))
	if err != nil || s.ignoreLimit {
		limit = total
	}
	if s.pageSize > 0 {
		limit = min(limit, s.pageSize)
	}
	offset = min(offset, total)
	page := rows[offset:min(offset+limit, total)]
	if page == nil {
		page = []m{}
	}
	if s.bare {
		writeJSON(w, page)
		return
	}
	key := "results"
	if s.key != "" {
		key = s.key
	}
	out := m{key: page}
	switch {
	case s.noCount:
	case s.pageCount:
		out["count"] = len(page)
	default:
		out["count"] = strconv.Itoa(total) // a number in quotes, on purpose
	}
	if s.nextHost != "" && offset+limit < total {
		out["next"] = fmt.Sprintf("https://%s/twsd/api/v2/plan/job?limit=%d&offset=%d", s.nextHost, limit, offset+limit)
	}
	writeJSON(w, out)
}

func writeJSON(w http.ResponseWriter, v any) {
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/json")
	}
	_ = json.NewEncoder(w).Encode(v)
}

func (s *stub) requests() []*http.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.seen)
}

// open starts the stub and a client of it.
func open(t *testing.T, h http.Handler, with ...func(*hwa.Options)) *hwa.Client {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	o := hwa.Options{API: "v2", BaseURL: srv.URL, User: "reader", Password: "s3cret-pw", Timeout: time.Hour} // deadlines are tested where time is not real
	for _, f := range with {
		f(&o)
	}
	c, err := hwa.Open(o)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// jobs makes n jobs J0001…, every third in error.
func jobs(n int) []m {
	out := make([]m, n)
	for i := range out {
		common, internal := "SUCCESSFUL", "SUCC"
		if i%3 == 0 {
			common, internal = "ERROR", "ABEND"
		}
		out[i] = m{
			"id": fmt.Sprintf("id-%05d", i), "name": fmt.Sprintf("J%05d", i), "workstation": "/LX" + strconv.Itoa(i%4), "folder": "/",
			"jobStreamName": "NIGHT", "jobStreamWorkstation": "/MDM", "lastRunCommonStatus": common,
			"lastRunCompositeStatus": m{"status": internal, "canceled": false}, "priority": 10,
			"jobruns": []any{m{"id": fmt.Sprintf("run-%05d", i), "commonStatus": common, "compositeStatus": m{"status": internal}, "returnCode": i % 3}},
		}
	}
	return out
}

func wantCode(t *testing.T, err error, code fault.Code) *fault.Error {
	t.Helper()
	if fault.CodeOf(err) != code {
		t.Fatalf("code = %q, want %q (error: %v)", fault.CodeOf(err), code, err)
	}
	return fault.Public(err)
}
