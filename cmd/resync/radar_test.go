package main

import (
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
)

func TestUntilWhen(t *testing.T) {
	zone := time.FixedZone("plan", -3*60*60)
	now := time.Date(2026, 3, 17, 6, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"8h":                   now.Add(8 * time.Hour),
		" 3d ":                 now.Add(72 * time.Hour),
		"2w":                   now.Add(14 * 24 * time.Hour),
		"2026-03-31":           time.Date(2026, 4, 1, 3, 0, 0, 0, time.UTC), // to the end of that day, there
		"2026-03-31T18:00":     time.Date(2026, 3, 31, 21, 0, 0, 0, time.UTC),
		"2026-03-31 18:00":     time.Date(2026, 3, 31, 21, 0, 0, 0, time.UTC),
		"2026-03-31T18:00:00Z": time.Date(2026, 3, 31, 18, 0, 0, 0, time.UTC),
	} {
		if got, err := untilWhen(text, now, zone); err != nil || !got.Equal(want) {
			t.Errorf("%q = %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "tomorrow", "3", "-3d", "3y", "31/03/2026", "2026-13-01"} {
		if got, err := untilWhen(text, now, zone); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q = %v, %v; want invalid", text, got, err)
		}
	}
}

// What is normal in an invented plan says nothing about the real engine of the same name.
func TestAckKeyTellsInventedEngines(t *testing.T) {
	for mode, want := range map[string]string{"live": "prod", "mock": "prod@mock", "replay": "prod@replay"} {
		if got := (engine{name: "prod", mode: mode}).ackKey(); got != want {
			t.Errorf("%s: %s, want %s", mode, got, want)
		}
	}
}
