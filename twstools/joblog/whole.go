package joblog

import "github.com/resync-hwa/resync/twstools"

const (
	// largeRead is from when on a log that was not seen to its end is taken for one that the client stopped reading at its bound, and not for one that
	// broke off (our own choice: half the client's bound).
	largeRead = 32 << 20
	// mostReads bounds how often a log is asked for: three of the client's bounds, and what is farther on stays unread.
	mostReads = 3
)

// Whole reads a log of any size through a reader that is bounded: where the answer stops at the reader's bound, it is asked to go on behind the last line,
// a few times at most. from is 0 for the first read. What is kept stays small (the reader keeps head, tail and complaints of each read); Truncated says, as
// for every log, that lines are missing. Where a later read fails, or the server knows no windows, what was read before is given.
func Whole(read func(from int) (twstools.Log, error)) (twstools.Log, error) {
	l, err := read(0)
	if err != nil {
		return l, err
	}
	for reads := 1; reads < mostReads && l.Truncated && l.Total == 0 && l.Bytes >= int64(reads)*largeRead && len(l.Lines) > 0; reads++ {
		last := l.Lines[len(l.Lines)-1].N
		more, err := read(last + 1)
		if err != nil || len(more.Lines) == 0 || more.Lines[0].N <= last {
			break
		}
		l.Lines = append(l.Lines, more.Lines...)
		l.Bytes += more.Bytes
		l.Total = more.Total
		if more.Bytes < largeRead { // its end was seen, and it holds the trailer if there is one
			break
		}
	}
	return l, nil
}
