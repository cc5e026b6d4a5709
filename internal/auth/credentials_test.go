package auth_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/secret"
	"github.com/resync-hwa/resync/internal/store"
	"github.com/resync-hwa/resync/internal/store/storetest"
)

func (b *bundle) session(t *testing.T, u auth.User) string {
	t.Helper()
	s, err := b.StartSession(t.Context(), u)
	if err != nil {
		t.Fatal(err)
	}
	return s.Value.Reveal()
}

func TestSessionEnds(t *testing.T) {
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		alive := func(b *bundle, t *testing.T, value string) bool {
			c, err := b.SessionCaller(t.Context(), value)
			if err != nil {
				wantCode(t, err, fault.Unauthorized)
			} else if c.Via != "session" || c.Name != "ann" || c.Role != auth.Operator {
				t.Errorf("caller = %+v", c)
			}
			return err == nil
		}
		for _, tc := range []struct {
			name string
			do   func(b *bundle, t *testing.T, u auth.User, value string)
			want bool
		}{
			{"used-now-and-then", func(b *bundle, t *testing.T, _ auth.User, v string) {
				for range 11 {
					b.clock.advance(59 * time.Minute)
					if !alive(b, t, v) {
						t.Fatal("a session in use must not end before its time")
					}
				}
			}, true},
			{"idle-too-long", func(b *bundle, _ *testing.T, _ auth.User, _ string) { b.clock.advance(time.Hour) }, false},
			{"over-although-used", func(b *bundle, t *testing.T, _ auth.User, v string) {
				for range 25 {
					b.clock.advance(29 * time.Minute)
					_ = alive(b, t, v)
				}
			}, false},
			{"logged-out", func(b *bundle, t *testing.T, _ auth.User, v string) {
				if err := b.EndSession(t.Context(), v); err != nil {
					t.Fatal(err)
				}
			}, false},
			{"password-changed", func(b *bundle, t *testing.T, u auth.User, _ string) {
				if err := b.SetPassword(t.Context(), u.ID, secret.New("another password")); err != nil {
					t.Fatal(err)
				}
			}, false},
			{"disabled", func(b *bundle, t *testing.T, u auth.User, _ string) {
				if err := b.Disable(t.Context(), u.ID); err != nil {
					t.Fatal(err)
				}
			}, false},
			{"another-logs-out", func(b *bundle, t *testing.T, u auth.User, _ string) {
				if err := b.EndSession(t.Context(), b.session(t, u)); err != nil {
					t.Fatal(err)
				}
			}, true},
		} {
			t.Run(tc.name, func(t *testing.T) {
				b := setup(t, on)
				u := b.user(t, "ann", auth.Operator)
				v := b.session(t, u)
				if !alive(b, t, v) || alive(b, t, v+"x") || alive(b, t, "") {
					t.Fatal("a fresh session must work, a foreign value must not")
				}
				tc.do(b, t, u, v)
				if got := alive(b, t, v); got != tc.want {
					t.Errorf("session works = %v, want %v", got, tc.want)
				}
			})
		}
	})
}

func TestLoginLinkWorksOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		b := setup(t, on)
		u := b.user(t, "ann", auth.Viewer)
		link, err := b.NewLoginLink(t.Context(), u.ID)
		if err != nil {
			t.Fatal(err)
		}
		var wins sync.Map
		var wg sync.WaitGroup
		for i := range 6 {
			wg.Go(func() {
				if _, err := b.UseLoginLink(t.Context(), link.Reveal()); err == nil {
					wins.Store(i, true)
				}
			})
		}
		wg.Wait()
		n := 0
		wins.Range(func(any, any) bool { n++; return true })
		if n != 1 {
			t.Errorf("the link worked %d times", n)
		}
		others := b.user(t, "ben", auth.Viewer)
		unused, err1 := b.NewLoginLink(t.Context(), u.ID)
		used, err2 := b.NewLoginLink(t.Context(), u.ID)
		bens, err3 := b.NewLoginLink(t.Context(), others.ID)
		if err := errors.Join(err1, err2, err3); err != nil {
			t.Fatal(err)
		}
		if _, err := b.UseLoginLink(t.Context(), used.Reveal()); err != nil {
			t.Fatal(err)
		}
		_, err = b.UseLoginLink(t.Context(), unused.Reveal())
		wantCode(t, err, fault.Unauthorized) // a log-in ends the links that lie about
		if _, err := b.UseLoginLink(t.Context(), bens.Reveal()); err != nil {
			t.Errorf("the link of another user: %v", err)
		}
		old, err := b.NewLoginLink(t.Context(), u.ID)
		if err != nil {
			t.Fatal(err)
		}
		b.clock.advance(10 * time.Minute)
		_, err = b.UseLoginLink(t.Context(), old.Reveal())
		wantCode(t, err, fault.Unauthorized)
		_, err = b.UseLoginLink(t.Context(), "")
		wantCode(t, err, fault.Unauthorized)
	})
}

func TestTokens(t *testing.T) {
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		b := setup(t, on)
		u := b.user(t, "ann", auth.Operator)
		first, err := b.IssueTokens(t.Context(), u)
		if err != nil {
			t.Fatal(err)
		}
		if c, err := b.Bearer(t.Context(), first.Access.Reveal()); err != nil || c.ID != u.ID || c.Via != "token" || c.Role != auth.Operator {
			t.Fatalf("caller = %+v, %v", c, err)
		}
		if err := b.SetRole(t.Context(), u.ID, auth.Viewer); err != nil {
			t.Fatal(err)
		}
		_, err = b.Bearer(t.Context(), first.Access.Reveal())
		wantCode(t, err, fault.Unauthorized) // a changed role ends what was open

		first, err = b.IssueTokens(t.Context(), u)
		if err != nil {
			t.Fatal(err)
		}
		b.clock.advance(10*time.Minute + time.Second)
		_, err = b.Bearer(t.Context(), first.Access.Reveal())
		wantCode(t, err, fault.Unauthorized)
		second, err := b.Refresh(t.Context(), first.Refresh.Reveal())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.Bearer(t.Context(), second.Access.Reveal()); err != nil {
			t.Fatal(err)
		}
		_, err = b.Refresh(t.Context(), first.Refresh.Reveal()) // stolen
		wantCode(t, err, fault.Unauthorized)
		_, err = b.Bearer(t.Context(), second.Access.Reveal())
		wantCode(t, err, fault.Unauthorized)
		_, err = b.Refresh(t.Context(), second.Refresh.Reveal())
		wantCode(t, err, fault.Unauthorized)
	})
}

func TestTokenFamilyEnds(t *testing.T) {
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		b := setup(t, on)
		u := b.user(t, "ann", auth.Operator)
		revoked, err := b.IssueTokens(t.Context(), u)
		if err != nil {
			t.Fatal(err)
		}
		kept, err := b.IssueTokens(t.Context(), u)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.RevokeToken(t.Context(), revoked.Access.Reveal()); err != nil {
			t.Fatal(err)
		}
		_, err = b.TokenCaller(t.Context(), revoked.Access.Reveal())
		wantCode(t, err, fault.Unauthorized)
		_, err = b.Refresh(t.Context(), revoked.Refresh.Reveal())
		wantCode(t, err, fault.Unauthorized)
		for range 11 { // refreshing does not prolong the family beyond twelve hours
			b.clock.advance(time.Hour)
			if kept, err = b.Refresh(t.Context(), kept.Refresh.Reveal()); err != nil {
				t.Fatal(err)
			}
		}
		b.clock.advance(time.Hour)
		_, err = b.Refresh(t.Context(), kept.Refresh.Reveal())
		wantCode(t, err, fault.Unauthorized)
	})
}

