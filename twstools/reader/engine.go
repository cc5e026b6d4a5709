package reader

import (
	"cmp"
	"context"
	"time"

	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools"
)

// defaultLimit and maxLimit are the port's (twstools.ListQuery).
const (
	defaultLimit = 500
	maxLimit     = 10_000
)

// PlanNow gives the engine's now where it tells one, else our own.
func (r *Reader) PlanNow() (now time.Time, ours bool) {
	if c, ok := r.o.Engine.(twstools.Clocked); ok {
		return c.PlanNow()
	}
	return r.o.Clock().UTC(), true
}

// Capabilities gives the optional ports of the engine behind; their answers are not kept.
func (r *Reader) Capabilities() twstools.Capabilities {
	if c, ok := r.o.Engine.(twstools.Capable); ok {
		return c.Capabilities()
	}
	return twstools.Capabilities{}
}

// Info implements twstools.Engine.
func (r *Reader) Info(ctx context.Context) (twstools.Info, error) {
	return serve(ctx, r, ask[twstools.Info]{kind: kindInfo, keys: oneKey(newKeyer(kindInfo)), call: r.o.Engine.Info, hand: copied(cloneInfo)})
}

// Jobs implements twstools.Engine.
func (r *Reader) Jobs(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Job], error) {
	return r.jobs(ctx, q, asNeeded)
}

func (r *Reader) jobs(ctx context.Context, q twstools.ListQuery, m mode) (twstools.List[twstools.Job], error) {
	a := r.askJobs(q)
	a.mode = m
	return serve(ctx, r, a)
}

func (r *Reader) askJobs(q twstools.ListQuery) ask[twstools.List[twstools.Job]] {
	a := listAsk(kindJobs, q, r.o.Engine.Jobs, cloneJob)
	a.see = func(l twstools.List[twstools.Job]) { r.seeRuns(l.Items...) }
	return a
}

// Job implements twstools.Engine.
func (r *Reader) Job(ctx context.Context, ref twstools.Ref) (twstools.Job, error) {
	return serve(ctx, r, ask[twstools.Job]{kind: kindJob, keys: refKey(kindJob, ref), hand: copied(cloneJob), see: func(j twstools.Job) { r.seeRuns(j) },
		call: func(ctx context.Context) (twstools.Job, error) { return r.o.Engine.Job(ctx, ref) }})
}

// JobStreams implements twstools.Engine.
func (r *Reader) JobStreams(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.JobStream], error) {
	return r.streams(ctx, q, asNeeded)
}

func (r *Reader) streams(ctx context.Context, q twstools.ListQuery, m mode) (twstools.List[twstools.JobStream], error) {
	return listed(ctx, r, kindStreams, q, r.o.Engine.JobStreams, cloneStream, m)
}

// JobStream implements twstools.Engine.
func (r *Reader) JobStream(ctx context.Context, ref twstools.Ref) (twstools.JobStream, error) {
	return serve(ctx, r, ask[twstools.JobStream]{kind: kindStream, keys: refKey(kindStream, ref), hand: copied(cloneStream),
		call: func(ctx context.Context) (twstools.JobStream, error) { return r.o.Engine.JobStream(ctx, ref) }})
}

// Neighbours implements twstools.Engine.
func (r *Reader) Neighbours(ctx context.Context, q twstools.NeighbourQuery) ([]twstools.Neighbour, error) {
	y := newKeyer(kindNeighbours)
	y.ref(q.Ref)
	y.value(q.JobStream)
	y.text(string(q.Direction))
	y.number(int64(max(q.Depth, 1)))
	return serve(ctx, r, ask[[]twstools.Neighbour]{kind: kindNeighbours, keys: oneKey(y), hand: copied(cloneNeighbours),
		call: func(ctx context.Context) ([]twstools.Neighbour, error) { return r.o.Engine.Neighbours(ctx, q) }})
}

// Counts implements twstools.Engine.
func (r *Reader) Counts(ctx context.Context, q twstools.CountQuery) (twstools.Counts, error) {
	return r.counts(ctx, q, asNeeded)
}

func (r *Reader) counts(ctx context.Context, q twstools.CountQuery, m mode) (twstools.Counts, error) {
	y := newKeyer(kindCounts)
	y.value(q.JobStreams)
	y.text(q.Workstation)
	y.texts(q.GroupBy)
	return serve(ctx, r, ask[twstools.Counts]{kind: kindCounts, keys: oneKey(y), hand: copied(cloneCounts), mode: m,
		call: func(ctx context.Context) (twstools.Counts, error) { return r.o.Engine.Counts(ctx, q) }})
}

// Workstations implements twstools.Engine.
func (r *Reader) Workstations(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Workstation], error) {
	return r.workstations(ctx, q, asNeeded)
}

func (r *Reader) workstations(ctx context.Context, q twstools.ListQuery, m mode) (twstools.List[twstools.Workstation], error) {
	return listed(ctx, r, kindWorkstations, q, r.o.Engine.Workstations, cloneWorkstation, m)
}

// Resources implements twstools.Engine.
func (r *Reader) Resources(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Resource], error) {
	return r.resources(ctx, q, asNeeded)
}

func (r *Reader) resources(ctx context.Context, q twstools.ListQuery, m mode) (twstools.List[twstools.Resource], error) {
	return listed(ctx, r, kindResources, q, r.o.Engine.Resources, cloneResource, m)
}

