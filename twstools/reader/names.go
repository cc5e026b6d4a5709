package reader

import (
	"context"
	"sync"
	"time"

	"github.com/resync-hwa/resync/twstools"
)

// Bounds of the name index that a Reader keeps up.
const (
	namesPage  = maxLimit         // fifty calls read 500,000 jobs
	namesFirst = 20_000           // rows that the first question waits for; the rest is read in the background
	namesAgain = 10 * time.Minute // a large index that lacks something is read again at most this often
)

// names is a Reader's name index and how far it can be trusted. The refresher adds the jobs that it sights and compares the engine's count
// with the one at the time of the reading: as long as they tell the same, nothing is read again.
type names struct {
	limit int

	mu      sync.Mutex
	index   *index
	build   *build    // under way
	checked time.Time // ours; when it was last known to hold all
	tried   time.Time // ours; start of the last reading
	total   int       // the engine's count of jobs soon after the reading; -1: not known yet
	added   int       // by sightings since
}

// build is one reading of all names. ready closes when the index can be asked, or err is set.
type build struct {
	ready chan struct{}
	index *index
	err   error
	void  bool // the plan has turned since
}

func newNames(o Options) names { return names{limit: o.Names, total: -1} }

func (n *names) size() (int, bool) {
	n.mu.Lock()
	x := n.index
	n.mu.Unlock()
	if x == nil {
		return 0, false
	}
	return x.size()
}

// void drops the index: in another plan every reference is another.
func (n *names) void() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.index, n.total, n.added = nil, -1, 0
	if n.build != nil {
		n.build.void = true
		n.build = nil
	}
}

// nameIndex gives the index. The first question waits for the first rows; later ones do while the plan is small and its index has
// grown old, else they get what there is, and the rest is read behind their backs.
func (r *Reader) nameIndex(ctx context.Context) (*index, error) {
	if ctx.Err() != nil {
		return nil, left(ctx)
	}
	r.touch()
	now := r.o.Clock()
	n := &r.names
	n.mu.Lock()
	x, b := n.index, n.build
	if x != nil {
		rows, complete := x.size()
		small := rows <= namesFirst
		switch {
		case complete && now.Sub(n.checked) < indexAge:
			n.mu.Unlock()
			return x, nil
		case !small && (b != nil || now.Sub(n.tried) < namesAgain):
			n.mu.Unlock()
			return x, nil
		case !small:
			r.startBuild(ctx, now)
			n.mu.Unlock()
			return x, nil
		}
	}
	if b == nil {
		if b = r.startBuild(ctx, now); b == nil {
			n.mu.Unlock()
			return nil, errClosed()
		}
	}
	n.mu.Unlock()
	select {
	case <-b.ready:
		return b.index, b.err
	case <-ctx.Done():
		return nil, left(ctx)
	}
}

// startBuild begins a reading; names.mu is held. nil means that the Reader is closed.
func (r *Reader) startBuild(ctx context.Context, now time.Time) *build {
	b := &build{ready: make(chan struct{})}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(r.base, cancel)
	if !r.start(func() {
		defer cancel()
		defer stop()
		r.readNames(ctx, b, now)
	}) {
		cancel()
		return nil
	}
	r.names.build, r.names.tried = b, now
	return b
}

// readNames reads all names, jobs first, and publishes the index when the first rows are in it.
func (r *Reader) readNames(ctx context.Context, b *build, now time.Time) {
	x := newIndex(now)
	published := false
	publish := func(complete bool) {
		x.setComplete(complete)
		r.names.publish(b, x, now)
		if !published {
			published = true
			b.index = x
			close(b.ready)
		}
	}
	fail := func(err error) {
		r.names.end(b)
		if !published {
			b.err = err
			close(b.ready)
		}
	}
	for offset := 0; offset < r.names.limit; offset += namesPage {
		page, err := pageOfAll(ctx, r.o.Deadline, r.o.Engine.Jobs, offset)
		if err != nil {
			fail(err)
			return
		}
		x.addJobs(page.Items)
		if len(page.Items) < namesPage {
			break
		}
		if offset+namesPage == namesFirst {
			if streams, err := pageOfAll(ctx, r.o.Deadline, r.o.Engine.JobStreams, 0); err == nil {
				x.addStreams(streams.Items)
			}
			publish(false)
		}
	}
	complete := true
	for offset := 0; ; offset += namesPage {
		rows, _ := x.size()
		if rows >= r.names.limit {
			complete = false
			break
		}
		page, err := pageOfAll(ctx, r.o.Deadline, r.o.Engine.JobStreams, offset)
		if err != nil {
			if rows == 0 {
				fail(err)
				return
			}
			complete = offset == 0 // job streams cannot be listed at all: jobs are all that there is
			break
		}
		x.addStreams(page.Items)
		if len(page.Items) < namesPage {
			break
		}
	}
	publish(complete)
	r.names.end(b)
}

// pageOfAll reads one page of everything within a deadline of its own.
func pageOfAll[T any](ctx context.Context, deadline time.Duration, list func(context.Context, twstools.ListQuery) (twstools.List[T], error), offset int) (twstools.List[T], error) {
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	return list(ctx, twstools.ListQuery{Limit: namesPage, Offset: offset})
}

// publish makes an index the one that is asked, unless the plan has turned since it was begun. One that is not whole yet does not take the
// place of an older one that is.
func (n *names) publish(b *build, x *index, at time.Time) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if b.void {
		return
	}
	if n.index != nil && n.index != x {
		if _, complete := x.size(); !complete {
			return
		}
	}
	n.index, n.checked, n.total, n.added = x, at, -1, 0
}

func (n *names) end(b *build) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.build == b {
		n.build = nil
	}
}

// refreshed takes over what a refresh saw: jobs that are new, and whether the engine counts as many as it did.
func (n *names) refreshed(o *observation) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.index == nil {
		return
	}
	for _, list := range [][]twstools.Job{o.jobs.items, o.started.items, o.ended.items, o.again.items} {
		n.added += n.index.addJobs(list)
	}
	if o.jobTotal < 0 {
		return
	}
	if n.total < 0 {
		n.total, n.added = o.jobTotal, 0
	}
	if o.jobTotal == n.total+n.added {
		n.checked = o.seenAt
	}
}
