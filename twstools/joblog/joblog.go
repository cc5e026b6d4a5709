// Package joblog reads job logs (stdlist): it splits them into the runs they hold, tells the scheduler's frame from what the program
// printed, and finds the decisive line by reasoning over all lines, not by taking the first or the last match. Signatures are data
// (the folder signatures); a log that none of them knows still gets its decisive line, by the words that programs use for bad ends.
//
// Nothing here does I/O, and nothing in a log is believed about the run's outcome: exit status and state come from the plan.
// All functions are pure and safe for concurrent use. Start at Parse, then Log.Run, then Segment.Decisive for a run that ended,
// Segment.Progress for one that runs.
package joblog

import (
	"strconv"

	"github.com/resync-hwa/resync/twstools"
)

// Log is a parsed log: the runs it holds, oldest first. Lines that belong to no frame form one run without header.
type Log struct {
	Runs      []Segment
	Truncated bool // the reader did not see all of it
}

// Segment is one run inside a log file: reruns and repetitions are appended to the same file on some agents.
type Segment struct {
	JobNumber  int64 // of the header; 0 when there is none
	Job        string
	Agent      string
	User       string
	Script     string
	Body       []twstools.LogLine // what the program and jobmanrc printed
	ExitStatus *int               // of the trailer; nil when missing
	ExitLine   twstools.LogLine   // the trailer's line
	// Trailers counts trailers seen in the segment: more than one means that the program printed a forged one.
	Trailers int
	// Headers counts headers inside the run that no new run stands behind: the program printed them. They are part of Body.
	Headers int
	// Alien says that the run asked for is not proven to have written it: its header gives another job number, or there is none with a number.
	// What it proves is likely at most.
	Alien bool

	begun    string // the header's date line
	jobmanrc bool   // jobmanrc announced itself (AWSBIS307I) …
	sealed   bool   // … and its own end (AWSBIS308I)
	framed   bool   // the trailer stands in the agent's frame
	stray    bool   // something was printed after the trailer: a child left behind
}

// Forged reports whether the program printed what looks like the scheduler's own frame.
func (s Segment) Forged() bool { return s.Trailers > 1 || s.Headers > 0 }

// Closed reports whether the log shows the run's end: the agent's framed trailer with nothing after it. Under jobmanrc a good end, or one by a return
// code of the program's own, is announced before the trailer; a trailer without that announcement may be the program's forgery and closes nothing.
func (s Segment) Closed() bool {
	return s.ExitStatus != nil && s.framed && !s.stray && (!s.jobmanrc || s.sealed || *s.ExitStatus >= 128)
}

func (s *Segment) header(key, value string) {
	switch key {
	case "JOB":
		s.Job = value
	case "USER":
		s.User = value
	case "AGENT":
		s.Agent = value
	case "JCLFILE", "TASK":
		s.Script = value
	case "Job Number":
		if n, err := strconv.ParseInt(value, 10, 64); err == nil {
			s.JobNumber = n
		}
	}
}

// Run picks the segment of the job number, else the last one, which is Alien then; 0 asks for whatever run is last. False when the log is empty.
func (l Log) Run(jobNumber int64) (Segment, bool) {
	for i := len(l.Runs) - 1; i >= 0; i-- {
		if jobNumber != 0 && l.Runs[i].JobNumber == jobNumber {
			return l.Runs[i], true
		}
	}
	if len(l.Runs) == 0 {
		return Segment{}, false
	}
	s := l.Runs[len(l.Runs)-1]
	s.Alien = jobNumber != 0 || s.JobNumber == 0
	return s, true
}
