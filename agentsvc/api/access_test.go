package api_test

import (
	"context"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/agentsvc/api"
	"github.com/resync-hwa/resync/internal/auth"
)

// want is who may use a route: the status for a guest, and the roles that get in, by what.
type want struct {
	guest           int // 200 for public routes
	session, bearer []auth.Role
	scope           string // that lets a key with scopes in
	named           bool   // and nobody else
}

var (
	all       = []auth.Role{auth.Viewer, auth.Operator, auth.Admin}
	operators = []auth.Role{auth.Operator, auth.Admin}
	admins    = []auth.Role{auth.Admin}
)

// rights is written by hand a second time: a change of the table in routes.go must be meant.
var rights = map[string]want{
	"GET /login":                                  {guest: 200, session: all, bearer: all},
	"GET /login.css":                              {guest: 200, session: all, bearer: all},
	"GET /favicon.svg":                            {guest: 200, session: all, bearer: all},
	"POST /login/form":                            {guest: 200, session: all, bearer: all},
	"GET /login/once":                             {guest: 200, session: all, bearer: all},
	"POST /login/once":                            {guest: 200, session: all, bearer: all},
	"POST /token":                                 {guest: 200, session: all, bearer: all},
	"POST /api/session":                           {guest: 200, session: all, bearer: all},
	"GET /api/session":                            {guest: 401, session: all, bearer: all, scope: "read"},
	"DELETE /api/session":                         {guest: 401, session: all, bearer: all},
	"POST /api/chat":                              {guest: 401, session: operators, bearer: operators, scope: "ask"},
	"GET /api/agents":                             {guest: 401, session: all, bearer: all, scope: "read"},
	"GET /api/status":                             {guest: 401, session: all, bearer: all, scope: "read"},
	"GET /api/engines":                            {guest: 401, session: all, bearer: all, scope: "read"},
	"GET /api/jobs":                               {guest: 401, session: all, bearer: all, scope: "read"},
	"GET /api/jobs/{key}":                         {guest: 401, session: all, bearer: all, scope: "read"},
	"GET /api/jobs/{key}/log":                     {guest: 401, session: all, bearer: all, scope: "read"},
	"GET /api/job-streams":                        {guest: 401, session: all, bearer: all, scope: "read"},
	"GET /api/job-streams/{key}":                  {guest: 401, session: all, bearer: all, scope: "read"},
	"GET /api/workstations":                       {guest: 401, session: all, bearer: all, scope: "read"},
	"GET /api/workstations/{name}":                {guest: 401, session: all, bearer: all, scope: "read"},
	"GET /api/resources":                          {guest: 401, session: all, bearer: all, scope: "read"},
	"GET /api/prompts":                            {guest: 401, session: all, bearer: all, scope: "read"},
	"GET /api/changes":                            {guest: 401, session: all, bearer: all, scope: "read"},
	"GET /api/graph":                              {guest: 401, session: all, bearer: all, scope: "read"},
	"GET /api/timeline":                           {guest: 401, session: all, bearer: all, scope: "read"},
	"GET /api/events":                             {guest: 401, session: all, bearer: all, scope: "read"},
	"GET /api/radar":                              {guest: 401, session: all, bearer: all, scope: "read"},
	"GET /api/radar/acks":                         {guest: 401, session: all, bearer: all, scope: "read"},
	"POST /api/radar/acks":                        {guest: 401, session: operators, bearer: operators},
	"DELETE /api/radar/acks":                      {guest: 401, session: operators, bearer: operators},
	"GET /api/knowledge":                          {guest: 401, session: all, bearer: all, scope: "read"},
	"GET /api/knowledge/search":                   {guest: 401, session: all, bearer: all, scope: "read"},
	"PUT /api/knowledge/documents/*":              {guest: 401, session: admins, bearer: admins},
	"DELETE /api/knowledge/documents/*":           {guest: 401, session: admins, bearer: admins},
	"GET /knowledge/*":                            {guest: 303, session: all, bearer: all, scope: "read"},
	"GET /knowledge.css":                          {guest: 200, session: all, bearer: all},
	"GET /docs/api":                               {guest: 303, session: all, bearer: all, scope: "read"},
	"GET /docs.css":                               {guest: 200, session: all, bearer: all},
	"GET /api/openapi.json":                       {guest: 401, session: all, bearer: all, scope: "read"},
	"GET /api/health/app":                         {guest: 200, session: all, bearer: all},
	"GET /api/health/tws":                         {guest: 401, session: all, bearer: all, scope: "read"},
	"GET /livez":                                  {guest: 200, session: all, bearer: all},
	"GET /readyz":                                 {guest: 200, session: all, bearer: all},
	"GET /assets/*":                               {guest: 200, session: all, bearer: all},
	"GET /":                                       {guest: 303, session: all, bearer: all},
	"GET /dashboard":                              {guest: 303, session: all, bearer: all},
	"GET /chat":                                   {guest: 303, session: all, bearer: all},
	"GET /status":                                 {guest: 303, session: all, bearer: all},
	"GET /shared/{token}":                         {guest: 303, session: all, bearer: all},
	"GET /api/conversations/{id}/ledger":          {guest: 401, scope: "trace", named: true},
	"GET /api/conversations":                      {guest: 401, session: all, bearer: all, scope: "read"},
	"GET /api/conversations/{id}":                 {guest: 401, session: all, bearer: all, scope: "read"},
	"GET /api/conversations/{id}/turns/{message}": {guest: 401, session: all, bearer: all, scope: "read"},
	"PATCH /api/conversations/{id}":               {guest: 401, session: all, bearer: all, scope: "ask"},
	"DELETE /api/conversations/{id}":              {guest: 401, session: all, bearer: all, scope: "ask"},
	"GET /api/conversations/{id}/export":          {guest: 401, session: all, bearer: all, scope: "read"},
	"POST /api/conversations/{id}/share":          {guest: 401, session: all, bearer: all, scope: "ask"},
	"DELETE /api/conversations/{id}/share":        {guest: 401, session: all, bearer: all, scope: "ask"},
	"GET /api/shared/{token}":                     {guest: 401, session: all, bearer: all, scope: "read"},
	"POST /api/conversations/{id}/stop":           {guest: 401, session: all, bearer: all, scope: "ask"},
	"POST /api/conversations/{id}/regenerate":     {guest: 401, session: operators, bearer: operators, scope: "ask"},
	"POST /api/feedback":                          {guest: 401, session: all, bearer: all, scope: "ask"},

	"GET /api/metrics": {guest: 401, session: admins, bearer: admins, scope: "metrics"},
	"/mcp":             {guest: 401, bearer: all, scope: "mcp"},
	"/mcp/":            {guest: 401, bearer: all, scope: "mcp"},

	"GET /.well-known/oauth-protected-resource":     {guest: 200, session: all, bearer: all},
	"GET /.well-known/oauth-protected-resource/mcp": {guest: 200, session: all, bearer: all},
}

