package alert

import (
	"context"
	"database/sql"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/resync-hwa/resync/internal/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// roomName is this room's name in the store, and its turn among those that write.
const roomName = "alert"

// Room gives the tables of this package to store.Open.
func Room() store.Room {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic("alert: the embedded folder is named migrations: " + err.Error())
	}
	return store.Room{Name: roomName, FS: sub}
}

const (
	// maxQueued bounds what waits for one webhook. Above it nothing is told it, and so it stays to be told.
	maxQueued = 100
	// maxEvents bounds what one message tells one by one.
	maxEvents = 100
	// keepUnseen is how long a finding of an engine is kept that nobody watches any more.
	keepUnseen = 30 * 24 * time.Hour
	// keepQueued is how long a message may wait: nobody wants yesterday's alarm.
	keepQueued = 24 * time.Hour
)

// Message is what one webhook is told of one sighting.
type Message struct {
	ID     string  `json:"id"` // the same when it is sent again
	Engine string  `json:"engine"`
	Mode   string  `json:"mode"`
	At     string  `json:"at"` // RFC 3339, plan's zone
	Events []Event `json:"events"`
	More   int     `json:"more,omitempty"` // events that are not among them
	Test   bool    `json:"test,omitempty"`
}

// Book keeps what was told, and what is still to be sent, in a database. Safe for concurrent use, also by several processes: each change is one
// transaction, so that two who see the same do not both tell it.
type Book struct {
	db     *store.DB
	settle time.Duration
	now    func() time.Time
}

// NewBook makes a Book over an open database that has this package's Room; now is our clock.
func NewBook(db *store.DB, settle time.Duration, now func() time.Time) (*Book, error) {
	if db == nil || now == nil {
		return nil, errors.New("alert: a database and a clock are needed")
	}
	return &Book{db: db, settle: settle, now: now}, nil
}

// Observe takes in a sighting and puts what is new to each webhook into its queue. It gives the names of those whose queue is full, which are told
// nothing until it is not.
func (b *Book) Observe(ctx context.Context, s Sighting, rules []Rule) (full []string, err error) {
	err = b.db.WithRoomTx(ctx, roomName, func(tx *sql.Tx) error {
		full = nil
		recs, err := b.load(ctx, tx, s.Engine)
		if err != nil {
			return err
		}
		blocked, err := b.blocked(ctx, tx, rules)
		if err != nil {
			return err
		}
		for name := range blocked {
			full = append(full, name)
		}
		for name, events := range advance(recs, s, rules, blocked, b.settle) {
			if err := b.enqueue(ctx, tx, name, message(s, events)); err != nil {
				return err
			}
		}
		return b.save(ctx, tx, s, recs)
	})
	return full, err
}

// message makes one of events; those beyond the bound are counted.
func message(s Sighting, events []Event) Message {
	m := Message{Engine: s.Name, Mode: s.Mode, At: s.PlanNow.Format(time.RFC3339), Events: events}
	if more := len(events) - maxEvents; more > 0 {
		m.Events, m.More = events[:maxEvents], more
	}
	return m
}

func (b *Book) load(ctx context.Context, tx *sql.Tx, engine string) (map[string]*record, error) {
	rows, err := tx.QueryContext(ctx, "SELECT id, finding, told, first, last, absent FROM alert_findings WHERE engine = $1", engine)
	if err != nil {
		return nil, fmt.Errorf("read findings: %w", err)
	}
	defer rows.Close()
	out := map[string]*record{}
	for rows.Next() {
		var id, finding, toldText string
		var first, last, absent int64
		if err := rows.Scan(&id, &finding, &toldText, &first, &last, &absent); err != nil {
			return nil, fmt.Errorf("read findings: %w", err)
		}
		r := &record{First: time.UnixMilli(first), Last: time.UnixMilli(last), Told: map[string]told{}}
		if absent != 0 {
			r.Absent = time.UnixMilli(absent)
		}
		if err := errors.Join(json.Unmarshal([]byte(finding), &r.Finding), json.Unmarshal([]byte(toldText), &r.Told)); err != nil {
			return nil, fmt.Errorf("read finding %s: %w", id, err)
		}
		out[id] = r
	}
	return out, rows.Err()
}

// blocked gives the rules whose webhook has too much waiting.
func (b *Book) blocked(ctx context.Context, tx *sql.Tx, rules []Rule) (map[string]bool, error) {
	out := map[string]bool{}
	for _, r := range rules {
		var n int
		if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM alert_queue WHERE webhook = $1", r.Name).Scan(&n); err != nil {
			return nil, fmt.Errorf("count the queue: %w", err)
		}
		if n >= maxQueued {
			out[r.Name] = true
		}
	}
	return out, nil
}

func (b *Book) enqueue(ctx context.Context, tx *sql.Tx, name string, m Message) error {
	m.ID = newID()
	text, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("write a message: %w", err)
	}
	at := b.now().UnixMilli()
	_, err = tx.ExecContext(ctx, "INSERT INTO alert_queue (id, seq, webhook, message, at, due, attempts) SELECT $1, coalesce(max(seq), 0) + 1, $2, $3, $4, $5, 0 FROM alert_queue", m.ID, name, string(text), at, at)
	if err != nil {
		return fmt.Errorf("write a message: %w", err)
	}
	return nil
}

// save writes the records that changed, and lets go of those that are over.
func (b *Book) save(ctx context.Context, tx *sql.Tx, s Sighting, recs map[string]*record) error {
	for id, r := range recs {
		if r.gone {
			if _, err := tx.ExecContext(ctx, "DELETE FROM alert_findings WHERE engine = $1 AND id = $2", s.Engine, id); err != nil {
				return fmt.Errorf("forget a finding: %w", err)
			}
			continue
		}
		if !r.changed {
			continue
		}
		finding, err1 := json.Marshal(r.Finding)
		toldText, err2 := json.Marshal(r.Told)
		if err := errors.Join(err1, err2); err != nil {
			return fmt.Errorf("write a finding: %w", err)
		}
		absent := int64(0)
		if !r.Absent.IsZero() {
			absent = r.Absent.UnixMilli()
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO alert_findings (engine, id, finding, told, first, last, absent) VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (engine, id) DO UPDATE SET finding = excluded.finding, told = excluded.told, last = excluded.last, absent = excluded.absent`,
			s.Engine, id, string(finding), string(toldText), r.First.UnixMilli(), r.Last.UnixMilli(), absent)
		if err != nil {
			return fmt.Errorf("write a finding: %w", err)
		}
	}
	if _, err := tx.ExecContext(ctx, "DELETE FROM alert_findings WHERE engine <> $1 AND last < $2", s.Engine, s.At.Add(-keepUnseen).UnixMilli()); err != nil {
		return fmt.Errorf("forget old findings: %w", err)
	}
	return nil
}
