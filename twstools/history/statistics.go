package history

import (
	"slices"
	"time"
)

const (
	// minRuns is how many runs "usual" needs at least: the median of three bears one outlier. The answer tells the number.
	minRuns = 3
	// minSpread is how many runs the tenth and the ninetieth percentile need at least: with fewer they would be the extremes.
	minSpread = 10
	// enough is from how many own runs on nothing else is asked: a working week of a daily job.
	enough = 5
)

// Spread is a duration as it usually is. Low and High are the tenth and ninetieth percentile, given from 10 values on (HasSpread).
type Spread struct {
	Median, Low, High time.Duration
	HasSpread         bool
	N                 int // values; 0: nothing is known, and the rest is zero
}

// spread gives the median of values and their percentiles, interpolated between neighbours; nothing for fewer than three.
func spread(values []time.Duration) Spread {
	if len(values) < minRuns {
		return Spread{}
	}
	values = slices.Sorted(slices.Values(values))
	s := Spread{Median: quantile(values, 0.5), N: len(values)}
	if s.HasSpread = len(values) >= minSpread; s.HasSpread {
		s.Low, s.High = quantile(values, 0.1), quantile(values, 0.9)
	}
	return s
}

// quantile of sorted values: linear between closest ranks.
func quantile(sorted []time.Duration, q float64) time.Duration {
	at := q * float64(len(sorted)-1)
	i := int(at)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + time.Duration((at-float64(i))*float64(sorted[i+1]-sorted[i]))
}
