package twstools_test

import (
	"testing"
	"time"

	"github.com/resync-hwa/resync/twstools"
)

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "", -time.Minute: "", 500 * time.Millisecond: "0 s", 45 * time.Second: "45 s", time.Minute: "1 min", 12*time.Minute + 59*time.Second: "12 min",
		time.Hour: "1 h", time.Hour + 30*time.Second: "1 h", 2*time.Hour + 24*time.Minute + 14*time.Second: "2 h 24 min", 26*time.Hour + 5*time.Minute: "26 h 5 min",
	} {
		if got := twstools.Span(d); got != want {
			t.Errorf("Span(%s) = %q, want %q", d, got, want)
		}
	}
}
