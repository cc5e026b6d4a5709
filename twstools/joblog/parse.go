package joblog

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools"
)

var (
	frame      = regexp.MustCompile(`^={20,}$`)
	headerItem = regexp.MustCompile(`^=\s*(USER|JCLFILE|TASK|AGENT|TWSRCMAP|Job Number|JOB)\s*:\s*(.*)$`)
	exitStatus = regexp.MustCompile(`^=?\s*Exit [Ss]tatus\s*:\s*(-?\d+)`)
	trailerRow = regexp.MustCompile(`^=\s*(SC |OC |System Time|User Time|Elapsed Time|Job CPU|Job Memory|[A-Z][a-z]{2} [A-Z][a-z]{2} +\d)`)
	frameRow   = regexp.MustCompile(`^=($|\s)`)
	instance   = regexp.MustCompile(`\[[^\]]*\]`)
	// Lines of the launcher itself: they surround the program's output and never decide.
	launcher = regexp.MustCompile(`^(WA for |TWS for |IWS for |AWSBJA001I|AWSBIS30[78]I|Licensed Materials|\(C\) Copyright|US Government Users|Locale LANG|Installed for user)`)
	starting = regexp.MustCompile(`^(WA for |TWS for |IWS for |AWSBJA001I|AWSBIS307I)`)
)

// maxTask bounds the lines of a job definition (XML of several lines) inside a dynamic agent's header.
const maxTask = 400

// pieceKind tells what a piece of a log looks like. What it is, is decided when the pieces are put together.
type pieceKind int

const (
	bodyPiece pieceKind = iota
	headerPiece
	trailerPiece
)

// piece is a line of the program, or a block that looks like the scheduler's header or trailer.
type piece struct {
	kind   pieceKind
	lines  []twstools.LogLine
	items  [][2]string // of a header
	begun  string      // a header's date line
	number bool        // the header has a job number
	status int         // of a trailer
	at     int         // index of the exit status in lines
	framed bool
}

// Parse splits a log into runs. It accepts every layout of the agents (fault-tolerant, dynamic, Windows), missing headers and trailers,
// carriage returns and colours; line numbers stay those of the raw log. A header or trailer counts only where the scheduler would have written one:
// a trailer that more output follows, and a header inside a run that has not ended, are the program's own text.
func Parse(l twstools.Log) Log {
	out := Log{Truncated: l.Truncated}
	a := assembly{}
	for i := 0; i < len(l.Lines); {
		p, next := cut(l.Lines, i)
		i = next
		if p != nil {
			a.add(*p, l.Lines[i:])
		}
	}
	a.flush()
	out.Runs = a.runs
	return out
}

// plainLine is a line as the frame's patterns see it: without its end, colours and margins.
func plainLine(line twstools.LogLine) string {
	t := line.Text
	if strings.ContainsRune(t, '\x1b') {
		t = untrusted.Clean(t)
	}
	return strings.TrimSpace(t)
}

// cut takes the next piece off the lines at i. Frames that enclose nothing are dropped (nil).
func cut(lines []twstools.LogLine, i int) (*piece, int) {
	t := plainLine(lines[i])
	switch {
	case frame.MatchString(t):
		p, end := block(lines, i+1)
		if p == nil {
			return nil, i + 1
		}
		p.lines = append([]twstools.LogLine{lines[i]}, p.lines...)
		p.at++
		p.framed = true
		return p, end
	case exitStatus.MatchString(t), headerItem.MatchString(t):
		if p, end := block(lines, i); p != nil {
			return p, end
		}
	}
	text := strings.TrimRight(lines[i].Text, "\r\n")
	return &piece{kind: bodyPiece, lines: []twstools.LogLine{{N: lines[i].N, Text: text}}}, i + 1
}

// block reads what stands between two frames as a header or a trailer; nil when it is neither.
func block(lines []twstools.LogLine, i int) (*piece, int) {
	p := &piece{}
	header, trailer, task := false, false, 0
	k := i
scan:
	for ; k < len(lines); k++ {
		t := plainLine(lines[k])
		switch {
		case frame.MatchString(t):
			break scan
		case exitStatus.MatchString(t) && !header:
			n, err := strconv.Atoi(exitStatus.FindStringSubmatch(t)[1])
			if trailer || err != nil {
				break scan
			}
			trailer, p.status, p.at = true, n, k-i
		case headerItem.MatchString(t) && !trailer:
			m := headerItem.FindStringSubmatch(t)
			header, task = true, 0
			if m[1] == "TASK" {
				task = maxTask
			}
			p.number = p.number || m[1] == "Job Number"
			p.items = append(p.items, [2]string{m[1], strings.TrimSpace(m[2])})
		case frameRow.MatchString(t) && (header || trailerRow.MatchString(t)):
			if header && task == 0 {
				p.begun = strings.TrimSpace(strings.TrimPrefix(t, "="))
			}
		case task > 0 && !launcher.MatchString(t):
			task--
		default:
			break scan
		}
	}
	if !header && !trailer {
		return nil, 0
	}
	if task > 0 && !(k < len(lines) && frame.MatchString(plainLine(lines[k]))) {
		return nil, 0 // a job definition without an end: the frame was lost, and its lines are read as text
	}
	p.kind = trailerPiece
	if header {
		p.kind = headerPiece
	}
	end := k
	if k < len(lines) && frame.MatchString(plainLine(lines[k])) {
		end = k + 1
		if next := k + 1; next < len(lines) && exitOrHeader(plainLine(lines[next])) {
			end = k // this frame opens the next block as well
		}
	}
	p.lines = append(p.lines, lines[i:end]...)
	return p, end
}

