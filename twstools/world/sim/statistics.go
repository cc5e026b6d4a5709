package sim

import (
	"math"
	"time"
)

// keepRuns is how many durations of a job are kept; statsHistory of a plant is told in days, which comes to much the same.
const keepRuns = 100

// history is what the engine knows of a job's runs. Estimates change only when UPDATESTATS runs, in FINALPOSTREPORTS (UG "logman"; that an
// estimate is the plain mean of the runs kept is modelled after the default of no smoothing).
type history struct {
	runs     []time.Duration
	estimate time.Duration
	spread   time.Duration
}

func (s *Sim) learn(j *job, r *run) {
	key := j.s.name + "." + j.def.Name
	h := s.stats[key]
	if h == nil {
		h = &history{}
		s.stats[key] = h
	}
	h.runs = append(h.runs, r.end.Sub(r.start))
	if len(h.runs) > keepRuns {
		h.runs = append([]time.Duration(nil), h.runs[1:]...)
	}
}

// estimate gives a job's estimated duration and its spread; the mean of its definition while there are no statistics.
func (s *Sim) estimate(st *Stream, j *Job) (estimate, spread time.Duration) {
	if h := s.stats[st.Name+"."+j.Name]; h != nil && h.estimate > 0 {
		return h.estimate, h.spread
	}
	return s.mean(st, j), 0
}

// updateStats is the job UPDATESTATS.
func (s *Sim) updateStats() {
	for _, h := range s.stats {
		var sum, squares float64
		for _, d := range h.runs {
			sum += d.Seconds()
			squares += d.Seconds() * d.Seconds()
		}
		n := float64(len(h.runs))
		mean := sum / n
		h.estimate = time.Duration(math.Round(mean)) * time.Second
		h.spread = time.Duration(math.Round(math.Sqrt(max(0, squares/n-mean*mean)))) * time.Second
	}
}

// effect is what the jobs of FINAL and FINALPOSTREPORTS do to the plan (UG "Automating production plan processing"). MAKEPLAN and CHECKSYNC
// change nothing that the plan shows: the one prepares, the other proves.
func (s *Sim) effect(j *job) {
	switch j.def.Effect {
	case "switchplan":
		s.when(s.now, s.turn)
	case "updatestats":
		s.updateStats()
	}
}
