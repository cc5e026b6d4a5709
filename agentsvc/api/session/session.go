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

	"github.com/resync-hwa/resync/agentsvc/api/operation"
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

func (a *API) cookie(value string, expires time.Time, maxAge int) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // Secure is false on loopback without TLS only
		Name: CookieName(a.o.Secure), Value: value, Path: "/", Expires: expires, MaxAge: maxAge,
		Secure: a.o.Secure, HttpOnly: true, SameSite: http.SameSiteStrictMode,
	}
}

// Credentials is the body of POST /api/session.
type Credentials struct {
	Username string `json:"username" example:"maria"`
	Password string `json:"password" format:"password" example:"correct horse battery"`
}

// Session is who is logged in.
type Session struct {
	User      User       `json:"user"`
	Via       string     `json:"via" doc:"How: session (a browser's cookie), token, api_key or oidc."`
	ExpiresAt *time.Time `json:"expires_at,omitempty" doc:"When the session ends at the latest; told when it begins."`
}

// User is a person or a program.
type User struct {
	ID   string    `json:"id"`
	Name string    `json:"name"`
	Role auth.Role `json:"role" enum:"viewer,operator,admin"`
}

// Register adds the operations to the set.
func (a *API) Register(s *operation.Set) {
	operation.Register(s, operation.Operation{
		Rule: operation.Rule{Access: operation.Login}, Method: http.MethodPost, Path: "/api/session", ID: "logIn", Tag: "session", Summary: "Log in a browser", Gives: "Who is logged in; the cookie comes with it",
		Description: "A name and a password for a cookie that scripts cannot read. A session that the browser had before ends. Programs use POST /token or an API key instead.",
		Fails:       []fault.Code{fault.Unauthorized},
	}, a.create)
	operation.Register(s, operation.Operation{
		Rule: operation.Rule{Access: operation.Known, Role: auth.Viewer, Scope: auth.ScopeRead}, Method: http.MethodGet, Path: "/api/session", ID: "whoAmI", Tag: "session", Summary: "Tell who is asking", Gives: "Who is asking",
		Description: "The user behind the cookie, token or key that came, the role, and which of the three it was.",
	}, a.show)
	operation.Register(s, operation.Operation{
		Rule: operation.Rule{Access: operation.Known, Role: auth.Viewer}, Method: http.MethodDelete, Path: "/api/session", ID: "logOut", Tag: "session", Summary: "Log out", Gives: "It is over", Status: http.StatusNoContent,
		Description: "Ends the browser's session, or the token that came and all that were made with the same log-in. An API key has no session to end.",
	}, a.end)
}

type createInput struct {
	operation.Request

	Body Credentials
}

type createOutput struct {
	Cookie http.Cookie `header:"Set-Cookie" doc:"The session."`
	Body   Session
}

// create answers POST /api/session: a name and a password for a cookie.
func (a *API) create(_ context.Context, in *createInput) (*createOutput, error) {
	u, s, err := a.login(in.HTTP(), in.Body.Username, in.Body.Password)
	if err != nil {
		return nil, err
	}
	ends := s.ExpiresAt.UTC()
	return &createOutput{Cookie: *a.cookie(s.Value.Reveal(), s.ExpiresAt, 0), Body: Session{User: User{u.ID, u.Name, u.Role}, Via: "session", ExpiresAt: &ends}}, nil
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

type showOutput struct{ Body Session }

// show answers GET /api/session: who is asking.
func (a *API) show(ctx context.Context, _ *struct{}) (*showOutput, error) {
	c, ok := auth.CallerFrom(ctx)
	if !ok {
		return nil, fault.New(fault.Unauthorized, "You are not logged in.")
	}
	return &showOutput{Body: Session{User: User{c.ID, c.Name, c.Role}, Via: c.Via}}, nil
}

type endInput struct{ operation.Request }

type endOutput struct {
	Cookie []http.Cookie `header:"Set-Cookie" doc:"Takes the browser's cookie away."`
}

// end answers DELETE /api/session: it ends the browser's session, or the family of the token that came.
func (a *API) end(ctx context.Context, in *endInput) (*endOutput, error) {
	c, _ := auth.CallerFrom(ctx)
	switch c.Via {
	case "session":
		return &endOutput{Cookie: []http.Cookie{*a.cookie("", time.Time{}, -1)}}, a.endOld(in.HTTP())
	case "token":
		token, _, err := httpd.BearerToken(in.HTTP())
		if err != nil {
			return nil, err
		}
		return &endOutput{}, a.o.Auth.RevokeToken(ctx, token)
	}
	return nil, fault.New(fault.Invalid, "An API key has no session to end.").WithHint("It can be revoked on the server.")
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
