package main

import (
	"net/http"
	"slices"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/httpd"
	"github.com/resync-hwa/resync/twstools/hwa"
)

// engineMetrics shows the ledgers of the engines' clients: what left, what came back, how long it took. The rows are those of the table of allowed
// requests, so the number of series is bounded.
type engineMetrics struct {
	engines                         []engine
	requests, bytes, failed, waited *prometheus.Desc
}

func newEngineMetrics(engines []engine) *engineMetrics {
	desc := func(name, help string, more ...string) *prometheus.Desc {
		return prometheus.NewDesc("resync_engine_"+name, help, append([]string{"engine", "api", "method", "path"}, more...), nil)
	}
	return &engineMetrics{
		engines:  engines,
		requests: desc("requests_total", "Requests that left for the engine, retries included."),
		bytes:    desc("response_bytes_total", "Bytes of the engine's answers after decompression."),
		failed:   desc("failures_total", "Calls that brought nothing, by error code.", "code"),
		waited:   desc("call_seconds", "Time from a request to the last byte of its answer."),
	}
}

// Describe implements prometheus.Collector.
func (m *engineMetrics) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{m.requests, m.bytes, m.failed, m.waited} {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (m *engineMetrics) Collect(to chan<- prometheus.Metric) {
	bounds := hwa.LatencyBounds()
	for _, e := range m.engines {
		if e.ledger == nil {
			continue
		}
		for _, r := range e.ledger() {
			counter := func(d *prometheus.Desc, n int64, more ...string) {
				to <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n), append([]string{e.name, r.Dialect, r.Method, r.Template}, more...)...)
			}
			counter(m.requests, r.Count)
			counter(m.bytes, r.Bytes)
			for code, n := range r.Errors {
				counter(m.failed, n, string(code))
			}
			buckets := make(map[float64]uint64, len(bounds))
			for i, b := range bounds {
				buckets[b.Seconds()] = uint64(r.Buckets[i]) //nolint:gosec // a count
			}
			to <- prometheus.MustNewConstHistogram(m.waited, uint64(r.Answers), r.Latency.Seconds(), buckets, e.name, r.Dialect, r.Method, r.Template) //nolint:gosec // a count
		}
	}
}

// newRegistry holds this process's figures: what libraries put into the default one is not ours to publish.
func newRegistry() *prometheus.Registry {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return registry
}

// metrics is the page of the figures.
func (s *site) metrics() http.Handler {
	return promhttp.HandlerFor(s.instruments.registry, promhttp.HandlerOpts{Registry: s.instruments.registry})
}

// scrape opens the page of the figures to whoever sits at this machine, to admins, and to keys that were made for it.
func (s *site) scrape() http.Handler {
	page := s.metrics()
	return httpd.NoStore(httpd.Handler(func(w http.ResponseWriter, r *http.Request) error {
		c, _ := auth.CallerFrom(r.Context())
		if c.Via != auth.Local().Via && !c.Role.Allows(auth.Admin) && !slices.Contains(c.Scopes, auth.ScopeMetrics) {
			return fault.New(fault.Forbidden, "The metrics need a key with the scope %s.", auth.ScopeMetrics)
		}
		if r.Method != http.MethodGet {
			httpd.MethodNotAllowed(w, r, http.MethodGet)
			return nil
		}
		page.ServeHTTP(w, r)
		return nil
	}))
}
