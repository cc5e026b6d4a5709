package stored

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/internal/fault"
)

// Hold implements conversations.Store.
func (s *Store) Hold(ctx context.Context, owner, id string, l conversations.Lease, now time.Time) (bool, error) {
	if !conversations.Sound(owner) || !conversations.Sound(id) {
		return false, conversations.Missing(id)
	}
	var stop int64
	err := s.write(ctx, "hold a conversation", func(tx *sql.Tx) error {
		err := tx.QueryRowContext(ctx, `UPDATE conversations SET holder = $3, held_until = $4, stop = CASE WHEN holder = $3 THEN stop ELSE 0 END
			WHERE id = $1 AND owner = $2 AND (holder = '' OR holder = $3 OR held_until <= $5) RETURNING stop`,
			id, owner, l.Holder, ms(l.Until), ms(now)).Scan(&stop)
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		var there int64
		err = tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM conversations WHERE id = $1 AND owner = $2", id, owner).Scan(&there)
		switch {
		case err != nil:
			return err
		case there == 0:
			return conversations.Missing(id)
		}
		return conversations.Occupied(nil)
	})
	return stop != 0, err
}

// Free implements conversations.Store.
func (s *Store) Free(ctx context.Context, owner, id, holder string) error {
	return s.change(ctx, "give a conversation back", owner, id,
		"UPDATE conversations SET held_until = CASE WHEN holder = $3 THEN 0 ELSE held_until END, stop = CASE WHEN holder = $3 THEN 0 ELSE stop END, holder = CASE WHEN holder = $3 THEN '' ELSE holder END WHERE id = $1 AND owner = $2",
		holder)
}

// Stop implements conversations.Store.
func (s *Store) Stop(ctx context.Context, owner, id string, now time.Time) (bool, error) {
	if !conversations.Sound(owner) || !conversations.Sound(id) {
		return false, conversations.Missing(id)
	}
	var running int64
	err := s.write(ctx, "stop a turn", func(tx *sql.Tx) error {
		err := tx.QueryRowContext(ctx, `UPDATE conversations SET stop = CASE WHEN holder <> '' AND held_until > $3 THEN 1 ELSE 0 END
			WHERE id = $1 AND owner = $2 RETURNING stop`, id, owner, ms(now)).Scan(&running)
		if errors.Is(err, sql.ErrNoRows) {
			return conversations.Missing(id)
		}
		return err
	})
	return running != 0, err
}

// SetShare implements conversations.Store.
func (s *Store) SetShare(ctx context.Context, owner, id string, link *conversations.Share) error {
	if link == nil {
		return s.change(ctx, "revoke a link", owner, id, "UPDATE conversations SET share_hash = NULL, share_made = 0, share_until = 0, share_n = 0 WHERE id = $1 AND owner = $2")
	}
	if link.Hash == "" || !conversations.Sound(link.Hash) {
		return fault.New(fault.Invalid, "A link needs the hash of its token.")
	}
	return s.change(ctx, "make a link", owner, id, "UPDATE conversations SET share_hash = $3, share_made = $4, share_until = $5, share_n = last_n WHERE id = $1 AND owner = $2",
		link.Hash, ms(link.Created), ms(link.Expires))
}

// SetFeedback implements conversations.Store.
func (s *Store) SetFeedback(ctx context.Context, owner, id, message string, f conversations.Feedback) error {
	if !conversations.Sound(owner) || !conversations.Sound(id) {
		return conversations.Missing(id)
	}
	if !conversations.Sound(message) {
		return conversations.NoTurn(message)
	}
	return s.write(ctx, "keep feedback", func(tx *sql.Tx) error {
		var there int64
		err := tx.QueryRowContext(ctx, `SELECT CASE WHEN EXISTS (SELECT 1 FROM conversation_turns t WHERE t.conversation = c.id AND t.id = $3) THEN 1 ELSE 0 END
			FROM conversations c WHERE c.id = $1 AND c.owner = $2`, id, owner, message).Scan(&there)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return conversations.Missing(id)
		case err != nil:
			return err
		case conversations.SoundPerson(f) != nil:
			return conversations.SoundPerson(f)
		case there == 0:
			return conversations.NoTurn(message)
		}
		if f.Opinion == conversations.None {
			_, err := tx.ExecContext(ctx, "DELETE FROM conversation_feedback WHERE conversation = $1 AND turn = $2 AND who = $3", id, message, f.Who)
			return err
		}
		reported := 0
		if f.Reported {
			reported = 1
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO conversation_feedback (conversation, turn, who, name, opinion, words, at, reported) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
			ON CONFLICT (conversation, turn, who) DO UPDATE SET name = excluded.name, opinion = excluded.opinion, words = excluded.words, at = excluded.at, reported = excluded.reported`,
			id, message, f.Who, conversations.Sanitize(f.Name), string(f.Opinion), conversations.Sanitize(f.Words), ms(f.At), reported)
		return err
	})
}

// Sweep implements conversations.Store.
func (s *Store) Sweep(ctx context.Context, c conversations.Cut) (int, error) {
	var removed int64
	err := s.write(ctx, "remove old conversations", func(tx *sql.Tx) error {
		unused := c.Unused
		if !c.Witness.IsZero() {
			var written bool
			if err := tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM conversations WHERE updated >= $1 AND updated < $2)", ms(c.Unused), ms(c.Witness)).Scan(&written); err != nil {
				return err
			}
			if !written {
				unused = time.UnixMilli(0)
			}
		}
		r, err := tx.ExecContext(ctx, `DELETE FROM conversations WHERE id IN (SELECT id FROM conversations
			WHERE (holder = '' OR held_until <= $1) AND (updated < $2 OR turns = 0 AND created < $3) ORDER BY updated, id LIMIT $4)`,
			ms(c.Now), ms(unused), ms(c.Empty), c.Limit)
		if err != nil {
			return err
		}
		if removed, err = r.RowsAffected(); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "UPDATE conversations SET share_hash = NULL, share_made = 0, share_until = 0, share_n = 0 WHERE share_hash IS NOT NULL AND share_until <= $1", ms(c.Now))
		return err
	})
	return int(removed), err
}
