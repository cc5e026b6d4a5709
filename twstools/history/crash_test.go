package history_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	process "os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/secret"
	"github.com/resync-hwa/resync/internal/store"
	"github.com/resync-hwa/resync/internal/store/storetest"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/history"
)

// childEnv names the database for the program that is to be killed: its folder, or its URL.
const childEnv = "RESYNC_HISTORY_CHILD"

// childBatch is the n-th batch that the child hands in: the runs of one day of 40 jobs, one of which ends badly, and a minute's counts.
func childBatch(n int) ([]twstools.Change, *history.Counts) {
	sched := monday.AddDate(0, 0, n)
	var out []twstools.Change
	for i := range 40 {
		status := succ
		if i == n%40 {
			status = abend
		}
		out = append(out, ended(job("J"+strconv.Itoa(i), sched), sched.Add(time.Duration(i)*time.Minute), sched.Add(time.Hour), status))
	}
	return out, &history.Counts{At: sched, Total: n}
}

// child writes batches until it is killed, and says on standard output which it has been told are kept.
func child() {
	o := store.Options{Dir: os.Getenv(childEnv), URL: secret.New(os.Getenv(childEnv + "_URL")), Rooms: []store.Room{history.Room()}}
	db, err := store.Open(context.Background(), o)
	if err != nil {
		fmt.Println("error", err)
		return
	}
	h, err := history.Open(context.Background(), history.Options{DB: db, Engine: "default", Now: func() time.Time { return monday.AddDate(0, 0, 60) }})
	for n := 0; err == nil; n++ {
		changes, counts := childBatch(n)
		if err = h.Observe(context.Background(), changes, counts); err == nil {
			fmt.Println(n)
		}
	}
	fmt.Println("error", err)
}

// TestKilledAtAnyMoment: a program that is killed while it writes has lost nothing that it was told is kept, and when everything is
// handed in again nothing counts twice.
func TestKilledAtAnyMoment(t *testing.T) {
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		o := on.Options(t, history.Room())
		kept := -1
		for _, lines := range []int{3, 1, 5} { // killed three times, anew from the first batch each time
			kept = max(kept, kill(t, o, lines))
		}
		h := open(t, storetest.Open(t, o), nil)
		check := func(batches int, atLeast bool) {
			t.Helper()
			for i := range 40 {
				d, err := h.Digest(t.Context(), job("J"+strconv.Itoa(i), monday))
				if err != nil || d.Ended < batches || d.Ended > batches && !atLeast {
					t.Fatalf("job %d has %+v, want %d runs (at least: %v), %v", i, d, batches, atLeast, err)
				}
			}
			bad, err := h.Abnormal(t.Context(), monday, monday.AddDate(1, 0, 0))
			if err != nil || len(bad) < batches || len(bad) > batches && !atLeast {
				t.Fatalf("%d bad ends, want %d, %v", len(bad), batches, err)
			}
			counts, err := h.CountsBetween(t.Context(), monday, monday.AddDate(0, 0, 31))
			if err != nil || len(counts) < min(batches, 31) {
				t.Fatalf("%d counts, want %d, %v", len(counts), batches, err)
			}
		}
		check(kept+1, true)
		total := max(kept+1, 0) + 40 // more than any child can have begun beyond what it said
		for n := range total {
			changes, counts := childBatch(n)
			if err := h.Observe(t.Context(), changes, counts); err != nil {
				t.Fatal(err)
			}
		}
		check(total, false)
	})
}

// kill starts the child and kills it after some lines; it gives the last batch that was told to be kept.
func kill(t *testing.T, o store.Options, lines int) (last int) {
	t.Helper()
	cmd := process.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+o.Dir, childEnv+"_URL="+o.URL.Reveal())
	if o.Dir == "" {
		cmd.Env = append(cmd.Env, childEnv+"=postgres")
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	last = -1
	read := bufio.NewScanner(out)
	for n := 0; read.Scan(); n++ {
		if last, err = strconv.Atoi(read.Text()); err != nil {
			t.Errorf("the child says %q", read.Text())
		}
		if n == lines {
			if err := cmd.Process.Kill(); err != nil { // SIGKILL; what it had said until then is still read
				t.Error(err)
			}
		}
	}
	_ = cmd.Wait()
	return last
}
