package main

import (
	"context"
	"fmt"

	"github.com/resync-hwa/resync/knowledge"
)

// hit is a passage that was found, as the public door of package knowledge tells it.
type hit struct {
	Document, Section string
	Start, End        int // lines of the quote
	Band              string
}

// finder answers questions with hits, best first.
type finder interface {
	find(ctx context.Context, question string, limit int) ([]hit, error)
}

// product is what is measured. This file is the only one that knows how it is opened and asked.
type product struct{ base *knowledge.Base }

// deepest is how many results the product gives at most.
const deepest = knowledge.MaxLimit

// openProduct takes in the folder of a corpus, all of it and nothing else.
func openProduct(ctx context.Context, folder string) (*product, error) {
	base, err := knowledge.Open(ctx, knowledge.Options{Paths: []string{folder}})
	if err != nil {
		return nil, err
	}
	// Texts that are left out would count against nobody: the other side has them.
	if left := base.Problems(); len(left) > 0 {
		return nil, fmt.Errorf("%d texts were not taken in, the first is %s: %s", len(left), left[0].Document, left[0].Reason)
	}
	return &product{base}, nil
}

func (p *product) find(ctx context.Context, question string, limit int) ([]hit, error) {
	r, err := p.base.Search(ctx, knowledge.Query{Text: question, Limit: min(limit, deepest)})
	if err != nil {
		return nil, err
	}
	hits := make([]hit, len(r.Results))
	for i, h := range r.Results {
		hits[i] = hit{Document: h.Document, Section: h.Section, Start: h.StartLine, End: h.EndLine, Band: string(h.Band)}
	}
	return hits, nil
}
