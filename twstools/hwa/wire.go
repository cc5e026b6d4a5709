package hwa

import (
	"bufio"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
)

const (
	maxPageBytes  = 256 << 20
	maxErrorBytes = 64 << 10
	maxRetryWait  = 2 * time.Second
)

// guard stands in front of the wire and lets nothing pass that is not a row of the table at the configured server. newRequest
// cannot make such a request; the guard also covers what the HTTP client does by itself, such as following a redirect.
type guard struct {
	base *url.URL
	next http.RoundTripper
}

func (g guard) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != g.base.Scheme || r.URL.Host != g.base.Host {
		return nil, errForbiddenRequest
	}
	if _, ok := permitted(r.Method, r.URL, g.base.EscapedPath()); !ok || r.Body != nil && r.Body != http.NoBody {
		return nil, errForbiddenRequest
	}
	return g.next.RoundTrip(r)
}

// CloseIdleConnections passes the call on, so that http.Client can reach the wire through the guard.
func (g guard) CloseIdleConnections() {
	if c, ok := g.next.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

var errForbiddenRequest = errors.New("the request is not in the table of allowed reads")

// sameResource follows a redirect only to the very same resource on the same server (some proxies do that to set a cookie). All other
// redirects are answers, mostly "log in over there".
func sameResource(r *http.Request, via []*http.Request) error {
	first := via[0].URL
	if len(via) > 2 || r.URL.Host != first.Host || r.URL.Scheme != first.Scheme || r.URL.EscapedPath() != first.EscapedPath() {
		return http.ErrUseLastResponse
	}
	return nil
}

// answer is a good answer, its body bounded and looked at far enough to know that it is no page for a browser.
type answer struct {
	body        *bufio.Reader
	contentType string
	empty       bool // 204, or nothing in it
}

// send sends r and hands a good answer to consume, which may be called twice: a read that broke off is tried once more.
func (c *Client) send(ctx context.Context, r request, limit int64, consume func(answer) error) error {
	for attempt := 0; ; attempt++ {
		err := c.once(ctx, r, limit, consume)
		wait, again := retryable(err)
		if !again || attempt > 0 || ctx.Err() != nil {
			return err
		}
		t := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			t.Stop()
			return err
		case <-t.C:
		}
	}
}

func (c *Client) once(ctx context.Context, r request, limit int64, consume func(answer) error) error {
	select {
	case c.slots <- struct{}{}:
	case <-ctx.Done():
		return c.failed(ctx, r, ctx.Err())
	}
	defer func() { <-c.slots }()

	if c.patience.gone(r.ep, c.opts.Clock()) {
		return c.failed(ctx, r, errStalled)
	}
	call, cancel := context.WithTimeout(ctx, c.patience.deadline(r.ep, c.opts.Timeout))
	defer cancel()
	hr, err := c.build(call, r)
	if err != nil {
		return err
	}
	twstools.CountCall(ctx)
	start := c.opts.Clock()
	count := &counter{limit: limit}
	err = c.exchange(hr, r, count, consume)
	took := c.opts.Clock().Sub(start)
	c.ledger.add(r.ep, start, took, count.n, err != nil)
	_, refused := refusedAs(err)
	late := !refused && err != nil && errors.Is(call.Err(), context.DeadlineExceeded) && ctx.Err() == nil
	c.patience.note(r.ep, c.opts.Clock(), err == nil || refused, late)
	if err != nil {
		if _, answered := refusedAs(err); !answered && call.Err() != nil {
			err = call.Err() // the deadline shows itself as a closed connection at times
		}
		err = c.failed(ctx, r, err)
	}
	c.log.DebugContext(ctx, "engine call", "template", allowed[r.ep].Path, "bytes", count.n, "took", took, "code", string(fault.CodeOf(err)))
	return err
}

