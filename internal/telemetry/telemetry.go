// Package telemetry makes figures and traces of what the program does: Prometheus metrics of tool calls and of the MCP door, and OpenTelemetry
// spans of tool calls and of the engine calls that they cost.
//
// Neither ever holds an argument, a path with names in it, a text of the plan or of a log, or the name of a caller. Metrics have labels
// from fixed lists. Traces are off until an endpoint is named; a collector that is away costs nobody anything but its own spans. The program's
// global tracer is left alone: libraries that put whole prompts into their spans use that one.
//
// Everything is safe for concurrent use. Start at OpenTracer and NewMetrics.
package telemetry

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/resync-hwa/resync/internal/fault"
)

// TracerOptions say where spans go. The zero value records none.
type TracerOptions struct {
	// Endpoint is the collector's address, OTLP over HTTP, such as http://127.0.0.1:4318; a path of its own takes the place of /v1/traces.
	Endpoint string
	// Sample is the part of traces that is recorded, from 0 to 1; those that a caller began are recorded when the caller records them.
	Sample  float64
	Version string // of the program
	// Every is how often spans are sent; 0 means 5 s.
	Every  time.Duration
	Now    func() time.Time
	Logger *slog.Logger // told now and then that the collector is away; nil discards
}

const (
	tracesPath = "/v1/traces"
	spansMost  = 2048 // that wait; what is more is dropped
	// exportTimeout bounds one attempt to send, and retries within it.
	exportTimeout = 10 * time.Second
	complainEvery = time.Minute
)

// Tracer makes spans. Its zero value, and nil, make none but still pass on the trace that a caller began.
type Tracer struct {
	provider *sdktrace.TracerProvider
	tracer   trace.Tracer
	export   *exporter
}

// OpenTracer makes a tracer. It dials nobody: a collector that is away is logged later. Code invalid for an endpoint that is no URL.
func OpenTracer(ctx context.Context, o TracerOptions) (*Tracer, error) {
	if o.Endpoint == "" {
		return &Tracer{}, nil
	}
	u, err := url.Parse(o.Endpoint)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fault.New(fault.Invalid, "The address of the collector of traces is no http or https address.").WithHint("Write it like http://127.0.0.1:4318.")
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = tracesPath
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Every <= 0 {
		o.Every = 5 * time.Second
	}
	otlp, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(u.String()), otlptracehttp.WithCompression(otlptracehttp.GzipCompression), otlptracehttp.WithTimeout(exportTimeout),
		otlptracehttp.WithRetry(otlptracehttp.RetryConfig{Enabled: true, InitialInterval: time.Second, MaxInterval: exportTimeout, MaxElapsedTime: exportTimeout}))
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "Traces cannot be sent as configured.")
	}
	e := &exporter{next: otlp, now: o.Now, logger: o.Logger, stop: make(chan struct{})}
	return newTracer(e, o), nil
}

func newTracer(e *exporter, o TracerOptions) *Tracer {
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithResource(resource.NewSchemaless(attribute.String("service.name", "resync"), attribute.String("service.version", o.Version),
			attribute.String("service.instance.id", rand.Text()))),
		sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.TraceIDRatioBased(o.Sample))),
		sdktrace.WithBatcher(e, sdktrace.WithMaxQueueSize(spansMost), sdktrace.WithBatchTimeout(o.Every), sdktrace.WithExportTimeout(exportTimeout)))
	return &Tracer{provider: provider, tracer: provider.Tracer("github.com/resync-hwa/resync"), export: e}
}

// Failures is how many spans the collector did not take so far.
func (t *Tracer) Failures() int64 {
	if t == nil || t.export == nil {
		return 0
	}
	return t.export.failed.Load()
}

// Close sends what waits, for as long as ctx allows; the rest is dropped.
func (t *Tracer) Close(ctx context.Context) error {
	if t == nil || t.provider == nil {
		return nil
	}
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		_ = t.provider.Shutdown(context.WithoutCancel(ctx)) // what it could not send is logged by the exporter
	}()
	select {
	case <-stopped:
		return nil
	case <-ctx.Done():
	}
	t.export.close() // the attempt under way ends with it
	<-stopped
	return ctx.Err()
}

// exporter sends spans, and keeps to itself that it cannot: the library would print each failure.
type exporter struct {
	next   sdktrace.SpanExporter
	now    func() time.Time
	logger *slog.Logger
	stop   chan struct{}
	closed sync.Once
	failed atomic.Int64

	mu   sync.Mutex
	last time.Time // a failure was logged
}

func (e *exporter) close() { e.closed.Do(func() { close(e.stop) }) }

// ExportSpans implements the library's interface.
func (e *exporter) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan struct{})
	defer close(done)
	go func() {
		select {
		case <-e.stop:
			cancel()
		case <-done:
		}
	}()
	err := ctx.Err()
	select {
	case <-e.stop:
		err = errors.New("the program ends")
	default:
	}
	if err == nil {
		err = e.next.ExportSpans(ctx, spans)
	}
	if err != nil {
		e.complain(ctx, err, len(spans))
	}
	return nil
}

func (e *exporter) complain(ctx context.Context, err error, spans int) {
	all := e.failed.Add(int64(spans))
	e.mu.Lock()
	defer e.mu.Unlock()
	if now := e.now(); e.last.IsZero() || now.Sub(e.last) >= complainEvery {
		e.last = now
		e.logger.LogAttrs(context.WithoutCancel(ctx), slog.LevelWarn, "traces cannot be sent to the collector", slog.String("error", err.Error()), slog.Int64("spans_dropped", all))
	}
}

// Shutdown implements the library's interface.
func (e *exporter) Shutdown(ctx context.Context) error { return e.next.Shutdown(ctx) }
