package tools

import (
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
)

// moment reads an instant as people write it: RFC 3339, a date, a date with a time, a time of day (the last such one before now) or how
// long ago ("90m", "2h", "3d"). What names no zone is in zone, the plan's.
func moment(text string, now time.Time, zone *time.Location) (time.Time, error) {
	s := strings.TrimSpace(text)
	if at, err := time.Parse(time.RFC3339, s); err == nil {
		return at.UTC(), nil
	}
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02"} {
		if at, err := time.ParseInLocation(layout, s, zone); err == nil {
			return at.UTC(), nil
		}
	}
	if clock, err := time.Parse("15:04", s); err == nil {
		local := now.In(zone)
		at := time.Date(local.Year(), local.Month(), local.Day(), clock.Hour(), clock.Minute(), 0, 0, zone)
		if at.After(now) {
			at = at.AddDate(0, 0, -1)
		}
		return at.UTC(), nil
	}
	if d, ok := ago(s); ok {
		return now.Add(-d), nil
	}
	return time.Time{}, fault.New(fault.Invalid, "%q is no instant.", text).WithHint("Write 2026-03-17T02:00:00-03:00, 2026-03-17, 02:00, or how long ago: 90m, 2h, 3d.")
}

// maxAgo is how far back anything is looked for: history keeps 400 days.
const maxAgo = 400 * 24 * time.Hour

func ago(s string) (time.Duration, bool) {
	if days, isDays := strings.CutSuffix(s, "d"); isDays {
		s = days + "h"
		if d, err := time.ParseDuration(s); err == nil && d > 0 && d <= maxAgo/24 {
			return 24 * d, true
		}
		return 0, false
	}
	d, err := time.ParseDuration(s)
	return d, err == nil && d > 0 && d <= maxAgo
}
