package auth

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/secret"
	"github.com/resync-hwa/resync/internal/store"
)

// User is a person who may log in.
type User struct {
	ID          string
	Name        string
	Role        Role
	Disabled    bool
	CreatedAt   time.Time
	LastLoginAt time.Time // zero: never
}

func (u User) caller(via string) Caller {
	return Caller{ID: u.ID, Name: u.Name, Role: u.Role, Via: via}
}

var nameForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._@-]{0,63}$`)

// account is the form of a name in which users are told apart.
func account(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

// CreateUser adds a user. Codes: invalid (name, password, role), conflict (name is taken).
func (s *Service) CreateUser(ctx context.Context, name string, password secret.String, role Role) (User, error) {
	if err := checkPassword(account(name), password.Reveal()); err != nil {
		return User{}, err
	}
	hash, err := s.hashing.hash(ctx, password.Reveal())
	if err != nil {
		return User{}, err
	}
	var u User
	err = s.db.WithTx(ctx, func(tx *sql.Tx) error {
		u, err = s.insertUser(ctx, tx, account(name), hash, role, false)
		return err
	})
	return u, err
}

func (s *Service) insertUser(ctx context.Context, tx *sql.Tx, name, hash string, role Role, generated bool) (User, error) {
	if !nameForm.MatchString(name) {
		return User{}, fault.New(fault.Invalid, "A user's name has 1 to 64 letters, digits and . _ @ - and begins with a letter or digit.")
	}
	if !role.Allows(Viewer) {
		return User{}, fault.New(fault.Invalid, "The role must be viewer, operator or admin.")
	}
	u := User{ID: rand.Text(), Name: name, Role: role, CreatedAt: s.now()}
	unknown := 0 // PostgreSQL takes no truth value for a number
	if generated {
		unknown = 1
	}
	_, err := tx.ExecContext(ctx, "INSERT INTO users (id, name, role, password_hash, generated, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
		u.ID, u.Name, string(u.Role), hash, unknown, millis(u.CreatedAt))
	if store.IsConflict(err) {
		return User{}, fault.New(fault.Conflict, "The user %s exists already.", name)
	}
	if err != nil {
		return User{}, fmt.Errorf("add user: %w", err)
	}
	return u, nil
}

const userColumns = "id, name, role, created_at, disabled_at, last_login_at"

type scanner interface{ Scan(dest ...any) error }

func scanUser(row scanner, more ...any) (User, error) {
	var u User
	var role string
	var created int64
	var disabled, login sql.NullInt64
	err := row.Scan(append([]any{&u.ID, &u.Name, &role, &created, &disabled, &login}, more...)...)
	u.Role, u.CreatedAt, u.Disabled = Role(role), time.UnixMilli(created).UTC(), disabled.Valid
	if login.Valid {
		u.LastLoginAt = time.UnixMilli(login.Int64).UTC()
	}
	return u, err
}

// Users lists all users by name.
func (s *Service) Users(ctx context.Context) ([]User, error) {
	rows, err := s.db.Read().QueryContext(ctx, "SELECT "+userColumns+" FROM users ORDER BY name")
	if err != nil {
		return nil, fmt.Errorf("list users: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var out []User
	for rows.Next() {
		u, err := scanUser(rows)
		if err != nil {
			return nil, fmt.Errorf("list users: %w", err)
		}
		out = append(out, u)
	}
	return out, rows.Err()
}

// UserByName gives a user; code not_found.
func (s *Service) UserByName(ctx context.Context, name string) (User, error) {
	u, err := scanUser(s.db.Read().QueryRowContext(ctx, "SELECT "+userColumns+" FROM users WHERE name = $1", account(name)))
	if errors.Is(err, sql.ErrNoRows) {
		return User{}, fault.New(fault.NotFound, "There is no user of that name.")
	}
	return u, err
}

// SetPassword changes a password and ends all sessions and tokens of the user.
func (s *Service) SetPassword(ctx context.Context, userID string, password secret.String) error {
	if err := checkPassword("", password.Reveal()); err != nil {
		return err
	}
	hash, err := s.hashing.hash(ctx, password.Reveal())
	if err != nil {
		return err
	}
	return s.change(ctx, userID, "UPDATE users SET password_hash = $2, generated = 0 WHERE id = $1", hash)
}

// SetRole changes a role and ends all sessions and tokens of the user; API keys go on with the lesser of both roles.
// The last admin stays one: code conflict.
func (s *Service) SetRole(ctx context.Context, userID string, role Role) error {
	if !role.Allows(Viewer) {
		return fault.New(fault.Invalid, "The role must be viewer, operator or admin.")
	}
	return s.change(ctx, userID, "UPDATE users SET role = $2 WHERE id = $1", string(role))
}

// Disable shuts a user out at once, with all sessions, tokens and API keys. The last admin stays: code conflict.
func (s *Service) Disable(ctx context.Context, userID string) error {
	return s.change(ctx, userID, "UPDATE users SET disabled_at = $2 WHERE id = $1", millis(s.now()))
}

// change updates a user and ends what the user had open.
func (s *Service) change(ctx context.Context, userID, update string, v any) error {
	return s.db.WithTx(ctx, func(tx *sql.Tx) error {
		before, err := countAdmins(ctx, tx)
		if err != nil {
			return err
		}
		res, err := tx.ExecContext(ctx, update, userID, v)
		if err != nil {
			return fmt.Errorf("change user: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(fault.New(fault.NotFound, "There is no such user."), err)
		}
		after, err := countAdmins(ctx, tx)
		if err != nil {
			return err
		}
		if before > 0 && after == 0 {
			return fault.New(fault.Conflict, "This is the last admin.").WithHint("Make somebody else an admin first.")
		}
		return s.endAll(ctx, tx, userID)
	})
}

func countAdmins(ctx context.Context, tx *sql.Tx) (n int, err error) {
	if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM users WHERE role = 'admin' AND disabled_at IS NULL").Scan(&n); err != nil {
		return 0, fmt.Errorf("count admins: %w", err)
	}
	return n, nil
}

// endAll ends every login of a user: sessions, links, tokens.
func (s *Service) endAll(ctx context.Context, tx *sql.Tx, userID string) error {
	for _, q := range []string{
		"DELETE FROM login_sessions WHERE user_id = $1",
		"DELETE FROM login_links WHERE user_id = $1",
		"DELETE FROM token_families WHERE user_id = $1",
	} {
		if _, err := tx.ExecContext(ctx, q, userID); err != nil {
			return fmt.Errorf("end logins: %w", err)
		}
	}
	return nil
}
