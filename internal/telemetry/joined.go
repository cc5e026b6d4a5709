package telemetry

import (
	"context"
	"net/http"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// The trace that a context belongs to stands under a key of our own, not under the library's: others use that one, for spans that are never
// recorded, and what is below those would not be recorded either.
type spanKey struct{}

// within is where in which trace a context is.
type within struct {
	span  trace.SpanContext
	local bool // a span of this process
}

func current(ctx context.Context) within {
	w, _ := ctx.Value(spanKey{}).(within)
	return w
}

func with(ctx context.Context, w within) context.Context { return context.WithValue(ctx, spanKey{}, w) }

// TraceID is the id of the trace that the context belongs to, for the log; "" when there is none.
func TraceID(ctx context.Context) string {
	if s := current(ctx).span; s.IsValid() {
		return s.TraceID().String()
	}
	return ""
}

// The names of W3C Trace Context, in HTTP headers and in the _meta of MCP messages (SEP-414). Baggage is neither taken nor sent: it
// holds what others say of their users.
const (
	traceparent = "traceparent"
	tracestate  = "tracestate"
)

// propagator knows the form of the two.
func propagator() propagation.TextMapPropagator { return propagation.TraceContext{} }

// carrier holds the two by name.
type carrier map[string]string

// Get implements the library's interface.
func (c carrier) Get(name string) string { return c[name] }

// Set implements the library's interface.
func (c carrier) Set(name, value string) { c[name] = value }

// Keys implements the library's interface.
func (c carrier) Keys() []string { return []string{traceparent, tracestate} }

// maxTraceState is more than W3C asks to keep, and less than would be a burden to pass on.
const maxTraceState = 1 << 10

// Join returns a context that continues the trace which a caller names. get gives the value of a name, "" when there is none. The
// context stays as it is when no trace is named, when the names are nonsense, and when it is within a span of this process already.
func Join(ctx context.Context, get func(name string) string) context.Context {
	if current(ctx).local {
		return ctx
	}
	c := carrier{traceparent: get(traceparent), tracestate: get(tracestate)}
	if c[traceparent] == "" {
		return ctx
	}
	if len(c[tracestate]) > maxTraceState {
		c[tracestate] = ""
	}
	span := trace.SpanContextFromContext(propagator().Extract(context.Background(), c)) //nolint:contextcheck // a bare context shows what was read, and nothing else
	if !span.IsValid() {
		return ctx
	}
	return with(ctx, within{span: span})
}

// JoinHeader is Join for the headers of an HTTP request.
func JoinHeader(ctx context.Context, h http.Header) context.Context { return Join(ctx, h.Get) }

// Carry gives the names and values by which whoever is called can continue the context's trace; none when there is no trace.
func Carry(ctx context.Context) map[string]string {
	w := current(ctx)
	if !w.span.IsValid() {
		return nil
	}
	c := carrier{}
	propagator().Inject(trace.ContextWithSpanContext(context.Background(), w.span), c) //nolint:contextcheck // as above
	if c[tracestate] == "" {
		delete(c, tracestate)
	}
	return c
}

// CarryHeader is Carry into the headers of an HTTP request.
func CarryHeader(ctx context.Context, h http.Header) {
	for name, value := range Carry(ctx) {
		h.Set(name, value)
	}
}
