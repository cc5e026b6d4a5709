package main

import (
	"context"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/resync-hwa/resync/agentsvc/agent"
	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/agentsvc/roster"
	"github.com/resync-hwa/resync/agentsvc/understand"
	"github.com/resync-hwa/resync/internal/config"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/knowledge"
	"github.com/resync-hwa/resync/mcp/mcpclient"
	"github.com/resync-hwa/resync/mcp/mcpserver"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/diagnose"
	"github.com/resync-hwa/resync/twstools/joblog"
	"github.com/resync-hwa/resync/twstools/message"
	"github.com/resync-hwa/resync/twstools/tools"
)

// site is the wiring that all commands share: the engines, the tools over them, the MCP server that offers these, and whatever must be
// closed again.
type site struct {
	cfg         *config.Config
	logger      *slog.Logger
	engines     []engine // the one that answers by default first; never empty once open
	set         *toolkit.Set
	views       *toolkit.Set // what draws the plan; no model is offered it
	mcp         *mcpserver.Server
	instruments *instruments
	desk        *desk
	agents      *roster.Roster // who answers; nil before the agent is made
	base        *knowledge.Base
	shelf       *shelf // the documents that were read in; nil where there are none and none are to come
	closers     []func() error
}

// open makes a site over the configured engines. Close it even when a later step fails.
func (p *program) open(ctx context.Context, cfg *config.Config) (*site, error) {
	return p.openOn(ctx, cfg, p.openEngines, false)
}

// quietly makes a site for a command that prints to a terminal: it logs nothing but errors.
func (p *program) quietly(ctx context.Context) (*site, error) {
	cfg, err := p.config(nil)
	if err != nil {
		return nil, err
	}
	cfg.Log = config.Log{Level: slog.LevelError.String(), Format: cfg.Log.Format}
	s, err := p.open(ctx, cfg)
	if err != nil && s != nil {
		_ = s.Close() // the error above is the one to tell
	}
	return s, err
}

// openOn makes a site over the engines that are handed in. One that stays has a shelf for documents that may come while it runs.
func (p *program) openOn(ctx context.Context, cfg *config.Config, engines func(context.Context, *site) error, stays bool) (*site, error) {
	if p.opening != nil {
		defer p.opening()()
	}
	s := p.bare(cfg)
	// Documents are most of the work of a start, and nothing else needs them before they are read.
	docs := p.fetchBooks(ctx, s, stays)
	for _, check := range []func() error{diagnose.Check, diagnose.CheckRadar, joblog.Check, mcpserver.Check} {
		if err := check(); err != nil {
			return s, fault.Wrap(fault.Internal, err, "The built-in tables are broken.")
		}
	}
	if err := p.openInstruments(ctx, s); err != nil {
		return s, err
	}
	if err := engines(ctx, s); err != nil {
		return s, err
	}
	if err := p.openReaders(ctx, s); err != nil {
		return s, err
	}
	p.openPasts(s)
	if err := s.tools(p.clock, docs); err != nil {
		return s, err
	}
	offered, err := s.set.Select(cfg.MCP.Toolsets...)
	if err != nil {
		return s, err
	}
	base, err := docs()
	if err != nil {
		return s, err
	}
	texts, err := s.documents(base)
	if err != nil {
		return s, err
	}
	s.mcp = mcpserver.New(mcpserver.Options{Tools: s.set, Toolsets: offered, Name: "resync", Title: "Resync", Version: build(), Engines: s.names(), Documents: texts, Names: planNames{s}, Logger: s.logger})
	return s, nil
}

// fetchBooks opens the documents beside what else is done at a start. The function that it gives waits for them. The built-in runbooks alone are
// opened when something is first asked of them: there nothing can go wrong, and whoever only wants the list of tools has no use for them.
func (p *program) fetchBooks(ctx context.Context, s *site, stays bool) func() (*knowledge.Base, error) {
	if !stays && !kept(s.cfg) {
		s.base = p.builtIn(ctx, s.logger)
		return func() (*knowledge.Base, error) { return s.base, nil }
	}
	var g errgroup.Group
	g.Go(func() (err error) {
		s.base, s.shelf, err = p.books(ctx, s.cfg, s.logger, stays)
		return err
	})
	s.closers = append(s.closers, func() error {
		if g.Wait() != nil || s.shelf == nil { // its error was told by whoever asked for the documents
			return nil
		}
		return s.shelf.Close()
	})
	return func() (*knowledge.Base, error) {
		err := g.Wait()
		return s.base, err
	}
}

// bare makes a site that has a log and nothing else yet.
func (p *program) bare(cfg *config.Config) *site {
	s := &site{cfg: cfg, logger: p.logger(cfg), desk: &desk{cfg: cfg, clock: p.clock}}
	s.closers = append(s.closers, s.desk.Close)
	slog.SetDefault(s.logger) // libraries log through the default; it must not reach standard output, nor ignore the level
	return s
}

// Close closes what was opened, last first.
func (s *site) Close() error {
	var first error
	for i := len(s.closers) - 1; i >= 0; i-- {
		if err := s.closers[i](); err != nil && first == nil {
			first = err
		}
	}
	s.closers = nil
	return first
}

