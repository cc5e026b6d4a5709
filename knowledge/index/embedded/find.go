package embedded

import (
	"cmp"
	"context"
	"slices"

	"github.com/resync-hwa/resync/knowledge/index"
)

// Find implements index.Index. The list by words is exact: the passages that index.Frequency, in float64 and over the average that
// the last batch gave, puts first. The list by vector is exact while the index is small, and beyond that the best of those whose
// signatures are nearest (dense.go).
func (i *Index) Find(ctx context.Context, q index.Query) ([]index.Candidate, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	i.manners.Asked()
	defer i.manners.Answered()
	if err := i.refresh(false); err != nil {
		return nil, err
	}
	v, err := i.hold()
	if err != nil {
		return nil, err
	}
	defer v.release()
	var out []index.Candidate
	err = i.guarded(v, func() error {
		out, err = v.find(ctx, q)
		return err
	})
	return out, coded(err, unreadable)
}

// mostAsked bounds a list, whatever is asked for.
const mostAsked = 1 << 20

// hit is a passage that was found.
type hit struct {
	id    uint64
	part  int32
	row   int32
	score float64
	dense bool
}

func (v *view) find(ctx context.Context, q index.Query) ([]index.Candidate, error) {
	limit := q.Limit
	if limit <= 0 {
		limit = index.Candidates
	}
	limit = min(limit, mostAsked)
	hits, err := v.byWords(ctx, q, limit)
	if err != nil {
		return nil, err
	}
	if q.Vector != nil {
		near, err := v.byVector(ctx, q, limit)
		if err != nil {
			return nil, err
		}
		hits = append(near, hits...)
	}
	// Of a passage that is in both lists the one by vector comes first, and is kept.
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(a.id, b.id) })
	hits = slices.CompactFunc(hits, func(a, b hit) bool { return a.id == b.id })
	return v.candidates(hits)
}

// candidates copies the records, since the files may be let go when the search ends.
func (v *view) candidates(hits []hit) ([]index.Candidate, error) {
	total := 0
	records := make([]index.Packed, len(hits))
	for n, h := range hits {
		record, err := v.parts[h.part].segment.record(int(h.row))
		if err != nil {
			return nil, err
		}
		records[n] = record
		total += len(record)
	}
	all := make([]byte, 0, total)
	out := make([]index.Candidate, len(hits))
	for n, h := range hits {
		start := len(all)
		all = append(all, records[n]...)
		out[n] = index.Candidate{ID: h.id, Document: v.parts[h.part].segment.document(int(h.row)), Record: index.Packed(all[start:len(all):len(all)])}
		if h.dense {
			out[n].Dense, out[n].ByVector = h.score, true
		}
	}
	return out, nil
}

// seen says, per label of a segment, whether the caller may see it.
func seen(s *segment, q index.Query) []bool {
	out := make([]bool, len(s.labels))
	for n, l := range s.labels {
		out[n] = q.All || l == "" || slices.Contains(q.Access, l)
	}
	return out
}
