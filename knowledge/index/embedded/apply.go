package embedded

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/knowledge/index"
)

const (
	// mostRows bounds a segment that is made of one batch, and with it the memory that making it takes.
	mostRows = 50_000
	// lockPause is how long a writer waits before it asks again for the lock of another process.
	lockPause = 20 * time.Millisecond
)

// Apply implements index.Index. When small segments have gathered it merges them before it returns; what was applied is durable and
// found before that begins.
func (i *Index) Apply(ctx context.Context, b index.Batch) error {
	return i.change(ctx, func(v *view) error {
		if told := i.told.Load(); v.manifest.Upto < told {
			return fault.New(fault.Conflict, "The search index was emptied while it was being filled.").
				WithHint("Ask for its state and begin again from there.")
		}
		docs, parts, err := edit(v.parts, b.Changes)
		if err != nil {
			return err
		}
		m := v.manifest
		m.Upto, m.Average, m.Vectors = max(m.Upto, b.Upto), b.Average, b.Vectors(m.Vectors)
		made, err := i.buildAll(ctx, m, docs)
		defer func() {
			for _, p := range made {
				p.segment.release()
			}
		}()
		if err != nil {
			return err
		}
		if err := i.commit(m, append(parts, made...)); err != nil {
			return err
		}
		i.told.Store(m.Upto)
		i.mergeDue(ctx)
		return nil
	})
}

// Reset implements index.Index.
func (i *Index) Reset(ctx context.Context, l index.Layout) error {
	return i.change(ctx, func(*view) error {
		if err := i.commit(manifest{Layout: l}, nil); err != nil {
			return err
		}
		i.told.Store(0)
		return nil
	})
}

// change calls do with the newest view, while nobody else writes, in this process or another.
func (i *Index) change(ctx context.Context, do func(*view) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case i.writing <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-i.writing }()
	if i.dir != "" {
		unlock, err := i.lock(ctx)
		if err != nil {
			return err
		}
		defer unlock()
		if err := i.refresh(true); err != nil {
			return err
		}
	}
	v, err := i.hold()
	if err != nil {
		return err
	}
	defer v.release()
	err = i.guarded(v, func() error { return do(v) })
	return coded(err, "The search index cannot be written.")
}

// lock waits for the lock of the folder, which it makes where it is missing.
func (i *Index) lock(ctx context.Context) (unlock func(), err error) {
	if err := os.MkdirAll(i.dir, 0o700); err != nil {
		return nil, fault.Wrap(fault.Internal, err, "The folder of the search index cannot be made.")
	}
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		unlock, ok, err := tryLock(i.dir)
		if err != nil {
			return nil, fault.Wrap(fault.Internal, err, "The search index cannot be locked.")
		}
		if ok {
			return unlock, nil
		}
		timer.Reset(lockPause)
	}
}

// edit gives what a run of changes leaves of the parts, and the documents that are new. The last change of a document counts.
func edit(parts []part, changes []index.Change) ([]owned, []part, error) {
	last := make(map[int64]int, len(changes))
	for n, c := range changes {
		last[c.Document] = n
	}
	var docs []owned
	for n, c := range changes {
		if last[c.Document] == n && len(c.Passages) > 0 {
			docs = append(docs, owned{c.Document, c.Passages})
		}
	}
	out := make([]part, 0, len(parts)+1)
	for _, p := range parts {
		kept := p
		for document := range last {
			first, end := p.segment.rowsOf(document)
			if first == end || p.dead.has(first) {
				continue
			}
			if kept.gone == p.gone { // the first deletion: the set is shared with searches that go on
				if kept.dead = slices.Clone(p.dead); kept.dead == nil {
					kept.dead = make(rows, (p.segment.passages+63)/64)
				}
			}
			for row := first; row < end; row++ {
				kept.dead[row>>6] |= 1 << (row & 63)
			}
			kept.gone += end - first
		}
		if kept.live() > 0 {
			out = append(out, kept)
		}
	}
	return docs, out, nil
}

// buildAll makes segments of new documents. What it gives is held by the caller, with an error too.
func (i *Index) buildAll(ctx context.Context, m manifest, docs []owned) (made []part, err error) {
	dimensions := m.Layout.Dimensions
	for _, d := range docs {
		for _, p := range d.passages {
			if dimensions == 0 {
				dimensions = len(p.Vector)
			}
			if len(p.Vector) != 0 && len(p.Vector) != dimensions {
				return nil, fault.New(fault.Invalid, "A vector has %d dimensions, and the search index has %d.", len(p.Vector), dimensions)
			}
		}
	}
	for len(docs) > 0 {
		n, total := 0, 0
		for n < len(docs) && (n == 0 || total+len(docs[n].passages) <= mostRows) {
			total += len(docs[n].passages)
			n++
		}
		s, err := build(ctx, i.place(ctx), docs[:n], m.Average, dimensions)
		if err != nil {
			return made, err
		}
		made, docs = append(made, part{segment: s}), docs[n:]
	}
	return made, nil
}

// commit makes the parts what the index holds. The view takes holds of its own.
func (i *Index) commit(m manifest, parts []part) error {
	m.Version, m.Segments = version, []live{}
	for _, p := range parts {
		e := live{File: p.segment.name, Bytes: int64(len(p.segment.data)), Check: p.segment.check}
		if p.gone > 0 {
			e.Deleted = p.dead.pack()
		}
		m.Segments = append(m.Segments, e)
	}
	var seen fs.FileInfo
	if i.dir != "" {
		var err error
		if seen, err = m.commit(i.dir); err != nil {
			return err
		}
	}
	for _, p := range parts {
		p.segment.hold()
	}
	i.publish(newView(m, parts, seen))
	if i.dir != "" {
		sweep(i.dir, m)
	}
	return nil
}

// mergeDue merges as long as something is due. Nothing is lost when it fails: the next Apply tries again.
func (i *Index) mergeDue(ctx context.Context) {
	for {
		v, err := i.hold()
		if err != nil {
			return
		}
		old := due(v.parts)
		if len(old) == 0 {
			v.release()
			return
		}
		err = i.guarded(v, func() error { return i.mergeOne(ctx, v, old) })
		v.release()
		if err != nil {
			if ctx.Err() == nil {
				i.log.Warn("segments of the search index could not be merged", "error", err)
			}
			return
		}
	}
}

func (i *Index) mergeOne(ctx context.Context, v *view, old []part) error {
	s, err := merge(ctx, i.place(ctx), old, v.manifest.Average)
	if err != nil {
		return fmt.Errorf("merge segments: %w", err)
	}
	defer s.release()
	return i.commit(v.manifest, replaced(v.parts, old, part{segment: s}))
}
