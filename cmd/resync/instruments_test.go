package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/telemetry/telemetrytest"
	"github.com/resync-hwa/resync/twstools/twsmock"
	"github.com/resync-hwa/resync/twstools/world"
)

// One call over MCP is one trace, from whoever asks down to the engine, which is told nothing of it; and none of it holds what was asked.
func TestOneTrace(t *testing.T) {
	w, err := world.Demo(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	mock, err := twsmock.Start(t.Context(), twsmock.Options{World: twsmock.Fixed(w), User: "u", Password: "p"})
	if err != nil {
		t.Fatal(err)
	}
	defer mock.Close() //nolint:errcheck // a test's server
	target, err := url.Parse(mock.URL())
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var reached []http.Header
	wire := &http.Transport{}
	defer wire.CloseIdleConnections()
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }, Transport: wire}
	engine := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		reached = append(reached, r.Header.Clone())
		mu.Unlock()
		proxy.ServeHTTP(w, r)
	}))
	defer engine.Close()
	collector := telemetrytest.NewCollector(t)

	s := newScript(t, "testdata/script/mcp.txtar")
	for name, value := range map[string]string{"TWS_HOST": strings.TrimPrefix(engine.URL, "http://"), "APP_TWS_SCHEME": "http", "TWS_USER": "u", "TWS_PASSWORD": "p",
		"APP_TELEMETRY__OTLP_ENDPOINT": collector.URL} {
		s.env[name] = value
	}
	s.files["call"] = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"diagnose_job","arguments":{"target":"CLM_RESERVE"},"_meta":{"baggage":"user=ana"}}}`
	s.lines = []string{"start mcp --http 127.0.0.1:0",
		"http 200 POST /mcp Content-Type=application/json Accept=application/json,text/event-stream Traceparent=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01 Baggage=user=ana call",
		"body 'ORA-28001'", "stop"}
	s.run()
	http.DefaultTransport.(*http.Transport).CloseIdleConnections() //nolint:forcetypeassert // the library's own: the exporter's connections

	mu.Lock()
	defer mu.Unlock()
	if len(reached) == 0 {
		t.Fatal("nothing reached the engine")
	}
	for _, h := range reached {
		for _, name := range []string{"Traceparent", "Tracestate", "Baggage"} {
			if h.Get(name) != "" {
				t.Errorf("the engine is told %s: %s", name, h.Get(name))
			}
		}
	}
	var call telemetrytest.Span
	below := 0
	spans := collector.Spans()
	for _, span := range spans {
		if span.Name == "tools/call diagnose_job" {
			call = span
		}
	}
	for _, span := range spans {
		if span.Parent == call.SpanID && span.TraceID == call.TraceID && strings.Contains(span.Name, " /") {
			below++
		}
		for _, word := range []string{"CLM_RESERVE", "FRLCLM", "ORA-", "ana", "local"} {
			if strings.Contains(fmt.Sprint(span), word) {
				t.Errorf("a span holds %s: %+v", word, span)
			}
		}
	}
	if call.TraceID != "0af7651916cd43dd8448eb211c80319c" || call.Parent != "b7ad6b7169203331" || below < 2 {
		t.Errorf("%d calls of the engine below %+v; all spans: %+v", below, call, spans)
	}
}
