package sim

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"gopkg.in/yaml.v3"
)

// TimeOfDay is a time of day with an offset in days, as "at 0130 +1 day" has one. The zero value means that none is told.
type TimeOfDay struct {
	Set     bool
	Minutes int // since midnight, the days included
}

var timeOfDayForm = regexp.MustCompile(`^(\d{2}):?(\d{2})(?:\+(\d+))?$`)

// ParseTimeOfDay reads 01:30, 0130 and 01:30+1.
func ParseTimeOfDay(s string) (TimeOfDay, error) {
	m := timeOfDayForm.FindStringSubmatch(s)
	if m == nil {
		return TimeOfDay{}, fmt.Errorf("%q is no time of day: write 01:30, or 01:30+1 for the day after", s)
	}
	h, _ := strconv.Atoi(m[1])
	min, _ := strconv.Atoi(m[2])
	days, _ := strconv.Atoi(m[3])
	if h > 23 || min > 59 || days > 99 {
		return TimeOfDay{}, fmt.Errorf("%q is no time of day, or more than 99 days away", s)
	}
	return TimeOfDay{Set: true, Minutes: days*24*60 + h*60 + min}, nil
}

// UnmarshalYAML reads the forms of ParseTimeOfDay.
func (t *TimeOfDay) UnmarshalYAML(n *yaml.Node) error {
	v, err := ParseTimeOfDay(n.Value)
	*t = v
	return err
}

// on gives the instant on the date of day (a midnight in its zone). A time that summer time skips or repeats comes out as package time
// resolves it; what the product does there is not known to us.
func (t TimeOfDay) on(day time.Time) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), 0, t.Minutes, 0, 0, day.Location()).UTC()
}

// orElse gives t where it is set, else other.
func (t TimeOfDay) orElse(other TimeOfDay) TimeOfDay {
	if t.Set {
		return t
	}
	return other
}
