package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"github.com/resync-hwa/resync/internal/fault"
)

// cost is what an argon2id hash costs. defaultCost is OWASP's first choice: 19 MiB, two passes, one lane.
type cost struct {
	memory  uint32 // KiB
	time    uint32
	threads uint8
}

var defaultCost = cost{memory: 19 * 1024, time: 2, threads: 1}

const (
	saltBytes = 16
	hashBytes = 32
	// hashesAtOnce bounds memory and processor that people who are not logged in can use.
	hashesAtOnce = 2

	minPasswordRunes = 8
	maxPasswordRunes = 256
)

// dummyHash is verified for names that nobody has, so that they take as long as others. No password fits it: the sum is random.
const dummyHash = "$argon2id$v=19$m=19456,t=2,p=1$cmVzeW5jLW5vLXVzZXIuLg$3q2+7wABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhs"

// hasher makes and verifies password hashes, a few at a time.
type hasher struct{ slots chan struct{} }

func newHasher() *hasher { return &hasher{slots: make(chan struct{}, hashesAtOnce)} }

func (h *hasher) enter(ctx context.Context) (leave func(), err error) {
	select {
	case h.slots <- struct{}{}:
		return func() { <-h.slots }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("wait to check a password: %w", ctx.Err())
	}
}

// hash gives the PHC text of a password.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	leave, err := h.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt)
	c := defaultCost
	sum := argon2.IDKey([]byte(password), salt, c.time, c.memory, c.threads, hashBytes)
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.memory, c.time, c.threads,
		b64.EncodeToString(salt), b64.EncodeToString(sum)), nil
}

// verify reports whether the password fits the PHC text.
func (h *hasher) verify(ctx context.Context, phc, password string) (bool, error) {
	c, salt, sum, err := parsePHC(phc)
	if err != nil {
		return false, err
	}
	leave, err := h.enter(ctx)
	if err != nil {
		return false, err
	}
	defer leave()
	got := argon2.IDKey([]byte(password), salt, c.time, c.memory, c.threads, uint32(len(sum))) //nolint:gosec // parsePHC bounds it
	return subtle.ConstantTimeCompare(got, sum) == 1, nil
}

// parsePHC reads an argon2id hash in PHC form and refuses costs that no hash of ours has.
func parsePHC(phc string) (c cost, salt, sum []byte, err error) {
	bad := errors.New("the stored password hash is damaged")
	parts := strings.Split(phc, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return c, nil, nil, bad
	}
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.memory, &c.time, &c.threads); n != 3 || err != nil {
		return c, nil, nil, bad
	}
	if c.memory < 8*uint32(c.threads) || c.memory > 1<<18 || c.time < 1 || c.time > 16 || c.threads < 1 || c.threads > 16 {
		return c, nil, nil, bad
	}
	b64 := base64.RawStdEncoding.Strict()
	if salt, err = b64.DecodeString(parts[4]); err != nil || len(salt) < 8 || len(salt) > 64 {
		return c, nil, nil, bad
	}
	if sum, err = b64.DecodeString(parts[5]); err != nil || len(sum) < 16 || len(sum) > 64 {
		return c, nil, nil, bad
	}
	return c, salt, sum, nil
}

// checkPassword refuses passwords that are too short or too long, or the user's own name.
func checkPassword(name, password string) error {
	n := utf8.RuneCountInString(password)
	switch {
	case n < minPasswordRunes || n > maxPasswordRunes:
		return fault.New(fault.Invalid, "A password must have from %d to %d characters.", minPasswordRunes, maxPasswordRunes)
	case strings.EqualFold(name, password):
		return fault.New(fault.Invalid, "The password must differ from the user's name.")
	}
	return nil
}
