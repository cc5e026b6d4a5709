package reader

import (
	"context"
	"sync"
	"time"

	"github.com/resync-hwa/resync/twstools"
)

// indexAge is how long a name index serves: names come and go with the plan's turn and with submissions, statuses are read afresh.
const indexAge = time.Minute

// Bounds of the index that a question may read by itself; beyond them only a Reader reads on, in the background.
const (
	indexPage = 5000
	indexRows = 20000
)

// Finder finds objects of one engine. Safe for concurrent use.
type Finder struct {
	engine twstools.Engine
	zone   func(context.Context) *time.Location
	clock  func() time.Time

	mu    sync.Mutex
	index *index
}

// NewFinder makes a Finder. zone gives the plan's zone, in which schedule times are typed; clock is our own. Over a Reader the Finder
// uses the name index that the Reader keeps up; over any other engine it reads its own, at most once a minute.
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

// indexer is an engine that keeps up a name index by itself.
type indexer interface {
	nameIndex(ctx context.Context) (*index, error)
}

// names gives the index: the engine's own where it keeps one, else one read afresh when it is older than a minute. Concurrent callers wait for one
// reading.
func (f *Finder) names(ctx context.Context) (*index, error) {
	if own, ok := f.engine.(indexer); ok {
		return own.nameIndex(ctx)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.index != nil && f.clock().Sub(f.index.made) < indexAge {
		return f.index, nil
	}
	idx := newIndex(f.clock())
	for offset := 0; offset < indexRows; offset += indexPage {
		page, err := f.engine.Jobs(ctx, twstools.ListQuery{Limit: indexPage, Offset: offset})
		if err != nil {
			return nil, err
		}
		idx.addJobs(page.Items)
		if len(page.Items) < indexPage {
			break
		}
		idx.setComplete(offset+indexPage < indexRows)
	}
	streams, err := f.engine.JobStreams(ctx, twstools.ListQuery{Limit: indexPage})
	if err == nil {
		idx.addStreams(streams.Items)
	}
	if rows, _ := idx.size(); rows == 0 && err != nil {
		return nil, err
	}
	f.index = idx
	return idx, nil
}

// Empty reports whether the plan that was read holds no job and no job stream at all.
func (f *Finder) Empty(ctx context.Context) (bool, error) {
	idx, err := f.names(ctx)
	if err != nil {
		return false, err
	}
	rows, _ := idx.size()
	return rows == 0, nil
}

// Newest gives the latest start or end of any run that the index holds: when the plan last moved, as far as its copy shows.
func (f *Finder) Newest(ctx context.Context) (time.Time, error) {
	idx, err := f.names(ctx)
	if err != nil {
		return time.Time{}, err
	}
	return idx.lastMove(), nil
}
