package tools

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/diagnose"
)

// moment reads an instant that has been, as people write it: RFC 3339, a date, a date with a time, a day such as yesterday, a time of day (the last such
// one before now) or how long ago ("90m", "2h", "3 days ago"). What names no zone is in zone, the plan's; a day is its beginning.
func moment(text string, now time.Time, zone *time.Location) (time.Time, error) {
	return readMoment(text, now, zone, false)
}

// coming is moment for an instant that will be: a time of day is the next one, a length of time counts from now, and there is a tomorrow.
func coming(text string, now time.Time, zone *time.Location) (time.Time, error) {
	return readMoment(text, now, zone, true)
}

// layouts are the forms of a date with a time that names no zone.
var layouts = []string{"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04", time.DateOnly}

func readMoment(text string, now time.Time, zone *time.Location, ahead bool) (time.Time, error) {
	s := strings.TrimSpace(text)
	if rest, ok := cutWord(s, "tomorrow", "amanhã", "amanha"); ok && ahead {
		s = strings.TrimSpace(now.In(zone).AddDate(0, 0, 1).Format(time.DateOnly) + " " + rest)
	}
	if _, ok := cutWord(s, "now", "agora"); ok {
		return now, nil
	}
	s = diagnose.Absolute(s, zone, now)
	if at, err := time.Parse(time.RFC3339, strings.Replace(s, " ", "T", 1)); err == nil {
		return at.UTC(), nil
	}
	for _, layout := range layouts {
		if at, err := time.ParseInLocation(layout, s, zone); err == nil {
			return at.UTC(), nil
		}
	}
	for _, layout := range []string{"15:04", "15:04:05"} {
		if clock, err := time.Parse(layout, s); err == nil {
			return onClock(clock, now.In(zone), ahead), nil
		}
	}
	if d, ok := length(s); ok && ahead {
		return now.Add(d), nil
	} else if ok {
		return now.Add(-d), nil
	}
	if ahead {
		return time.Time{}, fault.New(fault.Invalid, "%q is no instant.", clip(text, 60)).WithHint("Write 2026-03-17T02:00:00-03:00, 2026-03-17, tomorrow, 02:00, or how long from now: 90m, 2h, 3d.")
	}
	return time.Time{}, fault.New(fault.Invalid, "%q is no instant.", clip(text, 60)).WithHint("Write 2026-03-17T02:00:00-03:00, 2026-03-17, yesterday, 02:00, or how long ago: 90m, 2h, 3d.")
}

// cutWord takes one of the words off the beginning of a text.
func cutWord(text string, words ...string) (rest string, ok bool) {
	first, rest, _ := strings.Cut(text, " ")
	for _, w := range words {
		if strings.EqualFold(first, w) {
			return strings.TrimSpace(rest), true
		}
	}
	return "", false
}

// onClock is the time of day next to now, before or behind it. now is in the plan's zone.
func onClock(clock, now time.Time, ahead bool) time.Time {
	day := func(days int) time.Time {
		return time.Date(now.Year(), now.Month(), now.Day()+days, clock.Hour(), clock.Minute(), clock.Second(), 0, now.Location())
	}
	at := day(0)
	switch {
	case ahead && at.Before(now):
		at = day(1)
	case !ahead && at.After(now):
		at = day(-1)
	}
	return at.UTC()
}

// longest is how far from now anything is looked for: history keeps 400 days.
const longest = 400 * 24 * time.Hour

// spoken is a length of time in words: "3d", "2 hours ago", "in 30 min".
var spoken = regexp.MustCompile(`^(?:in )?(\d{1,6}) ?(m|min|mins|minute|minutes|h|hr|hrs|hour|hours|d|day|days|w|week|weeks)(?: ago)?$`)

var units = map[byte]time.Duration{'m': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour}

// length reads how long, from a minute to longest.
func length(s string) (time.Duration, bool) {
	s = strings.ToLower(s)
	d, err := time.ParseDuration(s)
	if m := spoken.FindStringSubmatch(s); m != nil {
		n, _ := strconv.Atoi(m[1]) // at most six figures
		d, err = time.Duration(n)*units[m[2][0]], nil
	}
	return d, err == nil && d > 0 && d <= longest
}
