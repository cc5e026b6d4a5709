package telemetry

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/httpd"
	"github.com/resync-hwa/resync/internal/toolkit"
)

// Metrics counts tool calls and what comes to the doors. All labels are from fixed lists: what is in none of them is counted as other.
type Metrics struct {
	registry prometheus.Registerer
	tools    []string

	calls       *prometheus.CounterVec
	seconds     *prometheus.HistogramVec
	bytes       *prometheus.HistogramVec
	engineCalls *prometheus.HistogramVec
	inFlight    prometheus.Gauge
	messages    *prometheus.CounterVec
	limited     *prometheus.CounterVec
}

// NewMetrics registers the metrics of these tools.
func NewMetrics(registry prometheus.Registerer, tools []string) *Metrics {
	m := &Metrics{registry: registry, tools: slices.Clone(tools),
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "resync_tool_calls_total", Help: "Tool calls that ended, by error code; ok for those without one."}, []string{"tool", "code"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "resync_tool_seconds", Help: "Time of a tool call.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 50}}, []string{"tool"}),
		bytes: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "resync_tool_result_bytes", Help: "Size of a tool's result, structure and text.",
			Buckets: prometheus.ExponentialBuckets(256, 2, 10)}, []string{"tool"}),
		engineCalls: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "resync_tool_engine_calls", Help: "Requests that an engine got because of one tool call.",
			Buckets: []float64{0, 1, 2, 4, 8, 16, 32, 64, 128}}, []string{"tool"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{Name: "resync_tool_calls_in_flight", Help: "Tool calls that are being worked on."}),
		messages: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "resync_mcp_requests_total", Help: "Requests to the MCP endpoint, by the message's method and era and the HTTP status."},
			[]string{"method", "era", "status"}),
		limited: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "resync_rate_limited_requests_total", Help: "Requests that were refused because there were too many."}, []string{"area"}),
	}
	registry.MustRegister(m.calls, m.seconds, m.bytes, m.engineCalls, m.inFlight, m.messages, m.limited)
	for _, area := range []string{areaMCP, areaAPI, other} {
		m.limited.WithLabelValues(area) // a counter that is there before its first event shows the first one, too
	}
	return m
}

// ok is the code of a call that brought something.
const ok = "ok"

// Tool is a toolkit.Watch that counts.
func (m *Metrics) Tool(ctx context.Context, tool string) (context.Context, func(*toolkit.AuditRecord)) {
	if !slices.Contains(m.tools, tool) {
		tool = other
	}
	m.inFlight.Inc()
	return ctx, func(a *toolkit.AuditRecord) {
		m.inFlight.Dec()
		m.calls.WithLabelValues(tool, codeLabel(a.ErrorCode)).Inc()
		m.seconds.WithLabelValues(tool).Observe(a.Duration.Seconds())
		m.bytes.WithLabelValues(tool).Observe(float64(a.ResultBytes))
		m.engineCalls.WithLabelValues(tool).Observe(float64(a.UpstreamCalls))
	}
}

func codeLabel(code string) string {
	switch {
	case code == "":
		return ok
	case slices.Contains(fault.Codes(), fault.Code(code)):
		return code
	}
	return other
}

// Sessions adds a figure of the MCP sessions that are open, where there are any. Call it at most once.
func (m *Metrics) Sessions(open func() int) {
	m.gauge("resync_mcp_sessions", "MCP sessions that are open.", func() float64 { return float64(open()) })
}

// Trail adds the figures of the audit trail: entries written, lost, and waiting to be written. Call it at most once.
func (m *Metrics) Trail(stats func() (written, lost int64, waiting int)) {
	m.counter("resync_audit_written_total", "Tool calls that are in the audit trail.", func() float64 { n, _, _ := stats(); return float64(n) })
	m.counter("resync_audit_lost_total", "Tool calls that are missing in the audit trail.", func() float64 { _, n, _ := stats(); return float64(n) })
	m.gauge("resync_audit_waiting", "Tool calls that wait to be written to the audit trail.", func() float64 { _, _, n := stats(); return float64(n) })
}

// Traces adds the figure of spans that a collector did not take. Call it at most once.
func (m *Metrics) Traces(t *Tracer) {
	m.counter("resync_trace_spans_dropped_total", "Spans that the collector of traces did not take.", func() float64 { return float64(t.Failures()) })
}

func (m *Metrics) counter(name, help string, value func() float64) {
	m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, value))
}

func (m *Metrics) gauge(name, help string, value func() float64) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value))
}

// The areas of requests that are refused for their number.
const (
	areaMCP = "mcp"
	areaAPI = "api"
)

// Requests is a guard that counts what comes to the MCP endpoint at the path, and what is refused anywhere.
func (m *Metrics) Requests(mcpPath string) httpd.Guard {
	return httpd.Watch(func(r *http.Request) (*http.Request, func(httpd.Outcome)) {
		area, note := other, (*message)(nil)
		switch {
		case r.URL.Path == mcpPath || r.URL.Path == mcpPath+"/":
			area, note = areaMCP, &message{method: none, era: none}
			r = r.WithContext(context.WithValue(r.Context(), messageKey{}, note))
		case len(r.URL.Path) > 5 && r.URL.Path[:5] == "/api/":
			area = areaAPI
		}
		return r, func(o httpd.Outcome) {
			if o.Limited {
				m.limited.WithLabelValues(area).Inc()
			}
			if note != nil {
				m.messages.WithLabelValues(note.method, note.era, statusLabel(o.Status)).Inc()
			}
		}
	})
}

// none is the label of what was refused before it was read, and of what is no message.
const none = "none"

// statusLabel bounds the label by what HTTP knows.
func statusLabel(status int) string {
	if status == httpd.StatusClientGone || http.StatusText(status) != "" {
		return strconv.Itoa(status)
	}
	return other
}

type messageKey struct{}

// message is what the endpoint tells of what it was sent. It belongs to the goroutine of its request.
type message struct{ method, era string }

// methods are those that clients send.
var methods = []string{"initialize", "ping", "server/discover", "tools/list", "tools/call", "resources/list", "resources/templates/list", "resources/read", "resources/subscribe", "resources/unsubscribe",
	"prompts/list", "prompts/get", "completion/complete", "logging/setLevel", "subscriptions/listen", "notifications/initialized", "notifications/cancelled", "notifications/progress",
	"notifications/roots/list_changed"}

// NoteMessage tells Metrics.Requests of the message in a request: its method, and whether it is of the revisions from 2026-07-28 on.
func NoteMessage(ctx context.Context, method string, modern bool) {
	note, found := ctx.Value(messageKey{}).(*message)
	if !found {
		return
	}
	note.era = "legacy"
	if modern {
		note.era = "modern"
	}
	switch {
	case slices.Contains(methods, method):
		note.method = method
	case method != "":
		note.method = other
	}
}
