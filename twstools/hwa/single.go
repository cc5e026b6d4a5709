package hwa

import (
	"context"
	"errors"
	"net/http"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
)

// get reads one object by its own path, and where the server lacks that path, by searching the list for its id.
func (l lister[T]) get(ctx context.Context, ref twstools.Ref) (T, error) {
	var none T
	if err := l.owns(ref); err != nil {
		return none, err
	}
	works, known := l.facts.byID.get()
	if works || !known {
		o, err := l.talk.one(ctx, ref.ID)
		if err == nil {
			l.facts.byID.learn(true)
			if identity(o) == "" {
				o["id"] = ref.ID
			}
			item := l.decode(o, true)
			if l.settle != nil {
				return l.settle(ctx, item)
			}
			return item, nil
		}
		if status(err) >= http.StatusInternalServerError && status(err) != http.StatusNotImplemented && ctx.Err() == nil {
			// The list may still know what the engine fails to show alone; if not, the first error is the one to tell.
			if item, listErr := l.search(ctx, ref.ID); listErr == nil {
				return item, nil
			}
			return none, err
		}
		if !l.mayBeListed(err, works) {
			return none, err
		}
	}
	item, err := l.search(ctx, ref.ID)
	if err == nil {
		l.facts.byID.learn(false)
	}
	return item, err
}

// mayBeListed reports whether a failed read by id leaves hope for the list: the path seems to be missing, rather than the object.
func (l lister[T]) mayBeListed(err error, works bool) bool {
	if errors.Is(err, errEmpty) { // an empty list where an object was asked
		return true
	}
	if e, ok := refusedAs(err); !ok || e.says("AWSJDB101E") {
		return false
	}
	switch status(err) {
	case http.StatusMethodNotAllowed, http.StatusNotImplemented, http.StatusBadRequest: // the last: "not a UUID"
		return true
	}
	return absent(err) && !works
}

func (l lister[T]) search(ctx context.Context, id string) (T, error) {
	var none T
	list, err := l.read(ctx, twstools.ListQuery{Where: query.Is("id", id), Limit: 2})
	if err != nil {
		return none, err
	}
	if len(list.Items) > 0 {
		return list.Items[0], nil
	}
	return none, fault.New(fault.NotFound, "The engine has no such %s in its plan.", l.thing).
		WithHint("It may belong to an earlier plan.").WithSource("engine:" + l.engine)
}
