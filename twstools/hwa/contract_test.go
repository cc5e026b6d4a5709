package hwa_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/enginetest"
	"github.com/resync-hwa/resync/twstools/hwa"
	"github.com/resync-hwa/resync/twstools/query"
)

// v2 is the part of the interface's description that the tests read.
type v2 struct {
	Paths map[string]map[string]struct {
		Parameters []struct {
			Name     string
			In       string
			Required bool
		}
	}
}

// description loads the V2 interface.
func description(t *testing.T) v2 {
	t.Helper()
	var d v2
	if err := json.Unmarshal(enginetest.Interface(t), &d); err != nil || len(d.Paths) == 0 {
		t.Fatalf("the file is not the description of the interface: %v", err)
	}
	return d
}

// later are paths that newer levels have and the description lacks; their parameters are those of the other lists.
var later = map[string]string{"/plan/prompt": "/plan/resource"}

func TestTableIsInTheInterface(t *testing.T) {
	d := description(t)
	for _, op := range hwa.Operations() {
		if op.Dialect != "v2" {
			continue // of V1 there is no description to hold it to
		}
		declared(t, d, op.Method, op.Path, op.Query, nil)
	}
}

// declared checks one operation, and that what the interface demands is there.
func declared(t *testing.T, d v2, method, path string, params []string, headers http.Header) {
	t.Helper()
	if as, ok := later[path]; ok {
		path = as
	}
	for template, ops := range d.Paths {
		if !samePath("/twsd/api/v2"+path, template) {
			continue
		}
		op, ok := ops[strings.ToLower(method)]
		if !ok {
			t.Errorf("%s %s: the interface has no such method", method, path)
			return
		}
		known := map[string]bool{}
		for _, p := range op.Parameters {
			known[p.In+":"+strings.ToLower(p.Name)] = true
			if p.In == "query" && p.Required && !contains(params, p.Name) {
				t.Errorf("%s: the required parameter %q is missing", path, p.Name)
			}
		}
		for _, p := range params {
			if !known["query:"+p] {
				t.Errorf("%s: the parameter %q is not declared", path, p)
			}
		}
		for h := range headers {
			switch h {
			case "Accept", "Accept-Encoding", "Authorization", "Cookie", "User-Agent":
			default:
				if !known["header:"+strings.ToLower(h)] {
					t.Errorf("%s: the header %q is not declared", path, h)
				}
			}
		}
		return
	}
	t.Errorf("%s %s is not in the interface", method, path)
}

func contains(list []string, s string) bool {
	for _, e := range list {
		if e == s {
			return true
		}
	}
	return false
}

// samePath compares templates whose placeholders have different names; words win over placeholders.
func samePath(a, b string) bool {
	x, y := strings.Split(a, "/"), strings.Split(b, "/")
	if len(x) != len(y) {
		return false
	}
	for i := range x {
		if x[i] != y[i] && !(x[i] == "{id}" && strings.HasPrefix(y[i], "{")) {
			return false
		}
	}
	return true
}

// Every request that leaves the client, on servers that force its ways round, is an operation of the interface.
func TestEveryRequestIsInTheInterface(t *testing.T) {
	d := description(t)
	servers := serverKinds()
	servers["no-by-id"] = &stub{byIDStatus: 405}
	for kind, s := range servers {
		s.rows = graph()
		s.rows["job"] = append(s.rows["job"], jobs(40)...)
		s.rows["workstation"], s.rows["resource"], s.rows["prompt"] = []m{{"id": "1", "name": "W"}}, []m{{"id": "1", "name": "R"}}, []m{{"id": "1", "name": "P"}}
		c := open(t, s)
		everything(t, c)
		for _, where := range []query.Expr{query.Is("name", "J00001"), query.Is("workstation", "LX1"), query.And{query.Is("folder", "/"), query.AnyOf("jobruns.commonStatus", "ERROR", "READY")}} {
			if _, err := c.Jobs(t.Context(), twstools.ListQuery{Where: where, Limit: 5, Offset: 5, Order: []query.Order{{Field: "name"}}}); err != nil {
				t.Errorf("%s: %v", kind, err)
			}
		}
		_, _ = c.Logs(t.Context(), twstools.LogQuery{Job: twstools.Ref{ID: "id-00001"}})
		for _, r := range s.requests() {
			if !strings.HasPrefix(r.URL.Path, "/twsd/api/v2/") {
				if !inTable(r) {
					t.Errorf("%s: %s %s is in no row of the table", kind, r.Method, r.URL)
				}
				continue
			}
			template := ""
			for _, op := range hwa.Operations() {
				if op.Dialect == "v2" && matches("/twsd/api/v2"+op.Path, r.URL.EscapedPath()) {
					template = op.Path
					if !strings.Contains(op.Path, "{id}") {
						break
					}
				}
			}
			if template == "" {
				t.Errorf("%s: %s is in no row of the table", kind, r.URL)
				continue
			}
			var params []string
			for p := range r.URL.Query() {
				params = append(params, p)
			}
			declared(t, d, r.Method, template, params, r.Header)
		}
	}
}

// inTable reports whether a request that is not of V2, whose description is all there is, is one of the table's others.
func inTable(r *http.Request) bool {
	for _, op := range hwa.Operations() {
		root := map[string]string{"v1": "/twsd", "server": ""}[op.Dialect]
		if op.Dialect != "v2" && op.Method == r.Method && matches(strings.ReplaceAll(root+op.Path, "{plan}", "{id}"), r.URL.EscapedPath()) {
			return true
		}
	}
	return false
}

func matches(template, path string) bool {
	x, y := strings.Split(template, "/"), strings.Split(path, "/")
	if len(x) != len(y) {
		return false
	}
	for i := range x {
		if x[i] != y[i] && x[i] != "{id}" {
			return false
		}
	}
	return true
}
