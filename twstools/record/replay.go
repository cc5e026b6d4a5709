package record

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/world"
)

// ErrMiss is the cause of every error of Strict over a question that the transcript does not hold: a fault of the harness, not of the engine.
var ErrMiss = errors.New("MOCK_MISS")

// WorldEngine computes answers from the captured world.
func (c *Capsule) WorldEngine(name string) twstools.Engine {
	return world.Engine(c.world, world.Options{Name: name})
}

// Strict is an engine that answers what the transcript holds, as it was answered, and nothing else: fault.Unsupported with ErrMiss as cause.
func (c *Capsule) Strict(name string) twstools.Engine { return &strict{c: c, name: name} }

type strict struct {
	c    *Capsule
	name string
}

var (
	_ twstools.Engine  = (*strict)(nil)
	_ twstools.Clocked = (*strict)(nil)
)

// lookup finds an answer; found is false where the question was never put.
func (c *Capsule) lookup(op Op, a Args) (Entry, bool) {
	i, ok := c.byKey[key(op, a)]
	if !ok {
		return Entry{}, false
	}
	return c.Transcript[i], true
}

func miss(op Op, a Args) error {
	raw, _ := json.Marshal(a) // for people; an empty text does no harm
	return fault.Wrap(fault.Unsupported, ErrMiss, "MOCK_MISS: the capsule's transcript holds no answer to %s %s.", string(op), raw).WithHint("Replay the capsule in mode world, which computes answers.")
}

// answered gives the recorded answer.
func answered[T any](ctx context.Context, s *strict, op Op, a Args, sayable bool) (T, error) {
	var none T
	if err := ctx.Err(); err != nil {
		return none, fault.Wrap(fault.Timeout, err, "The caller has left.")
	}
	e, ok := s.c.lookup(op, a)
	if !ok || !sayable {
		return none, miss(op, a)
	}
	if e.Code != "" {
		return none, fault.New(known(e.Code), "%s", e.Error)
	}
	x, err := decodeAs[T](e)
	if err != nil {
		return none, err
	}
	return copyOf(naming(s.name), x), nil
}

// known holds a code from a file to the closed list.
func known(c fault.Code) fault.Code {
	switch c {
	case fault.NotFound, fault.Ambiguous, fault.Invalid, fault.Unsupported, fault.UpstreamDenied, fault.UpstreamUnavailable, fault.Timeout, fault.Limited:
		return c
	}
	return fault.Internal
}

// naming puts the engine's configured name into every reference.
func naming(name string) walker {
	return walker{
		text: func(_ kind, s string) string { return s },
		when: func(t time.Time) time.Time { return t },
		ref: func(r twstools.Ref) twstools.Ref {
			if !r.IsZero() {
				r.Engine = name
			}
			return r
		},
	}
}

func (s *strict) PlanNow() (time.Time, bool) { return s.c.world.AsOf, false }

func (s *strict) Info(ctx context.Context) (twstools.Info, error) {
	x, err := answered[twstools.Info](ctx, s, OpInfo, Args{}, true)
	x.Engine = s.name
	return x, err
}

func (s *strict) Jobs(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Job], error) {
	a, ok := listArgs(q)
	return answered[twstools.List[twstools.Job]](ctx, s, OpJobs, a, ok)
}

func (s *strict) Job(ctx context.Context, ref twstools.Ref) (twstools.Job, error) {
	return answered[twstools.Job](ctx, s, OpJob, Args{Ref: ref.ID}, true)
}

func (s *strict) JobStreams(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.JobStream], error) {
	a, ok := listArgs(q)
	return answered[twstools.List[twstools.JobStream]](ctx, s, OpJobStreams, a, ok)
}

func (s *strict) JobStream(ctx context.Context, ref twstools.Ref) (twstools.JobStream, error) {
	return answered[twstools.JobStream](ctx, s, OpJobStream, Args{Ref: ref.ID}, true)
}

func (s *strict) Neighbours(ctx context.Context, q twstools.NeighbourQuery) ([]twstools.Neighbour, error) {
	return answered[[]twstools.Neighbour](ctx, s, OpNeighbours, neighbourArgs(q), true)
}

func (s *strict) Counts(ctx context.Context, q twstools.CountQuery) (twstools.Counts, error) {
	return answered[twstools.Counts](ctx, s, OpCounts, countArgs(q), true)
}

func (s *strict) Workstations(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Workstation], error) {
	a, ok := listArgs(q)
	return answered[twstools.List[twstools.Workstation]](ctx, s, OpWorkstations, a, ok)
}

func (s *strict) Resources(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Resource], error) {
	a, ok := listArgs(q)
	return answered[twstools.List[twstools.Resource]](ctx, s, OpResources, a, ok)
}

func (s *strict) Prompts(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Prompt], error) {
	a, ok := listArgs(q)
	return answered[twstools.List[twstools.Prompt]](ctx, s, OpPrompts, a, ok)
}

func (s *strict) Logs(ctx context.Context, q twstools.LogQuery) (twstools.Log, error) {
	return answered[twstools.Log](ctx, s, OpLogs, logArgs(q), true)
}
