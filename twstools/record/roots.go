package record

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
)

// wholePlan lists everything and reads each object whole.
func (c *capturer) wholePlan(ctx context.Context) error {
	streams, cut, err := pages(ctx, c.o.MaxJobs, c.t.JobStreams)
	if err != nil {
		return err
	}
	if cut {
		c.leftOut("job streams beyond the bound", fmt.Sprintf("Only the first %d were listed.", len(streams)))
	}
	jobs, cut, err := pages(ctx, c.o.MaxJobs, c.t.Jobs)
	if err != nil {
		return err
	}
	if cut {
		c.leftOut("jobs beyond the bound", fmt.Sprintf("Only the first %d were listed.", len(jobs)))
	}
	c.wholeStreams(ctx, streams)
	c.wholeJobs(ctx, jobs)
	c.order()
	return nil
}

// pages reads a list to its end, or to most objects.
func pages[T any](ctx context.Context, most int, read func(context.Context, twstools.ListQuery) (twstools.List[T], error)) ([]T, bool, error) {
	return pagesWhere(ctx, nil, most, read)
}

func pagesWhere[T any](ctx context.Context, where query.Expr, most int, read func(context.Context, twstools.ListQuery) (twstools.List[T], error)) ([]T, bool, error) {
	var all []T
	for {
		l, err := read(ctx, twstools.ListQuery{Where: where, Limit: pageSize, Offset: len(all)})
		if err != nil {
			return nil, false, err
		}
		all = append(all, l.Items...)
		done := len(l.Items) < pageSize || l.Total >= 0 && len(all) >= l.Total
		if len(all) > most {
			return all[:most], true, nil
		}
		if done {
			return all, l.Incomplete, nil
		}
	}
}

// seeds are the job streams that the roots name, or whose jobs they name.
func (c *capturer) seeds(ctx context.Context) ([]twstools.Ref, error) {
	loc, err := time.LoadLocation(c.w.Info.TimeZone)
	if err != nil {
		loc = time.UTC
	}
	var out []twstools.Ref
	for _, r := range c.o.Roots {
		if r.Where == nil {
			r.Of = selected(r.Selection)
			if r.Where, err = query.ParseSelectionOn(r.Selection, r.Of, c.asOf.In(loc)); err != nil {
				return nil, err
			}
		}
		if r.Of == query.Jobs {
			jobs, cut, err := pagesWhere(ctx, r.Where, c.o.MaxJobs, c.t.Jobs)
			if err != nil {
				return nil, err
			}
			if cut {
				c.leftOut("a root", "It fits more jobs than are read.")
			}
			for _, j := range jobs {
				if j.StreamRef.IsZero() {
					c.wholeJobs(ctx, []twstools.Job{j})
				}
				out = append(out, j.StreamRef)
			}
			continue
		}
		streams, cut, err := pagesWhere(ctx, r.Where, c.o.MaxJobs, c.t.JobStreams)
		if err != nil {
			return nil, err
		}
		if cut {
			c.leftOut("a root", "It fits more job streams than are read.")
		}
		for _, s := range streams {
			out = append(out, s.Ref)
		}
	}
	return out, nil
}

// selected says what a selection chooses: jobs when it names a job behind the stream.
func selected(s string) query.Object {
	names := s
	if i := strings.IndexAny(names, "+~"); i >= 0 {
		names = names[:i]
	}
	if i := strings.IndexByte(names, '#'); i >= 0 {
		names = names[i+1:]
	}
	if i := strings.LastIndexByte(names, '/'); i >= 0 {
		names = names[i+1:]
	}
	if strings.Contains(names, ".") {
		return query.Jobs
	}
	return query.JobStreams
}
