package verify

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// moments are the instants of a corpus in every form in which prose may write them.
type moments struct {
	instants []time.Time
	clocks   map[string]bool // 15:04 and 15:04:05
	dates    map[string]bool // 2006-01-02
	minutes  map[string]bool // 2006-01-02 15:04
	seconds  map[string]bool // 2006-01-02 15:04:05
	zone     *time.Location  // the plan's, as an offset
}

const (
	maxInstants = 400
	day         = "2006-01-02"
)

var (
	// A date, a date with a time, with or without a zone; then conman's schedule time; then a bare time of day and a short date.
	stampForm = regexp.MustCompile(`\b(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2})?(?:[.,]\d+)?(?: ?(Z|UTC|[+-]\d{2}:?\d{2}))?)?\b`)
	schedForm = regexp.MustCompile(`\((\d{2})(\d{2}) (\d{2})/(\d{2})/(\d{2,4})\)?`)
	clockForm = regexp.MustCompile(`\b(\d{1,2})(?::|h)(\d{2})(:\d{2})?\b`)
	zoneForm  = regexp.MustCompile(`\bUTC([+-]\d{1,2})(?::(\d{2}))?\b`)
	slashForm = regexp.MustCompile(`\b(\d{1,2})/(\d{1,2})(?:/(\d{2,4}))?\b`)
)

func newMoments() moments {
	return moments{clocks: map[string]bool{}, dates: map[string]bool{}, minutes: map[string]bool{}, seconds: map[string]bool{}}
}

// planZone remembers the zone of the plan's now: prose may write any instant in it.
func (m *moments) planZone(now string) {
	if t, err := time.Parse(time.RFC3339, now); err == nil {
		m.zone = t.Location()
	}
}

// take collects every moment of text and gives the text without them, so that their digits do not count as numbers.
func (m *moments) take(text string) string {
	text = replace(stampForm, text, m.addStamp)
	text = replace(schedForm, text, m.addSched)
	text = replace(slashForm, text, m.addSlash)
	return replace(clockForm, text, m.addClock)
}

func replace(re *regexp.Regexp, text string, add func([]string)) string {
	return re.ReplaceAllStringFunc(text, func(s string) string {
		add(re.FindStringSubmatch(s))
		return " "
	})
}

func (m *moments) addStamp(g []string) {
	if g[2] == "" {
		m.dates[g[1]] = true
		return
	}
	m.wall(g[1], g[2], g[3])
	if t, ok := instant(g); ok {
		m.addInstant(t)
	}
}

func (m *moments) wall(date, minute, second string) {
	m.dates[date] = true
	m.minutes[date+" "+minute] = true
	m.clocks[minute] = true
	if second != "" {
		m.seconds[date+" "+minute+second] = true
		m.clocks[minute+second] = true
	} else {
		m.seconds[date+" "+minute+":00"] = true
	}
}

func (m *moments) addInstant(t time.Time) {
	for _, loc := range []*time.Location{time.UTC, m.zone} {
		if loc != nil {
			w := t.In(loc)
			m.wall(w.Format(day), w.Format("15:04"), w.Format(":05"))
		}
	}
	if len(m.instants) < maxInstants && !slices.ContainsFunc(m.instants, t.Equal) {
		m.instants = append(m.instants, t)
	}
}

func (m *moments) addSched(g []string) {
	date := year(g[5]) + "-" + g[3] + "-" + g[4]
	m.wall(date, g[1]+":"+g[2], "")
	if t, err := time.ParseInLocation(day+" 15:04", date+" "+g[1]+":"+g[2], m.location()); err == nil {
		m.addInstant(t)
	}
}

func (m *moments) addSlash(g []string) { m.dates[g[0]] = true }

func (m *moments) addClock(g []string) {
	m.clocks[pad(g[1])+":"+g[2]] = true
	if g[3] != "" {
		m.clocks[pad(g[1])+":"+g[2]+g[3]] = true
	}
}

func (m *moments) location() *time.Location {
	if m.zone != nil {
		return m.zone
	}
	return time.UTC
}

// strike gives the first plain time of day or short date that no reading holds, and the sentence without them; what has more to it goes before, in
// strikeClocks.
func (m *moments) strike(s string) (rest, bad string) {
	note := func(ok func([]string) bool) func([]string) {
		return func(g []string) {
			if bad == "" && !ok(g) {
				bad = g[0]
			}
		}
	}
	s = replace(clockForm, s, note(m.hasClock))
	s = replace(slashForm, s, note(m.hasSlash))
	return s, bad
}

// hasZone takes the zone of the plan's now, written as UTC-3 or UTC+5:30.
func (m *moments) hasZone(g []string) bool {
	if m.zone == nil {
		return false
	}
	_, off := time.Time{}.In(m.zone).Zone()
	want := fmt.Sprintf("%+d", off/3600)
	if rest := off % 3600 / 60; rest != 0 {
		return g[1] == want && g[2] == fmt.Sprintf("%02d", max(rest, -rest))
	}
	return g[1] == want && (g[2] == "" || g[2] == "00")
}

func (m *moments) hasStamp(g []string) bool {
	switch {
	case g[2] == "":
		return m.dates[g[1]]
	case g[4] != "":
		t, ok := instant(g)
		if !ok {
			return false
		}
		unit := time.Minute
		if g[3] != "" {
			unit = time.Second
		}
		return slices.ContainsFunc(m.instants, func(have time.Time) bool { return have.Truncate(unit).Equal(t.Truncate(unit)) })
	case g[3] != "":
		return m.seconds[g[1]+" "+g[2]+g[3]]
	}
	return m.minutes[g[1]+" "+g[2]]
}

