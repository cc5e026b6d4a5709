package main

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/resync-hwa/resync/agentsvc/agent/embedder"
	"github.com/resync-hwa/resync/internal/config"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/store"
	"github.com/resync-hwa/resync/knowledge"
	"github.com/resync-hwa/resync/knowledge/index"
	"github.com/resync-hwa/resync/knowledge/index/embedded"
	"github.com/resync-hwa/resync/knowledge/index/qdrant"
	"github.com/resync-hwa/resync/knowledge/library"
	"github.com/resync-hwa/resync/knowledge/review"
	"golang.org/x/sync/errgroup"
)

const (
	// knowledgeFile is the database of the documents in the data folder, and indexFolder the index that is made from it.
	knowledgeFile = "knowledge"
	indexFolder   = "knowledge-index"
)

// shelf is the documents of this installation with their index, opened.
type shelf struct {
	*library.Library
	base    *knowledge.Base
	index   index.Index
	reviews *review.Queue
	vectors *embedder.Client // nil without an embedder
	changed chan struct{}    // tells tend that there is something to do
	logger  *slog.Logger
	closers []func() error
}

// Close closes everything, last first.
func (s *shelf) Close() error {
	var errs []error
	for i := len(s.closers) - 1; i >= 0; i-- {
		errs = append(errs, s.closers[i]())
	}
	s.closers = nil
	return errors.Join(errs...)
}

// kept reports whether documents have ever been put on the shelf here, or are to be: without that, nothing is made by looking.
func kept(cfg *config.Config) bool {
	if !cfg.Database.IsZero() || len(cfg.Knowledge.Paths) > 0 {
		return true
	}
	_, err := os.Stat(filepath.Join(cfg.DataDir, knowledgeFile+".db"))
	return !errors.Is(err, fs.ErrNotExist)
}

// openShelf opens the documents; what is configured and cannot be had is an error.
func (p *program) openShelf(ctx context.Context, cfg *config.Config, logger *slog.Logger) (s *shelf, err error) {
	s = &shelf{changed: make(chan struct{}, 1), logger: logger}
	defer func() {
		if err != nil {
			_ = s.Close() // the error above is the one to tell
			s = nil
		}
	}()
	db, err := store.Open(ctx, store.Options{Dir: cfg.DataDir, File: knowledgeFile, URL: cfg.Database, Rooms: []store.Room{library.Room(), review.Room()}})
	if err != nil {
		if !cfg.Database.IsZero() {
			return s, err // coded, and without the URL
		}
		return s, fault.Wrap(fault.Internal, err, "The documents cannot be kept in %s.", cfg.DataDir)
	}
	s.closers = append(s.closers, db.Close)
	if s.Library, err = library.Open(ctx, db); err != nil {
		return s, err
	}
	s.reviews = review.NewQueue(db, p.clock)
	if s.index, err = p.openIndex(ctx, cfg, logger); err != nil {
		return s, err
	}
	s.closers = append(s.closers, s.index.Close)
	parts := knowledge.Parts{Shelf: s.Library, Index: s.index, Instead: p.builtIn(ctx, logger), Logger: logger, Now: p.clock}
	if s.vectors, err = newEmbedder(cfg.Embedder, p.clock, logger); err != nil {
		return s, err
	}
	if s.vectors != nil {
		s.closers = append(s.closers, s.vectors.Close)
		parts.Model, parts.Questions, parts.Documents = s.vectors.Space(), s.vectors.Questions(), s.vectors.Documents()
	}
	s.base, err = knowledge.Over(ctx, parts)
	return s, err
}

// builtIn gives the runbooks that come with the program, opened when something is first asked of them.
func (p *program) builtIn(ctx context.Context, logger *slog.Logger) *knowledge.Base {
	return knowledge.Later(func() (*knowledge.Base, error) {
		return knowledge.Open(context.WithoutCancel(ctx), knowledge.Options{Logger: logger})
	})
}

// openIndex opens Qdrant where it is configured, and files in the data folder otherwise.
func (p *program) openIndex(ctx context.Context, cfg *config.Config, logger *slog.Logger) (index.Index, error) {
	if !cfg.Qdrant.IsZero() {
		return qdrant.Open(ctx, qdrant.Options{URL: cfg.Qdrant.Reveal(), APIKey: cfg.QdrantKey, Collection: cfg.Knowledge.Collection, Clock: p.clock, Logger: logger})
	}
	return embedded.Open(filepath.Join(cfg.DataDir, indexFolder), embedded.Options{Logger: logger})
}

