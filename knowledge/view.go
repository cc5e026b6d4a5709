package knowledge

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/resync-hwa/resync/knowledge/cut"
	"github.com/resync-hwa/resync/knowledge/index"
	"github.com/resync-hwa/resync/knowledge/library"
)

// catalogueStep is how many changed documents are read from the shelf at a time.
const catalogueStep = 500

// view is what the scorer knows without asking the shelf: the documents and the counts of words. It follows the shelf and the
// index, whichever process changes them.
type view struct {
	mu     sync.RWMutex
	layout index.Layout
	change int64 // of the shelf, up to which documents are known
	upto   int64 // of the index, up to which words are counted
	known  map[int64]*entry
	bound  []*entry // those whose front matter binds them to something, by path
	stats  statistics
}

// entry is a document as the scorer knows it. It does not change; a changed document gets a new one.
type entry struct {
	library.Document
	counted frequencies // what the statistics hold of it
	twin    string      // equal for documents that say the same in two languages; "" for one alone
}

func newView() *view {
	return &view{known: map[int64]*entry{}, stats: statistics{in: map[uint32]uint32{}}}
}

// refresh brings the view up to the shelf and the index. It costs two numbers where nothing has changed.
func (b *Base) refresh(ctx context.Context) error {
	change, err := b.shelf.Change(ctx)
	if err != nil {
		return err
	}
	state, err := b.engine.State(ctx)
	if err != nil {
		return err
	}
	v := b.view
	v.mu.RLock()
	fresh := v.change == change && v.upto == state.Upto && v.layout == state.Layout
	v.mu.RUnlock()
	if fresh {
		return nil
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.layout = state.Layout
	if v.change != change {
		if err := v.readDocuments(ctx, b.shelf); err != nil {
			return err
		}
	}
	if v.upto != state.Upto {
		return v.readFrequencies(ctx, b.shelf, state)
	}
	return nil
}

// comparable gives the length of the vectors in the index, 0 where there are none that a question of this base's model could be compared with.
func (b *Base) comparable() int {
	b.view.mu.RLock()
	defer b.view.mu.RUnlock()
	if b.model == "" || b.view.layout.Model != b.model {
		return 0
	}
	return b.view.layout.Dimensions
}

func (v *view) readDocuments(ctx context.Context, shelf library.Shelf) error {
	for {
		revisions, err := shelf.Changed(ctx, v.change, catalogueStep)
		if err != nil {
			return err
		}
		if len(revisions) == 0 {
			v.tie()
			return nil
		}
		var ids []int64
		for _, r := range revisions {
			if r.Gone {
				if e := v.known[r.Document]; e != nil {
					v.stats.take(e.counted, -1)
					delete(v.known, r.Document)
				}
				continue
			}
			ids = append(ids, r.Document)
		}
		documents, err := shelf.Get(ctx, ids...)
		if err != nil {
			return err
		}
		for _, d := range documents {
			e := &entry{Document: d}
			if old := v.known[d.ID]; old != nil {
				e.counted = old.counted // until the index holds the new text
			}
			v.known[d.ID] = e
		}
		v.change = revisions[len(revisions)-1].Number
	}
}

// readFrequencies counts the words of what the index has taken up. An index that went back was made anew.
func (v *view) readFrequencies(ctx context.Context, shelf library.Shelf, state index.State) error {
	after := v.upto
	if state.Upto < v.upto {
		after = 0
	}
	err := shelf.Frequencies(ctx, after, func(document, change int64, packed []byte) error {
		e := v.known[document]
		if e == nil || change > state.Upto {
			return nil
		}
		f, err := unpackFrequencies(packed)
		if err != nil {
			return err
		}
		v.stats.take(e.counted, -1)
		v.stats.take(f, 1)
		e.counted = f
		return nil
	})
	if err == nil {
		v.upto = state.Upto
	}
	return err
}

// tie finds what the front matter binds, and the documents that say the same in two languages: those bound to the very
// same kinds.
func (v *view) tie() {
	v.bound = v.bound[:0]
	groups := map[string][]*entry{}
	for _, e := range v.known {
		if len(e.Kinds)+len(e.MessageIDs)+len(e.Jobs)+len(e.Streams) > 0 {
			v.bound = append(v.bound, e)
		}
		if kinds := slices.Clone(e.Kinds); len(kinds) > 0 {
			slices.Sort(kinds)
			key := strings.ToLower(strings.Join(kinds, " "))
			groups[key] = append(groups[key], e)
		}
	}
	for key, group := range groups {
		for _, e := range group {
			e.twin = ""
			if slices.ContainsFunc(group, func(o *entry) bool { return o.Language != e.Language }) {
				e.twin = key
			}
		}
	}
	slices.SortFunc(v.bound, func(a, b *entry) int { return strings.Compare(a.Path, b.Path) })
}

// parts keeps what was last needed of documents: a manual has thousands of sections, and a search quotes from few.
type parts struct {
	mu    sync.Mutex
	order []int64 // least recently used first
	held  map[int64]*part
	size  int
}

type part struct {
	change   int64
	sections []cut.Section
	passages []library.Passage // read together with records, of small bound documents only
	records  []index.Packed
}

// maxParts bounds the sections that are kept: about 30 MB.
const maxParts = 150_000

func newParts() *parts { return &parts{held: map[int64]*part{}} }

func (p *parts) get(document, change int64) *part {
	p.mu.Lock()
	defer p.mu.Unlock()
	h := p.held[document]
	if h == nil || h.change != change {
		return nil
	}
	i := slices.Index(p.order, document)
	p.order = append(slices.Delete(p.order, i, i+1), document)
	return h
}

func (p *parts) put(document int64, h *part) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if old := p.held[document]; old != nil {
		p.size -= len(old.sections)
		p.order = slices.DeleteFunc(p.order, func(d int64) bool { return d == document })
	}
	p.held[document] = h
	p.order = append(p.order, document)
	p.size += len(h.sections)
	for p.size > maxParts && len(p.order) > 1 {
		p.size -= len(p.held[p.order[0]].sections)
		delete(p.held, p.order[0])
		p.order = p.order[1:]
	}
}

