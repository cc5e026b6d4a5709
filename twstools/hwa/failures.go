package hwa

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"

	"github.com/resync-hwa/resync/internal/fault"
)

// proxyHint says where a proxy comes from.
const proxyHint = "Look at APP_TWS_PROXY, or at HTTPS_PROXY in the environment; APP_TWS_PROXY=none goes without."

// kept says of a call that was not made why, in the words of the last one that was.
func (e *openError) kept() *fault.Error {
	last := e.last
	if last == nil {
		last = fault.New(fault.UpstreamUnavailable, "It did not answer.")
	}
	if last.Code == fault.UpstreamDenied {
		return fault.Wrap(last.Code, e, "%s They are not sent again before %s, lest the account be locked.", last.Message, stamp(e.until)).WithHint("%s", last.Hint)
	}
	return fault.Wrap(last.Code, e, "The engine has been failing since %s and is not asked again before %s. The last answer: %s", stamp(e.since), stamp(e.until), last.Message).
		WithHint("%s", last.Hint)
}

// proxyFailure tells a proxy that cannot be had from an engine that cannot.
func proxyFailure(err error) *fault.Error {
	var op *net.OpError
	var refused *proxyError
	switch {
	case errors.As(err, &refused) && refused.status == http.StatusProxyAuthRequired:
		return fault.Wrap(fault.UpstreamDenied, err, "A proxy in front of the engine wants credentials.").WithHint("%s", proxyHint)
	case errors.As(err, &refused):
		return fault.Wrap(fault.UpstreamUnavailable, err, "The proxy in front of the engine does not lead there: HTTP %d.", refused.status).WithHint("%s", proxyHint)
	case errors.As(err, &op) && (op.Op == "proxyconnect" || op.Op == "socks connect"):
		return fault.Wrap(fault.UpstreamUnavailable, err, "The proxy in front of the engine cannot be reached.").WithHint("%s", proxyHint)
	}
	return nil
}

// classifyFailure judges what is no answer at all.
func (c *Client) classifyFailure(ctx context.Context, r request, err error) *fault.Error {
	var open *openError
	if errors.As(err, &open) {
		return open.kept()
	}
	if e := c.stopped(ctx, r, err); e != nil {
		return e
	}
	unavailable := func(hint, format string, args ...any) *fault.Error {
		e := fault.Wrap(fault.UpstreamUnavailable, err, format, args...)
		if r.at.Port() == netmanPort {
			hint = "Port 31111 is netman; the API listens on 31116."
		}
		return e.WithHint("%s", hint)
	}
	if e := proxyFailure(err); e != nil {
		return e
	}
	if e := tlsFailure(err, unavailable); e != nil {
		return e
	}
	var dns *net.DNSError
	var op *net.OpError
	switch {
	case errors.Is(err, errForbiddenRequest):
		return fault.Wrap(fault.Internal, err, "A request outside the table of allowed reads was stopped.")
	case errors.Is(err, errHTML):
		return unavailable("Check TWS_HOST and TWS_PORT; a portal or a login page may stand in front of the engine.", "This is not the HWA API: an HTML page was answered.")
	case errors.Is(err, errTooLarge):
		return unavailable("Ask for less at a time.", "The engine's answer for %s is larger than %d MB.", r.what, maxPageBytes>>20)
	case errors.Is(err, errRowTooLarge):
		return unavailable("Look at what the engine holds there; no object of a plan is that large.", "One object in the engine's answer for %s is larger than %d MB.", r.what, maxRowBytes>>20)
	case errors.Is(err, errEmpty):
		return unavailable("Check that TWS_HOST names the engine itself.", "The engine answered with nothing where %s was asked.", r.what)
	case errors.Is(err, errNotJSON):
		return unavailable("The answer may have been cut off on its way; try again, then look at proxies in between.", "The engine's answer for %s is broken: it is not whole JSON.", r.what)
	case errors.Is(err, errShape):
		return unavailable("Check that TWS_HOST names the engine itself.", "The engine's answer for %s has not the form of the %s interface.", r.what, strings.ToUpper(allowed[r.ep].Root.name()))
	case errors.As(err, &dns):
		return unavailable("Check the name in TWS_HOST.", "The engine's host name %q cannot be resolved.", r.at.Hostname())
	case errors.Is(err, syscall.ECONNREFUSED):
		return unavailable(fmt.Sprintf("Check TWS_HOST and TWS_PORT (usually %d), and that the engine's application server runs.", defaultPort), "Nothing listens at %s.", r.at.Host)
	case brokenOff(err) && r.at.Scheme == "http": // servers that speak TLS close on whoever does not
		return unavailable("Try again; if it stays and the port speaks TLS, set APP_TWS_SCHEME=https; else look at the engine's application server and at proxies in between.", "The connection to the engine broke off.")
	case brokenOff(err):
		return unavailable("Try again; if it stays, look at the engine's application server and at proxies in between.", "The connection to the engine broke off.")
	case errors.As(err, &op) && op.Op == "dial":
		return unavailable("Check TWS_HOST, TWS_PORT and firewalls in between.", "The engine at %s cannot be reached.", r.at.Host)
	}
	return unavailable("Check TWS_HOST, TWS_PORT and APP_TWS_SCHEME.", "The server at %s gave no answer that can be read.", r.at.Host)
}