// TestForgedTokens: every token here has one thing wrong.
func TestForgedTokens(t *testing.T) {
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		b := setup(t, on)
		u := b.user(t, "ann", auth.Admin)
		good, err := b.IssueTokens(t.Context(), u)
		if err != nil {
			t.Fatal(err)
		}
		parsed, _, err := jwt.NewParser().ParseUnverified(good.Access.Reveal(), jwt.MapClaims{})
		if err != nil {
			t.Fatal(err)
		}
		claims := parsed.Claims.(jwt.MapClaims)
		for _, want := range []string{"iss", "aud", "exp", "nbf", "jti", "typ", "sub"} {
			if claims[want] == nil {
				t.Errorf("claim %s is missing", want)
			}
		}
		none, err := jwt.NewWithClaims(jwt.SigningMethodNone, claims).SignedString(jwt.UnsafeAllowNoneSignatureType)
		if err != nil {
			t.Fatal(err)
		}
		rawKey, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte(testKey))
		if err != nil {
			t.Fatal(err)
		}
		parts := strings.Split(good.Access.Reveal(), ".")
		for name, token := range map[string]string{
			"alg-none": none, "configured-key-itself": rawKey, "refresh-as-access": good.Refresh.Reveal(), "empty": "",
			"no-signature": parts[0] + "." + parts[1] + ".", "other-payload": parts[0] + "." + parts[0] + "." + parts[2], "key-prefix": "rsk_" + good.Access.Reveal(),
		} {
			if _, err := b.Bearer(t.Context(), token); fault.CodeOf(err) != fault.Unauthorized {
				t.Errorf("%s: error = %v, want unauthorized", name, err)
			}
		}
		other, err := auth.New(auth.Options{DB: b.db, Key: secret.New(strings.Repeat("another key ", 4)), Now: b.clock.now})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := other.Bearer(t.Context(), good.Access.Reveal()); fault.CodeOf(err) != fault.Unauthorized {
			t.Errorf("a token of another key: %v", err)
		}
	})
}

func TestAPIKeys(t *testing.T) {
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		b := setup(t, on)
		u := b.user(t, "ann", auth.Operator)
		value, k, err := b.CreateAPIKey(t.Context(), auth.NewAPIKey{UserID: u.ID, Name: "ide", Role: auth.Operator, Scopes: []string{auth.ScopeMCP}, TTL: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(value.Reveal(), "rsk_") || !strings.HasPrefix(value.Reveal(), k.Prefix) || len(value.Reveal()) < 40 {
			t.Errorf("key has the prefix %q", k.Prefix)
		}
		c, err := b.Bearer(t.Context(), value.Reveal())
		if err != nil || c.ID != "key:"+k.ID || c.Name != "ann" || c.Via != "api_key" || c.Role != auth.Operator || !c.HasScope(auth.ScopeMCP) || c.HasScope(auth.ScopeAsk) {
			t.Fatalf("caller = %+v, %v", c, err)
		}
		list, err := b.APIKeys(t.Context(), u.ID)
		if err != nil || len(list) != 1 || list[0].ID != k.ID || list[0].Revoked || list[0].ExpiresAt.IsZero() {
			t.Errorf("keys = %+v, %v", list, err)
		}
		if err := b.SetRole(t.Context(), u.ID, auth.Viewer); err != nil {
			t.Fatal(err)
		}
		if c, err := b.Bearer(t.Context(), value.Reveal()); err != nil || c.Role != auth.Viewer {
			t.Errorf("a key must not outrank its user: %+v, %v", c, err)
		}
		b.clock.advance(time.Hour)
		_, err = b.Bearer(t.Context(), value.Reveal())
		wantCode(t, err, fault.Unauthorized)

		endless, k, err := b.CreateAPIKey(t.Context(), auth.NewAPIKey{UserID: u.ID, Name: "x", Role: auth.Viewer})
		if err != nil {
			t.Fatal(err)
		}
		if err := b.RevokeAPIKey(t.Context(), k.ID); err != nil {
			t.Fatal(err)
		}
		_, err = b.Bearer(t.Context(), endless.Reveal())
		wantCode(t, err, fault.Unauthorized)
		wantCode(t, b.RevokeAPIKey(t.Context(), k.ID), fault.NotFound)

		for name, tc := range map[string]struct {
			n    auth.NewAPIKey
			code fault.Code
		}{
			"above-the-user": {auth.NewAPIKey{UserID: u.ID, Name: "x", Role: auth.Admin}, fault.Forbidden},
			"no-such-user":   {auth.NewAPIKey{UserID: "?", Name: "x", Role: auth.Viewer}, fault.NotFound},
			"no-name":        {auth.NewAPIKey{UserID: u.ID, Role: auth.Viewer}, fault.Invalid},
			"no-role":        {auth.NewAPIKey{UserID: u.ID, Name: "x"}, fault.Invalid},
			"no-scope":       {auth.NewAPIKey{UserID: u.ID, Name: "x", Role: auth.Viewer, Scopes: []string{"write"}}, fault.Invalid},
		} {
			if _, _, err := b.CreateAPIKey(t.Context(), tc.n); fault.CodeOf(err) != tc.code {
				t.Errorf("%s: error = %v, want %s", name, err, tc.code)
			}
		}
		last, _, err := b.CreateAPIKey(t.Context(), auth.NewAPIKey{UserID: u.ID, Name: "x", Role: auth.Viewer})
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Disable(t.Context(), u.ID); err != nil {
			t.Fatal(err)
		}
		_, err = b.Bearer(t.Context(), last.Reveal())
		wantCode(t, err, fault.Unauthorized)
	})
}

