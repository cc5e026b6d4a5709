package telemetry_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/resync-hwa/resync/internal/httpd"
	"github.com/resync-hwa/resync/internal/telemetry"
	"github.com/resync-hwa/resync/internal/toolkit"
)

// full is a set of metrics in which everything has happened.
func full(t *testing.T) *prometheus.Registry {
	t.Helper()
	registry := prometheus.NewRegistry()
	m := telemetry.NewMetrics(registry, []string{"look", "find"})
	m.Sessions(func() int { return 3 })
	m.Trail(func() (int64, int64, int) { return 5, 2, 1 })
	m.Traces(nil)
	models := m.Models([]string{"dear"})
	models.Used(telemetry.ModelUse{Model: "dear", Input: 100, Cached: 40, Output: 7, USD: .25, Priced: true})
	models.Used(telemetry.ModelUse{Model: "made/up", Input: 5, Output: -1, Failed: true})
	models.Refused()
	call := func(tool, code string) {
		_, end := m.Tool(t.Context(), tool)
		end(&toolkit.AuditRecord{ErrorCode: code, Duration: 30 * time.Millisecond, ResultBytes: 1000, UpstreamCalls: 3})
	}
	call("look", "")
	call("look", "timeout")
	call("find", "")
	call("", "not_found")
	call("made_up", "made_up")
	m.Tool(t.Context(), "look") // is being worked on
	limited := httpd.Chain(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch body := r.Header.Get("X-Method"); body {
		case "": // refused before it was read
			w.WriteHeader(http.StatusUnauthorized)
		case "made/up":
			telemetry.NoteMessage(r.Context(), body, true)
			w.WriteHeader(http.StatusBadRequest)
		default:
			telemetry.NoteMessage(r.Context(), body, body == "server/discover")
		}
	}), m.Requests("/mcp"), httpd.Guards(httpd.Options{}), httpd.RateLimit(6, time.Hour))
	for _, r := range [][2]string{{"/mcp", "tools/call"}, {"/mcp/", "tools/call"}, {"/mcp", "server/discover"}, {"/mcp", ""}, {"/mcp", "made/up"}, {"/api/jobs", "tools/call"},
		{"/mcp", "tools/call"}, {"/api/jobs", "tools/call"}, {"/login", "tools/call"}} { // the last three are too many
		request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost"+r[0], nil)
		request.Header.Set("X-Method", r[1])
		limited.ServeHTTP(httptest.NewRecorder(), request)
	}
	return registry
}

