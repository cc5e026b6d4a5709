package hwa_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/resync-hwa/resync/twstools/query"
)

// old is a server that speaks V1, written from what is known of it and independently of the mock: each field is a way to be another level, or to misbehave.
type old struct {
	rows map[string][]m // by the word in the list's path: "job"
	info m

	ignoreMany, noCursor, noCount bool
	rowCap                        int
	statuses                      map[string]int // by path below /twsd: answered instead
	handle                        func(w http.ResponseWriter, r *http.Request, body string) bool

	mu   sync.Mutex
	seen []string // method, path and headers that steer
}

func (s *old) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, _ := io.ReadAll(r.Body)
	rest := strings.TrimPrefix(r.URL.EscapedPath(), "/twsd")
	s.mu.Lock()
	s.seen = append(s.seen, r.Method+" "+rest+" many="+r.Header.Get("How-Many"))
	s.mu.Unlock()
	if s.handle != nil && s.handle(w, r, string(raw)) {
		return
	}
	if code := s.statuses[rest]; code != 0 {
		w.WriteHeader(code)
		return
	}
	switch {
	case rest == "/engine/info" && s.info != nil:
		writeJSON(w, s.info)
	case strings.HasPrefix(rest, "/api/v2/"):
		http.NotFound(w, r)
	case strings.HasPrefix(rest, "/plan/current/"):
		s.plan(w, r, strings.Split(strings.TrimPrefix(rest, "/plan/current/"), "/"), string(raw))
	default:
		http.NotFound(w, r)
	}
}

func (s *old) plan(w http.ResponseWriter, r *http.Request, parts []string, body string) {
	rows, ok := s.rows[parts[0]]
	if !ok || len(parts) != 2 {
		http.NotFound(w, r)
		return
	}
	if r.Method == http.MethodGet {
		id, _ := url.PathUnescape(parts[1])
		for _, o := range rows {
			if o["id"] == id {
				writeJSON(w, o)
				return
			}
		}
		w.WriteHeader(http.StatusNotFound)
		writeJSON(w, m{"exceptionName": "ObjectNotFoundException", "messages": []string{"AWSJDB101E The object was not found."}})
		return
	}
	rows = s.chosen(parts, rows, body)
	from := 0
	if parts[1] == "query_next" {
		from, _ = strconv.Atoi(r.Header.Get("Last-Object"))
	}
	many, err := strconv.Atoi(r.Header.Get("How-Many"))
	if err != nil || many < 1 {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if s.rowCap > 0 {
		many = min(many, s.rowCap)
	}
	if s.ignoreMany {
		from, many = 0, len(rows)
	}
	from = min(from, len(rows))
	page := rows[from:min(from+many, len(rows))]
	if !s.noCursor && len(page) > 0 {
		w.Header().Set("Last-Object", strconv.Itoa(from+len(page)))
	}
	if !s.noCount && r.Header.Get("Context-ObjectCount") == "1" {
		w.Header().Set("Context-ObjectCount", strconv.Itoa(len(rows)))
	}
	if page == nil {
		page = []m{}
	}
	writeJSON(w, page)
}

// chosen filters by name and by the mark of the last run, the way that a row says them.
func (s *old) chosen(parts []string, rows []m, body string) []m {
	var q struct {
		Filters map[string]m `json:"filters"`
	}
	_ = json.Unmarshal([]byte(body), &q)
	if parts[1] == "query_next" {
		_ = json.Unmarshal([]byte(body), &q.Filters)
	}
	var out []m
	for _, o := range rows {
		keep := true
		for _, f := range q.Filters {
			if name, ok := f["jobName"].(string); ok {
				keep = keep && query.Match(name, o["name"].(string))
			}
			if last, ok := f["lastInRerunChain"].(bool); ok {
				keep = keep && o["lastInRerunChain"] == last
			}
			if words, ok := f["statusList"].([]any); ok {
				status, _ := o["status"].(m)
				keep = keep && slices.Contains(words, status["commonStatus"])
			}
		}
		if keep {
			out = append(out, o)
		}
	}
	return out
}

func (s *old) calls(part string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, c := range s.seen {
		if strings.Contains(c, part) {
			n++
		}
	}
	return n
}
