package hwa

import "sync"

// verdict is what has been learned about a server: nothing yet, or one of two answers. Safe for concurrent use.
type verdict struct {
	mu    sync.Mutex
	known bool
	holds bool
}

func (v *verdict) learn(holds bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.known, v.holds = true, holds
}

func (v *verdict) get() (holds, known bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.holds, v.known
}

// facts are what a process has learned about how the server treats one kind of object.
type facts struct {
	filters verdict // OQL is honoured
	pages   verdict // offset is honoured
	orders  verdict // ORDER BY is honoured; only ever learnt to be false
	byID    verdict // the path of one object works
	apart   verdict // V1: a job has a row for each of its runs; only ever learnt to be true
	alone   verdict // V1: a job that was rerun has one row all the same; only ever learnt to be true

	mu      sync.Mutex
	refused map[string]bool // shapes of OQL that were answered with 400
}

// maxShapes bounds the memory of refusals.
const maxShapes = 256

func (f *facts) refuse(oql string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.refused == nil || len(f.refused) >= maxShapes {
		f.refused = map[string]bool{}
	}
	f.refused[shape(oql)] = true
}

func (f *facts) refuses(oql string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.refused[shape(oql)]
}
