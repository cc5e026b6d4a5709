package conversationstest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/internal/fault"
)

// One holder at a time; a killed one's lease runs out, and when it comes back late it is refused.
func leases(t *testing.T, open Open) {
	node := open(t, conversations.Bounds{})
	s, other := node(), node()
	ctx := t.Context()
	create(t, s, "ana", "c1", start) // held by me until start + 1 h
	hold := func(s conversations.Store, who string, at time.Time) error {
		_, err := s.Hold(ctx, "ana", "c1", conversations.Lease{Holder: who, Until: at.Add(time.Hour)}, at)
		return err
	}
	coded(t, "a second holder", hold(other, "b", start.Add(time.Hour-time.Millisecond)), fault.Conflict)
	if err := hold(s, me, start.Add(30*time.Minute)); err != nil {
		t.Fatalf("renewed: %v", err)
	}
	coded(t, "after a renewal", hold(other, "b", start.Add(80*time.Minute)), fault.Conflict)
	appended(t, s, "ana", "c1", TurnOf("m1", "q", "a", start))
	coded(t, "an append of another", other.Append(ctx, "ana", "c1", "b", TurnOf("m2", "q", "a", start)), fault.Conflict)
	coded(t, "an append of nobody", other.Append(ctx, "ana", "c1", "", TurnOf("m2", "q", "a", start)), fault.Conflict)
	late := start.Add(2 * time.Hour)
	appended(t, s, "ana", "c1", TurnOf("m2", "q", "a", start)) // run out, but nobody else came
	if err := hold(other, "b", late); err != nil {
		t.Fatalf("after it ran out: %v", err)
	}
	coded(t, "the one that was away", s.Append(ctx, "ana", "c1", me, TurnOf("m3", "q", "a", start)), fault.Conflict)
	coded(t, "its renewal", hold(s, me, late), fault.Conflict)
	if err := s.Free(ctx, "ana", "c1", me); err != nil {
		t.Errorf("giving back what one has no more: %v", err)
	}
	coded(t, "after that", hold(s, me, late), fault.Conflict)
	if err := other.Free(ctx, "ana", "c1", "b"); err != nil {
		t.Fatal(err)
	}
	if err := hold(s, me, late); err != nil {
		t.Errorf("after it was given back: %v", err)
	}
	same(t, "turns", ids(got(t, other, "ana", "c1").Turns), []string{"m1", "m2"})
}

// A turn is stopped from the node that runs it, and from another one.
func stop(t *testing.T, open Open) {
	node := open(t, conversations.Bounds{})
	s := node()
	ctx := t.Context()
	create(t, s, "ana", "c1", start)
	lease := func(who string) conversations.Lease {
		return conversations.Lease{Holder: who, Until: start.Add(time.Hour)}
	}
	asked := func(who string) bool {
		wants, err := s.Hold(ctx, "ana", "c1", lease(who), start)
		if err != nil {
			t.Fatal(err)
		}
		return wants
	}
	if asked(me) {
		t.Error("nobody asked to stop")
	}
	if running, err := s.Stop(ctx, "ana", "c1", start); err != nil || !running {
		t.Errorf("stop: %v, %v", running, err)
	}
	for range 2 {
		if !asked(me) {
			t.Error("the holder was not told")
		}
	}
	if err := s.Free(ctx, "ana", "c1", me); err != nil {
		t.Fatal(err)
	}
	if running, err := s.Stop(ctx, "ana", "c1", start); err != nil || running {
		t.Errorf("stop of nothing: %v, %v", running, err)
	}
	if asked("next") {
		t.Error("a stop outlived its turn")
	}
	if running, err := s.Stop(ctx, "ana", "c1", start.Add(2*time.Hour)); err != nil || running {
		t.Errorf("stop of a holder that ran out: %v, %v", running, err)
	}

	here := conversations.New(conversations.Options{Store: s, Beat: 20 * time.Millisecond})
	there := conversations.New(conversations.Options{Store: node(), Beat: 20 * time.Millisecond})
	for name, by := range map[string]*conversations.Conversations{"here": here, "there": there} {
		session, err := here.Open(ctx, "ana", "")
		if err != nil {
			t.Fatal(err)
		}
		work, cancel := session.Context(ctx)
		id := session.ID()
		if _, err := by.Stop(ctx, "bob", id); !fault.Is(err, fault.NotFound) || work.Err() != nil {
			t.Errorf("%s: a stranger's stop: %v, and the turn %v", name, err, work.Err())
		}
		if running, err := by.Stop(ctx, "ana", id); err != nil || !running {
			t.Errorf("%s: stop %v, %v", name, running, err)
		}
		select {
		case <-work.Done():
		case <-time.After(20 * time.Second):
			t.Errorf("%s: the turn was not stopped", name)
		}
		if !errors.Is(context.Cause(work), conversations.ErrStopped) {
			t.Errorf("%s: cause %v", name, context.Cause(work))
		}
		if err := session.Append(ctx, conversations.Turn{ID: "m1", Question: "q", Stopped: true}); err != nil {
			t.Errorf("%s: a stopped turn is not stored: %v", name, err)
		}
		cancel()
		session.Close()
		if c := got(t, s, "ana", id); !c.Turns[0].Stopped {
			t.Errorf("%s: the turn is not marked as stopped", name)
		}
	}
	empty, err := here.Open(ctx, "ana", "")
	if err != nil {
		t.Fatal(err)
	}
	empty.Close()
	_, err = s.Get(ctx, "ana", empty.ID())
	coded(t, "a conversation in which nothing was said", err, fault.NotFound)
}

