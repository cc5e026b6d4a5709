package history

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/store"
	"github.com/resync-hwa/resync/internal/untrusted"
)

// Ack says that a finding of the radar is normal here: which, who said so, why, and until when. It is Resync's own record and changes nothing
// in the plan.
type Ack struct {
	Engine       string
	ID           string // of the finding
	Rule, Entity string // as it was found
	Note         string
	ByID, ByName string // the caller's id and name
	At, Until    time.Time
}

// AckEvent is one line of the trail.
type AckEvent struct {
	Ack
	Action string // acknowledged, withdrawn
}

// Acks keeps acknowledgements of all engines in the database of this room. Safe for concurrent use, also by several processes.
type Acks struct {
	db  *store.DB
	now func() time.Time
}

const (
	// longestAck is the longest time for which something may be taken for normal: nobody remembers why after that (our own choice).
	longestAck = 400 * 24 * time.Hour
	// trailKept is how long it is known who did what.
	trailKept   = 400 * 24 * time.Hour
	maxAcks     = 2000 // of one engine, in force
	maxAckNote  = 500  // characters
	maxAckField = 300
	ackColumns  = "engine, id, rule, entity, note, by_id, by_name, at, until"
)

var findingID = regexp.MustCompile(`^[a-z2-7]{12}$`)

// NewAcks makes Acks over an open database that has this package's Room; now is our clock.
func NewAcks(db *store.DB, now func() time.Time) (*Acks, error) {
	if db == nil || now == nil {
		return nil, errors.New("acks: a database and a clock are needed")
	}
	return &Acks{db: db, now: now}, nil
}

// check cleans an acknowledgement and says what is wrong with it. now is the caller's reading of the clock.
func (a *Ack) check(now time.Time) error {
	a.Note, a.Entity = strings.TrimSpace(untrusted.Normalize(a.Note)), cut(untrusted.Normalize(a.Entity), maxAckField)
	a.Rule, a.ByID, a.ByName = cut(a.Rule, maxAckField), cut(a.ByID, maxAckField), cut(untrusted.Normalize(a.ByName), maxAckField)
	switch {
	case a.Engine == "" || !findingID.MatchString(a.ID):
		return fault.New(fault.Invalid, "%q is no id of a finding.", cut(a.ID, 40)).WithHint("The radar shows the id of each finding.")
	case a.ByID == "":
		return fault.New(fault.Unauthorized, "An acknowledgement needs somebody who gives it.")
	case a.Note == "":
		return fault.New(fault.Invalid, "The note says why it is normal here; it cannot be empty.")
	case utf8.RuneCountInString(a.Note) > maxAckNote:
		return fault.New(fault.Invalid, "The note has more than %d characters.", maxAckNote)
	case !a.Until.After(now):
		return fault.New(fault.Invalid, "It would have run out already: the time until which it holds must lie ahead.")
	case a.Until.Sub(now) > longestAck:
		return fault.New(fault.Invalid, "Nothing is normal for longer than %d days without a second look.", int(longestAck.Hours()/24)).WithHint("Choose an earlier end; it can be renewed.")
	}
	return nil
}

// Put keeps an acknowledgement; one of the same finding is replaced. At is set to now. Codes: invalid for what is missing or out of bounds,
// unauthorized without somebody who gives it, limited when an engine has too many.
func (s *Acks) Put(ctx context.Context, a Ack) (Ack, error) {
	a.At = s.now().UTC().Truncate(time.Millisecond)
	a.Until = a.Until.UTC().Truncate(time.Millisecond)
	if err := a.check(a.At); err != nil {
		return Ack{}, err
	}
	err := s.db.WithRoomTx(ctx, roomName, func(tx *sql.Tx) error {
		// What has run out is told by the trail alone from now on.
		if _, err := tx.ExecContext(ctx, "DELETE FROM history_acks WHERE engine = $1 AND until <= $2", a.Engine, millis(a.At)); err != nil {
			return fmt.Errorf("write acknowledgement: %w", err)
		}
		var n int
		if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM history_acks WHERE engine = $1 AND id <> $2", a.Engine, a.ID).Scan(&n); err != nil {
			return fmt.Errorf("write acknowledgement: %w", err)
		}
		if n >= maxAcks {
			return fault.New(fault.Limited, "%d findings of this engine are acknowledged already.", n).WithHint("Withdraw some: a radar that shows nothing is of no use.")
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO history_acks ("+ackColumns+") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) "+
			`ON CONFLICT (engine, id) DO UPDATE SET rule = excluded.rule, entity = excluded.entity, note = excluded.note, by_id = excluded.by_id,
			by_name = excluded.by_name, at = excluded.at, until = excluded.until`, a.values()...)
		if err != nil {
			return fmt.Errorf("write acknowledgement: %w", err)
		}
		return trail(ctx, tx, AckEvent{a, "acknowledged"})
	})
	return a, err
}

