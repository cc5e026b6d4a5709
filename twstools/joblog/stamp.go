package joblog

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Stamp is the time a line bears.
type Stamp struct {
	At    time.Time
	Zoned bool // the line named its zone; otherwise At was read in the zone the caller gave
	Dated bool // the line named its day; otherwise At is the latest such time of day that is not after now
}

// What may stand before a line's own time: brackets, a level, a thread, a key of JSON or logfmt. A time farther inside is data (a business date,
// the time of a file), not the line's own.
const stampLead = `^[\s\[({<*#>"'|-]*(?:(?:[A-Za-z]{3,9}[\s\])|:,-]+|[\w@.-]{1,24}["']?\s*[:=]\s*["']?)[\s\[(]*){0,2}["']?`

var (
	zonePart  = `(?:\s?(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)\b)?`
	clockPart = `(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,](\d{1,9}))?)?(?:\s?([AaPp]\.?[Mm]\b\.?))?`
	fullClock = `(\d{1,2})[:.](\d{2})[:.](\d{2})(?:[.,:](\d{1,9}))?(?:\s?([AaPp]\.?[Mm]\b\.?))?`

	isoStamp     = regexp.MustCompile(stampLead + `(\d{4})[-/.](\d{2})[-/.](\d{2})[T ,_-]+` + clockPart + zonePart)
	dayFirst     = regexp.MustCompile(stampLead + `(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})[T ,:-]+` + clockPart + zonePart)
	namedMonth   = regexp.MustCompile(stampLead + `(\d{1,2})[-/. ](?:de )?([A-Za-zçä]{3,9})\.?[-/. ](?:de )?(\d{4}|\d{2})[ :,]+` + clockPart + zonePart)
	monthFirst   = regexp.MustCompile(stampLead + `([A-Za-zçä]{3,9})\.? +(\d{1,2}),? +(?:(\d{4})[ ,]+)?` + fullClock + `(?:\s?(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?|[A-Z]{3,4})\b)?(?:\s(\d{4})\b)?`)
	compactStamp = regexp.MustCompile(stampLead + `(20\d{2})(\d{2})(\d{2})[T_ -]?(\d{2}):?(\d{2}):?(\d{2})\b()()` + zonePart)
	bareClock    = regexp.MustCompile(`^[\s\[({<*#>|-]*(?:[A-Za-z]{3,9}[\s\])|:-]+)?` + clockPart + `(?:[\s\])}>|,:-]|$)`)
	epochStamp   = regexp.MustCompile(`^[\s\[({"']*(?:"?(?:ts|time|timestamp|@timestamp|t)"?\s*[:=]\s*"?)?(1\d{9})(?:[.,]?(\d{3,9}))?(?:[\s\]",}|]|$)`)
	jsonStamp    = regexp.MustCompile(`"(?:@?timestamp|time|ts|date|datetime|eventTime|asctime)"\s*:\s*"?([^",}]+)`)
)

// months knows the names of the months in the languages that agents and programs print: English, Portuguese, Spanish, German, French.
var months = map[string]time.Month{
	"jan": 1, "ene": 1, "feb": 2, "fev": 2, "fév": 2, "mar": 3, "mär": 3, "apr": 4, "abr": 4, "avr": 4, "may": 5, "mai": 5, "jun": 6, "jul": 7,
	"aug": 8, "ago": 8, "aoû": 8, "sep": 9, "set": 9, "oct": 10, "out": 10, "okt": 10, "nov": 11, "dec": 12, "dez": 12, "dic": 12, "déc": 12,
}

// StampOf reads the time that a line bears at its beginning, in the forms that agents and programs write (ISO, day or month first, names of months,
// syslog, time of day alone, seconds since 1970, JSON). A line that names no zone is read in now's zone. Where day and month could be swapped, and
// where the day or the year is missing, the latest reading that is not after now counts (a day's tolerance for clocks ahead). False: the line bears none.
func StampOf(text string, now time.Time) (Stamp, bool) {
	if len(text) > 400 {
		text = text[:400]
	}
	if m := jsonStamp.FindStringSubmatch(text); m != nil && strings.HasPrefix(strings.TrimSpace(text), "{") {
		text = m[1]
	}
	if !strings.ContainsAny(text[:min(len(text), 80)], "0123456789") {
		return Stamp{}, false
	}
	for _, read := range []func(string, time.Time) (Stamp, bool){readISO, readCompact, readDayFirst, readNamed, readMonthFirst, readEpoch, readBare} {
		if s, ok := read(text, now); ok {
			return s, true
		}
	}
	return Stamp{}, false
}

func readISO(text string, now time.Time) (Stamp, bool) {
	m := isoStamp.FindStringSubmatch(text)
	if m == nil {
		return Stamp{}, false
	}
	return on(atoi(m[1]), atoi(m[2]), atoi(m[3]), m[4:10], now)
}

func readCompact(text string, now time.Time) (Stamp, bool) {
	m := compactStamp.FindStringSubmatch(text)
	if m == nil {
		return Stamp{}, false
	}
	return on(atoi(m[1]), atoi(m[2]), atoi(m[3]), m[4:10], now)
}

