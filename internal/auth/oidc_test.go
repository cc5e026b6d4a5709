package auth_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/auth/issuertest"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/secret"
	"github.com/resync-hwa/resync/internal/store/storetest"
)

const audience = "https://resync.example.com/mcp"

// foreign is a provider and what makes callers of its tokens.
type foreign struct {
	*auth.OIDC
	issuer *issuertest.Issuer
	clock  *clock
}

func newForeign(t *testing.T, change func(*auth.OIDCOptions)) *foreign {
	t.Helper()
	f := &foreign{issuer: issuertest.New(t), clock: &clock{t: time.Date(2026, 3, 1, 3, 0, 0, 0, time.UTC)}}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	o := auth.OIDCOptions{Issuer: f.issuer.URL, Audience: audience, RoleClaim: "roles", Now: f.clock.now, Transport: transport}
	if change != nil {
		change(&o)
	}
	var err error
	if f.OIDC, err = auth.NewOIDC(o); err != nil {
		t.Fatal(err)
	}
	return f
}

// claims are good ones with some over them; nil takes one away.
func (f *foreign) claims(with map[string]any) map[string]any {
	now := f.clock.now()
	all := map[string]any{"sub": "u-1", "aud": audience, "iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(), "preferred_username": "ana", "scope": "openid mcp:plan"}
	maps.Copy(all, with)
	for name, v := range all {
		if v == nil {
			delete(all, name)
		}
	}
	return all
}

func (f *foreign) token(t *testing.T, with map[string]any) string {
	t.Helper()
	return f.issuer.Token(t, f.claims(with), nil)
}

func TestTokensOfAProvider(t *testing.T) {
	f := newForeign(t, func(o *auth.OIDCOptions) {
		o.Roles = map[string]auth.Role{"tws-ops": auth.Operator, "tws-admins": auth.Admin}
		o.RoleClaim = "realm_access.roles"
	})
	roles := func(names ...string) map[string]any {
		return map[string]any{"realm_access": map[string]any{"roles": names}}
	}
	for _, tc := range []struct {
		name   string
		claims map[string]any
		want   auth.Caller
	}{
		{"a person", nil, auth.Caller{Name: "ana", Role: auth.Viewer, Scopes: []string{"mcp:plan"}}},
		{"with a role", roles("other", "tws-ops"), auth.Caller{Name: "ana", Role: auth.Operator, Scopes: []string{"mcp:plan"}}},
		{"the highest role", roles("tws-admins", "tws-ops"), auth.Caller{Name: "ana", Role: auth.Admin, Scopes: []string{"mcp:plan"}}},
		{"roles' own names count only when nothing else was said", roles("admin"), auth.Caller{Name: "ana", Role: auth.Viewer, Scopes: []string{"mcp:plan"}}},
		{"scp as a list", map[string]any{"scope": nil, "scp": []string{"mcp", "engine:PROD", "profile"}}, auth.Caller{Name: "ana", Role: auth.Viewer, Scopes: []string{"mcp", "engine:PROD"}}},
		{"scp as a text", map[string]any{"scope": nil, "scp": "mcp delegate"}, auth.Caller{Name: "ana", Role: auth.Viewer, Scopes: []string{"mcp", "delegate"}}},
		{"no scopes of ours", map[string]any{"scope": "openid"}, auth.Caller{Name: "ana", Role: auth.Viewer}},
		{"a program", map[string]any{"preferred_username": nil, "client_id": "edge"}, auth.Caller{Name: "edge", Role: auth.Viewer, Scopes: []string{"mcp:plan"}}},
		{"no name at all", map[string]any{"preferred_username": nil}, auth.Caller{Name: "u-1", Role: auth.Viewer, Scopes: []string{"mcp:plan"}}},
		{"a name with a line in it", map[string]any{"preferred_username": "ana\nlevel=ERROR\x1b[2J"}, auth.Caller{Name: "ana level=ERROR", Role: auth.Viewer, Scopes: []string{"mcp:plan"}}},
		{"several audiences", map[string]any{"aud": []string{"other", audience}}, auth.Caller{Name: "ana", Role: auth.Viewer, Scopes: []string{"mcp:plan"}}},
		{"claims of the wrong form", map[string]any{"scope": 7, "realm_access": "x", "preferred_username": []int{1}, "name": "Ana"}, auth.Caller{Name: "Ana", Role: auth.Viewer}},
	} {
		got, err := f.Caller(t.Context(), f.token(t, tc.claims))
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		if !strings.HasPrefix(got.ID, "oidc:") || len(got.ID) != len("oidc:")+32 || !got.Foreign || got.Via != "oidc" {
			t.Errorf("%s: %+v", tc.name, got)
		}
		if got.Name != tc.want.Name || got.Role != tc.want.Role || strings.Join(got.Scopes, " ") != strings.Join(tc.want.Scopes, " ") {
			t.Errorf("%s: %+v, want %+v", tc.name, got, tc.want)
		}
	}
	a, _ := f.Caller(t.Context(), f.token(t, nil))
	b, _ := f.Caller(t.Context(), f.token(t, map[string]any{"preferred_username": "renamed"}))
	c, _ := f.Caller(t.Context(), f.token(t, map[string]any{"sub": "u-2"}))
	if a.ID != b.ID || a.ID == c.ID {
		t.Errorf("ids %s, %s, %s: one per person, whatever they are called", a.ID, b.ID, c.ID)
	}
	if discoveries, keys := f.issuer.Asked(); discoveries != 1 || keys != 1 {
		t.Errorf("the provider was asked %d and %d times", discoveries, keys)
	}
}

func TestTokensThatDoNotCount(t *testing.T) {
	f := newForeign(t, nil)
	now := f.clock.now()
	good := f.token(t, nil)
	if _, err := f.Caller(t.Context(), good); err != nil {
		t.Fatal(err)
	}
	part := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(b)
	}
	public, err := x509.MarshalPKIXPublicKey(f.issuer.PublicKey())
	if err != nil {
		t.Fatal(err)
	}
	confused := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims(f.claims(map[string]any{"iss": f.issuer.URL})))
	confused.Header["kid"] = "one"
	withPublicKey, err := confused.SignedString(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}))
	if err != nil {
		t.Fatal(err)
	}
	stranger := issuertest.New(t)
	stranger.Rotate(t, "one", jwt.SigningMethodES256)
	parts := strings.Split(good, ".")
	for name, token := range map[string]string{
		"another audience":        f.token(t, map[string]any{"aud": "https://elsewhere.example.com/mcp"}),
		"no audience":             f.token(t, map[string]any{"aud": nil}),
		"audience with a slash":   f.token(t, map[string]any{"aud": audience + "/"}),
		"another issuer":          f.token(t, map[string]any{"iss": "https://evil.example.com"}),
		"expired":                 f.token(t, map[string]any{"exp": now.Add(-time.Second).Unix()}),
		"no end":                  f.token(t, map[string]any{"exp": nil}),
		"not yet":                 f.token(t, map[string]any{"nbf": now.Add(2 * time.Minute).Unix()}),
		"from the future":         f.token(t, map[string]any{"iat": now.Add(2 * time.Minute).Unix()}),
		"nobody":                  f.token(t, map[string]any{"sub": nil}),
		"an ID token":             f.token(t, map[string]any{"typ": "ID"}),
		"an ID token of Cognito":  f.token(t, map[string]any{"token_use": "id"}),
		"a refresh token":         f.token(t, map[string]any{"typ": "Refresh"}),
		"a logout token":          f.token(t, map[string]any{"events": map[string]any{"http://schemas.openid.net/event/backchannel-logout": map[string]any{}}}),
		"typed as something else": f.issuer.Token(t, f.claims(nil), map[string]any{"typ": "logout+jwt"}),
		"type is no text":         f.issuer.Token(t, f.claims(nil), map[string]any{"typ": 7}),
		"unknown key":             f.issuer.Token(t, f.claims(nil), map[string]any{"kid": "two"}),
		"critical header":         f.issuer.Token(t, f.claims(nil), map[string]any{"crit": []string{"exp"}}),
		"alg none":                part(map[string]any{"alg": "none", "typ": "JWT"}) + "." + parts[1] + ".",
		"alg none, signed":        part(map[string]any{"alg": "none", "kid": "one"}) + "." + parts[1] + "." + parts[2],
		"public key as HS256":     withPublicKey,
		"a stranger's key":        stranger.Token(t, f.claims(map[string]any{"iss": f.issuer.URL}), nil),
		"signature changed":       good[:len(good)-6] + "AAAAAA",
		"claims changed":          parts[0] + "." + part(f.claims(map[string]any{"iss": f.issuer.URL, "sub": "u-2"})) + "." + parts[2],
		"no signature":            parts[0] + "." + parts[1] + ".",
		"too long":                f.token(t, map[string]any{"fill": strings.Repeat("x", 16<<10)}),
		"not a token":             "x.y.z",
		"nothing":                 "",
	} {
		c, err := f.Caller(t.Context(), token)
		if fault.CodeOf(err) != fault.Unauthorized {
			t.Errorf("%s: %+v, %v", name, c, err)
		}
	}
}

