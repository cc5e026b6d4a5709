package tools

import (
	"context"
	"sync"
	"time"

	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools/reader"
)

// namesRetry is how long an engine whose names could not be read is not asked again: somebody presses several keys a second.
const namesRetry = 5 * time.Second

// unnamed is the last failure to read names.
type unnamed struct {
	sync.Mutex
	err error
	at  time.Time
}

// Names gives names of the plan for somebody who is typing one; see reader.Finder.Complete. A name that could not be shown as it is is left out:
// nobody could ask for it by what they see.
func (t *Tools) Names(ctx context.Context, w reader.Wanted) (names []string, total int, err error) {
	if err := t.unnamed.recent(t.o.Clock()); err != nil {
		return nil, 0, err
	}
	found, total, err := t.finder.Complete(ctx, w)
	if err != nil {
		if ctx.Err() == nil { // who stopped waiting says nothing of the engine
			t.unnamed.note(err, t.o.Clock())
		}
		return nil, 0, err
	}
	for _, name := range found {
		if untrusted.Normalize(name) == name {
			names = append(names, name)
		}
	}
	return names, total, nil
}

func (u *unnamed) recent(now time.Time) error {
	u.Lock()
	defer u.Unlock()
	if u.err != nil && now.Sub(u.at) < namesRetry {
		return u.err
	}
	return nil
}

func (u *unnamed) note(err error, now time.Time) {
	u.Lock()
	defer u.Unlock()
	u.err, u.at = err, now
}
