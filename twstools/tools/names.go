package tools

import (
	"context"

	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools/reader"
)

// Names gives names of the plan for somebody who is typing one; see reader.Finder.Complete. A name that could not be shown as it is is left out:
// nobody could ask for it by what they see.
func (t *Tools) Names(ctx context.Context, w reader.Wanted) (names []string, total int, err error) {
	found, total, err := t.finder.Complete(ctx, w)
	if err != nil {
		return nil, 0, err
	}
	for _, name := range found {
		if untrusted.Normalize(name) == name {
			names = append(names, name)
		}
	}
	return names, total, nil
}
