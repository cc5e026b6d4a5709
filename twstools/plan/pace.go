package plan

import (
	"time"

	"github.com/resync-hwa/resync/twstools"
)

// A job is slow when it has run for more than slowFactor times its estimate and at least slowMargin longer than that: the engine's
// estimate is an average, and short jobs vary by seconds that mean nothing (our own choice; measured history refines it later).
const (
	slowFactor = 2
	slowMargin = 10 * time.Minute
)

// Pace is how a run stands against its usual time.
type Pace struct {
	Elapsed  time.Duration
	Estimate time.Duration // zero: the engine gave none
	Slow     bool
	Start    time.Time
	Run      *twstools.Run
}

// Pace judges the job's last run at the graph's instant.
func (g *Graph) Pace(j *twstools.Job) Pace { return PaceAt(j, g.Now) }

// PaceAt judges the job's last run at now: running jobs by the time since their start, ended ones by how long they took.
func PaceAt(j *twstools.Job, now time.Time) Pace {
	p := Pace{Estimate: j.Definition.EstimatedDuration}
	if len(j.Runs) > 0 {
		r := &j.Runs[len(j.Runs)-1]
		p.Run, p.Start = r, r.Start
		if r.Estimated > 0 {
			p.Estimate = r.Estimated
		}
		switch {
		case !r.End.IsZero() && !r.Start.IsZero():
			p.Elapsed = r.End.Sub(r.Start)
		case !r.Start.IsZero():
			p.Elapsed = now.Sub(r.Start)
		default:
			p.Elapsed = r.Elapsed
		}
		if p.Elapsed < 0 {
			p.Elapsed = 0
		}
	}
	p.Slow = p.Estimate > 0 && p.Elapsed > slowFactor*p.Estimate && p.Elapsed-p.Estimate >= slowMargin
	return p
}
