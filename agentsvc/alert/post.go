package alert

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/loopback"
	"github.com/resync-hwa/resync/internal/secret"
)

// Webhook is where messages go, and which.
type Webhook struct {
	Rule
	Kind     string
	URL      secret.String // may hold a key: it is shown nowhere
	Secret   secret.String // of the signature of the generic JSON; empty: it is not signed
	Language string
}

// The headers of a signed message. The signature is v1= and HMAC-SHA256, hex, of the timestamp, a dot, and the body as sent.
const (
	TimestampHeader = "X-Resync-Timestamp" // Unix seconds
	SignatureHeader = "X-Resync-Signature"
	DeliveryHeader  = "X-Resync-Delivery" // the message's id: the same when it is sent again
)

// Sign gives the signature of a body that was sent at a time, as in SignatureHeader.
func Sign(key secret.String, timestamp int64, body []byte) string {
	mac := hmac.New(sha256.New, []byte(key.Reveal()))
	_, _ = mac.Write([]byte(strconv.FormatInt(timestamp, 10) + ".")) // a hash never fails
	_, _ = mac.Write(body)
	return "v1=" + hex.EncodeToString(mac.Sum(nil))
}

// CheckURL says what is wrong with the address of a webhook, without repeating it: https is demanded beyond this machine.
func CheckURL(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return errors.New("must be an address that starts with https://")
	case u.User != nil:
		return errors.New("must not carry a user or a password")
	case u.Scheme == "http" && !loopback.Host(u.Hostname()):
		return errors.New("must start with https:// beyond this machine")
	}
	return nil
}

const (
	defaultTimeout = 10 * time.Second
	maxAnswer      = 4 << 10 // what is read of an answer, so that the connection can be used again
	maxRetryAfter  = time.Hour
)

// poster sends one message over HTTP. Safe for concurrent use.
type poster struct {
	client *http.Client
	now    func() time.Time
}

// newPoster makes a poster. Redirects are not followed: whoever configured the address meant that one.
func newPoster(timeout time.Duration, now func() time.Time) *poster {
	if timeout <= 0 {
		timeout = defaultTimeout
	}
	transport := http.DefaultTransport.(*http.Transport).Clone() //nolint:errcheck,forcetypeassert // the library's own
	transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	transport.ResponseHeaderTimeout, transport.MaxResponseHeaderBytes, transport.MaxIdleConnsPerHost = timeout, 64<<10, 1
	return &poster{now: now, client: &http.Client{Transport: transport, Timeout: timeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

func (p *poster) close() { p.client.CloseIdleConnections() }

// outcome is how a delivery ended.
type outcome struct {
	err   error         // nil: it was taken
	again bool          // it may be sent again
	after time.Duration // not before; 0: as we think fit
}

// send sends a message once. The error names no address.
func (p *poster) send(ctx context.Context, h Webhook, m Message) outcome {
	body, err := Body(h.Kind, h.Language, h.Name, m)
	if err != nil {
		return outcome{err: err}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL.Reveal(), bytes.NewReader(body))
	if err != nil {
		return outcome{err: errors.New("the address cannot be used")} // the library's error repeats it
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("User-Agent", "Resync")
	req.Header.Set(DeliveryHeader, m.ID)
	if !h.Secret.IsZero() {
		at := p.now().Unix()
		req.Header.Set(TimestampHeader, strconv.FormatInt(at, 10))
		req.Header.Set(SignatureHeader, Sign(h.Secret, at, body))
	}
	res, err := p.client.Do(req)
	if err != nil {
		return outcome{err: unaddressed(err), again: true}
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, maxAnswer)) // what it says is of no use to anybody
	switch code := res.StatusCode; {
	case code >= 200 && code < 300:
		return outcome{}
	case code == http.StatusTooManyRequests || code == http.StatusRequestTimeout || code >= 500:
		return outcome{err: fmt.Errorf("it answered %d", code), again: true, after: p.retryAfter(res.Header.Get("Retry-After"))}
	case code >= 300 && code < 400:
		return outcome{err: fmt.Errorf("it answered %d: redirects are not followed", code)}
	default:
		return outcome{err: fmt.Errorf("it answered %d", code)}
	}
}

// retryAfter reads seconds or a date, an hour at most.
func (p *poster) retryAfter(text string) time.Duration {
	wait := time.Duration(0)
	if n, err := strconv.Atoi(text); err == nil && n > 0 {
		wait = time.Duration(min(n, int(maxRetryAfter/time.Second))) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		wait = at.Sub(p.now())
	}
	return min(max(wait, 0), maxRetryAfter)
}

// unaddressed takes the address out of an error of the HTTP client.
func unaddressed(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		if u.Timeout() {
			return errors.New("it did not answer in time")
		}
		err = u.Err
	}
	if errors.Is(err, context.Canceled) {
		return context.Canceled
	}
	return errors.New("it could not be reached") // names and addresses of the network's own errors are the webhook's
}

// Test sends one marked message to a webhook, at once and once.
func Test(ctx context.Context, h Webhook, now func() time.Time, timeout time.Duration) error {
	p := newPoster(timeout, now)
	defer p.close()
	out := p.send(ctx, h, Message{ID: newID(), At: now().Format(time.RFC3339), Events: []Event{}, Test: true})
	if out.err != nil {
		return fault.Wrap(fault.UpstreamUnavailable, out.err, "The webhook %s did not take the message: %s.", h.Name, out.err).WithHint("Its address is webhooks.%s.url; resync config print shows where that comes from.", h.Name)
	}
	return nil
}