func TestEveryAsymmetricAlgorithm(t *testing.T) {
	for _, method := range []jwt.SigningMethod{jwt.SigningMethodRS256, jwt.SigningMethodRS512, jwt.SigningMethodPS256, jwt.SigningMethodES256, jwt.SigningMethodES384, jwt.SigningMethodES512, jwt.SigningMethodEdDSA} {
		f := newForeign(t, nil)
		f.issuer.Rotate(t, "k", method)
		if _, err := f.Caller(t.Context(), f.token(t, nil)); err != nil {
			t.Errorf("%s: %v", method.Alg(), err)
		}
	}
}

func TestKeysAreExchanged(t *testing.T) {
	for name, unnamed := range map[string]bool{"named keys": false, "keys without names": true} {
		t.Run(name, func(t *testing.T) {
			f := newForeign(t, nil)
			token := func() string {
				if unnamed {
					f.issuer.Unnamed()
					return f.issuer.Token(t, f.claims(nil), map[string]any{"kid": nil})
				}
				return f.token(t, nil)
			}
			before := token()
			if _, err := f.Caller(t.Context(), before); err != nil {
				t.Fatal(err)
			}
			f.issuer.Rotate(t, "two", jwt.SigningMethodES256)
			f.clock.advance(31 * time.Second)
			if _, err := f.Caller(t.Context(), token()); err != nil {
				t.Errorf("a token of the new key: %v", err)
			}
			if _, err := f.Caller(t.Context(), before); fault.CodeOf(err) != fault.Unauthorized {
				t.Errorf("a token of the key that is gone: %v", err)
			}
		})
	}
}

