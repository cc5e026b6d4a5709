package auth

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/golang-jwt/jwt/v5"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/loopback"
	"github.com/resync-hwa/resync/internal/untrusted"
)

// OIDCOptions say whose tokens count besides our own.
type OIDCOptions struct {
	// Issuer is the provider's address, as its tokens name it. https, or http on loopback.
	Issuer string
	// Audience must be among a token's audiences: the address under which this server is a resource.
	Audience string
	// RoleClaim names the claim that holds the caller's roles or groups; dots lead into objects. Empty: everybody is a viewer.
	RoleClaim string
	// Roles says which role a value of that claim means; nil means the roles' own names. The highest one counts, and viewer when none does.
	Roles map[string]Role
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Transport carries discovery and keys; nil means http.DefaultTransport.
	Transport http.RoundTripper
	// Timeout bounds one look at the provider, discovery and keys together; 0 means 5 s.
	Timeout time.Duration
}

// OIDC gives the callers behind the access tokens of one OpenID provider. It asks the provider for its keys when a token needs them, never more
// often than every 30 s, and keeps them: tokens work on for a day when the provider is away. Safe for concurrent use.
type OIDC struct {
	o    OIDCOptions
	keys *issuerKeys
}

// algorithms are the signatures that count. Those with a shared key are not among them: a public key must not become one.
var algorithms = []string{oidc.RS256, oidc.RS384, oidc.RS512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.EdDSA}

const (
	maxForeignToken = 16 << 10 // bytes; more than any header that a server accepts
	maxForeignName  = 100      // runes
	earliness       = time.Minute
)

// NewOIDC checks the options; it asks the provider for nothing yet, so a provider that is away keeps no server from starting.
func NewOIDC(o OIDCOptions) (*OIDC, error) {
	if err := checkIssuer(o.Issuer); err != nil {
		return nil, err
	}
	if o.Audience == "" {
		return nil, errors.New("auth: the audience of the provider's tokens is not given")
	}
	for value, role := range o.Roles {
		if value == "" || !role.Allows(Viewer) {
			return nil, fmt.Errorf("auth: %q is not one of the roles viewer, operator and admin", role)
		}
	}
	if o.Roles == nil {
		o.Roles = map[string]Role{string(Viewer): Viewer, string(Operator): Operator, string(Admin): Admin}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Transport == nil {
		o.Transport = http.DefaultTransport
	}
	return &OIDC{o: o, keys: newIssuerKeys(o)}, nil
}

// checkIssuer refuses addresses over which keys could be exchanged by others.
func checkIssuer(issuer string) error {
	u, err := url.Parse(issuer)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || (u.Scheme != "https" && u.Scheme != "http") {
		return errors.New("auth: the issuer must be an https address without a user, a query or a fragment")
	}
	if u.Scheme == "http" && !loopback.Host(u.Hostname()) {
		return errors.New("auth: the issuer must be an https address; http is for one on this machine")
	}
	return nil
}

// Issuer is the provider's address, as its tokens name it.
func (p *OIDC) Issuer() string { return p.o.Issuer }

// Caller gives the caller of a token. Codes: unauthorized, when the token does not count; upstream_unavailable, when the provider's keys cannot be
// had and nothing can be said about it.
func (p *OIDC) Caller(ctx context.Context, token string) (Caller, error) {
	if len(token) > maxForeignToken {
		return Caller{}, denied()
	}
	head, _, err := jwt.NewParser().ParseUnverified(token, jwt.MapClaims{})
	if err != nil || !slices.Contains(algorithms, head.Method.Alg()) || !accessType(head.Header["typ"]) {
		return Caller{}, denied()
	}
	kid, _ := head.Header["kid"].(string)
	keys, err := p.keys.forToken(ctx, kid)
	if err != nil {
		return Caller{}, err
	}
	id, err := p.verify(ctx, token, keys)
	if err != nil && kid == "" { // keys without names may have been exchanged
		if keys, err = p.keys.refreshed(ctx); err != nil {
			return Caller{}, err
		}
		id, err = p.verify(ctx, token, keys)
	}
	if err != nil {
		return Caller{}, denied()
	}
	return p.caller(id)
}

// accessType tells access tokens from what else providers sign, as far as the header says it.
func accessType(typ any) bool {
	s, ok := typ.(string)
	if typ != nil && !ok {
		return false
	}
	s = strings.TrimPrefix(strings.ToLower(s), "application/")
	return s == "" || s == "jwt" || s == "at+jwt"
}

func (p *OIDC) verify(ctx context.Context, token string, keys keySet) (*oidc.IDToken, error) {
	v := oidc.NewVerifier(p.o.Issuer, keys, &oidc.Config{ClientID: p.o.Audience, SupportedSigningAlgs: algorithms, Now: p.o.Now})
	return v.Verify(ctx, token)
}

// claimsOf are the claims that providers spell alike.
type claimsOf struct {
	NotBefore int64  `json:"nbf"`
	Type      string `json:"typ"`       // Keycloak: Bearer, ID, Refresh, Logout
	Use       string `json:"token_use"` // Cognito: access, id
	Username  string `json:"preferred_username"`
	Name      string `json:"name"`
	Email     string `json:"email"`
	ClientID  string `json:"client_id"`
	Party     string `json:"azp"`
	Events    any    `json:"events"` // of logout tokens only
}

func (p *OIDC) caller(id *oidc.IDToken) (Caller, error) {
	all := map[string]json.RawMessage{}
	if id.Subject == "" || id.Claims(&all) != nil {
		return Caller{}, denied()
	}
	var c claimsOf
	for name, into := range map[string]any{"nbf": &c.NotBefore, "typ": &c.Type, "token_use": &c.Use, "preferred_username": &c.Username, "name": &c.Name,
		"email": &c.Email, "client_id": &c.ClientID, "azp": &c.Party, "events": &c.Events} {
		_ = json.Unmarshal(all[name], into) // a claim of another form says nothing
	}
	switch {
	case c.Events != nil, c.Use != "" && c.Use != "access":
		return Caller{}, denied()
	case c.Type != "" && !strings.EqualFold(c.Type, "Bearer") && !accessType(c.Type):
		return Caller{}, denied()
	case time.Unix(c.NotBefore, 0).After(p.o.Now().Add(earliness)), id.IssuedAt.After(p.o.Now().Add(earliness)):
		return Caller{}, denied() // the library allows five minutes, and any time of issue
	}
	sum := sha256.Sum256([]byte(id.Issuer + "\x00" + id.Subject))
	return Caller{
		ID:   "oidc:" + hex.EncodeToString(sum[:16]),
		Name: foreignName(c.Username, c.Name, c.Email, c.ClientID, c.Party, id.Subject),
		Role: p.role(all), Via: "oidc", Scopes: scopesOf(all), Foreign: true,
	}, nil
}

// foreignName is the first name that there is, fit for a line of the audit.
func foreignName(names ...string) string {
	for _, name := range names {
		name = strings.Join(strings.Fields(untrusted.Clean(name)), " ")
		if r := []rune(name); len(r) > maxForeignName {
			name = string(r[:maxForeignName])
		}
		if name != "" {
			return name
		}
	}
	return "unnamed"
}

// role is the highest one that a value of the claim means.
func (p *OIDC) role(all map[string]json.RawMessage) Role {
	best := Viewer
	for _, value := range texts(claimAt(all, p.o.RoleClaim)) {
		if r, ok := p.o.Roles[value]; ok && r.Allows(best) {
			best = r
		}
	}
	return best
}

// claimAt finds a claim by its name, or else by the path that the dots in it make.
func claimAt(all map[string]json.RawMessage, name string) json.RawMessage {
	if raw, ok := all[name]; ok || name == "" {
		return raw
	}
	first, rest, ok := strings.Cut(name, ".")
	if !ok {
		return nil
	}
	var inner map[string]json.RawMessage
	if json.Unmarshal(all[first], &inner) != nil {
		return nil
	}
	return claimAt(inner, rest)
}

// texts reads a claim that is a text or a list of texts.
func texts(raw json.RawMessage) []string {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		return []string{one}
	}
	var many []string
	if json.Unmarshal(raw, &many) == nil {
		return many
	}
	return nil
}

