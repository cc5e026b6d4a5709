package twstools

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/resync-hwa/resync/twstools/query"
)

// Engine reads one engine's plan (DESIGN.md 4.5). Implementations: hwa (over HTTP), world (in memory), reader (cached).
// All methods are safe for concurrent use, keep the caller's deadline, and answer with coded errors of
// internal/fault: not_found for an object that is not in the plan (or may not be listed by this account), invalid for a
// filter the engine refused, unsupported for what this level of engine lacks, upstream_denied for 401 and 403,
// upstream_unavailable for everything that is no answer, timeout.
type Engine interface {
	// Info says what the engine is. It is the cheapest proof that it can be read.
	Info(ctx context.Context) (Info, error)
	// Jobs lists jobs that match q. Dependencies are usually not filled in lists.
	Jobs(ctx context.Context, q ListQuery) (List[Job], error)
	// Job reads one job whole, dependencies included where the engine gives them.
	Job(ctx context.Context, ref Ref) (Job, error)
	// JobStreams lists job streams that match q.
	JobStreams(ctx context.Context, q ListQuery) (List[JobStream], error)
	// JobStream reads one job stream whole.
	JobStream(ctx context.Context, ref Ref) (JobStream, error)
	// Neighbours lists predecessors or successors of a job or job stream.
	Neighbours(ctx context.Context, q NeighbourQuery) ([]Neighbour, error)
	// Counts counts jobs or job streams, grouped.
	Counts(ctx context.Context, q CountQuery) (Counts, error)
	// Workstations lists workstations that match q.
	Workstations(ctx context.Context, q ListQuery) (List[Workstation], error)
	// Resources lists resources that match q.
	Resources(ctx context.Context, q ListQuery) (List[Resource], error)
	// Prompts lists prompts that match q; unsupported on levels before 10.2.
	Prompts(ctx context.Context, q ListQuery) (List[Prompt], error)
	// Logs reads a window of one run's job log.
	Logs(ctx context.Context, q LogQuery) (Log, error)
}

// ListQuery selects and pages. Field names in Where and Order are OQL's (see package query).
type ListQuery struct {
	Where  query.Expr // nil: all
	Order  []query.Order
	Limit  int // 0 means 500; at most 10,000 a request (the engine's own bound)
	Offset int
}

// List is a page of rows. Total is the engine's own count of all matches, -1 when it did not say.
// Incomplete says that matches may be missing although the page is not full: the engine could not filter, or did not page, and the
// bounded read ended before the plan did. Absence from an incomplete list proves nothing.
type List[T any] struct {
	Items      []T
	Total      int
	Incomplete bool
}

// Direction of a NeighbourQuery.
type Direction string

// The two directions of the plan's graph.
const (
	Predecessors Direction = "predecessors"
	Successors   Direction = "successors"
)

// NeighbourQuery asks for one side of a node. Depth 0 means 1.
type NeighbourQuery struct {
	Ref       Ref
	JobStream bool // Ref points at a job stream, else at a job
	Direction Direction
	Depth     int
}

// CountQuery counts jobs (or job streams) by the given groups.
type CountQuery struct {
	JobStreams  bool
	Workstation string   // pattern; empty for all
	GroupBy     []string // of "status", "workstation", "folder"
}

// Counts holds a total and, for each requested group key, its count. With several groups the keys are joined with "/".
type Counts struct {
	Total  int
	Groups map[string]int
}

// LogQuery asks for one run's log. RunID "" means the job's last run, picked by Job.
// From and To are line numbers counted from 1, both 0 for the whole log within the client's bounds (DESIGN.md 4.9).
// Job and Workstation may be given beside RunID: Job lets a client find the log another way where the run's own path fails,
// Workstation (where the run ran) lets it read one log per agent at a time.
type LogQuery struct {
	RunID       string
	From, To    int
	Job         Ref
	Workstation string
}

// Clocks are the three clocks of a reading (DESIGN.md 4.6).
type Clocks struct {
	FetchedAt   time.Time // our clock
	MirroredAt  time.Time // zero: unknown, which is the rule
	PlanNow     time.Time // the engine's now
	PlanNowOurs bool      // the engine gave no usable time, so PlanNow is our own clock
}

// Clocked is an optional port: an Engine that knows what time the engine has.
type Clocked interface {
	// PlanNow gives the engine's now as last seen in an answer's Date header, moved on by the time since; ours is true when
	// no answer carried one and our own clock stands in.
	PlanNow() (now time.Time, ours bool)
}

type callCounterKey struct{}

// callCounter counts for those who asked earlier, too, and tells each request.
type callCounter struct {
	n     atomic.Int64
	told  func(total int64)
	outer *callCounter
}

// WithCallCounter returns a context in which an Engine counts each request it sends to the engine, and the counter. A counter that the context had
// already goes on counting. told, which may be nil, hears the new count after each, from whatever goroutine sends it, perhaps after the call is over; it
// must not block.
func WithCallCounter(ctx context.Context, told func(total int64)) (context.Context, *atomic.Int64) {
	outer, _ := ctx.Value(callCounterKey{}).(*callCounter)
	c := &callCounter{told: told, outer: outer}
	return context.WithValue(ctx, callCounterKey{}, c), &c.n
}

// CountCall adds one outgoing request to the context's counters, if it has any. Engines that send nothing do not call it.
func CountCall(ctx context.Context) {
	c, _ := ctx.Value(callCounterKey{}).(*callCounter)
	for ; c != nil; c = c.outer {
		if n := c.n.Add(1); c.told != nil {
			c.told(n)
		}
	}
}

// AtWorkstation matches a workstation name in field as engines of either habit write it: "MDM" and "/MDM" are the same one.
func AtWorkstation(field, name string) query.Expr {
	if name == "" || name[0] == '/' {
		return query.Is(field, name)
	}
	return query.AnyOf(field, name, "/"+name)
}
