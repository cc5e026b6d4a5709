package twsmock

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
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
func (c call) selection(of query.Object, parse func(string, query.Object) (query.Query, error)) (twstools.ListQuery, error) {
	var q twstools.ListQuery
	var parsed query.Query
	var err error
	if !c.habits.IgnoreOQL {
		if parsed, err = parse(c.query.Get("oql"), of); err != nil {
			return q, err
		}
	}
	selection := c.query.Get("plan_filter")
	if selection == "" {
		selection = c.query.Get("model_filter")
	}
	filter, err := query.ParseSelectionOn(selection, of, c.w.AsOf.In(c.loc))
	if err != nil {
		return q, parameterError{err}
	}
	q.Order = parsed.Order
	q.Where = query.And{parsed.Where, filter}
	if q.Limit, err = c.number("limit", maxPage); err != nil {
		return q, err
	}
	most := maxPage
	if c.habits.PageCap > 0 {
		most = min(c.habits.PageCap, maxPage)
	}
	if q.Limit == 0 || q.Limit > most {
		q.Limit = most
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
		return 0, badParameter("The parameter %s is no number: %q.", name, s)
	}
	return int(n), nil
}

// list answers one page of one kind of object.
func list[T, W any](c call, of query.Object, read func(context.Context, twstools.ListQuery) (twstools.List[T], error), write func(T) W) answer {
	q, err := c.selection(of, query.ParseOQLOf)
	if err != nil {
		return failed(err)
	}
	return page(c, q, read, write)
}

// page answers the page that a query asks for.
func page[T, W any](c call, q twstools.ListQuery, read func(context.Context, twstools.ListQuery) (twstools.List[T], error), write func(T) W) answer {
	found, err := read(c.r.Context(), q)
	if err != nil {
		return failed(err)
	}
	p := pageEnds{count: found.Total}
	if after := q.Offset + len(found.Items); len(found.Items) > 0 && after < found.Total {
		p.next = c.link(q.Limit, after)
	}
	if q.Offset > 0 {
		p.previous = c.link(q.Limit, max(q.Offset-q.Limit, 0))
	}
	return answer{status: http.StatusOK, contentType: typeJSON, stream: func(w io.Writer) error {
		return writePage(w, p, !c.habits.NoCount, found.Items, write)
	}}
}

// pageEnds is what stands around the results of a page.
type pageEnds struct {
	count          int
	next, previous string
}

// writePage writes a page result by result: one of 10,000 jobs is some 20 MB, of which no more than one is held.
func writePage[T, W any](to io.Writer, p pageEnds, count bool, items []T, write func(T) W) error {
	b := bufio.NewWriterSize(to, 32<<10)
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	_, _ = b.WriteString("{") // a bufio.Writer keeps its error until it is flushed
	if count {
		_, _ = fmt.Fprintf(b, `"count":%d,`, p.count)
	}
	_, _ = b.WriteString(`"results":[`)
	for i, x := range items {
		if i > 0 {
			_ = b.WriteByte(',')
		}
		if err := enc.Encode(write(x)); err != nil {
			return err
		}
	}
	_ = b.WriteByte(']')
	for _, link := range [][2]string{{"next", p.next}, {"previous", p.previous}} {
		if link[1] != "" {
			_, _ = fmt.Fprintf(b, `,"%s":`, link[0])
			if err := enc.Encode(link[1]); err != nil {
				return err
			}
		}
	}
	_, _ = b.WriteString("}\n")
	return b.Flush()
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
	host := c.r.Host
	if c.habits.NextHost != "" {
		host = c.habits.NextHost
	}
	return fmt.Sprintf("%s://%s%s?%s", scheme, host, c.r.URL.EscapedPath(), q.Encode())
}

// one answers a single object.
func one[T, W any](v T, err error, write func(T) W) answer {
	if err != nil {
		return failed(err)
	}
	return inJSON(http.StatusOK, write(v))
}

func (c call) ref() twstools.Ref { return twstools.Ref{ID: c.id} }

func (c call) jobs() answer {
	sc, err := c.scope()
	if err != nil {
		return failed(err)
	}
	return list(c, query.Jobs, c.e.Jobs, func(j twstools.Job) wireJob { return c.listedJob(j, sc) })
}

func (c call) streams() answer {
	sc, err := c.scope()
	if err != nil {
		return failed(err)
	}
	return list(c, query.JobStreams, c.e.JobStreams, func(s twstools.JobStream) wireStream { return c.listedStream(s, sc) })
}

func (c call) workstations() answer {
	return list(c, query.Workstations, c.e.Workstations, c.view.workstation)
}
func (c call) resources() answer { return list(c, query.Resources, c.e.Resources, c.view.resource) }
func (c call) prompts() answer   { return list(c, query.Prompts, c.e.Prompts, c.view.prompt) }

func (c call) job() answer {
	j, err := c.all.Job(c.r.Context(), c.ref())
	if err == nil {
		err = c.may(jobObject(j))
	}
	return one(j, err, c.view.job)
}

func (c call) stream() answer {
	s, err := c.all.JobStream(c.r.Context(), c.ref())
	if err == nil {
		err = c.may(streamObject(s))
	}
	return one(s, err, c.view.stream)
}

func (c call) workstation() answer {
	return byID(c, c.all.Workstations, workstationObject, c.view.workstation)
}

func (c call) resource() answer {
	return byID(c, c.all.Resources, resourceObject, c.view.resource)
}

// byID answers an object that the port reads only by lists.
func byID[T, W any](c call, read func(context.Context, twstools.ListQuery) (twstools.List[T], error), of func(T) Object, write func(T) W) answer {
	found, err := read(c.r.Context(), twstools.ListQuery{Where: query.Is("id", c.id)})
	if err == nil && len(found.Items) != 1 {
		err = fault.New(fault.NotFound, "The object %q is not in the plan.", c.id)
	}
	if err == nil {
		err = c.may(of(found.Items[0]))
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
