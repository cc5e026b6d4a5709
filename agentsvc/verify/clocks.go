package verify

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

var (
	// 6 AM, 2:14:40 p.m.
	halfDayForm = regexp.MustCompile(`(?i)\b(\d{1,2})(?::(\d{2}))?(:\d{2})?\s?([ap])\.?m\b\.?`)
	// A time of day with its zone: 05:14 UTC, 06:00 (-03:00).
	zonedForm = regexp.MustCompile(`\b(\d{1,2}):(\d{2})(:\d{2})?\s?\(?(Z\b|UTC\b|GMT\b|[+-]\d{2}:\d{2}\b)\)?`)
	// 2h30, 02h, 2h14min40s: a time of day, or how long something took; after "às" and its like only the former.
	hourForm = regexp.MustCompile(`(?i)((?:^|[\s(])(?:às|as|até|ate|desde|pelas|das|at|by|until|before|after)\s+(?:as\s+|às\s+)?)?\b(\d{1,2})h(?:(\d{2})(?:min|m)?(?:(\d{2})s)?)?\b`)

	months = `(jan(?:uary|eiro)?|feb(?:ruary)?|fev(?:ereiro)?|mar(?:ch|ço|co)?|a[pb]r(?:il)?|ma[yi]o?|jun(?:e|ho)?|jul(?:y|ho)?|aug(?:ust)?|ago(?:sto)?|sep(?:tember)?|set(?:embro)?|o[cu]t(?:ober|ubro)?|nov(?:ember|embro)?|de[cz](?:ember|embro)?)`
	// 17 March 2026, 17 de março; March 17, 2026.
	dayMonthForm = regexp.MustCompile(`(?i)\b(\d{1,2})(?:st|nd|rd|th|º)?(?: of)?(?: de)? ` + months + `\b\.?(?:,? (?:de )?(\d{4})\b)?`)
	monthDayForm = regexp.MustCompile(`(?i)\b` + months + `\.? (\d{1,2})(?:st|nd|rd|th)?\b(?:,? (\d{4})\b)?`)
	weekdayForm  = regexp.MustCompile(`(?i)\b(sun|mon|tues|wednes|thurs|fri|satur)days?\b|\b(domingo|segunda|terça|quarta|quinta|sexta)-feira\b|\b(domingo|sábado)s?\b`)
)

// strikeClocks checks times of day in the ways of both languages, and dates in words, and gives the sentence without them.
func (c *corpus) strikeClocks(s string) (rest, bad string) {
	m := &c.moments
	note := func(ok func([]string) bool) func([]string) {
		return func(g []string) {
			if bad == "" && !ok(g) && !c.has(fold(g[0])) {
				bad = strings.TrimSpace(g[0])
			}
		}
	}
	s = replace(dayMonthForm, s, note(func(g []string) bool { return m.hasDay(g[1], g[2], g[3]) }))
	s = replace(monthDayForm, s, note(func(g []string) bool { return m.hasDay(g[2], g[1], g[3]) }))
	s = replace(halfDayForm, s, note(func(g []string) bool {
		hour, err := strconv.Atoi(g[1])
		if err != nil || hour < 1 || hour > 12 {
			return false
		}
		if hour %= 12; strings.EqualFold(g[4], "p") {
			hour += 12
		}
		minute := g[2]
		if minute == "" {
			minute = "00"
		}
		return m.clocks[fmt.Sprintf("%02d:%s%s", hour, minute, g[3])]
	}))
	s = replace(zoneForm, s, note(m.hasZone))
	s = replace(stampForm, s, note(m.hasStamp))
	s = replace(schedForm, s, note(m.hasSched))
	s = replace(zonedForm, s, note(m.hasZoned))
	s = replace(hourForm, s, note(func(g []string) bool {
		minute, second := g[3], ""
		if minute == "" {
			minute = "00"
		}
		if g[4] != "" {
			second = ":" + g[4]
		}
		if m.clocks[pad(g[2])+":"+minute+second] {
			return true
		}
		return g[1] == "" && c.hasDuration(strings.ReplaceAll(strings.ToLower(spelled(g)), "min", "min "))
	}))
	return s, bad
}

// spelled is an hour form as a duration: 2 h 14 min 40 s.
func spelled(g []string) string {
	out := g[2] + " h"
	if g[3] != "" {
		out += " " + g[3] + " min"
	}
	if g[4] != "" {
		out += " " + g[4] + " s"
	}
	return out
}

