package alert_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/resync-hwa/resync/agentsvc/alert"
)

// A finding is told when it appears, when it becomes worse, after the reminder's time, and when it has ended; what comes back before it has ended is
// the same one.
func TestWhatIsTold(t *testing.T) {
	c := &clock{t: monday}
	m := alert.NewMemory(settle)
	rule := alert.Rule{Name: "x", MinSeverity: alert.Medium, Remind: 4 * time.Hour}
	high, crit, med, low := finding("a", alert.High), finding("a", alert.Critical), finding("a", alert.Medium), finding("b", alert.Low)
	away := alert.Sighting{Engine: "default", Name: "default", Seen: []string{alert.FromRadar}}
	acked := seen(c)
	acked.Acknowledged = []string{"a"}
	for i, step := range []struct {
		after time.Duration
		s     func() alert.Sighting
		want  string
	}{
		{0, func() alert.Sighting { return seen(c, high, low) }, "appeared a"},
		{time.Minute, func() alert.Sighting { return seen(c, high, low) }, ""},
		{time.Minute, func() alert.Sighting { return seen(c, crit) }, "worse a"},
		{time.Minute, func() alert.Sighting { return seen(c, med) }, ""},
		{time.Minute, func() alert.Sighting { return seen(c) }, ""},           // gone
		{4 * time.Minute, func() alert.Sighting { return seen(c) }, ""},       // not long enough
		{30 * time.Second, func() alert.Sighting { return seen(c, med) }, ""}, // back: the same one
		{4 * time.Hour, func() alert.Sighting { return seen(c, med) }, "reminder a"},
		{time.Minute, func() alert.Sighting { return seen(c) }, ""},
		{settle, func() alert.Sighting { s := away; s.At, s.PlanNow = c.now(), c.now(); return s }, ""}, // nobody looked
		{time.Minute, func() alert.Sighting { return seen(c) }, "ended a"},
		{time.Minute, func() alert.Sighting { return seen(c) }, ""},
		{time.Minute, func() alert.Sighting { return seen(c, high) }, "appeared a"},
		{time.Minute, func() alert.Sighting { s := acked; s.At, s.PlanNow = c.now(), c.now(); return s }, "ended a acknowledged"},
		{time.Minute, func() alert.Sighting { s := acked; s.At, s.PlanNow = c.now(), c.now(); return s }, ""},
	} {
		c.advance(step.after)
		if got := told(m.Observe(step.s(), rule)); got != step.want {
			t.Errorf("step %d: %q, want %q", i, got, step.want)
		}
	}
}

// In quiet hours only what is critical is told; what still stands in the morning is told then, and what ended in between is not.
func TestQuietHours(t *testing.T) {
	c := &clock{t: monday}
	m := alert.NewMemory(settle)
	quiet, err := alert.ParseQuiet("22:00-06:00")
	if err != nil {
		t.Fatal(err)
	}
	rule := alert.Rule{Name: "x", MinSeverity: alert.Low, Quiet: quiet}
	a, b, k := finding("a", alert.High), finding("b", alert.High), finding("k", alert.Critical)
	for i, step := range []struct {
		after time.Duration
		s     []alert.Finding
		want  string
	}{
		{0, []alert.Finding{a}, "appeared a"},
		{2 * time.Hour, []alert.Finding{b, k}, "appeared k"}, // 23:00; a is gone
		{time.Hour, []alert.Finding{b, k}, ""},               // a has ended, quietly
		{6 * time.Hour, []alert.Finding{b, k}, "appeared b, ended a"},
	} {
		c.advance(step.after)
		if got := told(m.Observe(seen(c, step.s...), rule)); got != step.want {
			t.Errorf("step %d: %q, want %q", i, got, step.want)
		}
	}
	for _, bad := range []string{"22:00", "22-6", "25:00-06:00", "06:00-06:00", "quiet"} {
		if _, err := alert.ParseQuiet(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

// Engines that nobody asked for are not told; what often passes is told when it has lasted.
func TestEnginesAndHold(t *testing.T) {
	c := &clock{t: monday}
	m := alert.NewMemory(settle)
	hold := finding("h", alert.High)
	hold.Hold = true
	other := alert.Rule{Name: "x", MinSeverity: alert.Low, Engines: []string{"north"}}
	if got := told(m.Observe(seen(c, finding("a", alert.High)), other)); got != "" {
		t.Errorf("another engine's: %q", got)
	}
	mine := alert.Rule{Name: "y", MinSeverity: alert.Low, Engines: []string{"default"}}
	if got := told(m.Observe(seen(c, hold), mine)); got != "" {
		t.Errorf("at once: %q", got)
	}
	c.advance(settle)
	if got := told(m.Observe(seen(c, hold), mine)); got != "appeared h" {
		t.Errorf("when it has lasted: %q", got)
	}
}

// However findings come and go: nothing is told twice, nothing ends that was not told, and nothing that is told stays without its end.
func TestTellingIsPaired(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 5)) //nolint:gosec // the same numbers every time
	for range 60 {
		c := &clock{t: monday}
		m := alert.NewMemory(settle)
		rule := alert.Rule{Name: "x", MinSeverity: alert.Medium}
		up := map[string]bool{}
		take := func(list []alert.Event) {
			for _, e := range list {
				id := e.Finding.ID
				switch e.What {
				case alert.Appeared:
					if up[id] {
						t.Fatalf("%s appeared twice", id)
					}
					up[id] = true
				case alert.Ended:
					if !up[id] {
						t.Fatalf("%s ended and was not told", id)
					}
					delete(up, id)
				case alert.Worse:
					if !up[id] || !e.Finding.Severity.AtLeast(e.Before) || e.Finding.Severity == e.Before {
						t.Fatalf("%s became worse from %q to %q", id, e.Before, e.Finding.Severity)
					}
				default:
					t.Fatalf("%s: nobody asked for a reminder", id)
				}
			}
		}
		for range 200 {
			c.advance(time.Duration(rng.IntN(240)) * time.Second)
			var fs []alert.Finding
			for _, id := range []string{"a", "b", "c", "d"} {
				if rng.IntN(3) > 0 {
					fs = append(fs, finding(id, []alert.Severity{alert.Low, alert.Medium, alert.High, alert.Critical}[rng.IntN(4)]))
				}
			}
			s := seen(c, fs...)
			if rng.IntN(5) == 0 {
				s.Seen = nil
			}
			take(m.Observe(s, rule))
		}
		take(m.Observe(seen(c), rule))
		c.advance(settle)
		take(m.Observe(seen(c), rule))
		if len(up) > 0 {
			t.Fatalf("%v never ended", up)
		}
	}
}
