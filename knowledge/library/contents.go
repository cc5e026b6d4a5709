package library

import (
	"slices"
	"sync"

	"github.com/resync-hwa/resync/knowledge/cut"
)

const (
	// maxContents is how many sections are kept unpacked: those of a few dozen manuals, some 30 MB.
	maxContents = 100_000
	maxOpened   = 1000 // documents
)

// contents keeps the sections of the documents that were asked for last: each citation names one, and a manual has thousands.
type contents struct {
	mu    sync.Mutex
	by    map[int64]*opened
	order []int64 // the one that was asked for last stands last
	total int
}

type opened struct {
	change   int64
	sections []cut.Section
}

func newContents() *contents { return &contents{by: map[int64]*opened{}} }

// get gives a copy of the sections of a document as of a change.
func (c *contents) get(document, change int64) ([]cut.Section, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	o, ok := c.by[document]
	if !ok || o.change != change {
		return nil, false
	}
	c.touch(document)
	return slices.Clone(o.sections), true
}

// put keeps sections and gives a copy of them.
func (c *contents) put(document, change int64, sections []cut.Section) []cut.Section {
	c.mu.Lock()
	defer c.mu.Unlock()
	if old, ok := c.by[document]; ok {
		c.total -= len(old.sections)
	}
	c.by[document] = &opened{change, sections}
	c.total += len(sections)
	c.touch(document)
	for (c.total > maxContents || len(c.order) > maxOpened) && len(c.order) > 1 {
		c.total -= len(c.by[c.order[0]].sections)
		delete(c.by, c.order[0])
		c.order = c.order[1:]
	}
	return slices.Clone(sections)
}

func (c *contents) touch(document int64) {
	if i := slices.Index(c.order, document); i >= 0 {
		c.order = slices.Delete(c.order, i, i+1)
	}
	c.order = append(c.order, document)
}