func TestKeysAreLookedAtAgainEachHour(t *testing.T) {
	f := newForeign(t, nil)
	first := f.token(t, map[string]any{"exp": f.clock.now().Add(3 * time.Hour).Unix()})
	if _, err := f.Caller(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	f.issuer.Rotate(t, "two", jwt.SigningMethodES256) // the old one was withdrawn
	f.clock.advance(61 * time.Minute)
	if _, err := f.Caller(t.Context(), first); fault.CodeOf(err) != fault.Unauthorized {
		t.Errorf("a key that was withdrawn an hour ago still counts: %v", err)
	}
}

// Strangers can send any number of key names; the provider hears of it once per half minute.
func TestUnknownKeysCostNothing(t *testing.T) {
	f := newForeign(t, nil)
	if _, err := f.Caller(t.Context(), f.token(t, nil)); err != nil {
		t.Fatal(err)
	}
	for minute := range 3 {
		f.clock.advance(31 * time.Second)
		var wg sync.WaitGroup
		for n := range 20 {
			token := f.issuer.Token(t, f.claims(nil), map[string]any{"kid": fmt.Sprint("k", minute, n)})
			wg.Go(func() {
				for range 5 {
					if _, err := f.Caller(t.Context(), token); fault.CodeOf(err) != fault.Unauthorized {
						t.Errorf("%v", err)
					}
				}
			})
		}
		wg.Wait()
	}
	if _, keys := f.issuer.Asked(); keys != 4 {
		t.Errorf("300 tokens of unknown keys in three half minutes: the provider was asked %d times, want 4", keys)
	}
	if _, err := f.Caller(t.Context(), f.token(t, nil)); err != nil {
		t.Errorf("after it: %v", err)
	}
}

func TestAProviderThatFails(t *testing.T) {
	key := `{"kty":"RSA","n":"` + strings.Repeat("A", 300) + `","e":"AQAB","kid":"`
	many := []byte(`{"keys":[`)
	for n := range 101 {
		many = append(many, key+fmt.Sprint(n)+`"},`...)
	}
	many = append(bytes.TrimSuffix(many, []byte(",")), `]}`...)
	for name, fail := range map[string]func(*foreign){
		"status 500":     func(f *foreign) { f.issuer.Answer(500) },
		"status 404":     func(f *foreign) { f.issuer.Answer(404) },
		"another name":   func(f *foreign) { f.issuer.Call("https://evil.example.com") },
		"huge answer":    func(f *foreign) { f.issuer.Publish(append(bytes.Repeat([]byte(" "), 2<<20), `{"keys":[]}`...)) },
		"too many keys":  func(f *foreign) { f.issuer.Publish(many) },
		"no keys":        func(f *foreign) { f.issuer.Publish([]byte(`{"keys":[]}`)) },
		"keys elsewhere": func(f *foreign) { f.issuer.Redirect("http://127.0.0.1:1/keys") },
		"shared keys only": func(f *foreign) {
			f.issuer.Publish([]byte(`{"keys":[{"kty":"oct","k":"c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0","kid":"one"}]}`))
		},
		"no JSON":    func(f *foreign) { f.issuer.Publish([]byte(`<html>`)) },
		"too slow":   func(f *foreign) { f.issuer.Hang() },
		"not JSON 1": func(f *foreign) { f.issuer.Publish([]byte(`{"keys":7}`)) },
	} {
		t.Run(name, func(t *testing.T) {
			f := newForeign(t, func(o *auth.OIDCOptions) { o.Timeout = 300 * time.Millisecond })
			fail(f)
			for range 3 {
				_, err := f.Caller(t.Context(), f.token(t, nil))
				if fault.CodeOf(err) != fault.UpstreamUnavailable {
					t.Fatalf("%v: nothing can be said about the token", err)
				}
				if public := fault.Public(err); strings.Contains(public.Message+public.Hint, "secret") || strings.Contains(public.Message, f.issuer.URL) {
					t.Errorf("shown: %s %s", public.Message, public.Hint)
				}
			}
			if discoveries, keys := f.issuer.Asked(); discoveries+keys > 2 {
				t.Errorf("a provider that fails was asked %d and %d times at once", discoveries, keys)
			}
			f.issuer.Release()
			f.issuer.Answer(0)
			f.issuer.Call("")
			f.issuer.Publish(nil)
			f.issuer.Redirect("")
			f.clock.advance(6 * time.Second)
			if _, err := f.Caller(t.Context(), f.token(t, nil)); err != nil {
				t.Errorf("it works again, and tokens do not: %v", err)
			}
		})
	}
}

// Who has a key that is known gets in while the provider is away, for a day.
func TestAProviderThatWentAway(t *testing.T) {
	f := newForeign(t, nil)
	token := f.token(t, map[string]any{"exp": f.clock.now().Add(48 * time.Hour).Unix()})
	if _, err := f.Caller(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	f.issuer.Answer(503)
	f.clock.advance(23 * time.Hour)
	if _, err := f.Caller(t.Context(), token); err != nil {
		t.Errorf("after 23 hours: %v", err)
	}
	f.issuer.Rotate(t, "two", jwt.SigningMethodES256)
	if _, err := f.Caller(t.Context(), f.token(t, nil)); fault.CodeOf(err) != fault.UpstreamUnavailable {
		t.Errorf("a key that nobody can look up: %v", err)
	}
	f.clock.advance(2 * time.Hour)
	if _, err := f.Caller(t.Context(), token); fault.CodeOf(err) != fault.UpstreamUnavailable {
		t.Errorf("after 25 hours: %v", err)
	}
}

func TestWhoeverLeavesDoesNotWait(t *testing.T) {
	f := newForeign(t, func(o *auth.OIDCOptions) { o.Timeout = 20 * time.Second })
	f.issuer.Hang()
	ctx, cancel := context.WithCancel(t.Context())
	left := make(chan error, 1)
	token := f.token(t, nil)
	go func() { _, err := f.Caller(ctx, token); left <- err }()
	cancel()
	if err := <-left; err == nil {
		t.Error("the provider hangs, and the token counts")
	}
	f.issuer.Release()
	if _, err := f.Caller(t.Context(), token); err != nil {
		t.Errorf("the next caller: %v", err)
	}
}

func TestOIDCOptions(t *testing.T) {
	for name, o := range map[string]auth.OIDCOptions{
		"no issuer":       {Audience: audience},
		"http":            {Issuer: "http://idp.example.com", Audience: audience},
		"no address":      {Issuer: "idp.example.com", Audience: audience},
		"with a password": {Issuer: "https://a:b@idp.example.com", Audience: audience},
		"with a query":    {Issuer: "https://idp.example.com?x=1", Audience: audience},
		"no audience":     {Issuer: "https://idp.example.com"},
		"unknown role":    {Issuer: "https://idp.example.com", Audience: audience, Roles: map[string]auth.Role{"x": "root"}},
	} {
		if _, err := auth.NewOIDC(o); err == nil || strings.Contains(err.Error(), "a:b") {
			t.Errorf("%s: %v", name, err)
		}
	}
	got, err := auth.ParseRoles([]string{"cn=ops,dc=x=operator", "boss=admin"})
	if err != nil || got["cn=ops,dc=x"] != auth.Operator || got["boss"] != auth.Admin {
		t.Errorf("%v %v", got, err)
	}
	for _, bad := range []string{"ops", "=admin", "ops=root", "ops="} {
		if _, err := auth.ParseRoles([]string{bad}); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

// One door for keys, our own tokens and the provider's.
func TestBearerPicksByIssuer(t *testing.T) {
	f := newForeign(t, nil)
	db := storetest.SQLite.Open(t, auth.Room())
	s, err := auth.New(auth.Options{DB: db, Key: secret.New(testKey), Now: f.clock.now, OIDC: f.OIDC})
	if err != nil {
		t.Fatal(err)
	}
	b := &bundle{s, f.clock, db}
	u := b.user(t, "ann", auth.Operator)
	tokens, err := s.IssueTokens(t.Context(), u)
	if err != nil {
		t.Fatal(err)
	}
	key, _, err := s.CreateAPIKey(t.Context(), auth.NewAPIKey{UserID: u.ID, Name: "k", Role: auth.Viewer})
	if err != nil {
		t.Fatal(err)
	}
	for via, token := range map[string]string{"token": tokens.Access.Reveal(), "api_key": key.Reveal(), "oidc": f.token(t, nil)} {
		if c, err := s.Bearer(t.Context(), token); err != nil || c.Via != via {
			t.Errorf("%s: %+v %v", via, c, err)
		}
	}
	f.issuer.Answer(500)
	f.clock.advance(2 * time.Minute)
	if _, err := s.Bearer(t.Context(), key.Reveal()); err != nil {
		t.Errorf("a key while the provider is away: %v", err)
	}
	if _, err := s.Bearer(t.Context(), f.issuer.Token(t, f.claims(map[string]any{"iss": "https://evil.example.com"}), nil)); fault.CodeOf(err) != fault.Unauthorized {
		t.Errorf("a token of nobody's: %v", err)
	}
	// A provider cannot make tokens in our name.
	if _, err := s.Bearer(t.Context(), f.issuer.Token(t, f.claims(map[string]any{"iss": "resync", "aud": "resync-api", "typ": "access", "fam": "x", "jti": "y"}), nil)); fault.CodeOf(err) != fault.Unauthorized {
		t.Errorf("a token in our name: %v", err)
	}
}
