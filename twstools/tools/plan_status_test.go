package tools_test

import (
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/reader"
	"github.com/resync-hwa/resync/twstools/tools"
	"github.com/resync-hwa/resync/twstools/world"
)

// clocked is an engine whose now a test chooses.
type clocked struct {
	twstools.Engine
	now func() time.Time
}

func (e clocked) PlanNow() (time.Time, bool) { return e.now(), false }

// page gives what asks for the page of a plan, from an engine with a reader in front and from the engine itself.
func page(t *testing.T, w *world.World, at *time.Time) (kept, bare func() tools.PlanStatusOut) {
	t.Helper()
	ours := func() time.Time { return now }
	e := clocked{world.Engine(w, world.Options{}), func() time.Time { return *at }}
	r, err := reader.Open(reader.Options{Engine: e, Name: "default", Clock: ours, Interval: 24 * time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	asking := func(e twstools.Engine) func() tools.PlanStatusOut {
		all := tools.New(tools.Options{Engine: e, Name: "default", Mode: "mock", API: "v2", Clock: ours})
		return func() tools.PlanStatusOut {
			reply, err := all.PlanStatus(t.Context(), tools.PlanStatusIn{})
			if err != nil {
				t.Fatal(err)
			}
			return reply.Data
		}
	}
	return asking(r), asking(e)
}

// The page of a plan that was read before tells what one that was just read does, also of jobs that have run too long only since.
func TestPlanStatusFromMemoryIsTheSame(t *testing.T) {
	at := now
	kept, bare := page(t, world.Big(5000, now), &at)
	slow := 0
	for _, later := range []time.Duration{0, time.Hour, 10 * time.Minute} {
		at = now.Add(later)
		want := bare()
		for range 2 {
			if got := kept(); !reflect.DeepEqual(got, want) {
				t.Errorf("%s later the page from memory is\n%+v\nwant\n%+v", later, got, want)
			}
		}
		if n := want.NeedsPersonTotal; n <= slow && later != 10*time.Minute || n >= slow && later == 10*time.Minute {
			t.Errorf("%s later %d need a person, and %d did before: the hour counts for nothing", later, n, slow)
		} else {
			slow = n
		}
	}
	spoilt := kept()
	for i := range spoilt.Workstations {
		spoilt.Workstations[i].Entity = "SPOILT"
	}
	for i := range spoilt.NeedsPerson {
		spoilt.NeedsPerson[i].Entity = "SPOILT"
	}
	if got, want := kept(), bare(); !reflect.DeepEqual(got, want) {
		t.Error("who changes a page changes the next one's")
	}
}

// What the page costs does not grow with what fails and runs in the plan: the rows of these are made once for each reading of it. Allocations are
// counted, for they are the same on every machine.
func TestPlanStatusIsReckonedOncePerReading(t *testing.T) {
	at := now
	cost := func(failed int) (allocations float64, needs int) {
		w := world.Big(1500, now)
		for i := range w.Jobs[:failed] {
			j := &w.Jobs[i]
			j.Status = twstools.Status{Internal: "ABEND", Common: "ERROR"}
			j.Runs = []twstools.Run{{ID: j.Ref.ID, Status: j.Status, Start: now.Add(-time.Hour), End: now.Add(-time.Minute)}}
		}
		ask, _ := page(t, w, &at)
		needs = ask().NeedsPersonTotal
		return testing.AllocsPerRun(20, func() { ask() }), needs
	}
	few, fewNeed := cost(100)
	many, manyNeed := cost(900)
	t.Logf("%.0f allocations where %d need a person, %.0f where %d do", few, fewNeed, many, manyNeed)
	if manyNeed != fewNeed+800 {
		t.Fatalf("%d need a person in one plan, %d in the other, want 800 more", fewNeed, manyNeed)
	}
	if many > few+200 {
		t.Errorf("%.0f allocations where %d need a person, %.0f where %d do: rows are made at each look again", few, fewNeed, many, manyNeed)
	}
}

// Lists are cut from what the reader keeps, without a copy: many who read at once get the same as one who reads alone, and the race detector sees
// whoever writes into it.
func TestListsOfManyReadersAreTheSame(t *testing.T) {
	r, err := reader.Open(reader.Options{Engine: world.Engine(world.Big(3000, now), world.Options{}), Name: "default", Clock: func() time.Time { return now }, Interval: 24 * time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	s := set(t, r)
	calls := [][2]string{{"plan_status", `{}`}, {"find_jobs", `{}`}, {"find_jobs", `{"page_size":100}`}, {"find_jobs", `{"status":["ABEND","EXEC"]}`}, {"find_jobs", `{"late":true}`}, {"find_job_streams", `{"page_size":50}`},
		{"find_job_streams", `{"status":["EXEC"]}`}, {"list_workstations", `{}`}, {"list_workstations", `{"problem":true}`}, {"list_prompts", `{}`}, {"what_changed", `{"since":"2h"}`}}
	said := func(i int) string {
		r := s.Call(t.Context(), calls[i][0], []byte(calls[i][1]))
		if r.Error != nil {
			t.Errorf("%v: %v", calls[i], r.Error)
			return ""
		}
		return string(r.Envelope.Data)
	}
	alone := make([]string, len(calls))
	for i := range calls {
		alone[i] = said(i)
	}
	var many sync.WaitGroup
	for n := range 4 * len(calls) {
		many.Go(func() {
			if i := n % len(calls); said(i) != alone[i] {
				t.Errorf("%v among many says something else than alone", calls[i])
			}
		})
	}
	many.Wait()
}
