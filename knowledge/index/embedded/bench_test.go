package embedded_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/resync-hwa/resync/knowledge/index"
	"github.com/resync-hwa/resync/knowledge/index/embedded"
)

// The corpora of the benchmarks: 150 distinct words a passage, as real passages of 250 to 400 tokens have, of a vocabulary of
// 200,000 by Zipf's law. The first hundred words are left out of questions, as stop words are.
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
		b.Run(fmt.Sprintf("%d/open", n), func(b *testing.B) {
			for b.Loop() {
				x, err := embedded.Open(dir, embedded.Options{})
				if err != nil {
					b.Fatal(err)
				}
				x.Close()
			}
		})
	}
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
