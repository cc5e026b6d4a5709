package world

import (
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
)

// What a maker of worlds other than the files' loader needs: ids and job logs in the same form.

// NameID makes the id that a plan object of this name has: a name-based (version 3) UUID, the same each time.
func NameID(parts ...string) string { return nameUUID(parts...) }

// NewRef makes a Ref into a world.
func NewRef(id string) twstools.Ref { return ref(id) }

// LogPattern is a job's own output with holes to fill (${t}, ${n:LOW-HIGH}, ${job} …, as in the logs of a world's files).
type LogPattern struct {
	Time string `yaml:"time"` // layout of ${t} as package time writes one
	CRLF bool   `yaml:"crlf"`
	Text string `yaml:"text"`
}

// LogWriter writes job logs as the agents of a plant do: banner, output, trailer. It is safe for concurrent use.
type LogWriter struct {
	loc          *time.Location
	workstations map[string]*twstools.Workstation
}

// NewLogWriter makes a LogWriter for runs on these workstations; their times are written in the zone loc.
func NewLogWriter(loc *time.Location, workstations []twstools.Workstation) *LogWriter {
	l := &LogWriter{loc: loc, workstations: map[string]*twstools.Workstation{}}
	for _, w := range workstations {
		l.workstations[w.Name] = &w
	}
	return l
}

// Write gives the log of one run; one that has not ended has no trailer. A hole that nothing fills is fault.Invalid.
func (l *LogWriter) Write(j twstools.Job, r twstools.Run, p LogPattern) (JobLog, error) {
	b := &builder{loc: l.loc, workstations: l.workstations}
	out := b.jobLog(j, r, fileLog(p))
	if len(b.errs) > 0 {
		return JobLog{}, fault.New(fault.Invalid, "The log pattern is wrong: %s.", strings.Join(b.errs, "; "))
	}
	return out, nil
}
