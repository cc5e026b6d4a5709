package auth

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/golang-jwt/jwt/v5"

	"github.com/resync-hwa/resync/internal/fault"
)

// MetaCaller is the key in a message's _meta under which a program says for whom it speaks.
const MetaCaller = "io.resync/caller"

// HeaderCaller is the header under which a program says the same in a request for data over REST.
const HeaderCaller = "X-Resync-Caller"

// The fixed words of a signed caller. It is good for one minute, which two clocks may disagree by.
const (
	speechAudience = "resync-tools"
	speechType     = "caller"
	speechTTL      = time.Minute
	maxSpeech      = 8 << 10
	maxSubject     = 128 // bytes; it goes into ids, logs and the audit
)

// speech is what a program says of the person it speaks for.
type speech struct {
	jwt.RegisteredClaims
	Type   string   `json:"typ"`
	Name   string   `json:"name"`
	Role   Role     `json:"role"`
	Scopes []string `json:"scopes"` // all that this person may over MCP and read over REST; what is not named is not allowed
}

// MayDelegate reports whether the caller may speak for others. No role includes it: the scope must be named.
func (c Caller) MayDelegate() bool {
	return c.Via != "delegated" && slices.Contains(c.Scopes, ScopeDelegate)
}

// SignCaller makes the text that tells a tool server for whom a program speaks, signed with a key that comes from the program's own bearer token. Both
// sides have that token already, so there is no further secret to keep, and the text is worth nothing without it: whoever could use it again
// could also make one.
func SignCaller(token string, c Caller, now time.Time) (string, error) {
	if token == "" || c.ID == "" || !c.Role.Allows(Viewer) {
		return "", errors.New("auth: a caller is signed with a token, an id and a role")
	}
	key, err := speechKey(token)
	if err != nil {
		return "", err
	}
	s := speech{
		RegisteredClaims: jwt.RegisteredClaims{Subject: c.ID, Audience: jwt.ClaimStrings{speechAudience}, ID: rand.Text(),
			IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(speechTTL))},
		Type: speechType, Name: c.Name, Role: c.Role, Scopes: c.elsewhere(),
	}
	text, err := jwt.NewWithClaims(jwt.SigningMethodHS256, s).SignedString(key)
	if err != nil {
		return "", fmt.Errorf("auth: sign caller: %w", err)
	}
	return text, nil
}

// elsewhere is what the caller may over MCP and read over REST, written out. Whoever may ask may use every tool, since the agent does so for them.
func (c Caller) elsewhere() []string {
	out := []string{}
	if c.HasScope(ScopeRead) {
		out = append(out, ScopeRead)
	}
	all := c.HasScope(ScopeAsk)
	if all {
		out = append(out, ScopeMCP)
	}
	for _, s := range c.Scopes {
		if strings.HasPrefix(s, scopeEngine) || !all && (s == ScopeMCP || strings.HasPrefix(s, scopeToolset)) {
			out = append(out, s)
		}
	}
	return out
}

// Delegated gives the person for whom a program speaks: with the lesser role, what both may, and the engines of both. token is the bearer token that the program's
// request came with. Codes: forbidden, when the program may not speak for others or the two have nothing in common; unauthorized, when the text
// was not made with this token or is too old.
func Delegated(program Caller, token, text string, now time.Time) (Caller, error) {
	if !program.MayDelegate() {
		return Caller{}, fault.New(fault.Forbidden, "This token may not speak for other people.").
			WithHint("A key that may is made with: resync user key NAME --scope mcp --scope read --scope delegate")
	}
	s, err := parseSpeech(token, text, now)
	if err != nil {
		return Caller{}, fault.Wrap(fault.Unauthorized, err, "What the program says about its caller is not signed with its token, is older than a minute, or names nobody.").
			WithHint("Compare the clocks of the two machines.")
	}
	out := Caller{ID: program.ID + "/" + s.Subject, Name: foreignName(s.Name, s.Subject), Role: s.Role, Via: "delegated", Foreign: true, By: program.ID, byScopes: program.Scopes}
	if !program.Role.Allows(out.Role) {
		out.Role = program.Role
	}
	engines, ok := commonEngines(program.Scopes, s.Scopes)
	if !ok {
		return Caller{}, fault.New(fault.Forbidden, "The program may read none of the engines that this person may read.")
	}
	person := Caller{Scopes: s.Scopes, Foreign: true}
	for _, scope := range slices.Concat(program.functions(), person.functions()) {
		if overBoth(scope, program, person) && !slices.Contains(out.Scopes, scope) {
			out.Scopes = append(out.Scopes, scope)
		}
	}
	out.Scopes = append(out.Scopes, engines...)
	return out, nil
}

func parseSpeech(token, text string, now time.Time) (speech, error) {
	var s speech
	if len(text) > maxSpeech {
		return s, errors.New("too long")
	}
	key, err := speechKey(token)
	if err != nil {
		return s, err
	}
	_, err = jwt.ParseWithClaims(text, &s, func(*jwt.Token) (any, error) { return key, nil }, jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
		jwt.WithAudience(speechAudience), jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithLeeway(speechTTL/2), jwt.WithTimeFunc(func() time.Time { return now }))
	switch {
	case err != nil:
		return s, err
	case s.Type != speechType, s.Subject == "", s.ID == "", s.IssuedAt == nil, !s.Role.Allows(Viewer):
		return s, errors.New("claims are missing")
	case len(s.Subject) > maxSubject || strings.ContainsFunc(s.Subject, func(r rune) bool { return !unicode.IsPrint(r) }):
		return s, errors.New("the id is too long, or not all of it can be seen")
	case s.ExpiresAt.Sub(s.IssuedAt.Time) > speechTTL:
		return s, errors.New("good for too long")
	}
	return s, nil
}

// overBoth reports whether a scope opens something over MCP, or data over REST, that both may use.
func overBoth(scope string, a, b Caller) bool {
	if scope == ScopeMCP || scope == ScopeRead {
		return slices.Contains(a.Scopes, scope) && slices.Contains(b.Scopes, scope)
	}
	set, ok := strings.CutPrefix(scope, scopeToolset)
	return ok && a.MayToolset(set) && b.MayToolset(set)
}

// commonEngines gives the scopes of the engines that both lists allow, where a list without engines allows all; false when both name some and share none.
func commonEngines(a, b []string) ([]string, bool) {
	isEngine := func(s string) bool { return strings.HasPrefix(s, scopeEngine) }
	switch {
	case !slices.ContainsFunc(a, isEngine):
		a, b = b, a
	case slices.ContainsFunc(b, isEngine):
		a = slices.DeleteFunc(slices.Clone(a), func(s string) bool { return !slices.Contains(b, s) })
		engines := slices.DeleteFunc(a, func(s string) bool { return !isEngine(s) })
		return engines, len(engines) > 0
	}
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return !isEngine(s) }), true
}

// speechKey is the key of what a program with this token says.
func speechKey(token string) ([]byte, error) {
	key, err := hkdf.Key(sha256.New, []byte(token), nil, "resync/caller/v1", sha256.Size)
	if err != nil {
		return nil, fmt.Errorf("auth: derive key: %w", err)
	}
	return key, nil
}
