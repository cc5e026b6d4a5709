package httpd_test

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/httpd"
)

// A body that does not come is not waited for: neither by a handler that reads it, nor by the server behind one that does not.
func TestSlowBody(t *testing.T) {
	for name, h := range map[string]http.Handler{
		"read": httpd.Handler(func(_ http.ResponseWriter, r *http.Request) error {
			_, err := io.ReadAll(r.Body)
			return fault.Wrap(fault.Invalid, err, "The body cannot be read.")
		}),
		"not read": httpd.Handler(func(http.ResponseWriter, *http.Request) error { return fault.New(fault.Unauthorized, "Who are you?") }),
	} {
		t.Run(name, func(t *testing.T) {
			srv := httptest.NewServer(httpd.Chain(h, httpd.Guards(httpd.Options{BodyTime: 20 * time.Millisecond})))
			defer srv.Close()
			conn, err := net.Dial("tcp", srv.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(conn, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n{"); err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(conn) // until the server closes
			if err != nil || !bytes.HasPrefix(b, []byte("HTTP/1.1 40")) {
				t.Errorf("%v %.80q", err, b)
			}
		})
	}
}

// The time is for the body alone: a long answer after it goes on.
func TestBodyTimeEndsWithTheBody(t *testing.T) {
	srv := httptest.NewServer(httpd.Chain(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err != nil {
			t.Error(err)
		}
		select {
		case <-r.Context().Done():
		case <-time.After(100 * time.Millisecond):
			_, _ = io.WriteString(w, "whole")
		}
	}), httpd.Guards(httpd.Options{BodyTime: 20 * time.Millisecond})))
	defer srv.Close()
	resp, err := http.Post(srv.URL, "text/plain", strings.NewReader("question")) //nolint:noctx // a test
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	if b, err := io.ReadAll(resp.Body); err != nil || string(b) != "whole" {
		t.Errorf("%v %q", err, b)
	}
}
