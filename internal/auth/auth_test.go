package auth_test

import (
	"sync"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/secret"
	"github.com/resync-hwa/resync/internal/store"
	"github.com/resync-hwa/resync/internal/store/storetest"
)

const (
	testKey  = "q7Zk2Pw9vXc4Rt8Ym1Lb6Nd3Hs5Jf0Ga"
	password = "correct horse battery"
)

// clock is moved by tests.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

type bundle struct {
	*auth.Service
	clock *clock
	db    *store.DB
}

// setup makes a service over a fresh database of the kind; every test runs over both.
func setup(t *testing.T, on storetest.Kind) *bundle {
	t.Helper()
	db := on.Open(t, auth.Room())
	c := &clock{t: time.Date(2026, 3, 1, 3, 0, 0, 0, time.UTC)}
	s, err := auth.New(auth.Options{DB: db, Key: secret.New(testKey), Now: c.now})
	if err != nil {
		t.Fatal(err)
	}
	return &bundle{s, c, db}
}

func (b *bundle) user(t *testing.T, name string, role auth.Role) auth.User {
	t.Helper()
	u, err := b.CreateUser(t.Context(), name, secret.New(password), role)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func wantCode(t *testing.T, err error, code fault.Code) {
	t.Helper()
	if got := fault.CodeOf(err); got != code {
		t.Fatalf("error = %v (code %q), want code %q", err, got, code)
	}
}

func TestLogin(t *testing.T) {
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		b := setup(t, on)
		u := b.user(t, "Ann", auth.Operator)
		gone := b.user(t, "gone", auth.Viewer)
		if err := b.Disable(t.Context(), gone.ID); err != nil {
			t.Fatal(err)
		}
		for _, tc := range []struct {
			name, user, password string
			code                 fault.Code
		}{
			{"right", "ann", password, ""},
			{"name-in-any-case", " ANN ", password, ""},
			{"wrong-password", "ann", password + "x", fault.Unauthorized},
			{"empty-password", "ann", "", fault.Unauthorized},
			{"unknown-user", "bob", password, fault.Unauthorized},
			{"disabled-user", "gone", password, fault.Unauthorized},
			{"endless-password", "ann", string(make([]byte, 1<<16)), fault.Unauthorized},
			{"sql", "ann' OR 1=1 --", password, fault.Unauthorized},
		} {
			t.Run(tc.name, func(t *testing.T) {
				got, err := b.Login(t.Context(), tc.user, secret.New(tc.password), "192.0.2.1")
				wantCode(t, err, tc.code)
				if tc.code == "" && (got.ID != u.ID || got.Role != auth.Operator) {
					t.Errorf("user = %+v", got)
				}
				if tc.code != "" && err.Error() != "unauthorized: The user name or the password is not right." {
					t.Errorf("the refusal tells more than the others: %v", err)
				}
			})
		}
	})
}

func TestLoginFailuresAreThrottled(t *testing.T) {
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		for _, name := range []string{"ann", "nobody"} { // a name that nobody has is throttled the same way
			t.Run(name, func(t *testing.T) {
				b := setup(t, on)
				b.user(t, "ann", auth.Viewer)
				for range 5 {
					_, err := b.Login(t.Context(), name, secret.New("wrong wrong"), "192.0.2.1")
					wantCode(t, err, fault.Unauthorized)
				}
				_, err := b.Login(t.Context(), name, secret.New(password), "192.0.2.1")
				wantCode(t, err, fault.Limited)
				if name == "nobody" {
					return
				}
				_, err = b.Login(t.Context(), name, secret.New(password), "198.51.100.9")
				wantCode(t, err, "") // from elsewhere the person can still get in
				b.clock.advance(16 * time.Minute)
				_, err = b.Login(t.Context(), name, secret.New(password), "192.0.2.1")
				wantCode(t, err, "")
			})
		}
	})
}

func TestLoginTriesOfOneAddressAreBounded(t *testing.T) {
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		b := setup(t, on)
		var last error
		for i := range 60 {
			// an IPv6 client has many addresses and is still one client
			_, last = b.Login(t.Context(), "user"+string(rune('a'+i)), secret.New(""), "2001:db8::"+string(rune('1'+i%9)))
		}
		wantCode(t, last, fault.Limited)
	})
}

func TestUsers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		b := setup(t, on)
		ann := b.user(t, "ann", auth.Viewer)
		for _, tc := range []struct {
			name, user, password string
			role                 auth.Role
			code                 fault.Code
		}{
			{"taken", "ANN", password, auth.Viewer, fault.Conflict},
			{"short-password", "bob", "short", auth.Viewer, fault.Invalid},
			{"password-is-name", "robertson", "RobertSon", auth.Viewer, fault.Invalid},
			{"no-role", "bob", password, "root", fault.Invalid},
			{"odd-name", "bob<script>", password, auth.Viewer, fault.Invalid},
			{"no-name", "", password, auth.Viewer, fault.Invalid},
		} {
			t.Run(tc.name, func(t *testing.T) {
				_, err := b.CreateUser(t.Context(), tc.user, secret.New(tc.password), tc.role)
				wantCode(t, err, tc.code)
			})
		}
		got, err := b.UserByName(t.Context(), "Ann")
		if err != nil || got.ID != ann.ID {
			t.Errorf("UserByName = %+v, %v", got, err)
		}
		all, err := b.Users(t.Context())
		if err != nil || len(all) != 1 {
			t.Errorf("Users = %+v, %v", all, err)
		}
		wantCode(t, b.SetRole(t.Context(), "nobody", auth.Admin), fault.NotFound)
		_, err = b.UserByName(t.Context(), "bob")
		wantCode(t, err, fault.NotFound)
	})
}

