package hwa

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/resync-hwa/resync/internal/secret"
)

// minHidden is the length from which on a secret is taken out of foreign text. Shorter ones would blank ordinary words.
const minHidden = 3

// credentials are what the engine and a proxy are shown. They are moved out of the Options, so that printing a Client shows none.
type credentials struct {
	user     string
	password secret.String
	token    secret.String
	hidden   []secret.String // every spelling in which one could come back in foreign text, longest first
}

func newCredentials(user, password, token string, proxy *url.URL) credentials {
	k := credentials{user: user, password: secret.New(password), token: secret.New(token)}
	var spellings []string
	add := func(user, password string) {
		spellings = append(spellings, spellingsOf(password)...)
		if user != "" && password != "" {
			spellings = append(spellings, encodings(user+":"+password)...)
		}
	}
	add(user, password)
	add("", token)
	if proxy != nil && proxy.User != nil {
		word, _ := proxy.User.Password()
		add(proxy.User.Username(), word)
	}
	slices.SortFunc(spellings, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	for _, s := range slices.Compact(spellings) {
		if len(s) >= minHidden {
			k.hidden = append(k.hidden, secret.New(s))
		}
	}
	return k
}

// spellingsOf gives the forms in which servers and libraries quote a text.
func spellingsOf(s string) []string {
	if s == "" {
		return nil
	}
	asJSON, _ := json.Marshal(s)
	forms := append(encodings(s), s, url.QueryEscape(s), url.PathEscape(s), html.EscapeString(s))
	for _, in := range []string{string(asJSON), strconv.Quote(s), strconv.QuoteToASCII(s)} {
		forms = append(forms, in[1:len(in)-1])
	}
	return forms
}

func encodings(s string) []string {
	return []string{base64.StdEncoding.EncodeToString([]byte(s)), base64.RawStdEncoding.EncodeToString([]byte(s)), base64.URLEncoding.EncodeToString([]byte(s)), base64.RawURLEncoding.EncodeToString([]byte(s))}
}

// authorize puts the credentials on a request: the token where there is one, else user and password.
func (k credentials) authorize(r *http.Request) {
	switch {
	case !k.token.IsZero():
		r.Header.Set("Authorization", "Bearer "+k.token.Reveal())
	case k.user != "":
		r.SetBasicAuth(k.user, k.password.Reveal())
	}
}

// expiry reads when the token ends, where it is a JWT that says so. Nothing is verified: that is the engine's business.
func (k credentials) expiry() (time.Time, bool) {
	var claims jwt.RegisteredClaims
	if _, _, err := jwt.NewParser().ParseUnverified(k.token.Reveal(), &claims); err != nil || claims.ExpiresAt == nil {
		return time.Time{}, false
	}
	return claims.ExpiresAt.UTC(), true
}

// redact takes our own credentials, and the cookies that stand for them, out of foreign text.
func (c *Client) redact(s string) string {
	for _, h := range c.hosts.all {
		for _, cookie := range h.cookies.Cookies(h.base) {
			s = conceal(s, cookie.Value)
		}
	}
	for _, spelling := range c.creds.hidden {
		s = conceal(s, spelling.Reveal())
	}
	return s
}

// conceal takes one secret out of a text.
func conceal(s, secret string) string {
	if len(secret) < minHidden {
		return s
	}
	return strings.ReplaceAll(s, secret, hidden)
}

// hidden stands where a credential was.
const hidden = "[hidden]"

// hushedError is an error whose text was not fit to be read; what it wraps can still be asked for.
type hushedError struct {
	text  string
	cause error
}

func (e *hushedError) Error() string { return e.text }
func (e *hushedError) Unwrap() error { return e.cause }

// citation is what libraries quote of an answer that breaks the protocol. A server may have put anything there, in any form.
var citation = regexp.MustCompile(`(?s)".*"`)

// hush keeps credentials out of the text of an error of foreign making.
func (c *Client) hush(err error) error {
	text := err.Error()
	if quiet := c.redact(citation.ReplaceAllString(text, `"…"`)); quiet != text {
		return &hushedError{text: quiet, cause: err}
	}
	return err
}
