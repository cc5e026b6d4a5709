package knowledge

import (
	"context"
	"math"
	"slices"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/knowledge/courtesy"
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
//
// While the embedder is away documents are indexed by their words alone, which is logged and shows in Vectors; the next Sync that finds it answering
// gives them their vectors. What another process has weighed counts from here on.
//
// Errors are those of the shelf and the index; and conflict, when all else is done, where the embedder's vectors have another length than those of the
// index though its model has the same name.
func (b *Base) Sync(ctx context.Context, progress func(done, total int)) error {
	if progress == nil {
		progress = func(int, int) {}
	}
	s := &syncing{base: b, maker: newMaker(b.glossary), progress: progress}
	if err := s.prepare(ctx); err != nil {
		return err
	}
	if err := b.refresh(ctx); err != nil {
		return err
	}
	if err := s.count(ctx); err != nil {
		return err
	}
	if err := s.catchUp(ctx); err != nil {
		return err
	}
	for {
		n, err := s.batch(ctx, s.state.Upto, math.MaxInt64)
		if err != nil {
			return err
		}
		if n == 0 {
			break
		}
	}
	progress(s.total, s.total)
	if err := b.refresh(ctx); err != nil {
		return err
	}
	if err := b.adopt(ctx); err != nil {
		return err
	}
	return s.tell(ctx)
}

// syncing is one Sync.
type syncing struct {
	base        *Base
	maker       *maker
	state       index.State
	progress    func(done, total int)
	done, total int
	away        error // why there are no vectors for now; nil while there may be
	refused     int   // texts that the embedder would not take
}

// prepare empties an index that means something else than ours. Without the embedder it is not known how long vectors are: what can be used for its
// words stays until then.
func (s *syncing) prepare(ctx context.Context) (err error) {
	b := s.base
	if s.state, err = b.engine.State(ctx); err != nil {
		return err
	}
	want := layout(b.model, 0)
	if s.state.Layout.Analysis == want.Analysis && s.state.Layout.Model == want.Model {
		return nil
	}
	if b.model != "" {
		if want.Dimensions, s.away = b.probe(ctx); s.away != nil {
			if err := ctx.Err(); err != nil {
				return err
			}
			if want.Model = ""; s.state.Layout.Analysis == want.Analysis {
				return nil
			}
		}
	}
	if err := b.engine.Reset(ctx, want); err != nil {
		return err
	}
	s.state, err = b.engine.State(ctx)
	return err
}

// count says how much there is to do, and where vectors are to be made asks whether there will be any.
func (s *syncing) count(ctx context.Context) error {
	b := s.base
	from := s.state.Upto
	if b.model != "" && s.away == nil {
		from = min(from, s.state.Vectors)
	}
	n, err := b.changed(ctx, from)
	if err != nil || n == 0 || b.model == "" {
		s.total = n
		return err
	}
	if s.away == nil {
		length := 0
		length, s.away = b.probe(ctx)
		if err := ctx.Err(); err != nil {
			return err
		}
		if was := s.state.Layout.Dimensions; s.away == nil && length != was {
			s.away = fault.New(fault.Conflict, "The embedder gives vectors of %d numbers, and those of the index have %d.", length, was).
				WithHint("Another model answers under the same name. Give embedder.model the name of its own, or have the index made anew: remove its folder, or name another collection.")
		}
	}
	if s.away != nil {
		n, err = b.changed(ctx, s.state.Upto)
	}
	s.total = n
	return err
}

// catchUp gives vectors to what was indexed without, oldest first.
func (s *syncing) catchUp(ctx context.Context) error {
	for s.base.model != "" && s.away == nil && s.state.Vectors < s.state.Upto {
		from := s.state.Vectors
		n, err := s.batch(ctx, from, s.state.Upto)
		if err != nil {
			return err
		}
		if n == 0 || s.state.Vectors <= from {
			return nil // it changed meanwhile, or another process is at it
		}
	}
	return nil
}

// batch applies what came behind a change, as much as a batch may hold, and gives how many documents that were.
func (s *syncing) batch(ctx context.Context, after, last int64) (int, error) {
	b := s.base
	revisions, err := b.shelf.Changed(ctx, after, batchDocuments)
	if err != nil {
		return 0, err
	}
	batch := index.Batch{After: after, Upto: s.state.Upto}
	passages := 0
	var counted []library.Counted
	w := b.courtesy.Begin()
	for _, r := range revisions {
		if r.Number > last {
			break
		}
		change, counts, err := s.change(ctx, r, w)
		if err != nil {
			return 0, err
		}
		counted = append(counted, counts...)
		batch.Changes, batch.Upto = append(batch.Changes, change), max(batch.Upto, r.Number)
		if passages += len(change.Passages); passages >= batchPassages {
			break
		}
	}
	if batch.Bare = b.model != "" && s.away != nil; len(batch.Changes) == 0 || batch.Bare && last < math.MaxInt64 {
		return 0, nil // what is there already without vectors need not come again without
	}
	if err := b.shelf.SetFrequencies(ctx, counted...); err != nil { // before the index knows of them: who sees the one finds the other
		return 0, err
	}
	if batch.Average, err = b.averageWith(batch); err != nil {
		return 0, err
	}
	if err := b.engine.Apply(ctx, batch); err != nil {
		return 0, err
	}
	if s.state, err = b.engine.State(ctx); err != nil {
		return 0, err
	}
	if last == math.MaxInt64 && s.state.Upto < batch.Upto {
		return 0, fault.New(fault.Conflict, "The search index was emptied while it was being filled.").WithHint("Ask for its state and begin again from there.")
	}
	if err := b.refresh(ctx); err != nil { // the next batch is weighed by what is there
		return 0, err
	}
	s.done += len(batch.Changes)
	s.progress(min(s.done, s.total), s.total)
	return len(batch.Changes), nil
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

// change makes what the index is told of one document, and its word counts, where it has any.
func (s *syncing) change(ctx context.Context, r library.Revision, w *courtesy.Work) (index.Change, []library.Counted, error) {
	b := s.base
	out := index.Change{Number: r.Number, Document: r.Document}
	if r.Gone {
		return out, nil, nil
	}
	documents, err := b.shelf.Get(ctx, r.Document)
	if err != nil || len(documents) == 0 {
		return out, nil, err // gone meanwhile: its removal is the next change
	}
	d := &documents[0]
	sections, err := b.shelf.Sections(ctx, d.ID)
	if err != nil {
		return out, nil, err
	}
	passages, err := b.shelf.Passages(ctx, d.ID)
	if err != nil {
		return out, nil, err
	}
	lines, err := b.shelf.Lines(ctx, d.ID, 1, d.Lines)
	if err != nil {
		return out, nil, err
	}
	records := make([]index.Record, 0, len(passages))
	var texts []string
	for i := range passages {
		p := &passages[i]
		if p.End > len(lines) || p.Section >= len(sections) {
			return index.Change{Number: r.Number, Document: r.Document}, nil, nil // it changed under us: the next change holds the truth
		}
		w.Rest(ctx)
		body := slices.Concat(p.Head(lines), p.Text(lines))
		rec := s.maker.record(d, &sections[p.Section], &p.Passage, body)
		records = append(records, rec)
		out.Passages = append(out.Passages, index.Passage{ID: p.ID, Access: d.Access, Language: d.Language, Record: rec})
		if b.model != "" && s.away == nil {
			texts = append(texts, embeddable(d, &sections[p.Section], body))
		}
	}
	if err := s.embed(ctx, texts, out.Passages); err != nil {
		return out, nil, err
	}
	f := frequenciesOf(d.Language, records)
	return out, []library.Counted{{Document: d.ID, Change: d.Change, Packed: f.pack()}}, nil
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
