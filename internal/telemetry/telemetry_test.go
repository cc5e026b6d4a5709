package telemetry_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.uber.org/goleak"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/telemetry"
	"github.com/resync-hwa/resync/internal/telemetry/telemetrytest"
	"github.com/resync-hwa/resync/internal/toolkit"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("net/http.(*persistConn).writeLoop"), goleak.IgnoreAnyFunction("net/http.(*persistConn).readLoop"))
}

const caller = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

func tracer(t testing.TB, o telemetry.TracerOptions) *telemetry.Tracer {
	t.Helper()
	tr, err := telemetry.OpenTracer(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

func closed(t testing.TB, tr *telemetry.Tracer) {
	t.Helper()
	if err := tr.Close(context.WithoutCancel(t.Context())); err != nil {
		t.Error(err)
	}
}

// look is a set with one tool, which asks an engine for something secret and fails when told to.
func look(t testing.TB, tr *telemetry.Tracer) *toolkit.Set {
	t.Helper()
	type in struct {
		Job string `json:"job" doc:"Which one."`
	}
	tool := toolkit.MustDefine(toolkit.Spec{Name: "look", Title: "Look", Description: "Looks."}, func(ctx context.Context, in in) (toolkit.Reply[struct{}], error) {
		// A library in between that records nothing must not cut the trace.
		nobody := sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.NeverSample()))
		ctx, span := nobody.Tracer("x").Start(ctx, "prompt "+in.Job)
		defer span.End()
		_, end := tr.EngineCall(ctx, "prod", "GET", "/plan/job/{id}")
		if in.Job == "SECRET-2" {
			end(7, fault.UpstreamDenied)
			return toolkit.Reply[struct{}]{}, fault.New(fault.UpstreamDenied, "The engine refuses %s.", in.Job)
		}
		end(70, "")
		return toolkit.Reply[struct{}]{Engine: toolkit.Engine{Name: "prod"}, UpstreamCalls: 1}, nil
	})
	set, err := toolkit.NewSet(tool)
	if err != nil {
		t.Fatal(err)
	}
	return set.WithWatch(tr.Tool)
}

func find(spans []telemetrytest.Span, name string) []telemetrytest.Span {
	return slices.DeleteFunc(slices.Clone(spans), func(s telemetrytest.Span) bool { return s.Name != name })
}

// A call is a span of the caller's trace, and the engine's calls are below it; nothing of what was asked or answered is in them.
func TestSpans(t *testing.T) {
	collector := telemetrytest.NewCollector(t)
	global := otel.GetTracerProvider()
	tr := tracer(t, telemetry.TracerOptions{Endpoint: collector.URL, Sample: 1, Version: "1.2.3"})
	set := look(t, tr)
	ctx := auth.WithCaller(toolkit.WithCorrelation(t.Context(), "correlation-1"), auth.Caller{ID: "u-secret", Name: "ana-secret", Role: auth.Viewer, Via: "session"})
	ctx = telemetry.WithDoor(telemetry.JoinHeader(ctx, http.Header{"Traceparent": {caller}, "Tracestate": {"a=b"}, "Baggage": {"user=ana-secret"}}), telemetry.Door{Transport: "tcp", Protocol: "2026-07-28"})
	set.Call(ctx, "look", json.RawMessage(`{"job":"SECRET-1"}`))
	set.Call(ctx, "look", json.RawMessage(`{"job":"SECRET-2"}`))
	set.Call(t.Context(), "no_such_SECRET", nil)
	closed(t, tr)
	if otel.GetTracerProvider() != global {
		t.Error("the global tracer was changed: prompts would be exported")
	}
	spans := collector.Spans()
	if text := strings.ToLower(fmt.Sprint(spans)); strings.Contains(text, "secret") || strings.Contains(text, "prompt") {
		t.Errorf("spans tell too much: %s", text)
	}
	calls, engine := find(spans, "tools/call look"), find(collector.Spans(), "GET /plan/job/{id}")
	if len(calls) != 2 || len(engine) != 2 || len(spans) != 5 {
		t.Fatalf("spans are %+v", spans)
	}
	first := calls[0]
	if first.TraceID != "0af7651916cd43dd8448eb211c80319c" || first.Parent != "b7ad6b7169203331" || first.Kind != "SPAN_KIND_SERVER" || first.Failed {
		t.Errorf("the call is %+v", first)
	}
	for name, want := range map[string]string{"gen_ai.tool.name": "look", "gen_ai.operation.name": "execute_tool", "mcp.method.name": "tools/call", "mcp.protocol.version": "2026-07-28", "network.transport": "tcp",
		"resync.caller.role": "viewer", "resync.correlation_id": "correlation-1", "resync.engine.name": "prod", "resync.engine.calls": "int_value:1"} {
		if first.Attributes[name] != want {
			t.Errorf("%s is %q, want %q", name, first.Attributes[name], want)
		}
	}
	if first.FromResource["service.name"] != "resync" || first.FromResource["service.version"] != "1.2.3" || first.FromResource["service.instance.id"] == "" {
		t.Errorf("the resource is %v", first.FromResource)
	}
	if engine[0].Parent != first.SpanID || engine[0].TraceID != first.TraceID || engine[0].Kind != "SPAN_KIND_CLIENT" || engine[0].Attributes["url.template"] != "/plan/job/{id}" {
		t.Errorf("the engine's call is %+v", engine[0])
	}
	if second := calls[1]; !second.Failed || second.Attributes["error.type"] != "upstream_denied" || !engine[1].Failed {
		t.Errorf("the failed call is %+v, of the engine %+v", second, engine[1])
	}
	unknown := find(spans, "tools/call other")
	if len(unknown) != 1 || unknown[0].Parent != "" || unknown[0].Kind != "SPAN_KIND_INTERNAL" || unknown[0].Attributes["mcp.method.name"] != "" {
		t.Errorf("the unknown tool is %+v", unknown)
	}
}

