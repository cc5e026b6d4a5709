package auth

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/secret"
)

// Login checks a name and a password that came from an address. A wrong name, a wrong password and a disabled user look and
// last the same. Codes: unauthorized, limited (too many tries).
func (s *Service) Login(ctx context.Context, name string, password secret.String, addr string) (User, error) {
	who := account(name)
	if len(who) > 64 {
		who = who[:64] // such a user cannot exist; the tally's key stays short
	}
	if wait, ok := s.failures.attempt(who, addr, s.now()); !ok {
		return User{}, fault.New(fault.Limited, "There were too many attempts to log in.").
			WithHint("Try again in %d minutes.", int(wait/time.Minute)+1)
	}
	var hash string
	u, err := scanUser(s.db.Read().QueryRowContext(ctx, "SELECT "+userColumns+", password_hash FROM users WHERE name = $1", who), &hash)
	known := err == nil
	if err != nil {
		if !errors.Is(err, sql.ErrNoRows) {
			return User{}, fmt.Errorf("look up user: %w", err)
		}
		hash = dummyHash
	}
	text := password.Reveal()
	if len(text) > 4*maxPasswordRunes {
		text = ""
	}
	right, err := s.hashing.verify(ctx, hash, text)
	if err != nil {
		return User{}, fmt.Errorf("check password: %w", err)
	}
	if !right || !known || u.Disabled {
		return User{}, fault.New(fault.Unauthorized, "The user name or the password is not right.")
	}
	s.failures.succeeded(who, addr)
	return u, nil
}
