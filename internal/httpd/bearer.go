package httpd

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
)

// Bearers knows to whom a bearer token belongs; auth.Service is one.
type Bearers interface {
	// Bearer gives the caller. Codes: unauthorized; upstream_unavailable when that cannot be told now.
	Bearer(ctx context.Context, token string) (auth.Caller, error)
}

// BearerToken reads the Authorization header; sent is false when there is none. More than one header, and any other scheme than Bearer, is an
// error of code unauthorized.
func BearerToken(r *http.Request) (token string, sent bool, err error) {
	all := r.Header.Values("Authorization")
	if len(all) == 0 {
		return "", false, nil
	}
	scheme, token, ok := strings.Cut(all[0], " ")
	if token = strings.TrimSpace(token); !ok || len(all) > 1 || token == "" || !strings.EqualFold(scheme, "Bearer") {
		return "", true, fault.New(fault.Unauthorized, "The Authorization header must be one Bearer token or API key.")
	}
	return token, true, nil
}

// Bearer lets in whoever sends a token with the scope, and puts the caller into the context. Others hear what to bring, as the resource says it.
// limit counts callers, and who is refused by their address. It leaves out programs that speak for others: MCP counts each person.
func Bearer(of Bearers, res Resource, scope string, limit Guard) Guard {
	return func(next http.Handler) http.Handler {
		counted := limit(next)
		refused := limit(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			err, _ := r.Context().Value(refusalKey{}).(error)
			c, _ := auth.CallerFrom(r.Context())
			res.Challenge(w, r, err, append(slices.Clone(c.Scopes), scope)...) // a new token must keep to what the old one kept to
			Problem(w, r, err)
		}))
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			c, err := bearer(r, of)
			if c.Role != "" {
				r = r.WithContext(auth.WithCaller(r.Context(), c))
			}
			if err == nil && !c.HasScope(scope) {
				err = fault.New(fault.Forbidden, "This token was not made for this.").WithHint("It needs the scope %s.", scope)
			}
			switch {
			case err != nil:
				refused.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), refusalKey{}, err)))
			case c.MayDelegate():
				next.ServeHTTP(w, r)
			default:
				counted.ServeHTTP(w, r)
			}
		})
	}
}

type refusalKey struct{}

func bearer(r *http.Request, of Bearers) (auth.Caller, error) {
	token, sent, err := BearerToken(r)
	if err != nil {
		return auth.Caller{}, err
	}
	if !sent {
		return auth.Caller{}, fault.New(fault.Unauthorized, "This address asks for a Bearer token or an API key.").
			WithHint("Make a key on the server: resync user key NAME --scope mcp")
	}
	return of.Bearer(r.Context(), token)
}
