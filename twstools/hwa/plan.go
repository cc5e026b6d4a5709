package hwa

import (
	"context"
	"errors"
	"net/http"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
)

func (c *Client) jobLister() lister[twstools.Job] {
	return lister[twstools.Job]{c: c, facts: &c.jobs, list: planJobs, one: planJob, what: "the list of jobs", thing: "job",
		decode: c.job, row: twstools.JobRow, fields: twstools.JobFields, paths: workstationFields,
		known: func(j twstools.Job) bool { return j.DependenciesKnown }}
}

func (c *Client) streamLister() lister[twstools.JobStream] {
	return lister[twstools.JobStream]{c: c, facts: &c.streams, list: planStreams, one: planStream, what: "the list of job streams", thing: "job stream",
		decode: c.jobStream, row: twstools.JobStreamRow, fields: twstools.JobStreamFields, paths: workstationFields,
		known: func(s twstools.JobStream) bool { return s.DependenciesKnown }}
}

// Jobs lists jobs.
func (c *Client) Jobs(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Job], error) {
	return c.readJobs(ctx, q)
}

// JobStreams lists job streams.
func (c *Client) JobStreams(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.JobStream], error) {
	return c.streamLister().read(ctx, q)
}

// Job reads one job.
func (c *Client) Job(ctx context.Context, ref twstools.Ref) (twstools.Job, error) {
	return c.jobLister().get(ctx, ref)
}

// JobStream reads one job stream.
func (c *Client) JobStream(ctx context.Context, ref twstools.Ref) (twstools.JobStream, error) {
	return c.streamLister().get(ctx, ref)
}

// Workstations lists workstations.
func (c *Client) Workstations(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Workstation], error) {
	return lister[twstools.Workstation]{c: c, facts: &c.workstations, list: planWorkstations, one: planWorkstation, what: "the list of workstations", thing: "workstation",
		optional: true, decode: c.workstation, row: twstools.WorkstationRow, fields: twstools.WorkstationFields, paths: append([]string{"name"}, workstationFields...),
		known: func(twstools.Workstation) bool { return true }}.read(ctx, q)
}

// Resources lists resources.
func (c *Client) Resources(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Resource], error) {
	return lister[twstools.Resource]{c: c, facts: &c.resources, list: planResources, one: planResource, what: "the list of resources", thing: "resource",
		optional: true, decode: c.resource, row: twstools.ResourceRow, fields: twstools.ResourceFields, paths: workstationFields,
		known: func(twstools.Resource) bool { return true }}.read(ctx, q)
}

// Prompts lists prompts; unsupported where the engine does not offer them.
func (c *Client) Prompts(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Prompt], error) {
	list, err := lister[twstools.Prompt]{c: c, facts: &c.prompts, list: planPrompts, what: "the list of prompts", thing: "prompt",
		optional: true, decode: c.prompt, row: twstools.PromptRow, fields: twstools.PromptFields, paths: workstationFields,
		known: func(twstools.Prompt) bool { return true }}.read(ctx, q)
	if fault.Is(err, fault.Unsupported) && absent(err) {
		return list, fault.Wrap(fault.Unsupported, err, "This level of engine does not offer the list of prompts.").
			WithHint("Prompts came with 10.2; a job's own prompt dependencies still show.").WithSource("engine:" + c.opts.Name)
	}
	return list, err
}

// get reads one object by its own path, and where the server lacks that path, by searching the list for its id.
func (l lister[T]) get(ctx context.Context, ref twstools.Ref) (T, error) {
	var none T
	if err := l.c.owns(ref); err != nil {
		return none, err
	}
	works, known := l.facts.byID.get()
	if works || !known {
		r, err := newRequest(l.one, ref.ID, nil)
		if err != nil {
			return none, err
		}
		r.what = "the " + l.thing
		o, err := l.c.getObject(ctx, r)
		if err == nil {
			l.facts.byID.learn(true)
			if identity(o) == "" {
				o["id"] = ref.ID
			}
			return l.decode(o, true), nil
		}
		if status(err) >= http.StatusInternalServerError && status(err) != http.StatusNotImplemented && ctx.Err() == nil {
			// The list may still know what the engine fails to show alone; if not, the first error is the one to tell.
			if item, listErr := l.search(ctx, ref.ID); listErr == nil {
				return item, nil
			}
			return none, err
		}
		if !l.mayBeListed(err, works) {
			return none, err
		}
	}
	item, err := l.search(ctx, ref.ID)
	if err == nil {
		l.facts.byID.learn(false)
	}
	return item, err
}

// mayBeListed reports whether a failed read by id leaves hope for the list: the path seems to be missing, rather than the object.
func (l lister[T]) mayBeListed(err error, works bool) bool {
	if errors.Is(err, errEmpty) { // an empty list where an object was asked
		return true
	}
	if e, ok := refusedAs(err); !ok || e.says("AWSJDB101E") {
		return false
	}
	switch status(err) {
	case http.StatusMethodNotAllowed, http.StatusNotImplemented, http.StatusBadRequest: // the last: "not a UUID"
		return true
	}
	return absent(err) && !works
}

func (l lister[T]) search(ctx context.Context, id string) (T, error) {
	var none T
	list, err := l.read(ctx, twstools.ListQuery{Where: query.Is("id", id), Limit: 2})
	if err != nil {
		return none, err
	}
	if len(list.Items) > 0 {
		return list.Items[0], nil
	}
	return none, fault.New(fault.NotFound, "The engine has no such %s in its plan.", l.thing).
		WithHint("It may belong to an earlier plan.").WithSource("engine:" + l.c.opts.Name)
}

// owns refuses references of another engine or dialect.
func (c *Client) owns(ref twstools.Ref) error {
	if ref.Engine != "" && ref.Engine != c.opts.Name || ref.Dialect != "" && ref.Dialect != dialect {
		return fault.New(fault.Invalid, "The reference belongs to another engine.").WithSource("engine:" + c.opts.Name)
	}
	return checkID(ref.ID)
}
