package reader_test

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/reader"
)

// What is made of a list is made once for each reading of it, however many want it at once, and anew for another reading, form or page.
func TestAViewIsMadeOncePerReading(t *testing.T) {
	e, at := newEngine(t, night, clock), &moving{}
	r := open(t, reader.Options{Engine: e, Clock: at.now, Interval: time.Hour})
	var looks atomic.Int64
	ask := func(form any, q twstools.ListQuery) string {
		t.Helper()
		ctx, marks := reader.WithMarks(t.Context())
		names, err := reader.ViewJobs(ctx, r, q, form, func(l twstools.List[twstools.Job]) string {
			looks.Add(1)
			var names []string
			for _, j := range l.Items {
				names = append(names, j.Name)
			}
			return strings.Join(names, " ")
		})
		if err != nil || marks.FetchedAt().IsZero() {
			t.Errorf("%v; fetched at %v", err, marks.FetchedAt())
		}
		return names
	}
	all := twstools.ListQuery{Limit: 100}
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			if got := ask("names", all); got != "ONE TWO THREE ONE BAD" {
				t.Errorf("the view is %q", got)
			}
		})
	}
	wg.Wait()
	for _, step := range []struct {
		why   string
		move  time.Duration
		form  any
		q     twstools.ListQuery
		want  string
		looks int64
	}{
		{"64 at once", 0, "names", all, "ONE TWO THREE ONE BAD", 1},
		{"a copy changes nothing", 0, "names", all, "ONE TWO THREE ONE BAD", 1},
		{"another form", 0, "other", all, "ONE TWO THREE ONE BAD", 2},
		{"another page", 0, "names", twstools.ListQuery{Limit: 2, Offset: 1}, "TWO THREE", 3},
		{"the same page", 0, "names", twstools.ListQuery{Limit: 2, Offset: 1}, "TWO THREE", 3},
		{"another reading", 3 * time.Hour, "names", all, "ONE TWO THREE ONE BAD", 4},
	} {
		at.move(step.move)
		list, err := r.Jobs(t.Context(), step.q)
		if err != nil {
			t.Fatal(err)
		}
		list.Items[0].Name = "SPOILT" // who reads the list has a copy of their own
		if got := ask(step.form, step.q); got != step.want || looks.Load() != step.looks {
			t.Errorf("%s: the view is %q after %d looks, want %q after %d", step.why, got, looks.Load(), step.want, step.looks)
		}
	}
	for form := range 20 { // many forms: those that are not kept are right too
		if got := ask(form, all); got != "ONE TWO THREE ONE BAD" {
			t.Errorf("form %d is %q", form, got)
		}
	}
	before := looks.Load()
	e.failWith(fault.New(fault.UpstreamUnavailable, "away"))
	at.move(3 * time.Hour) // too old to stand in
	if _, err := reader.ViewJobs(t.Context(), r, all, "names", func(twstools.List[twstools.Job]) int { looks.Add(1); return 1 }); !fault.Is(err, fault.UpstreamUnavailable) || looks.Load() != before {
		t.Errorf("an engine that is away gave %v, and %d looks at nothing", err, looks.Load()-before)
	}
}

// A view stands in for an engine that is away as the list itself would, with the mark.
func TestAViewOfAnEngineThatIsAwayIsMarked(t *testing.T) {
	e, at := newEngine(t, night, clock), &moving{}
	r := open(t, reader.Options{Engine: e, Clock: at.now})
	looks := 0
	ask := func() (int, *reader.Marks, error) {
		ctx, marks := reader.WithMarks(t.Context())
		n, err := reader.ViewWorkstations(ctx, r, twstools.ListQuery{}, "count", func(l twstools.List[twstools.Workstation]) int {
			looks++
			return len(l.Items)
		})
		return n, marks, err
	}
	if n, marks, err := ask(); n != 2 || err != nil || !marks.FetchedAt().Equal(clock) {
		t.Fatalf("%d workstations, %v, fetched at %v", n, err, marks.FetchedAt())
	}
	e.failWith(fault.New(fault.UpstreamUnavailable, "away"))
	at.move(2 * time.Minute)
	n, marks, err := ask()
	if stale, _ := marks.Stale(); n != 2 || err != nil || !stale || !marks.FetchedAt().Equal(clock) || looks != 1 {
		t.Errorf("%d workstations, %v, stale %v, fetched at %v, %d looks", n, err, stale, marks.FetchedAt(), looks)
	}
}

// Over an engine that keeps nothing a view is made at each call, and an error is the engine's.
func TestAViewOfAnEngineThatKeepsNothing(t *testing.T) {
	e := newEngine(t, night, clock)
	looks := 0
	for range 2 {
		streams, err := reader.ViewJobStreams(t.Context(), e, twstools.ListQuery{}, "count", func(l twstools.List[twstools.JobStream]) int { looks++; return len(l.Items) })
		prompts, err2 := reader.ViewPrompts(t.Context(), e, twstools.ListQuery{}, "count", func(l twstools.List[twstools.Prompt]) int { looks++; return len(l.Items) })
		if streams != 2 || prompts != 1 || errors.Join(err, err2) != nil {
			t.Errorf("%d job streams, %d prompts, %v", streams, prompts, errors.Join(err, err2))
		}
	}
	e.failWith(fault.New(fault.Timeout, "slow"))
	if _, err := reader.ViewJobStreams(t.Context(), e, twstools.ListQuery{}, "count", func(twstools.List[twstools.JobStream]) int { looks++; return 1 }); !fault.Is(err, fault.Timeout) || looks != 4 {
		t.Errorf("%v after %d looks", err, looks)
	}
}
