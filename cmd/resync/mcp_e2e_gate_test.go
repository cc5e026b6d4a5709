package main

import (
	"fmt"
	"net/http"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/resync-hwa/resync/twstools/twsmock"
)

// engineGate stands before the engine. While it is shut, requests wait until it opens or whoever sent them goes.
type engineGate struct {
	mu    sync.Mutex
	shut  chan struct{} // closed when the gate opens; nil while it is open
	held  []string      // what waits, in the order in which it came
	asked []string      // everything since the gate was shut
}

func (g *engineGate) hold(r *http.Request) *twsmock.Fault {
	what := r.URL.String()
	g.mu.Lock()
	shut := g.shut
	g.asked = append(g.asked, what)
	if shut != nil {
		g.held = append(g.held, what)
	}
	g.mu.Unlock()
	if shut == nil {
		return nil
	}
	select {
	case <-shut:
	case <-r.Context().Done():
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	i := slices.Index(g.held, what)
	g.held = slices.Delete(g.held, i, i+1)
	return nil
}

// close shuts the gate and forgets what was asked; the function that it gives opens it again.
func (g *engineGate) close() (open func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	shut := make(chan struct{})
	g.shut, g.asked = shut, nil
	return sync.OnceFunc(func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.shut = nil
		close(shut)
	})
}

// holding reports how many requests wait, and how many of them mention one of the words.
func (g *engineGate) holding(words []string) (all, mention int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.held), count(g.held, words)
}

// waiting gives what waits.
func (g *engineGate) waiting() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.held)
}

// since gives what was asked after the first n requests.
func (g *engineGate) since(n int) []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.asked[n:])
}

func count(texts, words []string) (n int) {
	for _, text := range texts {
		if slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, w) }) {
			n++
		}
	}
	return n
}

// patience is how long a test waits for something that must come.
const patience = 20 * time.Second

// until waits for a condition that nothing signals, and reports whether it came.
func until(t *testing.T, what string, met func() bool) bool {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	late := time.After(patience)
	for !met() {
		select {
		case <-tick.C:
		case <-late:
			t.Errorf("after %v still not: %s", patience, what)
			return false
		}
	}
	return true
}

// settle waits until there are no more goroutines than there should be.
func settle(t *testing.T, most int) {
	t.Helper()
	if !until(t, fmt.Sprintf("at most %d goroutines", most), func() bool { return runtime.NumGoroutine() <= most }) {
		var b strings.Builder
		if err := pprof.Lookup("goroutine").WriteTo(&b, 1); err != nil {
			t.Error(err)
		}
		t.Logf("%.8000s", b.String())
	}
}
