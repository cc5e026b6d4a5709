package plan

import (
	"regexp"
	"strconv"
	"time"
)

// EstimateSource says where an estimate is from; the words are those of the answers.
type EstimateSource string

// The sources of estimates, best first (DESIGN.md 4.10).
const (
	FromOwnHistory EstimateSource = "own_history"
	FromArchive    EstimateSource = "archived_plans"
	FromEngine     EstimateSource = "engine_estimate"
	FromNothing    EstimateSource = ""
)

// Estimate is how long one run of a job usually takes.
type Estimate struct {
	P50        time.Duration // median, or the engine's average; 0: nobody knows
	P90        time.Duration // ninetieth percentile, or the engine's average with its confidence interval; 0: no spread is known
	From       EstimateSource
	Runs       int    // how many runs it rests on; 0 for the engine's own
	Confidence string // the engine's, as sent
}

// Slow is how long it takes on a slow day: the ninetieth percentile where there is one, else the median.
func (e Estimate) Slow() time.Duration { return max(e.P90, e.P50) }

// Known reports whether anybody said how long it takes.
func (e Estimate) Known() bool { return e.P50 > 0 }

// Estimates are what is known of durations beyond the engine's own estimates. The nil map knows nothing; then the engine's hold.
type Estimates map[NodeID]Estimate

// Of gives the node's estimate. For a stream it is the engine's of the whole stream.
func (e Estimates) Of(n *Node) Estimate {
	if known, ok := e[n.ID]; ok && known.Known() {
		return known
	}
	if n.Job == nil {
		return engines(Estimate{P50: n.Stream.Estimated})
	}
	est := Estimate{P50: n.Job.Definition.EstimatedDuration, Confidence: n.Job.ConfidenceInterval}
	if k := len(n.Job.Runs); k > 0 && n.Job.Runs[k-1].Estimated > 0 {
		est.P50 = n.Job.Runs[k-1].Estimated
	}
	if d, ok := span(est.Confidence); ok && est.P50 > 0 {
		est.P90 = est.P50 + d
	}
	return engines(est)
}

// engines names the engine as the source, if it said anything.
func engines(e Estimate) Estimate {
	if e.Known() {
		e.From = FromEngine
	}
	return e
}

var isoSpan = regexp.MustCompile(`^PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?$`)

// span reads a confidence interval that is a length of time (interface, duration in ISO 8601). Other words for it are shown and not
// reckoned with.
func span(text string) (time.Duration, bool) {
	m := isoSpan.FindStringSubmatch(text)
	if m == nil || text == "PT" {
		return 0, false
	}
	var d time.Duration
	for i, unit := range []time.Duration{time.Hour, time.Minute, time.Second} {
		n, err := strconv.Atoi("0" + m[i+1])
		if err != nil || n > 1_000_000 {
			return 0, false
		}
		d += time.Duration(n) * unit
	}
	return d, d > 0
}
