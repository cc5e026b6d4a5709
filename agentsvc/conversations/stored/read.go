package stored

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/resync-hwa/resync/agentsvc/conversations"
)

// Get implements conversations.Store.
func (s *Store) Get(ctx context.Context, owner, id string) (conversations.Conversation, error) {
	if !conversations.Sound(owner) || !conversations.Sound(id) {
		return conversations.Conversation{}, conversations.Missing(id)
	}
	c, _, err := s.head(ctx, "id = $1 AND owner = $2", id, owner)
	if errors.Is(err, sql.ErrNoRows) {
		return c, conversations.Missing(id)
	}
	if err == nil {
		c.Turns, err = s.turns(ctx, id, 0)
	}
	if err == nil {
		err = s.feedback(ctx, id, c.Turns)
	}
	return c, told("read a conversation", err)
}

// Shared implements conversations.Store.
func (s *Store) Shared(ctx context.Context, hash string, now time.Time) (conversations.Conversation, error) {
	if !conversations.Sound(hash) {
		return conversations.Conversation{}, conversations.NoLink()
	}
	c, upTo, err := s.head(ctx, "share_hash = $1 AND share_until > $2", hash, ms(now))
	if errors.Is(err, sql.ErrNoRows) {
		return c, conversations.NoLink()
	}
	if err == nil && upTo > 0 {
		c.Turns, err = s.turns(ctx, c.ID, upTo)
	}
	return c, told("read a shared conversation", err)
}

// head reads a conversation without its turns, and the number of the last turn that its link shows.
func (s *Store) head(ctx context.Context, where string, args ...any) (c conversations.Conversation, upTo int64, err error) {
	var created, updated, made, until int64
	var hash sql.NullString
	err = s.db.Read().QueryRowContext(ctx, "SELECT id, owner, title, created, updated, share_hash, share_made, share_until, share_n FROM conversations WHERE "+where, args...).
		Scan(&c.ID, &c.Owner, &c.Title, &created, &updated, &hash, &made, &until, &upTo)
	if err != nil {
		return conversations.Conversation{}, 0, err
	}
	c.Created, c.Updated = at(created), at(updated)
	if hash.Valid {
		c.Share = &conversations.Share{Hash: hash.String, Created: at(made), Expires: at(until)}
	}
	return c, upTo, nil
}

// turns reads the turns of a conversation without ledgers and feedback, up to a number; 0 means all.
func (s *Store) turns(ctx context.Context, id string, upTo int64) ([]conversations.Turn, error) {
	var out []conversations.Turn
	var earlier []string
	err := s.each(ctx, func(rows *sql.Rows) error {
		var message string
		var present, when, f int64
		var packed []byte
		if err := rows.Scan(&message, &present, &when, &f, &packed); err != nil {
			return err
		}
		if present == 0 {
			earlier = append(earlier, message)
			return nil
		}
		t, err := s.press.unpackBody(f, message, when, packed)
		t.Earlier, earlier = earlier, nil
		out = append(out, t)
		return err
	}, `SELECT id, present, at, form, CASE WHEN present = 1 THEN body END FROM conversation_turns
		WHERE conversation = $1 AND (CAST($2 AS BIGINT) = 0 OR n <= CAST($2 AS BIGINT)) ORDER BY n, version`, id, upTo)
	return out, err
}

// feedback adds to the turns what people think of them.
func (s *Store) feedback(ctx context.Context, id string, turns []conversations.Turn) error {
	of := make(map[string]*conversations.Turn, len(turns))
	for i := range turns {
		of[turns[i].ID] = &turns[i]
	}
	return s.each(ctx, func(rows *sql.Rows) error {
		var message string
		f, err := scanFeedback(rows, &message)
		if t := of[message]; t != nil && err == nil {
			t.Feedback = append(t.Feedback, f)
		}
		return err
	}, "SELECT turn, who, name, opinion, words, at, reported FROM conversation_feedback WHERE conversation = $1 ORDER BY turn, at, who", id)
}

func scanFeedback(rows *sql.Rows, message *string) (f conversations.Feedback, err error) {
	var when, reported int64
	err = rows.Scan(message, &f.Who, &f.Name, &f.Opinion, &f.Words, &when, &reported)
	f.At, f.Reported = at(when), reported != 0
	return f, err
}