func (a *Ack) values() []any {
	return []any{a.Engine, a.ID, a.Rule, a.Entity, a.Note, a.ByID, a.ByName, millis(a.At), millis(a.Until)}
}

// trail adds a line to what is known of who did what.
func trail(ctx context.Context, tx *sql.Tx, e AckEvent) error {
	if _, err := tx.ExecContext(ctx, "DELETE FROM history_ack_trail WHERE engine = $1 AND at < $2", e.Engine, millis(e.At.Add(-trailKept))); err != nil {
		return fmt.Errorf("write the trail: %w", err)
	}
	_, err := tx.ExecContext(ctx, "INSERT INTO history_ack_trail (seq, action, "+ackColumns+") SELECT coalesce(max(seq), 0) + 1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10 FROM history_ack_trail",
		append([]any{e.Action}, e.values()...)...)
	if err != nil {
		return fmt.Errorf("write the trail: %w", err)
	}
	return nil
}

// Withdraw ends an acknowledgement that is in force; by is the caller's id and name. Code not_found when there is none.
func (s *Acks) Withdraw(ctx context.Context, engine, id, byID, byName string) error {
	now := s.now().UTC().Truncate(time.Millisecond)
	if byID == "" {
		return fault.New(fault.Unauthorized, "Withdrawing an acknowledgement needs somebody who does it.")
	}
	return s.db.WithRoomTx(ctx, roomName, func(tx *sql.Tx) error {
		a, err := scanAck(tx.QueryRowContext(ctx, "SELECT "+ackColumns+" FROM history_acks WHERE engine = $1 AND id = $2 AND until > $3", engine, id, millis(now)))
		if errors.Is(err, sql.ErrNoRows) {
			return fault.New(fault.NotFound, "Nothing with the id %s is acknowledged.", cut(id, 40)).WithHint("The radar shows what is acknowledged.")
		}
		if err != nil {
			return fmt.Errorf("withdraw acknowledgement: %w", err)
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM history_acks WHERE engine = $1 AND id = $2", engine, id); err != nil {
			return fmt.Errorf("withdraw acknowledgement: %w", err)
		}
		a.At, a.ByID, a.ByName = now, cut(byID, maxAckField), cut(untrusted.Normalize(byName), maxAckField)
		return trail(ctx, tx, AckEvent{a, "withdrawn"})
	})
}

func scanAck(row scanner, more ...any) (Ack, error) {
	var a Ack
	var at, until int64
	err := row.Scan(append(more, &a.Engine, &a.ID, &a.Rule, &a.Entity, &a.Note, &a.ByID, &a.ByName, &at, &until)...)
	a.At, a.Until = fromMillis(at), fromMillis(until)
	return a, err
}

// InForce lists the acknowledgements of an engine that have not run out, the next to run out first.
func (s *Acks) InForce(ctx context.Context, engine string) ([]Ack, error) {
	rows, err := s.db.Read().QueryContext(ctx, "SELECT "+ackColumns+" FROM history_acks WHERE engine = $1 AND until > $2 ORDER BY until, id", engine, s.now().UnixMilli())
	if err != nil {
		return nil, fmt.Errorf("read acknowledgements: %w", err)
	}
	defer rows.Close()
	var out []Ack
	for rows.Next() {
		a, err := scanAck(rows)
		if err != nil {
			return nil, fmt.Errorf("read acknowledgements: %w", err)
		}
		out = append(out, a)
	}
	return out, rows.Err()
}

// Trail tells who acknowledged and withdrew what, the latest first; limit 0 means 100. Of a withdrawal At, ByID and ByName are those of the
// withdrawal.
func (s *Acks) Trail(ctx context.Context, engine string, limit int) ([]AckEvent, error) {
	if limit <= 0 {
		limit = 100
	}
	rows, err := s.db.Read().QueryContext(ctx, "SELECT action, "+ackColumns+" FROM history_ack_trail WHERE engine = $1 ORDER BY seq DESC LIMIT $2", engine, limit)
	if err != nil {
		return nil, fmt.Errorf("read the trail: %w", err)
	}
	defer rows.Close()
	var out []AckEvent
	for rows.Next() {
		var e AckEvent
		if e.Ack, err = scanAck(rows, &e.Action); err != nil {
			return nil, fmt.Errorf("read the trail: %w", err)
		}
		out = append(out, e)
	}
	return out, rows.Err()
}