// scopesOf gives the scopes that are ours, of `scope` (words in one text, RFC 9068) or `scp` (a text or a list). Others, such as openid, mean nothing here.
func scopesOf(all map[string]json.RawMessage) []string {
	var out []string
	for _, claim := range []string{"scope", "scp"} {
		for _, text := range texts(all[claim]) {
			for _, s := range strings.Fields(text) {
				if IsScope(s) && !slices.Contains(out, s) {
					out = append(out, s)
				}
			}
		}
	}
	return out
}

// issuerOf is what a token says about its maker; nothing is proven by it.
func issuerOf(token string) string {
	if len(token) > maxForeignToken {
		return ""
	}
	var c jwt.RegisteredClaims
	if _, _, err := jwt.NewParser().ParseUnverified(token, &c); err != nil {
		return ""
	}
	return c.Issuer
}

// away is the error while nothing can be said about a provider's tokens.
func away(err error) error {
	return fault.Wrap(fault.UpstreamUnavailable, err, "The identity provider that signs the tokens cannot be asked for its keys.").
		WithHint("Try again in a minute. API keys of this server work without it.").WithSource("oidc")
}

// ParseRoles reads VALUE=ROLE pairs; none gives nil.
func ParseRoles(pairs []string) (map[string]Role, error) {
	if len(pairs) == 0 {
		return nil, nil
	}
	out := make(map[string]Role, len(pairs))
	for _, pair := range pairs {
		i := strings.LastIndex(pair, "=") // a value may have the sign in it
		if i <= 0 || !Role(pair[i+1:]).Allows(Viewer) {
			return nil, fmt.Errorf("auth: %q is not VALUE=viewer, VALUE=operator or VALUE=admin", pair)
		}
		out[strings.TrimSpace(pair[:i])] = Role(pair[i+1:])
	}
	return out, nil
}
