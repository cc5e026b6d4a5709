package auth

import (
	"strings"
	"testing"
	"time"
)

func TestDummyHashCostsTheSame(t *testing.T) {
	c, _, sum, err := parsePHC(dummyHash)
	if err != nil || c != defaultCost || len(sum) != hashBytes {
		t.Fatalf("dummy hash = %+v, %d bytes, %v; want the cost of real ones", c, len(sum), err)
	}
}

func TestHashesAreSaltedAndVerify(t *testing.T) {
	h := newHasher()
	a, err := h.hash(t.Context(), "a password")
	if err != nil {
		t.Fatal(err)
	}
	b, err := h.hash(t.Context(), "a password")
	if err != nil {
		t.Fatal(err)
	}
	if a == b || !strings.HasPrefix(a, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("hashes = %s, %s", a, b)
	}
	for password, want := range map[string]bool{"a password": true, "a passwore": false, "": false} {
		if ok, err := h.verify(t.Context(), a, password); err != nil || ok != want {
			t.Errorf("verify(%q) = %v, %v", password, ok, err)
		}
	}
}

func TestTallyIsBounded(t *testing.T) {
	f := newFailures()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range 3 * maxTallies {
		f.attempt(strings.Repeat("x", i%7)+time.Duration(i).String(), "192.0.2.1"+time.Duration(i).String(), now.Add(time.Duration(i)*time.Millisecond))
	}
	if n := len(f.seen); n > maxTallies {
		t.Errorf("%d tallies are kept", n)
	}
}

func FuzzParsePHC(f *testing.F) {
	f.Add(dummyHash)
	f.Add("$argon2id$v=19$m=4294967295,t=4294967295,p=255$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA")
	f.Fuzz(func(t *testing.T, s string) {
		c, salt, sum, err := parsePHC(s)
		if err == nil && (c.memory > 1<<18 || c.time > 16 || c.threads > 16 || len(salt) > 64 || len(sum) > 64) {
			t.Errorf("accepted %q", s)
		}
	})
}
