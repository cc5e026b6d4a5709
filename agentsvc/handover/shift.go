package handover

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// DefaultStarts are three shifts of eight hours, as most plants have them. It is a default and no rule: a site says its own.
var defaultStarts = []string{"06:00", "14:00", "22:00"}

// grace is how long after its start a shift is still being handed over: whoever asks at 06:10 wants to know of the night, not of ten minutes.
const grace = time.Hour

// maxHorizon is as far ahead as late_risk looks.
const maxHorizon = 168 * time.Hour

// Period is the time of a handover.
type Period struct {
	From  time.Time // the shift that ends or has just ended began then
	Until time.Time // the shift that takes over ends then
}

// CheckStarts says what is wrong with the starts of shifts: they are times of day as 06:00, each once.
func CheckStarts(starts []string) error {
	seen := map[string]bool{}
	for _, s := range starts {
		if _, err := time.Parse("15:04", s); err != nil || len(s) != 5 {
			return fmt.Errorf("%q is no time of day such as 06:00", s)
		}
		if seen[s] {
			return fmt.Errorf("%s stands twice", s)
		}
		seen[s] = true
	}
	return nil
}

// ShiftAt gives the shift that is handed over at now, in the zone of now. Within the first hour of a shift that is the one before. Starts that
// are empty or wrong mean 06:00, 14:00 and 22:00. A start that the clock skips on the day when summer time begins is the instant after the gap.
func ShiftAt(now time.Time, starts []string) Period {
	if len(starts) == 0 || CheckStarts(starts) != nil {
		starts = defaultStarts
	}
	var all []time.Time
	for day := -2; day <= 2; day++ {
		for _, s := range starts {
			at, _ := time.Parse("15:04", s) // checked above
			all = append(all, time.Date(now.Year(), now.Month(), now.Day()+day, at.Hour(), at.Minute(), 0, 0, now.Location()))
		}
	}
	slices.SortFunc(all, time.Time.Compare)
	all = slices.CompactFunc(all, time.Time.Equal)
	began := 0
	for i, at := range all {
		if !at.After(now) {
			began = i
		}
	}
	if now.Sub(all[began]) < grace {
		return Period{From: all[began-1], Until: all[began+1]}
	}
	return Period{From: all[began], Until: all[began+2]}
}

// hours is how many whole hours lie between now and the end of the next shift, as late_risk counts them.
func (p Period) hours(now time.Time) int {
	ahead := min(max(p.Until.Sub(now), time.Hour), maxHorizon)
	return int(math.Ceil(ahead.Hours()))
}
