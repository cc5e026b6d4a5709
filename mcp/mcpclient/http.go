package mcpclient

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"time"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/client/transport"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/telemetry"
	"github.com/resync-hwa/resync/internal/toolkit"
)

// maxAnswer bounds what is read of one answer: the kernel's budgets with room for the protocol around them.
const maxAnswer = 1 << 20

// HTTPOptions configures a connection over HTTP.
type HTTPOptions struct {
	// Transport carries the requests; nil means http.DefaultTransport. TLS settings and proxies belong here.
	Transport http.RoundTripper
	// Timeout bounds one request; 0 means 60 s, more than any tool's deadline.
	Timeout time.Duration
	// Version pins the protocol's revision; empty means the newest that both sides know.
	Version string
	// Delegate tells the server with each call who is asking: the caller of its context, signed with a key that comes from the token. The
	// server honours it for tokens with the scope delegate and refuses it from others. Only for a tool server of ours.
	Delegate bool
	// Now is the clock of what is signed; nil means time.Now.
	Now func() time.Time
}

// HTTP connects to a tool server at url. The token is sent as a bearer to that server only, never after a redirect; it may be
// empty. The correlation id of each call's context is sent along, so that both logs can be joined, and
// its trace (W3C Trace Context, in headers and in _meta).
func HTTP(ctx context.Context, address, token string, o HTTPOptions) (toolkit.Caller, io.Closer, error) {
	if o.Delegate && token == "" {
		return nil, nil, fault.New(fault.Invalid, "Who speaks for others at a tool server needs a token with the scope %s.", auth.ScopeDelegate)
	}
	t, host, err := o.transport(address, token)
	if err != nil {
		return nil, nil, err
	}
	c, closer, err := connect(ctx, t, host, o.client()...)
	if err != nil || !o.Delegate {
		return c, closer, err
	}
	return speakerOver(c, token, o.Now), closer, nil
}

// client gives the options of the protocol.
func (o HTTPOptions) client() []client.ClientOption {
	if o.Version == "" {
		return nil
	}
	return []client.ClientOption{client.WithProtocolVersion(o.Version)}
}

// transport makes the guarded transport to a server, and names the server by its host.
func (o HTTPOptions) transport(address, token string) (remote, string, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || u.User != nil {
		return remote{}, "", fault.New(fault.Invalid, "The address of the tool server must be an http or https URL without a password.")
	}
	if o.Transport == nil {
		o.Transport = http.DefaultTransport
	}
	if o.Timeout == 0 {
		o.Timeout = time.Minute
	}
	hc := &http.Client{
		Transport:     &guarded{next: o.Transport, token: token, host: u.Host},
		Timeout:       o.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	t, err := transport.NewStreamableHTTP(address, transport.WithHTTPBasicClient(hc))
	if err != nil {
		return remote{}, "", fault.Wrap(fault.Invalid, err, "The address of the tool server cannot be used.")
	}
	return remote{t}, u.Host, nil
}

// guarded adds what every request carries and turns answers that are not of the protocol into coded errors.
type guarded struct {
	next  http.RoundTripper
	token string
	host  string
}

// RoundTrip sends one request.
func (g *guarded) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	if g.token != "" && r.URL.Host == g.host {
		r.Header.Set("Authorization", "Bearer "+g.token)
	}
	if id := toolkit.Correlation(r.Context()); id != "" {
		r.Header.Set("X-Request-ID", id)
	}
	telemetry.CarryHeader(r.Context(), r.Header)
	resp, err := g.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if err := refusal(resp); err != nil {
		return nil, errors.Join(err, resp.Body.Close())
	}
	resp.Body = &bounded{ReadCloser: resp.Body, left: maxAnswer}
	return resp, nil
}

// refusal is the error for a status that a guard in front of the server gave. Errors of the protocol itself are JSON and pass.
func refusal(resp *http.Response) error {
	kind, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	switch {
	case resp.StatusCode == http.StatusUnauthorized:
		return fault.New(fault.Unauthorized, "The tool server does not accept the token.")
	case resp.StatusCode < 300, err == nil && kind == "application/json", resp.StatusCode == http.StatusMethodNotAllowed:
		return nil
	case resp.StatusCode == http.StatusForbidden:
		return fault.New(fault.Forbidden, "The tool server does not allow this.")
	case resp.StatusCode == http.StatusTooManyRequests:
		return fault.New(fault.Limited, "The tool server got too many requests.")
	case resp.StatusCode == http.StatusRequestEntityTooLarge:
		return fault.New(fault.Limited, "The request is larger than the tool server accepts.")
	}
	return fault.New(fault.UpstreamUnavailable, "The tool server answered with status %d.", resp.StatusCode)
}

// bounded fails when more comes than an answer may have.
type bounded struct {
	io.ReadCloser
	left int64
}

// Read reads within the bound.
func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, fault.New(fault.UpstreamUnavailable, "The tool server's answer is too large.")
	}
	if int64(len(p)) > b.left {
		p = p[:b.left]
	}
	n, err := b.ReadCloser.Read(p)
	b.left -= int64(n)
	return n, err
}
