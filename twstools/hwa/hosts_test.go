package hwa_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/hwa"
)

// named is a stub whose one job tells which server answered.
func named(name string) *stub { return &stub{rows: map[string][]m{"job": {{"id": "j", "name": name}}}} }

// who reads the list of jobs and gives the name of the server that answered.
func who(t *testing.T, c *hwa.Client) (string, error) {
	t.Helper()
	list, err := c.Jobs(t.Context(), twstools.ListQuery{})
	if err != nil || len(list.Items) != 1 {
		return "", err
	}
	return list.Items[0].Name, nil
}

// Whatever keeps the master from answering, the backup master does, at once, and is asked first from then on.
func TestNextHostAnswers(t *testing.T) {
	say := func(status int) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(status); return true }
	}
	for name, fails := range map[string]func(http.ResponseWriter, *http.Request) bool{
		"502": say(502), "503": say(503), "504": say(504),
		"reset":    func(w http.ResponseWriter, _ *http.Request) bool { reset(t, w); return true },
		"half":     func(w http.ResponseWriter, _ *http.Request) bool { cutShort(w); return true },
		"mute":     func(_ http.ResponseWriter, r *http.Request) bool { <-r.Context().Done(); return true },
		"refused":  nil,
		"no-route": nil,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &pipes{}
				master, backup := named("MASTER"), named("BACKUP")
				master.handle = fails
				p.serve(t, "bkm:31117", backup)
				switch name {
				case "refused":
				case "no-route":
					p.silence("mdm:31116")
				default:
					p.serve(t, "mdm:31116", master)
				}
				c := p.client(t, "mdm,bkm:31117")
				for i := range 3 {
					if got, err := who(t, c); err != nil || got != "BACKUP" {
						t.Fatalf("reading %d: %q, %v", i, got, err)
					}
				}
				if n := len(master.requests()); n > 1 {
					t.Errorf("%d requests to the server that fails, want 1", n)
				}
				state := c.Hosts()
				if state[0].Preferred || !state[1].Preferred || state[0].Failing.IsZero() || !state[1].Failing.IsZero() || state[1].Address != "bkm:31117" {
					t.Errorf("hosts = %+v", state)
				}
				// Back again when it is the other's turn to fail.
				master.handle, backup.handle = nil, say(503)
				switch name {
				case "refused", "no-route":
					p.serve(t, "mdm:31116", master)
				case "mute":
					time.Sleep(21 * time.Second) // a read that stalled is left alone for a while
				}
				if got, err := who(t, c); err != nil || got != "MASTER" {
					t.Errorf("after the turn: %q, %v", got, err)
				}
			})
		})
	}
}

// cutShort sends half of what it announces.
func cutShort(w http.ResponseWriter) {
	w.Header().Set("Content-Length", "5000")
	_, _ = w.Write([]byte(`{"results":[{"id":"j","name":"HALF"},`))
}

// A host that does not speak TLS, or shows another's certificate, is not the engine; the next one is asked, and the first never saw a password.
func TestNextHostAfterTLS(t *testing.T) {
	var shown atomic.Int32
	first := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { shown.Add(1) }))
	t.Cleanup(first.Close)
	second := httptest.NewTLSServer(named("BACKUP"))
	t.Cleanup(second.Close)
	c, err := hwa.Open(hwa.Options{Hosts: []string{strings.TrimPrefix(first.URL, "http://"), strings.TrimPrefix(second.URL, "https://")}, User: "u", Password: "p", InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if got, err := who(t, c); err != nil || got != "BACKUP" || shown.Load() != 0 {
		t.Errorf("%q, %v, %d requests to the first", got, err, shown.Load())
	}
}

// What the engine refuses, and what it is slow at, it would refuse and be slow at on any host.
func TestAnswersAreNotAskedForElsewhere(t *testing.T) {
	for name, answer := range map[string]func(http.ResponseWriter, *http.Request) bool{
		"401":  func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(401); return true },
		"403":  func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(403); return true },
		"404":  func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(404); return true },
		"500":  func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(500); return true },
		"html": func(w http.ResponseWriter, _ *http.Request) bool { _, _ = w.Write([]byte("<html>")); return true },
		"slow": func(_ http.ResponseWriter, r *http.Request) bool { <-r.Context().Done(); return true },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &pipes{}
				master, backup := named("MASTER"), named("BACKUP")
				p.serve(t, "mdm:31116", master)
				p.serve(t, "bkm:31116", backup)
				c := p.client(t, "mdm,bkm")
				if _, err := c.Info(t.Context()); err != nil { // it is there
					t.Fatal(err)
				}
				master.handle = answer
				if _, err := who(t, c); err == nil {
					t.Error("no error")
				}
				if n := len(backup.requests()); n != 0 {
					t.Errorf("%d requests to the other host, want none", n)
				}
			})
		})
	}
}