// What is passed on names the trace and never baggage; it is passed on without a collector, too.
func TestCarried(t *testing.T) {
	collector := telemetrytest.NewCollector(t)
	on := tracer(t, telemetry.TracerOptions{Endpoint: collector.URL, Sample: 1})
	defer closed(t, on)
	off := tracer(t, telemetry.TracerOptions{})
	joined := telemetry.JoinHeader(t.Context(), http.Header{"Traceparent": {caller}, "Tracestate": {"a=b"}, "Baggage": {"user=ana"}})
	for name, tr := range map[string]*telemetry.Tracer{"on": on, "off": off, "nil": nil} {
		ctx, end := tr.Tool(joined, "look")
		h := http.Header{}
		telemetry.CarryHeader(ctx, h)
		end(&toolkit.AuditRecord{})
		same := h.Get("Traceparent") == caller
		if h.Get("Tracestate") != "a=b" || h.Get("Baggage") != "" || len(h) != 2 || !strings.HasPrefix(h.Get("Traceparent"), caller[:36]) || same != (name != "on") {
			t.Errorf("%s: %v", name, h)
		}
		if telemetry.TraceID(ctx) != caller[3:35] {
			t.Errorf("%s: trace %s", name, telemetry.TraceID(ctx))
		}
	}
	if telemetry.Carry(t.Context()) != nil || telemetry.TraceID(t.Context()) != "" {
		t.Error("a trace out of nothing")
	}
	ctx, end := on.Tool(t.Context(), "look")
	own := telemetry.TraceID(ctx)
	if again := telemetry.JoinHeader(ctx, http.Header{"Traceparent": {caller}}); telemetry.TraceID(again) != own {
		t.Error("a span of this process was left for a stranger's")
	}
	end(&toolkit.AuditRecord{})
	for _, bad := range []string{"", "x", "00-00000000000000000000000000000000-b7ad6b7169203331-01", strings.Repeat("0", 10_000), caller + "-more", "ff-" + caller[3:]} {
		if ctx := telemetry.JoinHeader(t.Context(), http.Header{"Traceparent": {bad}}); telemetry.TraceID(ctx) != "" {
			t.Errorf("%.60q was taken as %s", bad, telemetry.TraceID(ctx))
		}
	}
	long := telemetry.JoinHeader(t.Context(), http.Header{"Traceparent": {caller}, "Tracestate": {"a=" + strings.Repeat("b", 2000)}})
	if c := telemetry.Carry(long); len(c) != 1 {
		t.Errorf("a long state is passed on: %v", c)
	}
}