// TestEveryRouteTimesEveryRole holds the router to the table above, in both directions.
func TestEveryRouteTimesEveryRole(t *testing.T) {
	o, b := options(t)
	o.Limits.LoginsPerMinute, o.Limits.RequestsPerMinute = 10_000, 100_000
	b.start(t, o)
	seen := map[string]bool{}
	for _, rt := range api.RoutesOf(t, o) {
		w, ok := rights[rt]
		if !ok {
			t.Errorf("route %s is in no table of rights", rt)
			continue
		}
		seen[rt] = true
		t.Run(strings.ReplaceAll(rt, "/", "_"), func(t *testing.T) { b.checkRoute(t, rt, w) })
	}
	for rt := range rights {
		if !seen[rt] {
			t.Errorf("route %s of the table does not exist", rt)
		}
	}
}

func (b *bundle) checkRoute(t *testing.T, rt string, w want) {
	t.Helper()
	method, path, ok := strings.Cut(rt, " ")
	if !ok {
		method, path = http.MethodPost, rt
	}
	path = strings.ReplaceAll(path, "*", "app-1234.js")
	try := func(who string, h http.Header, status int) {
		t.Helper()
		got := b.do(t, method, path, "", h).StatusCode
		if in := got != 401 && got != 403 && got != 303; status == 200 && !in || status != 200 && got != status {
			t.Errorf("%s as %s = %d, want %d (200: let in)", rt, who, got, status)
		}
	}
	try("guest", nil, w.guest)
	open := w.guest == 200
	for _, role := range all {
		for via, allowed := range map[string][]auth.Role{"session": w.session, "token": w.bearer, "api_key": w.bearer} {
			status := 403
			if slices.Contains(allowed, role) {
				status = 200
			} else if allowed == nil {
				status = 401 // this kind of credential does not count at all
			}
			if w.named {
				status = 403
			}
			if path == "/login" && via == "session" {
				status = 303 // already in
			}
			try(string(role)+" by "+via, b.as(t, role, via), status)
		}
	}
	for _, scope := range auth.Scopes() {
		status := 403
		if open || scope == w.scope {
			status = 200
		}
		try("admin key for "+scope, b.as(t, auth.Admin, "api_key", scope), status)
	}
	if w.scope == "metrics" {
		try("viewer key for metrics", b.as(t, auth.Viewer, "api_key", "metrics"), 200)
	}
	for _, bad := range []http.Header{header("Authorization", "Bearer nonsense"), header("Authorization", "Basic YTpi"), header("Cookie", "resync=nonsense"), header("Cookie", "__Host-resync=x")} {
		try("forger", bad, w.guest)
	}
}

