package main

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

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
		return prometheus.NewDesc("resync_engine_"+name, help, append([]string{"engine", "method", "path"}, more...), nil)
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
				to <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n), append([]string{e.name, r.Method, r.Template}, more...)...)
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
			to <- prometheus.MustNewConstHistogram(m.waited, uint64(r.Answers), r.Latency.Seconds(), buckets, e.name, r.Method, r.Template) //nolint:gosec // a count
		}
	}
}

// metrics is the page of this process's figures, in a registry of its own: what libraries put into the default one is not ours to publish.
func (s *site) metrics() http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), newEngineMetrics(s.engines))
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{Registry: registry})
}
