package plan_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/plan"
	"github.com/resync-hwa/resync/twstools/world"
)

// shallow is an engine that ignores the depth of a neighbour query, and counts those queries.
type shallow struct {
	twstools.Engine
	ignore bool
	calls  int
}

func (s *shallow) Neighbours(ctx context.Context, q twstools.NeighbourQuery) ([]twstools.Neighbour, error) {
	s.calls++
	if s.ignore {
		q.Depth = 1
	}
	return s.Engine.Neighbours(ctx, q)
}

// fan makes a failed job with a chain of n jobs behind it in one stream, and a stream that follows it.
func fan(n int) *world.World {
	w := chain(n)
	after := twstools.JobStream{Ref: twstools.Ref{Engine: "default", Dialect: world.Dialect, ID: "after"}, Name: "AFTER", Workstation: "W", Status: twstools.Status{Internal: "HOLD", Common: "WAITING"}, SchedTime: now,
		DependenciesKnown: true, Dependencies: []twstools.Dependency{{Type: twstools.DepExternalJobStream, State: "UNSATISFIED", StreamRef: w.JobStreams[0].Ref, Stream: w.JobStreams[0].Name, StreamWorkstation: "W"}},
		Times: twstools.TimeRestrictions{Deadline: now.Add(-time.Minute)}}
	w.JobStreams = append(w.JobStreams, after)
	return w
}

// affected searches downstream of the first job.
func affected(t *testing.T, e *shallow, w *world.World, b plan.Budget) (names []string, late []string, complete bool) {
	t.Helper()
	g, err := plan.Fetch(t.Context(), e, now, time.UTC, []plan.Start{{Ref: w.Jobs[0].Ref}}, plan.Budget{})
	if err != nil {
		t.Fatal(err)
	}
	n, _ := g.Node(plan.JobID(w.Jobs[0].Ref))
	found, complete := plan.Downstream(t.Context(), e, g, []plan.From{{Node: n}}, now, b)
	for _, a := range found {
		names = append(names, a.Node.Entity().String(time.UTC))
		if a.Late {
			late = append(late, a.Node.Entity().String(time.UTC))
		}
	}
	slices.Sort(names)
	return names, late, complete
}

// TestDownstreamWithAndWithoutDepth: the same sufferers, whether the server honours a depth or not, and fewer reads when it does.
func TestDownstreamWithAndWithoutDepth(t *testing.T) {
	w := fan(12)
	deep, flat := &shallow{Engine: world.Engine(w, world.Options{})}, &shallow{Engine: world.Engine(w, world.Options{}), ignore: true}
	a, late, ok := affected(t, deep, w, plan.Budget{Reads: 200})
	b, _, ok2 := affected(t, flat, w, plan.Budget{Reads: 200})
	if !slices.Equal(a, b) || len(a) != 12 || !ok || !ok2 {
		t.Errorf("with depth %d %q, without %d %q, complete %v %v; want the same 12", len(a), a, len(b), b, ok, ok2)
	}
	if deep.calls >= flat.calls {
		t.Errorf("%d neighbour reads with depth, %d without", deep.calls, flat.calls)
	}
	if len(late) != 1 || late[0] != "W#AFTER[(0600 03/17/26)]" {
		t.Errorf("late = %q, want the stream whose deadline has passed", late)
	}
}

func TestDownstreamSaysWhenItsBudgetEnded(t *testing.T) {
	w := fan(12)
	names, _, complete := affected(t, &shallow{Engine: world.Engine(w, world.Options{}), ignore: true}, w, plan.Budget{Reads: 5})
	if complete || len(names) == 0 {
		t.Errorf("complete %v with %d names; want some, and no", complete, len(names))
	}
}

// TestVictimsCount: what a cause that is no job holds back suffers itself.
func TestVictimsCount(t *testing.T) {
	w := chain(3)
	e := world.Engine(w, world.Options{})
	g, err := plan.Fetch(t.Context(), e, now, time.UTC, []plan.Start{{Ref: w.Jobs[1].Ref}}, plan.Budget{})
	if err != nil {
		t.Fatal(err)
	}
	n, _ := g.Node(plan.JobID(w.Jobs[1].Ref))
	found, _ := plan.Downstream(t.Context(), e, g, []plan.From{{Node: n, Victim: true}}, now, plan.Budget{})
	if len(found) != 2 || found[0].Node != n || found[0].Hops != 1 || found[1].Hops != 2 {
		t.Errorf("found %s", fmt.Sprint(found))
	}
}