// Turn implements conversations.Store.
func (s *Store) Turn(ctx context.Context, owner, id, message string) (conversations.Turn, error) {
	if !conversations.Sound(owner) || !conversations.Sound(id) {
		return conversations.Turn{}, conversations.Missing(id)
	}
	if !conversations.Sound(message) {
		return conversations.Turn{}, conversations.NoTurn(message)
	}
	var when, f, n, version, present int64
	var packed, ledger []byte
	err := s.db.Read().QueryRowContext(ctx, `SELECT t.at, t.form, t.n, t.version, t.present, t.body, t.ledger FROM conversation_turns t
		JOIN conversations c ON c.id = t.conversation WHERE c.owner = $1 AND t.conversation = $2 AND t.id = $3`, owner, id, message).
		Scan(&when, &f, &n, &version, &present, &packed, &ledger)
	if errors.Is(err, sql.ErrNoRows) {
		if _, _, err := s.head(ctx, "id = $1 AND owner = $2", id, owner); errors.Is(err, sql.ErrNoRows) {
			return conversations.Turn{}, conversations.Missing(id)
		}
		return conversations.Turn{}, conversations.NoTurn(message)
	}
	if err != nil {
		return conversations.Turn{}, told("read a turn", err)
	}
	t, err := s.press.unpackBody(f, message, when, packed)
	if err == nil {
		t.Ledger, err = s.press.unpackLedger(f, ledger)
	}
	if err == nil && present == 1 && version > 1 {
		err = s.each(ctx, func(rows *sql.Rows) error {
			var old string
			err := rows.Scan(&old)
			t.Earlier = append(t.Earlier, old)
			return err
		}, "SELECT id FROM conversation_turns WHERE conversation = $1 AND n = $2 AND version < $3 ORDER BY version", id, n, version)
	}
	if err == nil {
		err = s.each(ctx, func(rows *sql.Rows) error {
			var of string
			f, err := scanFeedback(rows, &of)
			t.Feedback = append(t.Feedback, f)
			return err
		}, "SELECT turn, who, name, opinion, words, at, reported FROM conversation_feedback WHERE conversation = $1 AND turn = $2 ORDER BY at, who", id, message)
	}
	return t, told("read a turn", err)
}

// Before implements conversations.Store. It runs with every question, so it is one statement, and unpacks no more than it gives.
func (s *Store) Before(ctx context.Context, owner, id, message string, most int) ([]conversations.Turn, error) {
	if !conversations.Sound(owner) || !conversations.Sound(id) {
		return nil, conversations.Missing(id)
	}
	if !conversations.Sound(message) {
		return nil, conversations.NoTurn(message)
	}
	var out []conversations.Turn
	err := s.each(ctx, func(rows *sql.Rows) error {
		var name string
		var when, f int64
		var packed, ledger []byte
		if err := rows.Scan(&name, &when, &f, &packed, &ledger); err != nil {
			return err
		}
		t, err := s.press.unpackBody(f, name, when, packed)
		if err == nil && len(out) == 0 {
			t.Ledger, err = s.press.unpackLedger(f, ledger)
		}
		out = append(out, t)
		return err
	}, `SELECT t.id, t.at, t.form, t.body, t.ledger FROM conversation_turns t JOIN conversations c ON c.id = t.conversation
		WHERE c.owner = $1 AND t.conversation = $2 AND t.present = 1
		AND (CAST($3 AS TEXT) = '' OR t.n < (SELECT x.n FROM conversation_turns x WHERE x.conversation = $2 AND x.id = CAST($3 AS TEXT) AND x.present = 1))
		ORDER BY t.n DESC LIMIT $4`, owner, id, message, most)
	if err == nil && len(out) == 0 {
		err = s.there(ctx, owner, id, message)
	}
	slices.Reverse(out)
	return out, told("read the latest turns", err)
}

