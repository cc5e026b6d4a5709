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
	alone        verdict // the earlier runs of a job are nowhere to be found
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

// maxChains bounds how many jobs of one list have their other runs looked for.
const maxChains = 20

// chainKey names the job that a row is a run of.
func chainKey(j twstools.Job) string {
	stream := j.StreamRef.ID
	if stream == "" {
		stream = j.StreamWorkstation + "#" + j.StreamFolder + "/" + j.Stream + "@" + j.SchedTime.String()
	}
	return stream + "\x00" + j.Name
}

// linked reports whether a row is one of several of its job, as far as it says so itself: earlier is one that is not the last, rerun one that is not
// the first.
func linked(j twstools.Job) (earlier, rerun bool) {
	for _, r := range j.Runs {
		earlier = earlier || r.LastInRerunChain != nil && !*r.LastInRerunChain
		rerun = rerun || r.RerunType != "" && r.RerunType != "REGULAR"
	}
	return earlier, rerun
}

// fold makes one job of the rows of its runs. V1 may list a job once, or once for each run; the mark of the last run tells them apart. Runs that the
// filter or the end of the page left out are read, for a few jobs; an old run is never given for the job itself.
func (v *v1) fold(l lister[twstools.Job]) func(context.Context, []found[twstools.Job], filter) ([]found[twstools.Job], bool, error) {
	return func(ctx context.Context, rows []found[twstools.Job], f filter) ([]found[twstools.Job], bool, error) {
		at := map[string]int{}
		var out []found[twstools.Job]
		var changed []bool
		for _, r := range rows {
			earlier, rerun := linked(r.item)
			if earlier {
				v.jobs.apart.learn(true)
			}
			key := chainKey(r.item)
			i, seen := at[key]
			if !seen {
				at[key] = len(out)
				out, changed = append(out, r), append(changed, false)
				continue
			}
			if e, re := linked(out[i].item); !earlier && !rerun && !e && !re { // two jobs of one name that say nothing of runs
				out, changed = append(out, r), append(changed, false)
				continue
			}
			out[i], changed[i] = joinRows(out[i], r), true
		}
		kept, tried, short := out[:0:0], 0, false
		for i, r := range out {
			if v.incomplete(r.item) {
				if tried++; tried <= maxChains {
					whole, err := v.chain(ctx, l, r.item)
					if err != nil {
						return nil, false, err
					}
					if len(whole.Runs) > len(r.item.Runs) {
						r.item, r.id, changed[i] = whole, whole.Ref.ID, true
					}
				}
			}
			if earlier, _ := linkedLast(r.item); earlier {
				short = true
				continue
			}
			if changed[i] {
				number(r.item.Runs)
				r.is = f.evaluate(l.row(r.item), r.sent, l.known(r.item))
			}
			kept = append(kept, r)
		}
		return kept, short, nil
	}
}

// incomplete reports whether runs of the job are known to be missing.
func (v *v1) incomplete(j twstools.Job) bool {
	if alone, known := v.alone.get(); known && alone {
		return false
	}
	if earlier, _ := linkedLast(j); earlier {
		return true
	}
	return len(j.Runs) > 0 && j.Runs[0].RerunType != "" && j.Runs[0].RerunType != "REGULAR"
}

// linkedLast looks at the last run alone.
func linkedLast(j twstools.Job) (earlier, rerun bool) {
	if len(j.Runs) == 0 {
		return false, false
	}
	j.Runs = j.Runs[len(j.Runs)-1:]
	return linked(j)
}

// joinRows puts the runs of two rows together; the later row is the job.
func joinRows(a, b found[twstools.Job]) found[twstools.Job] {
	runs := slices.Concat(a.item.Runs, b.item.Runs)
	oldestFirst(runs)
	if slices.ContainsFunc(runs, func(r twstools.Run) bool { return marked(r) }) {
		slices.SortStableFunc(runs, func(x, y twstools.Run) int { // the mark decides about the last one
			return map[bool]int{true: 1}[marked(x)] - map[bool]int{true: 1}[marked(y)]
		})
	}
	last := b
	if len(runs) > 0 && len(a.item.Runs) > 0 && runs[len(runs)-1].ID == a.item.Runs[len(a.item.Runs)-1].ID {
		last = a
	}
	if len(a.item.Runs) == 0 && len(b.item.Runs) > 0 { // a rerun that has not begun is the job as it stands now
		last = a
	} else if len(b.item.Runs) == 0 {
		last = b
	}
	last.item.Runs = runs
	last.is = max(a.is, b.is)
	return last
}

// number counts the attempts of a job whose runs are all there; without the first one nothing is to be counted from.
func number(runs []twstools.Run) {
	if len(runs) > 0 && runs[0].RerunType != "" && runs[0].RerunType != "REGULAR" {
		return
	}
	for i := range runs {
		if runs[i].Attempt == 0 {
			runs[i].Attempt = i + 1
		}
	}
}

// chain reads the other runs of a job whose row shows that there are some.
func (v *v1) chain(ctx context.Context, l lister[twstools.Job], j twstools.Job) (twstools.Job, error) {
	if !v.incomplete(j) {
		number(j.Runs)
		return j, nil
	}
	where := query.And{query.Is("name", j.Name), query.Is("jobStreamName", j.Stream)}
	if !j.SchedTime.IsZero() {
		where = append(where, query.Is("schedTime", j.SchedTime))
	}
	plain := l
	plain.fold = nil
	rows, err := plain.gather(ctx, l.talk.part(where), filter{}, 0, defaultLimit)
	if err != nil {
		return j, err
	}
	whole := found[twstools.Job]{item: j}
	seen := map[string]bool{}
	for _, r := range j.Runs {
		seen[r.ID] = true
	}
	others := 0
	for _, r := range rows.rows {
		if chainKey(r.item) != chainKey(j) || r.item.Ref == j.Ref || len(r.item.Runs) > 0 && seen[r.item.Runs[0].ID] {
			continue
		}
		others++
		deps, known := whole.item.Dependencies, whole.item.DependenciesKnown
		if whole = joinRows(whole, r); known && !whole.item.DependenciesKnown {
			whole.item.Dependencies, whole.item.DependenciesKnown = deps, known
		}
	}
	if earlier, _ := linked(j); others == 0 && !earlier {
		v.alone.learn(true)
	}
	number(whole.item.Runs)
	return whole.item, nil
}

// unsupported says what V1 cannot tell.
func (v *v1) unsupported(format string, args ...any) *fault.Error {
	return v.source(fault.New(fault.Unsupported, format, args...))
}
