package main

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/resync-hwa/resync/internal/audit"
	"github.com/resync-hwa/resync/internal/config"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/httpd"
	"github.com/resync-hwa/resync/internal/store"
	"github.com/resync-hwa/resync/internal/telemetry"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/tools"
)

// How long the end of the program waits for what was watched to be written and sent.
const (
	auditPatience = 5 * time.Second
	tracePatience = 2 * time.Second
)

// instruments are how the program watches itself: figures, traces, and the audit trail, where a command keeps one.
type instruments struct {
	registry *prometheus.Registry
	metrics  *telemetry.Metrics
	tracer   *telemetry.Tracer
	trail    *audit.Trail
}

// openInstruments begins to watch. The tools are added when they are known.
func (p *program) openInstruments(ctx context.Context, s *site) error {
	tracer, err := telemetry.OpenTracer(ctx, telemetry.TracerOptions{Endpoint: s.cfg.Telemetry.Endpoint, Sample: s.cfg.Telemetry.Sample, Version: build(), Now: p.clock, Logger: s.logger})
	if err != nil {
		return err
	}
	s.instruments = &instruments{registry: newRegistry(), tracer: tracer}
	s.closers = append(s.closers, func() error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tracePatience)
		defer cancel()
		return tracer.Close(ctx)
	})
	return nil
}

// remote begins the figures of a server whose tools are elsewhere; it knows their names all the same.
func (w *instruments) remote() error {
	own, err := tools.New(tools.Options{}).All()
	if err != nil {
		return fault.Wrap(fault.Internal, err, "The tools cannot be defined.")
	}
	names := []string{"search_knowledge", tools.ViewGraph, tools.ViewTimeline}
	for _, t := range own {
		names = append(names, t.Info().Name)
	}
	w.metrics = telemetry.NewMetrics(w.registry, names)
	w.metrics.Traces(w.tracer)
	return nil
}

// tools returns the set with everything that watches its calls. Figures have the names of its tools, of the one that reads documents, and of the views.
func (w *instruments) tools(set *toolkit.Set, engines []engine) *toolkit.Set {
	names := []string{readDocument, tools.ViewGraph, tools.ViewTimeline}
	for _, t := range set.Tools() {
		names = append(names, t.Info().Name)
	}
	w.metrics = telemetry.NewMetrics(w.registry, names)
	w.metrics.Traces(w.tracer)
	w.registry.MustRegister(newEngineMetrics(engines))
	return w.watched(set)
}

// models gives what counts the use of these language models; nil where the tools are elsewhere and nothing is counted.
func (w *instruments) models(names []string) *telemetry.ModelMetrics {
	if w == nil || w.metrics == nil {
		return nil
	}
	return w.metrics.Models(names)
}

// watched returns a set with what watches its calls. The tools must have been told before.
func (w *instruments) watched(set *toolkit.Set) *toolkit.Set {
	return set.WithWatch(w.tracer.Tool).WithWatch(w.metrics.Tool).WithWatch(countCalls)
}

// countCalls completes the record with what a failed call cost the engine, which no envelope tells.
func countCalls(ctx context.Context, _ string) (context.Context, func(*toolkit.AuditRecord)) {
	ctx, calls := twstools.WithCallCounter(ctx, nil)
	return ctx, func(a *toolkit.AuditRecord) { a.UpstreamCalls = max(a.UpstreamCalls, int(calls.Load())) }
}

// engine gives what watches the calls of one engine.
func (w *instruments) engine(name string) func(ctx context.Context, method, template string) (context.Context, func(int64, fault.Code)) {
	if w == nil { // a command that only looks at an engine
		return nil
	}
	return func(ctx context.Context, method, template string) (context.Context, func(int64, fault.Code)) {
		return w.tracer.EngineCall(ctx, name, method, template)
	}
}

// guard watches requests.
func (w *instruments) guard() httpd.Guard {
	requests, traces := w.metrics.Requests("/mcp"), w.tracer.Requests("POST /api/chat")
	return func(next http.Handler) http.Handler { return requests(traces(next)) }
}

// audit logs each tool call and hands it to the audit trail: who, what, at what cost. The log has no hash of the arguments, for that would need the key.
func (s *site) audit(ctx context.Context, a toolkit.AuditRecord) {
	s.logger.InfoContext(ctx, "tool call", "tool", a.Tool, "caller", a.CallerID, "bytes", a.ResultBytes, "engine_calls", a.UpstreamCalls,
		"duration_ms", a.Duration.Milliseconds(), "error", a.ErrorCode, "correlation_id", a.CorrelationID, "trace_id", telemetry.TraceID(ctx))
	if s.instruments.trail != nil {
		s.instruments.trail.Add(audit.Entry{At: a.At, Tool: a.Tool, Caller: a.CallerID, Name: a.CallerName, By: a.By, Via: a.Via, Engine: a.Engine, Args: a.ArgsHash, Bytes: a.ResultBytes,
			UpstreamCalls: a.UpstreamCalls, Duration: a.Duration, Code: a.ErrorCode, CorrelationID: a.CorrelationID})
	}
}

// auditStore opens where the audit trail is kept, and gives the keys.
func auditStore(ctx context.Context, cfg *config.Config) (*store.DB, audit.Keys, error) {
	secret, err := secretKey(cfg)
	if err != nil {
		return nil, audit.Keys{}, err
	}
	keys, err := audit.NewKeys(secret)
	if err != nil {
		return nil, audit.Keys{}, fault.Wrap(fault.Invalid, err, "The audit trail cannot be sealed with this key.")
	}
	db, err := store.Open(ctx, store.Options{Dir: cfg.DataDir, File: audit.File, URL: cfg.Database, Rooms: []store.Room{audit.Room()}})
	switch {
	case err != nil && !cfg.Database.IsZero():
		return nil, audit.Keys{}, err // coded, and without the URL
	case err != nil:
		return nil, audit.Keys{}, fault.Wrap(fault.Internal, err, "The audit trail cannot be kept in %s.", cfg.DataDir)
	}
	return db, keys, nil
}

// openAudit keeps an audit trail from now on, or says why there can be none.
func (p *program) openAudit(ctx context.Context, s *site) error {
	trail, err := audit.Begin(ctx, p.auditOptions(s))
	if err != nil {
		return err // coded: it is auditStore's
	}
	s.instruments.audited(s, trail)
	return nil
}

// keepAudit keeps an audit trail as soon as there is something to keep: whoever starts a tool server for one question does not wait for a
// database. Where there can be none the log says so.
func (p *program) keepAudit(s *site) error {
	trail, err := audit.New(p.auditOptions(s))
	if err != nil {
		return fault.Wrap(fault.Internal, err, "The audit trail cannot be kept.")
	}
	s.instruments.audited(s, trail)
	return nil
}

func (p *program) auditOptions(s *site) audit.Options {
	return audit.Options{Keep: s.cfg.Audit.Keep, Rows: int64(s.cfg.Audit.Rows), Now: p.clock, Logger: s.logger,
		Open: func(ctx context.Context) (*store.DB, audit.Keys, error) { return auditStore(ctx, s.cfg) }}
}

// audited gives the site its trail. Do it before anything is called.
func (w *instruments) audited(s *site, trail *audit.Trail) {
	w.trail = trail
	w.metrics.Trail(func() (written, lost int64, waiting int) {
		now := trail.Stats()
		return now.Written, now.Lost, now.Waiting
	})
	s.closers = append(s.closers, func() error {
		ctx, cancel := context.WithTimeout(context.Background(), auditPatience)
		defer cancel()
		return trail.Close(ctx)
	})
}
