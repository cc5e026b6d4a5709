package record

import (
	"regexp"
	"strings"
	"time"
)

// shift moves instants by whole weeks in the plan's zone, so that weekday and hour stay even across the change to summer time.
type shift struct {
	weeks int
	asOf  time.Time
	loc   *time.Location
}

func (r *Redactor) shiftBy(weeks int, asOf time.Time, zone string) {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		loc = time.UTC
	}
	r.shift = shift{weeks, asOf, loc}
}

// moved gives an instant its new date; a zero one stays zero.
func (r *Redactor) moved(t time.Time) time.Time {
	if t.IsZero() || r.shift.weeks == 0 {
		return t.Round(0)
	}
	return t.In(r.shift.loc).AddDate(0, 0, 7*r.shift.weeks).UTC().Round(0)
}

// dates are the forms in which logs write a day: ISO 8601, the same without dashes, an archived plan's name, with slashes, and as the agents' frames do.
var dates = regexp.MustCompile(`\b\d{4}-\d{2}-\d{2}|(?:\b|_)20\d{6}(?:\b|_)|(?:\b|M)20\d{10}\b|\b\d{2}/\d{2}/(?:\d{4}|\d{2})\b|\b[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d (?:\S+ )?\d{4}\b`)

var frameDate = regexp.MustCompile(`^(... ... ..) (\d\d:\d\d:\d\d (?:\S+ )?)(\d{4})$`)

// redated moves the dates that a text names.
func (r *Redactor) redated(s string) string {
	if r.shift.weeks == 0 {
		return s
	}
	return dates.ReplaceAllStringFunc(s, func(m string) string {
		if g := frameDate.FindStringSubmatch(m); g != nil {
			if t, err := time.Parse("Mon Jan _2 2006", g[1]+" "+g[3]); err == nil {
				t = t.AddDate(0, 0, 7*r.shift.weeks)
				return t.Format("Mon Jan _2 ") + g[2] + t.Format("2006")
			}
			return m
		}
		core := strings.Trim(m, "_M")
		best, layout := time.Time{}, ""
		for _, l := range []string{"2006-01-02", "20060102", "200601021504", "01/02/2006", "02/01/2006", "01/02/06", "02/01/06"} {
			t, err := time.Parse(l, core)
			if err == nil && (layout == "" || t.Sub(r.shift.asOf).Abs() < best.Sub(r.shift.asOf).Abs()) {
				best, layout = t, l
			}
		}
		if layout == "" {
			return m
		}
		return strings.Replace(m, core, best.AddDate(0, 0, 7*r.shift.weeks).Format(layout), 1)
	})
}