func TestTheLastAdminStays(t *testing.T) {
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		b := setup(t, on)
		boss := b.user(t, "boss", auth.Admin)
		wantCode(t, b.Disable(t.Context(), boss.ID), fault.Conflict)
		wantCode(t, b.SetRole(t.Context(), boss.ID, auth.Viewer), fault.Conflict)
		if u, err := b.UserByName(t.Context(), "boss"); err != nil || u.Disabled || u.Role != auth.Admin {
			t.Errorf("after the refusals = %+v, %v", u, err)
		}
		second := b.user(t, "second", auth.Admin)
		wantCode(t, b.Disable(t.Context(), boss.ID), "")
		wantCode(t, b.SetRole(t.Context(), second.ID, auth.Operator), fault.Conflict)
	})
}

func TestFirstAdmin(t *testing.T) {
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		t.Run("random-password-and-link", func(t *testing.T) {
			b := setup(t, on)
			first, err := b.EnsureAdmin(t.Context(), "admin", secret.String{})
			if err != nil || !first.Created || first.Name != "admin" || first.Link.IsZero() || len(first.Password.Reveal()) < 32 {
				t.Fatalf("first start = %+v, %v", first, err)
			}
			b.clock.advance(time.Hour)
			second, err := b.EnsureAdmin(t.Context(), "admin", secret.String{})
			if err != nil || second.Created || second.Link.IsZero() || !second.Password.IsZero() {
				t.Fatalf("a start before the first login must give a new link and no password: %+v, %v", second, err)
			}
			_, err = b.UseLoginLink(t.Context(), first.Link.Reveal())
			wantCode(t, err, fault.Unauthorized)
			if _, err := b.UseLoginLink(t.Context(), second.Link.Reveal()); err != nil {
				t.Fatal(err)
			}
			third, err := b.EnsureAdmin(t.Context(), "admin", secret.String{})
			if err != nil || third.Created || !third.Link.IsZero() {
				t.Errorf("after the first login no start may give a link: %+v, %v", third, err)
			}
			if u, err := b.Login(t.Context(), "admin", first.Password, "::1"); err != nil || u.Role != auth.Admin {
				t.Errorf("the random password must work: %+v, %v", u, err)
			}
		})
		t.Run("given-password", func(t *testing.T) {
			b := setup(t, on)
			first, err := b.EnsureAdmin(t.Context(), "Boss", secret.New(password))
			if err != nil || !first.Created || !first.Link.IsZero() || !first.Password.IsZero() {
				t.Fatalf("first start = %+v, %v", first, err)
			}
			if _, err := b.Login(t.Context(), "boss", secret.New(password), "::1"); err != nil {
				t.Error(err)
			}
			again, err := b.EnsureAdmin(t.Context(), "other", secret.New("another password"))
			if err != nil || again.Created {
				t.Fatalf("second start = %+v, %v", again, err)
			}
			_, err = b.Login(t.Context(), "other", secret.New("another password"), "::1")
			wantCode(t, err, fault.Unauthorized)
		})
		t.Run("two-starts-at-once-make-one", func(t *testing.T) {
			b := setup(t, on)
			var wg sync.WaitGroup
			for range 3 {
				wg.Go(func() {
					if _, err := b.EnsureAdmin(t.Context(), "admin", secret.String{}); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if all, err := b.Users(t.Context()); err != nil || len(all) != 1 {
				t.Errorf("users = %+v, %v", all, err)
			}
		})
		t.Run("bad-password", func(t *testing.T) {
			_, err := setup(t, on).EnsureAdmin(t.Context(), "administrator", secret.New("administrator"))
			wantCode(t, err, fault.Invalid)
		})
	})
}

func TestNewRefuses(t *testing.T) {
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		b := setup(t, on)
		if _, err := auth.New(auth.Options{DB: b.db, Key: secret.New("short")}); err == nil {
			t.Error("a short key must be refused")
		}
		if _, err := auth.New(auth.Options{Key: secret.New(testKey)}); err == nil {
			t.Error("a missing database must be refused")
		}
	})
}

func TestRoles(t *testing.T) {
	ranks := []auth.Role{"", auth.Viewer, auth.Operator, auth.Admin}
	for i, has := range ranks {
		for j, want := range ranks[1:] {
			if got := has.Allows(want); got != (i > j) {
				t.Errorf("%q.Allows(%q) = %v", has, want, got)
			}
		}
	}
}