// hasZoned reports whether an instant of the ledger has this time of day in this zone. A time of day that was returned without one counts where the
// zone is the plan's.
func (m *moments) hasZoned(g []string) bool {
	loc := time.UTC
	if g[4] != "Z" && g[4] != "UTC" && g[4] != "GMT" {
		t, err := time.Parse("-07:00", g[4])
		if err != nil {
			return false
		}
		loc = t.Location()
		_, off := t.Zone()
		if _, plan := (time.Time{}).In(m.location()).Zone(); off == plan && m.clocks[pad(g[1])+":"+g[2]+g[3]] {
			return true
		}
	}
	form := "15:04"
	if g[3] != "" {
		form = "15:04:05"
	}
	want := pad(g[1]) + ":" + g[2] + g[3]
	return slices.ContainsFunc(m.instants, func(t time.Time) bool { return t.In(loc).Format(form) == want })
}

// hasDay reports whether a date in words was returned, in the year that is named or in any.
func (m *moments) hasDay(day, month, year string) bool {
	tail := fmt.Sprintf("-%02d-%s", monthOf(month), pad(day))
	if year != "" {
		return m.dates[year+tail]
	}
	for date := range m.dates {
		if strings.HasSuffix(date, tail) {
			return true
		}
	}
	return false
}

// monthOf gives the month of a name in either language; the first three letters tell them apart.
func monthOf(name string) int {
	r := []rune(strings.ToLower(name))
	switch string(r[:3]) {
	case "jan":
		return 1
	case "feb", "fev":
		return 2
	case "mar":
		return 3
	case "apr", "abr":
		return 4
	case "may", "mai":
		return 5
	case "jun":
		return 6
	case "jul":
		return 7
	case "aug", "ago":
		return 8
	case "sep", "set":
		return 9
	case "oct", "out":
		return 10
	case "nov":
		return 11
	}
	return 12
}

// strangeDay gives a day of the week on which no date of the ledger falls and that the ledger does not name, in words or as calendars do.
func (c *corpus) strangeDay(s string) string {
	for _, w := range weekdayForm.FindAllString(s, -1) {
		day, code := weekday(w)
		if c.words[code] || c.has(w) || c.has(strings.ToLower(w)) || c.moments.falls(day) {
			continue
		}
		return w
	}
	return ""
}

func (m *moments) falls(on time.Weekday) bool {
	for date := range m.dates {
		if t, err := time.Parse(day, date); err == nil && t.Weekday() == on {
			return true
		}
	}
	return false
}

// weekday gives the day of a name in either language, and its code in a calendar's rule.
func weekday(name string) (time.Weekday, string) {
	switch n := strings.ToLower(name); {
	case strings.HasPrefix(n, "sun"), strings.HasPrefix(n, "dom"):
		return time.Sunday, "SU"
	case strings.HasPrefix(n, "mon"), strings.HasPrefix(n, "seg"):
		return time.Monday, "MO"
	case strings.HasPrefix(n, "tue"), strings.HasPrefix(n, "ter"):
		return time.Tuesday, "TU"
	case strings.HasPrefix(n, "wed"), strings.HasPrefix(n, "quar"):
		return time.Wednesday, "WE"
	case strings.HasPrefix(n, "thu"), strings.HasPrefix(n, "qui"):
		return time.Thursday, "TH"
	case strings.HasPrefix(n, "fri"), strings.HasPrefix(n, "sex"):
		return time.Friday, "FR"
	}
	return time.Saturday, "SA"
}

// What makes a duration one from now back, or from now on, by the words before and after it.
var (
	agoBefore  = regexp.MustCompile(`(?i)(?:^|\s)há\s+(?:\pL+ ){0,2}$`)
	agoAfter   = regexp.MustCompile(`(?i)^\s+(?:ago|atrás)\b`)
	leftBefore = regexp.MustCompile(`(?i)\b(?:leaves|falta[mn]?|resta[mn]?|sobra[mn]?)\s+(?:\pL+ ){0,2}$`)
	leftAfter  = regexp.MustCompile(`(?i)^\s+(?:left|remain(?:s|ing)?|until the (?:deadline|cut-?off)|before the (?:deadline|cut-?off)|para o prazo|até o prazo)\b`)
)

// reaches reports whether a duration lies between the plan's now and an instant before or after it.
func (c *corpus) reaches(near func(float64) bool, past bool) bool {
	for _, now := range c.arithmetic.nows {
		for _, t := range c.moments.instants {
			d := t.Sub(now)
			if past {
				d = -d
			}
			if d >= 0 && near(d.Seconds()) {
				return true
			}
		}
	}
	return false
}
