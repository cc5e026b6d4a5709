package hwa_test

import (
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/hwa"
)

// tunnel is a proxy that leads CONNECT to a fixed place, whatever host was asked for, and notes what it was shown.
type tunnel struct {
	to     string
	auth   atomic.Value
	asked  atomic.Value
	refuse int
}

func (p *tunnel) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.auth.Store(r.Header.Get("Proxy-Authorization"))
	p.asked.Store(r.Method + " " + r.Host)
	if p.refuse != 0 {
		w.WriteHeader(p.refuse)
		return
	}
	there, err := net.Dial("tcp", p.to)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	here, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		_ = there.Close()
		return
	}
	_, _ = io.WriteString(here, "HTTP/1.1 200 OK\r\n\r\n")
	p.join(here, there)
}

// join copies both ways until one side ends.
func (p *tunnel) join(a, b net.Conn) {
	done := make(chan struct{})
	go func() { defer close(done); _, _ = io.Copy(a, b); _ = a.Close(); _ = b.Close() }()
	_, _ = io.Copy(b, a)
	_ = a.Close()
	_ = b.Close()
	<-done
}

// socks speaks as much of SOCKS5 as a test needs: user and password, connect by name.
func (p *tunnel) socks(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go p.greet(conn)
		}
	}()
	return l.Addr().String()
}

func (p *tunnel) greet(conn net.Conn) {
	take := func(n int) []byte { b := make([]byte, n); _, _ = io.ReadFull(conn, b); return b }
	take(int(take(2)[1]))
	_, _ = conn.Write([]byte{5, 2})
	user := take(int(take(2)[1]))
	password := take(int(take(1)[0]))
	p.auth.Store(string(user) + ":" + string(password))
	_, _ = conn.Write([]byte{1, 0})
	head := take(5) // version, command, reserved, kind, length of the name
	name := take(int(head[4]))
	port := take(2)
	p.asked.Store(string(name))
	_ = port
	there, err := net.Dial("tcp", p.to)
	if err != nil {
		_ = conn.Close()
		return
	}
	_, _ = conn.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0})
	p.join(conn, there)
}

// An engine is reached through a proxy, by its own name and with TLS from end to end; the proxy sees its own credentials and not the engine's.
func TestProxies(t *testing.T) {
	var shown atomic.Value
	s := named("MASTER")
	s.handle = func(_ http.ResponseWriter, r *http.Request) bool {
		shown.Store(r.Host + " " + r.Header.Get("Proxy-Authorization"))
		return false
	}
	engine := httptest.NewTLSServer(s)
	t.Cleanup(engine.Close)
	at := strings.TrimPrefix(engine.URL, "https://")
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte("gate:pr0xy"))
	for _, kind := range []string{"http", "https", "socks5", "socks5h"} {
		t.Run(kind, func(t *testing.T) {
			p := &tunnel{to: at}
			var address, wantAuth, wantAsked string
			switch kind {
			case "http":
				srv := httptest.NewServer(p)
				t.Cleanup(srv.Close)
				address, wantAuth, wantAsked = strings.TrimPrefix(srv.URL, "http://"), basic, "CONNECT mdm.invalid:31116"
			case "https":
				srv := httptest.NewTLSServer(p)
				t.Cleanup(srv.Close)
				address, wantAuth, wantAsked = strings.TrimPrefix(srv.URL, "https://"), basic, "CONNECT mdm.invalid:31116"
			default:
				address, wantAuth, wantAsked = p.socks(t), "gate:pr0xy", "mdm.invalid"
			}
			c, err := hwa.Open(hwa.Options{Host: "mdm.invalid", User: "reader", Password: "s3cret-pw", InsecureSkipVerify: true, Proxy: kind + "://gate:pr0xy@" + address})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = c.Close() }()
			if got, err := who(t, c); err != nil || got != "MASTER" {
				t.Fatalf("%q, %v", got, err)
			}
			if p.auth.Load() != wantAuth || p.asked.Load() != wantAsked || shown.Load() != "mdm.invalid:31116 " {
				t.Errorf("the proxy saw %q and was asked for %q; the engine saw %q", p.auth.Load(), p.asked.Load(), shown.Load())
			}
		})
	}
}

// A proxy that is not there, or wants other credentials, is not taken for an engine that is not there.
func TestProxyFailures(t *testing.T) {
	wants := httptest.NewServer(&tunnel{refuse: http.StatusProxyAuthRequired})
	t.Cleanup(wants.Close)
	forbids := httptest.NewServer(&tunnel{refuse: http.StatusForbidden})
	t.Cleanup(forbids.Close)
	for name, tc := range map[string]struct {
		proxy string
		code  fault.Code
	}{
		"nothing-listens":   {"http://127.0.0.1:1", fault.UpstreamUnavailable},
		"socks-not-there":   {"socks5://127.0.0.1:1", fault.UpstreamUnavailable},
		"wants-credentials": {wants.URL, fault.UpstreamDenied},
		"forbids":           {forbids.URL, fault.UpstreamUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := hwa.Open(hwa.Options{Host: "mdm.invalid", Proxy: tc.proxy})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = c.Close() }()
			_, err = c.Info(t.Context())
			if e := wantCode(t, err, tc.code); !strings.Contains(e.Message, "proxy") || !strings.Contains(e.Hint, "APP_TWS_PROXY") {
				t.Errorf("message %q, hint %q (%v)", e.Message, e.Hint, err)
			}
		})
	}
	for _, wrong := range []string{"ftp://gate:s3cret-pw@p", "gate:s3cret-pw@p", "http://gate:s3cret-pw@%zz", "http://"} {
		_, err := hwa.Open(hwa.Options{Host: "mdm", Proxy: wrong})
		if wantCode(t, err, fault.Invalid); strings.Contains(err.Error(), "s3cret") {
			t.Errorf("the password is in %v", err)
		}
	}
}
