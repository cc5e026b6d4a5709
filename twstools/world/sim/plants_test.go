package sim_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/resync-hwa/resync/twstools/world/sim"
)

// anyPlant makes random definitions: every kind of dependency, restriction and recovery, with FINAL.
func anyPlant(r *rand.Rand) sim.Definitions {
	pick := func(words ...string) string { return words[r.IntN(len(words))] }
	tod := func(from, to int) sim.TimeOfDay {
		return sim.TimeOfDay{Set: true, Minutes: 60*from + r.IntN(60*(to-from))}
	}
	num := func(n int) *int { return &n }
	d := sim.Definitions{Plan: sim.Plan{Master: "MDM", CarryForward: pick("", "all", "yes"), CheckDeadline: time.Duration(r.IntN(2)) * 5 * time.Minute, Audit: true}}
	d.Workstations = []sim.Workstation{{Name: "MDM", Type: "MANAGER"}, {Name: "W1", Limit: num(1 + r.IntN(3))}, {Name: "W2", Fence: r.IntN(15)}, {Name: "W3", Limit: num(0)},
		{Name: "D1", Type: "AGENT", Limit: num(1)}, {Name: "D2", Type: "AGENT", TimeZone: "America/Sao_Paulo"}, {Name: "P", Type: "POOL", Members: []string{"D1", "D2"}}}
	places := []string{"W1", "W2", "W3", "D1", "D2", "P", "W1", "W2"}
	d.Resources = []sim.Resource{{Name: "R1", On: "W1", Quantity: 1 + r.IntN(3)}, {Name: "R2", On: "MDM", Quantity: 40}}
	d.Prompts = []sim.Prompt{{Name: "ASKS", Text: "Go?"}, {Name: "SAYS", Text: ": going"}}
	d.Arrivals = []sim.Arrival{{File: "/in/a", On: "W1", At: tod(0, 20), Later: time.Hour}}
	for i := range 6 + r.IntN(8) {
		st := sim.Stream{Name: fmt.Sprintf("S%d", i), On: pick(places...), Unchained: r.IntN(3) > 0, CarryForward: r.IntN(2) == 0, Overlap: pick("", "", "", "enqueue", "donotstart")}
		if r.IntN(2) == 0 {
			st.At = tod(0, 20)
		}
		switch r.IntN(8) {
		case 0:
			st.Until, st.OnUntil = tod(1, 23), pick("", "cont", "canc")
		case 1:
			st.StartUntil, st.OnUntil = tod(1, 23), pick("", "cont", "canc")
		case 2:
			st.Limit = num(r.IntN(3))
		case 3:
			st.Priority = num([]int{0, 5, 50, 100}[r.IntN(4)])
		case 4:
			st.Run = []sim.RunCycle{{Times: sim.Times{At: tod(0, 10)}, Repeat: 3 * time.Hour, RepeatEnds: tod(12, 20)}}
		case 5:
			st.StartWhen = &sim.StartWhen{File: "/in/a", On: "W1", Rerun: r.IntN(4) == 0, Interval: time.Hour}
		}
		for k := range 1 + r.IntN(6) {
			j := sim.Job{Name: fmt.Sprintf("J%d", k), On: pick(places...), Takes: time.Duration(1+r.IntN(90)) * time.Minute, Varies: 0.3, Fails: []float64{0, 0, 0.3}[r.IntN(3)],
				Recovery: pick("", "", "continue", "rerun"), Nop: r.IntN(20) == 0, Confirmed: r.IntN(20) == 0, Critical: r.IntN(10) == 0,
				Conditions: []sim.Condition{{Name: "OK", When: "RC=0", Success: true}, {Name: "ERR1", When: "RC=1"}}}
			switch r.IntN(12) {
			case 0:
				j.Until, j.OnUntil = tod(1, 23), pick("", "cont", "canc")
			case 1:
				j.At = tod(0, 23)
			case 2:
				j.Every, j.Takes = 2*time.Hour, 10*time.Minute
			case 3:
				j.Priority = num([]int{0, 1, 99, 100, 101}[r.IntN(5)])
			case 4:
				j.MaxDuration, j.OnMax = 20*time.Minute, pick("", "kill")
			case 5:
				j.RecoveryJob, j.RecoveryRC = "FIX", r.IntN(2)
			case 6:
				j.AbendPrompt, j.Fails = "Again?", 0.7
			case 7:
				j.Attempts, j.RepeatEvery, j.Recovery = 2, 5*time.Minute, "rerun"
			case 8:
				j.Outcomes = []sim.Outcome{{Fail: true}}
			case 9:
				j.Deadline, j.OnLate = tod(1, 23), pick("", "kill")
			case 10:
				j.MinDuration, j.OnMin = time.Hour, pick("", "abend", "confirm")
			}
			for range r.IntN(3) {
				j.Needs = append(j.Needs, anyNeed(r, i, k))
			}
			st.Jobs = append(st.Jobs, j)
		}
		if i > 0 && r.IntN(3) == 0 {
			if st.Needs = []sim.Need{anyNeed(r, i, 0)}; st.Needs[0].Resource != "" {
				st.Needs = nil // only the jobs may need resources then
			}
		}
		d.Streams = append(d.Streams, st)
	}
	d.Streams = append(d.Streams, finalStreams()...)
	return d
}

