package api_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/auth"
)

func cookieOf(t *testing.T, r reply) *http.Cookie {
	t.Helper()
	cs := r.Cookies()
	if len(cs) != 1 {
		t.Fatalf("cookies = %v, want one (%d %s)", cs, r.StatusCode, r.text)
	}
	return cs[0]
}

func TestLoginFormWithoutScript(t *testing.T) {
	b := setup(t)
	b.user(t, auth.Operator)
	browse := b.browser(t)
	r := browse("GET", "/login?next=/status", nil)
	if r.StatusCode != 200 || !strings.Contains(r.text, `name="next" value="/status"`) || strings.Contains(r.text, "<script") || strings.Contains(r.text, "style=") {
		t.Fatalf("login page = %d %s", r.StatusCode, r.text)
	}
	if r.Header.Get("Referrer-Policy") == "no-referrer" {
		t.Error("under no-referrer browsers send an opaque origin with the form, and it would be refused")
	}
	if r := browse("GET", "/login.css", nil); r.StatusCode != 200 || r.Header.Get("Cache-Control") != "no-cache" || !strings.HasPrefix(r.Header.Get("Content-Type"), "text/css") {
		t.Errorf("style = %d %v", r.StatusCode, r.Header)
	}
	r = browse("POST", "/login/form", url.Values{"username": {`operator-user"><img src=x>`}, "password": {"hush-hush-wrong"}, "next": {"/status"}})
	if r.StatusCode != 401 || !strings.Contains(r.text, `role="alert"`) || strings.Contains(r.text, "<img src=x") || strings.Contains(r.text, "hush") || len(r.Cookies()) != 0 {
		t.Errorf("wrong password = %d %s", r.StatusCode, r.text)
	}
	r = browse("POST", "/login/form", url.Values{"username": {"operator-user"}, "password": {password}, "next": {"/status"}})
	if r.StatusCode != 303 || r.Header.Get("Location") != "/status" {
		t.Fatalf("login = %d %s", r.StatusCode, r.text)
	}
	c := cookieOf(t, r)
	if c.Name != "resync" || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Domain != "" || c.Secure {
		t.Errorf("cookie on loopback = %+v", c)
	}
	if r := browse("GET", "/status", nil); r.StatusCode != 200 {
		t.Errorf("page after login = %d", r.StatusCode)
	}
	if r := browse("GET", "/login?next=/chat", nil); r.StatusCode != 303 || r.Header.Get("Location") != "/chat" {
		t.Errorf("login page when logged in = %d %s", r.StatusCode, r.Header.Get("Location"))
	}
}

func TestLoginLeadsNowhereElse(t *testing.T) {
	b := setup(t)
	b.user(t, auth.Viewer)
	for _, next := range []string{"https://evil.example", "//evil.example", "/\\evil.example", "/login", "javascript:alert(1)", "http:/chat", "//x@/chat", "/chat/../login", "/chat?" + strings.Repeat("q", 9000), ""} {
		r := b.browser(t)("POST", "/login/form", url.Values{"username": {"viewer-user"}, "password": {password}, "next": {next}})
		if got := r.Header.Get("Location"); got != "/" {
			t.Errorf("next=%q leads to %q", next, got)
		}
	}
}

func TestLoginKeepsTheQuestionOfALink(t *testing.T) {
	b := setup(t)
	b.user(t, auth.Viewer)
	browse := b.browser(t)
	to := browse("GET", "/chat?q=why+did+%231%26x", nil).Header.Get("Location")
	u, err := url.Parse(to)
	if err != nil || u.Path != "/login" {
		t.Fatalf("a guest is led to %q", to)
	}
	next := u.Query().Get("next")
	r := browse("POST", "/login/form", url.Values{"username": {"viewer-user"}, "password": {password}, "next": {next}})
	if got := r.Header.Get("Location"); got != "/chat?q=why+did+%231%26x" {
		t.Errorf("after the log-in the person is led to %q", got)
	}
}

func TestLoginLeadsToWhatIsShared(t *testing.T) {
	b := setup(t)
	b.user(t, auth.Viewer)
	browse := b.browser(t)
	to, err := url.Parse(browse("GET", "/shared/abc", nil).Header.Get("Location"))
	if err != nil || to.Path != "/login" {
		t.Fatalf("a guest is led to %v", to)
	}
	r := browse("POST", "/login/form", url.Values{"username": {"viewer-user"}, "password": {password}, "next": {to.Query().Get("next")}})
	if got := r.Header.Get("Location"); got != "/shared/abc" {
		t.Errorf("after the log-in the person is led to %q", got)
	}
}

func TestLoginPageSpeaksTheReadersLanguage(t *testing.T) {
	b := setup(t)
	for accept, want := range map[string]string{"": `lang="en"`, "pt-BR,pt;q=0.9,en;q=0.8": `lang="pt-BR"`, "pt-PT": `lang="pt-BR"`, "de, en;q=0.5": `lang="en"`, ";;;": `lang="en"`, "ja": `lang="en"`} {
		if r := b.do(t, "GET", "/login", "", header("Accept-Language", accept)); !strings.Contains(r.text, want) {
			t.Errorf("%q gives %s", accept, r.text[:60])
		}
	}
}

