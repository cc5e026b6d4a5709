package diagnose

import (
	"strconv"
	"strings"
	"time"
)

var weekdays = map[string]time.Weekday{"sunday": time.Sunday, "monday": time.Monday, "tuesday": time.Tuesday, "wednesday": time.Wednesday, "thursday": time.Thursday, "friday": time.Friday, "saturday": time.Saturday}

// Absolute turns a day that is told from the engine's own, as only the engine's clock can tell it, into a date: today, yesterday (hoje, ontem), "2 days
// ago", a weekday (the last one before today), "02-14" and "day 12" (the last ones not after today); a time of day may follow. Anything
// else is given back as it is. now is the engine's, zone the plan's.
func Absolute(text string, zone *time.Location, now time.Time) string {
	day, clock := strings.ToLower(strings.TrimSpace(text)), ""
	if i := strings.LastIndexByte(day, ' '); i > 0 && strings.Contains(day[i:], ":") {
		day, clock = strings.TrimSpace(day[:i]), strings.TrimSpace(day[i:])
	}
	date, ok := dateOf(day, now.In(zone))
	switch {
	case !ok:
		return text
	case clock == "":
		return date.Format(time.DateOnly)
	}
	return date.Format(time.DateOnly) + "T" + clock
}

func dateOf(day string, now time.Time) (time.Time, bool) {
	back := func(days int) (time.Time, bool) {
		return time.Date(now.Year(), now.Month(), now.Day()-days, 0, 0, 0, 0, now.Location()), true
	}
	if w, ok := weekdays[day]; ok {
		ago := (int(now.Weekday()) - int(w) + 7) % 7
		if ago == 0 {
			ago = 7
		}
		return back(ago)
	}
	if n, ok := strings.CutSuffix(day, " days ago"); ok {
		if days, err := strconv.Atoi(n); err == nil && days >= 0 && days < 10_000 {
			return back(days)
		}
	}
	if n, ok := strings.CutPrefix(day, "day "); ok {
		if d, err := strconv.Atoi(n); err == nil && d >= 1 && d <= 31 {
			at := time.Date(now.Year(), now.Month(), d, 0, 0, 0, 0, now.Location())
			if at.After(now) {
				at = time.Date(now.Year(), now.Month()-1, d, 0, 0, 0, 0, now.Location())
			}
			return at, at.Day() == d
		}
	}
	if t, err := time.ParseInLocation("01-02", day, now.Location()); err == nil {
		at := time.Date(now.Year(), t.Month(), t.Day(), 0, 0, 0, 0, now.Location())
		if at.After(now) {
			at = time.Date(now.Year()-1, t.Month(), t.Day(), 0, 0, 0, 0, now.Location())
		}
		return at, true
	}
	switch day {
	case "today", "hoje":
		return back(0)
	case "yesterday", "ontem":
		return back(1)
	}
	return time.Time{}, false
}
