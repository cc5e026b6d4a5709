package library

import (
	"context"
	"errors"
	"slices"
	"time"
)

// settled is how long a file must have been left alone before a watcher reads it. A copy writes more often than that.
const settled = 2 * time.Second

// Watch ingests the paths of o at once and at each tick, until ctx or the ticks end. Each path is looked at by itself, so that one which cannot
// be reached keeps no other from being read, and nothing that came from it is lost. A file that somebody is still writing waits for the next
// round: one that is younger than two seconds, or that has changed and looks other than in the round before. Looking is a walk that reads
// no file, so that it works on network file systems too; a round in which nothing has changed writes nothing.
//
// told gets what a round came to when it moved the shelf, or met with other problems or another error than the round before. The
// caller owns the goroutine, and told runs on it.
func Watch(ctx context.Context, shelf Shelf, o IngestOptions, ticks <-chan time.Time, told func(Report, error)) {
	w := watcher{shelf: shelf, o: o, told: told, looks: make([]map[origin]look, len(o.Paths))}
	for w.round(ctx); ; w.round(ctx) {
		select {
		case <-ctx.Done():
			return
		case _, ok := <-ticks:
			if !ok || ctx.Err() != nil {
				return
			}
		}
	}
}

// watcher is one Watch.
type watcher struct {
	shelf    Shelf
	o        IngestOptions
	told     func(Report, error)
	looks    []map[origin]look // by path
	problems []Problem         // of the last round
	failed   string            // the last round's error
}

func (w *watcher) round(ctx context.Context) {
	var sum Report
	var errs []error
	for i, p := range w.o.Paths {
		o := w.o
		o.Paths, o.FS, o.settle, o.looks, o.seen = []string{p}, nil, settled, w.looks[i], map[origin]look{}
		r, err := Ingest(ctx, w.shelf, o)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			errs = append(errs, err)
			continue
		}
		w.looks[i] = o.seen
		sum.Added += r.Added
		sum.Changed += r.Changed
		sum.Unchanged += r.Unchanged
		sum.Removed += r.Removed
		sum.Waiting += r.Waiting
		sum.Passages += r.Passages
		sum.Problems = append(sum.Problems, r.Problems...)
		sum.Took += r.Took
	}
	sum.Problems = inOrder(sum.Problems)
	err := errors.Join(errs...)
	text := ""
	if err != nil {
		text = err.Error()
	}
	news := sum.Moved() || text != w.failed || !slices.Equal(sum.Problems, w.problems)
	w.problems, w.failed = sum.Problems, text
	if news {
		w.told(sum, err)
	}
}
