package spend

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// reserve enters a reservation, or tells whose budget does not allow one.
func (b *Book) reserve(ctx context.Context, id, owner string, need amount) (why string, err error) {
	now := b.o.Now()
	err = b.write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM spend_holds WHERE until <= $1", now.UnixMilli()); err != nil {
			return fmt.Errorf("remove reservations that ran out: %w", err)
		}
		var mine, all struct{ nanos, tokens, heldNanos, heldTokens int64 }
		row := tx.QueryRowContext(ctx, `SELECT CAST(COALESCE(SUM(nanos), 0) AS BIGINT), CAST(COALESCE(SUM(input + output), 0) AS BIGINT),
			CAST(COALESCE(SUM(CASE WHEN owner = $2 THEN nanos ELSE 0 END), 0) AS BIGINT), CAST(COALESCE(SUM(CASE WHEN owner = $2 THEN input + output ELSE 0 END), 0) AS BIGINT)
			FROM spend_days WHERE day = $1`, now.UTC().Format(time.DateOnly), owner)
		if err := row.Scan(&all.nanos, &all.tokens, &mine.nanos, &mine.tokens); err != nil {
			return fmt.Errorf("read what was spent: %w", err)
		}
		row = tx.QueryRowContext(ctx, `SELECT CAST(COALESCE(SUM(nanos), 0) AS BIGINT), CAST(COALESCE(SUM(tokens), 0) AS BIGINT),
			CAST(COALESCE(SUM(CASE WHEN owner = $1 THEN nanos ELSE 0 END), 0) AS BIGINT), CAST(COALESCE(SUM(CASE WHEN owner = $1 THEN tokens ELSE 0 END), 0) AS BIGINT)
			FROM spend_holds`, owner)
		if err := row.Scan(&all.heldNanos, &all.heldTokens, &mine.heldNanos, &mine.heldTokens); err != nil {
			return fmt.Errorf("read what is reserved: %w", err)
		}
		l := b.o.Limits
		switch {
		case beyond(l.UserUSD*nanosPerUSD, mine.nanos, mine.heldNanos, need.nanos), beyond(float64(l.UserTokens), mine.tokens, mine.heldTokens, need.tokens()):
			why = "Your budget"
		case beyond(l.AllUSD*nanosPerUSD, all.nanos, all.heldNanos, need.nanos), beyond(float64(l.AllTokens), all.tokens, all.heldTokens, need.tokens()):
			why = "The budget of all"
		}
		if why != "" {
			return nil
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO spend_holds (id, owner, nanos, tokens, until) VALUES ($1, $2, $3, $4, $5)",
			id, owner, need.nanos, need.tokens(), now.Add(b.o.Turn+slack).UnixMilli())
		return err
	})
	return why, err
}

// beyond reports whether a limit leaves no room. A limit below the cost of one answer still allows the first one of the day.
func beyond(limit float64, used, held, need int64) bool {
	return limit > 0 && (float64(used) >= limit || used+held > 0 && float64(used+held+need) > limit)
}

// enter writes a request, with all that waits, and takes it off the reservation. What cannot be written waits for the next time.
func (b *Book) enter(ctx context.Context, hold string, k key, a amount) {
	b.wait(k, a)
	err := b.write(ctx, func(tx *sql.Tx) error {
		if hold == "" {
			return nil
		}
		_, err := tx.ExecContext(ctx, `UPDATE spend_holds SET nanos = CASE WHEN nanos > $2 THEN nanos - $2 ELSE 0 END,
			tokens = CASE WHEN tokens > $3 THEN tokens - $3 ELSE 0 END WHERE id = $1`, hold, a.nanos, a.tokens())
		return err
	})
	if err != nil {
		b.o.Logger.Error("what a model cost is written later", "error", err)
	}
}

// wait keeps an amount until it is written.
func (b *Book) wait(k key, a amount) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, there := b.waiting[k]; !there && len(b.waiting) >= maxWaiting {
		k = key{day: k.day} // of nobody in particular, and still part of the day
	}
	b.waiting[k] = b.waiting[k].plus(a)
}

