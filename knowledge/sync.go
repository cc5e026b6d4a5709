package knowledge

import (
	"context"
	"slices"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/knowledge/index"
	"github.com/resync-hwa/resync/knowledge/library"
)

// Bounds of one batch: what is lost when the process is killed, and held in memory meanwhile.
const (
	batchDocuments = 64
	batchPassages  = 2000
	embedStep      = 64 // texts handed to the embedder at a time
)

// Sync brings the index up to the shelf: it makes the records, and the vectors where there is a model, of every document that has changed,
// and applies them in batches. It resumes where it stopped, whoever killed it, and begins anew where the index was made by
// another version or model. progress may be nil; it is told documents. One at a time is enough; two do the work twice and harm nothing.
// Errors are those of the shelf, the index and the embedder.
func (b *Base) Sync(ctx context.Context, progress func(done, total int)) error {
	if progress == nil {
		progress = func(int, int) {}
	}
	if err := b.prepare(ctx); err != nil {
		return err
	}
	state, err := b.engine.State(ctx)
	if err != nil {
		return err
	}
	if err := b.refresh(ctx); err != nil {
		return err
	}
	total, err := b.changed(ctx, state.Upto)
	if err != nil {
		return err
	}
	done := 0
	m := newMaker(b.glossary)
	for {
		revisions, err := b.shelf.Changed(ctx, state.Upto, batchDocuments)
		if err != nil {
			return err
		}
		if len(revisions) == 0 {
			progress(total, total)
			return b.refresh(ctx)
		}
		batch := index.Batch{}
		passages := 0
		for _, r := range revisions {
			change, err := b.change(ctx, m, r)
			if err != nil {
				return err
			}
			batch.Changes, batch.Upto = append(batch.Changes, change), r.Number
			if passages += len(change.Passages); passages >= batchPassages {
				break
			}
		}
		if batch.Average, err = b.averageWith(batch); err != nil {
			return err
		}
		if err := b.engine.Apply(ctx, batch); err != nil {
			return err
		}
		state.Upto = batch.Upto
		if err := b.refresh(ctx); err != nil { // the next batch is weighed by what is there
			return err
		}
		done += len(batch.Changes)
		progress(min(done, total), total)
	}
}

// prepare empties an index that means something else than ours.
func (b *Base) prepare(ctx context.Context) error {
	state, err := b.engine.State(ctx)
	if err != nil {
		return err
	}
	want := layout(b.model, 0)
	if state.Layout.Analysis == want.Analysis && state.Layout.Model == want.Model {
		return nil
	}
	if b.model != "" {
		probe, err := b.documents.Embed(ctx, []string{"job"})
		if err != nil {
			return err
		}
		if len(probe) != 1 || len(probe[0]) == 0 {
			return fault.New(fault.UpstreamUnavailable, "The embedder gave no vector for a text.")
		}
		want.Dimensions = len(probe[0])
	}
	return b.engine.Reset(ctx, want)
}

// changed counts the documents that are to be taken up.
func (b *Base) changed(ctx context.Context, after int64) (int, error) {
	n := 0
	for {
		revisions, err := b.shelf.Changed(ctx, after, catalogueStep)
		if err != nil || len(revisions) == 0 {
			return n, err
		}
		n += len(revisions)
		after = revisions[len(revisions)-1].Number
	}
}

// change makes what the index is told of one document, and notes its word counts on the shelf before that.
func (b *Base) change(ctx context.Context, m *maker, r library.Revision) (index.Change, error) {
	out := index.Change{Number: r.Number, Document: r.Document}
	if r.Gone {
		return out, nil
	}
	documents, err := b.shelf.Get(ctx, r.Document)
	if err != nil || len(documents) == 0 {
		return out, err // gone meanwhile: its removal is the next change
	}
	d := &documents[0]
	sections, err := b.shelf.Sections(ctx, d.ID)
	if err != nil {
		return out, err
	}
	passages, err := b.shelf.Passages(ctx, d.ID)
	if err != nil {
		return out, err
	}
	lines, err := b.shelf.Lines(ctx, d.ID, 1, d.Lines)
	if err != nil {
		return out, err
	}
	records := make([]index.Record, 0, len(passages))
	var texts []string
	for i := range passages {
		p := &passages[i]
		if p.End > len(lines) || p.Section >= len(sections) {
			return index.Change{Number: r.Number, Document: r.Document}, nil // it changed under us: the next change holds the truth
		}
		body := slices.Concat(p.Head(lines), p.Text(lines))
		rec := m.record(d, &sections[p.Section], &p.Passage, body)
		records = append(records, rec)
		out.Passages = append(out.Passages, index.Passage{ID: p.ID, Access: d.Access, Language: d.Language, Record: rec})
		if b.model != "" {
			texts = append(texts, embeddable(d, &sections[p.Section], body))
		}
	}
	if err := b.embed(ctx, texts, out.Passages); err != nil {
		return out, err
	}
	f := frequenciesOf(d.Language, records)
	return out, b.shelf.SetFrequencies(ctx, d.ID, d.Change, f.pack())
}

// averageWith is the mean length of passages when a batch has been applied, near enough: engines normalise what they store by it.
func (b *Base) averageWith(batch index.Batch) (float64, error) {
	b.view.mu.RLock()
	defer b.view.mu.RUnlock()
	s := statistics{passages: b.view.stats.passages, words: b.view.stats.words}
	for _, c := range batch.Changes {
		if e := b.view.known[c.Document]; e != nil {
			s.passages -= e.counted.passages
			s.words -= e.counted.words
		}
		s.passages += len(c.Passages)
		for _, p := range c.Passages {
			s.words += p.Record.Length
		}
	}
	return s.average(), nil
}
