package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/resync-hwa/resync/agentsvc/agent/embedder"
	"github.com/resync-hwa/resync/internal/config"
	"github.com/resync-hwa/resync/knowledge"
)

var _ knowledge.Embedder = (*embedder.Embedder)(nil)

// newEmbedder makes the client of the configured embedder, nil where none is. As with the language model nothing is dialled: one that is
// away must not keep the others from being answered, and the search goes by words meanwhile. What is half configured is an error.
func newEmbedder(c config.Embedder, now func() time.Time, logger *slog.Logger) (*embedder.Client, error) {
	if c.Provider == "none" {
		return nil, nil
	}
	return embedder.Open(embedder.Options{
		Provider: c.Provider, Endpoint: c.Endpoint, APIKey: c.APIKey.Reveal(), Model: c.Model, QueryPrefix: c.QueryPrefix, DocumentPrefix: c.DocumentPrefix,
		Batch: c.Batch, Timeout: c.Timeout, QuestionTimeout: c.QuestionTimeout, CAFile: c.CAFile, Now: now, Logger: logger,
	})
}

// examineEmbedder asks the embedder for one vector; nothing is found where none is configured.
func (p *program) examineEmbedder(ctx context.Context, s *site) ([]finding, error) {
	c, err := newEmbedder(s.cfg.Embedder, p.clock, s.logger)
	if c == nil || err != nil {
		return nil, err
	}
	defer c.Close() //nolint:errcheck // nothing is written that a failed close could lose
	began := p.clock()
	n, err := c.Probe(ctx)
	return []finding{outcome("", "embedder", err, fmt.Sprintf("%s, %d numbers a vector, %s", c.Space(), n, p.clock().Sub(began).Round(time.Millisecond)))}, nil
}
