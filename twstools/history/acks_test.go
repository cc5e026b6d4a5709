package history_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/store"
	"github.com/resync-hwa/resync/internal/store/storetest"
	"github.com/resync-hwa/resync/twstools/history"
)

func acks(t *testing.T, db *store.DB, c *clock) *history.Acks {
	t.Helper()
	a, err := history.NewAcks(db, c.now)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func ack(id string, until time.Time) history.Ack {
	return history.Ack{Engine: "default", ID: id, Rule: "held", Entity: "LX1#PAY", Note: "held on purpose", ByID: "u1", ByName: "ana", Until: until}
}

func inForce(t *testing.T, a *history.Acks, engine string) string {
	t.Helper()
	all, err := a.InForce(t.Context(), engine)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, x := range all {
		out = append(out, x.ID+" "+x.ByName+" "+x.Note)
	}
	return strings.Join(out, "; ")
}

// The same promises on both databases: kept, replaced, run out by the clock, withdrawn, known by the next process, one engine apart from another.
func TestAcks(t *testing.T) {
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		db := on.Open(t, history.Room())
		c := &clock{t: monday}
		a := acks(t, db, c)
		put := func(x history.Ack) {
			t.Helper()
			if _, err := a.Put(t.Context(), x); err != nil {
				t.Fatal(err)
			}
		}
		put(ack("aaaaaaaaaaaa", monday.Add(48*time.Hour)))
		put(ack("bbbbbbbbbbbb", monday.Add(time.Hour)))
		north := ack("aaaaaaaaaaaa", monday.Add(time.Hour))
		north.Engine, north.Note = "north", "normal there"
		put(north)
		if got := inForce(t, a, "default"); got != "bbbbbbbbbbbb ana held on purpose; aaaaaaaaaaaa ana held on purpose" {
			t.Errorf("in force: %s", got)
		}
		renewed := ack("aaaaaaaaaaaa", monday.Add(72*time.Hour))
		renewed.Note, renewed.ByID, renewed.ByName = "  until the new\x1b[31m disks come ", "u2", "rui"
		put(renewed)
		c.advance(time.Hour)
		other := acks(t, db, c) // another process
		if got := inForce(t, other, "default"); got != "aaaaaaaaaaaa rui until the new disks come" {
			t.Errorf("after an hour: %s", got)
		}
		if got := inForce(t, other, "north"); got != "" {
			t.Errorf("north: %s, it has run out", got)
		}
		if err := other.Withdraw(t.Context(), "default", "bbbbbbbbbbbb", "u3", "eva"); !fault.Is(err, fault.NotFound) {
			t.Errorf("withdrawing what has run out: %v", err)
		}
		if err := other.Withdraw(t.Context(), "default", "aaaaaaaaaaaa", "u3", "eva"); err != nil {
			t.Fatal(err)
		}
		if got := inForce(t, a, "default"); got != "" {
			t.Errorf("withdrawn, and still in force: %s", got)
		}
		events, err := a.Trail(t.Context(), "default", 0)
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		for _, e := range events {
			lines = append(lines, e.At.Format("15:04")+" "+e.Action+" "+e.ID[:1]+" "+e.ByName)
		}
		if want := []string{"01:00 withdrawn a eva", "00:00 acknowledged a rui", "00:00 acknowledged b ana", "00:00 acknowledged a ana"}; !slices.Equal(lines, want) {
			t.Errorf("trail %q, want %q", lines, want)
		}
		if last, _ := a.Trail(t.Context(), "default", 1); len(last) != 1 {
			t.Errorf("%d lines, one was asked for", len(last))
		}
	})
}

func TestAcksRefuse(t *testing.T) {
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		a := acks(t, on.Open(t, history.Room()), &clock{t: monday})
		good := ack("aaaaaaaaaaaa", monday.Add(time.Hour))
		for name, change := range map[string]func(*history.Ack){
			"run-out":     func(x *history.Ack) { x.Until = monday },
			"for-ever":    func(x *history.Ack) { x.Until = monday.AddDate(2, 0, 0) },
			"no-note":     func(x *history.Ack) { x.Note = " \t " },
			"long-note":   func(x *history.Ack) { x.Note = strings.Repeat("ã", 501) },
			"no-id":       func(x *history.Ack) { x.ID = "" },
			"foreign-id":  func(x *history.Ack) { x.ID = "'; DROP TABLE" },
			"no-engine":   func(x *history.Ack) { x.Engine = "" },
			"capital-id":  func(x *history.Ack) { x.ID = "AAAAAAAAAAAA" },
			"id-of-eight": func(x *history.Ack) { x.ID = "aaaaaaaa" },
		} {
			bad := good
			change(&bad)
			if _, err := a.Put(t.Context(), bad); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v, want invalid", name, err)
			}
		}
		good.ByID = ""
		if _, err := a.Put(t.Context(), good); !fault.Is(err, fault.Unauthorized) {
			t.Errorf("nobody: %v, want unauthorized", err)
		}
		if got := inForce(t, a, "default"); got != "" {
			t.Errorf("in force: %s", got)
		}
	})
}

// Several at once lose nothing, and every one of them stands in the trail.
func TestAcksAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		a := acks(t, on.Open(t, history.Room()), &clock{t: monday})
		const n = 12
		var all sync.WaitGroup
		for i := range n {
			all.Go(func() {
				if _, err := a.Put(context.WithoutCancel(t.Context()), ack(fmt.Sprintf("%s%c", strings.Repeat("a", 11), 'a'+i), monday.Add(time.Hour))); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		got, err := a.InForce(t.Context(), "default")
		if err != nil || len(got) != n {
			t.Errorf("%d in force, %v", len(got), err)
		}
		events, err := a.Trail(t.Context(), "default", 0)
		if err != nil || len(events) != n {
			t.Errorf("%d in the trail, %v", len(events), err)
		}
	})
}
