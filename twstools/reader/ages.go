package reader

import (
	"time"

	"github.com/resync-hwa/resync/internal/fault"
)

// kind is what was read; ages and the store's keys depend on it.
type kind string

const (
	kindInfo         kind = "info"
	kindJobs         kind = "jobs"
	kindJob          kind = "job"
	kindStreams      kind = "job_streams"
	kindStream       kind = "job_stream"
	kindNeighbours   kind = "neighbours"
	kindCounts       kind = "counts"
	kindWorkstations kind = "workstations"
	kindResources    kind = "resources"
	kindPrompts      kind = "prompts"
	kindLog          kind = "log"
)

// age says how long an answer serves.
type age struct {
	fresh  time.Duration // handed out as it is
	behind time.Duration // up to here handed out at once while it is read again in the background; equal to fresh: never
	stale  time.Duration // up to here handed out, marked, when the engine is away
	// ageless: the answer is as true later as now, so its time does not count as that of the reading.
	ageless bool
}

// Ages that do not follow the refresh interval.
const (
	infoFresh  = 5 * time.Minute // version and time zone change with an upgrade
	endedFresh = time.Hour       // the log of a run that has ended; agents keep logs for two days (AD "JobManager.ini file", MaxAge)
	runningLog = 5 * time.Second
	staleBound = 15 * time.Minute // a plan further behind than this answers no question of tonight
	settled    = time.Minute      // after its end a run's log may still be on its way
	endedRuns  = 50_000           // runs remembered as ended
)

// endedAge is that of the log of a run that has ended.
var endedAge = age{fresh: endedFresh, behind: endedFresh, stale: 24 * time.Hour, ageless: true}

// ageOf gives the ages of an answer.
func (r *Reader) ageOf(k kind) age {
	i := r.o.Interval
	switch k {
	case kindInfo:
		return age{fresh: infoFresh, behind: 2 * infoFresh, stale: 24 * time.Hour, ageless: true}
	case kindJob, kindStream, kindNeighbours:
		return age{fresh: i, behind: i, stale: staleBound} // whoever asks about one object wants it as it is
	case kindLog:
		return age{fresh: min(runningLog, i), behind: min(runningLog, i), stale: staleBound}
	}
	return age{fresh: i, behind: 2 * i, stale: staleBound}
}

// errorAge is how long an error is answered again without asking: long enough that a crowd does not repeat it, short enough that nobody
// waits for a cure that has come. Refused credentials get longest, since directory servers lock accounts that keep trying.
func errorAge(code fault.Code) time.Duration {
	switch code {
	case fault.NotFound, fault.Limited:
		return 5 * time.Second
	case fault.UpstreamDenied:
		return 30 * time.Second
	case fault.Unsupported:
		return 5 * time.Minute
	case fault.Invalid:
		return 15 * time.Second
	case fault.UpstreamUnavailable, fault.Timeout:
		return 2 * time.Second
	}
	return 0
}

// away reports whether the error means that the engine gave no answer, so that an older one may stand in.
func away(err error) bool {
	code := fault.CodeOf(err)
	return code == fault.UpstreamUnavailable || code == fault.Timeout
}

// maxDenials is how many reads in a row the engine may refuse before nothing is asked for errorAge(UpstreamDenied): directory servers
// lock an account after few failures, three being a common bound.
const maxDenials = 3
