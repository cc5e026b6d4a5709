package sim

import (
	"strings"
	"time"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/world"
)

// keepLogs adds the logs of a job's runs. One that was never launched has none (UG "Job status", FAIL). A log grows line by line while its
// run lasts; what was written stays. Logs lie on the agents: one that is not linked gives none. The log of a run whose end nobody has told of
// is complete all the same.
func (s *Sim) keepLogs(w *world.World, x twstools.Job, j *job) {
	for i, r := range j.runs {
		if r.state == "FAIL" || r.outcome.NoLog || !r.on.linked {
			continue
		}
		ended := !r.end.IsZero()
		if r.log == nil || ended && !r.written {
			s.writeLog(x, x.Runs[i], r, ended)
		}
		l := *r.log
		if !ended && r.unseenEnd.IsZero() {
			l.Body, l.Trailer = firstPart(l.Body, s.now.Sub(r.start), r.takes), ""
		}
		w.Logs[r.id] = l
	}
}

func (s *Sim) writeLog(x twstools.Job, told twstools.Run, r *run, ended bool) {
	pattern := s.defs.Logs[orElse(r.outcome.Log, orElse(r.j.def.Log, r.j.s.def.Log))]
	end, rc := r.end, r.outcome.RC
	if !ended || r.killed {
		told.End, told.Elapsed = r.start.Add(r.takes), r.takes
		told.ReturnCode = &rc
	}
	l, err := s.logs.Write(x, told, pattern)
	if err == nil && r.killed && ended {
		told.End, told.Elapsed, told.ReturnCode = end, end.Sub(r.start), r.rc
		body := firstPart(l.Body, told.Elapsed, r.takes)
		l, err = s.logs.Write(x, told, pattern)
		l.Body = body
	}
	if err != nil {
		s.refused = append(s.refused, err)
	}
	r.log, r.written = &l, ended
}

// firstPart cuts a log's body to the lines that are written when part of the time has passed; the first is there at once.
func firstPart(body string, passed, all time.Duration) string {
	lines := strings.SplitAfter(body, "\n")
	n := len(lines)
	if all > 0 {
		n = 1 + int(float64(n)*float64(passed)/float64(all))
	}
	return strings.Join(lines[:min(n, len(lines))], "")
}
