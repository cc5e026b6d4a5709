package tools

import (
	"context"
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
)

// FileUse is a file that is waited for.
type FileUse struct {
	Entity      string      `json:"entity"`
	Name        string      `json:"name"`
	Workstation string      `json:"workstation,omitempty"`
	Qualifier   string      `json:"qualifier,omitempty"`
	Status      string      `json:"status,omitempty" doc:"Exists, Unavailable, Checking, Not Checked … as sent"`
	Waiters     []WaiterRow `json:"waiting,omitempty"`
	Waiting     int         `json:"waiting_total,omitempty"`
}

func (c *call) shownResources(ctx context.Context, items []twstools.Resource, of Selection, out *Shown[ResourceUse]) {
	needs := c.asked(ctx, of.Deps && len(items) > 0, twstools.DepResource, &out.Missing)
	for _, r := range items {
		row := ResourceUse{ResourceRow: c.resourceRow(r)}
		row.Waiters, row.Waiting = needs.on(func(d twstools.Dependency) bool {
			return strings.EqualFold(d.Resource, r.Name) && samePlace(d.Workstation, r.Workstation)
		})
		out.Rows = append(out.Rows, row)
	}
}

func (c *call) shownPrompts(ctx context.Context, items []twstools.Prompt, of Selection, out *Shown[PromptUse]) {
	needs := c.asked(ctx, of.Deps && len(items) > 0, twstools.DepPrompt, &out.Missing)
	for _, p := range items {
		row := PromptUse{PromptRow: c.promptRow(p)}
		row.Waiters, row.Waiting = needs.on(func(d twstools.Dependency) bool { return asks(d, p) })
		out.Rows = append(out.Rows, row)
	}
}

// asked reads who waits, when somebody wants to know it.
func (c *call) asked(ctx context.Context, wanted bool, typ twstools.DependencyType, missing *[]string) needsOf {
	if !wanted {
		return needsOf{}
	}
	n := c.needs(ctx, typ)
	*missing = append(*missing, n.missing...)
	return n
}

// ShowFiles lists the files that jobs and job streams wait for. An engine that has no such list is asked for what waits, and for what each waits: files
// that nobody waits for any more are not seen then.
func (t *Tools) ShowFiles(ctx context.Context, of Selection) (Shown[FileUse], error) {
	var unlisted error
	var known []twstools.FileWait
	read := func(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.FileWait], error) {
		list, err := twstools.CapabilitiesOf(t.o.Engine).Files.Files(ctx, q)
		if !fault.Is(err, fault.Unsupported) && !fault.Is(err, fault.UpstreamDenied) {
			return list, err
		}
		unlisted = err
		if known == nil {
			known = t.filesWaitedFor(ctx)
		}
		var fit []twstools.FileWait
		for _, f := range known {
			if q.Where == nil || query.Eval(q.Where, twstools.FileRow(f)) {
				fit = append(fit, f)
			}
		}
		return twstools.List[twstools.FileWait]{Items: fit, Total: -1, Incomplete: true}, nil
	}
	return show(ctx, t, query.Files, of, read, nil, func(c *call, ctx context.Context, items []twstools.FileWait, of Selection, out *Shown[FileUse]) {
		if unlisted != nil {
			out.Missing = append(out.Missing, "engine:"+t.o.Name+": "+fault.Public(unlisted).Message+" Shown are the files that waiting jobs and job streams name.")
		}
		needs := c.asked(ctx, of.Deps && len(items) > 0, twstools.DepFile, &out.Missing)
		for _, f := range items {
			row := FileUse{Entity: untrusted.Normalize(fileEntity(f).String(c.zone)), Name: untrusted.Normalize(f.Name), Workstation: untrusted.Normalize(f.Workstation), Qualifier: untrusted.Normalize(f.Qualifier),
				Status: untrusted.Normalize(f.Status)}
			row.Waiters, row.Waiting = needs.on(func(d twstools.Dependency) bool { return d.File == f.Name && samePlace(d.Workstation, f.Workstation) })
			out.Rows = append(out.Rows, row)
		}
	})
}

func fileEntity(f twstools.FileWait) twstools.Entity {
	return twstools.Entity{Type: twstools.EntityFile, Workstation: f.Workstation, Name: f.Name}
}

// filesWaitedFor gathers the files that open dependencies name, each file, place and qualifier once.
func (t *Tools) filesWaitedFor(ctx context.Context) []twstools.FileWait {
	c := &call{t: t, zone: t.planZone(ctx)}
	out := []twstools.FileWait{}
	seen := map[twstools.FileWait]bool{}
	for _, n := range c.needs(ctx, twstools.DepFile).needs {
		f := twstools.FileWait{Name: n.on.File, Workstation: n.on.Workstation, Qualifier: n.on.FileQualifier, Status: n.on.FileState}
		if !seen[f] {
			seen[f] = true
			out = append(out, f)
		}
	}
	return out
}