// TestNothingSecretIsKept searches everything that is kept for what was handed out.
func TestNothingSecretIsKept(t *testing.T) {
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		o := on.Options(t, auth.Room())
		db := storetest.Open(t, o)
		s, err := auth.New(auth.Options{DB: db, Key: secret.New(testKey)})
		if err != nil {
			t.Fatal(err)
		}
		first, err := s.EnsureAdmin(t.Context(), "admin", secret.String{})
		if err != nil {
			t.Fatal(err)
		}
		u, err := s.UserByName(t.Context(), "admin")
		if err != nil {
			t.Fatal(err)
		}
		session, err1 := s.StartSession(t.Context(), u)
		tokens, err2 := s.IssueTokens(t.Context(), u)
		key, _, err3 := s.CreateAPIKey(t.Context(), auth.NewAPIKey{UserID: u.ID, Name: "k", Role: auth.Admin})
		if err := errors.Join(err1, err2, err3); err != nil {
			t.Fatal(err)
		}
		for place, text := range kept(t, db, o.Dir) {
			for name, v := range map[string]secret.String{"password": first.Password, "link": first.Link, "session": session.Value,
				"access": tokens.Access, "refresh": tokens.Refresh, "key": key} {
				if strings.Contains(text, v.Reveal()) {
					t.Errorf("the %s stands in %s", name, place)
				}
			}
		}
	})
}

// kept gives what a database holds: the bytes of SQLite's files, the rows of PostgreSQL's tables as text.
func kept(t *testing.T, db *store.DB, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	if db.Embedded() {
		files, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range files {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			out[path] = string(b)
		}
	} else {
		for _, table := range []string{"users", "login_sessions", "login_links", "token_families", "refresh_tokens", "api_keys"} {
			var text string
			if err := db.Read().QueryRowContext(t.Context(), "SELECT string_agg(CAST(x AS text), ' ') FROM "+table+" x").Scan(&text); err != nil {
				t.Fatal(err)
			}
			out[table] = text
		}
	}
	found := ""
	for _, text := range out {
		found += text
	}
	if !strings.Contains(found, "admin") {
		t.Fatal("what is searched does not even hold the user's name")
	}
	return out
}
