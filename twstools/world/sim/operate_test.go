package sim_test

import (
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/world/sim"
)

// TestNames holds that actions take the names that operators write, and say what is not there.
func TestNames(t *testing.T) {
	d := parse(t, base)
	d.Streams = parse(t, `
streams:
  - {name: S, on: A, run: [{at: "01:00", repeat: 1h, repeat_ends: "03:00"}], jobs: [{name: J}]}
`).Streams
	s, err := sim.New(d, sim.Options{Start: monday})
	if err != nil {
		t.Fatal(err)
	}
	id := s.World().JobStreams[2].InternalID
	for _, c := range []struct {
		name string
		want fault.Code
	}{
		{"A#S[(0200 03/16/26)].J", ""}, {"A#" + id + ".J;schedid", ""}, {"S.J", ""}, {"B#S.J", fault.NotFound}, {"S.K", fault.NotFound}, {"T", fault.NotFound},
		{"A#S[(0230 03/16/26)].J", fault.NotFound}, {"a b", fault.Invalid},
	} {
		if err := s.Cancel(c.name, false); fault.CodeOf(err) != c.want {
			t.Errorf("cancel %s: %v, want %q", c.name, err, c.want)
		}
	}
	for _, j := range s.World().Jobs {
		if !j.Status.Canceled {
			t.Errorf("the instance of %v was not meant by any name", j.SchedTime)
		}
	}
	for what, err := range map[string]error{"limit": s.SetLimit("X", 1), "reply": s.Reply("X", true), "units": s.SetUnits("A#X", 1), "remote": s.SetRemote("X", "SUCC"),
		"submit": s.Submit("X"), "file": s.PutFile("X", "/f", true), "redefine": s.Redefine("X", func(*sim.Stream) {}), "streamlimit": s.SetStreamLimit("X", 1)} {
		if !fault.Is(err, fault.NotFound) {
			t.Errorf("%s of what is not there: %v", what, err)
		}
	}
	if err := s.SetPriority("S", 102); !fault.Is(err, fault.Invalid) {
		t.Errorf("priority 102: %v", err)
	}
}

// TestSetOutcome holds that the next runs go as laid down, and then by chance again.
func TestSetOutcome(t *testing.T) {
	d := parse(t, base)
	d.Streams = parse(t, `streams: [{name: S, on: A, jobs: [{name: J, takes: 10m}]}]`).Streams
	exact(&d)
	s, err := sim.New(d, sim.Options{Start: monday})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.SetOutcome("S.J", sim.Outcome{RC: 12, Takes: time.Minute}); err != nil {
		t.Fatal(err)
	}
	s.Advance(monday.Add(5 * time.Minute))
	if j, _ := jobOf(s.World(), "S.J"); j.Status.Internal != "ABEND" || *j.Runs[0].ReturnCode != 12 || j.Runs[0].Elapsed != time.Minute {
		t.Errorf("the run went otherwise: %+v", j.Runs)
	}
	if err := s.Rerun("S.J"); err != nil {
		t.Fatal(err)
	}
	s.Advance(monday.Add(time.Hour))
	if j, _ := jobOf(s.World(), "S.J"); j.Status.Internal != "SUCC" || j.Runs[1].Elapsed != 10*time.Minute {
		t.Errorf("the rerun went otherwise: %+v", j.Runs)
	}
}
