package alert

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

func newID() string { return "a_" + rand.Text() }

// queued is a message that waits.
type queued struct {
	message  Message
	attempts int
}

// claim makes owner the one who sends to a webhook until a time, and gives the first message that waits for it; nil when another process sends, when
// nothing waits, or when the first may not be sent yet. A message that has waited too long is dropped.
func (b *Book) claim(ctx context.Context, webhook, owner string, lease time.Duration) (q *queued, err error) {
	err = b.db.WithRoomTx(ctx, roomName, func(tx *sql.Tx) error {
		q = nil
		now := b.now()
		mine, err := tx.ExecContext(ctx, `INSERT INTO alert_senders (webhook, owner, until) VALUES ($1, $2, $3)
			ON CONFLICT (webhook) DO UPDATE SET owner = excluded.owner, until = excluded.until WHERE alert_senders.owner = $4 OR alert_senders.until <= $5`,
			webhook, owner, now.Add(lease).UnixMilli(), owner, now.UnixMilli())
		if err != nil {
			return fmt.Errorf("claim a webhook: %w", err)
		}
		if n, err := mine.RowsAffected(); err != nil || n == 0 {
			return err
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM alert_queue WHERE webhook = $1 AND at < $2", webhook, now.Add(-keepQueued).UnixMilli()); err != nil {
			return fmt.Errorf("drop old messages: %w", err)
		}
		var text string
		var due int64
		one := &queued{}
		err = tx.QueryRowContext(ctx, "SELECT message, due, attempts FROM alert_queue WHERE webhook = $1 ORDER BY seq LIMIT 1", webhook).Scan(&text, &due, &one.attempts)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the queue: %w", err)
		}
		if err := json.Unmarshal([]byte(text), &one.message); err != nil {
			return fmt.Errorf("read a message: %w", err)
		}
		if due <= now.UnixMilli() {
			q = one
		}
		return nil
	})
	return q, err
}

// done takes a message that was sent, or cannot be, out of the queue.
func (b *Book) done(ctx context.Context, q *queued) error {
	return b.db.WithRoomTx(ctx, roomName, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "DELETE FROM alert_queue WHERE id = $1", q.message.ID)
		return err
	})
}

// later puts a message off.
func (b *Book) later(ctx context.Context, q *queued, due time.Time) error {
	return b.db.WithRoomTx(ctx, roomName, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE alert_queue SET due = $1, attempts = attempts + 1 WHERE id = $2", due.UnixMilli(), q.message.ID)
		return err
	})
}

// release lets another process send at once.
func (b *Book) release(ctx context.Context, webhook, owner string) error {
	return b.db.WithRoomTx(ctx, roomName, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "DELETE FROM alert_senders WHERE webhook = $1 AND owner = $2", webhook, owner)
		return err
	})
}

// Waiting counts the messages that wait for a webhook.
func (b *Book) Waiting(ctx context.Context, webhook string) (n int, err error) {
	err = b.db.Read().QueryRowContext(ctx, "SELECT count(*) FROM alert_queue WHERE webhook = $1", webhook).Scan(&n)
	return n, err
}
