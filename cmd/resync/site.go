package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"time"

	"github.com/resync-hwa/resync/agentsvc/agent"
	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/agentsvc/understand"
	"github.com/resync-hwa/resync/internal/config"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/knowledge"
	"github.com/resync-hwa/resync/mcp/mcpclient"
	"github.com/resync-hwa/resync/mcp/mcpserver"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/diagnose"
	"github.com/resync-hwa/resync/twstools/hwa"
	"github.com/resync-hwa/resync/twstools/joblog"
	"github.com/resync-hwa/resync/twstools/message"
	"github.com/resync-hwa/resync/twstools/tools"
	"github.com/resync-hwa/resync/twstools/twsmock"
	"github.com/resync-hwa/resync/twstools/world"
)

// site is the wiring that all commands share: an engine, the tools over it, the MCP server that offers them, and whatever must be
// closed again.
type site struct {
	cfg     *config.Config
	logger  *slog.Logger
	name    string
	mode    string
	api     string
	engine  twstools.Engine
	set     *toolkit.Set
	mcp     *mcpserver.Server
	closers []func() error
}

// open makes a site. Close it even when a later step fails.
func (p *program) open(ctx context.Context, cfg *config.Config) (*site, error) {
	for _, check := range []func() error{diagnose.Check, joblog.Check} {
		if err := check(); err != nil {
			return nil, fault.Wrap(fault.Internal, err, "The built-in tables are broken.")
		}
	}
	s := &site{cfg: cfg, logger: p.logger(cfg), api: "v2"}
	slog.SetDefault(s.logger) // libraries log through the default; it must not reach standard output, nor ignore the level
	if err := p.openEngine(ctx, s); err != nil {
		return s, err
	}
	base, err := knowledge.Open(ctx, knowledge.Options{Paths: cfg.Knowledge.Paths, Logger: s.logger})
	if err != nil {
		return s, err
	}
	if err := s.tools(p.clock, base); err != nil {
		return s, err
	}
	s.mcp = mcpserver.New(mcpserver.Options{Tools: s.set, Name: "resync", Title: "Resync", Version: build(), Logger: s.logger})
	return s, nil
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

// openEngine picks the engine: the configured one, or the demo when none is.
func (p *program) openEngine(ctx context.Context, s *site) error {
	e, ok := pickEngine(s.cfg.Engines)
	if len(s.cfg.Engines) > 1 {
		s.logger.WarnContext(ctx, "several engines are configured; this version asks one", "engine", e.Name)
	}
	s.name = "default"
	if !ok || e.Mode == "mock" {
		if ok {
			s.name = e.Name
		}
		return p.openDemo(ctx, s)
	}
	if e.API == "v1" {
		return fault.New(fault.Unsupported, "This version reads engines through the V2 interface only, and APP_TWS_API asks for V1.").WithHint("Engines from 10.1 Fix Pack 1 on have V2; leave APP_TWS_API out, or set it to v2.")
	}
	s.name, s.mode = e.Name, "live"
	client, err := hwa.Open(hwa.Options{Name: e.Name, Mode: s.mode, Scheme: e.Scheme, Host: e.Host, Port: e.Port, User: e.User, Password: e.Password.Reveal(), Token: e.APIKey.Reveal(),
		CAFile: e.CAFile, InsecureSkipVerify: e.InsecureSkipVerify, ProxyFromEnvironment: true, Timeout: e.Timeout, Clock: p.clock, Logger: s.logger})
	if err != nil {
		return err
	}
	s.engine = client
	return nil
}

func pickEngine(all []config.Engine) (config.Engine, bool) {
	for _, e := range all {
		if e.Name == "default" {
			return e, true
		}
	}
	if len(all) == 0 {
		return config.Engine{}, false
	}
	return all[0], true
}

// openDemo starts the demo engine: a mock on a loopback port, over real HTTP. Its plan is told relative to the moment of the start
// and stands still from then on, its clock too: a night that does not move can be asked about at leisure.
func (p *program) openDemo(ctx context.Context, s *site) error {
	if s.cfg.Production() {
		return fault.New(fault.Invalid, "No engine is configured, and in production there is no demo.").WithHint("Set TWS_HOST, TWS_USER and TWS_PASSWORD.")
	}
	start := p.clock()
	w, err := world.Demo(start)
	if err != nil {
		return fault.Wrap(fault.Internal, err, "The demo's plan cannot be loaded.")
	}
	user, password := "demo", rand.Text()
	server, err := twsmock.Start(ctx, twsmock.Options{World: func() *world.World { return w }, User: user, Password: password, Clock: func() time.Time { return start }, Logger: s.logger})
	if err != nil {
		return fault.Wrap(fault.Internal, err, "The demo engine cannot be started.")
	}
	s.closers = append(s.closers, server.Close)
	s.mode = "mock"
	s.engine, err = hwa.Open(hwa.Options{Name: s.name, Mode: "mock", BaseURL: server.URL(), User: user, Password: password, Clock: p.clock, Logger: s.logger})
	if err != nil {
		return err
	}
	fmt.Fprintln(p.err, "resync: no engine is configured, so the demo engine answers (an invented plant). Set TWS_HOST, TWS_USER and TWS_PASSWORD for a real one.")
	return nil
}

// tools makes the tool set of both rooms.
func (s *site) tools(clock func() time.Time, base *knowledge.Base) error {
	plan, err := tools.New(tools.Options{Engine: s.engine, Name: s.name, Mode: s.mode, API: s.api, Runbooks: runbooks{base}, Clock: clock, Logger: s.logger}).All()
	if err != nil {
		return fault.Wrap(fault.Internal, err, "The tools cannot be defined.")
	}
	docs, err := knowledge.Tools(base, catalogue{})
	if err != nil {
		return fault.Wrap(fault.Internal, err, "The knowledge tools cannot be defined.")
	}
	set, err := toolkit.NewSet(append(plan, docs...)...)
	if err != nil {
		return fault.Wrap(fault.Internal, err, "The tool set cannot be made.")
	}
	s.set = set.WithLogger(s.logger).WithAudit(s.audit)
	return nil
}

// audit logs each tool call: who, what, at what cost.
func (s *site) audit(ctx context.Context, a toolkit.AuditRecord) {
	s.logger.InfoContext(ctx, "tool call", "tool", a.Tool, "caller", a.CallerID, "args_hash", a.ArgsHash, "bytes", a.ResultBytes, "engine_calls", a.UpstreamCalls,
		"duration_ms", a.Duration.Milliseconds(), "error", a.ErrorCode, "correlation_id", a.CorrelationID)
}

// agent makes the agent, which calls the tools over MCP in process.
func (p *program) agent(ctx context.Context, s *site) (*agent.Agent, error) {
	caller, closer, err := mcpclient.InProcess(ctx, s.mcp)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err, "The tools cannot be reached over MCP.")
	}
	s.closers = append(s.closers, closer.Close)
	u, err := understand.New()
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err, "The language tables are broken.")
	}
	ag, err := agent.New(ctx, agent.Options{Caller: caller, Understander: u, Conversations: conversations.New(conversations.Options{Now: p.clock}), Provider: provider(s.cfg.LLM),
		Engine: answer.EngineInfo{Name: s.name, Mode: s.mode, API: s.api}, Timeout: s.cfg.Limits.TurnTimeout, Now: p.clock, Logger: s.logger})
	if err != nil {
		return nil, err
	}
	s.closers = append(s.closers, ag.Close)
	return ag, nil
}

// provider says which model writes the prose.
func provider(l config.LLM) agent.Provider {
	return agent.Provider{Kind: l.Provider, Endpoint: l.Endpoint, APIKey: l.APIKey.Reveal(), Model: l.Model, MaxTokens: l.MaxTokens, Temperature: l.Temperature, Timeout: l.Timeout}
}

// runbooks adapts the knowledge room to the diagnosis: neither knows the other.
type runbooks struct{ base *knowledge.Base }

func (r runbooks) Fitting(ctx context.Context, kinds, messageIDs []string, words, language string) ([]diagnose.Runbook, error) {
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

// catalogue adapts the message catalogue to the knowledge room.
type catalogue struct{}

func (catalogue) Decode(text, language string) []knowledge.Decoded {
	var out []knowledge.Decoded
	for _, d := range message.Decode(text, language) {
		out = append(out, knowledge.Decoded{ID: d.ID, Component: d.Component, Severity: string(d.Severity), Meaning: d.Meaning, Action: d.Action})
	}
	return out
}
