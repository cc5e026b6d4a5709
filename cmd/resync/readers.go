package main

import (
	"context"

	"github.com/resync-hwa/resync/internal/cache"
	"github.com/resync-hwa/resync/twstools/reader"
)

// openReaders puts a reader in front of each engine, and behind all of them the Redis that is configured.
func (p *program) openReaders(ctx context.Context, s *site) error {
	var shared reader.Store
	if !s.cfg.Redis.IsZero() {
		store, err := cache.Open(ctx, cache.Options{URL: s.cfg.Redis, Key: s.cfg.Auth.SecretKey, Clock: p.clock, Logger: s.logger})
		if err != nil {
			return err
		}
		s.closers = append(s.closers, store.Close)
		shared = store
	}
	for i := range s.engines {
		e := &s.engines[i]
		r, err := reader.Open(reader.Options{Engine: e.direct, Name: e.name, Identity: e.identity, Store: shared, Clock: p.clock, Logger: s.logger})
		if err != nil {
			return err
		}
		s.closers = append(s.closers, r.Close)
		e.engine, e.reader = r, r
	}
	return nil
}
