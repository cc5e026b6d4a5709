package hwa

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/untrusted"
)

var (
	errRowTooLarge = errors.New("one row of the answer is larger than the bound")
	errHTML        = errors.New("a page for a browser was answered")
	errTooLarge    = errors.New("the answer is larger than the bound")
	errEmpty       = errors.New("the answer is empty")
	errNotJSON     = errors.New("the answer is not JSON")
	errShape       = errors.New("the answer is JSON of another form")
	messageID      = regexp.MustCompile(`\bAWS[A-Z]{3}\d{3,4}[EWI]\b`)
)

// refusedError is an answer with a status that is no success.
type refusedError struct {
	status     int
	ids        []string // the AWS message ids in the body; one often wraps another
	text       string   // what the body says, redacted and cut
	location   string   // of a redirect
	html       bool
	retryAfter time.Duration
}

func (e *refusedError) Error() string {
	return strings.TrimSpace(fmt.Sprintf("HTTP %d %s", e.status, strings.TrimSpace(strings.Join(e.ids, " ")+" "+e.text)))
}

// says reports whether one of the message ids is in the body.
func (e *refusedError) says(ids ...string) bool {
	return slices.ContainsFunc(ids, func(id string) bool { return slices.Contains(e.ids, id) })
}

// messageIDs finds the ids in a text, each once, a handful at most.
func messageIDs(raw []byte) []string {
	var out []string
	for _, id := range messageID.FindAll(raw, 8) {
		if !slices.Contains(out, string(id)) {
			out = append(out, string(id))
		}
	}
	return out
}

// refusal reads a bad answer.
func (c *Client) refusal(resp *http.Response, body io.Reader) error {
	raw, _ := io.ReadAll(io.LimitReader(body, maxErrorBytes))
	e := &refusedError{status: resp.StatusCode, retryAfter: retryAfter(resp.Header, c.opts.Clock())}
	e.html = strings.Contains(strings.ToLower(resp.Header.Get("Content-Type")), "html") || strings.HasPrefix(strings.TrimSpace(string(raw)), "<")
	e.ids = messageIDs(raw)
	if !e.html {
		e.text = untrusted.Mask(errorText(raw))       // an engine quotes what it was given: a task with its password, a URL with its key
		for _, sent := range resp.Request.Cookies() { // a new one may stand in the jar by now
			e.text = conceal(e.text, sent.Value)
		}
	}
	if resp.StatusCode/100 == 3 {
		e.location = resp.Header.Get("Location")
	}
	return e
}

// ill reports whether the engine says that it lacks its database or memory, whatever was asked.
func (e *refusedError) ill() bool { return e.says("AWSJDB801E", "AWSJDB803E", "AWSJCS011E") }

// errorText finds the words in an error body whose form nobody documents: messages[], message, error, detail, else the text itself.
func errorText(raw []byte) string {
	var o object
	if json.Unmarshal(raw, &o) != nil {
		return string(raw)
	}
	if list := o.strs("messages"); len(list) > 0 {
		return strings.Join(list, " ")
	}
	if inner := o.obj("error"); inner != nil {
		if s := inner.str("message", "description", "code"); s != "" {
			return s
		}
	}
	if s := o.str("message", "errorMessage", "error_description", "detail", "error", "title", "exceptionName"); s != "" {
		return s
	}
	return string(raw)
}

// oneLine makes a short printable line of hostile text.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	return clip(strings.Join(strings.Fields(s), " "), 240)
}

// refusedAs gives the refusal inside err, if it is one.
func refusedAs(err error) (*refusedError, bool) {
	var e *refusedError
	ok := errors.As(err, &e)
	return e, ok
}

// status gives the HTTP status inside err, 0 when there was no answer.
func status(err error) int {
	if e, ok := refusedAs(err); ok {
		return e.status
	}
	return 0
}

// absent reports whether the server says that it has no such path or method.
func absent(err error) bool {
	switch status(err) {
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return true
	}
	return false
}

// failed gives every error of a call its code, a sentence and a hint.
func (c *Client) failed(ctx context.Context, r request, err error) error {
	var coded *fault.Error
	if errors.As(err, &coded) {
		return err
	}
	if e, ok := refusedAs(err); ok {
		e.text = oneLine(c.redact(e.text)) // a clipped credential would not be recognised
		return c.source(c.classifyRefusal(r, e))
	}
	var ue *url.Error
	if errors.As(err, &ue) {
		err = ue.Err // its text repeats the whole address
	}
	r.at = cmp.Or(r.at, c.base)
	return c.source(c.classifyFailure(ctx, r, c.hush(err)))
}

func (c *Client) source(e *fault.Error) *fault.Error {
	return named(e, c.opts.Name).WithSource("engine:" + c.opts.Name)
}

// defaultEngine is the engine that the settings without a name configure.
const defaultEngine = "default"

// named says in an error's hint how the settings of this engine are called. Hints are written with those of the default engine.
func named(e *fault.Error, engine string) *fault.Error {
	if engine == defaultEngine {
		return e
	}
	key := "engines." + engine + "."
	return e.WithHint("%s", strings.NewReplacer("APP_TWS_API_KEY", key+"api_key", "APP_TWS_CA_FILE", key+"ca_file", "APP_TWS_SCHEME", key+"scheme", "APP_TWS_PROXY", key+"proxy",
		"APP_TWS_API", key+"api", "TWS_HOST", key+"host", "TWS_PORT", key+"port", "TWS_USER", key+"user", "TWS_PASSWORD", key+"password").Replace(e.Hint))
}

