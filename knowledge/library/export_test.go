package library

import "time"

// Hasty makes an ingest that looks often whether it is its turn, and waits long for one that seems dead: on a busy machine it may live.
func Hasty(o IngestOptions) IngestOptions {
	o.pace = pace{beat: 20 * time.Millisecond, look: 5 * time.Millisecond, patience: 30 * time.Second}
	return o
}

// Impatient makes an ingest that takes one for dead soon, for tests in which it is.
func Impatient(o IngestOptions) IngestOptions {
	o.pace = pace{beat: 20 * time.Millisecond, look: 5 * time.Millisecond, patience: 300 * time.Millisecond}
	return o
}
