// Package auth knows who is asking: callers and their roles, passwords, login sessions, tokens and API keys.
// A caller travels in the context; rooms below ask for it with CallerFrom and never see a credential.
//
// Service does the work over internal/store. It keeps no credential, only hashes; it tells nobody why a log-in was refused; it
// knows no HTTP. It is safe for concurrent use. Start at New and EnsureAdmin for a server, at Bearer and SessionCaller for a request.
package auth

import (
	"context"
	"slices"
)

// Role is what a caller may do. Each role may do all that the ones before it may.
type Role string

// The roles (DESIGN.md 6): viewers look, operators ask and acknowledge, admins manage users and keys.
const (
	Viewer   Role = "viewer"
	Operator Role = "operator"
	Admin    Role = "admin"
)

// Allows reports whether r includes the rights of want. An unknown role allows nothing.
func (r Role) Allows(want Role) bool {
	rank := map[Role]int{Viewer: 1, Operator: 2, Admin: 3}
	return rank[r] > 0 && rank[r] >= rank[want]
}

// Caller is the person or program behind a request.
type Caller struct {
	ID     string   // stable id: user id, or "local" for the person at this machine's terminal
	Name   string   // of the person who answers for what is done, shown in audit and conversations
	Role   Role     // never empty for an authenticated caller
	Via    string   // "session", "token", "api_key", "oidc", "delegated", "local"
	Scopes []string // of an API key or another issuer's token; see HasScope, MayToolset and MayEngine
	// Foreign says that another issuer made the token, so that what it does not name is not allowed.
	Foreign bool
	// By is the id of the program that speaks for this person; empty when they came themselves.
	By string

	byScopes []string // of that program
}

// ProgramLacks reports whether it is the program that speaks for this person that was not given the scope, whatever the person may.
func (c Caller) ProgramLacks(scope string) bool {
	return c.By != "" && !slices.Contains(c.byScopes, scope)
}

type callerKey struct{}

// WithCaller returns a context that carries c.
func WithCaller(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

// CallerFrom gives the caller of the context, and false when nobody is known.
func CallerFrom(ctx context.Context) (Caller, bool) {
	c, ok := ctx.Value(callerKey{}).(Caller)
	return c, ok
}

// Local is the caller for commands at the terminal and for MCP over stdio: whoever may start the
// program and read its configuration.
func Local() Caller { return Caller{ID: "local", Name: "local", Role: Operator, Via: "local"} }

// WithoutCaller returns a context for the program's own work, which is done for nobody in particular.
func WithoutCaller(ctx context.Context) context.Context {
	return context.WithValue(ctx, callerKey{}, nil)
}
