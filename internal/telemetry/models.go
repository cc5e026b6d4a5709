package telemetry

import (
	"slices"

	"github.com/prometheus/client_golang/prometheus"
)

// ModelUse is one request to a language model.
type ModelUse struct {
	Model                 string
	Input, Cached, Output int // tokens; cached ones are part of the input
	USD                   float64
	Priced, Failed        bool
}

// ModelMetrics counts what language models use and cost. Who asked is no label. A nil one counts nothing.
type ModelMetrics struct {
	models                     []string
	requests, tokens, unpriced *prometheus.CounterVec
	cost                       *prometheus.CounterVec
	refused                    prometheus.Counter
}

// Models adds the figures of the configured models; others are counted as other. Call it at most once.
func (m *Metrics) Models(names []string) *ModelMetrics {
	vec := func(name, help string, more ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "resync_model_" + name, Help: help}, append([]string{"model"}, more...))
	}
	c := &ModelMetrics{models: slices.Clone(names),
		requests: vec("requests_total", "Requests to language models that ended; failed ones were of no use.", "outcome"),
		tokens:   vec("tokens_total", "Tokens that language models read and wrote; cached ones are part of the input.", "kind"),
		cost:     vec("cost_usd_total", "What language models cost, in US dollars, as far as prices are known."),
		unpriced: vec("unpriced_requests_total", "Requests that count with a cost of 0 because no price is known."),
		refused:  prometheus.NewCounter(prometheus.CounterOpts{Name: "resync_model_budget_refusals_total", Help: "Answers that were made without a model because a budget was used up."}),
	}
	m.registry.MustRegister(c.requests, c.tokens, c.cost, c.unpriced, c.refused)
	for _, name := range c.models {
		c.cost.WithLabelValues(name) // a counter that is there before its first event shows the first one, too
	}
	return c
}

// Used counts a request.
func (c *ModelMetrics) Used(u ModelUse) {
	if c == nil {
		return
	}
	if !slices.Contains(c.models, u.Model) {
		u.Model = other
	}
	outcome := ok
	if u.Failed {
		outcome = "failed"
	}
	c.requests.WithLabelValues(u.Model, outcome).Inc()
	for kind, n := range map[string]int{"input": u.Input, "cached": u.Cached, "output": u.Output} {
		c.tokens.WithLabelValues(u.Model, kind).Add(float64(max(n, 0)))
	}
	if u.Priced {
		c.cost.WithLabelValues(u.Model).Add(max(u.USD, 0))
	} else {
		c.unpriced.WithLabelValues(u.Model).Inc()
	}
}

// Refused counts an answer that was made without a model because a budget was used up.
func (c *ModelMetrics) Refused() {
	if c != nil {
		c.refused.Inc()
	}
}
