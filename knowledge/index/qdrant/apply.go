package qdrant

import (
	"context"
	"encoding/base64"
	"slices"
	"time"

	"github.com/qdrant/go-client/qdrant"
	"google.golang.org/protobuf/proto"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/knowledge/index"
)

// Bounds of one request.
const (
	requestBytes  = 4 << 20
	requestPoints = 512
	requestIDs    = 1000
)

// The vectors of a passage.
const (
	wordsVector = "words"
	textVector  = "text"
)

// Apply implements index.Index. A batch that is wholly behind the mark was applied by another node and is left alone. The error is
// "conflict" where the index went back, was emptied or was moved on by another node meanwhile: State then tells from where to go on.
func (x *Index) Apply(ctx context.Context, b index.Batch) error {
	x.writing.Lock()
	defer x.writing.Unlock()
	m, err := x.begin(ctx, b.Upto)
	if err != nil || m.Upto > b.Upto {
		return err
	}
	changes := latest(b.Changes)
	r := requests{x: x}
	for _, c := range changes {
		for i := range c.Passages {
			if err := r.add(ctx, point(&c, &c.Passages[i], b.Average)); err != nil {
				return err
			}
		}
		if err := r.removeOlder(ctx, c); err != nil {
			return err
		}
	}
	if err := r.send(ctx); err != nil {
		return err
	}
	want := mark{Epoch: m.Epoch, Layout: m.Layout, Upto: b.Upto, Vectors: b.Vectors(m.Vectors), Average: b.Average}
	if _, err := x.undisturbed(ctx, want); err != nil {
		return err
	}
	if err := x.shown(ctx, changes); err != nil {
		return err
	}
	n, err := x.count(ctx, passages())
	if err != nil {
		return err
	}
	want.Passages = n
	return x.finish(ctx, want)
}

// latest keeps the last change of each document: the ones before it would be replaced whole.
func latest(changes []index.Change) []index.Change {
	last := map[int64]int{}
	for i, c := range changes {
		last[c.Document] = i
	}
	var out []index.Change
	for i, c := range changes {
		if last[c.Document] == i {
			out = append(out, c)
		}
	}
	return out
}

// begin gives the mark that a batch starts from, noted as begun unless it is beyond the batch.
func (x *Index) begin(ctx context.Context, upto int64) (mark, error) {
	m, err := x.sound(ctx)
	if err != nil {
		return mark{}, err
	}
	x.mu.Lock()
	heard := x.heard
	x.mu.Unlock()
	if heard > m.Upto { // the changes between are not in the batch
		return mark{}, moved("The index in Qdrant is not the one that was read before: it was restored or made anew.")
	}
	if !m.Begun && m.Upto <= upto {
		m.Begun = true
		if err := x.writeMark(ctx, m, ofEpoch(m, m.Upto)); err != nil {
			return mark{}, err
		}
	}
	return m, nil
}

// sound waits until the number of passages is what the mark says: a batch that ended would otherwise make a loss look right.
func (x *Index) sound(ctx context.Context) (mark, error) {
	tick := time.NewTicker(max(x.opts.Settle/10, time.Millisecond))
	defer tick.Stop()
	end := time.NewTimer(3 * x.opts.Settle) // another node that goes on and on is not waited for
	defer end.Stop()
	for {
		m, err := x.readMark(ctx)
		if err != nil {
			return mark{}, err
		}
		if m == nil {
			return mark{}, gone(nil)
		}
		n, sound, err := x.verify(ctx, *m)
		switch {
		case err != nil:
			return mark{}, err
		case !sound || m.Broken:
			m.Broken = true
			if err := x.writeMark(ctx, *m, ofEpoch(*m, m.Upto)); err != nil {
				return mark{}, err
			}
			return mark{}, moved("The index in Qdrant has %d passages where %d are expected.", n, m.Passages)
		case m.Begun || n == m.Passages:
			return *m, nil
		}
		select {
		case <-tick.C:
		case <-end.C:
			return *m, nil
		case <-ctx.Done():
			return mark{}, ctx.Err()
		}
	}
}

func moved(format string, args ...any) error {
	return fault.New(fault.Conflict, format, args...).WithHint("It goes on from what is there with the next look at the documents.")
}

// shown makes sure that readers see what the server said was done: exactly the new passages of the changed documents.
func (x *Index) shown(ctx context.Context, changes []index.Change) error {
	for part := range slices.Chunk(changes, requestIDs) {
		want := 0
		ids := make([]int64, 0, len(part))
		for _, c := range part {
			want += len(c.Passages)
			ids = append(ids, c.Document)
		}
		n, err := x.count(ctx, &qdrant.Filter{Must: []*qdrant.Condition{qdrant.NewMatchInts(fieldDocument, ids...)}})
		if err != nil {
			return err
		}
		if n != want {
			return fault.New(fault.UpstreamUnavailable, "Qdrant does not show the changes that it confirmed: %d passages where %d are expected.", n, want).WithHint("They are sent again with the next change.")
		}
	}
	return nil
}

// undisturbed gives the mark, unless somebody else has moved it beyond ours or emptied the index.
func (x *Index) undisturbed(ctx context.Context, ours mark) (mark, error) {
	got, err := x.readMark(ctx)
	switch {
	case err != nil:
		return mark{}, err
	case got == nil || got.Epoch != ours.Epoch:
		return mark{}, moved("The index in Qdrant was made anew while it was changed.")
	case got.Upto > ours.Upto:
		// Our points may have come after those of a later change. What is true for certain is what we have done ourselves: go on from there.
		back := *got
		back.Upto, back.Vectors, back.Begun = ours.Upto, min(got.Vectors, ours.Vectors), true
		if err := x.writeMark(ctx, back, ofEpoch(ours, got.Upto)); err != nil {
			return mark{}, err
		}
		return mark{}, moved("Another node has changed the index in Qdrant meanwhile.")
	}
	return *got, nil
}

