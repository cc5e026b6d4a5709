package hwa

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"sync"
	"time"
)

// host is one server that answers for the engine: the master, or a backup master. All that is learned about a server stays with it, its cookies above
// all: what one host handed out is shown to no other.
type host struct {
	base     *url.URL
	http     *http.Client
	cookies  *cookies
	patience patience
	breaker  breaker
}

// newHost makes a host at base over the shared wire.
func (c *Client) newHost(base *url.URL, wire http.RoundTripper) *host {
	h := &host{base: base, cookies: &cookies{}}
	h.cookies.forget()
	h.http = &http.Client{Transport: guard{base: base, next: wire, sent: c.sent}, Jar: h.cookies, CheckRedirect: sameResource}
	return h
}

// hosts are an engine's servers in the order configured. The one that answered last is asked first. Safe for concurrent use.
type hosts struct {
	all       []*host
	mu        sync.Mutex
	preferred int
}

// order gives the hosts in the order to ask them.
func (s *hosts) order() []*host {
	s.mu.Lock()
	first := s.preferred
	s.mu.Unlock()
	out := make([]*host, 0, len(s.all))
	return append(append(out, s.all[first:]...), s.all[:first]...)
}

// prefer makes h the one to ask first from now on, and reports whether it was another before.
func (s *hosts) prefer(h *host) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, known := range s.all {
		if known == h && i != s.preferred {
			s.preferred = i
			return true
		}
	}
	return false
}

// HostState is how one of the engine's servers is doing, as far as this Client knows.
type HostState struct {
	Address   string    // host:port
	Preferred bool      // asked first
	Failing   time.Time // the first failure after its last answer; zero while it answers, or was never asked
	NotBefore time.Time // the time before which it is not asked again; zero when it may be asked
}

// Hosts says how the engine's servers are doing, in the order configured.
func (c *Client) Hosts() []HostState {
	now := c.opts.Clock()
	preferred := c.hosts.order()[0]
	out := make([]HostState, 0, len(c.hosts.all))
	for _, h := range c.hosts.all {
		failing, until := h.breaker.state(now)
		out = append(out, HostState{Address: h.base.Host, Preferred: h == preferred, Failing: failing, NotBefore: until})
	}
	return out
}

// cookies keeps one host's cookies: the engine's own session and LTPA token spare the directory server a look-up per request. Safe for concurrent use.
type cookies struct {
	mu  sync.Mutex
	jar *cookiejar.Jar
}

// forget drops them all.
func (k *cookies) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.jar, _ = cookiejar.New(nil) // no options, no error
}

func (k *cookies) kept() *cookiejar.Jar {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.jar
}

// SetCookies and Cookies make it a http.CookieJar.
func (k *cookies) SetCookies(u *url.URL, c []*http.Cookie) { k.kept().SetCookies(u, c) }

// Cookies gives those to send with a request for u.
func (k *cookies) Cookies(u *url.URL) []*http.Cookie { return k.kept().Cookies(u) }
