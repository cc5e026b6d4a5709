package alert

import (
	"fmt"
	"strings"
	"time"
)

// Quiet is a time of day at which only what is critical is told; the zero value is none.
type Quiet struct {
	from, to int // minutes of the day; equal: never
}

// ParseQuiet reads 22:00-06:00; the empty text is no quiet time.
func ParseQuiet(text string) (Quiet, error) {
	if text == "" {
		return Quiet{}, nil
	}
	from, to, ok := strings.Cut(text, "-")
	a, err1 := minute(from)
	b, err2 := minute(to)
	if !ok || err1 != nil || err2 != nil || a == b {
		return Quiet{}, fmt.Errorf("%q is no time of day such as 22:00-06:00", text)
	}
	return Quiet{a, b}, nil
}

func minute(s string) (int, error) {
	t, err := time.Parse("15:04", strings.TrimSpace(s))
	return t.Hour()*60 + t.Minute(), err
}

// At reports whether it is quiet at t, by the clock of t's own zone.
func (q Quiet) At(t time.Time) bool {
	m := t.Hour()*60 + t.Minute()
	if q.from <= q.to {
		return m >= q.from && m < q.to
	}
	return m >= q.from || m < q.to
}