func TestGuards(t *testing.T) {
	b := setup(t)
	operator := b.as(t, auth.Operator, "session")
	for _, tc := range []struct {
		name, method, path, body string
		headers                  http.Header
		status                   int
	}{
		{"cross-origin-post", "POST", "/api/chat", `{"question":"x"}`, header("Origin", "https://evil.example", "Content-Type", "application/json"), 403},
		{"cross-site-post", "POST", "/api/chat", `{"question":"x"}`, header("Sec-Fetch-Site", "cross-site", "Content-Type", "application/json"), 403},
		{"cross-origin-login", "POST", "/login/form", "username=a&password=b", header("Origin", "https://evil.example", "Content-Type", "application/x-www-form-urlencoded"), 403},
		{"opaque-origin", "POST", "/login/once", "code=x", header("Origin", "null", "Content-Type", "application/x-www-form-urlencoded"), 403},
		{"wrong-host", "GET", "/livez", "", header("Host", "rebound.example"), 403},
		{"too-large", "POST", "/api/chat", `{"question":"` + strings.Repeat("x", 70_000) + `"}`, jsonBody, 413},
		{"nowhere", "GET", "/api/nowhere", "", nil, 404},
		{"wrong-method", "PUT", "/api/chat", "", nil, 405},
		{"files-beside-the-assets", "GET", "/secret.txt", "", nil, 404},
		{"assets-climb", "GET", "/assets/..%2fsecret.txt", "", nil, 404},
		{"assets-folder", "GET", "/assets/", "", nil, 404},
		{"asset-gz-itself", "GET", "/assets/app-1234.js.gz", "", nil, 404},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := b.do(t, tc.method, tc.path, tc.body, operator, tc.headers)
			if r.StatusCode != tc.status {
				t.Fatalf("status = %d, want %d (%s)", r.StatusCode, tc.status, r.text)
			}
			if got := r.Header.Get("Content-Type"); got != "application/problem+json" {
				t.Errorf("content type = %s", got)
			}
			if p := r.json(t); p["code"] == "" || p["correlation_id"] == "" || p["detail"] == "" {
				t.Errorf("problem = %v", p)
			}
			if r.Header.Get("Content-Security-Policy") == "" {
				t.Error("the security headers are missing")
			}
		})
	}
}