// sections gives those of a document.
func (b *Base) sections(ctx context.Context, d *library.Document) ([]cut.Section, error) {
	if h := b.parts.get(d.ID, d.Change); h != nil {
		return h.sections, nil
	}
	sections, err := b.shelf.Sections(ctx, d.ID)
	if err != nil {
		return nil, err
	}
	b.parts.put(d.ID, &part{change: d.Change, sections: sections})
	return sections, nil
}

// maxBound is how many passages of a bound document are looked at without the index having found them.
const maxBound = 200

// whole gives the passages and records of a bound document, made on the spot: bound runbooks are short, and are looked at though
// none of their words was asked for.
func (b *Base) whole(ctx context.Context, d *library.Document) (*part, error) {
	if h := b.parts.get(d.ID, d.Change); h != nil && h.records != nil {
		return h, nil
	}
	sections, err := b.shelf.Sections(ctx, d.ID)
	if err != nil {
		return nil, err
	}
	passages, err := b.shelf.Passages(ctx, d.ID)
	if err != nil {
		return nil, err
	}
	passages = passages[:min(len(passages), maxBound)]
	h := &part{change: d.Change, sections: sections, passages: passages, records: []index.Packed{}}
	m := newMaker(b.glossary)
	for i := range passages {
		p := &passages[i]
		lines, err := b.body(ctx, p)
		if err != nil {
			return nil, err
		}
		if p.Section >= len(sections) {
			break // the document changed under us; the next question reads it anew
		}
		r := m.record(d, &sections[p.Section], &p.Passage, lines)
		h.records = append(h.records, r.Pack())
	}
	h.passages = passages[:len(h.records)]
	b.parts.put(d.ID, h)
	return h, nil
}

// body gives what a passage says behind its heading: its lines, or its piece of one.
func (b *Base) body(ctx context.Context, p *library.Passage) ([]string, error) {
	if p.To == 0 {
		return b.shelf.Lines(ctx, p.Document, p.Body, p.End)
	}
	lines, err := b.shelf.Lines(ctx, p.Document, p.Start, p.Start)
	if err != nil || len(lines) != 1 || p.To > len(lines[0]) {
		return nil, err // the document changed under us
	}
	return []string{lines[0][p.From:p.To]}, nil
}
