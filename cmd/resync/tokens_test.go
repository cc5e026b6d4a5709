package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/auth/issuertest"
	"github.com/resync-hwa/resync/twstools/twsmock"
)

// tap passes requests on and remembers all of each: line, headers and body.
type tap struct {
	*httptest.Server
	mu   sync.Mutex
	seen []string
}

func newTap(t *testing.T, to http.Handler) *tap {
	t.Helper()
	p := &tap{}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, err := httputil.DumpRequest(r, true)
		if err != nil {
			t.Error(err)
		}
		p.mu.Lock()
		p.seen = append(p.seen, string(raw))
		p.mu.Unlock()
		to.ServeHTTP(w, r)
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *tap) all() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.seen
}

// TestTokensStayHere: what callers show to this server reaches neither the engine nor the model, and stands in no log, however much is logged.
func TestTokensStayHere(t *testing.T) {
	mock, err := twsmock.Start(t.Context(), twsmock.Options{User: "ana", Password: "hush-hush-7"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = mock.Close() })
	behind, err := url.Parse(mock.URL())
	if err != nil {
		t.Fatal(err)
	}
	through := httputil.NewSingleHostReverseProxy(behind)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	through.Transport = transport
	engine := newTap(t, through)
	model := newTap(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"id":"1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"I cannot tell."}}]}`)
	}))
	issuer := issuertest.New(t)

	s := newScript(t, "testdata/script/serve.txtar")
	at, err := url.Parse(engine.URL)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"TWS_HOST": at.Hostname(), "TWS_PORT": at.Port(), "APP_TWS_SCHEME": "http", "TWS_USER": "ana", "TWS_PASSWORD": "hush-hush-7",
		"LLM_ENDPOINT": model.URL + "/v1", "APP_LLM_MODEL": "m", "LLM_API_KEY": "key-of-the-model", "APP_LOG__LEVEL": "debug",
		"APP_AUTH__OIDC_ISSUER": issuer.URL, "APP_AUTH__OIDC_AUDIENCE": "https://resync.example.com/mcp",
	} {
		s.env[name] = value
	}
	foreign := issuer.Token(t, map[string]any{"sub": "u-1", "aud": "https://resync.example.com/mcp", "exp": time.Now().Add(time.Hour).Unix(), "scope": "mcp ask", "roles": []string{"operator"}, "name": "Ana"}, nil)
	s.env["FOREIGN"] = foreign
	s.files["call"] = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"diagnose_job","arguments":{"target":"CLM_RESERVE"}}}`
	s.files["question"] = `{"question":"why did CLM_RESERVE abend?"}`
	s.files["form"] = "grant_type=password&username=ana&password=correct+horse+battery"
	const mcp = `http 200 POST /mcp Content-Type=application/json Accept=application/json,text/event-stream `
	s.files["password"] = "correct horse battery\n"
	s.lines = []string{
		"stdin password", "resync user add ana --role operator",
		"resync user key ana --scope mcp", `capture KEY '(rsk_\S+)'`,
		"resync user key ana --scope mcp --scope delegate", `capture EDGE '(rsk_\S+)'`,
	}
	s.run()
	if s.env["SPOKEN"], err = auth.SignCaller(s.env["EDGE"], auth.Caller{ID: "u7", Name: "Bob", Role: auth.Viewer}, time.Now()); err != nil {
		t.Fatal(err)
	}
	s.files["spoken"] = strings.Replace(s.files["call"], `"arguments"`, fmt.Sprintf(`"_meta":{%q:%q},"arguments"`, auth.MetaCaller, s.env["SPOKEN"]), 1)
	s.lines = []string{
		"start serve --listen 127.0.0.1:0",
		"http 200 POST /token Content-Type=application/x-www-form-urlencoded form", `capture OWN '"access_token":"([^"]+)"'`,
		mcp + `"Authorization=Bearer $KEY" call`, "body 'ORA-28001'",
		mcp + `"Authorization=Bearer $OWN" call`, "body 'ORA-28001'",
		mcp + `"Authorization=Bearer $FOREIGN" call`, "body 'ORA-28001'",
		mcp + `"Authorization=Bearer $EDGE" spoken`, "body 'ORA-28001'",
		`http 200 POST /api/chat Content-Type=application/json "Authorization=Bearer $FOREIGN" question`, "body 'ORA-28001'",
		`http 200 POST /api/chat Content-Type=application/json "Authorization=Bearer $OWN" question`,
		"stop",
		"stderr 'caller=key:[A-Z0-9]+/u7'", "stderr 'caller=oidc:[0-9a-f]{32}'",
		"resync audit list --who ana --tool diagnose_job -o csv", "stdout ',key:[A-Z0-9]+,ana,,api_key,'", "stdout ',ana,,token,'",
	}
	s.run()
	if len(engine.all()) == 0 || len(model.all()) == 0 {
		t.Fatalf("the engine got %d requests and the model %d: nothing is proven", len(engine.all()), len(model.all()))
	}
	for name, token := range map[string]string{"key": s.env["KEY"], "own token": s.env["OWN"], "provider's token": foreign, "signed caller": s.env["SPOKEN"], "edge's key": s.env["EDGE"]} {
		secret := token[len(token)-20:]
		for where, all := range map[string][]string{"engine": engine.all(), "model": model.all(), "log": {s.errs.String()}} {
			for _, text := range all {
				if strings.Contains(text, secret) {
					t.Errorf("the %s reached the %s: %.300s", name, where, text)
				}
			}
		}
	}
	for _, text := range engine.all() {
		if strings.Contains(text, "Bearer") {
			t.Errorf("the engine got a bearer: %.300s", text)
		}
	}
}