func (m *moments) hasSched(g []string) bool {
	return m.minutes[year(g[5])+"-"+g[3]+"-"+g[4]+" "+g[1]+":"+g[2]]
}

func (m *moments) hasClock(g []string) bool { return m.clocks[pad(g[1])+":"+g[2]+g[3]] }

// hasSlash takes 03/17 and 17/03 with or without a year. What is no date at all ("3/4 jobs") is looked up as written.
func (m *moments) hasSlash(g []string) bool {
	if m.dates[g[0]] {
		return true
	}
	a, b := pad(g[1]), pad(g[2])
	for date := range m.dates {
		if len(date) != len(day) || g[3] != "" && !strings.HasPrefix(date, year(g[3])) {
			continue
		}
		if tail := date[5:]; tail == a+"-"+b || tail == b+"-"+a {
			return true
		}
	}
	return false
}

func instant(g []string) (time.Time, bool) {
	if g[4] == "" {
		return time.Time{}, false
	}
	sec, zone := g[3], strings.ReplaceAll(g[4], ":", "")
	if sec == "" {
		sec = ":00"
	}
	if zone == "Z" || zone == "UTC" {
		zone = "+0000"
	}
	t, err := time.Parse(day+" 15:04:05-0700", g[1]+" "+g[2]+sec+zone)
	return t, err == nil
}

func pad(s string) string {
	if len(s) == 1 {
		return "0" + s
	}
	return s
}

func year(s string) string {
	if len(s) == 2 {
		return "20" + s
	}
	return s
}

var (
	durationForm = regexp.MustCompile(`(?i)\b\d+(?:[.,]\d+)?\s?` + unitWords + `(?:(?:,? (?:and |e )?| )\d+\s?` + unitWords + `)*`)
	durationPart = regexp.MustCompile(`(?i)(\d+(?:[.,]\d+)?)\s?` + unitWords)
)

// unitWords are the units of time of both languages.
const unitWords = `(milliseconds?|milissegundos?|ms|seconds?|segundos?|secs?|segs?|s|minutes?|minutos?|mins?|hours?|horas?|hrs?|h|days?|dias?|d)\b`

// strikeDurations gives the first duration that cannot be recomputed, and the sentence without its durations.
func (c *corpus) strikeDurations(s string) (rest, bad string) {
	var b strings.Builder
	at := 0
	for _, span := range durationForm.FindAllStringIndex(s, -1) {
		d := s[span[0]:span[1]]
		if bad == "" && !c.reached(d, s[:span[0]], s[span[1]:]) {
			bad = d
		}
		b.WriteString(s[at:span[0]] + " ")
		at = span[1]
	}
	return b.String() + s[at:], bad
}

// reached is hasDuration, but a duration that is counted from now ("ago", "left") must be one: any two instants will not do.
func (c *corpus) reached(d, before, after string) bool {
	past, coming := agoBefore.MatchString(before) || agoAfter.MatchString(after), leftBefore.MatchString(before) || leftAfter.MatchString(after)
	total, unit, ok := seconds(d)
	if !ok || past == coming || len(c.arithmetic.nows) == 0 {
		return c.hasDuration(d)
	}
	near := func(seconds float64) bool { return seconds-total < unit && total-seconds < unit }
	return c.has(fold(d)) || c.reaches(near, past) || slices.ContainsFunc(c.arithmetic.spans, near)
}

// goDuration finds durations as tools write them: 2h24m29s.
var goDuration = regexp.MustCompile(`\b(?:\d+h\d+m(?:\d+s)?|\d+m\d+s)\b`)

// hasDuration reports whether d is written in the ledger, is a number of seconds or minutes of it, or lies between two of its instants.
func (c *corpus) hasDuration(d string) bool {
	if c.has(fold(d)) {
		return true
	}
	total, unit, ok := seconds(d)
	if !ok {
		return false
	}
	if c.has(fold(time.Duration(total * float64(time.Second)).String())) { // "40m0s", as programs write it
		return true
	}
	near := func(seconds float64) bool { return seconds-total < unit && total-seconds < unit }
	for n := range c.numbers {
		if v := float64(n); n != 0 && (near(v) || near(v*60) || near(v/1000)) {
			return true
		}
	}
	for i, a := range c.arithmetic.spans {
		if near(a) {
			return true
		}
		for _, b := range c.arithmetic.spans[i+1:] {
			if near(math.Abs(a - b)) {
				return true
			}
		}
	}
	for i, a := range c.moments.instants {
		for _, b := range c.moments.instants[i+1:] {
			if near(a.Sub(b).Abs().Seconds()) {
				return true
			}
		}
	}
	return false
}

// seconds reads a duration and gives its smallest unit, in seconds both.
func seconds(d string) (total, unit float64, ok bool) {
	for _, g := range durationPart.FindAllStringSubmatch(d, -1) {
		n, err := strconv.ParseFloat(strings.ReplaceAll(g[1], ",", "."), 64)
		if err != nil {
			return 0, 0, false
		}
		unit = unitSeconds(g[2])
		total += n * unit
	}
	return total, unit, unit > 0
}

func unitSeconds(unit string) float64 {
	switch u := strings.ToLower(unit); {
	case strings.HasPrefix(u, "mil"), u == "ms":
		return 0.001
	case strings.HasPrefix(u, "min"):
		return 60
	case strings.HasPrefix(u, "h"):
		return 3600
	case strings.HasPrefix(u, "d"):
		return 86400
	}
	return 1
}

// String helps test failures.
func (m *moments) String() string {
	return fmt.Sprintf("%d instants, %d dates", len(m.instants), len(m.dates))
}