// update brings the index up to the documents, first by their words, and weighs their vectors anew where they have become others. An embedder that has to
// load its model is given the time for it. Weighing may take minutes, and its failing keeps nobody from being answered: it is logged.
func (s *shelf) update(ctx context.Context, progress func(done, total int)) error {
	if err := s.base.Sync(ctx, progress); err != nil {
		return err
	}
	v, err := s.base.Vectors(ctx)
	if err != nil {
		return err
	}
	if v.Lacking > 0 {
		if _, err := s.vectors.Probe(ctx); err == nil {
			if err := s.base.Sync(ctx, progress); err != nil {
				return err
			}
		}
	}
	if err := s.base.Weigh(ctx); err != nil && ctx.Err() == nil {
		s.logger.WarnContext(ctx, "vectors are not weighed", "reason", "they count as before", "error", err)
	}
	return ctx.Err()
}

// nudge has the index brought up to date, and vectors weighed, without waiting for the next round.
func (s *shelf) nudge() {
	select {
	case s.changed <- struct{}{}:
	default: // it has been told already
	}
}

// takeIn reads what is configured and has changed, and brings the index up to it. Vectors are weighed later: whoever starts does not wait for that, nor
// for an embedder that gives other vectors than before.
func (p *program) takeIn(ctx context.Context, cfg *config.Config, s *shelf, logger *slog.Logger) error {
	if len(cfg.Knowledge.Paths) > 0 {
		report, err := library.Ingest(ctx, s.Library, paths(cfg, s))
		if err != nil {
			return err
		}
		tellIngested(ctx, logger, report)
	}
	err := s.base.Sync(ctx, nil)
	if fault.Is(err, fault.Conflict) {
		logger.WarnContext(ctx, "the index of the documents cannot be brought up to date", "error", err)
		return nil
	}
	return err
}

// paths says how the configured paths are read: slowly while somebody asks.
func paths(cfg *config.Config, s *shelf) library.IngestOptions {
	return library.IngestOptions{Paths: cfg.Knowledge.Paths, Site: true, Prune: true, Courtesy: s.base.Courtesy()}
}

func tellIngested(ctx context.Context, logger *slog.Logger, r library.Report) {
	if r.Added+r.Changed+r.Removed > 0 {
		logger.InfoContext(ctx, "documents read", "added", r.Added, "changed", r.Changed, "removed", r.Removed, "unchanged", r.Unchanged, "passages", r.Passages, "took", r.Took)
	}
	for _, problem := range r.Problems {
		logger.WarnContext(ctx, "knowledge left out", "document", problem.Document, "reason", problem.Reason)
	}
}

// books gives the base that answers: over the shelf, with the built-in runbooks behind it as long as nothing stands there. Where nothing
// was ever kept and nothing is to be, it is the built-in runbooks alone, and the shelf is nil, unless makes asks for one.
func (p *program) books(ctx context.Context, cfg *config.Config, logger *slog.Logger, makes bool) (*knowledge.Base, *shelf, error) {
	if !makes && !kept(cfg) {
		return p.builtIn(ctx, logger), nil, nil
	}
	s, err := p.openShelf(ctx, cfg, logger)
	if err != nil {
		return nil, nil, err
	}
	if err := p.takeIn(ctx, cfg, s, logger); err != nil {
		return nil, nil, errors.Join(err, s.Close())
	}
	return s.base, s, nil
}

// tend looks at the configured paths every so often, and brings the index up to whatever has come onto the shelf: from there, from another
// process, or while the index was away. It ends with the site.
func (p *program) tend(ctx context.Context, s *site, books *shelf) {
	ctx, stop := context.WithCancel(ctx)
	var g errgroup.Group
	s.closers = append(s.closers, func() error {
		stop()
		return g.Wait()
	})
	if len(s.cfg.Knowledge.Paths) > 0 {
		g.Go(func() error {
			rounds := time.NewTicker(s.cfg.Knowledge.Watch)
			defer rounds.Stop()
			library.Watch(ctx, books.Library, paths(s.cfg, books), rounds.C, func(r library.Report, err error) {
				tellIngested(ctx, s.logger, r)
				if err != nil {
					s.logger.WarnContext(ctx, "documents cannot be read", "error", err)
				}
			})
			return nil
		})
	}
	g.Go(func() error {
		rounds := time.NewTicker(s.cfg.Knowledge.Watch)
		defer rounds.Stop()
		books.nudge() // what the start left for later
		failed := ""
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-rounds.C:
			case <-books.changed:
			}
			text := ""
			if err := books.update(ctx, nil); err != nil && ctx.Err() == nil {
				text = err.Error()
			}
			if text != failed && text != "" {
				s.logger.WarnContext(ctx, "the index of the documents cannot be brought up to date", "error", text)
			}
			failed = text
		}
	})
}