func TestLoginFailuresAreThrottledOnThePage(t *testing.T) {
	b := setup(t)
	browse := b.browser(t)
	last := 0
	for range 6 {
		last = browse("POST", "/login/form", url.Values{"username": {"nobody"}, "password": {"wrong wrong"}}).StatusCode
	}
	if last != 429 {
		t.Errorf("the sixth try = %d", last)
	}
}

func TestCookieUnderTLS(t *testing.T) {
	o, b := options(t)
	o.Secure, o.BehindProxy = true, true
	b.start(t, o)
	b.user(t, auth.Viewer)
	r := b.do(t, "POST", "/api/session", `{"username":"viewer-user","password":"`+password+`"}`, jsonBody)
	c := cookieOf(t, r)
	if c.Name != "__Host-resync" || !c.Secure || !c.HttpOnly || c.Path != "/" || c.Domain != "" {
		t.Errorf("cookie = %+v", c)
	}
	if r.Header.Get("Strict-Transport-Security") == "" {
		t.Error("strict transport security is missing")
	}
	if r := b.do(t, "GET", "/api/session", "", header("Cookie", "resync="+c.Value)); r.StatusCode != 401 {
		t.Errorf("the cookie under its plain name = %d", r.StatusCode)
	}
	if r := b.do(t, "GET", "/api/session", "", header("Cookie", c.Name+"="+c.Value)); r.StatusCode != 200 {
		t.Errorf("session = %d", r.StatusCode)
	}
}

func TestSessionByJSON(t *testing.T) {
	b := setup(t)
	u := b.user(t, auth.Operator)
	good := `{"username":"operator-user","password":"` + password + `"}`
	for _, tc := range []struct {
		name, body string
		h          http.Header
		status     int
		want       string
	}{
		{"right", good, jsonBody, 200, `"role":"operator"`},
		{"wrong-password", `{"username":"operator-user","password":"hush-hush"}`, jsonBody, 401, "unauthorized"},
		{"unknown-field", `{"username":"a","password":"b","admin":true}`, jsonBody, 400, `\"admin\"`},
		{"wrong-type", `{"username":1,"password":"hush"}`, jsonBody, 400, `\"username\"`},
		{"no-json", "hush", jsonBody, 400, "JSON object"},
		{"two-objects", good + good, jsonBody, 400, "nothing behind"},
		{"as-form", "username=a", formBody, 400, "Content-Type"},
		{"empty", "", jsonBody, 400, "JSON object"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := b.do(t, "POST", "/api/session", tc.body, tc.h)
			if r.StatusCode != tc.status || !strings.Contains(r.text, tc.want) || strings.Contains(r.text, "hush") {
				t.Errorf("= %d %s", r.StatusCode, r.text)
			}
		})
	}
	first := cookieOf(t, b.do(t, "POST", "/api/session", good, jsonBody))
	cookie := func(c *http.Cookie) http.Header { return header("Cookie", c.Name+"="+c.Value) }
	v := b.do(t, "GET", "/api/session", "", cookie(first)).json(t)
	if user := v["user"].(map[string]any); user["id"] != u.ID || user["name"] != "operator-user" || user["role"] != "operator" || v["via"] != "session" {
		t.Errorf("session = %v", v)
	}
	second := cookieOf(t, b.do(t, "POST", "/api/session", good, jsonBody, cookie(first)))
	if r := b.do(t, "GET", "/api/session", "", cookie(first)); r.StatusCode != 401 || first.Value == second.Value {
		t.Errorf("a second login must end the browser's first session: %d", r.StatusCode)
	}
	r := b.do(t, "DELETE", "/api/session", "", cookie(second))
	if r.StatusCode != 204 || cookieOf(t, r).MaxAge >= 0 {
		t.Errorf("logout = %d %v", r.StatusCode, r.Cookies())
	}
	if r := b.do(t, "GET", "/api/session", "", cookie(second)); r.StatusCode != 401 {
		t.Errorf("after logout = %d", r.StatusCode)
	}
	if r := b.do(t, "DELETE", "/api/session", "", b.as(t, auth.Viewer, "api_key")); r.StatusCode != 400 {
		t.Errorf("logout with an API key = %d", r.StatusCode)
	}
}

var hiddenCode = regexp.MustCompile(`name="code" value="([^"]*)"`)

