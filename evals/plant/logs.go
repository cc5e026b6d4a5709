package plant

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/twstools"
)

// Log is one run's job log, line by line.
type Log struct {
	Source string // joblog:WS#NUMBER
	RunID  string
	Lines  []string // raw, without line ends
}

func (p *Plant) readLogs(j *twstools.Job) {
	for _, r := range j.Runs {
		l, ok := p.World.Logs[r.ID]
		if !ok {
			continue
		}
		lines := strings.Split(strings.TrimSuffix(l.Text(), "\n"), "\n")
		for i := range lines {
			lines[i] = strings.TrimSuffix(lines[i], "\r")
		}
		p.logs[r.ID] = &Log{Source: fmt.Sprintf("joblog:%s#%d", r.ActualWorkstation, r.JobNumber), RunID: r.ID, Lines: lines}
	}
}

// LastLog is the log of a job's last run.
func (p *Plant) LastLog(t Thing) (*Log, bool) {
	if t.Job == nil || len(t.Job.Runs) == 0 {
		return nil, false
	}
	l, ok := p.logs[t.Job.Runs[len(t.Job.Runs)-1].ID]
	return l, ok
}

// Log finds a log by what evidence says of it. The run id decides where it is given, and must then belong to the source.
func (p *Plant) Log(source, runID string) (*Log, bool) {
	if runID != "" {
		l, ok := p.logs[runID]
		if !ok {
			l, ok = p.keyed(runID)
		}
		return l, ok && l.Source == source
	}
	for _, l := range p.logs {
		if l.Source == source {
			return l, true
		}
	}
	return nil, false
}

// keyed finds the log of a job's last run by the key that the older interface has in place of a run's id: workstation;jobstream id;job, in base64 or plain.
func (p *Plant) keyed(id string) (*Log, bool) {
	if raw, err := base64.StdEncoding.DecodeString(id); err == nil {
		id = string(raw)
	}
	key := strings.Split(id, ";")
	for i := range p.World.Jobs {
		if j := &p.World.Jobs[i]; len(key) >= 3 && j.JobStreamID == key[1] && j.Name == key[2] {
			return p.LastLog(p.byRef[j.Ref.ID])
		}
	}
	return nil, false
}

// RunLog is the log of a run, by its id.
func (p *Plant) RunLog(id string) (*Log, bool) {
	l, ok := p.logs[id]
	return l, ok
}

// Finds reports whether a line fits the form.
func (l *Log) Finds(form *regexp.Regexp) bool { return slices.ContainsFunc(l.Lines, form.MatchString) }

// Find gives the number of the first line that holds the text, or 0.
func (l *Log) Find(text string) int {
	for i, line := range l.Lines {
		if strings.Contains(Fold(line), Fold(text)) {
			return i + 1
		}
	}
	return 0
}

// Holds reports whether the text stands in the line, or in lines from it on where the text spans several. Line 0 means anywhere.
func (l *Log) Holds(text string, line int) bool {
	want := Fold(text)
	if want == "" || line < 0 || line > len(l.Lines) {
		return false
	}
	if line == 0 {
		return strings.Contains(Fold(strings.Join(l.Lines, "\n")), want)
	}
	if strings.Contains(Fold(l.Lines[line-1]), want) {
		return true
	}
	for to := line + 1; to <= min(len(l.Lines), line+20); to++ {
		if all := Fold(strings.Join(l.Lines[line-1:to], "\n")); strings.Contains(all, want) {
			return !strings.Contains(Fold(strings.Join(l.Lines[line:to], "\n")), want) // it must begin in the line that is named
		}
	}
	return false
}

var (
	escapes = regexp.MustCompile("\x1b\\[[0-9;?]*[@-~]")
	unseen  = regexp.MustCompile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\u00ad]")
)

// Fold is the judge's own writing of the contract's normalisation: escapes and what cannot be seen go, white space becomes one space.
func Fold(s string) string {
	return strings.Join(strings.Fields(unseen.ReplaceAllString(escapes.ReplaceAllString(s, ""), "")), " ")
}

var wordForm = regexp.MustCompile(`[\p{L}\p{N}_]+`)

// vocabulary is every word of the world's names, texts and logs.
func (p *Plant) vocabulary() map[string]bool {
	words := map[string]bool{}
	add := func(text string) {
		for _, w := range wordForm.FindAllString(text, -1) {
			words[strings.ToUpper(w)] = true
		}
	}
	take := func(v any) {
		f := p.gather(v)
		for s := range f.words {
			add(s)
		}
	}
	for _, w := range p.World.Workstations {
		take(w)
	}
	for _, r := range p.World.Resources {
		take(r)
	}
	for _, r := range p.World.Prompts {
		take(r)
	}
	for i := range p.World.JobStreams {
		take(p.World.JobStreams[i])
	}
	for i := range p.World.Jobs {
		take(p.World.Jobs[i])
	}
	for _, l := range p.logs {
		for _, line := range l.Lines {
			add(line)
		}
	}
	return words
}

// Known reports whether a word occurs anywhere in the world.
func (p *Plant) Known(word string) bool { return p.words()[strings.ToUpper(word)] }
