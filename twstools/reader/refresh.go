package reader

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
)

// Bounds of a refresh. It makes at most 12 reads: two counts, jobs and job streams that run or ended badly, starts and ends, ends of job
// streams, workstations, resources, prompts, the plan's window, and one more for what has left these lists.
const (
	atOnce     = 3                // of the four calls that an engine is asked at a time (DESIGN.md 4.9), one is left to people
	overlap    = 2 * time.Minute  // starts and ends are asked for again this far back, for the copy of the plan that is read can lag
	farBack    = 10 * time.Minute // after a longer time unwatched, starts and ends are not made up for: it is a gap
	lookAgain  = 100              // objects that one refresh reads by id because they left the lists
	windowWait = 5 * time.Minute  // an engine that does not tell the plan's window is asked again after this
)

// Jobs and job streams in these common statuses are seen by the refresher whatever happens to them. A list with just these in its filter costs
// nothing while the refresher runs.
var (
	watchedJobs    = query.AnyOf("jobruns.commonStatus", "ERROR", "RUNNING")
	watchedStreams = query.AnyOf("commonStatus", "ERROR", "BLOCKED", "RUNNING")
)

// observation is what one refresh read. A part that could not be read is not ok, and says nothing.
type observation struct {
	now          time.Time // the plan's
	seenAt       time.Time // ours
	first        bool      // nothing was seen before, or too long ago to compare
	turned       bool      // another plan than at the last refresh
	jobs         part[twstools.Job]
	started      part[twstools.Job]
	ended        part[twstools.Job]
	streams      part[twstools.JobStream]
	endedStreams part[twstools.JobStream]
	workstations part[twstools.Workstation]
	resources    part[twstools.Resource]
	prompts      part[twstools.Prompt]
	window       twstools.PlanWindow
	windowOK     bool
	jobTotal     int // -1: not known
	// again are objects read by id because they left the lists; asked but absent ones have left the plan.
	again        part[twstools.Job]
	askedAgain   []string
	againStreams part[twstools.JobStream]
	askedStreams []string
}

type part[T any] struct {
	items []T
	ok    bool
	all   bool // every match is there
	never bool // this engine cannot be asked for it
}

// Refresh looks at the plan once: it reads what may have changed, in at most 12 calls of the port, keeps what it read, and tells Changes what is
// different. The refresher calls it at each interval; a test may call it instead. An error means that nothing could be read; single parts that
// could not be read are skipped, and say nothing of what they hold.
func (r *Reader) Refresh(ctx context.Context) error {
	w := &r.watch
	w.run.Lock()
	defer w.run.Unlock()
	ctx = context.WithValue(ctx, watching{}, true)
	m := renew
	if r.leads(ctx) {
		m = anew
	}
	o := observation{seenAt: r.o.Clock(), jobTotal: -1}
	o.now, _ = r.PlanNow()
	s := &w.seen
	o.first = s.last.IsZero() || o.now.Sub(s.runsUpTo) > farBack || o.now.Before(s.last.Add(-overlap))
	from := s.runsUpTo.Add(-overlap)
	if o.first {
		from = o.now.Add(-freshWindow)
	}
	calls, errs := r.observe(ctx, &o, from.Truncate(time.Minute), m)
	if len(errs) == calls {
		err := errors.Join(errs...)
		w.end(o.seenAt, calls, err, false)
		return err
	}
	mark, turned := s.turned(&o, r.planMark())
	o.turned = turned
	if turned || mark != r.planMark() {
		r.takeMark(ctx, mark, &o)
	}
	if !o.first && !o.turned {
		n, err := r.lookAgain(ctx, &o, s)
		calls += n
		if err != nil {
			errs = append(errs, err)
		}
	}
	changes, lost := s.compare(&o, r.o.Name)
	w.ring.add(changes, lost)
	w.mu.Lock()
	w.mirror = s.proof(&o, w.mirror)
	w.mu.Unlock()
	r.seeRuns(o.ended.items...)
	r.names.refreshed(&o)
	var first error
	if len(errs) > 0 {
		first = errs[0]
	}
	w.end(o.seenAt, calls, first, true)
	return nil
}

func (w *watch) end(at time.Time, calls int, err error, read bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls, w.err = calls, err
	if read {
		w.refreshed = at
	}
}