func TestOneTimeLink(t *testing.T) {
	b := setup(t)
	code, err := b.auth.NewLoginLink(t.Context(), b.user(t, auth.Admin).ID)
	if err != nil {
		t.Fatal(err)
	}
	path := "/login/once?code=" + code.Reveal()
	for range 3 { // previews and curious programs
		if r := b.do(t, "GET", path, ""); r.StatusCode != 200 || len(r.Cookies()) != 0 {
			t.Fatalf("looking at the link = %d %v", r.StatusCode, r.Cookies())
		}
	}
	browse := b.browser(t)
	m := hiddenCode.FindStringSubmatch(browse("GET", path, nil).text)
	if m == nil {
		t.Fatal("the page has no code to post")
	}
	if r := browse("POST", "/login/once", url.Values{"code": {m[1]}}); r.StatusCode != 303 || r.Header.Get("Location") != "/" {
		t.Fatalf("using the link = %d %s", r.StatusCode, r.text)
	}
	if r := browse("GET", "/", nil); r.StatusCode != 200 {
		t.Errorf("page after the link = %d", r.StatusCode)
	}
	if r := b.browser(t)("POST", "/login/once", url.Values{"code": {m[1]}}); r.StatusCode != 401 || len(r.Cookies()) != 0 || !strings.Contains(r.text, "resync user link") {
		t.Errorf("using it again = %d %s", r.StatusCode, r.text)
	}
	if r := b.do(t, "GET", `/login/once?code="><script>alert(1)</script>`, ""); strings.Contains(r.text, "<script") {
		t.Errorf("the code is markup: %s", r.text)
	}
	old, err := b.auth.NewLoginLink(t.Context(), b.user(t, auth.Admin).ID)
	if err != nil {
		t.Fatal(err)
	}
	b.clock.advance(11 * time.Minute)
	if r := b.browser(t)("POST", "/login/once", url.Values{"code": {old.Reveal()}}); r.StatusCode != 401 {
		t.Errorf("an old link = %d", r.StatusCode)
	}
	if strings.Contains(b.log.String(), code.Reveal()) {
		t.Error("the log has the code")
	}
}

func TestTokenEndpoint(t *testing.T) {
	b := setup(t)
	b.user(t, auth.Operator)
	form := func(kv ...string) string {
		v := url.Values{}
		for i := 0; i+1 < len(kv); i += 2 {
			v.Add(kv[i], kv[i+1])
		}
		return v.Encode()
	}
	for _, tc := range []struct {
		name, path, body string
		h                http.Header
		status           int
	}{
		{"wrong-password", "/token", form("grant_type", "password", "username", "operator-user", "password", "hush-hush"), formBody, 401},
		{"unknown-grant", "/token", form("grant_type", "client_credentials"), formBody, 400},
		{"twice", "/token", form("username", "a", "username", "b"), formBody, 400},
		{"in-the-address", "/token?username=operator-user&password=" + url.QueryEscape(password), "", formBody, 401},
		{"as-json", "/token", "{}", jsonBody, 400},
		{"bad-refresh", "/token", form("grant_type", "refresh_token", "refresh_token", "x"), formBody, 401},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if r := b.do(t, "POST", tc.path, tc.body, tc.h); r.StatusCode != tc.status || strings.Contains(r.text, "access_token") {
				t.Errorf("= %d %s, want %d", r.StatusCode, r.text, tc.status)
			}
		})
	}
	r := b.do(t, "POST", "/token", form("username", "operator-user", "password", password), formBody)
	v := r.json(t)
	if r.StatusCode != 200 || v["token_type"] != "Bearer" || v["expires_in"] != 600.0 || r.Header.Get("Cache-Control") != "no-store" || len(r.Cookies()) != 0 {
		t.Fatalf("token = %d %s %v", r.StatusCode, r.text, r.Header)
	}
	access, refresh := v["access_token"].(string), v["refresh_token"].(string)
	bearer := func(tok string) http.Header { return header("Authorization", "Bearer "+tok) }
	if r := b.do(t, "GET", "/api/session", "", bearer(access)); r.StatusCode != 200 || !strings.Contains(r.text, `"via":"token"`) {
		t.Errorf("session by token = %d %s", r.StatusCode, r.text)
	}
	if r := b.do(t, "GET", "/api/session", "", bearer(refresh)); r.StatusCode != 401 {
		t.Errorf("a refresh token as access token = %d", r.StatusCode)
	}
	again := b.do(t, "POST", "/token", form("grant_type", "refresh_token", "refresh_token", refresh), formBody).json(t)
	if again["refresh_token"] == refresh || again["access_token"] == nil {
		t.Fatalf("refresh = %v", again)
	}
	if r := b.do(t, "POST", "/token", form("grant_type", "refresh_token", "refresh_token", refresh), formBody); r.StatusCode != 401 {
		t.Errorf("reuse = %d", r.StatusCode)
	}
	if r := b.do(t, "GET", "/api/session", "", bearer(again["access_token"].(string))); r.StatusCode != 401 {
		t.Errorf("after reuse the family must be over: %d", r.StatusCode)
	}
	last := b.do(t, "POST", "/token", form("username", "operator-user", "password", password), formBody).json(t)["access_token"].(string)
	if r := b.do(t, "DELETE", "/api/session", "", bearer(last)); r.StatusCode != 204 {
		t.Errorf("logout by token = %d %s", r.StatusCode, r.text)
	}
	if r := b.do(t, "GET", "/api/session", "", bearer(last)); r.StatusCode != 401 {
		t.Errorf("after logout = %d", r.StatusCode)
	}
	for _, hidden := range []string{password, "hush-hush", access, refresh, last} {
		if strings.Contains(b.log.String(), hidden) || strings.Contains(b.log.String(), url.QueryEscape(hidden)) {
			t.Errorf("the log has %q", hidden)
		}
	}
}