func TestRates(t *testing.T) {
	o, b := options(t)
	o.Limits.LoginsPerMinute, o.Limits.RequestsPerMinute, o.BehindProxy, o.Secure = 3, 8, true, true
	b.start(t, o)
	from := func(ip string) http.Header { return header("X-Forwarded-For", "203.0.113.9, "+ip) }
	statuses := func(n int, path, ip string) (out []int) {
		for range n {
			method := http.MethodGet
			if path == "/token" {
				method = http.MethodPost
			}
			out = append(out, b.do(t, method, path, "", from(ip)).StatusCode)
		}
		return out
	}
	if got := statuses(5, "/token", "198.51.100.1"); !slices.Equal(got, []int{400, 400, 400, 429, 429}) {
		t.Errorf("log-ins = %v", got)
	}
	if got := statuses(4, "/livez", "198.51.100.1"); !slices.Equal(got, []int{200, 200, 200, 429}) {
		t.Errorf("requests after five others = %v", got)
	}
	if got := statuses(1, "/token", "198.51.100.2"); got[0] != 400 {
		t.Errorf("another client behind the same proxy = %v", got)
	}
	r := b.do(t, "GET", "/livez", "", from("198.51.100.1"))
	if r.Header.Get("Retry-After") == "" {
		t.Error("429 must say when to come back")
	}
}

func TestAProxyIsBelievedOnlyWhenDeclared(t *testing.T) {
	o, b := options(t)
	o.Limits.RequestsPerMinute = 2
	b.start(t, o)
	last := 0
	for i := range 3 {
		last = b.do(t, "GET", "/livez", "", header("X-Forwarded-For", "198.51.100."+string(rune('1'+i)))).StatusCode
	}
	if last != 429 {
		t.Errorf("status = %d: a header has made one client many", last)
	}
}

func TestPagesAndAssets(t *testing.T) {
	b := setup(t)
	viewer := b.as(t, auth.Viewer, "session")
	r := b.do(t, "GET", "/chat", "", viewer)
	if r.StatusCode != 200 || r.Header.Get("Cache-Control") != "no-cache" || !strings.Contains(r.text, "<title>Resync") {
		t.Errorf("/chat = %d %v %q", r.StatusCode, r.Header, r.text)
	}
	if r := b.do(t, "GET", "/status", ""); r.StatusCode != 303 || r.Header.Get("Location") != "/login?next=%2Fstatus" || strings.Contains(r.text, "<title>") {
		t.Errorf("/status for a guest = %d %s", r.StatusCode, r.Header.Get("Location"))
	}
	for encoding, want := range map[string]string{"gzip, br": "squeezed", "identity": "plain()", "gzip;q=0": "plain()"} {
		r := b.do(t, "GET", "/assets/app-1234.js", "", header("Accept-Encoding", encoding))
		if r.text != want || !strings.Contains(r.Header.Get("Cache-Control"), "immutable") || r.Header.Get("Content-Type") != "text/javascript; charset=utf-8" {
			t.Errorf("asset with %s = %q %v", encoding, r.text, r.Header)
		}
	}
	if r := b.do(t, "GET", "/assets/none.js", ""); r.StatusCode != 404 || strings.Contains(r.Header.Get("Cache-Control"), "immutable") {
		t.Errorf("missing asset = %d %v: it must not be kept for ever", r.StatusCode, r.Header)
	}
	if r := b.do(t, "HEAD", "/assets/app-1234.js", ""); r.StatusCode != 200 || r.text != "" {
		t.Errorf("HEAD = %d %q", r.StatusCode, r.text)
	}
	if r := b.do(t, "GET", "/api/agents", "", viewer); !strings.Contains(r.text, `"id":"diagnostics"`) || r.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("agents = %s %v", r.text, r.Header)
	}
}

