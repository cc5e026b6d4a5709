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

// LoginSession is a login in the browser; Value goes into the cookie and is kept nowhere.
type LoginSession struct {
	Value     secret.String
	ExpiresAt time.Time // in any case; earlier when idle
}

// StartSession begins a login session for a user who has just proved who they are.
func (s *Service) StartSession(ctx context.Context, u User) (LoginSession, error) {
	var out LoginSession
	err := s.db.WithTx(ctx, func(tx *sql.Tx) (err error) {
		out, err = s.startSession(ctx, tx, u.ID)
		return err
	})
	return out, err
}

func (s *Service) startSession(ctx context.Context, tx *sql.Tx, userID string) (LoginSession, error) {
	now := s.now()
	token, expires := randomToken(), now.Add(s.ttl.session)
	// Each login sweeps what is over, so that the tables do not grow and no goroutine is needed.
	_, err := tx.ExecContext(ctx, "DELETE FROM login_sessions WHERE expires_at <= $1 OR seen_at <= $2", millis(now), millis(now.Add(-s.ttl.idle)))
	if err == nil {
		_, err = tx.ExecContext(ctx, "INSERT INTO login_sessions (hash, user_id, created_at, seen_at, expires_at) VALUES ($1, $2, $3, $3, $4)",
			hashToken(token), userID, millis(now), millis(expires))
	}
	if err == nil {
		_, err = tx.ExecContext(ctx, "UPDATE users SET last_login_at = $2 WHERE id = $1", userID, millis(now))
	}
	if err != nil {
		return LoginSession{}, fmt.Errorf("start session: %w", err)
	}
	return LoginSession{Value: secret.New(token), ExpiresAt: expires}, nil
}

// SessionCaller gives the caller of a cookie's value and counts the session as used now. Code unauthorized when it is
// unknown, idle for too long, over, ended, or its user is disabled.
func (s *Service) SessionCaller(ctx context.Context, value string) (Caller, error) {
	now, hash := s.now(), hashToken(value)
	var seen int64
	u, err := scanUser(s.db.Read().QueryRowContext(ctx, `SELECT u.id, u.name, u.role, u.created_at, u.disabled_at, u.last_login_at, l.seen_at
		FROM login_sessions l JOIN users u ON u.id = l.user_id
		WHERE l.hash = $1 AND l.expires_at > $2 AND l.seen_at > $3 AND u.disabled_at IS NULL`,
		hash, millis(now), millis(now.Add(-s.ttl.idle))), &seen)
	if err != nil {
		return Caller{}, orDenied(err, "look up session")
	}
	// Noting each request would make each a write; a sixtieth of the idle time is exact enough.
	if now.Sub(time.UnixMilli(seen)) >= s.ttl.idle/60 {
		err := s.db.WithTx(ctx, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, "UPDATE login_sessions SET seen_at = $2 WHERE hash = $1 AND seen_at < $2", hash, millis(now))
			return err
		})
		if err != nil {
			return Caller{}, fmt.Errorf("note use of session: %w", err)
		}
	}
	return u.caller("session"), nil
}

// EndSession logs out. A session that is not there is no error.
func (s *Service) EndSession(ctx context.Context, value string) error {
	return s.db.WithTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM login_sessions WHERE hash = $1", hashToken(value)); err != nil {
			return fmt.Errorf("end session: %w", err)
		}
		return nil
	})
}

// NewLoginLink makes the code of a one-time login link for a user; it works once and for ten minutes.
func (s *Service) NewLoginLink(ctx context.Context, userID string) (secret.String, error) {
	var code secret.String
	err := s.db.WithTx(ctx, func(tx *sql.Tx) (err error) {
		code, err = s.newLoginLink(ctx, tx, userID)
		return err
	})
	return code, err
}

func (s *Service) newLoginLink(ctx context.Context, tx *sql.Tx, userID string) (secret.String, error) {
	now, code := s.now(), randomToken()
	if _, err := tx.ExecContext(ctx, "DELETE FROM login_links WHERE expires_at <= $1", millis(now)); err != nil {
		return secret.String{}, fmt.Errorf("make login link: %w", err)
	}
	_, err := tx.ExecContext(ctx, "INSERT INTO login_links (hash, user_id, expires_at) VALUES ($1, $2, $3)",
		hashToken(code), userID, millis(now.Add(linkTTL)))
	if err != nil {
		return secret.String{}, fmt.Errorf("make login link: %w", err)
	}
	return secret.New(code), nil
}

// UseLoginLink takes a code in and begins a session. Code unauthorized when it was used, is too old, or never was.
func (s *Service) UseLoginLink(ctx context.Context, code string) (LoginSession, error) {
	var out LoginSession
	err := s.db.WithTx(ctx, func(tx *sql.Tx) error {
		var userID string
		err := tx.QueryRowContext(ctx, `UPDATE login_links SET used_at = $2 WHERE hash = $1 AND used_at IS NULL AND expires_at > $2
			AND user_id IN (SELECT id FROM users WHERE disabled_at IS NULL) RETURNING user_id`,
			hashToken(code), millis(s.now())).Scan(&userID)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.New(fault.Unauthorized, "This login link has been used or is too old.").
				WithHint("Make a new one on the server: resync user link")
		}
		// Other links to the same account may lie about, in a terminal or a mail; whoever is in can make a new one.
		if err == nil {
			_, err = tx.ExecContext(ctx, "DELETE FROM login_links WHERE user_id = $1 AND used_at IS NULL", userID)
		}
		if err != nil {
			return fmt.Errorf("use login link: %w", err)
		}
		out, err = s.startSession(ctx, tx, userID)
		return err
	})
	return out, err
}
