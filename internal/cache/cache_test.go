package cache_test

import (
	"bytes"
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"github.com/resync-hwa/resync/internal/cache"
	"github.com/resync-hwa/resync/internal/cache/cachetest"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/secret"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var key = secret.New("0123456789abcdef0123456789abcdef")

// clock is moved by hand.
type clock struct{ n atomic.Int64 }

func (c *clock) now() time.Time       { return time.Unix(1_800_000_000, 0).Add(time.Duration(c.n.Load())) }
func (c *clock) move(d time.Duration) { c.n.Add(int64(d)) }

func open(t *testing.T, url string, c *clock, k secret.String) *cache.Store {
	t.Helper()
	s, err := cache.Open(t.Context(), cache.Options{URL: secret.New(url), Key: k, Clock: c.now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestValuesAreSharedAndSealed(t *testing.T) {
	r, c := cachetest.Start(t), &clock{}
	a, b := open(t, r.URL, c, key), open(t, r.URL, c, key)
	stranger := open(t, r.URL, c, secret.New("another key of thirty-two letters"))
	a.Put(t.Context(), "k", []byte("password=hunter2"), time.Minute)
	if got, ok := b.Get(t.Context(), "k"); !ok || string(got) != "password=hunter2" {
		t.Errorf("the other process gets %q, %v", got, ok)
	}
	if got, ok := stranger.Get(t.Context(), "k"); ok {
		t.Errorf("a process with another key reads %q", got)
	}
	if got, ok := a.Get(t.Context(), "nothing"); ok {
		t.Errorf("a key that was never put gives %q", got)
	}
	opt, err := redis.ParseURL(r.URL)
	if err != nil {
		t.Fatal(err)
	}
	raw := redis.NewClient(opt)
	defer func() { _ = raw.Close() }()
	at, err := raw.Get(t.Context(), "k").Bytes()
	if err != nil || bytes.Contains(at, []byte("hunter2")) {
		t.Errorf("Redis holds %q, %v: it must not be readable there", at, err)
	}
	if ttl := raw.PTTL(t.Context(), "k").Val(); ttl <= 0 || ttl > time.Minute {
		t.Errorf("it lives for %v, want a minute", ttl)
	}
	for name, poison := range map[string][]byte{"empty": {}, "short": []byte("x"), "text": []byte(strings.Repeat("poison", 100)), "another key's value": at} {
		if err := raw.Set(t.Context(), "poisoned", poison, time.Minute).Err(); err != nil {
			t.Fatal(err)
		}
		if got, ok := a.Get(t.Context(), "poisoned"); ok {
			t.Errorf("%s is taken for %q", name, got)
		}
	}
	if err := raw.LPush(t.Context(), "list", "x").Err(); err != nil {
		t.Fatal(err)
	}
	if got, ok := a.Get(t.Context(), "list"); ok {
		t.Errorf("a key of another type gives %q", got)
	}
}

func TestLeaseHasOneHolder(t *testing.T) {
	r, c := cachetest.Start(t), &clock{}
	a, b := open(t, r.URL, c, key), open(t, r.URL, c, key)
	for range 2 {
		if !a.Lease(t.Context(), "l", "a", time.Minute) {
			t.Error("the first holder does not get the lease, or cannot renew it")
		}
	}
	if b.Lease(t.Context(), "l", "b", time.Minute) {
		t.Error("two hold the lease")
	}
	a.Lease(t.Context(), "l", "a", time.Millisecond)
	for deadline := time.Now().Add(5 * time.Second); !b.Lease(t.Context(), "l", "b", time.Minute); { // until a millisecond of Redis has passed
		if time.Now().After(deadline) {
			t.Fatal("the lease does not end")
		}
	}
}

// Redis goes away and comes back: nothing fails, it is left alone for a while, and Health tells.
func TestRedisGoesAndComesBack(t *testing.T) {
	r, c := cachetest.Start(t), &clock{}
	s := open(t, r.URL, c, key)
	s.Put(t.Context(), "k", []byte("v"), time.Hour)
	if h := s.Health(); !h.Up {
		t.Fatalf("Health = %+v", h)
	}
	r.Stop(t)
	if _, ok := s.Get(t.Context(), "k"); ok {
		t.Error("a value from a server that is gone")
	}
	s.Put(t.Context(), "k", []byte("v"), time.Hour)
	if !s.Lease(t.Context(), "l", "a", time.Minute) {
		t.Error("nobody may refresh while Redis is away")
	}
	h := s.Health()
	if h.Up || h.Since.IsZero() || !fault.Is(h.Err, fault.UpstreamUnavailable) {
		t.Errorf("Health = %+v, want down", h)
	}
	r.Run(t)
	if _, ok := s.Get(t.Context(), "k"); ok || s.Health().Up {
		t.Error("it was asked again at once; want a rest")
	}
	c.move(6 * time.Second)
	s.Put(t.Context(), "k", []byte("v2"), time.Hour)
	if got, ok := s.Get(t.Context(), "k"); !ok || string(got) != "v2" || !s.Health().Up {
		t.Errorf("after it came back: %q, %v, %+v", got, ok, s.Health())
	}
}

func TestOpenRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		url  string
		key  secret.String
		code fault.Code
	}{
		"no-redis-url":  {"http://user:hush-hush@host", key, fault.Invalid},
		"not-a-url":     {"redis://user:hush-hush@ho st:x", key, fault.Invalid},
		"nobody-there":  {"redis://:hush-hush@127.0.0.1:1/0", key, fault.UpstreamUnavailable},
		"key-too-short": {"redis://127.0.0.1:1/0", secret.New("short"), fault.Invalid},
	} {
		_, err := cache.Open(t.Context(), cache.Options{URL: secret.New(c.url), Key: c.key})
		if !fault.Is(err, c.code) || strings.Contains(err.Error(), "hush-hush") || fault.Public(err).Hint == "" {
			t.Errorf("%s: %v, want %s with a hint and without the password", name, err, c.code)
		}
	}
}

// A caller who leaves does not make Redis look ill.
func TestCallerWhoLeaves(t *testing.T) {
	r, c := cachetest.Start(t), &clock{}
	s := open(t, r.URL, c, key)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s.Get(ctx, "k")
	s.Put(ctx, "k", []byte("v"), time.Minute)
	if !s.Health().Up {
		t.Errorf("Health = %+v", s.Health())
	}
}