func TestReadiness(t *testing.T) {
	o, b := options(t)
	var broken error
	o.Ready = func(context.Context) error { return broken }
	b.start(t, o)
	if r := b.do(t, "GET", "/readyz", ""); r.StatusCode != 200 {
		t.Errorf("ready = %d %s", r.StatusCode, r.text)
	}
	broken = context.DeadlineExceeded
	r := b.do(t, "GET", "/readyz", "")
	if r.StatusCode != 503 || strings.Contains(r.text, "deadline") {
		t.Errorf("not ready = %d %s", r.StatusCode, r.text)
	}
	if r := b.do(t, "GET", "/livez", ""); r.StatusCode != 200 {
		t.Errorf("alive although not ready = %d", r.StatusCode)
	}
}

func TestNewRefuses(t *testing.T) {
	o, _ := options(t)
	o.Asker = nil
	if _, err := api.New(o); err == nil {
		t.Error("a front without an asker must be refused")
	}
	o, _ = options(t)
	o.Auth = nil
	if _, err := api.New(o); err == nil {
		t.Error("a front without logins must be refused")
	}
}

func TestSessionsEndByTheClock(t *testing.T) {
	b := setup(t)
	viewer := b.as(t, auth.Viewer, "session")
	b.clock.advance(59 * time.Minute)
	if r := b.do(t, "GET", "/api/session", "", viewer); r.StatusCode != 200 {
		t.Fatalf("status = %d", r.StatusCode)
	}
	b.clock.advance(61 * time.Minute)
	if r := b.do(t, "GET", "/api/session", "", viewer); r.StatusCode != 401 || r.Header.Get("WWW-Authenticate") == "" {
		t.Errorf("idle session = %d %v", r.StatusCode, r.Header)
	}
	if r := b.do(t, "GET", "/chat", "", viewer); r.StatusCode != 303 {
		t.Errorf("page with an idle session = %d", r.StatusCode)
	}
}

// An address that exists says what it takes instead; one that does not exist takes nothing.
func TestMethods(t *testing.T) {
	b := setup(t)
	for _, c := range []struct {
		method, path, allow string
		status              int
	}{
		{"PUT", "/api/chat", "POST", 405}, {"GET", "/api/chat", "POST", 405}, {"POST", "/api/status", "GET, HEAD", 405}, {"DELETE", "/login", "GET, HEAD", 405},
		{"OPTIONS", "/api/session", "DELETE, GET, HEAD, POST", 405}, {"POST", "/assets/app-1234.js", "GET, HEAD", 405}, {"HEAD", "/livez", "", 200}, {"PUT", "/nothing", "", 404},
	} {
		r := b.do(t, c.method, c.path, "")
		if r.StatusCode != c.status || r.Header.Get("Allow") != c.allow || c.status != 200 && r.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s %s: %d, Allow %q, %s", c.method, c.path, r.StatusCode, r.Header.Get("Allow"), r.Header.Get("Content-Type"))
		}
	}
}

func TestLargeForms(t *testing.T) {
	b := setup(t)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.URL+"/token", io.NopCloser(strings.NewReader("username="+strings.Repeat("a", 100<<10))))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if r := b.send(t, b.Client(), req); r.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("%d %s", r.StatusCode, r.text)
	}
}

// Whether the process runs is told without a look at who asks: a database that is slow or away must not make it look dead.
func TestAliveWithoutALookAtWhoAsks(t *testing.T) {
	b := setup(t)
	viewer := b.as(t, auth.Viewer, "token")
	for path, known := range map[string]bool{"/livez": false, "/api/health/app": false, "/readyz": true, "/api/agents": true} {
		if r := b.do(t, "GET", path, "", viewer); r.StatusCode != 200 {
			t.Errorf("%s = %d %s", path, r.StatusCode, r.text)
		}
		line := regexp.MustCompile(`.*"path":"` + path + `".*`).FindString(b.log.String())
		if line == "" || strings.Contains(line, `"caller":`) != known {
			t.Errorf("%s: whether the caller was looked up should be %v: %s", path, known, line)
		}
	}
}
