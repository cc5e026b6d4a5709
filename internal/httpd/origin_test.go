package httpd_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/resync-hwa/resync/internal/httpd"
)

func TestOrigins(t *testing.T) {
	tests := []struct {
		method, url string
		header      []string
		want        int
	}{
		{"GET", "http://localhost:8000/", nil, 200},
		{"GET", "http://127.0.0.1:8000/", nil, 200},
		{"GET", "http://127.9.9.9/", nil, 200},
		{"GET", "http://[::1]:8000/", nil, 200},
		{"GET", "http://resync.example/", nil, 200},
		{"GET", "http://RESYNC.example:8000/", nil, 200},
		{"GET", "https://alt.example:8443/", nil, 200},
		{"GET", "https://alt.example/", nil, 403},
		{"GET", "http://evil.example/", nil, 403},
		{"GET", "http://localhost.evil.example/", nil, 403},
		{"GET", "http://10.0.0.9/", nil, 403},
		{"GET", "http://resync.example.evil/", nil, 403},
		{"POST", "http://localhost:8000/", nil, 200},
		{"POST", "http://localhost:8000/", []string{"Origin", "http://localhost:8000"}, 200},
		{"POST", "http://localhost:8000/", []string{"Origin", "http://localhost:9999"}, 403}, // another program's page
		{"GET", "http://localhost:8000/", []string{"Origin", "http://localhost:9999"}, 200},
		{"POST", "https://resync.example/", []string{"Origin", "https://resync.example", "Sec-Fetch-Site", "same-origin"}, 200},
		{"POST", "http://localhost:8000/", []string{"Origin", "https://evil.example"}, 403},
		{"GET", "http://localhost:8000/", []string{"Origin", "https://evil.example"}, 403},
		{"POST", "http://localhost:8000/", []string{"Origin", "null"}, 403},
		{"POST", "http://localhost:8000/", []string{"Origin", "file://localhost"}, 403},
		{"POST", "http://localhost:8000/", []string{"Sec-Fetch-Site", "cross-site"}, 403},
	}
	var l logs
	h := httpd.Chain(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), httpd.Guards(l.options()))
	for _, tt := range tests {
		w := serve(h, request(t, tt.method, tt.url, "", tt.header...))
		if w.Code != tt.want {
			t.Errorf("%s %s %v: %d, want %d", tt.method, tt.url, tt.header, w.Code, tt.want)
		}
		if w.Code == 403 && problemOf(t, w).Code != "forbidden" {
			t.Errorf("%s %s: %s", tt.method, tt.url, w.Body)
		}
	}
	two := request(t, "GET", "http://localhost/", "")
	two.Header["Origin"] = []string{"http://localhost", "https://evil.example"}
	if w := serve(h, two); w.Code != 403 {
		t.Errorf("two origins: %d", w.Code)
	}
}

// A probe asks by the address that it connected to; another address in the Host header is refused.
func TestHostByAddress(t *testing.T) {
	h := httpd.Chain(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), httpd.Guards(httpd.Options{}))
	for host, want := range map[string]int{"10.1.2.3:8000": 200, "10.1.2.4:8000": 403} {
		r := request(t, "GET", "http://"+host+"/", "")
		r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, addr("10.1.2.3:8000")))
		if w := serve(h, r); w.Code != want {
			t.Errorf("%s: %d", host, w.Code)
		}
	}
}

type addr string

func (addr) Network() string  { return "tcp" }
func (a addr) String() string { return string(a) }
