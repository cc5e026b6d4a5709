package joblog_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/twstools/joblog"
)

// A log that complains mildly thousands of times is judged within a blink: the time grows with its lines, not with their square.
func TestManyComplaintsCostLittle(t *testing.T) {
	text := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "row %d looks wrong here\n", i)
		}
		return b.String()
	}
	cost := func(n int) time.Duration {
		l, least := logOf(text(n)), time.Hour
		for range 3 { // the least of three: other programs on the machine cost time, too
			began := time.Now()
			for _, s := range joblog.Parse(l).Runs {
				if _, ok := s.Decisive(nil); !ok {
					t.Error("no decisive line")
				}
			}
			least = min(least, time.Since(began))
		}
		return least
	}
	few, many := cost(100), cost(800) // eight times the lines: 64 times the work if each looked at all that follow
	if many > 24*few+50*time.Millisecond {
		t.Errorf("100 lines took %s, 800 took %s", few, many)
	}
}
