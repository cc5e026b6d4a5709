package hwa

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
)

const (
	maxPageBytes  = 256 << 20
	maxErrorBytes = 64 << 10
)

// guard stands in front of the wire and lets nothing pass that is not a row of the table at the configured server. newRequest
// cannot make such a request; the guard also covers what the HTTP client does by itself, such as following a redirect.
type guard struct {
	base *url.URL
	next http.RoundTripper
	sent func(context.Context, endpoint) // told of every request that leaves
}

func (g guard) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != g.base.Scheme || r.URL.Host != g.base.Host {
		return nil, errForbiddenRequest
	}
	sent, err := sentBody(r)
	if err != nil {
		return nil, errForbiddenRequest
	}
	ep, ok := permitted(r, sent, g.base.EscapedPath())
	if !ok {
		return nil, errForbiddenRequest
	}
	g.sent(r.Context(), ep)
	return g.next.RoundTrip(r)
}

// sentBody reads a copy of what the request carries.
func sentBody(r *http.Request) (string, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return "", nil
	}
	if r.GetBody == nil {
		return "", errForbiddenRequest
	}
	b, err := r.GetBody()
	if err != nil {
		return "", err
	}
	defer func() { _ = b.Close() }()
	raw, err := io.ReadAll(io.LimitReader(b, maxBody+1))
	return string(raw), err
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
	if len(via) > 2 || r.Method != via[0].Method || r.URL.Host != first.Host || r.URL.Scheme != first.Scheme || r.URL.EscapedPath() != first.EscapedPath() {
		return http.ErrUseLastResponse
	}
	return nil
}

// answer is a good answer, its body bounded and looked at far enough to know that it is no page for a browser.
type answer struct {
	body        *bufio.Reader
	header      http.Header
	contentType string
	empty       bool // 204, or nothing in it
}

// send sends r and hands a good answer to consume, which may be called more than once: a read that broke off is tried on the next host, and once more
// on all of them while the budget lasts.
func (c *Client) send(ctx context.Context, r request, limit int64, consume func(answer) error) error {
	err := c.pass(ctx, r, limit, consume)
	if !notAsked(err) {
		c.budget.call(c.opts.Clock())
	}
	if c.again(ctx, err) {
		err = c.pass(ctx, r, limit, consume)
	}
	return err
}

// pass asks the engine's hosts in turn until one answers, holding one of the client's slots. The wait for a slot is within the caller's deadline.
func (c *Client) pass(ctx context.Context, r request, limit int64, consume func(answer) error) error {
	select {
	case c.slots <- struct{}{}:
	case <-ctx.Done():
		return c.failed(ctx, r, ctx.Err())
	}
	defer func() { <-c.slots }()
	if err := c.breaker.admit(c.opts.Clock()); err != nil {
		return c.failed(ctx, r, err)
	}
	err := c.ask(ctx, r, limit, consume)
	if status(err) == http.StatusUnauthorized {
		c.breaker.refused(c.opts.Clock(), fault.Public(err))
		return err
	}
	c.breaker.note(c.opts.Clock(), engineOutcome(ctx, r, err), fault.Public(err))
	return err
}

// once makes one call of one host.
func (c *Client) once(ctx context.Context, h *host, r request, limit int64, consume func(answer) error) error {
	now := c.opts.Clock()
	r.at, r.within = h.base, h.patience.deadline(r.ep, c.opts.Timeout)
	if h.patience.gone(r.ep, now) {
		return c.failed(ctx, r, errStalled)
	}
	if err := h.breaker.admit(now); err != nil {
		return c.failed(ctx, r, err)
	}
	ctx, ended := c.opts.Watch(ctx, allowed[r.ep].Method, allowed[r.ep].Path)
	call, cancel := context.WithTimeout(ctx, r.within)
	defer cancel()
	count := &counter{limit: limit}
	err := c.login(call, h, r, count, consume)
	took := c.opts.Clock().Sub(now)
	_, refused := refusedAs(err)
	late := !refused && err != nil && errors.Is(call.Err(), context.DeadlineExceeded) && ctx.Err() == nil
	h.patience.note(r.ep, c.opts.Clock(), err == nil || refused, late)
	if err != nil && !refused && call.Err() != nil {
		err = call.Err() // the deadline shows itself as a closed connection at times
	}
	if err != nil {
		err = c.failed(ctx, r, err)
	}
	c.note(ctx, h, r, err)
	c.ledger.ended(r.ep, took, count.n, fault.CodeOf(err))
	ended(count.n, fault.CodeOf(err))
	c.log.DebugContext(ctx, "engine call", "host", h.base.Host, "template", allowed[r.ep].Path, "bytes", count.n, "took", took, "code", string(fault.CodeOf(err)))
	return err
}

// login makes the call, and once more afresh when the server refuses a cookie of its own: the session behind it has expired, not our credentials.
func (c *Client) login(call context.Context, h *host, r request, count *counter, consume func(answer) error) error {
	for again := false; ; again = true {
		hr, err := c.build(call, r)
		if err != nil {
			return err
		}
		session := len(h.cookies.Cookies(hr.URL)) > 0
		err = c.exchange(h, hr, r, count, consume)
		if status(err) != http.StatusUnauthorized {
			return err
		}
		h.cookies.forget() // those that came with the refusal as well
		if again || !session || call.Err() != nil {
			return err
		}
	}
}

// note tells the host's breaker how a call ended.
func (c *Client) note(ctx context.Context, h *host, r request, err error) {
	now := c.opts.Clock()
	if e, ok := refusedAs(err); ok && retryLater(e.status) && e.retryAfter > maxRetryWait && ctx.Err() == nil {
		h.breaker.rest(now, e.retryAfter, fault.Public(err))
		return
	}
	h.breaker.note(now, hostOutcome(ctx, r, err), fault.Public(err))
}

// sent counts a request that leaves, for the ledger and for whoever asked.
func (c *Client) sent(ctx context.Context, ep endpoint) {
	twstools.CountCall(ctx)
	c.ledger.sent(ep, c.opts.Clock())
}

func (c *Client) build(ctx context.Context, r request) (*http.Request, error) {
	op := allowed[r.ep]
	u := *cmp.Or(r.at, c.base)
	u.Path, u.RawPath = r.path(op.Root.under(u.Path))
	// "+" for a space is read by forms only; %20 is read by everyone.
	u.RawQuery = strings.ReplaceAll(r.query.Encode(), "+", "%20")
	var sent io.Reader
	if r.body != "" {
		sent = strings.NewReader(r.body)
	}
	hr, err := http.NewRequestWithContext(ctx, op.Method, u.String(), sent)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err, "The request to the engine could not be made.")
	}
	hr.Header.Set("Accept", "application/json")
	if r.ep.isText() {
		hr.Header.Set("Accept", "text/plain, application/json;q=0.8, */*;q=0.5")
	}
	if op.takes(pLimit) {
		hr.Header.Set("Include-Count", "true")
	}
	if r.body != "" {
		hr.Header.Set("Content-Type", "application/json")
	}
	for h, v := range r.headers {
		hr.Header.Set(string(h), v)
	}
	hr.Header.Set("User-Agent", "resync")
	c.creds.authorize(hr)
	return hr, nil
}

func (c *Client) exchange(h *host, hr *http.Request, r request, count *counter, consume func(answer) error) error {
	resp, err := h.http.Do(hr) // #nosec G107 G704 -- the address is the configured engine's, the path a row of the table
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
	a := answer{body: body, header: resp.Header, contentType: strings.ToLower(resp.Header.Get("Content-Type")), empty: resp.StatusCode == http.StatusNoContent}
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
	if ep.isLog() {
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
