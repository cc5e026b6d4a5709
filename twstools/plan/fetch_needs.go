package plan

import (
	"context"
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
		for _, h := range r.Holders {
			// A holder is a job, or a job stream when the stream itself needs the resource.
			switch {
			case !h.JobRef.IsZero():
				f.push(h.JobRef, false)
			case !h.JobStreamRef.IsZero():
				f.push(h.JobStreamRef, true)
			}
		}
		return
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

// countRunning counts what runs on a workstation that has a limit: a READY job may wait for a free place.
func (f *fetcher) countRunning(ctx context.Context, name string) {
	w, ok := f.g.Workstation(name)
	if _, counted := f.g.executing[strings.ToUpper(name)]; counted || !ok || w.Limit == nil || *w.Limit <= 0 || !f.spend() {
		return
	}
	page, err := f.src.Jobs(ctx, twstools.ListQuery{Limit: 1000, Where: query.And{
		twstools.AtWorkstation("workstation", name), query.Is("jobruns.compositeStatus.status", "EXEC")}})
	if err != nil {
		f.failed(err)
		return
	}
	n := 0
	for _, j := range page.Items {
		if PhaseOf(j.Status) == Running {
			n++
		}
	}
	f.g.executing[strings.ToUpper(name)] = n
}