// observe makes the reads, a few at a time. It gives how many were made and the errors of those that failed; what this engine cannot be
// asked counts for neither.
func (r *Reader) observe(ctx context.Context, o *observation, from time.Time, m mode) (int, []error) {
	var g errgroup.Group
	g.SetLimit(atOnce)
	var calls atomic.Int64
	var mu sync.Mutex
	var errs []error
	do := func(read func() error) {
		g.Go(func() error {
			err := read()
			if fault.Is(err, fault.Unsupported) {
				return nil
			}
			calls.Add(1)
			if err != nil {
				mu.Lock()
				errs = append(errs, err)
				mu.Unlock()
			}
			return nil
		})
	}
	since := func(field string) twstools.ListQuery {
		return twstools.ListQuery{Where: query.Term{Field: field, Op: query.Ge, Values: []query.Value{from}}, Limit: maxLimit}
	}
	jobs, streams := r.o.Engine.Jobs, r.o.Engine.JobStreams // nobody else asks with these bounds, unless another process does
	if r.o.Store != nil {
		jobs = func(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Job], error) {
			return r.jobs(ctx, q, m)
		}
		streams = func(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.JobStream], error) {
			return r.streams(ctx, q, m)
		}
	}
	do(func() error {
		n, err := r.counts(ctx, twstools.CountQuery{GroupBy: []string{"status"}}, m)
		if err == nil {
			o.jobTotal = n.Total
		}
		return err
	})
	do(func() error {
		_, err := r.counts(ctx, twstools.CountQuery{JobStreams: true, GroupBy: []string{"status"}}, m)
		return err
	})
	do(func() error {
		return o.jobs.read(r.jobs(ctx, twstools.ListQuery{Where: watchedJobs, Limit: maxLimit}, m))
	})
	do(func() error { return o.started.read(jobs(ctx, since("jobruns.timeInfo.actualStartTime"))) })
	do(func() error { return o.ended.read(jobs(ctx, since("jobruns.timeInfo.actualEndTime"))) })
	do(func() error {
		return o.streams.read(r.streams(ctx, twstools.ListQuery{Where: watchedStreams, Limit: maxLimit}, m))
	})
	do(func() error { return o.endedStreams.read(streams(ctx, since("timeInfo.actualEndTime"))) })
	do(func() error { return o.workstations.read(r.workstations(ctx, twstools.ListQuery{Limit: maxLimit}, m)) })
	do(func() error { return o.resources.read(r.resources(ctx, twstools.ListQuery{Limit: maxLimit}, m)) })
	do(func() error { return o.prompts.read(r.prompts(ctx, twstools.ListQuery{Limit: maxLimit}, m)) })
	if plans := r.Capabilities().Plans; plans != nil && !o.seenAt.Before(r.watch.seen.windowAfter) {
		do(func() error {
			window, err := plans.PlanWindow(ctx)
			if err != nil {
				r.watch.seen.windowAfter = o.seenAt.Add(windowWait)
				return err
			}
			o.window, o.windowOK = window, true
			return nil
		})
	}
	_ = g.Wait() // the functions give no error
	return int(calls.Load()), errs
}

func (p *part[T]) read(l twstools.List[T], err error) error {
	p.never = fault.Is(err, fault.Unsupported) || fault.Is(err, fault.Invalid)
	if err == nil {
		p.items, p.ok, p.all = l.Items, true, isWhole(l, twstools.ListQuery{Limit: maxLimit})
	}
	return err
}

// lookAgain reads by id what was watched and is in no list any more: cancelled, confirmed, rerun under another status, gone.
func (r *Reader) lookAgain(ctx context.Context, o *observation, s *sighting) (int, error) {
	calls := 0
	o.askedAgain, o.askedStreams = s.missing(o)
	if len(o.askedAgain) > 0 && (len(o.askedStreams) == 0 || s.turn%2 == 0) { // one call: jobs and job streams take turns
		o.askedStreams = nil
	} else {
		o.askedAgain = nil
	}
	s.turn++
	switch {
	case len(o.askedAgain) > 0:
		calls++
		if err := o.again.read(r.o.Engine.Jobs(ctx, byID(o.askedAgain))); err != nil {
			return calls, err
		}
	case len(o.askedStreams) > 0:
		calls++
		if err := o.againStreams.read(r.o.Engine.JobStreams(ctx, byID(o.askedStreams))); err != nil {
			return calls, err
		}
	}
	return calls, nil
}

func byID(ids []string) twstools.ListQuery {
	values := make([]query.Value, len(ids))
	for i, id := range ids {
		values[i] = id
	}
	return twstools.ListQuery{Where: query.AnyOf("id", values...), Limit: len(ids)}
}

// takeMark keeps what tells this plan from others, tells the other processes, and drops what was read of the plan before.
func (r *Reader) takeMark(ctx context.Context, mark string, o *observation) {
	if mark == "" {
		mark = momentMark + strconv.FormatInt(o.now.Unix(), 10)
	}
	if o.turned {
		r.void(mark)
		r.names.void()
	} else {
		r.mu.Lock()
		r.mark, r.marked = mark, true
		r.mu.Unlock()
	}
	if r.o.Store != nil {
		r.o.Store.Put(ctx, r.planKey(), []byte(mark), time.Hour)
	}
}

// newestRun gives the latest start or end of the jobs' runs that is not after now.
func newestRun(now time.Time, lists ...[]twstools.Job) time.Time {
	var newest time.Time
	for _, j := range slices.Concat(lists...) {
		for _, run := range j.Runs {
			for _, t := range []time.Time{run.Start, run.End} {
				if t.After(newest) && !t.After(now) {
					newest = t
				}
			}
		}
	}
	return newest
}
