package hwa_test

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/hwa"
)

// answers gives a handler that always answers the same.
func answers(status int, contentType, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	})
}

func TestErrorsSayWhatToLookAt(t *testing.T) {
	const js, html = "application/json", "text/html"
	login := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://sso.invalid/login?from=x", http.StatusFound)
	})
	elsewhere := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://other.invalid/twsd/api/v2/plan/job", http.StatusTemporaryRedirect)
	})
	half := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "5000")
		_, _ = w.Write([]byte(`{"count":1,"results":[{"id":"a`))
	})
	info := func(c *hwa.Client) error { _, err := c.Info(t.Context()); return err }
	list := func(c *hwa.Client) error { _, err := c.Jobs(t.Context(), twstools.ListQuery{}); return err }
	one := func(c *hwa.Client) error { _, err := c.Job(t.Context(), twstools.Ref{ID: "x"}); return err }
	prompts := func(c *hwa.Client) error { _, err := c.Prompts(t.Context(), twstools.ListQuery{}); return err }
	cases := []struct {
		name   string
		server http.Handler
		do     func(*hwa.Client) error
		code   fault.Code
		want   string // in message or hint
	}{
		{"wrong-password", answers(401, html, "<html>s3cret-pw"), list, fault.UpstreamDenied, "TWS_PASSWORD"},
		{"no-right", answers(403, js, `{"messages":["AWSJDB817E User is not authorized."]}`), list, fault.UpstreamDenied, "LIST"},
		{"no-right-as-500", answers(500, js, `{"messages":["AWSJSY404E","AWSJDB817E not authorized s3cret-pw"]}`), list, fault.UpstreamDenied, "may not read"},
		{"no-such-object", answers(500, js, `{"message":"AWSJDB101E gone"}`), one, fault.NotFound, "AWSJDB101E"},
		{"no-info", answers(404, js, ""), info, fault.UpstreamUnavailable, "does not offer the V2 interface"},
		{"no-jobs", answers(404, html, "<html>"), list, fault.UpstreamUnavailable, "does not offer the V2 interface"},
		{"html-page", answers(200, html, "<html><form>"), list, fault.UpstreamUnavailable, "not the HWA API"},
		{"html-without-type", answers(200, js, "  <!DOCTYPE html>"), list, fault.UpstreamUnavailable, "not the HWA API"},
		{"no-prompts-404", answers(404, js, ""), prompts, fault.Unsupported, "10.2"},
		{"no-prompts-405", answers(405, js, ""), prompts, fault.Unsupported, "10.2"},
		{"no-prompts-501", answers(501, js, ""), prompts, fault.Unsupported, "10.2"},
		{"business-error", answers(500, js, `{"messages":["AWSJSY404E The operation failed: AWSBIN091E"]}`), list, fault.UpstreamUnavailable, "AWSJSY404E"},
		{"database", answers(500, js, `{"messages":["AWSJDB801E An error"]}`), list, fault.UpstreamUnavailable, "database"},
		{"error-in-a-good-answer", answers(200, js, `{"messages":["AWSJCS011E internal s3cret-pw"]}`), list, fault.UpstreamUnavailable, "AWSJCS011E"},
		{"plain-text-error", answers(500, "text/plain", "something \x1b[31mbroke"), list, fault.UpstreamUnavailable, "something"},
		{"half-json", answers(200, js, `{"count":1,"results":[{"id":"a"`), list, fault.UpstreamUnavailable, "not whole JSON"},
		{"no-json", answers(200, js, `hello`), list, fault.UpstreamUnavailable, "not whole JSON"},
		{"nothing", answers(200, js, ``), list, fault.UpstreamUnavailable, "nothing"},
		{"cut-off", half, list, fault.UpstreamUnavailable, "broke off"},
		{"redirect-to-login", login, list, fault.UpstreamDenied, "login page"},
		{"redirect-elsewhere", elsewhere, list, fault.UpstreamUnavailable, "another address"},
		{"too-many", answers(429, js, ""), list, fault.UpstreamUnavailable, "minute"},
		{"proxy", answers(407, html, ""), list, fault.UpstreamDenied, "proxy"},
		{"https-wanted", answers(400, "text/plain", "Client sent an HTTP request to an HTTPS server."), list, fault.UpstreamUnavailable, "APP_TWS_SCHEME=https"},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			err := tc.do(open(t, tc.server))
			e := wantCode(t, err, tc.code)
			if !strings.Contains(e.Message+" "+e.Hint, tc.want) {
				t.Errorf("message %q, hint %q: want %q in them", e.Message, e.Hint, tc.want)
			}
			if strings.Contains(err.Error()+e.Hint, "s3cret-pw") {
				t.Errorf("the password is in the error: %v", err)
			}
			if strings.ContainsRune(e.Message, '\x1b') {
				t.Errorf("control characters in the message: %q", e.Message)
			}
			if e.Source != "engine:default" {
				t.Errorf("source = %q, want engine:default", e.Source)
			}
		})
	}
}

