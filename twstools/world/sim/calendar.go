package sim

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// calendars answers which days are free and which days a calendar names.
type calendars map[string]map[string]bool // dates as 2026-12-25

func readCalendars(in map[string][]string) (calendars, error) {
	out := calendars{}
	for name, dates := range in {
		out[name] = map[string]bool{}
		for _, d := range dates {
			if _, err := time.Parse(time.DateOnly, d); err != nil {
				return nil, fmt.Errorf("calendar %s: %q is no date like 2026-12-25", name, d)
			}
			out[name][d] = true
		}
	}
	return out, nil
}

var weekdays = map[string]time.Weekday{"su": time.Sunday, "mo": time.Monday, "tu": time.Tuesday, "we": time.Wednesday, "th": time.Thursday,
	"fr": time.Friday, "sa": time.Saturday}

// free reports whether the day is no workday for the stream: Saturdays and Sundays unless the stream says otherwise, and the days of its
// freedays calendar, HOLIDAYS by default (UG "freedays").
func (c calendars) free(s *Stream, day time.Time) bool {
	weekend := day.Weekday() == time.Saturday || day.Weekday() == time.Sunday
	name := s.FreeDays
	if name == "" {
		name = "HOLIDAYS"
	}
	return weekend && !s.WorkWeekend || c[name][day.Format(time.DateOnly)]
}

// cyclesOn lists the run cycles by which the stream runs on that day, exclusions applied. A day is a midnight in the stream's zone.
func (c calendars) cyclesOn(s *Stream, day time.Time) []RunCycle {
	run := s.Run
	if len(run) == 0 {
		run = []RunCycle{{Every: "daily"}}
	}
	for _, r := range s.Except {
		if c.falls(s, r, day) {
			return nil // UG "except": exclusions win over inclusions
		}
	}
	var out []RunCycle
	for _, r := range run {
		if c.falls(s, r, day) {
			out = append(out, r)
		}
	}
	return out
}

// falls reports whether the run cycle, its freedays rule applied, selects the day (UG "on", fdignore, fdnext, fdprev).
func (c calendars) falls(s *Stream, r RunCycle, day time.Time) bool {
	free := c.free(s, day)
	switch r.FreeDays {
	case "", "ignore":
		return c.selects(s, r, day)
	case "skip":
		return !free && c.selects(s, r, day)
	}
	if free {
		return false
	}
	if c.selects(s, r, day) {
		return true
	}
	step := -1 // fdnext: free days just before this one have moved here
	if r.FreeDays == "prev" {
		step = 1
	}
	for n := 1; n <= 31; n++ {
		d := day.AddDate(0, 0, step*n)
		if !c.free(s, d) {
			return false
		}
		if c.selects(s, r, d) {
			return true
		}
	}
	return false
}

// epoch is a Monday from which intervals of run cycles without valid_from count.
var epoch = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

// selects applies the bare rule.
func (c calendars) selects(s *Stream, r RunCycle, day time.Time) bool {
	date := day.Format(time.DateOnly)
	if r.ValidFrom != "" && date < r.ValidFrom || r.ValidTo != "" && date > r.ValidTo {
		return false
	}
	from := epoch
	if t, err := time.Parse(time.DateOnly, r.ValidFrom); err == nil {
		from = t
	}
	here := time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, time.UTC)
	days := int(here.Sub(from) / (24 * time.Hour))
	every := max(r.Interval, 1)
	switch r.Every {
	case "", "daily":
		return days%every == 0
	case "weekly":
		sinceMonday := func(t time.Time) int { return (int(t.Weekday()) + 6) % 7 }
		week := (days + sinceMonday(from)) / 7
		return week%every == 0 && slices.ContainsFunc(r.Days, func(w string) bool { return weekdays[w] == day.Weekday() })
	case "monthly":
		months := (day.Year()-from.Year())*12 + int(day.Month()) - int(from.Month())
		last := time.Date(day.Year(), day.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
		return months%every == 0 && slices.ContainsFunc(r.Days, func(w string) bool {
			n, _ := strconv.Atoi(w)
			return n == day.Day() || n < 0 && last+1+n == day.Day()
		})
	case "workdays":
		return !c.free(s, day)
	case "calendar":
		return c[r.Calendar][date]
	case "dates":
		return slices.Contains(r.Dates, date)
	}
	return false // request: planned only when somebody submits it
}

// check says what is wrong with a run cycle, "" for nothing.
func (r RunCycle) check(c calendars) string {
	if !slices.Contains([]string{"", "ignore", "next", "prev", "skip"}, r.FreeDays) {
		return fmt.Sprintf("freedays %q is none of ignore, next, prev, skip", r.FreeDays)
	}
	for _, d := range append(slices.Clone(r.Dates), r.ValidFrom, r.ValidTo) {
		if _, err := time.Parse(time.DateOnly, d); d != "" && err != nil {
			return fmt.Sprintf("%q is no date like 2026-12-25", d)
		}
	}
	if r.Repeat < 0 || r.Repeat > 0 && r.Repeat < time.Minute {
		return "repeat is at least 1m"
	}
	switch r.Every {
	case "", "daily", "workdays", "dates", "request":
	case "weekly":
		for _, d := range r.Days {
			if _, ok := weekdays[d]; !ok {
				return fmt.Sprintf("%q is no day of the week like mo", d)
			}
		}
	case "monthly":
		for _, d := range r.Days {
			if n, err := strconv.Atoi(d); err != nil || n == 0 || n < -31 || n > 31 {
				return fmt.Sprintf("%q is no day of the month", d)
			}
		}
	case "calendar":
		if c[r.Calendar] == nil {
			return fmt.Sprintf("there is no calendar %q", r.Calendar)
		}
	default:
		return fmt.Sprintf("a run cycle %q is none of daily, weekly, monthly, workdays, calendar, dates, request", r.Every)
	}
	return ""
}
