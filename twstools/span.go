package twstools

import (
	"fmt"
	"time"
)

// Span writes a length of time as people do, the same in both languages: 45 s, 12 min, 2 h, 2 h 15 min. What is smaller than the last unit is
// cut off. It is empty for none and for a negative one. What programs compare, the value of a field in evidence, keeps Go's form.
func Span(d time.Duration) string {
	if d <= 0 {
		return ""
	}
	h, m := int(d.Hours()), int(d.Minutes())%60
	switch {
	case h > 0 && m > 0:
		return fmt.Sprintf("%d h %d min", h, m)
	case h > 0:
		return fmt.Sprintf("%d h", h)
	case m > 0:
		return fmt.Sprintf("%d min", m)
	}
	return fmt.Sprintf("%d s", int(d.Seconds()))
}