// there reports whether the conversation, and the answer in its present version, are there; an empty message is.
func (s *Store) there(ctx context.Context, owner, id, message string) error {
	var n int64
	err := s.db.Read().QueryRowContext(ctx, `SELECT CASE WHEN CAST($3 AS TEXT) = '' THEN 1 ELSE
		(SELECT COUNT(*) FROM conversation_turns t WHERE t.conversation = c.id AND t.id = CAST($3 AS TEXT) AND t.present = 1) END
		FROM conversations c WHERE c.id = $1 AND c.owner = $2`, id, owner, message).Scan(&n)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return conversations.Missing(id)
	case err == nil && n == 0:
		return conversations.NoTurn(message)
	}
	return err
}

// List implements conversations.Store.
func (s *Store) List(ctx context.Context, owner string, q conversations.Query) (conversations.Page, error) {
	page := conversations.Page{Items: []conversations.Summary{}}
	after, err := q.Place()
	if err != nil || !conversations.Sound(owner) {
		return page, err
	}
	args := []any{owner}
	arg := func(v any) string {
		args = append(args, v)
		return fmt.Sprintf("$%d", len(args))
	}
	where := "owner = $1 AND turns > 0"
	terms := q.Terms()
	if len(terms) > 0 {
		where += fmt.Sprintf(" AND ((%s) OR EXISTS (SELECT 1 FROM conversation_turns t WHERE t.conversation = conversations.id AND t.present = 1 AND %s))",
			has("title_folded", terms, arg), has("t.folded", terms, arg))
	}
	if err := s.db.Read().QueryRowContext(ctx, "SELECT COUNT(*) FROM conversations WHERE "+where, args...).Scan(&page.Total); err != nil {
		return page, told("count conversations", err)
	}
	if after.ID != "" {
		updated, id := arg(ms(after.Updated)), arg(after.ID)
		where += fmt.Sprintf(" AND (updated < %s OR updated = %s AND id < %s)", updated, updated, id)
	}
	size := q.Size()
	err = s.each(ctx, func(rows *sql.Rows) error {
		var c conversations.Summary
		var created, updated int64
		if err := rows.Scan(&c.ID, &c.Title, &created, &updated, &c.Turns); err != nil {
			return err
		}
		c.Created, c.Updated = at(created), at(updated)
		page.Items = append(page.Items, c)
		return nil
	}, "SELECT id, title, created, updated, turns FROM conversations WHERE "+where+" ORDER BY updated DESC, id DESC LIMIT "+arg(size+1), args...)
	if err != nil {
		return page, told("list conversations", err)
	}
	if len(page.Items) > size {
		page.Items = page.Items[:size]
		last := page.Items[size-1]
		page.Next = q.Cursor(conversations.Place{Updated: last.Updated, ID: last.ID})
	}
	for i := range page.Items {
		if len(terms) > 0 {
			if page.Items[i].Match, err = s.match(ctx, page.Items[i], terms); err != nil {
				return page, told("list conversations", err)
			}
		}
	}
	return page, nil
}

// has is the condition that a folded column has all the terms.
func has(column string, terms []string, arg func(any) string) string {
	all := make([]string, 0, len(terms))
	for _, t := range terms {
		all = append(all, column+" LIKE "+arg("%"+strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(t)+"%")+` ESCAPE '\'`)
	}
	return strings.Join(all, " AND ")
}

// match finds the latest turn of a conversation that has the terms; the title where none has.
func (s *Store) match(ctx context.Context, c conversations.Summary, terms []string) (*conversations.Match, error) {
	args := []any{c.ID}
	arg := func(v any) string {
		args = append(args, v)
		return fmt.Sprintf("$%d", len(args))
	}
	statement := "SELECT id, at, form, body FROM conversation_turns WHERE conversation = $1 AND present = 1 AND " + has("folded", terms, arg) + " ORDER BY n DESC LIMIT 1"
	found := &conversations.Match{Excerpt: c.Title}
	err := s.each(ctx, func(rows *sql.Rows) error {
		var message string
		var when, f int64
		var packed []byte
		if err := rows.Scan(&message, &when, &f, &packed); err != nil {
			return err
		}
		t, err := s.press.unpackBody(f, message, when, packed)
		if err == nil {
			found = conversations.MatchOf(t, terms)
		}
		return err
	}, statement, args...)
	return found, err
}

// each reads rows one by one.
func (s *Store) each(ctx context.Context, row func(*sql.Rows) error, statement string, args ...any) error {
	rows, err := s.db.Read().QueryContext(ctx, statement, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