// classifyRefusal judges by message id first: the engine wraps business errors in any status.
func (c *Client) classifyRefusal(r request, e *refusedError) *fault.Error {
	switch {
	case e.says("AWSJDB817E", "AWSJCO026E") || e.status == http.StatusForbidden:
		return fault.Wrap(fault.UpstreamDenied, e, "The engine's account may not read %s%s.", r.what, e.because()).
			WithHint("The account needs DISPLAY and LIST for these objects in the engine's security file or role.")
	case e.says("AWSJDB101E"):
		return fault.Wrap(fault.NotFound, e, "The engine has no such object in its plan%s.", e.because()).WithHint("It may belong to an earlier plan.")
	case e.says("AWSJDB801E", "AWSJDB803E"):
		return fault.Wrap(fault.UpstreamUnavailable, e, "The engine cannot read its database%s.", e.because()).WithHint("Look at the database behind the engine.")
	}
	switch e.status {
	case http.StatusUnauthorized:
		return c.unauthorized(e)
	case http.StatusProxyAuthRequired:
		return fault.Wrap(fault.UpstreamDenied, e, "A proxy in front of the engine wants credentials.").WithHint("%s", proxyHint)
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotImplemented, http.StatusGone:
		return missingPath(r, e)
	case http.StatusBadRequest, http.StatusUnprocessableEntity, http.StatusRequestURITooLong:
		return badRequest(r, e)
	case http.StatusTooManyRequests:
		// Limited is for our own bounds; an engine that turns readers away is one that cannot be read.
		return fault.Wrap(fault.UpstreamUnavailable, e, "The engine answers that it gets too many requests%s.", e.because()).WithHint("Try again in a minute.")
	case http.StatusRequestTimeout, http.StatusGatewayTimeout:
		return fault.Wrap(fault.Timeout, e, "A server in front of the engine gave up waiting for it.").WithHint("The engine may be busy; try again.")
	}
	if e.status/100 == 3 {
		return redirected(e)
	}
	return fault.Wrap(fault.UpstreamUnavailable, e, "The engine failed to read %s: HTTP %d%s.", r.what, e.status, e.because()).
		WithHint("Look up the message id, or at the engine's own log.")
}

// unauthorized names the setting that was used.
func (c *Client) unauthorized(e *refusedError) *fault.Error {
	refused := fault.Wrap(fault.UpstreamDenied, e, "The engine refused the credentials%s.", e.because())
	switch {
	case !c.creds.token.IsZero():
		return c.tokenRefused(e, refused)
	case c.creds.user != "":
		return refused.WithHint("Look at TWS_USER and TWS_PASSWORD: without a directory server it is the password kept by the engine's application server, not the system's.")
	}
	return fault.Wrap(fault.UpstreamDenied, e, "The engine wants credentials, and none are configured.").WithHint("Set TWS_USER and TWS_PASSWORD, or APP_TWS_API_KEY.")
}

// tokenRefused tells an expired token by the date inside it.
func (c *Client) tokenRefused(e *refusedError, refused *fault.Error) *fault.Error {
	end, dated := c.creds.expiry()
	if now, _ := c.clock.now(); dated && now.After(end) {
		return fault.Wrap(fault.UpstreamDenied, e, "The engine refused the API key, which expired at %s.", stamp(end)).
			WithHint("Make a new key in the console and put it into APP_TWS_API_KEY.")
	}
	return refused.WithHint("Look at APP_TWS_API_KEY: the key may have been revoked, or belong to another engine; keys expire after 365 days by default.")
}

func missingPath(r request, e *refusedError) *fault.Error {
	switch {
	case r.id != "":
		return fault.Wrap(fault.NotFound, e, "The engine has no such object in its plan%s.", e.because()).WithHint("It may belong to an earlier plan.")
	case r.optional:
		return fault.Wrap(fault.Unsupported, e, "This level of engine does not offer %s.", r.what)
	}
	return fault.Wrap(fault.UpstreamUnavailable, e, "The server answers, but it does not offer the %s interface of the scheduler (HTTP %d for %s).",
		strings.ToUpper(allowed[r.ep].Root.name()), e.status, allowed[r.ep].Path).
		WithHint("Check TWS_HOST and TWS_PORT: V2 exists since 10.1 Fix Pack 1, on the master or a backup master, usually on port %d.", defaultPort)
}

func badRequest(r request, e *refusedError) *fault.Error {
	if strings.Contains(strings.ToLower(e.text), "http request to an https server") {
		return fault.Wrap(fault.UpstreamUnavailable, e, "The server speaks HTTPS on this port, and was asked without.").WithHint("Set APP_TWS_SCHEME=https.")
	}
	return fault.Wrap(fault.Invalid, e, "The engine did not accept the request for %s%s.", r.what, e.because()).
		WithHint("If you wrote a filter yourself, check its field names and values; both are case-sensitive.")
}

func redirected(e *refusedError) *fault.Error {
	low := strings.ToLower(e.location)
	for _, word := range []string{"login", "logon", "signin", "sign-in", "auth", "sso", "saml", "idp", "j_security"} {
		if strings.Contains(low, word) {
			return fault.Wrap(fault.UpstreamDenied, e, "The server sends readers to a login page instead of answering.").
				WithHint("Point TWS_HOST at the engine itself, not at a portal, and look at TWS_USER and TWS_PASSWORD or APP_TWS_API_KEY.")
		}
	}
	return fault.Wrap(fault.UpstreamUnavailable, e, "The server sends readers to another address, which is not followed.").
		WithHint("Check TWS_HOST, TWS_PORT and APP_TWS_SCHEME: they must name the engine itself.")
}

// because quotes the engine, for the end of a sentence.
func (e *refusedError) because() string {
	switch {
	case e.text == "" && len(e.ids) == 0:
		return ""
	case e.text == "":
		return " (" + strings.Join(e.ids, ", ") + ")"
	}
	return " (" + strings.TrimRight(e.text, ". ") + ")"
}
