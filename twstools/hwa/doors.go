package hwa

import (
	"context"

	"github.com/resync-hwa/resync/twstools"
)

// The eleven reads of the port, each passed on in the dialect that the engine speaks.

// through asks in the engine's dialect, and keeps what the answer tells about the engine being there.
func through[T any](ctx context.Context, c *Client, read func(twstools.Engine) (T, error)) (T, error) {
	e, _, err := c.speaks(ctx)
	if err != nil {
		var none T
		return none, err
	}
	out, err := read(e)
	c.tongue.note(e, err)
	return out, err
}

// Info reads what the engine says about itself: the cheapest proof that it can be read.
func (c *Client) Info(ctx context.Context) (twstools.Info, error) {
	e, said, err := c.speaks(ctx)
	if err != nil {
		return twstools.Info{}, err
	}
	if said != nil { // it was asked just now, to learn its dialect
		return c.infoIn(ctx, e, said), nil
	}
	info, err := e.Info(ctx)
	c.tongue.note(e, err)
	return info, err
}

// Jobs lists jobs that match q.
func (c *Client) Jobs(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Job], error) {
	return through(ctx, c, func(e twstools.Engine) (twstools.List[twstools.Job], error) { return e.Jobs(ctx, q) })
}

// Job reads one job whole.
func (c *Client) Job(ctx context.Context, ref twstools.Ref) (twstools.Job, error) {
	return through(ctx, c, func(e twstools.Engine) (twstools.Job, error) { return e.Job(ctx, ref) })
}

// JobStreams lists job streams that match q.
func (c *Client) JobStreams(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.JobStream], error) {
	return through(ctx, c, func(e twstools.Engine) (twstools.List[twstools.JobStream], error) { return e.JobStreams(ctx, q) })
}

// JobStream reads one job stream whole.
func (c *Client) JobStream(ctx context.Context, ref twstools.Ref) (twstools.JobStream, error) {
	return through(ctx, c, func(e twstools.Engine) (twstools.JobStream, error) { return e.JobStream(ctx, ref) })
}

// Neighbours lists predecessors or successors.
func (c *Client) Neighbours(ctx context.Context, q twstools.NeighbourQuery) ([]twstools.Neighbour, error) {
	return through(ctx, c, func(e twstools.Engine) ([]twstools.Neighbour, error) { return e.Neighbours(ctx, q) })
}

// Counts counts jobs or job streams.
func (c *Client) Counts(ctx context.Context, q twstools.CountQuery) (twstools.Counts, error) {
	return through(ctx, c, func(e twstools.Engine) (twstools.Counts, error) { return e.Counts(ctx, q) })
}

// Workstations lists workstations that match q.
func (c *Client) Workstations(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Workstation], error) {
	return through(ctx, c, func(e twstools.Engine) (twstools.List[twstools.Workstation], error) { return e.Workstations(ctx, q) })
}

// Resources lists resources that match q.
func (c *Client) Resources(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Resource], error) {
	return through(ctx, c, func(e twstools.Engine) (twstools.List[twstools.Resource], error) { return e.Resources(ctx, q) })
}

// Prompts lists prompts; unsupported in V2 before 10.2.
func (c *Client) Prompts(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Prompt], error) {
	return through(ctx, c, func(e twstools.Engine) (twstools.List[twstools.Prompt], error) { return e.Prompts(ctx, q) })
}

// Logs reads a window of a run's log, or the whole of it within bounds.
func (c *Client) Logs(ctx context.Context, q twstools.LogQuery) (twstools.Log, error) {
	return through(ctx, c, func(e twstools.Engine) (twstools.Log, error) { return e.Logs(ctx, q) })
}
