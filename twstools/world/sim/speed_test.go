package sim_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/resync-hwa/resync/twstools/world/sim"
)

// large makes definitions of n jobs in streams of ten, each stream following one that starts an hour before.
func large(n int) sim.Definitions {
	d := sim.Definitions{Resources: []sim.Resource{{Name: "R", On: "W00", Quantity: 20}}}
	for w := range 40 {
		limit := 60
		d.Workstations = append(d.Workstations, sim.Workstation{Name: fmt.Sprintf("W%02d", w), Limit: &limit})
	}
	for i := range n / 10 {
		hour := i % 23
		st := sim.Stream{Name: fmt.Sprintf("S%05d", i), On: fmt.Sprintf("W%02d", i%40), Times: sim.Times{At: sim.TimeOfDay{Set: true, Minutes: hour*60 + i%60}}}
		if hour > 0 {
			st.Needs = []sim.Need{{Stream: fmt.Sprintf("S%05d", i-1)}}
		}
		for k := range 10 {
			j := sim.Job{Name: fmt.Sprintf("J%d", k), Takes: 5 * time.Minute, Fails: 0.002, Recovery: "rerun", Attempts: 2}
			if k == 5 {
				j.Needs = []sim.Need{{Resource: "W00#R"}}
			}
			st.Jobs = append(st.Jobs, j)
		}
		d.Streams = append(d.Streams, st)
	}
	return d
}

// BenchmarkDay simulates 24 hours of 10,000 jobs.
func BenchmarkDay(b *testing.B) {
	for b.Loop() {
		s, err := sim.New(large(10_000), sim.Options{Seed: 1, Start: monday})
		if err != nil {
			b.Fatal(err)
		}
		s.Advance(monday.Add(24 * time.Hour))
		runs := 0
		for _, j := range s.World().Jobs {
			runs += len(j.Runs)
		}
		b.ReportMetric(float64(runs), "runs")
	}
}

// BenchmarkWorld takes a snapshot of 5,000 jobs each second of a living plant at noon.
func BenchmarkWorld(b *testing.B) {
	s, err := sim.New(large(5_000), sim.Options{Seed: 1, Start: monday})
	if err != nil {
		b.Fatal(err)
	}
	at := monday.Add(12 * time.Hour)
	s.Advance(at)
	s.World()
	for b.Loop() {
		at = at.Add(time.Second)
		s.Advance(at)
		s.World()
	}
}
