package sim

import (
	"math"
	"strconv"
	"time"
)

// draw gives a number that depends on the seed and the names alone.
func (s *Sim) draw(parts ...string) uint64 {
	x := s.opts.Seed ^ 0x9e3779b97f4a7c15
	for _, p := range parts {
		for i := 0; i < len(p); i++ {
			x = (x ^ uint64(p[i])) * 0x100000001b3
		}
		x = (x ^ 0xff) * 0x100000001b3
	}
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	x *= 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}

// part draws a number from 0 up to 1.
func (s *Sim) part(parts ...string) float64 { return float64(s.draw(parts...)>>11) / (1 << 53) }

// decide says how a run will go and how long it takes.
func (s *Sim) decide(r *run) time.Duration {
	j := r.j
	if r.kind == "RECOVERY" {
		r.name = j.def.RecoveryJob
		r.outcome = Outcome{RC: j.def.RecoveryRC}
		return max(j.estimate/5, 30*time.Second).Truncate(time.Second)
	}
	o, told := s.told(j)
	j.tries++
	name, n := j.name(), strconv.Itoa(j.tries)
	fails := j.def.Fails
	if fails == 0 {
		fails = j.s.def.Fails
	}
	if !told && s.part("fails", name, n) < fails {
		o = Outcome{RC: max(j.def.FailRC, 1), Log: j.def.FailLog}
	}
	r.outcome = o
	if o.Takes > 0 {
		return o.Takes
	}
	mean := s.mean(j.s.def, j.def)
	spread := j.def.Varies
	if spread == 0 {
		spread = 0.12
	}
	takes := mean
	if spread > 0 {
		z := math.Sqrt(-2*math.Log(1-s.part("z", name, n))) * math.Cos(2*math.Pi*s.part("angle", name, n))
		takes = time.Duration(float64(mean) * math.Exp(spread*z-spread*spread/2))
	}
	if o.RC != 0 && !told { // what ends badly by chance ends somewhere on the way
		takes = time.Duration(float64(takes) * (0.05 + 0.6*s.part("cut", name, n)))
	}
	return max(takes.Truncate(time.Second), time.Second)
}

// told gives the outcome that somebody has laid down for the next run.
func (s *Sim) told(j *job) (Outcome, bool) {
	if len(j.outcomes) > 0 {
		o := j.outcomes[0]
		if !o.Always {
			j.outcomes = j.outcomes[1:]
		}
		return o, true
	}
	list := j.def.Outcomes
	if j.tries < len(list) {
		return list[j.tries], true
	}
	if n := len(list); n > 0 && list[n-1].Always {
		return list[n-1], true
	}
	return Outcome{}, false
}

func (s *Sim) mean(st *Stream, j *Job) time.Duration {
	switch {
	case j.Takes > 0:
		return j.Takes
	case st.Takes > 0:
		return st.Takes
	}
	return 3 * time.Minute
}