// write runs do and writes what waits, in one transaction. What was not written waits again; where only the word that it was written got lost, it
// is counted twice: a budget then closes early, not late.
func (b *Book) write(ctx context.Context, do func(tx *sql.Tx) error) error {
	b.mu.Lock()
	rows := b.waiting
	b.waiting = map[key]amount{}
	b.mu.Unlock()
	err := b.o.DB.WithRoomTx(ctx, roomName, func(tx *sql.Tx) error {
		if err := insert(ctx, tx, rows); err != nil {
			return err
		}
		return do(tx)
	})
	if err != nil {
		for k, a := range rows {
			b.wait(k, a)
		}
	}
	return err
}

func insert(ctx context.Context, tx *sql.Tx, rows map[key]amount) error {
	for k, a := range rows {
		if _, err := tx.ExecContext(ctx, `INSERT INTO spend_days (day, owner, model, requests, failed, unpriced, estimated, input, cached, stored, output, nanos)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
			ON CONFLICT (day, owner, model) DO UPDATE SET requests = spend_days.requests + excluded.requests, failed = spend_days.failed + excluded.failed,
			unpriced = spend_days.unpriced + excluded.unpriced, estimated = spend_days.estimated + excluded.estimated, input = spend_days.input + excluded.input,
			cached = spend_days.cached + excluded.cached, stored = spend_days.stored + excluded.stored, output = spend_days.output + excluded.output,
			nanos = spend_days.nanos + excluded.nanos`,
			k.day, k.owner, k.model, a.requests, a.failed, a.unpriced, a.guessed, a.input, a.cached, a.stored, a.output, a.nanos); err != nil {
			return fmt.Errorf("enter what was spent: %w", err)
		}
	}
	return nil
}

func (b *Book) release(ctx context.Context, id string) error {
	return b.o.DB.WithRoomTx(ctx, roomName, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "DELETE FROM spend_holds WHERE id = $1", id)
		return err
	})
}

// prune removes once a day what is older than Keep.
func (b *Book) prune(ctx context.Context) error {
	day := b.day()
	b.mu.Lock()
	done := b.pruned == day
	b.mu.Unlock()
	if done {
		return nil
	}
	err := b.o.DB.WithRoomTx(ctx, roomName, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "DELETE FROM spend_days WHERE day < $1", b.o.Now().UTC().Add(-b.o.Keep).Format(time.DateOnly))
		return err
	})
	if err == nil {
		b.mu.Lock()
		b.pruned = day
		b.mu.Unlock()
	}
	return err
}

// Day is what one person spent on one model in one UTC day.
type Day struct {
	Day       string  `json:"day"` // 2006-01-02
	Owner     string  `json:"owner"`
	Model     string  `json:"model"`
	Requests  int64   `json:"requests"`
	Failed    int64   `json:"failed"`    // of the requests: of no use
	Unpriced  int64   `json:"unpriced"`  // of the requests: no price is known, so they count with 0
	Estimated int64   `json:"estimated"` // of the requests: the server told no counts
	Input     int64   `json:"input_tokens"`
	Cached    int64   `json:"cached_tokens"` // of the input
	Output    int64   `json:"output_tokens"`
	USD       float64 `json:"cost_usd"`
}

// Days lists what was spent from a day on, the latest first, at most limit rows; of one person, or of all when owner is empty.
func (b *Book) Days(ctx context.Context, owner string, from time.Time, limit int) ([]Day, error) {
	rows, err := b.o.DB.Read().QueryContext(ctx, `SELECT day, owner, model, requests, failed, unpriced, estimated, input, cached, output, nanos FROM spend_days
		WHERE day >= $1 AND ($2 = '' OR owner = $2) ORDER BY day DESC, nanos DESC, owner, model LIMIT $3`, from.UTC().Format(time.DateOnly), owner, limit)
	if err != nil {
		return nil, fmt.Errorf("list what was spent: %w", err)
	}
	defer rows.Close() //nolint:errcheck // Err is looked at
	out := []Day{}
	for rows.Next() {
		var d Day
		var n int64
		if err := rows.Scan(&d.Day, &d.Owner, &d.Model, &d.Requests, &d.Failed, &d.Unpriced, &d.Estimated, &d.Input, &d.Cached, &d.Output, &n); err != nil {
			return nil, fmt.Errorf("list what was spent: %w", err)
		}
		d.USD = float64(n) / nanosPerUSD
		out = append(out, d)
	}
	return out, rows.Err()
}

// Close writes what still waits.
func (b *Book) Close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return b.write(ctx, func(*sql.Tx) error { return nil })
}
