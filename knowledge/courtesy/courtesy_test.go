package courtesy_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/resync-hwa/resync/knowledge/courtesy"
)

// clock is moved by the test, and by sleeping.
type clock struct {
	now   time.Time
	slept time.Duration
}

func (c *clock) Now() time.Time { return c.now }

func (c *clock) Sleep(ctx context.Context, d time.Duration) {
	if ctx.Err() == nil {
		c.now, c.slept = c.now.Add(d), c.slept+d
	}
}

func (c *clock) work(d time.Duration) { c.now = c.now.Add(d) }

func TestWorkRestsWhileSomebodyAsks(t *testing.T) {
	k := &clock{now: time.Unix(1, 0)}
	c := courtesy.New(k)
	w := c.Begin()
	rest := func(worked, want time.Duration) {
		t.Helper()
		before := k.slept
		k.work(worked)
		w.Rest(t.Context())
		if got := k.slept - before; got != want {
			t.Errorf("after %v it rested %v, want %v", worked, got, want)
		}
	}
	rest(time.Second, 0) // nobody has ever asked
	c.Asked()
	rest(20*time.Millisecond, 20*time.Millisecond)
	rest(300*time.Microsecond, 0) // too little: it is counted with what follows
	rest(time.Millisecond, 1300*time.Microsecond)
	rest(time.Minute, 200*time.Millisecond)
	c.Asked()
	c.Answered()
	rest(time.Millisecond, time.Millisecond) // one of the two still asks
	c.Answered()
	rest(10*time.Millisecond, 10*time.Millisecond) // the next question may come at once
	rest(time.Second, 0)
	rest(time.Second, 0)

	c.Asked()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	before := k.slept
	k.work(time.Second)
	w.Rest(ctx)
	if k.slept != before {
		t.Error("it rests though its context has ended")
	}
}

func TestRealClock(t *testing.T) {
	c := courtesy.New(nil)
	c.Asked()
	w := c.Begin()
	began := time.Now()
	for time.Since(began) < 5*time.Millisecond { //nolint:revive // this is the work
		runtime.Gosched()
	}
	worked := time.Now()
	w.Rest(t.Context())
	if rested := time.Since(worked); rested < 4*time.Millisecond {
		t.Errorf("it rested %v after 5 ms of work", rested)
	}
}
