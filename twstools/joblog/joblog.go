// Package joblog reads job logs (stdlist): it splits them into the runs they hold, tells the scheduler's frame from what the program
// printed, and finds the decisive line by reasoning over all lines, not by taking the first or the last match. Signatures are data
// (signatures.yaml); a log that none of them knows still gets its decisive line, by the words that programs use for bad ends.
//
// Nothing here does I/O, and nothing in a log is believed about the run's outcome: exit status and state come from the plan.
// All functions are pure and safe for concurrent use. Start at Parse, then Log.Decisive.
package joblog

import (
	"regexp"
	"strconv"
	"strings"

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
	Agent      string
	User       string
	Script     string
	Body       []twstools.LogLine // what the program and jobmanrc printed
	ExitStatus *int               // of the trailer; nil when missing
	ExitLine   twstools.LogLine   // the trailer's line
	// Trailers counts trailers seen in the segment: more than one means that the program printed a forged one.
	Trailers int
}

var (
	frame      = regexp.MustCompile(`^\s*={20,}\s*$`)
	headerJob  = regexp.MustCompile(`^=\s*JOB\s*:`)
	headerItem = regexp.MustCompile(`^=\s*(USER|JCLFILE|TASK|AGENT|TWSRCMAP|Job Number|JOB)\s*:\s*(.*)$`)
	exitStatus = regexp.MustCompile(`^=?\s*Exit [Ss]tatus\s*:\s*(-?\d+)`)
	trailerRow = regexp.MustCompile(`^=\s*(SC |OC |System Time|User Time|Elapsed Time|Job CPU|Job Memory|[A-Z][a-z]{2} [A-Z][a-z]{2} +\d)`)
	// Lines of the launcher itself: they surround the program's output and never decide.
	launcher = regexp.MustCompile(`^(WA for |TWS for |IWS for |AWSBJA001I|AWSBIS30[78]I|Licensed Materials|\(C\) Copyright|US Government Users|Locale LANG|Installed for user)`)
)

// Parse splits a log into runs. It accepts every layout of the agents (fault-tolerant, dynamic, Windows), missing headers and trailers,
// carriage returns and colours; line numbers stay those of the raw log.
func Parse(l twstools.Log) Log {
	out := Log{Truncated: l.Truncated}
	cur := Segment{}
	open := false
	flush := func() {
		if open {
			out.Runs = append(out.Runs, cur)
		}
		cur, open = Segment{}, false
	}
	inHeader, task, framed := false, false, false
	for _, line := range l.Lines {
		text := strings.TrimRight(line.Text, "\r\n")
		trimmed := strings.TrimSpace(text)
		switch {
		case frame.MatchString(trimmed):
			inHeader, task, framed = false, false, true
			continue
		case headerJob.MatchString(trimmed):
			flush()
			open, inHeader, task = true, true, false
		case headerItem.MatchString(trimmed) && (inHeader || !open):
			inHeader = inHeader || framed // a header may lack its JOB line
			open = true
			m := headerItem.FindStringSubmatch(trimmed)
			task = m[1] == "TASK"
			cur.header(m[1], strings.TrimSpace(m[2]))
		case inHeader && (task || strings.HasPrefix(trimmed, "= ")):
			// a multi-line TASK document, or the date line of the header
		case exitStatus.MatchString(trimmed):
			open = true
			n, err := strconv.Atoi(exitStatus.FindStringSubmatch(trimmed)[1])
			if err == nil {
				cur.ExitStatus, cur.ExitLine = &n, twstools.LogLine{N: line.N, Text: text}
			}
			cur.Trailers++
		case trailerRow.MatchString(trimmed):
		default:
			open = true
			cur.Body = append(cur.Body, twstools.LogLine{N: line.N, Text: text})
		}
		framed = false
	}
	flush()
	return out
}

func (s *Segment) header(key, value string) {
	switch key {
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

// Run picks the segment of the job number, else the last one; false when the log is empty.
func (l Log) Run(jobNumber int64) (Segment, bool) {
	for i := len(l.Runs) - 1; i >= 0; i-- {
		if jobNumber != 0 && l.Runs[i].JobNumber == jobNumber {
			return l.Runs[i], true
		}
	}
	if len(l.Runs) == 0 {
		return Segment{}, false
	}
	return l.Runs[len(l.Runs)-1], true
}
