package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/resync-hwa/resync/knowledge"
	"github.com/resync-hwa/resync/knowledge/index/embedded"
	"github.com/resync-hwa/resync/knowledge/library"
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

// product is what is measured: documents that were ingested as a site's people would, and the index that a server keeps in its data folder.
// This file is the only one that knows how it is opened and asked.
type product struct {
	base   *knowledge.Base
	index  *embedded.Index
	folder string
}

// deepest is how many results the product gives at most.
const deepest = knowledge.MaxLimit

// openProduct takes in the folder of a corpus, all of it and nothing else.
func openProduct(ctx context.Context, folder string) (p *product, err error) {
	p = &product{}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.close())
		}
	}()
	if p.folder, err = os.MkdirTemp("", "bench-index-"); err != nil {
		return p, err
	}
	shelf := library.NewMemory()
	r, err := library.Ingest(ctx, shelf, library.IngestOptions{Paths: []string{folder}, Site: true})
	if err != nil {
		return p, err
	}
	// Texts that are left out would count against nobody: the other side has them.
	if left := r.Problems; len(left) > 0 {
		return p, fmt.Errorf("%d texts were not taken in, the first is %s: %s", len(left), left[0].Document, left[0].Reason)
	}
	if p.index, err = embedded.Open(p.folder, embedded.Options{}); err != nil {
		return p, err
	}
	if p.base, err = knowledge.Over(ctx, knowledge.Parts{Shelf: shelf, Index: p.index}); err != nil {
		return p, err
	}
	return p, p.base.Sync(ctx, nil)
}

// close removes the index.
func (p *product) close() error {
	var err error
	if p.index != nil {
		err = p.index.Close()
	}
	if p.folder != "" {
		err = errors.Join(err, os.RemoveAll(p.folder))
	}
	return err
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
