package main

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// figures are what questions took, in milliseconds. The processor's time is that of the thread which asked; what the runtime did beside it is in All.
type figures struct {
	Clients   int     `json:"clients"`
	Questions int     `json:"questions"`
	P50       float64 `json:"p50_ms"`
	P95       float64 `json:"p95_ms"`
	P99       float64 `json:"p99_ms"`
	CPU50     float64 `json:"cpu_p50_ms"`
	CPU95     float64 `json:"cpu_p95_ms"`
	CPU99     float64 `json:"cpu_p99_ms"`
	All       float64 `json:"process_cpu_ms"` // of the whole process by question; with an ingest in it that one's too
	Right     float64 `json:"identifiers_first"`
}

// took is one question's cost.
type took struct{ wall, cpu time.Duration }

// ask puts the questions once, or over and over until stop is closed where that is not nil. Each client asks its next one when it has its answer.
func (s *site) ask(ctx context.Context, all []asking, clients int, stop <-chan struct{}) (figures, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next, identifiers, right atomic.Int64
	lists := make([][]took, clients)
	begin := cpuTime()
	var g sync.WaitGroup
	for c := range clients {
		g.Go(func() {
			runtime.LockOSThread() // its processor time is the question's
			defer runtime.UnlockOSThread()
			for ctx.Err() == nil {
				n := int(next.Add(1)) - 1
				if stop == nil && n >= len(all) || closed(stop) {
					return
				}
				a := all[n%len(all)]
				start, cpu := time.Now(), threadTime()
				first, err := s.answer(ctx, a)
				if err != nil {
					cancel(err)
					return
				}
				lists[c] = append(lists[c], took{time.Since(start), threadTime() - cpu})
				if a.identifier != "" {
					identifiers.Add(1)
					if first {
						right.Add(1)
					}
				}
			}
		})
	}
	g.Wait()
	if err := context.Cause(ctx); err != nil {
		return figures{}, err
	}
	f := figuresOf(slices.Concat(lists...))
	f.Clients, f.Right = clients, float64(right.Load())/float64(max(1, identifiers.Load()))
	f.All = ms(cpuTime()-begin) / float64(max(1, f.Questions))
	return f, nil
}

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func figuresOf(all []took) figures {
	f := figures{Questions: len(all)}
	if len(all) == 0 {
		return f
	}
	at := func(of func(took) time.Duration, percent int) float64 {
		list := make([]time.Duration, len(all))
		for i, t := range all {
			list[i] = of(t)
		}
		slices.Sort(list)
		return ms(list[min(len(list)-1, len(list)*percent/100)])
	}
	wall, cpu := func(t took) time.Duration { return t.wall }, func(t took) time.Duration { return t.cpu }
	f.P50, f.P95, f.P99 = at(wall, 50), at(wall, 95), at(wall, 99)
	f.CPU50, f.CPU95, f.CPU99 = at(cpu, 50), at(cpu, 95), at(cpu, 99)
	return f
}
