package mcpclient_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/internal/telemetry"
	"github.com/resync-hwa/resync/internal/telemetry/telemetrytest"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/mcp/mcpclient"
	"github.com/resync-hwa/resync/mcp/mcpserver"
)

// A tool server's spans belong to the trace of whoever calls it, over each revision, from headers as well as from _meta alone.
func TestTraceIsJoined(t *testing.T) {
	const trace, span = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
	outside := telemetry.JoinHeader(t.Context(), http.Header{"Traceparent": {"00-" + trace + "-" + span + "-01"}, "Tracestate": {"a=b"}, "Baggage": {"user=ana"}})
	// strip takes away what a gateway in between may take away.
	strip := map[string]func(http.Header){
		"both": func(http.Header) {}, "meta alone": func(h http.Header) { h.Del("Traceparent"); h.Del("Tracestate") },
		"another one in the headers": func(h http.Header) { h.Set("Traceparent", "00-11111111111111111111111111111111-2222222222222222-01") },
	}
	for _, version := range []string{"", "2025-11-25"} {
		for name, change := range strip {
			collector := telemetrytest.NewCollector(t)
			tr, err := telemetry.OpenTracer(t.Context(), telemetry.TracerOptions{Endpoint: collector.URL, Sample: 1})
			if err != nil {
				t.Fatal(err)
			}
			set, _ := tools(t)
			h := newServer(set.WithWatch(tr.Tool)).Handler(mcpserver.HTTPOptions{})
			var baggage []string
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				baggage = append(baggage, r.Header.Get("Baggage"))
				change(r.Header)
				h.ServeHTTP(w, r)
			}))
			wire := &http.Transport{}
			c, closer, err := mcpclient.HTTP(t.Context(), srv.URL, "", mcpclient.HTTPOptions{Version: version, Transport: wire})
			if err != nil {
				t.Fatal(err)
			}
			if r, err := c.Call(outside, "echo", json.RawMessage(`{"zeta":"x"}`)); err != nil || r.Envelope == nil {
				t.Errorf("%s %s: %v %+v", version, name, err, r.Error)
			}
			_ = closer.Close()
			wire.CloseIdleConnections()
			srv.Close()
			if err := tr.Close(t.Context()); err != nil {
				t.Error(err)
			}
			spans := collector.Spans()
			protocol := version
			if protocol == "" {
				protocol = "2026-07-28"
			}
			if len(spans) != 1 || spans[0].Name != "tools/call echo" || spans[0].TraceID != trace || spans[0].Parent != span || spans[0].Attributes["network.transport"] != "tcp" ||
				spans[0].Attributes["mcp.protocol.version"] != protocol {
				t.Errorf("%s %s: spans are %+v", version, name, spans)
			}
			if slices.ContainsFunc(baggage, func(b string) bool { return b != "" }) {
				t.Errorf("%s %s: baggage was sent: %q", version, name, baggage)
			}
			http.DefaultTransport.(*http.Transport).CloseIdleConnections() //nolint:forcetypeassert // the library's own
		}
	}
}

// In one process the call is below whatever calls; over standard input the message alone can name the trace.
func TestTraceInProcessAndStdio(t *testing.T) {
	collector := telemetrytest.NewCollector(t)
	tr, err := telemetry.OpenTracer(t.Context(), telemetry.TracerOptions{Endpoint: collector.URL, Sample: 1})
	if err != nil {
		t.Fatal(err)
	}
	set, _ := tools(t)
	set = set.WithWatch(tr.Tool)
	ctx, end := tr.Tool(t.Context(), "outer")
	if r, err := inProcess(t, set).Call(ctx, "echo", json.RawMessage(`{"zeta":"x"}`)); err != nil || r.Envelope == nil {
		t.Errorf("%v", err)
	}
	end(&toolkit.AuditRecord{})
	const stdio = "33333333333333333333333333333333"
	in := `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}
{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"echo","arguments":{"zeta":"x"},"_meta":{"traceparent":"00-` + stdio + `-4444444444444444-01","baggage":"user=ana"}}}
{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"echo","arguments":{"zeta":"x"},"_meta":{"traceparent":17}}}
`
	var out strings.Builder
	if err := newServer(set).ServeStdio(t.Context(), strings.NewReader(in), &out); err != nil {
		t.Fatal(err)
	}
	if err := tr.Close(context.WithoutCancel(t.Context())); err != nil {
		t.Error(err)
	}
	http.DefaultTransport.(*http.Transport).CloseIdleConnections() //nolint:forcetypeassert // the library's own
	by := map[string]telemetrytest.Span{}
	pipes := 0
	for _, s := range collector.Spans() {
		key := s.Name + " " + s.Attributes["network.transport"]
		if s.TraceID == stdio {
			key = "joined"
		}
		if s.Attributes["network.transport"] == "pipe" {
			pipes++
		}
		by[key] = s
	}
	if outer, inner := by["tools/call outer "], by["tools/call echo "]; inner.Parent == "" || inner.Parent != outer.SpanID || inner.TraceID != outer.TraceID || inner.Kind != "SPAN_KIND_INTERNAL" {
		t.Errorf("in process: %+v below %+v", inner, outer)
	}
	if by["joined"].Parent != "4444444444444444" || pipes != 2 || strings.Contains(fmt.Sprint(collector.Spans()), "ana") {
		t.Errorf("over standard input: %+v", collector.Spans())
	}
}
