package world

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// clock turns the times of a world's files into instants. A file tells a story with its own hours: `clock: "03:10"` says that it is ten
// past three there at the instant of reading, whatever hour that is for the reader. Distances are all that survives.
type clock struct {
	now    time.Time // exact
	base   time.Time // now to the minute: what hours are counted from, so that they come out whole
	at     time.Duration
	starts time.Duration // when the story's day begins: hours from here on belong to the day before `at`'s where that is earlier
}

// hourForm is a time of day with an optional shift by days: 22:00, 02:14:07, 23:30-1d.
var hourForm = regexp.MustCompile(`^(\d{2}):(\d{2})(?::(\d{2}))?(?:([+-]\d+)d)?$`)

func newClock(now time.Time, at, starts string) (clock, error) {
	c := clock{now: now.UTC(), base: now.UTC().Truncate(time.Minute)}
	var err error
	if c.at, err = timeOfDay(at, "00:00"); err != nil {
		return c, fmt.Errorf("clock: %w", err)
	}
	if c.starts, err = timeOfDay(starts, "12:00"); err != nil {
		return c, fmt.Errorf("day_starts: %w", err)
	}
	return c, nil
}

func timeOfDay(s, byDefault string) (time.Duration, error) {
	if s == "" {
		s = byDefault
	}
	m := hourForm.FindStringSubmatch(s)
	if m == nil || m[4] != "" {
		return 0, fmt.Errorf("%q is not a time of day like 03:10", s)
	}
	return hours(m)
}

func hours(m []string) (time.Duration, error) {
	h, _ := strconv.Atoi(m[1])
	min, _ := strconv.Atoi(m[2])
	sec, _ := strconv.Atoi(m[3])
	if h > 23 || min > 59 || sec > 59 {
		return 0, fmt.Errorf("%q is not a time of day", m[0])
	}
	return time.Duration(h)*time.Hour + time.Duration(min)*time.Minute + time.Duration(sec)*time.Second, nil
}

// parse reads one time: "", "now", a distance like "-2h10m" or "+45m" or "-1d2h", or a time of day of the story.
func (c clock) parse(s string) (time.Time, error) {
	switch {
	case s == "":
		return time.Time{}, nil
	case s == "now":
		return c.now, nil
	case s[0] == '-' || s[0] == '+':
		d, err := distance(s)
		return c.now.Add(d), err
	}
	m := hourForm.FindStringSubmatch(s)
	if m == nil {
		return time.Time{}, fmt.Errorf("%q is no time: write -2h10m, +45m, 22:00 or 22:00-1d", s)
	}
	h, err := hours(m)
	if err != nil {
		return time.Time{}, err
	}
	days, _ := strconv.Atoi(m[4])
	return c.base.Add(c.inDay(h) - c.inDay(c.at) + time.Duration(days)*24*time.Hour), nil
}

// daysAgo is the same clock so many days earlier.
func (c clock) daysAgo(n int) clock {
	c.now, c.base = c.now.Add(-time.Duration(n)*24*time.Hour), c.base.Add(-time.Duration(n)*24*time.Hour)
	return c
}

// inDay counts from the start of the story's day.
func (c clock) inDay(h time.Duration) time.Duration {
	if h < c.starts {
		h += 24 * time.Hour
	}
	return h - c.starts
}

// distance reads a signed duration that may begin with days: -1d2h, +45m, 90s.
func distance(s string) (time.Duration, error) {
	sign, rest := time.Duration(1), s
	switch {
	case strings.HasPrefix(s, "-"):
		sign, rest = -1, s[1:]
	case strings.HasPrefix(s, "+"):
		rest = s[1:]
	}
	var days time.Duration
	if n, after, ok := strings.Cut(rest, "d"); ok {
		d, err := strconv.Atoi(n)
		if err != nil || d < 0 {
			return 0, fmt.Errorf("%q is no distance in time", s)
		}
		days, rest = time.Duration(d)*24*time.Hour, after
	}
	if rest == "" {
		return sign * days, nil
	}
	d, err := time.ParseDuration(rest)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("%q is no distance in time", s)
	}
	return sign * (days + d), nil
}
