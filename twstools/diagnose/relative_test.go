package diagnose_test

import (
	"testing"
	"time"

	"github.com/resync-hwa/resync/twstools/diagnose"
)

// TestAbsolute: days are told from the engine's own clock and zone, not from ours.
func TestAbsolute(t *testing.T) {
	zone := time.FixedZone("-03", -3*3600)
	now := time.Date(2026, 3, 17, 1, 30, 0, 0, time.UTC) // still Monday the 16th there
	for text, want := range map[string]string{
		"": "", "02:25": "02:25", "2026-02-01": "2026-02-01", "today": "2026-03-16", "yesterday": "2026-03-15", "Yesterday 02:25": "2026-03-15T02:25", "ontem": "2026-03-15", "hoje 23:00": "2026-03-16T23:00",
		"2 days ago": "2026-03-14", "monday": "2026-03-09", "sunday": "2026-03-15", "02-14": "2026-02-14", "12-24": "2025-12-24", "day 12": "2026-03-12",
		"day 20": "2026-02-20", "day 31": "day 31", "soon": "soon", "02-14 18:00": "2026-02-14T18:00", "x days ago": "x days ago",
	} {
		if got := diagnose.Absolute(text, zone, now); got != want {
			t.Errorf("Absolute(%q) = %q, want %q", text, got, want)
		}
	}
}
