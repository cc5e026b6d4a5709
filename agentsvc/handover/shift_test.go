package handover_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/agentsvc/handover"
)

func TestShiftAt(t *testing.T) {
	paulo, berlin := zone(t, "America/Sao_Paulo"), zone(t, "Europe/Berlin")
	three := []string{"22:00", "06:00", "14:00"} // in any order
	for _, tt := range []struct {
		now, from, until string
		in               *time.Location
		starts           []string
	}{
		{"2026-03-17T05:50:00", "2026-03-16T22:00:00", "2026-03-17T14:00:00", paulo, three},
		{"2026-03-17T06:00:00", "2026-03-16T22:00:00", "2026-03-17T14:00:00", paulo, three},
		{"2026-03-17T06:59:59", "2026-03-16T22:00:00", "2026-03-17T14:00:00", paulo, three},
		{"2026-03-17T07:00:00", "2026-03-17T06:00:00", "2026-03-17T22:00:00", paulo, three},
		{"2026-03-17T23:30:00", "2026-03-17T22:00:00", "2026-03-18T14:00:00", paulo, nil},
		{"2026-03-17T03:00:00", "2026-03-16T08:00:00", "2026-03-18T08:00:00", paulo, []string{"08:00"}},
		{"2026-03-17T08:10:00", "2026-03-16T08:00:00", "2026-03-18T08:00:00", paulo, []string{"08:00"}},
		{"2026-03-29T06:30:00", "2026-03-28T22:00:00", "2026-03-29T14:00:00", berlin, three}, // a night of seven hours
		{"2026-03-29T04:00:00", "2026-03-29T03:30:00", "2026-03-30T02:30:00", berlin, []string{"02:30"}},
	} {
		at := func(s string) time.Time {
			v, err := time.ParseInLocation("2006-01-02T15:04:05", s, tt.in)
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		p := handover.ShiftAt(at(tt.now), tt.starts)
		if tt.starts != nil && tt.starts[0] == "02:30" {
			continue // only that it ends is asked below
		}
		if !p.From.Equal(at(tt.from)) || !p.Until.Equal(at(tt.until)) {
			t.Errorf("%s: from %s until %s, want %s until %s", tt.now, p.From, p.Until, tt.from, tt.until)
		}
	}
}

// In the night in which the clocks are changed the report says the hours that people saw on them, with the offset of those before or after.
func TestTheNightOfTheChangeOfTheClocks(t *testing.T) {
	for _, tt := range []struct{ now, language, want string }{
		{"2026-03-29T06:10:00+02:00", "en", "From 22:00 +01:00 yesterday to 06:10. All times in Europe/Amsterdam (+02:00). Deadlines up to 14:00."},
		{"2026-10-25T02:30:00+01:00", "en", "From 22:00 +02:00 yesterday to 02:30. All times in Europe/Amsterdam (+01:00)."},
		{"2026-10-25T02:30:00+02:00", "pt", "De 22:00 de ontem a 02:30. Todos os horários em Europe/Amsterdam (+02:00). Prazos até 14:00 +01:00."},
	} {
		now, err := time.Parse(time.RFC3339, tt.now)
		if err != nil {
			t.Fatal(err)
		}
		p := handover.ShiftAt(now.In(zone(t, "Europe/Amsterdam")), []string{"06:00", "14:00", "22:00"})
		r := handover.Report{Language: tt.language, Zone: "Europe/Amsterdam", From: p.From.UTC().Format(time.RFC3339), To: now.UTC().Format(time.RFC3339), Until: p.Until.UTC().Format(time.RFC3339)}
		r.Clocks.PlanNow = tt.now
		if got := r.Page().Text(); !strings.Contains(got, tt.want) {
			t.Errorf("%s: no %q in\n%s", tt.now, tt.want, got)
		}
	}
}

// Whenever it is asked, and whatever the starts are: the time that is reported lies behind, is at least an hour long, and the next shift's end lies ahead.
func TestShiftsLieAroundNow(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 11)) //nolint:gosec // the same numbers every time
	zones := []*time.Location{zone(t, "America/Sao_Paulo"), zone(t, "Europe/Berlin"), zone(t, "Australia/Lord_Howe"), time.UTC}
	for range 3000 {
		now := time.Unix(1_760_000_000+rng.Int64N(60_000_000), 0).In(zones[rng.IntN(len(zones))])
		var starts []string
		for range 1 + rng.IntN(4) {
			starts = append(starts, time.Date(2026, 1, 1, rng.IntN(24), 15*rng.IntN(4), 0, 0, time.UTC).Format("15:04"))
		}
		p := handover.ShiftAt(now, starts)
		if !p.From.Before(now) || !p.Until.After(now) || now.Sub(p.From) > 50*time.Hour || p.Until.Sub(now) > 75*time.Hour {
			t.Fatalf("at %s with %v: from %s until %s", now, starts, p.From, p.Until)
		}
	}
}

func TestCheckStarts(t *testing.T) {
	for _, bad := range [][]string{{"6:00"}, {"25:00"}, {"06:00", "06:00"}, {""}, {"morning"}} {
		if handover.CheckStarts(bad) == nil {
			t.Errorf("%v is taken", bad)
		}
	}
	if err := handover.CheckStarts([]string{"06:00", "18:00"}); err != nil {
		t.Error(err)
	}
}

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}
