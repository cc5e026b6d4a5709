package api

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/agentsvc/api/operation"
	"github.com/resync-hwa/resync/agentsvc/api/session"
	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/httpd"
)

// authenticate finds out who asks, once, and puts the caller into the context. A token or key counts before a cookie. One
// that does not work is remembered as the reason for a refusal: public routes do not mind it. Who asks whether the process runs is not looked up: a
// database that is slow or away must not make it look dead.
func (s *server) authenticate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if alivePaths[r.URL.Path] != "" {
			next.ServeHTTP(w, r)
			return
		}
		c, err := s.caller(r)
		switch {
		case err == nil && c.Role != "":
			r = r.WithContext(auth.WithCaller(r.Context(), c))
		case err != nil:
			r = r.WithContext(operation.WithRefusal(r.Context(), err))
		}
		next.ServeHTTP(w, r)
	})
}

func (s *server) caller(r *http.Request) (auth.Caller, error) {
	if token, sent, err := httpd.BearerToken(r); err != nil {
		return auth.Caller{}, err
	} else if sent {
		c, err := s.o.Auth.Bearer(r.Context(), token)
		if err != nil || strings.TrimSuffix(r.URL.Path, "/") == mcpPath { // over MCP the messages say for whom
			return c, err
		}
		return httpd.Spoken(r, c, token, s.o.Clock())
	}
	if s.session == nil { // a server for programs
		return auth.Caller{}, nil
	}
	c, err := r.Cookie(session.CookieName(s.o.Secure))
	if err != nil {
		return auth.Caller{}, nil // a guest
	}
	return s.o.Auth.SessionCaller(r.Context(), c.Value)
}

// guarded puts the route's rule around its handler.
func (rt route) guarded(s *server) http.Handler {
	h := rt.handler
	if !rt.cached {
		h = httpd.NoStore(h)
	}
	if rt.Access == operation.Login {
		h = s.logins(h)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := rt.Refuse(r.Context())
		if err == nil {
			h.ServeHTTP(w, r)
			return
		}
		if rt.Access == operation.Page && fault.Is(err, fault.Unauthorized) {
			w.Header().Set("Cache-Control", "no-store")
			next := url.URL{Path: r.URL.Path, RawQuery: r.URL.RawQuery} // a link may bring a question along
			http.Redirect(w, r, "/login?next="+url.QueryEscape(next.String()), http.StatusSeeOther)
			return
		}
		s.refused(w, r, rt.Rule, err)
	})
}

// refused answers who may not pass, and says what to bring.
func (s *server) refused(w http.ResponseWriter, r *http.Request, u operation.Rule, err error) {
	switch {
	case u.Access == operation.Program && (fault.Is(err, fault.Unauthorized) || errors.Is(err, operation.ErrScope)):
		c, _ := auth.CallerFrom(r.Context())
		s.o.Resource.Challenge(w, r, err, append(slices.Clone(c.Scopes), u.Scope)...) // a new token must keep to what the old one kept to
	case fault.Is(err, fault.Unauthorized):
		w.Header().Set("WWW-Authenticate", `Bearer realm="resync"`)
	}
	httpd.Problem(w, r, err)
}
