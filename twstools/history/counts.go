package history

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
)

// Counts are how many jobs of the plan stood in which status at a moment.
type Counts struct {
	At       time.Time // kept to the minute; of two in one minute the later stays
	Total    int
	ByStatus map[string]int // by the engine's words
}

func (h *History) writeCounts(ctx context.Context, tx *sql.Tx, c Counts) error {
	minute := c.At.UTC().Truncate(time.Minute)
	_, err := tx.ExecContext(ctx, `INSERT INTO history_counts (engine, minute, total, counts) VALUES ($1, $2, $3, $4)
		ON CONFLICT (engine, minute) DO UPDATE SET total = excluded.total, counts = excluded.counts`, h.Engine, millis(minute), c.Total, countsText(c.ByStatus))
	if err != nil {
		return fmt.Errorf("write counts: %w", err)
	}
	return nil
}

// maxStatuses bounds the words of one minute: the engine has about a dozen.
const maxStatuses = 50

func countsText(by map[string]int) string {
	var s strings.Builder
	for i, word := range slices.Sorted(maps.Keys(by)) {
		if i == maxStatuses {
			break
		}
		name := strings.Map(func(r rune) rune {
			if r == ' ' || r == '=' || r == 0 {
				return '_'
			}
			return r
		}, cut(word, 60))
		s.WriteString(name + "=" + strconv.Itoa(by[word]) + " ")
	}
	return strings.TrimSuffix(s.String(), " ")
}

func countsFrom(text string) map[string]int {
	by := map[string]int{}
	for part := range strings.FieldsSeq(text) {
		if word, n, ok := strings.Cut(part, "="); ok {
			by[word], _ = strconv.Atoi(n)
		}
	}
	return by
}

// maxCountsSpan bounds one answer of CountsBetween to 44,640 minutes.
const maxCountsSpan = 31 * 24 * time.Hour

// CountsBetween gives the counts of the minutes from (inclusive) to to (exclusive), oldest first. A minute that is missing was not
// watched: nothing may be concluded about it. Code invalid for more than 31 days.
func (h *History) CountsBetween(ctx context.Context, from, to time.Time) ([]Counts, error) {
	if to.Sub(from) > maxCountsSpan {
		return nil, fault.New(fault.Invalid, "Counts are given for 31 days at most.").WithHint("Ask for a shorter time.")
	}
	if h.DB == nil {
		return nil, nil
	}
	rows, err := h.DB.Read().QueryContext(ctx, "SELECT minute, total, counts FROM history_counts WHERE engine = $1 AND minute >= $2 AND minute < $3 ORDER BY minute",
		h.Engine, from.UnixMilli(), to.UnixMilli())
	if err != nil {
		return nil, fmt.Errorf("read counts: %w", err)
	}
	defer rows.Close()
	var out []Counts
	for rows.Next() {
		c, text, minute := Counts{}, "", int64(0)
		if err := rows.Scan(&minute, &c.Total, &text); err != nil {
			return nil, fmt.Errorf("read counts: %w", err)
		}
		c.At, c.ByStatus = fromMillis(minute), countsFrom(text)
		out = append(out, c)
	}
	return out, rows.Err()
}
