package diagnose

import (
	"time"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/reader"
)

// MeantStreams is Meant for job streams, asked about as a fact: those of the time that was named, else the latest day's;
// none where the plan holds none of the day or the instant that was named.
func MeantStreams(streams []twstools.JobStream, when Moment, zone *time.Location, now time.Time) []twstools.JobStream {
	picked, _ := when.of(picks(reader.Found{Streams: streams}), now)
	if oneName(picked) {
		picked = latestDay(picked, zone, now)
	}
	out := make([]twstools.JobStream, 0, len(picked))
	for _, p := range picked {
		out = append(out, *p.stream)
	}
	return out
}
