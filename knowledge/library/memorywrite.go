package library

import (
	"cmp"
	"context"
	"slices"
)

// Put implements Shelf.
func (m *Memory) Put(ctx context.Context, drafts ...Draft) error {
	return m.Keep(ctx, Delivery{Drafts: drafts})
}

// Remove implements Shelf.
func (m *Memory) Remove(ctx context.Context, paths ...string) error {
	return m.Keep(ctx, Delivery{Remove: paths})
}

// Keep implements Intake.
func (m *Memory) Keep(ctx context.Context, d Delivery) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if d.Turn != 0 && d.Turn != m.turn.Number {
		return errTurn()
	}
	for _, p := range d.Remove {
		if _, there := m.byPath[p]; !there {
			return unknown(p, m.sorted())
		}
	}
	for _, p := range d.Remove {
		m.remove(p)
	}
	for _, draft := range d.Drafts {
		m.put(draft.settled())
	}
	for _, f := range d.Forget {
		delete(m.files, [2]string{f.Source, f.Path})
	}
	for _, f := range d.Files {
		f.Problems = slices.Clone(f.Problems)
		f.Modified = fromNanos(nanos(f.Modified))
		m.files[[2]string{f.Source, f.Path}] = f
	}
	m.sweep()
	return nil
}

func (m *Memory) put(d Draft) {
	h := &held{Document: d.Document, lines: slices.Clone(d.Text), sections: slices.Clone(d.Contents)}
	if old, there := m.byPath[d.Path]; there {
		h.ID = old.ID
	} else {
		m.document++
		h.ID = m.document
		m.paths = nil
	}
	for _, p := range d.Parts {
		m.passage++
		h.passages = append(h.passages, Passage{ID: m.passage, Document: h.ID, Passage: p})
	}
	if len(h.passages) > 0 {
		m.ranges = append(m.ranges, h)
	}
	m.byPath[d.Path], m.byID[h.ID] = h, h
	h.Change = m.revise(h.ID, false)
}

func (m *Memory) remove(path string) {
	h, there := m.byPath[path]
	if !there {
		return // named twice
	}
	m.revise(h.ID, true)
	delete(m.byPath, path)
	delete(m.byID, h.ID)
	m.paths = nil
}

// revise notes a change; it is the one of its document that counts from now on.
func (m *Memory) revise(document int64, gone bool) int64 {
	m.change++
	m.revisions = append(m.revisions, Revision{Number: m.change, Document: document, Gone: gone})
	m.latest[document] = m.change
	return m.change
}

// sweep drops what is stale where it is the greater part, so that each change pays for its own.
func (m *Memory) sweep() {
	if len(m.revisions) > 2*len(m.latest) {
		m.revisions = slices.DeleteFunc(m.revisions, func(r Revision) bool { return m.latest[r.Document] != r.Number })
	}
	if len(m.ranges) > 2*len(m.byID) {
		m.ranges = slices.DeleteFunc(m.ranges, func(h *held) bool { return m.byID[h.ID] != h })
	}
}

// Files implements Intake.
func (m *Memory) Files(ctx context.Context, source string) ([]File, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	var out []File
	for at, f := range m.files {
		if at[0] == source {
			f.Problems = slices.Clone(f.Problems)
			out = append(out, f)
		}
	}
	slices.SortFunc(out, func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
	return out, ctx.Err()
}

// Problems implements Intake.
func (m *Memory) Problems(ctx context.Context) ([]Problem, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	out := []Problem{}
	for _, f := range m.files {
		out = append(out, f.Problems...)
	}
	return inOrder(out), ctx.Err()
}

// Turn implements Intake.
func (m *Memory) Turn(ctx context.Context) (Turn, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.turn, ctx.Err()
}

// SetTurn implements Intake.
func (m *Memory) SetTurn(ctx context.Context, was, becomes Turn) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.turn.Number != was.Number || m.turn.Taken != was.Taken {
		return errTurn()
	}
	m.turn = becomes
	return nil
}
