package record

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/world"
)

// How much of a long log is kept around what matters.
const (
	headShare = 8  // an eighth of the room for its beginning
	tailShare = 4  // a quarter for its end, where the trailer is
	around    = 12 // lines before and after one that tells of trouble
	maxGap    = 500_000
)

// trouble is what a line around which a window is kept looks like: message ids of errors, return codes, and the words that programs use.
var trouble = regexp.MustCompile(`(?i)\b(error|erro|fail|fatal|abend|exception|traceback|denied|negado|refused|recusada|timed? ?out|cannot|unable|killed|no space|not found|expired|locked|violat|deadlock|falha)|[A-Z]{2,}[A-Z0-9]*-?\d{3,}[EF]\b|\b(ORA|SP2|PLS|TNS)-\d+|\brc *[=:] *[1-9]|(exit|return) (code|status)`)

// bounded cuts a log to about limit bytes: its beginning, its end and windows around trouble. Lines keep their numbers.
func bounded(l twstools.Log, limit int) twstools.Log {
	size := func(x twstools.LogLine) int { return len(x.Text) + 1 }
	all := 0
	for _, x := range l.Lines {
		all += size(x)
	}
	if all <= limit {
		return l
	}
	kept := make([]bool, len(l.Lines))
	room := limit
	take := func(i int) bool {
		if kept[i] {
			return true
		}
		if size(l.Lines[i]) > room {
			return false
		}
		kept[i], room = true, room-size(l.Lines[i])
		return true
	}
	for i := 0; i < len(l.Lines) && room > limit-limit/headShare && take(i); i++ {
	}
	for i, floor := len(l.Lines)-1, room-limit/tailShare; i >= 0 && room > floor && take(i); i-- {
	}
	for i := range l.Lines {
		if !trouble.MatchString(l.Lines[i].Text) || !take(i) {
			continue
		}
		for d := 1; d <= around; d++ {
			if i-d >= 0 {
				take(i - d)
			}
			if i+d < len(l.Lines) {
				take(i + d)
			}
		}
	}
	out := l
	out.Lines, out.Bytes, out.Truncated = nil, 0, true
	for i, x := range l.Lines {
		if kept[i] {
			out.Lines = append(out.Lines, x)
			out.Bytes += int64(size(x))
		}
	}
	return out
}

// gapMark stands in the place of lines that were not recorded.
const gapMark = "[not recorded: lines %d to %d]"

// joblog puts the lines that were read into the form of a world. Lines that were not read are empty, so that all others keep their numbers.
func joblog(l twstools.Log) world.JobLog {
	var lines []string
	for _, x := range l.Lines {
		if from := len(lines) + 1; x.N > from {
			lines = append(lines, fmt.Sprintf(gapMark, from, x.N-1))
			for len(lines) < x.N-1 && x.N-from < maxGap {
				lines = append(lines, "")
			}
		}
		lines = append(lines, x.Text)
	}
	head, tail := frame(lines)
	return world.JobLog{Header: joined(lines[:head]), Body: joined(lines[head:tail]), Trailer: joined(lines[tail:])}
}

func joined(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	return strings.Join(lines, "\n") + "\n"
}

// frame finds where the agent's banner ends and its trailer begins: between rules of equal signs.
func frame(lines []string) (head, tail int) {
	tail = len(lines)
	if tail == 0 || !isRule(lines[0]) {
		return 0, tail
	}
	for i := 1; i < min(len(lines), 20); i++ {
		if isRule(lines[i]) {
			head = i + 1
			break
		}
	}
	if head == 0 || !isRule(lines[len(lines)-1]) {
		return head, tail
	}
	for i := len(lines) - 2; i >= max(head, len(lines)-40); i-- {
		if isRule(lines[i]) {
			return head, i
		}
	}
	return head, tail
}

func isRule(s string) bool { return len(s) >= 20 && strings.Trim(strings.TrimSpace(s), "=") == "" }
