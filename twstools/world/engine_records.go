package world

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
)

// defaultLimit is how many rows a list gives that asks for no number.
const defaultLimit = 500

// stamped is a record as a RecordQuery sees it.
type stamped struct {
	at   time.Time
	text string
}

// records chooses those of a time and mentioning a name, newest first. Both bounds are inside; the name is found in any case.
func records[T any](all []T, q twstools.RecordQuery, of func(T) stamped) []T {
	limit := q.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	out := []T{}
	for _, r := range slices.Backward(all) {
		s := of(r)
		switch {
		case !q.From.IsZero() && s.at.Before(q.From), !q.To.IsZero() && s.at.After(q.To):
		case q.Object != "" && !strings.Contains(strings.ToUpper(s.text), strings.ToUpper(q.Object)):
		default:
			if out = append(out, r); len(out) == limit {
				return out
			}
		}
	}
	return out
}

// named chooses definitions by a pattern of their names; "" is all.
func named[T any](ctx context.Context, all []T, pattern string, limit int, name func(T) string, give func(T) T) ([]T, error) {
	if limit <= 0 {
		limit = defaultLimit
	}
	out := []T{}
	for _, d := range all {
		if pattern != "" && !query.Match(pattern, name(d)) {
			continue
		}
		if out = append(out, give(d)); len(out) == limit {
			break
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, fault.Wrap(fault.Timeout, err, "The definitions could not be read in time.")
	}
	return out, nil
}
