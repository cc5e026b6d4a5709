package plan

import (
	"context"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
)

func (f *fetcher) resource(ctx context.Context, d twstools.Dependency) {
	key := resourceKey(d.Workstation, d.Resource)
	if _, ok := f.g.resources[key]; ok || !f.spend() {
		return
	}
	page, err := f.src.Resources(ctx, twstools.ListQuery{Where: query.Is("name", d.Resource)})
	if err != nil {
		f.failed(err)
		return
	}
	for _, r := range page.Items {
		if d.Workstation != "" && r.Workstation != "" && !strings.EqualFold(r.Workstation, d.Workstation) {
			continue
		}
		f.g.resources[key] = r
		f.pushHolders(r)
		if untoldHolders(r, d) {
			f.unlisted(ctx, key, d, r)
		}
		return
	}
	f.g.Hidden = true // this account is not shown it (option enListSecChk)
	f.unlisted(ctx, key, d, twstools.Resource{Name: d.Resource, Folder: d.ResourceFolder, Workstation: d.Workstation, Quantity: d.UnitsTotal, Available: d.UnitsAvailable})
}

// untoldHolders reports whether units are in use and nobody is said to hold them.
func untoldHolders(r twstools.Resource, d twstools.Dependency) bool {
	return len(r.Holders) == 0 && (r.Quantity == nil || *r.Quantity > 0) && (r.Available == nil || *r.Available < max(d.Units, 1))
}

func (f *fetcher) pushHolders(r twstools.Resource) {
	for _, h := range r.Holders {
		// A holder is a job, or a job stream when the stream itself needs the resource.
		switch {
		case !h.JobRef.IsZero():
			f.push(h.JobRef, false)
		case !h.JobStreamRef.IsZero():
			f.push(h.JobStreamRef, true)
		}
	}
}

// How many running jobs that need a resource are read to find who holds one.
const maxAskedHolders = 8

// unlisted finds who holds units where the engine does not say: what runs and needs the resource holds its units. Names of resources are no filter
// for an account that is not shown them, so the running jobs with such needs are read.
func (f *fetcher) unlisted(ctx context.Context, key string, d twstools.Dependency, r twstools.Resource) {
	if !f.spend() {
		return
	}
	page, err := f.src.Jobs(ctx, twstools.ListQuery{Limit: 200, Where: query.Is("jobruns.commonStatus", "RUNNING")})
	if err != nil {
		f.failed(err)
		return
	}
	asked := 0
	for i := range page.Items {
		j := &page.Items[i]
		if n, told := j.DependencyCounts[twstools.DepResource]; told && n == 0 || PhaseOf(j.Status) != Running {
			continue
		}
		if asked++; asked > maxAskedHolders {
			break
		}
		if n := f.job(ctx, j.Ref); n != nil && slices.ContainsFunc(n.Job.Dependencies, func(h twstools.Dependency) bool {
			return h.Type == twstools.DepResource && strings.EqualFold(h.Resource, d.Resource) && (h.Workstation == "" || strings.EqualFold(h.Workstation, d.Workstation))
		}) {
			r.Holders = append(r.Holders, twstools.Holder{Job: j.Name, JobStream: j.Stream, JobRef: j.Ref})
		}
	}
	if len(r.Holders) > 0 {
		f.g.resources[key] = r
	}
}

func resourceKey(workstation, name string) string {
	return strings.ToUpper(workstation + "#" + name)
}

func (f *fetcher) prompt(ctx context.Context, d twstools.Dependency) {
	key := promptKey(d)
	if _, ok := f.g.prompts[key]; ok || d.Prompt == "" || !f.spend() {
		return
	}
	page, err := f.src.Prompts(ctx, twstools.ListQuery{Where: query.Is("name", d.Prompt)})
	if err != nil {
		f.failed(err)
		return
	}
	for _, p := range page.Items {
		if d.PromptNumber == nil || p.Number == nil || *d.PromptNumber == *p.Number {
			f.g.prompts[key] = p
			return
		}
	}
}

func promptKey(d twstools.Dependency) string {
	return strings.ToUpper(twstools.PromptEntity("", d.Prompt, d.PromptNumber).String(nil))
}

// occupied sees why a READY job may not be let in: how many jobs run on a workstation that has a limit, and for a pool which agents have run
// its jobs, since no list names the members of one.
func (f *fetcher) occupied(ctx context.Context, name string) {
	w, ok := f.g.Workstation(name)
	key := strings.ToUpper(name)
	if _, counted := f.g.executing[key]; counted || !ok || !isPool(w) && (w.Limit == nil || *w.Limit <= 0) || !f.spend() {
		return
	}
	where := query.And{twstools.AtWorkstation("workstation", name)}
	if !isPool(w) {
		where = append(where, query.Is("jobruns.compositeStatus.status", "EXEC"))
	}
	page, err := f.src.Jobs(ctx, twstools.ListQuery{Limit: 1000, Where: where})
	if err != nil {
		f.failed(err)
		return
	}
	n := 0
	for _, j := range page.Items {
		if PhaseOf(j.Status) == Running {
			n++
		}
		for _, r := range j.Runs {
			if at := strings.ToUpper(r.ActualWorkstation); isPool(w) && at != "" && at != key && !slices.Contains(f.g.members[key], at) {
				f.g.members[key] = append(f.g.members[key], at)
			}
		}
	}
	slices.Sort(f.g.members[key])
	f.g.executing[key] = n
}
