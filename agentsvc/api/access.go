package api

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/resync-hwa/resync/agentsvc/api/session"
	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/httpd"
)

type refusalKey struct{}

// errScope is the cause of a refusal that another token of the same caller could lift.
var errScope = errors.New("scope is missing")

// authenticate finds out who asks, once, and puts the caller into the context. A token or key counts before a cookie. One
// that does not work is remembered as the reason for a refusal: public routes do not mind it.
func (s *server) authenticate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := s.caller(r)
		switch {
		case err == nil && c.Role != "":
			r = r.WithContext(auth.WithCaller(r.Context(), c))
		case err != nil:
			r = r.WithContext(context.WithValue(r.Context(), refusalKey{}, err))
		}
		next.ServeHTTP(w, r)
	})
}

func (s *server) caller(r *http.Request) (auth.Caller, error) {
	if token, sent, err := httpd.BearerToken(r); err != nil {
		return auth.Caller{}, err
	} else if sent {
		return s.o.Auth.Bearer(r.Context(), token)
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
	if rt.access == login {
		h = s.logins(h)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := rt.refuse(r)
		if err == nil {
			h.ServeHTTP(w, r)
			return
		}
		if rt.access == page && fault.Is(err, fault.Unauthorized) {
			w.Header().Set("Cache-Control", "no-store")
			next := url.URL{Path: r.URL.Path, RawQuery: r.URL.RawQuery} // a link may bring a question along
			http.Redirect(w, r, "/login?next="+url.QueryEscape(next.String()), http.StatusSeeOther)
			return
		}
		switch {
		case rt.access == program && (fault.Is(err, fault.Unauthorized) || errors.Is(err, errScope)):
			c, _ := auth.CallerFrom(r.Context())
			s.o.Resource.Challenge(w, r, err, append(slices.Clone(c.Scopes), rt.scope)...) // a new token must keep to what the old one kept to
		case fault.Is(err, fault.Unauthorized):
			w.Header().Set("WWW-Authenticate", `Bearer realm="resync"`)
		}
		httpd.Problem(w, r, err)
	})
}

// refuse gives the reason why the request may not pass, or nil.
func (rt route) refuse(r *http.Request) error {
	if rt.access == public || rt.access == login {
		return nil
	}
	c, ok := auth.CallerFrom(r.Context())
	if !ok {
		if err, found := r.Context().Value(refusalKey{}).(error); found {
			return err
		}
		return fault.New(fault.Unauthorized, "You are not logged in.").WithHint("Log in, or send a Bearer token or an API key.")
	}
	allowed := false
	switch rt.access {
	case page, known:
		allowed = c.Role.Allows(rt.role)
	case metrics:
		allowed = c.Role.Allows(rt.role) || (c.Via == "api_key" && slices.Contains(c.Scopes, rt.scope))
	case program:
		if c.Via != "token" && c.Via != "api_key" && c.Via != "oidc" {
			return fault.New(fault.Unauthorized, "This address takes a Bearer token or an API key, not a browser's session.")
		}
		allowed = c.Role.Allows(rt.role)
	case named:
		if c.Via != "api_key" || !slices.Contains(c.Scopes, rt.scope) {
			return fault.New(fault.Forbidden, "This address takes an API key that was made with the scope %s.", rt.scope).
				WithHint("resync user key NAME --scope %s", rt.scope)
		}
		allowed = c.Role.Allows(rt.role)
	}
	if !allowed {
		return fault.New(fault.Forbidden, "Your role may not do this.")
	}
	if !c.HasScope(rt.scope) {
		return noScope(rt.scope)
	}
	return nil
}

func noScope(scope string) error {
	err := fault.Wrap(fault.Forbidden, errScope, "This key or token was not made for this.")
	if scope == "" {
		return err
	}
	return err.WithHint("It needs the scope %s.", scope)
}
