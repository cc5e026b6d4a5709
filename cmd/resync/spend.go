package main

import (
	"context"
	"os"

	"github.com/resync-hwa/resync/agentsvc/agent"
	"github.com/resync-hwa/resync/agentsvc/recall"
	"github.com/resync-hwa/resync/agentsvc/spend"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/store"
	"github.com/resync-hwa/resync/internal/telemetry"
)

// accounts adapts the book of what models cost to the agent: neither knows the other.
type accounts struct {
	book    *spend.Book
	refused func()
}

// Allow implements agent.Accounts.
func (a *accounts) Allow(ctx context.Context, owner string) (agent.Account, error) {
	t, err := a.book.Begin(ctx, owner)
	if err != nil {
		a.refused()
		return nil, err
	}
	return account{t}, nil
}

// account is the account of one turn.
type account struct{ turn *spend.Turn }

// Spent implements agent.Account.
func (a account) Spent(ctx context.Context, u agent.Use) float64 {
	return a.turn.Spent(ctx, spend.Use{Model: u.Name, Input: u.Input, Cached: u.Cached, Stored: u.Stored, Output: u.Output, CostUSD: u.CostUSD, Estimated: u.Estimated, Failed: u.Failed})
}

// End implements agent.Account.
func (a account) End(ctx context.Context) { a.turn.End(ctx) }

// openSpend opens the accounts of the models and the store of their prose. Without a model there is neither, and no database is opened.
func (p *program) openSpend(ctx context.Context, s *site) (agent.Accounts, *recall.Store, error) {
	l := s.cfg.LLM
	if len(l.Models) == 0 {
		return nil, nil, nil
	}
	prices, err := prices(l.Spend.Prices)
	if err != nil {
		return nil, nil, err
	}
	db, err := store.Open(ctx, store.Options{Dir: s.cfg.DataDir, File: spend.File, URL: s.cfg.Database, Rooms: []store.Room{spend.Room()}})
	switch {
	case err != nil && !s.cfg.Database.IsZero():
		return nil, nil, err // coded, and without the URL
	case err != nil:
		return nil, nil, fault.Wrap(fault.Internal, err, "What models cost cannot be kept in %s.", s.cfg.DataDir)
	}
	s.closers = append(s.closers, db.Close)
	var names []string
	most := 0
	for _, m := range l.Models {
		names = append(names, m.Model)
		most = max(most, m.MaxTokens)
	}
	watch := s.instruments.models(names)
	book, err := spend.New(ctx, spend.Options{DB: db, Prices: prices, Models: names, Turn: s.cfg.Limits.TurnTimeout, MaxTokens: most, Keep: l.Spend.Keep, Now: p.clock, Logger: s.logger,
		Limits: spend.Limits{UserUSD: l.Spend.UserDayUSD, AllUSD: l.Spend.DayUSD, UserTokens: l.Spend.UserDayTokens, AllTokens: l.Spend.DayTokens},
		Count: func(c spend.Counted) {
			watch.Used(telemetry.ModelUse{Model: c.Model, Input: c.Input, Cached: c.Cached, Output: c.Output, USD: c.USD, Priced: c.Priced, Failed: c.Failed})
		}})
	if err != nil {
		return nil, nil, err
	}
	s.closers = append(s.closers, func() error { return book.Close(context.WithoutCancel(ctx)) })
	var prose *recall.Store
	if l.CacheBytes > 0 {
		if prose, err = recall.New(recall.Options{Bytes: l.CacheBytes, Age: l.CacheAge, Now: p.clock}); err != nil {
			return nil, nil, err
		}
	}
	return &accounts{book: book, refused: watch.Refused}, prose, nil
}

// prices are those of the program, behind a site's own where it has some.
func prices(path string) (*spend.Prices, error) {
	built, err := spend.BuiltIn()
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err, "The built-in prices are broken.")
	}
	if path == "" {
		return built, nil
	}
	f, err := os.Open(path) //nolint:gosec // the configured file
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "The file of llm.prices cannot be read: %s.", path).WithHint("Check the path and who may read it.")
	}
	defer f.Close() //nolint:errcheck // it was only read
	return built.With(f)
}
