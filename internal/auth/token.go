package auth

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/resync-hwa/resync/internal/secret"
)

// Tokens are what a program gets for a password or a refresh token.
type Tokens struct {
	Access    secret.String // JWT
	Refresh   secret.String // opaque, works once
	ExpiresIn time.Duration // of Access
}

// The fixed words of our access tokens.
const (
	tokenIssuer   = "resync"
	tokenAudience = "resync-api"
	tokenType     = "access"
)

type claims struct {
	jwt.RegisteredClaims
	Type   string `json:"typ"`
	Family string `json:"fam"`
}

// IssueTokens begins a family of tokens for a user who has just proved who they are.
func (s *Service) IssueTokens(ctx context.Context, u User) (Tokens, error) {
	var out Tokens
	err := s.db.WithTx(ctx, func(tx *sql.Tx) error {
		now, family := s.now(), rand.Text()
		_, err := tx.ExecContext(ctx, "DELETE FROM token_families WHERE expires_at <= $1", millis(now))
		if err == nil {
			_, err = tx.ExecContext(ctx, "INSERT INTO token_families (id, user_id, expires_at) VALUES ($1, $2, $3)",
				family, u.ID, millis(now.Add(s.ttl.refresh)))
		}
		if err == nil {
			_, err = tx.ExecContext(ctx, "UPDATE users SET last_login_at = $2 WHERE id = $1", u.ID, millis(now))
		}
		if err != nil {
			return fmt.Errorf("issue tokens: %w", err)
		}
		out, err = s.tokens(ctx, tx, u.ID, family)
		return err
	})
	return out, err
}

// Refresh trades a refresh token for new tokens. One that comes a second time has been stolen, or its answer was lost:
// the whole family ends. Code unauthorized.
func (s *Service) Refresh(ctx context.Context, token string) (Tokens, error) {
	var out Tokens
	reused := false
	err := s.db.WithTx(ctx, func(tx *sql.Tx) error {
		now := millis(s.now())
		var user, family string
		var used sql.NullInt64
		err := tx.QueryRowContext(ctx, `SELECT f.user_id, f.id, r.used_at FROM refresh_tokens r
			JOIN token_families f ON f.id = r.family_id JOIN users u ON u.id = f.user_id
			WHERE r.hash = $1 AND f.expires_at > $2 AND f.revoked_at IS NULL AND u.disabled_at IS NULL`, hashToken(token), now).Scan(&user, &family, &used)
		if err != nil {
			return orDenied(err, "look up refresh token")
		}
		if used.Valid {
			reused = true // reported after the commit: an error here would undo the revocation
			_, err := tx.ExecContext(ctx, "UPDATE token_families SET revoked_at = $2 WHERE id = $1", family, now)
			return err
		}
		if _, err := tx.ExecContext(ctx, "UPDATE refresh_tokens SET used_at = $2 WHERE hash = $1", hashToken(token), now); err != nil {
			return fmt.Errorf("use refresh token: %w", err)
		}
		out, err = s.tokens(ctx, tx, user, family)
		return err
	})
	if err == nil && reused {
		err = denied()
	}
	return out, err
}

func (s *Service) tokens(ctx context.Context, tx *sql.Tx, userID, family string) (Tokens, error) {
	now, refresh := s.now(), randomToken()
	if _, err := tx.ExecContext(ctx, "INSERT INTO refresh_tokens (hash, family_id) VALUES ($1, $2)", hashToken(refresh), family); err != nil {
		return Tokens{}, fmt.Errorf("issue refresh token: %w", err)
	}
	access, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer: tokenIssuer, Audience: jwt.ClaimStrings{tokenAudience}, Subject: userID, ID: rand.Text(),
			IssuedAt: jwt.NewNumericDate(now), NotBefore: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(s.ttl.token)),
		},
		Type: tokenType, Family: family,
	}).SignedString(s.signKey)
	if err != nil {
		return Tokens{}, fmt.Errorf("sign access token: %w", err)
	}
	return Tokens{Access: secret.New(access), Refresh: secret.New(refresh), ExpiresIn: s.ttl.token}, nil
}

// parse gives the claims of a valid access token of ours.
func (s *Service) parse(token string) (claims, error) {
	var c claims
	_, err := jwt.ParseWithClaims(token, &c, func(*jwt.Token) (any, error) { return s.signKey, nil },
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithIssuer(tokenIssuer), jwt.WithAudience(tokenAudience),
		jwt.WithExpirationRequired(), jwt.WithNotBeforeRequired(), jwt.WithIssuedAt(), jwt.WithTimeFunc(s.now))
	if err == nil && (c.Type != tokenType || c.ID == "" || c.Subject == "" || c.Family == "") {
		err = errors.New("claims are missing")
	}
	return c, err
}

// TokenCaller gives the caller of an access token. The user's role is the one of now, and a token ends with its family.
// Code unauthorized.
func (s *Service) TokenCaller(ctx context.Context, token string) (Caller, error) {
	c, err := s.parse(token)
	if err != nil {
		return Caller{}, denied()
	}
	u, err := scanUser(s.db.Read().QueryRowContext(ctx, `SELECT u.id, u.name, u.role, u.created_at, u.disabled_at, u.last_login_at
		FROM token_families f JOIN users u ON u.id = f.user_id
		WHERE f.id = $1 AND u.id = $2 AND f.revoked_at IS NULL AND f.expires_at > $3 AND u.disabled_at IS NULL`,
		c.Family, c.Subject, millis(s.now())))
	if err != nil {
		return Caller{}, orDenied(err, "look up token")
	}
	return u.caller("token"), nil
}

// RevokeToken ends the family of an access token: it and every token that came of the same password. An invalid token is
// no error.
func (s *Service) RevokeToken(ctx context.Context, token string) error {
	c, err := s.parse(token)
	if err != nil {
		return nil //nolint:nilerr // it opens nothing, so it has been revoked well enough
	}
	return s.db.WithTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "UPDATE token_families SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL", c.Family, millis(s.now())); err != nil {
			return fmt.Errorf("revoke tokens: %w", err)
		}
		return nil
	})
}