// finish moves the mark and looks whether it has moved.
func (x *Index) finish(ctx context.Context, want mark) error {
	if err := x.writeMark(ctx, want, ofEpoch(want, want.Upto)); err != nil {
		return err
	}
	got, err := x.undisturbed(ctx, want)
	if err != nil {
		return err
	}
	if got != want {
		return fault.New(fault.UpstreamUnavailable, "Qdrant does not show the mark of the index that it confirmed.")
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.heard, x.agreed, x.checked = got.Upto, want, x.opts.Clock()
	return nil
}

// point is a passage as it is stored.
func point(c *index.Change, p *index.Passage, average float64) *qdrant.PointStruct {
	dims := make([]uint32, len(p.Record.Entries))
	weights := make([]float32, len(p.Record.Entries))
	for i := range p.Record.Entries {
		e := &p.Record.Entries[i]
		dims[i], weights[i] = e.Hash, float32(index.Saturate(e.Frequency(p.Record.Length, average)))
	}
	vectors := map[string]*qdrant.Vector{}
	if len(dims) > 0 {
		vectors[wordsVector] = qdrant.NewVectorSparse(dims, weights)
	}
	if p.Vector != nil {
		vectors[textVector] = qdrant.NewVectorDense(p.Vector)
	}
	return &qdrant.PointStruct{Id: qdrant.NewIDNum(p.ID), Vectors: qdrant.NewVectorsMap(vectors), Payload: map[string]*qdrant.Value{
		fieldDocument: qdrant.NewValueInt(c.Document),
		fieldChange:   qdrant.NewValueInt(c.Number),
		fieldAccess:   qdrant.NewValueString(label(p.Access)),
		fieldLanguage: qdrant.NewValueString(p.Language),
		fieldRecord:   qdrant.NewValueString(base64.StdEncoding.EncodeToString(p.Record.Pack())),
	}}
}

// everybody is the stored label of what everybody may see; others have a colon before them, so that none is equal to it.
const everybody = "*"

func label(access string) string {
	if access == "" {
		return everybody
	}
	return ":" + access
}

// requests gathers changes into requests of bounded size. Their order is kept, within a request and between them.
type requests struct {
	x      *Index
	ops    []*qdrant.PointsUpdateOperation
	points []*qdrant.PointStruct // of the last upsert, not in ops yet
	n      int
	bytes  int
}

func (r *requests) add(ctx context.Context, p *qdrant.PointStruct) error {
	size := proto.Size(p)
	if r.n > 0 && (r.bytes+size > requestBytes || r.n >= requestPoints) {
		if err := r.send(ctx); err != nil {
			return err
		}
	}
	r.points = append(r.points, p)
	r.n, r.bytes = r.n+1, r.bytes+size
	return nil
}

func (r *requests) close() {
	if len(r.points) > 0 {
		r.ops = append(r.ops, qdrant.NewPointsUpdateUpsert(&qdrant.PointsUpdateOperation_PointStructList{Points: r.points}))
		r.points = nil
	}
}

// removeOlder takes out what a document had before this change, and nothing that a later change has brought.
func (r *requests) removeOlder(ctx context.Context, c index.Change) error {
	if r.n >= requestPoints {
		if err := r.send(ctx); err != nil {
			return err
		}
	}
	r.close()
	ids := make([]*qdrant.PointId, len(c.Passages))
	for i := range c.Passages {
		ids[i] = qdrant.NewIDNum(c.Passages[i].ID)
	}
	which := &qdrant.Filter{Must: []*qdrant.Condition{qdrant.NewMatchInt(fieldDocument, c.Document), qdrant.NewRange(fieldChange, &qdrant.Range{Lte: qdrant.PtrOf(float64(c.Number))})}}
	if len(ids) > 0 {
		which.MustNot = []*qdrant.Condition{qdrant.NewHasID(ids...)}
	}
	r.ops = append(r.ops, remove(which))
	r.n, r.bytes = r.n+1, r.bytes+12*len(ids)
	return nil
}

func remove(f *qdrant.Filter) *qdrant.PointsUpdateOperation {
	return qdrant.NewPointsUpdateDeletePoints(&qdrant.PointsUpdateOperation_DeletePoints{Points: qdrant.NewPointsSelectorFilter(f)})
}

func (r *requests) send(ctx context.Context) error {
	r.close()
	if len(r.ops) == 0 {
		return nil
	}
	results, err := write(ctx, r.x, func(ctx context.Context) ([]*qdrant.UpdateResult, error) {
		return r.x.client.UpdateBatch(ctx, &qdrant.UpdateBatchPoints{CollectionName: r.x.opts.Collection, Wait: qdrant.PtrOf(true), Ordering: ordering(), Operations: r.ops})
	})
	if err != nil {
		return err
	}
	for _, u := range results {
		if err := completed(u); err != nil {
			return err
		}
	}
	if len(results) != len(r.ops) {
		return fault.New(fault.UpstreamUnavailable, "Qdrant answered for %d of %d changes of the index.", len(results), len(r.ops))
	}
	*r = requests{x: r.x}
	return nil
}
