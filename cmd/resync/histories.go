package main

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/store"
	"github.com/resync-hwa/resync/twstools/history"
)

// zoneEvery is how often an engine that cannot say its zone yet is asked for it; history counts days in it, so it waits.
const zoneEvery = 30 * time.Second

// remember keeps the history of every engine for as long as ctx lasts. It has a file of its own beside that of the users, so that a login never
// waits for it; with PostgreSQL both live there. The site's Close waits for what is being written. Plans that are invented or recorded make no
// history: they often bear the name of the real engine, whose past they would spoil.
func (p *program) remember(ctx context.Context, s *site) error {
	live := slices.DeleteFunc(slices.Clone(s.engines), func(e engine) bool { return e.mode != "live" })
	if len(live) == 0 {
		return nil
	}
	db, err := store.Open(ctx, store.Options{Dir: s.cfg.DataDir, File: historyFile, URL: s.cfg.Database, Rooms: []store.Room{history.Room()}})
	if err != nil {
		return fault.Wrap(fault.Internal, err, "The history of the plan cannot be kept in %s.", s.cfg.DataDir)
	}
	ctx, stop := context.WithCancel(ctx)
	var following sync.WaitGroup
	for _, e := range live {
		e.past.keepIn(db)
		following.Go(func() { p.follow(ctx, s, e) })
	}
	s.closers = append(s.closers, func() error {
		stop()
		following.Wait()
		return db.Close()
	})
	return nil
}

// follow keeps one engine's history until ctx ends. It waits for the engine to say its zone, in which history counts days.
func (p *program) follow(ctx context.Context, s *site, e engine) {
	h, err := e.past.history(ctx)
	for err != nil {
		s.logger.DebugContext(ctx, "history waits for the engine", "engine", e.name, "error", err)
		wait := time.NewTimer(zoneEvery)
		select {
		case <-wait.C:
		case <-ctx.Done():
			wait.Stop()
			return
		}
		h, err = e.past.history(ctx)
	}
	ticks := time.NewTicker(time.Minute)
	defer ticks.Stop()
	var counting sync.WaitGroup
	counting.Go(func() { h.FollowCounts(ctx, e.engine, ticks.C) })
	h.Follow(ctx, func(ctx context.Context, since uint64) (history.Batch, error) {
		b, err := e.reader.Changes(ctx, since)
		return history.Batch(b), err
	})
	counting.Wait()
}
