package evals

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode"

	"github.com/resync-hwa/resync/evals/trial"
)

// progress tells of finished trials, one line each.
type progress struct {
	mu    sync.Mutex
	w     io.Writer
	n     int
	total int
}

func (p *progress) done(t trial.Trial) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.n++
	line := []string{fmt.Sprintf("%d/%d", p.n, p.total), mark(t), t.Name(), t.Lang, t.Style}
	if t.Attempt > 1 {
		line = append(line, fmt.Sprintf("attempt %d", t.Attempt))
	}
	if t.Status != trial.Pass {
		line = append(line, shown(t.Why()))
	}
	_, _ = io.WriteString(p.w, strings.Join(line, "  ")+"\n") // whoever does not listen misses it
}

// mark is a trial's outcome in a word.
func mark(t trial.Trial) string {
	switch {
	case t.ConfirmedWrong:
		return "WRONG AND CONFIRMED"
	case t.Status == trial.Pass:
		return "ok   "
	case t.Status == trial.Wrong:
		return "wrong"
	}
	return "fault"
}

// shown takes out of text for a terminal what a terminal would obey.
func shown(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
}
