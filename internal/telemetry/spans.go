package telemetry

import (
	"context"
	"net/http"
	"slices"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/httpd"
	"github.com/resync-hwa/resync/internal/toolkit"
)

// Door is how a call came in over MCP.
type Door struct {
	Transport string // pipe, tcp; "" for a client in this process
	Protocol  string // revision, "" when the message does not say
}

type doorKey struct{}

// WithDoor returns a context whose tool calls came in by a door.
func WithDoor(ctx context.Context, d Door) context.Context {
	return context.WithValue(ctx, doorKey{}, d)
}

// start begins a span within the context's trace, or a trace of its own.
func (t *Tracer) start(ctx context.Context, name string, kind trace.SpanKind, attributes ...attribute.KeyValue) (context.Context, trace.Span) {
	parent := trace.ContextWithSpanContext(ctx, current(ctx).span)
	_, span := t.tracer.Start(parent, name, trace.WithSpanKind(kind), trace.WithAttributes(attributes...))
	return with(ctx, within{span: span.SpanContext(), local: true}), span
}

func (t *Tracer) off() bool { return t == nil || t.provider == nil }

// other stands for every name that is in none of our lists.
const other = "other"

// Tool is a toolkit.Watch: a span for each tool call, named by the conventions for MCP.
func (t *Tracer) Tool(ctx context.Context, tool string) (context.Context, func(*toolkit.AuditRecord)) {
	if t.off() {
		return ctx, func(*toolkit.AuditRecord) {}
	}
	if tool == "" {
		tool = other
	}
	kind := trace.SpanKindInternal
	attributes := []attribute.KeyValue{attribute.String("gen_ai.operation.name", "execute_tool"), attribute.String("gen_ai.tool.name", tool)}
	if d, ok := ctx.Value(doorKey{}).(Door); ok {
		kind = trace.SpanKindServer
		attributes = append(attributes, attribute.String("mcp.method.name", "tools/call"))
		if d.Transport != "" {
			attributes = append(attributes, attribute.String("network.transport", d.Transport))
		}
		if d.Protocol != "" {
			attributes = append(attributes, attribute.String("mcp.protocol.version", d.Protocol))
		}
	}
	ctx, span := t.start(ctx, "tools/call "+tool, kind, attributes...)
	return ctx, func(a *toolkit.AuditRecord) {
		span.SetAttributes(attribute.String("resync.correlation_id", a.CorrelationID), attribute.String("resync.caller.role", a.Role),
			attribute.Int("resync.result.bytes", a.ResultBytes), attribute.Int("resync.engine.calls", a.UpstreamCalls))
		if a.Engine != "" {
			span.SetAttributes(attribute.String("resync.engine.name", a.Engine))
		}
		fail(span, a.ErrorCode)
		span.End()
	}
}

// fail marks a span as failed with a code of internal/fault.
func fail(span trace.Span, code string) {
	if code != "" {
		span.SetAttributes(attribute.String("error.type", code))
		span.SetStatus(codes.Error, code)
	}
}

// EngineCall makes a span for a call of an engine, named by its path template, within a trace; what nobody asked for makes none. The
// engine is told of no trace.
func (t *Tracer) EngineCall(ctx context.Context, engine, method, template string) (context.Context, func(bytes int64, code fault.Code)) {
	if t.off() || !current(ctx).span.IsValid() {
		return ctx, func(int64, fault.Code) {}
	}
	ctx, span := t.start(ctx, method+" "+template, trace.SpanKindClient, attribute.String("http.request.method", method), attribute.String("url.template", template),
		attribute.String("resync.engine.name", engine))
	return ctx, func(bytes int64, code fault.Code) {
		span.SetAttributes(attribute.Int64("http.response.body.size", bytes))
		fail(span, string(code))
		span.End()
	}
}

// Requests is a guard that continues the trace which a request's headers name, and makes a span for the requests to the given routes, such as
// "POST /api/chat": so the calls that one question costs stand together. The routes are exact paths.
func (t *Tracer) Requests(routes ...string) httpd.Guard {
	return httpd.Watch(func(r *http.Request) (*http.Request, func(httpd.Outcome)) {
		ctx := JoinHeader(r.Context(), r.Header)
		route := r.Method + " " + r.URL.Path
		if t.off() || !slices.Contains(routes, route) {
			return r.WithContext(ctx), func(httpd.Outcome) {}
		}
		ctx, span := t.start(ctx, route, trace.SpanKindServer, attribute.String("http.request.method", r.Method), attribute.String("http.route", r.URL.Path))
		return r.WithContext(ctx), func(o httpd.Outcome) {
			span.SetAttributes(attribute.Int("http.response.status_code", o.Status))
			if o.Status >= http.StatusInternalServerError {
				fail(span, http.StatusText(o.Status))
			}
			span.End()
		}
	})
}
