package diagnose

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/plan"
	"github.com/resync-hwa/resync/twstools/query"
)

// maxFileWaiters is how many of those who wait for one file are explained; the others stand behind it like these.
const maxFileWaiters = 3

// fileAsked gives the file that a target names: a path, with or without its workstation, or a bare name that is said to be a file.
func (c *kase) fileAsked() (twstools.Entity, bool) {
	e, err := twstools.ParseEntity(c.req.Target, c.zone)
	switch {
	case err == nil && e.Type == twstools.EntityFile:
		return e, true
	case c.req.Kind == "file" && !strings.ContainsAny(c.req.Target, " \t"):
		return twstools.Entity{Type: twstools.EntityFile, Name: c.req.Target}, true
	}
	return twstools.Entity{}, false
}

// waitsForFile tells the dependencies on the file: by its whole path, or by its name where only that was typed.
func waitsForFile(e twstools.Entity) func(twstools.Dependency) bool {
	return func(d twstools.Dependency) bool {
		if d.Type != twstools.DepFile || e.Workstation != "" && !strings.EqualFold(d.Workstation, e.Workstation) {
			return false
		}
		return d.File == e.Name || path.Base(strings.ReplaceAll(d.File, `\`, "/")) == e.Name
	}
}

// file answers about a file by those who wait for it: a file is in the plan only as somebody's dependency. ok is false when nobody names it.
func (c *kase) file(ctx context.Context, e twstools.Entity) (r Report, ok bool) {
	fits := waitsForFile(e)
	s := c.object(ctx, e, "", "entity")
	c.waitFor(ctx, e, twstools.DepFile, fits)
	var starts []plan.Start
	for _, n := range c.graph.Nodes() {
		deps, _ := n.Dependencies()
		i := slices.IndexFunc(deps, fits)
		if i < 0 {
			continue
		}
		e.Workstation, e.Name, s.Status = deps[i].Workstation, deps[i].File, deps[i].FileState
		if n.Stream != nil {
			starts = append(starts, plan.Start{Ref: n.Stream.Ref, JobStream: true})
		} else {
			starts = append(starts, plan.Start{Ref: n.Job.Ref})
		}
	}
	if len(starts) == 0 {
		return c.fileListed(ctx, e)
	}
	s.Entity, s.Name, s.Workstation, s.Ref = c.name(e), e.Name, e.Workstation, Ref(c.d.o.Name, e, twstools.Ref{})
	g, err := plan.Fetch(ctx, c.d.o.Engine, c.now, c.zone, starts[:min(len(starts), maxFileWaiters)], plan.Budget{Reads: readsUp})
	for _, f := range g.Failures {
		c.failed(f)
	}
	if err != nil && !canGoOn(err) {
		return Report{}, false
	}
	c.graph = g
	for _, start := range starts {
		if n, read := g.Node(nodeID(start)); read {
			c.wait(ctx, n)
		}
	}
	// What else those who wait for it wait for was not asked about.
	if of := func(x answer.Cause) bool { return x.Entity == s.Entity }; slices.ContainsFunc(c.out.Causes, of) {
		c.out.Causes = slices.DeleteFunc(c.out.Causes, func(x answer.Cause) bool { return !of(x) })
	}
	r, err = c.finish(ctx, s, e)
	return r, err == nil
}

// fileListed answers about a file that nobody waits for any more, where the engine lists files.
func (c *kase) fileListed(ctx context.Context, e twstools.Entity) (Report, bool) {
	page, err := twstools.CapabilitiesOf(c.d.o.Engine).Files.Files(ctx, twstools.ListQuery{Where: query.Is("name", e.Name), Limit: 50})
	if err != nil {
		return Report{}, false
	}
	for _, f := range page.Items {
		if f.Name != e.Name || e.Workstation != "" && !strings.EqualFold(f.Workstation, e.Workstation) {
			continue
		}
		e.Workstation = f.Workstation
		s := c.object(ctx, e, f.Status, "entity")
		c.ev.field(plan.Fact{Source: "file:" + c.name(e), Name: "status", Value: f.Status})
		c.out.Verdict = answer.NoProblem
		r, err := c.finish(ctx, s, e)
		return r, err == nil
	}
	return Report{}, false
}
