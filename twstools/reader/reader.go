// Package reader stands between the rules and an engine: it finds objects by what people type, exactly or by the words of their
// names and descriptions, from a name index that is read once and reused for a minute. Caching of all reads and the change feed
// come to this room later; until then every read but the index goes to the engine.
//
// A Finder is safe for concurrent use. Start at Finder.Find.
package reader

import (
	"context"
	"sync"
	"time"

	"github.com/resync-hwa/resync/twstools"
)

// indexAge is how long a name index serves: names come and go with the plan's turn and with submissions, statuses are read afresh.
const indexAge = time.Minute

// Bounds of the index: what a question may read before the name index proper is kept up by a refresher.
const (
	indexPage = 5000
	indexRows = 20000
)

// Finder finds objects of one engine.
type Finder struct {
	engine twstools.Engine
	zone   func(context.Context) *time.Location
	clock  func() time.Time

	mu    sync.Mutex
	index *index
}

// NewFinder makes a Finder. zone gives the plan's zone, in which schedule times are typed; clock is our own.
func NewFinder(engine twstools.Engine, zone func(context.Context) *time.Location, clock func() time.Time) *Finder {
	return &Finder{engine: engine, zone: zone, clock: clock}
}

// Found is what a target turned out to be: all objects that fit, not yet told apart.
type Found struct {
	By           string // entity, job_number, name, description
	Jobs         []twstools.Job
	Streams      []twstools.JobStream
	Workstations []twstools.Workstation
	Resources    []twstools.Resource
	Prompts      []twstools.Prompt
	// Missing says what kinds of objects could not be looked through, and why.
	Missing []error
}

// Len counts all objects found.
func (f Found) Len() int {
	return len(f.Jobs) + len(f.Streams) + len(f.Workstations) + len(f.Resources) + len(f.Prompts)
}