// stopped tells the three ways of running out of time apart: the caller went away, the caller's deadline, the call's own.
func (c *Client) stopped(ctx context.Context, r request, err error) *fault.Error {
	var ne net.Error
	timedOut := errors.Is(err, context.DeadlineExceeded) || errors.As(err, &ne) && ne.Timeout()
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return fault.Wrap(fault.Timeout, context.Canceled, "The reading of %s was cancelled.", r.what)
	case ctx.Err() != nil:
		return fault.Wrap(fault.Timeout, ctx.Err(), "There was not enough time left to read %s.", r.what)
	case timedOut:
		hint := "The engine may be busy, or a firewall drops the connection; one that is merely slow needs a longer engines." + c.opts.Name + ".timeout."
		if r.at.Port() == netmanPort {
			hint = "Port 31111 is netman; the API listens on 31116."
		}
		return fault.Wrap(fault.Timeout, err, "The engine did not answer within %s when %s was asked.", r.within, r.what).WithHint("%s", hint)
	case errors.Is(err, errStalled):
		return fault.Wrap(fault.Timeout, err, "The engine did not answer in time a moment ago, so %s was not asked for again.", r.what).WithHint("Try again in half a minute.")
	}
	return nil
}

func tlsFailure(err error, unavailable func(hint, format string, args ...any) *fault.Error) *fault.Error {
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var record tls.RecordHeaderError
	var verify *tls.CertificateVerificationError
	switch {
	case errors.As(err, &unknown):
		return unavailable("Name the authority's PEM file in APP_TWS_CA_FILE.", "The engine's certificate is signed by an authority that is not trusted here.")
	case errors.As(err, &name):
		return unavailable("Use the name that the certificate carries in TWS_HOST.", "The engine's certificate is made out to another host name.")
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return unavailable("Renew the engine's certificate, and check the clocks of both machines.", "The engine's certificate has expired or is not valid yet.")
	case errors.As(err, &verify), errors.As(err, &invalid):
		return unavailable("Look at the engine's certificate and at APP_TWS_CA_FILE.", "The engine's certificate cannot be verified.")
	case errors.As(err, &record), strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return unavailable("Set APP_TWS_SCHEME=http only if the engine's API really runs without TLS, else check TWS_PORT.", "The server does not speak TLS on this port.")
	case strings.Contains(err.Error(), "tls: "):
		return unavailable("Check the TLS versions and certificates that the engine accepts.", "The TLS handshake with the engine failed.")
	}
	return nil
}

// brokenOff reports whether the connection ended in the middle of things.
func brokenOff(err error) bool {
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) ||
		errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) || strings.Contains(err.Error(), "server closed idle connection") ||
		strings.Contains(err.Error(), "stream error: ") || strings.Contains(err.Error(), "http2: ") // HTTP/2's words for a reset; net/http exports no type for them
}
