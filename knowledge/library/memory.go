package library

import (
	"cmp"
	"context"
	"maps"
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
	mu       sync.RWMutex
	change   int64
	document int64
	passage  uint64
	byPath   map[string]*held
	byID     map[int64]*held
	files    map[[2]string]File // by source and path
	turn     Turn
	weight   []byte
	// revisions and ranges grow at their ends; what a later change has made stale stays in them, is passed over, and is swept out when it
	// is the greater part.
	revisions []Revision
	latest    map[int64]int64 // by document: the change that counts
	ranges    []*held         // by their first passage
	paths     []string        // sorted; nil after a change
}

// held is a document on the shelf. It is not changed but for its frequencies: a change makes another.
type held struct {
	Document
	lines       []string
	sections    []cut.Section
	passages    []Passage
	frequencies []byte
}

var _ Shelf = (*Memory)(nil)

// NewMemory makes an empty shelf.
func NewMemory() *Memory {
	return &Memory{byPath: map[string]*held{}, byID: map[int64]*held{}, files: map[[2]string]File{}, latest: map[int64]int64{}}
}

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
	out := []Revision{}
	at, _ := slices.BinarySearchFunc(m.revisions, after+1, func(r Revision, n int64) int { return cmp.Compare(r.Number, n) })
	for ; at < len(m.revisions) && len(out) < n; at++ {
		if r := m.revisions[at]; m.latest[r.Document] == r.Number {
			out = append(out, r)
		}
	}
	return out, ctx.Err()
}

// names gives the names of all documents in their order. The result must not be changed.
func (m *Memory) names() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.sorted()
}

// sorted is names for whoever holds the lock.
func (m *Memory) sorted() []string {
	if m.paths == nil {
		m.paths = slices.Sorted(maps.Keys(m.byPath))
	}
	return m.paths
}

// Documents implements Shelf.
func (m *Memory) Documents(ctx context.Context, after string, n int) ([]Document, error) {
	paths := m.names()
	at, found := slices.BinarySearch(paths, after)
	if found {
		at++
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	out := []Document{}
	for _, p := range paths[at:] {
		if len(out) >= n {
			break
		}
		if h, there := m.byPath[p]; there {
			out = append(out, h.Document)
		}
	}
	return out, ctx.Err()
}

// Find implements Shelf.
func (m *Memory) Find(ctx context.Context, name string) (Document, error) {
	m.mu.RLock()
	h, ok := m.byPath[name]
	m.mu.RUnlock()
	if !ok {
		return Document{}, unknown(name, m.names())
	}
	return h.Document, ctx.Err()
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
	out := make([]Passage, 0, len(passages))
	for _, id := range passages {
		at, found := slices.BinarySearchFunc(m.ranges, id, func(h *held, id uint64) int { return cmp.Compare(h.passages[0].ID, id) })
		if !found {
			at--
		}
		if at < 0 || m.byID[m.ranges[at].ID] != m.ranges[at] {
			continue
		}
		h := m.ranges[at]
		if n := id - h.passages[0].ID; n < uint64(len(h.passages)) {
			out = append(out, h.passages[n])
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

// SetFrequencies implements Shelf.
func (m *Memory) SetFrequencies(ctx context.Context, counted ...Counted) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range counted {
		if h, ok := m.byID[c.Document]; ok && h.Change == c.Change {
			h.frequencies = append([]byte{}, c.Packed...)
		}
	}
	return nil
}

// Frequencies implements Shelf. The shelf is not locked while each works.
func (m *Memory) Frequencies(ctx context.Context, after int64, each func(document, change int64, packed []byte) error) error {
	type noted struct {
		document, change int64
		packed           []byte
	}
	var all []noted
	m.mu.RLock()
	for _, h := range m.byID {
		if h.Change > after && h.frequencies != nil {
			all = append(all, noted{h.ID, h.Change, h.frequencies})
		}
	}
	m.mu.RUnlock()
	slices.SortFunc(all, func(a, b noted) int { return cmp.Compare(a.change, b.change) })
	for _, n := range all {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := each(n.document, n.change, n.packed); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// Weight implements Shelf.
func (m *Memory) Weight(ctx context.Context) ([]byte, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return slices.Clone(m.weight), ctx.Err()
}

// SetWeight implements Shelf.
func (m *Memory) SetWeight(ctx context.Context, packed []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.weight = append([]byte{}, packed...)
	return nil
}