// Prompts implements twstools.Engine.
func (r *Reader) Prompts(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Prompt], error) {
	return r.prompts(ctx, q, asNeeded)
}

func (r *Reader) prompts(ctx context.Context, q twstools.ListQuery, m mode) (twstools.List[twstools.Prompt], error) {
	return listed(ctx, r, kindPrompts, q, r.o.Engine.Prompts, clonePrompt, m)
}

// Logs implements twstools.Engine.
func (r *Reader) Logs(ctx context.Context, q twstools.LogQuery) (twstools.Log, error) {
	y := newKeyer(kindLog)
	y.text(q.RunID)
	y.number(int64(q.From))
	y.number(int64(q.To))
	if q.RunID == "" { // beside a run's id, job and workstation only say how to reach the same log
		y.ref(q.Job)
	}
	return serve(ctx, r, ask[twstools.Log]{kind: kindLog, keys: oneKey(y), hand: copied(cloneLog),
		age: func(l twstools.Log) age { return r.logAge(q, l) },
		call: func(ctx context.Context) (twstools.Log, error) {
			l, err := r.o.Engine.Logs(ctx, q)
			return hideKeys(l), err
		}})
}

// hideKeys masks private keys that a job printed, in a copy: only here are their lines still together.
func hideKeys(l twstools.Log) twstools.Log {
	l = cloneLog(l)
	untrusted.HideKeys(len(l.Lines), func(i int) *string { return &l.Lines[i].Text })
	return l
}

// logAge: what a run that has ended wrote does not change any more. A reading that broke off is tried again soon.
func (r *Reader) logAge(q twstools.LogQuery, l twstools.Log) age {
	_, ended := r.ended.GetIfPresent(q.RunID)
	if whole := q.From == 0 && q.To == 0; !ended || len(l.Lines) == 0 || whole && l.Truncated {
		return r.ageOf(kindLog)
	}
	return endedAge
}

// seeRuns remembers which runs have ended, long enough ago for their logs to be whole.
func (r *Reader) seeRuns(jobs ...twstools.Job) {
	now, _ := r.PlanNow()
	for i := range jobs {
		for _, run := range jobs[i].Runs {
			if run.ID != "" && !run.End.IsZero() && now.Sub(run.End) > settled {
				r.ended.SetIfAbsent(run.ID, struct{}{})
			}
		}
	}
}

// listed serves a list that nothing else is learned from.
func listed[T any](ctx context.Context, r *Reader, k kind, q twstools.ListQuery, call func(context.Context, twstools.ListQuery) (twstools.List[T], error), clone func(T) T, m mode) (twstools.List[T], error) {
	a := listAsk(k, q, call, clone)
	a.mode = m
	return serve(ctx, r, a)
}

// listAsk is a read of a list. A list that turned out to hold all matches serves every page of the same filter and order.
func listAsk[T any](k kind, q twstools.ListQuery, call func(context.Context, twstools.ListQuery) (twstools.List[T], error), clone func(T) T) ask[twstools.List[T]] {
	if q.Limit < 0 || q.Offset < 0 { // the engine says what it thinks of that
		return ask[twstools.List[T]]{call: func(ctx context.Context) (twstools.List[T], error) { return call(ctx, q) }}
	}
	q.Limit = min(cmp.Or(q.Limit, defaultLimit), maxLimit)
	y := newKeyer(k)
	y.expr(q.Where)
	y.order(q.Order)
	whole, ok := y.sum()
	y.number(int64(q.Limit))
	y.number(int64(q.Offset))
	own, _ := y.sum()
	a := ask[twstools.List[T]]{kind: k, keys: []string{whole, own},
		call: func(ctx context.Context) (twstools.List[T], error) {
			l, err := call(ctx, q)
			return once(l, q.Limit), err
		},
		place: func(l twstools.List[T]) (string, bool) {
			if isWhole(l, q) {
				return whole, true
			}
			return own, false
		},
		hand: func(l twstools.List[T], all bool) twstools.List[T] {
			if all {
				l = page(l, q)
			}
			l.Items = each(l.Items, clone)
			return l
		}}
	if !ok {
		a.keys = nil
	}
	return a
}

// page cuts out of a list that is whole what was asked for.
func page[T any](l twstools.List[T], q twstools.ListQuery) twstools.List[T] {
	rest := l.Items[min(q.Offset, len(l.Items)):]
	l.Items = rest[:min(cmp.Or(q.Limit, defaultLimit), len(rest))] // no sum of the two: it may overflow
	return l
}

// isWhole reports whether a list holds all matches.
func isWhole[T any](l twstools.List[T], q twstools.ListQuery) bool {
	return q.Offset == 0 && !l.Incomplete && len(l.Items) < q.Limit && (l.Total < 0 || l.Total == len(l.Items))
}

// copied is the hand of a read that is no list.
func copied[T any](clone func(T) T) func(T, bool) T { return func(v T, _ bool) T { return clone(v) } }

func oneKey(y *keyer) []string {
	if key, ok := y.sum(); ok {
		return []string{key}
	}
	return nil
}

func (y *keyer) ref(ref twstools.Ref) {
	y.text(ref.Engine)
	y.text(ref.Dialect)
	y.text(ref.ID)
}

func refKey(k kind, ref twstools.Ref) []string {
	y := newKeyer(k)
	y.ref(ref)
	return oneKey(y)
}
