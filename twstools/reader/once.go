package reader

import "github.com/resync-hwa/resync/twstools"

// once folds rows that a list gives twice, as engines do while a plan is extended: by their reference, the first one stays. The total counts
// without them.
func once[T any](l twstools.List[T], limit int) twstools.List[T] {
	seen := make(map[string]bool, len(l.Items))
	kept := make([]T, 0, len(l.Items))
	for _, x := range l.Items {
		id := refOf(x).ID
		if id != "" && seen[id] {
			continue
		}
		seen[id] = true
		kept = append(kept, x)
	}
	twice := len(l.Items) - len(kept)
	if twice == 0 {
		return l
	}
	if l.Total >= 0 {
		l.Total = max(l.Total-twice, len(kept))
	}
	l.Incomplete = l.Incomplete || len(l.Items) >= limit // who counts rows would take the page for the last
	l.Items = kept
	return l
}

// refOf gives the reference of a row; none where its kind has none.
func refOf(row any) twstools.Ref {
	switch x := row.(type) {
	case twstools.Job:
		return x.Ref
	case twstools.JobStream:
		return x.Ref
	case twstools.Workstation:
		return x.Ref
	case twstools.Resource:
		return x.Ref
	case twstools.Prompt:
		return x.Ref
	}
	return twstools.Ref{}
}
