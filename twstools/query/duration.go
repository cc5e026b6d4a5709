package query

import (
	"strconv"
	"strings"
	"time"
)

// ParseDuration reads an ISO-8601 duration of days and shorter, for example PT1H30M, P1DT2H, PT0.250S, -PT5M.
// Months and years have no fixed length and are refused.
func ParseDuration(s string) (time.Duration, bool) {
	rest, neg := strings.CutPrefix(s, "-")
	rest, ok := strings.CutPrefix(rest, "P")
	if !ok || rest == "" || len(rest) > 40 {
		return 0, false
	}
	var total time.Duration
	units, inTime := "WD", false
	for rest != "" {
		if rest[0] == 'T' {
			if inTime || len(rest) == 1 {
				return 0, false
			}
			units, inTime, rest = "HMS", true, rest[1:]
			continue
		}
		n := strings.IndexFunc(rest, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
		if n <= 0 {
			return 0, false
		}
		at := strings.IndexByte(units, rest[n])
		if at < 0 {
			return 0, false
		}
		d, ok := amount(rest[:n], rest[n], inTime)
		if !ok || total+d < total {
			return 0, false
		}
		total += d
		units, rest = units[at+1:], rest[n+1:]
	}
	if neg {
		total = -total
	}
	return total, true
}

func amount(digits string, unit byte, inTime bool) (time.Duration, bool) {
	of := map[byte]time.Duration{'W': 7 * 24 * time.Hour, 'D': 24 * time.Hour, 'H': time.Hour, 'S': time.Second}[unit]
	if unit == 'M' && inTime {
		of = time.Minute
	}
	if whole, err := strconv.ParseInt(digits, 10, 64); err == nil {
		d := time.Duration(whole) * of
		return d, of > 0 && whole <= int64(1<<62)/int64(of)
	}
	f, err := strconv.ParseFloat(digits, 64)
	if err != nil || of == 0 || f*float64(of) > 1<<62 {
		return 0, false
	}
	return time.Duration(f*float64(of) + 0.5), true
}

// FormatDuration writes a duration as ISO-8601 in hours, minutes and seconds, to the millisecond: PT1H2M5S, PT0S, -PT5M.
func FormatDuration(d time.Duration) string {
	d = d.Round(time.Millisecond)
	if d == 0 {
		return "PT0S"
	}
	var b strings.Builder
	if d < 0 {
		b.WriteByte('-')
		d = -d
	}
	b.WriteString("PT")
	if h := d / time.Hour; h > 0 {
		b.WriteString(strconv.FormatInt(int64(h), 10) + "H")
	}
	if m := d % time.Hour / time.Minute; m > 0 {
		b.WriteString(strconv.FormatInt(int64(m), 10) + "M")
	}
	if ms := (d % time.Minute).Milliseconds(); ms > 0 {
		b.WriteString(strconv.FormatFloat(float64(ms)/1000, 'f', -1, 64) + "S")
	}
	return b.String()
}
