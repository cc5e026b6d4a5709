package compose

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/resync-hwa/resync/twstools"
)

// clock writes instants as people at the plan's place say them: the time of day, the date only when it is not today's, the zone once.
type clock struct {
	now  time.Time // the plan's own; zero when it is not known
	told bool      // the zone was said
}

func newClock(planNow string) *clock {
	t, err := time.Parse(time.RFC3339, planNow)
	if err != nil {
		return &clock{}
	}
	return &clock{now: t}
}

// when writes an RFC 3339 instant in the plan's zone; other text stays as it is.
func (p *prose) when(stamp string) string {
	t, err := time.Parse(time.RFC3339, stamp)
	switch {
	case err != nil:
		return line(stamp)
	case p.clock.now.IsZero():
		return t.Format("2006-01-02 15:04 ") + zone(t)
	}
	t = t.In(p.clock.now.Location())
	text := t.Format("15:04")
	if !p.clock.told {
		p.clock.told = true
		text += " " + zone(t)
	}
	return text + p.day(t)
}

// day is what is said beside the time of day of another day than today.
func (p *prose) day(t time.Time) string {
	const layout = "2006-01-02"
	now := p.clock.now
	switch t.Format(layout) {
	case now.Format(layout):
		return ""
	case now.AddDate(0, 0, 1).Format(layout):
		return p.say("tomorrow")
	case now.AddDate(0, 0, -1).Format(layout):
		return p.say("yesterday")
	}
	return p.say("on_day", "date", t.Format(layout))
}

// when0 is when, with nothing for nothing.
func (p *prose) when0(stamp string) string {
	if stamp == "" {
		return ""
	}
	return p.when(stamp)
}

// zone writes an offset: UTC, UTC-3, UTC+5:30.
func zone(t time.Time) string {
	_, off := t.Zone()
	if off == 0 {
		return "UTC"
	}
	sign := "+"
	if off < 0 {
		sign, off = "-", -off
	}
	text := fmt.Sprintf("UTC%s%d", sign, off/3600)
	if m := off % 3600 / 60; m > 0 {
		text += fmt.Sprintf(":%02d", m)
	}
	return text
}

// until gives the span between two instants in words, and whether the second lies in the past; empty when one is not known or they are
// more than two days apart.
func until(now, then string) (span string, past bool) {
	a, errA := time.Parse(time.RFC3339, now)
	b, errB := time.Parse(time.RFC3339, then)
	if errA != nil || errB != nil {
		return "", false
	}
	d := b.Sub(a)
	past = d < 0
	if d.Abs() > 48*time.Hour || d.Abs() < time.Minute {
		return "", past
	}
	return duration(d.Abs()), past
}

// duration writes a length of time as people do, 0 s for none.
func duration(d time.Duration) string { return cmp.Or(twstools.Span(d), "0 s") }

var stamp = regexp.MustCompile(`\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})`)

// readable writes the instants of a text as people read them, except in code, which is quoted as it is.
func (p *prose) readable(s string) string {
	if !strings.Contains(s, "T") {
		return s
	}
	parts := strings.Split(s, "`")
	for i := 0; i < len(parts); i += 2 {
		parts[i] = stamp.ReplaceAllStringFunc(parts[i], p.when)
	}
	return strings.Join(parts, "`")
}
