package tools

import (
	"context"
	"slices"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
)

// Bounds of looking for who waits for something: lists tell no dependencies, so each that may wait is read by itself.
const (
	maxWaiterReads = 40
	maxWaiters     = 20 // shown for one thing
)

// WaiterRow is a job or job stream that waits for something.
type WaiterRow struct {
	Entity string `json:"entity"`
	Status string `json:"status"`
	Units  int    `json:"units,omitempty"`
}

// need is one open dependency of something that waits.
type need struct {
	waiter WaiterRow
	on     twstools.Dependency
}

// needsOf are the open dependencies of one type that waiting jobs and job streams have.
type needsOf struct {
	needs   []need
	missing []string
}

// statFields count dependencies by type; the engine compares them with = and != alone.
var statFields = map[twstools.DependencyType]string{
	twstools.DepResource: "dependenciesStats.numberOfResourceDependencies",
	twstools.DepPrompt:   "dependenciesStats.numberOfPromptDependencies",
	twstools.DepFile:     "dependenciesStats.numberOfFileDependencies",
}

// needs finds who waits for things of one type: those that wait and have such a dependency are listed, and each is read whole.
func (c *call) needs(ctx context.Context, typ twstools.DependencyType) needsOf {
	var out needsOf
	waiting := []query.Value{"WAITING", "READY", "HELD", "BLOCKED"}
	has := query.Term{Field: statFields[typ], Op: query.Ne, Values: []query.Value{int64(0)}}
	jobs, err := c.t.o.Engine.Jobs(ctx, twstools.ListQuery{Where: query.And{query.AnyOf("jobruns.commonStatus", waiting...), has}, Limit: 500})
	out.failed(err)
	streams, err := c.t.o.Engine.JobStreams(ctx, twstools.ListQuery{Where: query.And{query.AnyOf("commonStatus", waiting...), has}, Limit: 500})
	out.failed(err)
	reads := 0
	for _, j := range jobs.Items {
		if !j.DependenciesKnown {
			if reads++; reads > maxWaiterReads {
				break
			}
			if whole, err := c.t.o.Engine.Job(ctx, j.Ref); err == nil {
				j = whole
			} else {
				out.failed(err)
			}
		}
		out.add(WaiterRow{Entity: untrusted.Normalize(j.Entity().String(c.zone)), Status: untrusted.Normalize(j.Status.Display())}, typ, j.Dependencies)
	}
	for _, s := range streams.Items {
		if !s.DependenciesKnown {
			if reads++; reads > maxWaiterReads {
				break
			}
			if whole, err := c.t.o.Engine.JobStream(ctx, s.Ref); err == nil {
				s = whole
			} else {
				out.failed(err)
			}
		}
		out.add(WaiterRow{Entity: untrusted.Normalize(s.Entity().String(c.zone)), Status: untrusted.Normalize(s.Status.Display())}, typ, s.Dependencies)
	}
	if reads > maxWaiterReads || jobs.Incomplete || streams.Incomplete {
		out.missing = append(out.missing, "plan:current: Not all that may wait were looked at; diagnose_job on one of them says what it waits for.")
	}
	return out
}

func (n *needsOf) failed(err error) {
	if err == nil {
		return
	}
	if line := "plan:current: " + fault.Public(err).Message; !slices.Contains(n.missing, line) {
		n.missing = append(n.missing, line)
	}
}

func (n *needsOf) add(w WaiterRow, typ twstools.DependencyType, all []twstools.Dependency) {
	for _, d := range all {
		n.add(w, typ, d.Members)
		if open, _ := d.Open(); d.Type == typ && open {
			w.Units = d.Units
			n.needs = append(n.needs, need{w, d})
		}
	}
}

// on gives those whose need fits, each once, and how many they are in all.
func (n *needsOf) on(fits func(twstools.Dependency) bool) ([]WaiterRow, int) {
	var out []WaiterRow
	for _, one := range n.needs {
		if fits(one.on) && !slices.Contains(out, one.waiter) {
			out = append(out, one.waiter)
		}
	}
	return out[:min(maxWaiters, len(out))], len(out)
}

// samePlace reports whether two workstations are the same, or one of them was not told.
func samePlace(a, b string) bool {
	return a == "" || b == "" || twstools.DisplayName(a) == twstools.DisplayName(b)
}
