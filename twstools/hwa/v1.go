package hwa

import (
	"context"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
)

// v1 speaks the interface V1 (9.4 and 9.5, and beside V2 on later levels): objects by GET, lists by POST of a filter.
type v1 struct {
	*Client
	decoder

	jobs         facts
	streams      facts
	workstations facts
	resources    facts
	prompts      facts
	unmarked     verdict // a job that was never rerun lacks the mark of the last run, so that its lack proves nothing
	marks        verdict // the filter by the mark of the last run is honoured
	places       places
}

func newV1(c *Client) *v1 {
	v := &v1{Client: c, decoder: decoder{c.opts.Name, dialectV1}}
	v.places.clock = c.opts.Clock
	for _, f := range []*facts{&v.jobs, &v.streams, &v.workstations, &v.resources, &v.prompts} {
		f.pages.learn(true) // offsets are our own work here
	}
	return v
}

// talk says how each kind of object is asked for.
func (v *v1) talk(of query.Object) v1Talk {
	t := v1Talk{c: v.Client, of: of, places: &v.places}
	switch of {
	case query.Jobs:
		t.prefix, t.list, t.next, t.single, t.what, t.thing, t.translate = "jobInPlan", v1Jobs, v1JobsNext, v1Job, "the list of jobs", "job", asV2Job
	case query.JobStreams:
		t.prefix, t.list, t.next, t.single, t.what, t.thing, t.translate = "jobStreamInPlan", v1Streams, v1StreamsNext, v1Stream, "the list of job streams", "job stream", asV2Stream
	case query.Workstations:
		t.prefix, t.list, t.next, t.single, t.what, t.thing, t.translate = "workstationInPlan", v1Workstations, v1WorkstationsNext, v1Workstation, "the list of workstations", "workstation", asV2Workstation
	case query.Resources:
		t.prefix, t.list, t.next, t.single, t.what, t.thing, t.translate = "resourceInPlan", v1Resources, v1ResourcesNext, v1Resource, "the list of resources", "resource", asV2Resource
	case query.Prompts:
		t.prefix, t.list, t.next, t.single, t.what, t.thing, t.translate = "promptInPlan", v1Prompts, v1PromptsNext, v1Prompt, "the list of prompts", "prompt", asV2Prompt
	}
	t.mayLack = of != query.Jobs && of != query.JobStreams
	return t
}

// asksNeeds reports whether a condition or an order speaks of dependencies, which lists leave out unless they are asked for.
func asksNeeds(q twstools.ListQuery) bool {
	return slices.ContainsFunc(query.Fields(q.Where), func(f string) bool { return strings.HasPrefix(f, "dependencies.") })
}

func (v *v1) jobLister(needs bool) lister[twstools.Job] {
	t := v.talk(query.Jobs)
	t.needs = needs
	return v.folding(listJobs(t, v.decoder, &v.jobs))
}

// folding makes a lister of jobs fold rows.
func (v *v1) folding(l lister[twstools.Job]) lister[twstools.Job] {
	l.paths = nil // V1's filters know workstations by their bare names
	l.fold = v.fold(l)
	l.settle = func(ctx context.Context, j twstools.Job) (twstools.Job, error) { return v.chain(ctx, l, j) }
	return l
}

func (v *v1) streamLister(needs bool) lister[twstools.JobStream] {
	t := v.talk(query.JobStreams)
	t.needs = needs
	l := listStreams(t, v.decoder, &v.streams)
	l.paths = nil
	return l
}

// Info reads what the engine says about itself.
func (v *v1) Info(ctx context.Context) (twstools.Info, error) {
	o, err := v.readInfo(ctx, v1EngineInfo)
	if err != nil {
		return twstools.Info{}, err
	}
	return v.infoIn(ctx, v, o), nil
}

// Jobs lists jobs.
func (v *v1) Jobs(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Job], error) {
	return v.jobLister(asksNeeds(q)).read(ctx, q)
}

// Job reads one job, all its runs included.
func (v *v1) Job(ctx context.Context, ref twstools.Ref) (twstools.Job, error) {
	return v.jobLister(false).get(ctx, ref)
}

// JobStreams lists job streams.
func (v *v1) JobStreams(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.JobStream], error) {
	return v.streamLister(asksNeeds(q)).read(ctx, q)
}

// JobStream reads one job stream.
func (v *v1) JobStream(ctx context.Context, ref twstools.Ref) (twstools.JobStream, error) {
	return v.streamLister(false).get(ctx, ref)
}

// Workstations lists workstations.
func (v *v1) Workstations(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Workstation], error) {
	l := listWorkstations(v.talk(query.Workstations), v.decoder, &v.workstations)
	l.paths = nil
	return l.read(ctx, q)
}

// Resources lists resources.
func (v *v1) Resources(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Resource], error) {
	l := listResources(v.talk(query.Resources), v.decoder, &v.resources)
	l.paths = nil
	return l.read(ctx, q)
}

// Prompts lists prompts.
func (v *v1) Prompts(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Prompt], error) {
	l := listPrompts(v.talk(query.Prompts), v.decoder, &v.prompts)
	l.paths = nil
	return l.read(ctx, q)
}

// unsupported says what V1 cannot tell.
func (v *v1) unsupported(format string, args ...any) *fault.Error {
	return v.source(fault.New(fault.Unsupported, format, args...))
}
