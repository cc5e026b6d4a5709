package hwa

import (
	"errors"
	"sync"
	"time"
)

// Shares of the configured deadline. An engine that has said nothing yet is most likely not there, and a side read that stalls must not
// eat the time in which the rest is answered. The lists of jobs and job streams of a large plan get all of it.
const (
	introShare = 8 // what the engine says of itself, asked first of all
	firstShare = 5 // any other first contact
	sideShare  = 4
	sulk       = 20 * time.Second // how long a read that stalled is not asked again
)

// errStalled stands for a read that is not made because the same one stalled a moment ago.
var errStalled = errors.New("the same read stalled a moment ago")

// patience remembers what stalled on one host. Safe for concurrent use.
type patience struct {
	mu      sync.Mutex
	heard   bool // some answer came, good or bad
	late    int  // introductions in a row that did not come in time
	stalled map[endpoint]time.Time
}

// deadline is how long one call may take.
func (p *patience) deadline(ep endpoint, whole time.Duration) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case !p.heard && ep == engineInfo:
		return whole / time.Duration(max(1, introShare>>min(p.late, 8))) // an engine that is merely slow is given twice as long each time
	case !p.heard:
		return whole / firstShare
	case ep.isPlan():
		return whole
	}
	return whole / sideShare
}

// silent reports whether no answer has ever come.
func (p *patience) silent() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.heard
}

// gone reports whether the read is not worth trying: it stalled a moment ago, or a second one did while the engine has never answered.
func (p *patience) gone(ep endpoint, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for stalled, at := range p.stalled {
		if now.Sub(at) < sulk && (stalled == ep || !p.heard && stalled != engineInfo) {
			return true
		}
	}
	return false
}

// note keeps how a call ended. Logs stall each for its own agent's sake, so one says nothing about the next.
func (p *patience) note(ep endpoint, now time.Time, answered, late bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.heard = p.heard || answered
	if ep == engineInfo && late {
		p.late++
	} else if answered {
		p.late = 0
	}
	switch {
	case late && !ep.ofAgent():
		if p.stalled == nil {
			p.stalled = map[endpoint]time.Time{}
		}
		p.stalled[ep] = now
	case answered:
		delete(p.stalled, ep)
	}
}
