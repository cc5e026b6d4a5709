package diagnose

import (
	"slices"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/answer"
)

// sober takes back what is called confirmed where the account was refused reads that could have shown a rival, and the cause rests on what a
// status alone shows: no line of a log speaks for it.
func (c *kase) sober() {
	if !slices.ContainsFunc(c.failures, func(err error) bool { return fault.Public(err).Code == fault.Forbidden }) {
		return
	}
	for i := range c.out.Causes {
		x := &c.out.Causes[i]
		fromLog := slices.ContainsFunc(x.Evidence, func(e answer.Evidence) bool { return e.Line > 0 })
		if x.Class == answer.Confirmed && !fromLog {
			x.Class, x.Confidence = answer.Likely, min(x.Confidence, 0.75)
		}
	}
}
