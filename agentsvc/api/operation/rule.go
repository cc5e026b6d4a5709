package operation

import (
	"context"
	"errors"
	"slices"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
)

// Access is how somebody gets in.
type Access int

// The ways in. The zero value lets nobody in, so that nothing is open by accident.
const (
	Closed  Access = iota
	Public         // everybody
	Login          // everybody, at the slow rate of log-ins
	Page           // people with a role; others are led to the login page
	Known          // callers with a role
	Metrics        // admins, and API keys made for it
	Program        // callers with a token or an API key; cookies do not count
	Named          // API keys that name the scope; what a role may do does not suffice
)

// Rule says who may use an operation or a route.
type Rule struct {
	Access Access
	Role   auth.Role // at least; for Page, Known, Metrics, Program and Named
	Scope  string    // that an API key or token with scopes must have; empty: such keys are refused
}

// ErrScope is the cause of a refusal that another token of the same caller could lift.
var ErrScope = errors.New("scope is missing")

type refusalKey struct{}

// WithRefusal remembers why the caller's token or cookie did not work. Public operations do not mind it.
func WithRefusal(ctx context.Context, err error) context.Context {
	return context.WithValue(ctx, refusalKey{}, err)
}

// Refuse gives the reason why whoever is in the context may not pass, or nil. Codes: unauthorized, forbidden, and what WithRefusal was given.
func (u Rule) Refuse(ctx context.Context) error {
	if u.Access == Public || u.Access == Login {
		return nil
	}
	c, ok := auth.CallerFrom(ctx)
	if !ok {
		if err, found := ctx.Value(refusalKey{}).(error); found {
			return err
		}
		return fault.New(fault.Unauthorized, "You are not logged in.").WithHint("Log in, or send a Bearer token or an API key.")
	}
	allowed := false
	switch u.Access {
	case Page, Known:
		allowed = c.Role.Allows(u.Role)
	case Metrics:
		allowed = c.Role.Allows(u.Role) || (c.Via == "api_key" && slices.Contains(c.Scopes, u.Scope))
	case Program:
		if c.Via != "token" && c.Via != "api_key" && c.Via != "oidc" {
			return fault.New(fault.Unauthorized, "This address takes a Bearer token or an API key, not a browser's session.")
		}
		allowed = c.Role.Allows(u.Role)
	case Named:
		if c.Via != "api_key" || !slices.Contains(c.Scopes, u.Scope) {
			return fault.New(fault.Forbidden, "This address takes an API key that was made with the scope %s.", u.Scope).
				WithHint("resync user key NAME --scope %s", u.Scope)
		}
		allowed = c.Role.Allows(u.Role)
	}
	if !allowed {
		return fault.New(fault.Forbidden, "Your role may not do this.")
	}
	if !c.HasScope(u.Scope) {
		return noScope(c, u.Scope)
	}
	return nil
}

// noScope says which scope is missing, and whose: that of who came, or that of the program which speaks for them.
func noScope(c auth.Caller, scope string) error {
	err := fault.Wrap(fault.Forbidden, ErrScope, "This key or token was not made for this.")
	switch {
	case scope == "":
		return err
	case scope == auth.ScopeRead && c.ProgramLacks(scope):
		return fault.Wrap(fault.Forbidden, ErrScope, "The key of the program that speaks for you was not made for this.").
			WithHint("It needs the scope %s too: resync user key NAME --scope mcp --scope %s --scope delegate, at the tool server.", scope, scope)
	}
	return err.WithHint("It needs the scope %s.", scope)
}
