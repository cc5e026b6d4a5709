package joblog_test

import (
	"testing"

	"github.com/resync-hwa/resync/twstools/joblog"
)

// TestAlien: only a header with the run's own number says that the run wrote the log. Our own choice.
func TestAlien(t *testing.T) {
	for _, c := range []struct {
		says, log string
		asked     int64
		alien     bool
	}{
		{"its own header", headerOf(7) + cause + trailerOf(1), 7, false},
		{"no number is known, and the log gives one", headerOf(7) + cause + trailerOf(1), 0, false},
		{"the header of another run", headerOf(5) + cause + trailerOf(1), 7, true},
		{"no header", cause + trailerOf(1), 7, true},
		{"no frame at all", cause, 0, true},
		{"behind the end of another run", headerOf(5) + announced + "ok\n" + farewell + trailerOf(0) + cause, 7, true},
	} {
		seg, ok := joblog.Parse(logOf(c.log)).Run(c.asked)
		if !ok || seg.Alien != c.alien {
			t.Errorf("%s: %v, alien %v, want %v", c.says, ok, seg.Alien, c.alien)
		}
	}
}
