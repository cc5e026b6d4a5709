package knowledge

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/knowledge/courtesy"
	"github.com/resync-hwa/resync/knowledge/cut"
	"github.com/resync-hwa/resync/knowledge/library"
)

// sees reports whether whoever the context names may see documents with an access label.
func sees(ctx context.Context, label string) bool {
	labels, all := auth.Labels(ctx)
	return all || label == "" || slices.Contains(labels, label)
}

// Later gives a base that opens another at the first question and lets that answer. Only what asks works with it: it has no shelf of
// its own and nothing to Sync. open is called once; its error is every question's.
func Later(open func() (*Base, error)) *Base {
	return &Base{later: sync.OnceValues(open), courtesy: courtesy.New(nil), logger: slog.New(slog.DiscardHandler)}
}

// answering gives the base that answers for this one: the one it was to open, or another while its shelf is empty, where there is another.
func (b *Base) answering(ctx context.Context) (*Base, error) {
	if b.later != nil {
		return b.later()
	}
	if b.instead == nil {
		return b, nil
	}
	if err := b.refresh(ctx); err != nil {
		return nil, err
	}
	b.view.mu.RLock()
	defer b.view.mu.RUnlock()
	if len(b.view.known) == 0 {
		return b.instead.answering(ctx)
	}
	return b, nil
}

// Document gives a document by its path. One that the caller may not see is not there: not_found, with the nearest names as candidates.
func (b *Base) Document(ctx context.Context, path string) (library.Document, error) {
	b, err := b.answering(ctx)
	if err != nil {
		return library.Document{}, err
	}
	d, err := b.shelf.Find(ctx, path)
	if err == nil && !sees(ctx, d.Access) {
		return library.Document{}, fault.New(fault.NotFound, "There is no document %q.", path)
	}
	var f *fault.Error
	if errors.As(err, &f) && len(f.Candidates) > 0 { // a name may be more than the caller may know
		kept := *f
		kept.Candidates = nil
		for _, name := range f.Candidates {
			if near, err := b.shelf.Find(ctx, name); err == nil && sees(ctx, near.Access) {
				kept.Candidates = append(kept.Candidates, name)
			}
		}
		err = &kept
	}
	return d, err
}

// Lines gives the lines start to end of a document, from 1 and inclusive; nil when there are no such. An unknown document is
// not_found.
func (b *Base) Lines(ctx context.Context, document string, start, end int) ([]string, error) {
	b, d, err := b.open(ctx, document)
	if err != nil || start < 1 || start > end || end > d.Lines {
		return nil, err
	}
	return b.shelf.Lines(ctx, d.ID, start, end)
}

// open gives a document with the base that has it.
func (b *Base) open(ctx context.Context, document string) (*Base, library.Document, error) {
	b, err := b.answering(ctx)
	if err != nil {
		return nil, library.Document{}, err
	}
	d, err := b.Document(ctx, document)
	return b, d, err
}

// Sections lists the parts of a document in their order. An unknown document is not_found. The result must not be changed.
func (b *Base) Sections(ctx context.Context, document string) ([]cut.Section, error) {
	b, d, err := b.open(ctx, document)
	if err != nil {
		return nil, err
	}
	return b.sections(ctx, &d)
}
