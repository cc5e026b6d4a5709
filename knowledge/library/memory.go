package library

import (
	"cmp"
	"context"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/fold"
	"github.com/resync-hwa/resync/knowledge/cut"
	"github.com/resync-hwa/resync/knowledge/words"
)

// Memory is a shelf without a file: for the texts that come with the program, and for tests.
type Memory struct {
	mu        sync.RWMutex
	change    int64
	document  int64
	passage   uint64
	byPath    map[string]*held
	byID      map[int64]*held
	revisions []Revision
}

type held struct {
	Document
	lines       []string
	sections    []cut.Section
	passages    []Passage
	frequencies []byte
}

var _ Shelf = (*Memory)(nil)

// NewMemory makes an empty shelf.
func NewMemory() *Memory { return &Memory{byPath: map[string]*held{}, byID: map[int64]*held{}} }

// Change implements Shelf.
func (m *Memory) Change(ctx context.Context) (int64, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.change, ctx.Err()
}

// Changed implements Shelf.
func (m *Memory) Changed(ctx context.Context, after int64, n int) ([]Revision, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	at, _ := slices.BinarySearchFunc(m.revisions, after+1, func(r Revision, n int64) int { return cmp.Compare(r.Number, n) })
	return slices.Clone(m.revisions[at:min(at+n, len(m.revisions))]), ctx.Err()
}

// Documents implements Shelf.
func (m *Memory) Documents(ctx context.Context, after string, n int) ([]Document, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	var out []Document
	for p, h := range m.byPath {
		if p > after {
			out = append(out, h.Document)
		}
	}
	slices.SortFunc(out, func(a, b Document) int { return cmp.Compare(a.Path, b.Path) })
	return out[:min(n, len(out))], ctx.Err()
}

// Find implements Shelf.
func (m *Memory) Find(ctx context.Context, name string) (Document, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if h, ok := m.byPath[name]; ok {
		return h.Document, ctx.Err()
	}
	paths := make([]string, 0, len(m.byPath))
	for p := range m.byPath {
		paths = append(paths, p)
	}
	slices.Sort(paths)
	return Document{}, unknown(name, paths)
}

// unknown is the error for a document that is not there, with those whose file name shares a word with it.
func unknown(name string, paths []string) error {
	var near []string
	want := words.Parts(fold.Text(strings.TrimSuffix(path.Base(name), path.Ext(name))))
	for _, p := range paths {
		have := words.Parts(fold.Text(path.Base(p)))
		if slices.ContainsFunc(want, func(w string) bool { return slices.Contains(have, w) }) {
			near = append(near, p)
		}
	}
	return fault.New(fault.NotFound, "There is no document %q.", name).WithCandidates(near[:min(len(near), 5)]...)
}

// Get implements Shelf.
func (m *Memory) Get(ctx context.Context, documents ...int64) ([]Document, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	out := make([]Document, 0, len(documents))
	for _, id := range documents {
		if h, ok := m.byID[id]; ok {
			out = append(out, h.Document)
		}
	}
	return out, ctx.Err()
}

// Sections implements Shelf.
func (m *Memory) Sections(ctx context.Context, document int64) ([]cut.Section, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if h, ok := m.byID[document]; ok {
		return slices.Clone(h.sections), ctx.Err()
	}
	return nil, ctx.Err()
}

// Passages implements Shelf.
func (m *Memory) Passages(ctx context.Context, document int64) ([]Passage, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if h, ok := m.byID[document]; ok {
		return slices.Clone(h.passages), ctx.Err()
	}
	return nil, ctx.Err()
}

// Where implements Shelf.
func (m *Memory) Where(ctx context.Context, passages ...uint64) ([]Passage, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	want := map[uint64]Passage{}
	for _, id := range passages {
		want[id] = Passage{}
	}
	for _, h := range m.byID {
		for _, p := range h.passages {
			if _, asked := want[p.ID]; asked {
				want[p.ID] = p
			}
		}
	}
	out := make([]Passage, 0, len(passages))
	for _, id := range passages {
		if p := want[id]; p.ID != 0 {
			out = append(out, p)
		}
	}
	return out, ctx.Err()
}

// Lines implements Shelf.
func (m *Memory) Lines(ctx context.Context, document int64, start, end int) ([]string, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	h, ok := m.byID[document]
	if !ok {
		return nil, ctx.Err()
	}
	start, end = max(start, 1), min(end, len(h.lines))
	if start > end {
		return nil, ctx.Err()
	}
	return slices.Clone(h.lines[start-1 : end]), ctx.Err()
}

// Tally implements Shelf.
func (m *Memory) Tally(ctx context.Context) (Tally, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	t := Tally{Documents: len(m.byID)}
	for _, h := range m.byID {
		t.Passages += len(h.passages)
		t.Lines += len(h.lines)
		for _, l := range h.lines {
			t.Bytes += int64(len(l) + 1)
		}
	}
	return t, ctx.Err()
}

// Put implements Shelf.
func (m *Memory) Put(ctx context.Context, drafts ...Draft) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, d := range drafts {
		h := &held{Document: d.Document, lines: slices.Clone(d.Text), sections: slices.Clone(d.Contents)}
		if old, there := m.byPath[d.Path]; there {
			h.ID = old.ID
			m.forget(old.ID)
		} else {
			m.document++
			h.ID = m.document
		}
		m.change++
		h.Change = m.change
		h.Document.Lines, h.Document.Sections, h.Document.Passages = len(d.Text), len(d.Contents), len(d.Parts)
		for _, p := range d.Parts {
			m.passage++
			h.passages = append(h.passages, Passage{ID: m.passage, Document: h.ID, Passage: p})
		}
		m.byPath[d.Path], m.byID[h.ID] = h, h
		m.revisions = append(m.revisions, Revision{Number: m.change, Document: h.ID})
	}
	return nil
}

// forget drops the earlier revisions of a document: only its last one counts.
func (m *Memory) forget(document int64) {
	m.revisions = slices.DeleteFunc(m.revisions, func(r Revision) bool { return r.Document == document })
}

// Remove implements Shelf.
func (m *Memory) Remove(ctx context.Context, paths ...string) error {
	for _, p := range paths {
		if _, err := m.Find(ctx, p); err != nil {
			return err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range paths {
		h, there := m.byPath[p]
		if !there {
			continue // named twice
		}
		m.forget(h.ID)
		m.change++
		m.revisions = append(m.revisions, Revision{Number: m.change, Document: h.ID, Gone: true})
		delete(m.byPath, p)
		delete(m.byID, h.ID)
	}
	return nil
}

// SetFrequencies implements Shelf.
func (m *Memory) SetFrequencies(ctx context.Context, document, change int64, packed []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if h, ok := m.byID[document]; ok && h.Change == change {
		h.frequencies = slices.Clone(packed)
	}
	return ctx.Err()
}

// Frequencies implements Shelf.
func (m *Memory) Frequencies(ctx context.Context, after int64, each func(document, change int64, packed []byte) error) error {
	m.mu.RLock()
	var noted []*held
	for _, h := range m.byID {
		if h.Change > after && h.frequencies != nil {
			noted = append(noted, h)
		}
	}
	m.mu.RUnlock()
	slices.SortFunc(noted, func(a, b *held) int { return cmp.Compare(a.Change, b.Change) })
	for _, h := range noted {
		if err := each(h.ID, h.Change, h.frequencies); err != nil {
			return err
		}
	}
	return ctx.Err()
}
