package embedded_test

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/resync-hwa/resync/knowledge/index"
	"github.com/resync-hwa/resync/knowledge/index/embedded"
)

// The corpora of the benchmarks: 150 distinct words a passage, as real passages of 250 to 400 tokens have, of a vocabulary of
// 200,000 by Zipf's law. Questions are drawn by the same law, so that most of their words stand in a tenth of all passages and more:
// harder than what people ask.
const (
	benchWords = 200_000
	benchTerms = 150
)

// sizes of the corpora, in passages; RESYNC_BENCH_PASSAGES adds one.
func sizes() []int {
	out := []int{20_000, 100_000}
	if n, err := strconv.Atoi(os.Getenv("RESYNC_BENCH_PASSAGES")); err == nil {
		out = append(out, n)
	}
	return out
}

// BenchmarkFind tells how long a search takes: the middle, the slowest of a hundred, and the processor's time.
func BenchmarkFind(b *testing.B) {
	for _, n := range sizes() {
		dir := b.TempDir()
		x := reopen(b, dir)
		m := newMaker(1, benchWords, 0)
		began, cpu := time.Now(), cpuTime()
		fill(b, m, n, benchTerms, 1000, x)
		making := time.Since(began)
		b.Logf("%d passages made and applied in %v (%v of the processor), %d bytes each", n, making, cpuTime()-cpu, state(b, x).Bytes/int64(n))
		for _, k := range []struct{ units, alternatives int }{{1, 1}, {3, 3}, {8, 3}, {64, 3}} {
			questions := make([]index.Query, 200)
			for i := range questions {
				questions[i] = m.question(k.units, k.alternatives, n)
			}
			b.Run(fmt.Sprintf("%d/%dx%d", n, k.units, k.alternatives), func(b *testing.B) { benchFind(b, x, questions) })
		}
		if err := x.Close(); err != nil {
			b.Fatal(err)
		}
		question := m.question(8, 3, n)
		b.Run(fmt.Sprintf("%d/open", n), func(b *testing.B) { benchOpen(b, dir, n, question) })
	}
}

// benchOpen tells how long opening takes, and what an open index that has searched once keeps in memory beside the mapped files.
func benchOpen(b *testing.B, dir string, n int, q index.Query) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	x := reopen(b, dir)
	find(b, x, q)
	runtime.GC()
	runtime.ReadMemStats(&after)
	for b.Loop() {
		x, err := embedded.Open(dir, embedded.Options{})
		if err != nil {
			b.Fatal(err)
		}
		x.Close()
	}
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(n), "heap-B/passage")
	runtime.KeepAlive(x)
}

func benchFind(b *testing.B, x index.Index, questions []index.Query) {
	for _, q := range questions { // the blocks that they need are checked by now
		find(b, x, q)
	}
	var took []time.Duration
	began := cpuTime()
	for i := 0; b.Loop(); i++ {
		start := time.Now()
		find(b, x, questions[i%len(questions)])
		took = append(took, time.Since(start))
	}
	report(b, took, cpuTime()-began)
}

func report(b *testing.B, took []time.Duration, cpu time.Duration) {
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
	b.ReportMetric(float64(cpu.Microseconds())/float64(len(took)), "cpu-µs/op")
}

// BenchmarkVector tells the same of a search by vector alone.
func BenchmarkVector(b *testing.B) {
	for _, k := range []struct{ n, dims int }{{20_000, 256}, {100_000, 256}, {100_000, 768}} {
		x := embedded.Memory()
		m := newMaker(1, 1000, k.dims)
		fill(b, m, k.n, 3, 10_000, x)
		questions := make([]index.Query, 50)
		for i := range questions {
			questions[i] = index.Query{All: true, Vector: m.direction(m.centres[i], 1)}
		}
		b.Run(fmt.Sprintf("%dx%d", k.n, k.dims), func(b *testing.B) { benchFind(b, x, questions) })
	}
}

// BenchmarkApply tells how many passages a second are applied, merges included, to an index in files.
func BenchmarkApply(b *testing.B) {
	m := newMaker(1, benchWords, 0)
	var batches []index.Batch
	for n := range int64(100) {
		batch := index.Batch{Upto: n + 1, Average: 200}
		for d := range int64(20) {
			c := index.Change{Number: n + 1, Document: n*20 + d}
			for range 10 {
				c.Passages = append(c.Passages, m.passage(benchTerms))
			}
			batch.Changes = append(batch.Changes, c)
		}
		batches = append(batches, batch)
	}
	for b.Loop() {
		x := reopen(b, b.TempDir())
		began, cpu := time.Now(), cpuTime()
		for _, batch := range batches {
			apply(b, x, batch)
		}
		const passages = 100 * 200
		b.ReportMetric(passages/time.Since(began).Seconds(), "passages/s")
		b.ReportMetric(float64((cpuTime()-cpu).Microseconds())/passages, "cpu-µs/passage")
		b.ReportMetric(float64(state(b, x).Bytes)/passages, "bytes/passage")
		x.Close()
	}
}

// BenchmarkFindWhileApplying tells how much searches suffer while another goroutine applies and merges.
func BenchmarkFindWhileApplying(b *testing.B) {
	const n = 100_000
	x := reopen(b, b.TempDir())
	m := newMaker(1, benchWords, 0)
	fill(b, m, n, benchTerms, 1000, x)
	questions := make([]index.Query, 200)
	for i := range questions {
		questions[i] = m.question(8, 3, n)
	}
	b.Run("idle", func(b *testing.B) { benchFind(b, x, questions) })
	var batches []index.Batch
	for n := range int64(20) {
		batch := index.Batch{Upto: 1_000_000 + n, Average: 195}
		for d := range int64(100) {
			c := index.Change{Number: batch.Upto, Document: n*100 + d}
			for range 10 {
				c.Passages = append(c.Passages, m.passage(benchTerms))
			}
			batch.Changes = append(batch.Changes, c)
		}
		batches = append(batches, batch)
	}
	stop, done := make(chan struct{}), make(chan int)
	go func() {
		count := 0
		for {
			select {
			case <-stop:
				done <- count
				return
			default:
				if err := x.Apply(context.Background(), batches[count%len(batches)]); err != nil {
					b.Error(err)
				}
				count++
			}
		}
	}()
	began := time.Now()
	b.Run("applying", func(b *testing.B) { benchFind(b, x, questions) })
	took := time.Since(began)
	close(stop)
	count := <-done
	b.Logf("%d batches of 1,000 passages were applied in %v", count, took)
}