// With no host left the error says so, and tells what happened at the first one.
func TestNoHostAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &pipes{}
		p.serve(t, "bkm:31116", &stub{handle: func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(502); return true }})
		c := p.client(t, "mdm,bkm")
		_, err := c.Info(t.Context())
		e := wantCode(t, err, fault.UpstreamUnavailable)
		if !strings.Contains(e.Message, "mdm:31116") || !strings.Contains(e.Hint, "None of the 2 configured hosts answers") {
			t.Errorf("message %q, hint %q", e.Message, e.Hint)
		}
	})
}

// Cookies spare the directory server; each host sees its own alone, and an expired one costs a login, not an error.
func TestCookies(t *testing.T) {
	type session struct {
		*stub
		valid   atomic.Value // the cookie that is good now
		logins  atomic.Int32 // requests that needed user and password
		foreign atomic.Int32
	}
	start := func(name string) *session {
		s := &session{stub: named(name)}
		s.valid.Store(name + "-1")
		s.handle = func(w http.ResponseWriter, r *http.Request) bool {
			for _, c := range r.Cookies() {
				if !strings.HasPrefix(c.Value, name) {
					s.foreign.Add(1)
				}
			}
			c, err := r.Cookie("LtpaToken2")
			switch {
			case err == nil && c.Value == s.valid.Load():
				return false
			case err == nil:
				w.WriteHeader(http.StatusUnauthorized) // an expired session, whatever else the request carries
				return true
			}
			if user, password, ok := r.BasicAuth(); !ok || user != "reader" || password != "s3cret-pw" {
				w.WriteHeader(http.StatusUnauthorized)
				return true
			}
			s.logins.Add(1)
			http.SetCookie(w, &http.Cookie{Name: "LtpaToken2", Value: s.valid.Load().(string), Path: "/", HttpOnly: true})
			http.SetCookie(w, &http.Cookie{Name: "JSESSIONID", Value: name + "-session", Path: "/twsd"})
			return false
		}
		return s
	}
	a, b := start("A"), start("B")
	first, second := httptest.NewServer(a), httptest.NewServer(b)
	t.Cleanup(first.Close)
	t.Cleanup(second.Close)
	c, err := hwa.Open(hwa.Options{API: "v2", Hosts: []string{first.URL, second.URL}, User: "reader", Password: "s3cret-pw"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	read := func(want string, logins int32) {
		t.Helper()
		got, err := who(t, c)
		if err != nil || got != want || a.logins.Load() != logins {
			t.Fatalf("answered by %q (%v) after %d logins at A, want %s and %d", got, err, a.logins.Load(), want, logins)
		}
	}
	read("A", 1)
	read("A", 1)
	if last := a.requests()[1]; len(last.Cookies()) != 2 {
		t.Errorf("the second request carries %v, want the token and the session", last.Cookies())
	}
	a.valid.Store("A-2")
	read("A", 2)
	read("A", 2)
	if n := len(a.requests()); n != 5 { // one each, and one refused
		t.Errorf("%d requests, want 5", n)
	}
	if rows := c.Ledger(); rows[0].Count != 5 || rows[0].Answers != 4 || rows[0].Failed != 0 {
		t.Errorf("ledger = %+v", rows)
	}
	first.Close()
	read("B", 2)
	read("B", 2)
	if b.logins.Load() != 1 || a.foreign.Load()+b.foreign.Load() != 0 {
		t.Errorf("%d logins at B, %d foreign cookies; want 1 and none", b.logins.Load(), a.foreign.Load()+b.foreign.Load())
	}
}

// Refused credentials are not sent twice within a minute, not even where the refusal sets a cookie.
func TestWrongPasswordIsSentOnce(t *testing.T) {
	s := &stub{handle: func(w http.ResponseWriter, _ *http.Request) bool {
		http.SetCookie(w, &http.Cookie{Name: "JSESSIONID", Value: "guest-session", Path: "/"})
		w.WriteHeader(http.StatusUnauthorized)
		return true
	}}
	c := open(t, s)
	for range 3 {
		_, err := c.Info(t.Context())
		wantCode(t, err, fault.UpstreamDenied)
	}
	if n := len(s.requests()); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
}

func TestHostsConfiguredWrongly(t *testing.T) {
	for _, hosts := range [][]string{{"a", "a"}, {"a", ""}, {"a", "ftp://b"}, {"a:31116", "a"}} {
		_, err := hwa.Open(hwa.Options{Hosts: hosts})
		wantCode(t, err, fault.Invalid)
	}
}
