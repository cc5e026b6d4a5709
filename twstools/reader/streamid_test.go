package reader_test

import (
	"context"
	"testing"
	"testing/fstest"
	"time"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/reader"
	"github.com/resync-hwa/resync/twstools/world"
)

// plainRows is an engine whose rows of jobs carry no 16-character id, as real ones.
type plainRows struct{ twstools.Engine }

func (e plainRows) Jobs(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Job], error) {
	list, err := e.Engine.Jobs(ctx, q)
	for i := range list.Items {
		list.Items[i].JobStreamID = ""
	}
	return list, err
}

// The forms that our own answers print for two instances of one minute must lead back to the one that is meant.
func TestTheStreamsIDTellsInstancesApart(t *testing.T) {
	w, err := world.Load(fstest.MapFS{"w.yaml": {Data: []byte(`
clock: "06:00"
engine: {timezone: UTC}
workstations: [{name: SHOP1, type: FTA, states: [LINKED, RUNNING]}]
streams:
  - {name: TILL, key: T1, workstation: SHOP1, sched: "05:00", id: 0AAAAAAAAAAAAAT1, state: SUCC, jobs: [{name: POST, start: "05:00", ran: 1m}]}
  - {name: TILL, key: T2, workstation: SHOP1, sched: "05:00", id: 0AAAAAAAAAAAAAT2, state: SUCC, jobs: [{name: POST, start: "05:00", ran: 1m}]}
`)}}, clock)
	if err != nil {
		t.Fatal(err)
	}
	f := reader.NewFinder(plainRows{world.Engine(w, world.Options{})}, func(context.Context) *time.Location { return time.UTC }, func() time.Time { return clock })
	for target, want := range map[string]int{
		"SHOP1#TILL.POST":                                     2,
		"SHOP1#0AAAAAAAAAAAAAT2.POST;schedid":                 1,
		"SHOP1#TILL[(0500 03/17/26),(0AAAAAAAAAAAAAT2)].POST": 1,
		"SHOP1#TILL[(0412 03/17/26),(0AAAAAAAAAAAAAT2)].POST": 1, // the time became the start; the id stays
	} {
		found, err := f.Find(t.Context(), target, "", "")
		if err != nil || len(found.Jobs) != want {
			t.Errorf("%s: %d jobs, %v; want %d", target, len(found.Jobs), err, want)
		}
	}
	if _, err := f.Find(t.Context(), "SHOP1#0AAAAAAAAAAAAAT9.POST", "", ""); err == nil {
		t.Error("an id that no stream bears finds a job")
	}
}
