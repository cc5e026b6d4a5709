package main

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"sync"
	"time"

	"github.com/resync-hwa/resync/internal/config"
	"github.com/resync-hwa/resync/internal/store"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/history"
)

// past lets the tools of one engine ask what was usual and how things stood. Its history is opened when it is first asked for: a command that
// does not look back touches no file. Programs that stay (serve, mcp --http) give it the database that they keep history in; a single command
// reads what is stored and keeps nothing. What cannot be opened is told once in the log, and then nothing is known of the past.
type past struct {
	engine engine
	cfg    *config.Config
	clock  func() time.Time
	logger *slog.Logger

	mu     sync.Mutex
	db     *store.DB // of the program that keeps it, or opened here for reading
	kept   bool      // db is another's to close, and may be written
	tried  bool
	opened *history.History
}

// openPasts gives every engine its past.
func (p *program) openPasts(s *site) {
	for i := range s.engines {
		e := &s.engines[i]
		e.past = &past{engine: *e, cfg: s.cfg, clock: p.clock, logger: s.logger}
		s.closers = append(s.closers, e.past.close)
	}
}

// keepIn names the database in which this program keeps the engine's history. It must be called before the past is asked anything.
func (p *past) keepIn(db *store.DB) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.db, p.kept, p.opened = db, true, nil
}

func (p *past) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.db == nil || p.kept {
		return nil
	}
	db := p.db
	p.db, p.opened = nil, nil
	return db.Close()
}

// history opens the history, once the engine has said in which zone its days are.
func (p *past) history(ctx context.Context) (*history.History, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.opened != nil {
		return p.opened, nil
	}
	info, err := p.engine.engine.Info(ctx)
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(info.TimeZone)
	if err != nil {
		zone = time.UTC // one that this machine does not know, as everywhere
	}
	if p.db == nil && !p.tried && p.engine.mode == "live" { // invented and recorded plans have no stored past
		p.tried = true
		p.db, err = store.OpenReadOnly(ctx, store.Options{Dir: p.cfg.DataDir, File: historyFile, URL: p.cfg.Database})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			p.logger.WarnContext(ctx, "the stored history cannot be read", "engine", p.engine.name, "error", err)
		}
	}
	h, err := history.Open(ctx, history.Options{DB: p.db, ReadOnly: !p.kept, Engine: p.engine.name, Now: p.clock, Zone: zone,
		Plans: twstools.CapabilitiesOf(p.engine.engine).Plans, Logger: p.logger})
	if err != nil {
		return nil, err
	}
	p.opened = h
	return h, nil
}

// Usual implements diagnose.Past.
func (p *past) Usual(ctx context.Context, key twstools.Key) (history.Usual, history.Source, error) {
	h, err := p.history(ctx)
	if err != nil {
		return history.Usual{}, history.SourceNone, err
	}
	return h.Usual(ctx, key)
}

// Runs implements diagnose.Past.
func (p *past) Runs(ctx context.Context, key twstools.Key, limit int) ([]history.Run, error) {
	h, err := p.history(ctx)
	if err != nil {
		return nil, err
	}
	return h.Runs(ctx, key, limit)
}

// Digest implements diagnose.Past.
func (p *past) Digest(ctx context.Context, key twstools.Key) (history.Digest, error) {
	h, err := p.history(ctx)
	if err != nil {
		return history.Digest{}, err
	}
	return h.Digest(ctx, key)
}

// Before implements diagnose.Past.
func (p *past) Before(ctx context.Context, key twstools.Key, t time.Time) (history.State, bool, error) {
	h, err := p.history(ctx)
	if err != nil {
		return history.State{}, false, err
	}
	return h.Before(ctx, key, t)
}

// Happened implements tools.Remembered.
func (p *past) Happened(ctx context.Context, from, to time.Time) (history.Happened, error) {
	h, err := p.history(ctx)
	if err != nil {
		return history.Happened{}, err
	}
	return h.Happened(ctx, from, to)
}