func TestSample(t *testing.T) {
	collector := telemetrytest.NewCollector(t)
	tr := tracer(t, telemetry.TracerOptions{Endpoint: collector.URL + "/v1/traces", Sample: 0})
	for _, ctx := range []context.Context{t.Context(), telemetry.JoinHeader(t.Context(), http.Header{"Traceparent": {caller}})} {
		_, end := tr.Tool(ctx, "look")
		end(&toolkit.AuditRecord{})
	}
	_, end := tr.EngineCall(t.Context(), "prod", "GET", "/plan/job") // in nobody's trace
	end(1, "")
	closed(t, tr)
	if spans := collector.Spans(); len(spans) != 1 || spans[0].TraceID != caller[3:35] {
		t.Errorf("%+v", spans)
	}
	for _, bad := range []string{"collector:4318", "ftp://x", "http://"} {
		if _, err := telemetry.OpenTracer(t.Context(), telemetry.TracerOptions{Endpoint: bad}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// A collector that takes requests and never answers slows nothing, and the program ends in time.
func TestHangingCollector(t *testing.T) {
	entered, leave := make(chan struct{}, 100), make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		entered <- struct{}{}
		select {
		case <-leave:
		case <-r.Context().Done():
		}
	}))
	defer srv.Close()
	defer close(leave)
	var said strings.Builder
	tr := tracer(t, telemetry.TracerOptions{Endpoint: srv.URL, Sample: 1, Every: time.Millisecond, Logger: slog.New(slog.NewTextHandler(&said, nil))})
	set := look(t, tr)
	set.Call(t.Context(), "look", json.RawMessage(`{"job":"A"}`))
	<-entered
	start := time.Now()
	const calls = 5000 // more than may wait
	for range calls {
		set.Call(t.Context(), "look", json.RawMessage(`{"job":"A"}`))
	}
	if per := time.Since(start) / calls; per > 5*time.Millisecond {
		t.Errorf("a call takes %s", per)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	start = time.Now()
	if err := tr.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("close: %v", err)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("the end took %s", took)
	}
	if tr.Failures() == 0 || strings.Count(said.String(), "traces cannot be sent") != 1 {
		t.Errorf("%d failures, log %q", tr.Failures(), said.String())
	}
}

func TestRequests(t *testing.T) {
	collector := telemetrytest.NewCollector(t)
	tr := tracer(t, telemetry.TracerOptions{Endpoint: collector.URL, Sample: 1})
	var inside []string
	h := tr.Requests("POST /api/chat")(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inside = append(inside, telemetry.TraceID(r.Context()))
		if r.URL.Query().Get("fail") != "" {
			w.WriteHeader(http.StatusBadGateway)
		}
	}))
	for _, target := range []string{"/api/chat?fail=SECRET", "/api/jobs/SECRET"} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, target, nil)
		r.Header.Set("Traceparent", caller)
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
	closed(t, tr)
	spans := collector.Spans()
	if len(spans) != 1 || spans[0].Name != "POST /api/chat" || spans[0].Parent != caller[36:52] || !spans[0].Failed || strings.Contains(fmt.Sprint(spans), "SECRET") {
		t.Errorf("%+v", spans)
	}
	if len(inside) != 2 || inside[0] != caller[3:35] || inside[1] != caller[3:35] {
		t.Errorf("inside: %q", inside)
	}
}

// Off costs next to nothing.
func BenchmarkToolOff(b *testing.B) {
	var tr telemetry.Tracer
	for b.Loop() {
		_, end := tr.Tool(b.Context(), "look")
		end(&toolkit.AuditRecord{})
	}
}

func BenchmarkToolOn(b *testing.B) {
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer srv.Close()
	tr := tracer(b, telemetry.TracerOptions{Endpoint: srv.URL, Sample: 1})
	defer closed(b, tr)
	for b.Loop() {
		_, end := tr.Tool(b.Context(), "look")
		end(&toolkit.AuditRecord{})
	}
}
