// Package session is the part of the REST API where people and programs log in and out: the login page (which needs no
// script), the one-time link, the browser's session with its cookie, and tokens for programs.
//
// It checks no right: the router in package api decides who may call what. A browser gets a cookie that scripts cannot
// read, never a token. A one-time link is taken in by a POST only, so that programs that look at links do not use it up.
// Start at New. Safe for concurrent use.
package session

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/resync-hwa/resync/agentsvc/api/wire"
	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/httpd"
	"github.com/resync-hwa/resync/internal/secret"
)

// logins is what this package needs of auth.Service.
type logins interface {
	Login(ctx context.Context, name string, password secret.String, addr string) (auth.User, error)
	StartSession(ctx context.Context, u auth.User) (auth.LoginSession, error)
	EndSession(ctx context.Context, value string) error
	UseLoginLink(ctx context.Context, code string) (auth.LoginSession, error)
	IssueTokens(ctx context.Context, u auth.User) (auth.Tokens, error)
	Refresh(ctx context.Context, token string) (auth.Tokens, error)
	RevokeToken(ctx context.Context, token string) error
}

// Options are what New needs.
type Options struct {
	Auth   logins
	Secure bool     // browsers see TLS: the cookie is bound to the host and to TLS
	Pages  []string // where a log-in may lead, one with a slash at its end to all below it; the first one is where it leads without a wish
}

// API has the handlers.
type API struct{ o Options }

// maxWish bounds the address that a log-in leads to.
const maxWish = 8 << 10

// New makes the handlers.
func New(o Options) (*API, error) {
	if o.Auth == nil || len(o.Pages) == 0 {
		return nil, errors.New("session: logins and pages are needed")
	}
	return &API{o: o}, nil
}

// CookieName is the cookie's name: with the prefix that makes browsers insist on TLS, host and path where there is TLS.
func CookieName(secure bool) string {
	if secure {
		return "__Host-resync"
	}
	return "resync"
}

func (a *API) setCookie(w http.ResponseWriter, s auth.LoginSession) {
	http.SetCookie(w, a.cookie(s.Value.Reveal(), s.ExpiresAt, 0))
}

func (a *API) clearCookie(w http.ResponseWriter) {
	http.SetCookie(w, a.cookie("", time.Time{}, -1))
}

func (a *API) cookie(value string, expires time.Time, maxAge int) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // Secure is false on loopback without TLS only
		Name: CookieName(a.o.Secure), Value: value, Path: "/", Expires: expires, MaxAge: maxAge,
		Secure: a.o.Secure, HttpOnly: true, SameSite: http.SameSiteStrictMode,
	}
}

// credentials is the body of POST /api/session.
type credentials struct {
	Username string `json:"username"`
	Password string `json:"password"`
}

// body is what says who is logged in.
type body struct {
	User      user       `json:"user"`
	Via       string     `json:"via"`
	ExpiresAt *time.Time `json:"expires_at,omitempty"`
}

type user struct {
	ID   string    `json:"id"`
	Name string    `json:"name"`
	Role auth.Role `json:"role"`
}

// Create answers POST /api/session: a name and a password for a cookie.
func (a *API) Create(w http.ResponseWriter, r *http.Request) error {
	var in credentials
	if err := wire.Read(r, &in); err != nil {
		return err
	}
	u, s, err := a.login(r, in.Username, in.Password)
	if err != nil {
		return err
	}
	a.setCookie(w, s)
	ends := s.ExpiresAt.UTC()
	return wire.Write(w, http.StatusOK, body{User: user{u.ID, u.Name, u.Role}, Via: "session", ExpiresAt: &ends})
}

// login checks the password and begins a new session; one that the browser had before ends.
func (a *API) login(r *http.Request, name, password string) (auth.User, auth.LoginSession, error) {
	u, err := a.o.Auth.Login(r.Context(), name, secret.New(password), httpd.RemoteIP(r))
	if err != nil {
		return auth.User{}, auth.LoginSession{}, err
	}
	if err := a.endOld(r); err != nil {
		return auth.User{}, auth.LoginSession{}, err
	}
	s, err := a.o.Auth.StartSession(r.Context(), u)
	return u, s, err
}

func (a *API) endOld(r *http.Request) error {
	if c, err := r.Cookie(CookieName(a.o.Secure)); err == nil {
		return a.o.Auth.EndSession(r.Context(), c.Value)
	}
	return nil
}

// Show answers GET /api/session: who is asking.
func (a *API) Show(w http.ResponseWriter, r *http.Request) error {
	c, ok := auth.CallerFrom(r.Context())
	if !ok {
		return fault.New(fault.Unauthorized, "You are not logged in.")
	}
	return wire.Write(w, http.StatusOK, body{User: user{c.ID, c.Name, c.Role}, Via: c.Via})
}

// End answers DELETE /api/session: it ends the browser's session, or the family of the token that came.
func (a *API) End(w http.ResponseWriter, r *http.Request) error {
	c, _ := auth.CallerFrom(r.Context())
	switch c.Via {
	case "session":
		if err := a.endOld(r); err != nil {
			return err
		}
		a.clearCookie(w)
	case "token":
		token, _, err := httpd.BearerToken(r)
		if err != nil {
			return err
		}
		if err := a.o.Auth.RevokeToken(r.Context(), token); err != nil {
			return err
		}
	default:
		return fault.New(fault.Invalid, "An API key has no session to end.").WithHint("It can be revoked on the server.")
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// page gives where a log-in leads: the wish if it is one of our pages, with what the link to it brought along.
func (a *API) page(wish string) string {
	u, err := url.Parse(wish)
	if err != nil || len(wish) > maxWish || u.Scheme != "" || u.Host != "" || u.User != nil || !a.ours(u.Path) {
		return a.o.Pages[0]
	}
	return (&url.URL{Path: u.Path, RawQuery: u.Query().Encode()}).String()
}

// ours reports whether a path is one of the pages, or below one that ends with a slash.
func (a *API) ours(p string) bool {
	return slices.ContainsFunc(a.o.Pages, func(page string) bool {
		below := len(page) > 1 && strings.HasSuffix(page, "/") && strings.HasPrefix(p, page) && path.Clean(p) == p
		return p == page || below
	})
}