func TestRefusedCredentialsNameTheSetting(t *testing.T) {
	for want, o := range map[string]hwa.Options{
		"Look at APP_TWS_API_KEY": {Token: "jwt", User: "u"},
		"Look at TWS_USER":        {User: "u", Password: "p"},
		"Set TWS_USER":            {},
	} {
		c := open(t, answers(401, "text/html", "<html>"), func(all *hwa.Options) { all.Token, all.User, all.Password = o.Token, o.User, o.Password })
		_, err := c.Info(t.Context())
		if e := wantCode(t, err, fault.UpstreamDenied); !strings.HasPrefix(e.Hint, want) {
			t.Errorf("hint = %q, want %q", e.Hint, want)
		}
	}
}

func TestNoConnection(t *testing.T) {
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	secured := httptest.NewUnstartedServer(http.NotFoundHandler())
	secured.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	secured.StartTLS()
	t.Cleanup(secured.Close)
	refused := transportFunc(func(*http.Request) (*http.Response, error) {
		return nil, &net.OpError{Op: "dial", Err: fmt.Errorf("no route")}
	})
	noName := transportFunc(func(*http.Request) (*http.Response, error) {
		return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "mdm", IsNotFound: true}}
	})
	cases := []struct {
		name string
		o    hwa.Options
		want string
	}{
		{"nothing-listens", hwa.Options{BaseURL: closed.URL}, "Nothing listens"},
		{"unknown-authority", hwa.Options{BaseURL: secured.URL}, "APP_TWS_CA_FILE"},
		{"no-tls", hwa.Options{BaseURL: "https://" + strings.TrimPrefix(plain.URL, "http://")}, "does not speak TLS"},
		{"no-route", hwa.Options{Host: "mdm", Transport: refused}, "cannot be reached"},
		{"no-name", hwa.Options{Host: "mdm", Transport: noName}, "cannot be resolved"},
		{"netman", hwa.Options{Host: "mdm", Port: 31111, Transport: refused}, "31111 is netman; the API listens on 31116"},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			c, err := hwa.Open(tc.o)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = c.Close() }()
			_, err = c.Info(t.Context())
			e := wantCode(t, err, fault.UpstreamUnavailable)
			if !strings.Contains(e.Message+" "+e.Hint, tc.want) {
				t.Errorf("message %q, hint %q: want %q in them", e.Message, e.Hint, tc.want)
			}
		})
	}
}

// The settings of an engine with a name of its own are called otherwise.
func TestHintsNameTheEnginesOwnSettings(t *testing.T) {
	name := func(o *hwa.Options) { o.Name = "dr" }
	for want, c := range map[string]*hwa.Client{
		"engines.dr.user and engines.dr.password": open(t, answers(401, "text/html", ""), name),
		"Look at engines.dr.api_key:":             open(t, answers(401, "text/html", ""), name, func(o *hwa.Options) { o.Token = "x" }),
		"engines.dr.scheme=https":                 open(t, answers(400, "text/plain", "Client sent an HTTP request to an HTTPS server."), name),
		"engines.dr.host and engines.dr.port":     open(t, answers(404, "text/plain", ""), name),
	} {
		_, err := c.Info(t.Context())
		if e := fault.Public(err); e == nil || !strings.Contains(e.Hint, want) || strings.Contains(e.Hint, "TWS_") || e.Source != "engine:dr" {
			t.Errorf("%+v: want %q in the hint", e, want)
		}
	}
	_, err := hwa.Open(hwa.Options{Name: "dr"})
	if e := wantCode(t, err, fault.Invalid); e.Hint != "Set engines.dr.host." {
		t.Errorf("hint = %q", e.Hint)
	}
}