// readDayFirst takes 17/03/2026, 03/17/2026 and 26/03/17 apart by what is possible and by what is nearest before now.
func readDayFirst(text string, now time.Time) (Stamp, bool) {
	m := dayFirst.FindStringSubmatch(text)
	if m == nil {
		return Stamp{}, false
	}
	a, b, c := atoi(m[1]), atoi(m[2]), atoi(m[3])
	best, found := Stamp{}, false
	try := func(y, mo, d int) {
		if y < 100 {
			y += 2000
		}
		s, ok := on(y, mo, d, m[4:10], now)
		if !ok || s.At.After(now.Add(24*time.Hour)) {
			return
		}
		if !found || s.At.After(best.At) {
			best, found = s, true
		}
	}
	try(c, b, a)
	try(c, a, b)
	if len(m[3]) == 2 {
		try(a, b, c)
	}
	return best, found
}

func readNamed(text string, now time.Time) (Stamp, bool) {
	m := namedMonth.FindStringSubmatch(text)
	if m == nil {
		return Stamp{}, false
	}
	mo, ok := monthOf(m[2])
	if !ok {
		return Stamp{}, false
	}
	y := atoi(m[3])
	if y < 100 {
		y += 2000
	}
	return on(y, int(mo), atoi(m[1]), m[4:10], now)
}

// readMonthFirst reads syslog's "Mar 17 02:14:08" and date's "Tue Mar 17 02:14:08 -03 2026".
func readMonthFirst(text string, now time.Time) (Stamp, bool) {
	m := monthFirst.FindStringSubmatch(text)
	if m == nil {
		return Stamp{}, false
	}
	mo, ok := monthOf(m[1])
	if !ok {
		return Stamp{}, false
	}
	clock := m[4:10]
	if y := m[3] + m[10]; y != "" {
		return on(atoi(y), int(mo), atoi(m[2]), clock, now)
	}
	s, ok := on(now.Year(), int(mo), atoi(m[2]), clock, now)
	if ok && s.At.After(now.Add(24*time.Hour)) {
		s, ok = on(now.Year()-1, int(mo), atoi(m[2]), clock, now)
	}
	return s, ok
}

func readEpoch(text string, now time.Time) (Stamp, bool) {
	m := epochStamp.FindStringSubmatch(text)
	if m == nil {
		return Stamp{}, false
	}
	sec, err := strconv.ParseInt(m[1], 10, 64)
	if err != nil {
		return Stamp{}, false
	}
	at := time.Unix(sec, nanos(m[2])).In(now.Location())
	if at.After(now.Add(24*time.Hour)) || at.Before(now.AddDate(-1, 0, 0)) {
		return Stamp{}, false // a number like any other
	}
	return Stamp{At: at, Zoned: true, Dated: true}, true
}

func readBare(text string, now time.Time) (Stamp, bool) {
	m := bareClock.FindStringSubmatch(text)
	if m == nil || m[3] == "" && m[5] == "" && !strings.Contains(m[0], ":") {
		return Stamp{}, false
	}
	clock := append(m[1:6:6], "")
	s, ok := on(now.Year(), int(now.Month()), now.Day(), clock, now)
	if ok && s.At.After(now.Add(5*time.Minute)) { // yesterday evening's, unless the agent's clock is a little ahead
		y := now.AddDate(0, 0, -1)
		s, ok = on(y.Year(), int(y.Month()), y.Day(), clock, now)
	}
	s.Dated = false
	return s, ok
}

// on makes the instant of a day and a clock's parts: hour, minute, second, fraction, am or pm, zone.
func on(y, mo, d int, clock []string, now time.Time) (Stamp, bool) {
	h, mi, sec := atoi(clock[0]), atoi(clock[1]), atoi(clock[2])
	switch strings.ToLower(strings.ReplaceAll(clock[4], ".", "")) {
	case "am":
		h %= 12
	case "pm":
		h = h%12 + 12
	}
	if y < 1990 || y > 2200 || mo < 1 || mo > 12 || d < 1 || d > 31 || h > 23 || mi > 59 || sec > 60 {
		return Stamp{}, false
	}
	loc, zoned := zoneOf(clock[5], now.Location())
	at := time.Date(y, time.Month(mo), d, h, mi, sec, int(nanos(clock[3])), loc)
	if at.Day() != d && h != 0 { // 31 February
		return Stamp{}, false
	}
	return Stamp{At: at.In(now.Location()), Zoned: zoned, Dated: true}, true
}

func zoneOf(text string, local *time.Location) (*time.Location, bool) {
	switch text {
	case "":
		return local, false
	case "Z", "UTC", "GMT":
		return time.UTC, true
	}
	digits := strings.ReplaceAll(text[1:], ":", "")
	if text[0] != '+' && text[0] != '-' || len(digits) != 2 && len(digits) != 4 {
		return local, false // BRT, CET: abbreviations are not unique
	}
	sec := atoi(digits[:2]) * 3600
	if len(digits) == 4 {
		sec += atoi(digits[2:]) * 60
	}
	if text[0] == '-' {
		sec = -sec
	}
	return time.FixedZone(text, sec), true
}

func monthOf(name string) (time.Month, bool) {
	r := []rune(strings.ToLower(name))
	if len(r) < 3 {
		return 0, false
	}
	m, ok := months[string(r[:3])]
	return m, ok
}

func nanos(fraction string) int64 {
	if fraction == "" {
		return 0
	}
	return int64(atoi((fraction + "000000000")[:9]))
}

// atoi reads digits that a pattern has matched; anything else is 0.
func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}