// tools makes the tool set of both rooms. With several engines each tool of the plan can be told which one to ask.
func (s *site) tools(clock func() time.Time, read func() (*knowledge.Base, error)) error {
	books := &runbooks{}
	var choices, drawn []toolkit.Choice
	for i, e := range s.engines {
		s.engines[i].tools = tools.New(tools.Options{Engine: e.engine, Name: e.name, Mode: e.mode, API: e.api, Runbooks: books, Manuals: books, Past: e.past, Remembered: e.past, Others: s.other(e.name),
			Acks: engineAcks{s.desk, e.ackKey()}, Clock: clock, Logger: s.logger})
		plan, err := s.engines[i].tools.All()
		if err != nil {
			return fault.Wrap(fault.Internal, err, "The tools cannot be defined.")
		}
		views, err := s.engines[i].tools.Views()
		if err != nil {
			return fault.Wrap(fault.Internal, err, "The views cannot be defined.")
		}
		choices, drawn = append(choices, toolkit.Choice{Name: e.name, Tools: plan}), append(drawn, toolkit.Choice{Name: e.name, Tools: views})
	}
	plan, err := toolkit.Choose("engine", "which of the configured engines to ask", choices...)
	if err != nil {
		return fault.Wrap(fault.Internal, err, "The tools of several engines cannot be joined.")
	}
	if books.base, err = read(); err != nil { // no tool is called before it is there
		return err
	}
	docs, err := knowledge.Tools(books.base, catalogue{})
	if err != nil {
		return fault.Wrap(fault.Internal, err, "The knowledge tools cannot be defined.")
	}
	set, err := toolkit.NewSet(append(plan, docs...)...)
	if err != nil {
		return fault.Wrap(fault.Internal, err, "The tool set cannot be made.")
	}
	s.set = s.instruments.tools(set.WithLogger(s.logger), s.engines).WithAudit(s.audit)
	return s.openViews(drawn)
}

// openViews makes the set of what draws the plan.
func (s *site) openViews(drawn []toolkit.Choice) error {
	views, err := toolkit.Choose("engine", "which of the configured engines to ask", drawn...)
	if err != nil {
		return fault.Wrap(fault.Internal, err, "The views of several engines cannot be joined.")
	}
	set, err := toolkit.NewSet(views...)
	if err != nil {
		return fault.Wrap(fault.Internal, err, "The views cannot be offered.")
	}
	s.views = s.instruments.watched(set.WithLogger(s.logger)).WithAudit(s.audit)
	return nil
}

// agent makes the agent, which calls the site's own tools over MCP in process.
func (p *program) agent(ctx context.Context, s *site, turns *conversations.Conversations) (*agent.Agent, error) {
	caller, closer, err := mcpclient.InProcess(ctx, s.mcp)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err, "The tools cannot be reached over MCP.")
	}
	s.closers = append(s.closers, closer.Close)
	return p.agentOver(ctx, s, caller, answer.EngineInfo{Name: s.engines[0].name, Mode: s.engines[0].mode, API: s.engines[0].api}, turns)
}

// agentOver makes an agent over tools, wherever they run, and over those of further MCP servers. The engine is the one that answers name when no tool could be called.
func (p *program) agentOver(ctx context.Context, s *site, caller toolkit.Caller, engine answer.EngineInfo, turns *conversations.Conversations) (*agent.Agent, error) {
	who, err := agents(s.cfg)
	if err != nil {
		return nil, err
	}
	tellAgents(s.logger, who)
	s.agents = who
	caller, err = p.withServers(ctx, s, caller)
	if err != nil {
		return nil, err
	}
	u, err := understand.New()
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err, "The language tables are broken.")
	}
	accounts, prose, err := p.openSpend(ctx, s)
	if err != nil {
		return nil, err
	}
	ag, err := agent.New(ctx, agent.Options{Accounts: accounts, Recall: prose, Caller: caller, Understander: u, Roster: who, Conversations: turns, Models: models(s.cfg.LLM),
		Engine: engine, Timeout: s.cfg.Limits.TurnTimeout, Now: p.clock, Logger: s.logger})
	if err != nil {
		return nil, err
	}
	s.closers = append(s.closers, ag.Close)
	return ag, nil
}

// runbooks adapts the knowledge room to the diagnosis: neither knows the other.
type runbooks struct{ base *knowledge.Base }

func (r *runbooks) Fitting(ctx context.Context, kinds, messageIDs []string, words, language string) ([]diagnose.Runbook, error) {
	hits, err := r.base.Fitting(ctx, kinds, messageIDs, words, language)
	if err != nil {
		return nil, err
	}
	var out []diagnose.Runbook
	for _, h := range hits {
		h = h.Cleaned()
		out = append(out, diagnose.Runbook{Source: h.Source(), Title: h.Title, Quote: h.Quote, Line: h.StartLine})
	}
	return out, nil
}

// Explain implements tools.Manuals.
func (r *runbooks) Explain(ctx context.Context, id, language string) (meaning, action, source string, ok bool) {
	e, ok := r.base.Explain(ctx, id, language)
	return e.Meaning, e.Action, e.Source, ok
}

// catalogue adapts the message catalogue to the knowledge room.
type catalogue struct{}

func (catalogue) Decode(text, language string) []knowledge.Decoded {
	var out []knowledge.Decoded
	for _, d := range message.Decode(text, language) {
		out = append(out, knowledge.Decoded{ID: d.ID, Component: d.Component, Severity: string(d.Severity), Meaning: d.Meaning, Action: d.Action, Known: d.Known})
	}
	return out
}