func TestMetrics(t *testing.T) {
	registry := full(t)
	want := `
# HELP resync_audit_lost_total Tool calls that are missing in the audit trail.
# TYPE resync_audit_lost_total counter
resync_audit_lost_total 2
# HELP resync_audit_waiting Tool calls that wait to be written to the audit trail.
# TYPE resync_audit_waiting gauge
resync_audit_waiting 1
# HELP resync_audit_written_total Tool calls that are in the audit trail.
# TYPE resync_audit_written_total counter
resync_audit_written_total 5
# HELP resync_mcp_requests_total Requests to the MCP endpoint, by the message's method and era and the HTTP status.
# TYPE resync_mcp_requests_total counter
resync_mcp_requests_total{era="legacy",method="tools/call",status="200"} 2
resync_mcp_requests_total{era="modern",method="other",status="400"} 1
resync_mcp_requests_total{era="modern",method="server/discover",status="200"} 1
resync_mcp_requests_total{era="none",method="none",status="401"} 1
resync_mcp_requests_total{era="none",method="none",status="429"} 1
# HELP resync_mcp_sessions MCP sessions that are open.
# TYPE resync_mcp_sessions gauge
resync_mcp_sessions 3
# HELP resync_model_budget_refusals_total Answers that were made without a model because a budget was used up.
# TYPE resync_model_budget_refusals_total counter
resync_model_budget_refusals_total 1
# HELP resync_model_cost_usd_total What language models cost, in US dollars, as far as prices are known.
# TYPE resync_model_cost_usd_total counter
resync_model_cost_usd_total{model="dear"} 0.25
# HELP resync_model_requests_total Requests to language models that ended; failed ones were of no use.
# TYPE resync_model_requests_total counter
resync_model_requests_total{model="dear",outcome="ok"} 1
resync_model_requests_total{model="other",outcome="failed"} 1
# HELP resync_model_tokens_total Tokens that language models read and wrote; cached ones are part of the input.
# TYPE resync_model_tokens_total counter
resync_model_tokens_total{kind="cached",model="dear"} 40
resync_model_tokens_total{kind="cached",model="other"} 0
resync_model_tokens_total{kind="input",model="dear"} 100
resync_model_tokens_total{kind="input",model="other"} 5
resync_model_tokens_total{kind="output",model="dear"} 7
resync_model_tokens_total{kind="output",model="other"} 0
# HELP resync_model_unpriced_requests_total Requests that count with a cost of 0 because no price is known.
# TYPE resync_model_unpriced_requests_total counter
resync_model_unpriced_requests_total{model="other"} 1
# HELP resync_rate_limited_requests_total Requests that were refused because there were too many.
# TYPE resync_rate_limited_requests_total counter
resync_rate_limited_requests_total{area="api"} 1
resync_rate_limited_requests_total{area="mcp"} 1
resync_rate_limited_requests_total{area="other"} 1
# HELP resync_tool_calls_in_flight Tool calls that are being worked on.
# TYPE resync_tool_calls_in_flight gauge
resync_tool_calls_in_flight 1
# HELP resync_tool_calls_total Tool calls that ended, by error code; ok for those without one.
# TYPE resync_tool_calls_total counter
resync_tool_calls_total{code="not_found",tool="other"} 1
resync_tool_calls_total{code="ok",tool="find"} 1
resync_tool_calls_total{code="ok",tool="look"} 1
resync_tool_calls_total{code="other",tool="other"} 1
resync_tool_calls_total{code="timeout",tool="look"} 1
# HELP resync_trace_spans_dropped_total Spans that the collector of traces did not take.
# TYPE resync_trace_spans_dropped_total counter
resync_trace_spans_dropped_total 0
`
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want), "resync_audit_lost_total", "resync_audit_waiting", "resync_audit_written_total", "resync_mcp_requests_total",
		"resync_model_budget_refusals_total", "resync_model_cost_usd_total", "resync_model_requests_total", "resync_model_tokens_total", "resync_model_unpriced_requests_total",
		"resync_mcp_sessions", "resync_rate_limited_requests_total", "resync_tool_calls_in_flight", "resync_tool_calls_total", "resync_trace_spans_dropped_total"); err != nil {
		t.Error(err)
	}
	for name, sum := range map[string]float64{"resync_tool_seconds": .06, "resync_tool_result_bytes": 2000, "resync_tool_engine_calls": 6} {
		if got := histogramSum(t, registry, name, "look"); got < sum-1e-9 || got > sum+1e-9 {
			t.Errorf("%s sums up to %v, want %v", name, got, sum)
		}
	}
	if problems, err := testutil.GatherAndLint(registry); err != nil || len(problems) > 0 {
		t.Errorf("%v %v", problems, err)
	}
}

func histogramSum(t *testing.T, registry *prometheus.Registry, name, tool string) float64 {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			if m.GetLabel()[0].GetValue() == tool {
				return m.GetHistogram().GetSampleSum()
			}
		}
	}
	t.Errorf("there is no %s of %s", name, tool)
	return 0
}

// Whatever callers send, the number of series stays the same.
func TestSeriesAreBounded(t *testing.T) {
	registry := prometheus.NewRegistry()
	m := telemetry.NewMetrics(registry, []string{"look"})
	h := m.Requests("/mcp")(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		telemetry.NoteMessage(r.Context(), r.Header.Get("X-Method"), false)
		w.WriteHeader(len(r.Header.Get("X-Method")) + 600)
	}))
	for i := range 300 {
		name := fmt.Sprint("x", strings.Repeat("y", i))
		_, end := m.Tool(t.Context(), name)
		end(&toolkit.AuditRecord{ErrorCode: name})
		r := httptest.NewRequestWithContext(t.Context(), name, "/mcp", nil)
		r.Header.Set("X-Method", name)
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
	telemetry.NoteMessage(context.WithoutCancel(t.Context()), "x", true) // nobody counts
	for name, want := range map[string]int{"resync_tool_calls_total": 1, "resync_tool_seconds": 1, "resync_mcp_requests_total": 1} {
		if n, err := testutil.GatherAndCount(registry, name); err != nil || n != want {
			t.Errorf("%s has %d series, want %d (%v)", name, n, want, err)
		}
	}
}