func (c *Client) build(ctx context.Context, r request) (*http.Request, error) {
	u := *c.base
	u.Path, u.RawPath = r.path(c.base.Path)
	// "+" for a space is read by forms only; %20 is read by everyone.
	u.RawQuery = strings.ReplaceAll(r.query.Encode(), "+", "%20")
	hr, err := http.NewRequestWithContext(ctx, allowed[r.ep].Method, u.String(), nil)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err, "The request to the engine could not be made.")
	}
	hr.Header.Set("Accept", "application/json")
	if r.ep == planJobLog || r.ep == planRunLog {
		hr.Header.Set("Accept", "text/plain, application/json;q=0.8, */*;q=0.5")
	}
	if allowed[r.ep].takes(pLimit) {
		hr.Header.Set("Include-Count", "true")
	}
	hr.Header.Set("User-Agent", "resync")
	switch {
	case c.opts.Token != "":
		hr.Header.Set("Authorization", "Bearer "+c.opts.Token)
	case c.opts.User != "":
		hr.SetBasicAuth(c.opts.User, c.opts.Password)
	}
	return hr, nil
}

func (c *Client) exchange(hr *http.Request, r request, count *counter, consume func(answer) error) error {
	resp, err := c.http.Do(hr) // #nosec G107 -- the address is the configured engine's, the path a row of the table
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	c.clock.note(resp.Header.Get("Date"), c.opts.Clock())
	count.from = resp.Body
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return c.refusal(resp, count)
	}
	body := bufio.NewReaderSize(count, 32<<10)
	a := answer{body: body, contentType: strings.ToLower(resp.Header.Get("Content-Type")), empty: resp.StatusCode == http.StatusNoContent}
	if !a.empty && isHTML(a, r.ep) {
		return errHTML
	}
	err = consume(a)
	if err != nil && count.err != nil {
		return count.err // half an answer: what broke is the connection, not the decoder
	}
	return err
}

// isHTML looks for a page meant for browsers: a portal, a proxy's notice, a login form.
func isHTML(a answer, ep endpoint) bool {
	if strings.Contains(a.contentType, "text/html") || strings.Contains(a.contentType, "application/xhtml") {
		return true
	}
	if ep == planRunLog || ep == planJobLog {
		return false // a job may print what it likes
	}
	head, _ := a.body.Peek(512)
	return strings.HasPrefix(strings.TrimLeft(strings.TrimPrefix(string(head), "\ufeff"), " \t\r\n"), "<")
}

// counter counts what is read and stops at limit.
type counter struct {
	from  io.Reader
	n     int64
	limit int64
	err   error // the first error of the connection, end of text excepted
}

func (k *counter) Read(p []byte) (int, error) {
	if k.n >= k.limit {
		k.err = errTooLarge
		return 0, k.err
	}
	if int64(len(p)) > k.limit-k.n {
		p = p[:k.limit-k.n]
	}
	n, err := k.from.Read(p)
	k.n += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		k.err = err
	}
	return n, err
}

// retryable reports whether the read may be tried once more, and after what wait.
func retryable(err error) (time.Duration, bool) {
	if err == nil {
		return 0, false
	}
	jitter := 50*time.Millisecond + rand.N(200*time.Millisecond) // #nosec G404 -- spreads retries, hides nothing
	var refused *refusedError
	if errors.As(err, &refused) {
		switch refused.status {
		case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
			if refused.retryAfter > maxRetryWait {
				return 0, false
			}
			return max(jitter, refused.retryAfter), true
		}
		return 0, false
	}
	return jitter, brokenOff(err)
}

// retryAfter reads the header in seconds; a date is taken for "longer than we wait".
func retryAfter(h http.Header) time.Duration {
	v := h.Get("Retry-After")
	if v == "" {
		return 0
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 0 || n > 1000 {
		return time.Hour
	}
	return time.Duration(n) * time.Second
}

// slotsByName lets one holder at a time in per name.
type slotsByName struct {
	mu   sync.Mutex
	held map[string]*nameSlot
}

type nameSlot struct {
	ch    chan struct{}
	users int
}

// acquire waits for the name's slot and returns its release.
func (s *slotsByName) acquire(ctx context.Context, name string) (func(), error) {
	s.mu.Lock()
	if s.held == nil {
		s.held = map[string]*nameSlot{}
	}
	slot := s.held[name]
	if slot == nil {
		slot = &nameSlot{ch: make(chan struct{}, 1)}
		s.held[name] = slot
	}
	slot.users++
	s.mu.Unlock()
	leave := func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if slot.users--; slot.users == 0 {
			delete(s.held, name)
		}
	}
	select {
	case slot.ch <- struct{}{}:
		return func() { <-slot.ch; leave() }, nil
	case <-ctx.Done():
		leave()
		return nil, ctx.Err()
	}
}
