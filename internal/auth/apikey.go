package auth

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/secret"
)

// keyPrefix begins every API key, so that people and scanners of source code know one when they see it.
const keyPrefix = "rsk_"

// NewAPIKey says what key to make.
type NewAPIKey struct {
	UserID string // who answers for it; the key ends with the user
	Name   string // what it is for
	Role   Role   // at most the user's
	Scopes []string
	TTL    time.Duration // 0: no end
}

// APIKey is a key without its secret.
type APIKey struct {
	ID        string
	Name      string
	Prefix    string // its first characters, to recognise it
	Role      Role
	Scopes    []string
	CreatedAt time.Time
	ExpiresAt time.Time // zero: no end
	Revoked   bool
}

// CreateAPIKey makes a key and gives it out, this once. Codes: invalid, forbidden (role above the user's), not_found.
func (s *Service) CreateAPIKey(ctx context.Context, n NewAPIKey) (secret.String, APIKey, error) {
	if strings.TrimSpace(n.Name) == "" || len(n.Name) > 100 || n.TTL < 0 || !n.Role.Allows(Viewer) {
		return secret.String{}, APIKey{}, fault.New(fault.Invalid, "A key needs a name of at most 100 characters, a role, and a life that is not negative.")
	}
	for _, scope := range n.Scopes {
		if !IsScope(scope) {
			return secret.String{}, APIKey{}, fault.New(fault.Invalid, "There is no scope %q.", scope).WithHint("The scopes are %s, mcp:TOOLSET and engine:NAME.", strings.Join(Scopes(), ", "))
		}
	}
	value := keyPrefix + randomToken()
	k := APIKey{ID: rand.Text(), Name: n.Name, Prefix: value[:len(keyPrefix)+6], Role: n.Role, Scopes: n.Scopes, CreatedAt: s.now()}
	if n.TTL > 0 {
		k.ExpiresAt = k.CreatedAt.Add(n.TTL)
	}
	err := s.db.WithTx(ctx, func(tx *sql.Tx) error {
		u, err := scanUser(tx.QueryRowContext(ctx, "SELECT "+userColumns+" FROM users WHERE id = $1 AND disabled_at IS NULL", n.UserID))
		if errors.Is(err, sql.ErrNoRows) {
			return fault.New(fault.NotFound, "There is no such user.")
		}
		if err != nil {
			return fmt.Errorf("look up user: %w", err)
		}
		if !u.Role.Allows(k.Role) {
			return fault.New(fault.Forbidden, "A key cannot have a higher role than its user.")
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO api_keys (id, hash, name, prefix, user_id, role, scopes, created_at, expires_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, k.ID, hashToken(value), k.Name, k.Prefix, u.ID, string(k.Role),
			strings.Join(k.Scopes, " "), millis(k.CreatedAt), sql.NullInt64{Int64: millis(k.ExpiresAt), Valid: n.TTL > 0})
		return err
	})
	if err != nil {
		return secret.String{}, APIKey{}, err
	}
	return secret.New(value), k, nil
}

// APIKeys lists the keys of a user, newest first.
func (s *Service) APIKeys(ctx context.Context, userID string) ([]APIKey, error) {
	rows, err := s.db.Read().QueryContext(ctx, `SELECT id, name, prefix, role, scopes, created_at, expires_at, revoked_at
		FROM api_keys WHERE user_id = $1 ORDER BY created_at DESC, id`, userID)
	if err != nil {
		return nil, fmt.Errorf("list API keys: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var out []APIKey
	for rows.Next() {
		var k APIKey
		var role, scopes string
		var created int64
		var expires, revoked sql.NullInt64
		if err := rows.Scan(&k.ID, &k.Name, &k.Prefix, &role, &scopes, &created, &expires, &revoked); err != nil {
			return nil, fmt.Errorf("list API keys: %w", err)
		}
		k.Role, k.Scopes, k.CreatedAt, k.Revoked = Role(role), strings.Fields(scopes), time.UnixMilli(created).UTC(), revoked.Valid
		if expires.Valid {
			k.ExpiresAt = time.UnixMilli(expires.Int64).UTC()
		}
		out = append(out, k)
	}
	return out, rows.Err()
}

// RevokeAPIKey ends a key at once; code not_found.
func (s *Service) RevokeAPIKey(ctx context.Context, id string) error {
	return s.db.WithTx(ctx, func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, "UPDATE api_keys SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL", id, millis(s.now()))
		if err != nil {
			return fmt.Errorf("revoke API key: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(fault.New(fault.NotFound, "There is no such key."), err)
		}
		return nil
	})
}

// APIKeyCaller gives the caller of an API key: the key's id, its user's name, for they answer for it, and the lesser of the two roles. Code
// unauthorized.
func (s *Service) APIKeyCaller(ctx context.Context, key string) (Caller, error) {
	var id, name, keyRole, userRole, scopes string
	err := s.db.Read().QueryRowContext(ctx, `SELECT k.id, u.name, k.role, u.role, k.scopes FROM api_keys k JOIN users u ON u.id = k.user_id
		WHERE k.hash = $1 AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > $2) AND u.disabled_at IS NULL`,
		hashToken(key), millis(s.now())).Scan(&id, &name, &keyRole, &userRole, &scopes)
	if err != nil {
		return Caller{}, orDenied(err, "look up API key")
	}
	role := Role(keyRole)
	if !Role(userRole).Allows(role) {
		role = Role(userRole)
	}
	return Caller{ID: "key:" + id, Name: name, Role: role, Via: "api_key", Scopes: strings.Fields(scopes)}, nil
}