// 32 writers on two nodes write two turns each: no other turn stands between them.
func writers(t *testing.T, open Open) {
	node := open(t, conversations.Bounds{})
	a := conversations.New(conversations.Options{Store: node(), Beat: 40 * time.Millisecond})
	b := conversations.New(conversations.Options{Store: node(), Beat: 40 * time.Millisecond})
	first, err := a.Open(t.Context(), "ana", "")
	if err != nil {
		t.Fatal(err)
	}
	id := first.ID()
	if err := first.Append(t.Context(), conversations.Turn{ID: "first"}); err != nil {
		t.Fatal(err)
	}
	first.Close()
	var wg sync.WaitGroup
	for i := range 32 {
		wg.Go(func() {
			c := a
			if i%2 == 1 {
				c = b
			}
			s, err := c.Open(t.Context(), "ana", id)
			if err != nil {
				t.Error(err)
				return
			}
			defer s.Close()
			for j := range 2 {
				if err := s.Append(t.Context(), TurnOf(fmt.Sprintf("%d.%d", i, j), "q", "a", start)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	turns := got(t, a.Store(), "ana", id).Turns
	if len(turns) != 65 {
		t.Fatalf("turns = %d, want 65", len(turns))
	}
	for i := 1; i < len(turns); i += 2 {
		x, _, _ := strings.Cut(turns[i].ID, ".")
		y, _, _ := strings.Cut(turns[i+1].ID, ".")
		if x != y {
			t.Fatalf("turns interleave: %v", ids(turns))
		}
	}
}

// What nobody has used for as long as conversations are kept goes, in batches; what is held stays.
func sweep(t *testing.T, open Open) {
	s := one(t, open)
	now := start
	c := conversations.New(conversations.Options{Store: s, Now: func() time.Time { return now }, Keep: 24 * time.Hour})
	ctx := t.Context()
	add := func(id string, at time.Time, free bool) {
		create(t, s, "ana", id, at)
		appended(t, s, "ana", id, TurnOf("m", "q", "a", at))
		if free {
			if err := s.Free(ctx, "ana", id, me); err != nil {
				t.Fatal(err)
			}
		}
	}
	add("old", start, true)
	add("used", start, false)
	create(t, s, "ana", "empty", start)
	link := conversations.Share{Hash: "h", Created: start, Expires: start.Add(time.Hour)}
	if err := s.SetShare(ctx, "ana", "used", &link); err != nil {
		t.Fatal(err)
	}
	swept := func(at time.Time, want int, left ...string) {
		t.Helper()
		now = at
		n, err := c.Sweep(ctx)
		if err != nil || n != want {
			t.Errorf("swept %d, %v; want %d", n, err, want)
		}
		for _, id := range []string{"old", "used", "empty", "late"} {
			_, err := s.Get(ctx, "ana", id)
			if there := strings.Contains(strings.Join(left, " "), id); (err == nil) != there {
				t.Errorf("%s: %v", id, err)
			}
		}
	}
	swept(start.Add(30*time.Minute), 0, "old", "used", "empty")
	swept(start.Add(2*time.Hour), 1, "old", "used")
	if c := got(t, s, "ana", "used"); c.Share != nil {
		t.Errorf("a link that has expired is still there: %+v", c.Share)
	}
	appended(t, s, "ana", "used", TurnOf("m2", "q", "a", start.Add(20*time.Hour)))
	swept(start.Add(24*time.Hour), 0, "old", "used")
	swept(start.Add(24*time.Hour+time.Millisecond), 1, "used")
	add("late", start, false)
	if _, err := s.Hold(ctx, "ana", "late", conversations.Lease{Holder: me, Until: start.Add(30 * time.Hour)}, start.Add(29*time.Hour)); err != nil {
		t.Fatal(err)
	}
	swept(start.Add(29*time.Hour), 0, "used", "late")  // being written to
	swept(start.Add(100*time.Hour), 0, "used", "late") // nobody wrote anything in all that time: the clock may have jumped
	add("late2", start.Add(98*time.Hour), true)
	swept(start.Add(100*time.Hour), 0, "used", "late") // written just now: by a clock that jumped, too
	swept(start.Add(102*time.Hour), 2)
	if err := s.Delete(ctx, "ana", "late2"); err != nil {
		t.Fatal(err)
	}
	for i := range 7 {
		add(fmt.Sprintf("b%d", i), start, true)
	}
	for _, want := range []int{3, 3, 1, 0} {
		n, err := s.Sweep(ctx, conversations.Cut{Now: now, Unused: now, Empty: now, Limit: 3})
		if err != nil || n != want {
			t.Errorf("a batch of %d, %v; want %d", n, err, want)
		}
	}
}
