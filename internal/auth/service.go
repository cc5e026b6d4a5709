package auth

import (
	"context"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/secret"
	"github.com/resync-hwa/resync/internal/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Room gives the tables of this package to store.Open.
func Room() store.Room {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic("auth: the embedded folder is named migrations: " + err.Error())
	}
	return store.Room{Name: "auth", FS: sub}
}

// Options are what a Service needs. Zero durations mean the defaults of DESIGN.md: idle 1 h, session 12 h, token 10 min,
// refresh 12 h.
type Options struct {
	DB          *store.DB
	Key         secret.String // signs access tokens; at least 32 characters
	Now         func() time.Time
	SessionIdle time.Duration
	SessionMax  time.Duration
	TokenTTL    time.Duration
	RefreshTTL  time.Duration
	OIDC        *OIDC // another issuer whose tokens count; nil: none
}

// Service keeps users, login sessions, tokens and API keys. Safe for concurrent use; it starts no goroutine
// but while it asks an OpenID provider for its keys.
type Service struct {
	db       *store.DB
	now      func() time.Time
	signKey  []byte
	ttl      ttl
	hashing  *hasher
	failures *failures
	oidc     *OIDC
}

type ttl struct{ idle, session, token, refresh time.Duration }

// linkTTL is how long a one-time login link works.
const linkTTL = 10 * time.Minute

// minKey is the shortest signing key.
const minKey = 32

// New makes a service over an open database that has this package's Room.
func New(o Options) (*Service, error) {
	if o.DB == nil {
		return nil, errors.New("auth: no database is given")
	}
	if len(o.Key.Reveal()) < minKey {
		return nil, fmt.Errorf("auth: the key must have %d characters or more", minKey)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	// A key of its own for this purpose: the configured one may come to protect other things too.
	key, err := hkdf.Key(sha256.New, []byte(o.Key.Reveal()), nil, "resync access token v1", sha256.Size)
	if err != nil {
		return nil, fmt.Errorf("auth: derive key: %w", err)
	}
	return &Service{
		db: o.DB, now: o.Now, signKey: key, hashing: newHasher(), failures: newFailures(), oidc: o.OIDC,
		ttl: ttl{
			idle: or(o.SessionIdle, time.Hour), session: or(o.SessionMax, 12*time.Hour),
			token: or(o.TokenTTL, 10*time.Minute), refresh: or(o.RefreshTTL, 12*time.Hour),
		},
	}, nil
}

func or(d, standard time.Duration) time.Duration {
	if d <= 0 {
		return standard
	}
	return d
}

// Bearer gives the caller behind an Authorization header's token: an API key, an access token of ours, or one of the OpenID provider. Codes:
// unauthorized; upstream_unavailable when only the provider could say.
func (s *Service) Bearer(ctx context.Context, token string) (Caller, error) {
	switch {
	case strings.HasPrefix(token, keyPrefix):
		return s.APIKeyCaller(ctx, token)
	case s.oidc != nil && issuerOf(token) == s.oidc.Issuer():
		return s.oidc.Caller(ctx, token)
	}
	return s.TokenCaller(ctx, token)
}

// denied is the one answer to every credential that does not work: it tells nobody why.
func denied() error {
	return fault.New(fault.Unauthorized, "You are not logged in, or the login has ended.").WithHint("Log in and try again.")
}

// orDenied turns "no such row" into denied and gives other errors a room's name.
func orDenied(err error, act string) error {
	if errors.Is(err, sql.ErrNoRows) {
		return denied()
	}
	return fmt.Errorf("%s: %w", act, err)
}

// randomToken gives 256 random bits as text.
func randomToken() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails: it ends the program instead
	return base64.RawURLEncoding.EncodeToString(b)
}

// hashToken is how random tokens are kept. They have 256 bits, so a fast hash is enough.
func hashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// millis is how times are kept.
func millis(t time.Time) int64 { return t.UnixMilli() }

// Ping reports whether the database answers.
func (s *Service) Ping(ctx context.Context) error { return s.db.Ping(ctx) }
