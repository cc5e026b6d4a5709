package hwa

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/resync-hwa/resync/twstools/query"
)

// instantLayouts are the forms of an instant that servers send. A form without a zone means UTC. Go reads a fraction of a second
// after the seconds in any of them.
var instantLayouts = []string{
	time.RFC3339,
	"2006-01-02T15:04:05",
	"2006-01-02T15:04:05-0700",
	"2006-01-02T15:04:05-07",
	"2006-01-02T15:04Z07:00",
	"2006-01-02T15:04",
	"2006-01-02 15:04:05Z07:00",
	"2006-01-02 15:04:05 -0700",
	"2006-01-02 15:04:05",
	"2006-01-02",
	time.RFC1123,
	time.RFC1123Z,
}

// parseInstant reads an instant in any of those forms, or as seconds or milliseconds since 1970. What cannot be an instant of a plan
// (before 1990, as servers write "none") is zero.
func parseInstant(s string) time.Time {
	s = strings.TrimSpace(s)
	if i := strings.IndexByte(s, '['); i > 0 { // 2025-10-13T21:59:00+02:00[Europe/Rome]
		s = s[:i]
	}
	if s == "" {
		return time.Time{}
	}
	if t, ok := epoch(s); ok {
		return plausible(t)
	}
	for _, layout := range instantLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return plausible(t)
		}
	}
	return time.Time{}
}

func epoch(s string) (time.Time, bool) {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		return time.Time{}, false
	}
	switch {
	case f >= 1e11 && f < 1e14:
		return time.UnixMilli(int64(f)), true
	case f >= 1e8 && f < 1e11:
		return time.Unix(int64(f), 0), true
	}
	return time.Time{}, true
}

func plausible(t time.Time) time.Time {
	if t.Year() < 1990 || t.Year() > 9000 {
		return time.Time{}
	}
	return t.UTC()
}

// clockForm is how conman writes a span: hh:mm:ss, hours open-ended.
var clockForm = regexp.MustCompile(`^(\d{1,5}):([0-5]\d)(?::([0-5]\d)(?:\.\d+)?)?$`)

// maxDuration bounds what is believed; a job does not run for a century.
const maxDuration = 100 * 365 * 24 * time.Hour

// parseDuration reads ISO-8601, hh:mm:ss, hh:mm, and plain numbers as milliseconds (the habit of the older interface).
func parseDuration(s string) (time.Duration, bool) {
	s = strings.TrimSpace(s)
	d, ok := query.ParseDuration(s)
	if !ok {
		d, ok = otherDuration(s)
	}
	if !ok || d < 0 || d > maxDuration {
		return 0, false
	}
	return d, true
}

func otherDuration(s string) (time.Duration, bool) {
	if m := clockForm.FindStringSubmatch(s); m != nil {
		h, _ := strconv.Atoi(m[1])
		mins, _ := strconv.Atoi(m[2])
		secs, _ := strconv.Atoi(m[3])
		return time.Duration(h)*time.Hour + time.Duration(mins)*time.Minute + time.Duration(secs)*time.Second, true
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(f) || math.Abs(f) > float64(maxDuration/time.Millisecond) {
		return 0, false
	}
	return time.Duration(f * float64(time.Millisecond)), true
}