func finalStreams() []sim.Stream {
	at := sim.Times{At: sim.TimeOfDay{Set: true, Minutes: 23*60 + 59}}
	return []sim.Stream{
		{Name: "FINAL", On: "MDM", Times: at, CarryForward: true, Jobs: []sim.Job{{Name: "MAKEPLAN", Takes: 5 * time.Second, Effect: "makeplan"}, {Name: "SWITCHPLAN", Takes: 5 * time.Second, Effect: "switchplan"}}},
		{Name: "FINALPOSTREPORTS", On: "MDM", Times: at, CarryForward: true, Needs: []sim.Need{{Job: "FINAL.SWITCHPLAN"}},
			Jobs: []sim.Job{{Name: "CHECKSYNC", Effect: "checksync"}, {Name: "UPDATESTATS", Effect: "updatestats"}}},
	}
}

func anyNeed(r *rand.Rand, stream, job int) sim.Need {
	follow := func() sim.Need {
		n := sim.Need{Match: []string{"", "", "sameday", "interval"}[r.IntN(4)], From: -6 * time.Hour, To: 6 * time.Hour}
		switch {
		case job > 0 && r.IntN(2) == 0:
			n.Job, n.Match = fmt.Sprintf("J%d", r.IntN(job)), ""
		case stream == 0:
			return sim.Need{Prompt: "SAYS"}
		case r.IntN(2) == 0:
			n.Job = fmt.Sprintf("S%d.J0", r.IntN(stream))
		default:
			n.Stream = fmt.Sprintf("S%d", r.IntN(stream))
		}
		if r.IntN(3) == 0 {
			if n.If = []string{[]string{"SUCC", "ABEND", "SUPPR"}[r.IntN(3)]}; n.Job != "" && r.IntN(2) == 0 {
				n.If, n.Conditions = nil, []string{[]string{"OK", "ERR1"}[r.IntN(2)]}
			}
		}
		return n
	}
	switch r.IntN(8) {
	case 0:
		return sim.Need{Resource: "W1#R1", Quantity: r.IntN(3)}
	case 1:
		return sim.Need{Resource: "MDM#R2"}
	case 2:
		return sim.Need{File: "/in/a", On: "W1"}
	case 3:
		return sim.Need{Prompt: []string{"ASKS", "SAYS"}[r.IntN(2)]}
	case 4:
		return sim.Need{Join: "J", Quantity: r.IntN(2), Of: []sim.Need{follow(), follow()}}
	}
	return follow()
}

// meddle plans random actions of operators. Most are refused by the state of things, which is as it should be.
func meddle(r *rand.Rand, s *sim.Sim, jobs []string) {
	for range 30 {
		name, n := jobs[r.IntN(len(jobs))], r.IntN(12)
		stream, _, _ := strings.Cut(name, ".")
		ws := []string{"W1", "W2", "D1", "D2"}[r.IntN(4)]
		s.At(monday.Add(time.Duration(r.IntN(30*3600))*time.Second), func(s *sim.Sim) error {
			switch n {
			case 0:
				return s.Reply("ASKS", true)
			case 1:
				return s.Cancel(name, r.IntN(2) == 0)
			case 2:
				return s.Cancel(stream, false)
			case 3:
				return s.Rerun(name)
			case 4:
				return s.Confirm(name, true)
			case 5:
				return s.Unlink(ws)
			case 6:
				return s.StopAgent(ws)
			case 7, 8:
				_ = s.StartAgent(ws)
				return s.Link(ws)
			case 9:
				return s.Kill(name)
			case 10:
				return s.Reply(name, r.IntN(2) == 0)
			}
			return s.PutFile("W1", "/in/a", true)
		})
	}
}
