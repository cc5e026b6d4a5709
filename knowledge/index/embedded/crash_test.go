package embedded_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	process "os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/resync-hwa/resync/knowledge/index"
	"github.com/resync-hwa/resync/knowledge/index/embedded"
	"github.com/resync-hwa/resync/knowledge/index/indextest"
)

// childEnv names the folder for the program that is to be killed.
const childEnv = "RESYNC_EMBEDDED_CHILD"

// childBatch is what the program applies as its n-th batch: changes 3n+1 to 3n+3. Documents are replaced and removed again and again.
func childBatch(n int64) index.Batch {
	m := newMaker(uint64(n), 500, 8)
	m.nextID = uint64(n) * 1000
	b := index.Batch{Upto: 3*n + 3, Average: 30 + float64(n%7)}
	for i := range int64(3) {
		c := index.Change{Number: 3*n + i + 1, Document: (n*3 + i) * 7 % 40}
		for range (n + i) % 5 {
			c.Passages = append(c.Passages, m.passage(12))
		}
		b.Changes = append(b.Changes, c)
	}
	return b
}

// child goes on from where the index is until it is killed, and says on standard output which batches it was told are kept.
func child(dir string) {
	x, err := embedded.Open(dir, embedded.Options{})
	if err != nil {
		fmt.Println("error", err)
		return
	}
	s, err := x.State(context.Background())
	for n := s.Upto / 3; err == nil; n++ {
		if err = x.Apply(context.Background(), childBatch(n)); err == nil {
			fmt.Println(n)
		}
	}
	fmt.Println("error", err)
}

// TestKilledAtAnyMoment: a program that is killed while it applies and merges has lost nothing that it was told is kept, and what
// it was not told is there whole or not at all.
func TestKilledAtAnyMoment(t *testing.T) {
	dir := t.TempDir()
	r := rand.New(rand.NewPCG(5, 6))
	oracle, applied := indextest.NewOracle(), int64(0)
	for range 25 {
		told := kill(t, dir, 1+r.IntN(8), time.Duration(r.IntN(4000))*time.Microsecond)
		x := reopen(t, dir)
		s := state(t, x)
		if s.Upto%3 != 0 || s.Upto < 3*(told+1) {
			t.Fatalf("the index is up to %d, and batch %d was told to be kept", s.Upto, told)
		}
		for ; 3*applied < s.Upto; applied++ {
			apply(t, oracle, childBatch(applied))
		}
		if want := state(t, oracle); s.Passages != want.Passages {
			t.Fatalf("%d passages up to %d, want %d", s.Passages, s.Upto, want.Passages)
		}
		m := newMaker(uint64(applied), 500, 8)
		for n := range 4 {
			q := m.question(3, 2, 50)
			same(t, fmt.Sprintf("up to %d, question %d", s.Upto, n), find(t, x, q), find(t, oracle, q))
		}
		// Applying the same batch again changes nothing.
		apply(t, x, childBatch(applied-1))
		if again := state(t, x); again.Passages != s.Passages || again.Upto != s.Upto {
			t.Fatalf("applied again: %+v, was %+v", again, s)
		}
		if err := x.Close(); err != nil {
			t.Fatal(err)
		}
	}
	// What the killed ones left lying about is gone after a write.
	x := reopen(t, dir)
	apply(t, x, childBatch(applied))
	segments, err := filepath.Glob(filepath.Join(dir, "*.seg"))
	if err != nil || len(segments) == 0 || len(segments) > 40 {
		t.Errorf("%d segment files, %v", len(segments), err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*.new")); len(left) > 0 {
		t.Errorf("left lying: %v", left)
	}
}

// kill starts the program and kills it some time after it has said so many lines; it gives the last batch that was told to be kept.
func kill(t *testing.T, dir string, lines int, after time.Duration) (last int64) {
	t.Helper()
	cmd := process.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	last = -1
	read := bufio.NewScanner(out)
	var timer *time.Timer
	for n := 1; read.Scan(); n++ {
		if last, err = strconv.ParseInt(read.Text(), 10, 64); err != nil {
			t.Errorf("the program says %q", read.Text())
		}
		if n == lines {
			timer = time.AfterFunc(after, func() { _ = cmd.Process.Kill() }) // SIGKILL; what it had said until then is still read
		}
	}
	if timer != nil {
		timer.Stop()
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	return last
}
