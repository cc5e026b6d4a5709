package twsmock

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
)

// noCancel is the context of look-ups inside the mock: they are in memory and end by themselves.
var noCancel = context.Background()

const maxPage = 10_000

// selection reads oql, plan_filter, limit and offset. oql and plan_filter may come together: both must match.
func (c call) selection(of query.Object) (twstools.ListQuery, error) {
	var q twstools.ListQuery
	parsed, err := query.ParseOQL(c.query.Get("oql"))
	if err != nil {
		return q, err
	}
	filter, err := query.ParseSelection(c.query.Get("plan_filter"), of, c.loc)
	if err != nil {
		return q, err
	}
	q.Order = parsed.Order
	q.Where = query.And{parsed.Where, filter}
	if q.Limit, err = c.number("limit", maxPage); err != nil {
		return q, err
	}
	if q.Limit == 0 || q.Limit > maxPage {
		q.Limit = maxPage
	}
	q.Offset, err = c.number("offset", 0)
	return q, err
}

func (c call) number(name string, byDefault int) (int, error) {
	s := c.query.Get(name)
	if s == "" {
		return byDefault, nil
	}
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil || n < 0 {
		return 0, fault.New(fault.Invalid, "The parameter %s is no number: %q.", name, s)
	}
	return int(n), nil
}

// list answers one page of one kind of object.
func list[T, W any](c call, of query.Object, read func(context.Context, twstools.ListQuery) (twstools.List[T], error), write func(T) W) answer {
	q, err := c.selection(of)
	if err != nil {
		return failed(err)
	}
	found, err := read(c.r.Context(), q)
	if err != nil {
		return failed(err)
	}
	page := wirePage[W]{Count: found.Total, Results: []W{}}
	for _, x := range found.Items {
		page.Results = append(page.Results, write(x))
	}
	if after := q.Offset + len(found.Items); len(found.Items) > 0 && after < found.Total {
		page.Next = c.link(q.Limit, after)
	}
	if q.Offset > 0 {
		page.Previous = c.link(q.Limit, max(q.Offset-q.Limit, 0))
	}
	return inJSON(http.StatusOK, page)
}

// link is the absolute address of another page, with the server's own idea of its name, which a proxy in front may make wrong.
func (c call) link(limit, offset int) string {
	q := url.Values{}
	for k, v := range c.query {
		q[k] = slices.Clone(v)
	}
	q.Set("limit", strconv.Itoa(limit))
	q.Set("offset", strconv.Itoa(offset))
	scheme := "http"
	if c.r.TLS != nil {
		scheme = "https"
	}
	return fmt.Sprintf("%s://%s%s?%s", scheme, c.r.Host, c.r.URL.EscapedPath(), q.Encode())
}

// one answers a single object.
func one[T, W any](v T, err error, write func(T) W) answer {
	if err != nil {
		return failed(err)
	}
	return inJSON(http.StatusOK, write(v))
}

func (c call) ref() twstools.Ref { return twstools.Ref{ID: c.id} }

func (c call) jobs() answer    { return list(c, query.Jobs, c.e.Jobs, c.view.job) }
func (c call) streams() answer { return list(c, query.JobStreams, c.e.JobStreams, c.view.stream) }
func (c call) workstations() answer {
	return list(c, query.Workstations, c.e.Workstations, c.view.workstation)
}
func (c call) resources() answer { return list(c, query.Resources, c.e.Resources, c.view.resource) }
func (c call) prompts() answer   { return list(c, query.Prompts, c.e.Prompts, c.view.prompt) }

func (c call) job() answer {
	j, err := c.e.Job(c.r.Context(), c.ref())
	return one(j, err, c.view.job)
}

func (c call) stream() answer {
	s, err := c.e.JobStream(c.r.Context(), c.ref())
	return one(s, err, c.view.stream)
}

func (c call) workstation() answer {
	return byID(c, c.e.Workstations, c.view.workstation)
}

func (c call) resource() answer {
	return byID(c, c.e.Resources, c.view.resource)
}

// byID answers an object that the port reads only by lists.
func byID[T, W any](c call, read func(context.Context, twstools.ListQuery) (twstools.List[T], error), write func(T) W) answer {
	found, err := read(c.r.Context(), twstools.ListQuery{Where: query.Is("id", c.id)})
	if err == nil && len(found.Items) != 1 {
		err = fault.New(fault.NotFound, "The object %q is not in the plan.", c.id)
	}
	if err != nil {
		return failed(err)
	}
	return inJSON(http.StatusOK, write(found.Items[0]))
}

func (c call) jobNeighbours() answer    { return c.neighbours(false) }
func (c call) streamNeighbours() answer { return c.neighbours(true) }

func (c call) neighbours(stream bool) answer {
	depth, err := c.number("depth", 1)
	if err != nil {
		return failed(err)
	}
	q := twstools.NeighbourQuery{Ref: c.ref(), JobStream: stream, Direction: twstools.Predecessors, Depth: depth}
	if path := c.r.URL.EscapedPath(); path[len(path)-len("successors"):] == "successors" {
		q.Direction = twstools.Successors
	}
	ns, err := c.e.Neighbours(c.r.Context(), q)
	if err != nil {
		return failed(err)
	}
	out := wireNodes{Count: len(ns), Results: []any{}}
	for _, n := range ns {
		if n.Job != nil {
			out.Results = append(out.Results, c.view.job(*n.Job))
		} else {
			out.Results = append(out.Results, c.view.stream(*n.JobStream))
		}
	}
	return inJSON(http.StatusOK, out)
}
