// Package cache keeps bytes in a Redis that several processes share: a second level behind whatever each keeps in its own memory. Values are
// sealed with a key that the processes share, so the server and whoever else writes to it can neither read nor make them up; what does not
// open is as good as absent.
//
// A Redis that cannot be reached when the program starts is an error, as for everything that was configured. Afterwards it is only missing: reads find
// nothing, writes go nowhere, Health says so, and it is tried again every few seconds. Nothing here fails towards the caller.
//
// A Store is safe for concurrent use. Start at Open.
package cache

import (
	"context"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/secret"
)

// Bounds of what is asked of Redis: it lies on the way of reads that would do without it.
const (
	dialTimeout = time.Second
	callTimeout = 500 * time.Millisecond
	restTime    = 5 * time.Second // after a failure Redis is left alone for this long
	maxValue    = 16 << 20
	minKey      = 16
)

// Options for Open. URL and Key are required.
type Options struct {
	URL secret.String // redis://[user:password@]host:port[/db], rediss:// for TLS, unix:///path
	// Key seals the values; 16 bytes or more, the same in all processes that share them.
	Key    secret.String
	Clock  func() time.Time // nil: time.Now
	Logger *slog.Logger
}

// Store keeps bytes in Redis. See the package comment.
type Store struct {
	client *redis.Client
	seal   cipher.AEAD
	clock  func() time.Time
	log    *slog.Logger

	mu      sync.Mutex
	downAt  time.Time // start of the present trouble; zero: none
	retryAt time.Time
	cause   error
}

// Health is how the Store stands.
type Health struct {
	Up    bool
	Since time.Time // of the trouble
	Err   error     // fault.UpstreamUnavailable, for people; nil when up
}

// Open connects to Redis and proves that it answers. Errors: fault.Invalid for a URL or key that cannot be used, fault.UpstreamUnavailable when
// Redis does not answer or refuses. None of them shows the URL, which may hold a password.
func Open(ctx context.Context, o Options) (*Store, error) {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	opt, err := redis.ParseURL(o.URL.Reveal())
	if err != nil {
		return nil, fault.New(fault.Invalid, "The address of Redis is no URL that can be used.").WithHint("Write REDIS_URL as redis://:PASSWORD@HOST:6379/0, or rediss:// for TLS.")
	}
	seal, err := sealer(o.Key)
	if err != nil {
		return nil, err
	}
	opt.DialTimeout, opt.ReadTimeout, opt.WriteTimeout, opt.PoolTimeout = dialTimeout, callTimeout, callTimeout, callTimeout
	opt.MaxRetries, opt.PoolSize, opt.ClientName = -1, 8, "resync"
	opt.ContextTimeoutEnabled = true
	opt.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled} // it would keep goroutines of its own
	logging.Disable()                                                                                // the library writes to standard error; Health and our own log tell the same
	s := &Store{client: redis.NewClient(opt), seal: seal, clock: o.Clock, log: o.Logger}
	if err := s.client.Ping(ctx).Err(); err != nil {
		_ = s.client.Close() // it never worked
		return nil, fault.Wrap(fault.UpstreamUnavailable, err, "Redis is configured and does not answer.").WithHint("Look at REDIS_URL, and whether the server runs; leave it empty to do without.").WithSource("redis")
	}
	return s, nil
}

// Close ends the connections.
func (s *Store) Close() error {
	if err := s.client.Close(); err != nil && !errors.Is(err, redis.ErrClosed) {
		return fault.Wrap(fault.Internal, err, "The connection to Redis did not close cleanly.")
	}
	return nil
}

// Get gives what was put under key and opens with our key; false for everything else.
func (s *Store) Get(ctx context.Context, key string) ([]byte, bool) {
	if s.resting() {
		return nil, false
	}
	raw, err := s.client.Get(ctx, key).Bytes()
	if errors.Is(err, redis.Nil) {
		err = nil
	}
	if !s.well(ctx, err) || len(raw) == 0 || len(raw) > maxValue {
		return nil, false
	}
	return s.open(key, raw)
}

// Put keeps a value for ttl. Values over 16 MiB are left out.
func (s *Store) Put(ctx context.Context, key string, value []byte, ttl time.Duration) {
	if ttl < time.Millisecond || len(value) > maxValue || s.resting() {
		return
	}
	nonce := make([]byte, s.seal.NonceSize(), s.seal.NonceSize()+len(value)+s.seal.Overhead())
	_, _ = rand.Read(nonce) // never fails (crypto/rand)
	s.well(ctx, s.client.Set(ctx, key, s.seal.Seal(nonce, nonce, value, []byte(key)), ttl).Err())
}

// renew extends the lease when it is the holder's own, else takes it when nobody has it.
var renew = redis.NewScript(`
if redis.call("GET", KEYS[1]) == ARGV[1] then
  redis.call("PEXPIRE", KEYS[1], ARGV[2])
  return 1
end
if redis.call("SET", KEYS[1], ARGV[1], "NX", "PX", ARGV[2]) then
  return 1
end
return 0`)

// Lease reports whether holder has the lease: renewed, or taken because nobody had it. While Redis is down everyone has it: what is then done
// several times costs more and is not wrong.
func (s *Store) Lease(ctx context.Context, name, holder string, ttl time.Duration) bool {
	if s.resting() {
		return true
	}
	n, err := renew.Run(ctx, s.client, []string{name}, holder, ttl.Milliseconds()).Int()
	return !s.well(ctx, err) || n == 1
}

// Health tells how the last calls went.
func (s *Store) Health() Health {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.downAt.IsZero() {
		return Health{Up: true}
	}
	return Health{Since: s.downAt, Err: fault.Wrap(fault.UpstreamUnavailable, s.cause, "Redis does not answer; Resync works without it, slower.").WithSource("redis")}
}

// resting reports whether Redis failed a moment ago and is left alone.
func (s *Store) resting() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.downAt.IsZero() && s.clock().Before(s.retryAt)
}

// well keeps how a call went. A caller who left says nothing of Redis.
func (s *Store) well(ctx context.Context, err error) bool {
	if err != nil && ctx.Err() != nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock()
	switch {
	case err == nil:
		if !s.downAt.IsZero() {
			s.log.InfoContext(ctx, "Redis answers again", "away", now.Sub(s.downAt))
		}
		s.downAt, s.cause = time.Time{}, nil
	case s.downAt.IsZero():
		s.downAt = now
		s.log.WarnContext(ctx, "Redis does not answer; going on without it", "error", err)
		fallthrough
	default:
		s.cause, s.retryAt = err, now.Add(restTime)
	}
	return err == nil
}