func exitOrHeader(t string) bool { return exitStatus.MatchString(t) || headerItem.MatchString(t) }

// assembly puts pieces together to runs.
type assembly struct {
	runs    []Segment
	cur     Segment
	open    bool   // cur holds anything
	text    bool   // cur holds text of the program
	trailer *piece // the last thing seen, unless more text came
}

func (a *assembly) flush() {
	a.settle()
	if a.open {
		a.runs = append(a.runs, a.cur)
	}
	a.cur, a.open, a.text, a.trailer = Segment{}, false, false, nil
}

// settle writes the trailer into the run.
func (a *assembly) settle() {
	if a.trailer == nil {
		return
	}
	n := a.trailer.status
	line := a.trailer.lines[a.trailer.at]
	a.cur.ExitStatus, a.cur.ExitLine = &n, twstools.LogLine{N: line.N, Text: strings.TrimRight(line.Text, "\r\n")}
	a.cur.framed = a.trailer.framed
}

// ended reports whether the run is over where a header would begin the next.
func (a *assembly) ended() bool {
	if a.trailer == nil {
		return a.cur.stray
	}
	s := a.cur
	s.ExitStatus = &a.trailer.status
	return !s.jobmanrc || s.sealed || a.trailer.status >= 128
}

// demote makes text of a trailer that was not the end of its run.
func (a *assembly) demote() {
	if a.trailer == nil {
		return
	}
	p := *a.trailer
	a.trailer = nil
	a.print(p.lines)
}

func (a *assembly) print(lines []twstools.LogLine) {
	for _, line := range lines {
		text := strings.TrimRight(line.Text, "\r\n")
		a.cur.Body = append(a.cur.Body, twstools.LogLine{N: line.N, Text: text})
		t := plainLine(line)
		a.text = a.text || t != ""
		a.cur.jobmanrc = a.cur.jobmanrc || strings.HasPrefix(t, "AWSBIS307I")
		a.cur.sealed = a.cur.sealed || a.cur.jobmanrc && strings.HasPrefix(t, "AWSBIS308I")
	}
}

func (a *assembly) add(p piece, rest []twstools.LogLine) {
	switch p.kind {
	case headerPiece:
		a.header(p, rest)
	case trailerPiece:
		a.demote()
		a.open = true
		a.cur.Trailers++
		a.trailer = &p
	default:
		a.body(p)
	}
}

// header begins a run, or is text of the program where the run before it has not ended.
func (a *assembly) header(p piece, rest []twstools.LogLine) {
	switch {
	case !a.open, a.ended():
		a.flush()
	case a.begins(p, rest):
		a.flush()
	default:
		a.demote()
		a.cur.Headers++
		a.print(p.lines)
		return
	}
	a.open, a.cur.begun = true, p.begun
	for _, it := range p.items {
		a.cur.header(it[0], it[1])
	}
}

// begins decides on a header inside a run without an end: the agent died and the run was repeated, or the program printed it. A repetition has the
// same job, a number of its own, the agent's frame, and is announced by jobmanrc as the run before it was.
func (a *assembly) begins(p piece, rest []twstools.LogLine) bool {
	var h Segment
	for _, it := range p.items {
		h.header(it[0], it[1])
	}
	if a.cur.JobNumber == 0 && a.cur.Job == "" {
		return p.framed && p.number // the window began inside a run
	}
	if !a.text { // two headers with nothing between them: the first run never printed anything
		return p.framed && p.number
	}
	same := instance.ReplaceAllString(h.Job, "") == instance.ReplaceAllString(a.cur.Job, "")
	if !p.framed || !p.number || !same || h.JobNumber == a.cur.JobNumber || a.trailer != nil {
		return false
	}
	if !a.cur.jobmanrc {
		return true
	}
	for i := 0; i < len(rest) && i < 3; i++ {
		if starting.MatchString(plainLine(rest[i])) {
			return true
		}
	}
	return false
}

func (a *assembly) body(p piece) {
	t := plainLine(p.lines[0])
	switch {
	case a.trailer == nil:
	case t == "":
		return // empty lines after a trailer
	case starting.MatchString(t) && a.ended():
		a.flush() // a rerun whose header was lost
	case a.cur.sealed:
		a.settle()
		a.cur.stray, a.trailer = true, nil
	default:
		a.demote()
	}
	a.open = true
	a.print(p.lines)
}
