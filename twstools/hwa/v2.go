package hwa

import (
	"context"
	"strconv"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
)

// The names of the dialects, in references and in Info.
const (
	dialectV2 = "v2"
	dialectV1 = "v1"
)

// v2 speaks the interface V2 (10.1 Fix Pack 1 and later): reads by GET, filters in OQL, pages by offset.
type v2 struct {
	*Client
	decoder

	unrun        verdict // the engine's filter by status passes over jobs that have not run
	jobs         facts
	streams      facts
	workstations facts
	resources    facts
	prompts      facts
	logWindows   verdict // whether from_line and to_line are honoured
	logStarts    verdict // whether from_line is honoured where to_line is not
}

func newV2(c *Client) *v2 { return &v2{Client: c, decoder: decoder{c.opts.Name, dialectV2}} }

// v2Talk asks for one kind of object in V2.
type v2Talk struct {
	c       *Client
	list    endpoint
	single  endpoint // the path of one object; 0 where there is none
	what    string
	thing   string
	mayLack bool // some levels lack the list
}

func (t v2Talk) print(q query.Query) (string, error) { return query.Print(q) }

// part gives nothing: OQL has words for whatever can be asked.
func (t v2Talk) part(query.Expr) string { return "" }

func (t v2Talk) fetch(ctx context.Context, oql string, offset, limit int, reset func(), each func(object) bool) (page, error) {
	params := map[param]string{pLimit: strconv.Itoa(limit), pOffset: strconv.Itoa(offset)}
	if oql != "" {
		params[pOQL] = oql
	}
	r, err := newRequest(t.list, "", params)
	if err != nil {
		return page{}, err
	}
	r.what, r.optional = t.what, t.mayLack
	return t.c.getPage(ctx, r, reset, each)
}

func (t v2Talk) one(ctx context.Context, id string) (object, error) {
	r, err := newRequest(t.single, id, nil)
	if err != nil {
		return nil, err
	}
	r.what = "the " + t.thing
	return t.c.getObject(ctx, r)
}

func (c *v2) jobLister() lister[twstools.Job] {
	t := v2Talk{c: c.Client, list: planJobs, single: planJob, what: "the list of jobs", thing: "job"}
	return listJobs(t, c.decoder, &c.jobs)
}

func (c *v2) streamLister() lister[twstools.JobStream] {
	t := v2Talk{c: c.Client, list: planStreams, single: planStream, what: "the list of job streams", thing: "job stream"}
	return listStreams(t, c.decoder, &c.streams)
}

// Info reads what the engine says about itself: the cheapest proof that it can be read.
func (c *v2) Info(ctx context.Context) (twstools.Info, error) {
	o, err := c.readInfo(ctx, engineInfo)
	if err != nil {
		return twstools.Info{}, err
	}
	return c.infoIn(ctx, c, o), nil
}

// Jobs lists jobs.
func (c *v2) Jobs(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Job], error) {
	return c.readJobs(ctx, q)
}

// JobStreams lists job streams.
func (c *v2) JobStreams(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.JobStream], error) {
	return c.streamLister().read(ctx, q)
}

// Job reads one job.
func (c *v2) Job(ctx context.Context, ref twstools.Ref) (twstools.Job, error) {
	return c.jobLister().get(ctx, ref)
}

// JobStream reads one job stream.
func (c *v2) JobStream(ctx context.Context, ref twstools.Ref) (twstools.JobStream, error) {
	return c.streamLister().get(ctx, ref)
}

// Workstations lists workstations.
func (c *v2) Workstations(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Workstation], error) {
	t := v2Talk{c: c.Client, list: planWorkstations, single: planWorkstation, what: "the list of workstations", thing: "workstation", mayLack: true}
	return listWorkstations(t, c.decoder, &c.workstations).read(ctx, q)
}

// Resources lists resources.
func (c *v2) Resources(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Resource], error) {
	t := v2Talk{c: c.Client, list: planResources, single: planResource, what: "the list of resources", thing: "resource", mayLack: true}
	return listResources(t, c.decoder, &c.resources).read(ctx, q)
}

// Prompts lists prompts; unsupported where the engine does not offer them.
func (c *v2) Prompts(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Prompt], error) {
	t := v2Talk{c: c.Client, list: planPrompts, what: "the list of prompts", thing: "prompt", mayLack: true}
	list, err := listPrompts(t, c.decoder, &c.prompts).read(ctx, q)
	if fault.Is(err, fault.Unsupported) && absent(err) {
		return list, fault.Wrap(fault.Unsupported, err, "This level of engine does not offer the list of prompts.").
			WithHint("Prompts came with 10.2; a job's own prompt dependencies still show.").WithSource("engine:" + c.opts.Name)
	}
	return list, err
}
