package baseline

import (
	"regexp"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/evals/plant"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/answer"
)

// joblogText is a job log as one who reads it takes it: the lines between the frames that the agent writes before and after.
type joblogText struct {
	log      *plant.Log
	from, to int // the job's own lines, as indices; to is one past the last
}

// log is the log of a job's last run, or nil.
func (s *scene) log(j *twstools.Job) *joblogText {
	if len(j.Runs) == 0 {
		return nil
	}
	return s.logOf(j.Runs[len(j.Runs)-1])
}

// anyLog is the log of the latest run that has one, or nil.
func (s *scene) anyLog(j *twstools.Job) *joblogText {
	for _, r := range slices.Backward(j.Runs) {
		if l := s.logOf(r); l != nil {
			return l
		}
	}
	return nil
}

func (s *scene) logOf(r twstools.Run) *joblogText {
	l, ok := s.p.Log(sourceOf(r), r.ID)
	if !ok {
		return nil
	}
	return newLog(l)
}

var (
	ruler = regexp.MustCompile(`^\s*={20,}\s*$`)
	// agentLine is what the agent writes itself between its frames and the job's output.
	agentLine = regexp.MustCompile(`^\s*(=|AWSBIS30[78]I|AWSBJA001I|AWSITA03[14]I|(WA|TWS) for |Exit Status\b)`)
)

// newLog finds the frames. Where there is none, everything is the job's own.
func newLog(l *plant.Log) *joblogText {
	t := &joblogText{log: l, to: len(l.Lines)}
	var rulers []int
	for i, line := range l.Lines {
		if ruler.MatchString(line) {
			rulers = append(rulers, i)
		}
	}
	if len(rulers) >= 2 {
		t.from = rulers[1] + 1
	}
	if len(rulers) >= 4 {
		t.from, t.to = rulers[len(rulers)-3]+1, rulers[len(rulers)-2]
	}
	return t
}

// own calls each with every line that the job wrote itself, with its number in the raw log, until each returns false.
func (t *joblogText) own(each func(n int, line string) bool) {
	for i := t.from; i < t.to; i++ {
		line := plant.Fold(t.log.Lines[i])
		if line == "" || agentLine.MatchString(line) || secret.MatchString(line) {
			continue
		}
		if !each(i+1, line) {
			return
		}
	}
}

// secret is a line that must not be repeated: it shows a password or a key.
var secret = regexp.MustCompile(`(?i)\b(password|passwd|pwd|senha|secret|token|api[_-]?key)\s*[=:]\s*\S`)

// last is the number of the last line that the job wrote itself, or 0.
func (t *joblogText) last() int {
	found := 0
	t.own(func(n int, _ string) bool { found = n; return true })
	return found
}

// maxQuote is how much of a line is quoted, in characters.
const maxQuote = 300

// evidence quotes a line.
func (t *joblogText) evidence(n int) answer.Evidence {
	quote := strings.TrimSpace(plant.Fold(t.log.Lines[n-1]))
	if r := []rune(quote); len(r) > maxQuote {
		quote = strings.TrimSpace(string(r[:maxQuote]))
	}
	return answer.Evidence{Source: t.log.Source, RunID: t.log.RunID, Line: n, Quote: quote}
}
