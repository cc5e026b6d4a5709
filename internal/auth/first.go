package auth

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/resync-hwa/resync/internal/secret"
)

// FirstAdmin is what EnsureAdmin did.
type FirstAdmin struct {
	Created bool
	Name    string
	// Link is the code of a one-time login link, given as long as nobody has ever logged in with a generated password.
	Link secret.String
	// Password is the generated password, at creation only. It is shown to nobody unless the operator asks for it.
	Password secret.String
}

// EnsureAdmin makes the first admin when there is no user yet, with the given password or else a random one. Until that
// admin has logged in for the first time, each call with a random password gives a fresh login link, so that a link which
// grew old unseen shuts nobody out.
func (s *Service) EnsureAdmin(ctx context.Context, name string, password secret.String) (FirstAdmin, error) {
	given := !password.IsZero()
	if given {
		if err := checkPassword(account(name), password.Reveal()); err != nil {
			return FirstAdmin{}, err
		}
	} else {
		password = secret.New(randomToken())
	}
	n, err := s.countUsers(ctx, s.db.Read())
	if err != nil {
		return FirstAdmin{}, err
	}
	hash := ""
	if n == 0 { // the usual start spends no hash
		if hash, err = s.hashing.hash(ctx, password.Reveal()); err != nil {
			return FirstAdmin{}, err
		}
	}
	var out FirstAdmin
	err = s.db.WithTx(ctx, func(tx *sql.Tx) error {
		n, err := s.countUsers(ctx, tx) // again: another process may have been faster
		if err != nil {
			return err
		}
		if n > 0 {
			out, err = s.linkForUnused(ctx, tx)
			return err
		}
		u, err := s.insertUser(ctx, tx, account(name), hash, Admin, !given)
		if err != nil {
			return err
		}
		out = FirstAdmin{Created: true, Name: u.Name}
		if !given {
			out.Password = password
			out.Link, err = s.newLoginLink(ctx, tx, u.ID)
		}
		return err
	})
	return out, err
}

// linkForUnused gives a link when the only user is an admin whom nobody can know the password of and who never logged in.
func (s *Service) linkForUnused(ctx context.Context, tx *sql.Tx) (FirstAdmin, error) {
	u, err := scanUser(tx.QueryRowContext(ctx, "SELECT "+userColumns+` FROM users
		WHERE role = 'admin' AND generated = 1 AND last_login_at IS NULL AND disabled_at IS NULL AND (SELECT count(*) FROM users) = 1`))
	if errors.Is(err, sql.ErrNoRows) {
		return FirstAdmin{}, nil
	}
	if err != nil {
		return FirstAdmin{}, fmt.Errorf("look up first admin: %w", err)
	}
	link, err := s.newLoginLink(ctx, tx, u.ID)
	return FirstAdmin{Name: u.Name, Link: link}, err
}

type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func (s *Service) countUsers(ctx context.Context, q querier) (int, error) {
	var n int
	if err := q.QueryRowContext(ctx, "SELECT count(*) FROM users").Scan(&n); err != nil {
		return 0, fmt.Errorf("count users: %w", err)
	}
	return n, nil
}
