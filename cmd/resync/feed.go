package main

import (
	"context"

	"github.com/resync-hwa/resync/agentsvc/api/data"
)

// feed tells over REST what the readers see change.
type feed struct{ site *site }

// Last implements data.Feed.
func (f feed) Last(ctx context.Context, name string) (uint64, error) {
	e, err := f.site.pick(ctx, name)
	if err != nil {
		return 0, err
	}
	return e.reader.LastSeq(), nil
}

// After implements data.Feed.
func (f feed) After(ctx context.Context, name string, since uint64) (data.Changes, error) {
	e, err := f.site.pick(ctx, name)
	if err != nil {
		return data.Changes{}, err
	}
	b, err := e.reader.Changes(ctx, since)
	if err != nil {
		return data.Changes{}, err
	}
	return data.Changes{Events: e.tools.EventRows(ctx, b.Changes), Next: b.Next, Gap: b.Gap}, nil
}
