package embedded

import (
	"cmp"
	"slices"
)

// top keeps the best hits while their scores are known only nearly, and tells the last places apart in the end.
type top struct {
	limit int
	slack float64   // by what part of themselves two scores must differ for their order to be sure
	heap  []float32 // the limit best scores, the least of them first
	hits  []near    // whose score is not surely below the list's end
	floor float32   // what a score must reach to be kept
	full  int       // how many hits are kept before those below the floor go
}

type near struct {
	hit
	score float32
}

// mostTies bounds what is kept of passages that score alike: thousands of copies of one text. Beyond it the first by id stay.
const mostTies = 1 << 12

func (t *top) reset(limit int, slack float64) {
	t.limit, t.slack, t.floor, t.full = limit, slack, 0, max(1024, 4*limit)
	t.heap, t.hits = t.heap[:0], t.hits[:0]
}

func (t *top) add(h hit, score float32) {
	if score < t.floor {
		return
	}
	t.hits = append(t.hits, near{h, score})
	switch {
	case len(t.heap) < t.limit:
		t.heap = append(t.heap, score)
		for n := len(t.heap) - 1; n > 0 && t.heap[(n-1)/2] > t.heap[n]; n = (n - 1) / 2 {
			t.heap[n], t.heap[(n-1)/2] = t.heap[(n-1)/2], t.heap[n]
		}
	case score > t.heap[0]:
		t.heap[0] = score
		t.sink()
	}
	if len(t.heap) == t.limit {
		t.floor = t.heap[0] * float32(1-t.slack)
	}
	if len(t.hits) >= t.full {
		t.compact()
	}
}

func (t *top) sink() {
	for n := 0; ; {
		c := 2*n + 1
		if c >= len(t.heap) {
			return
		}
		if c+1 < len(t.heap) && t.heap[c+1] < t.heap[c] {
			c++
		}
		if t.heap[n] <= t.heap[c] {
			return
		}
		t.heap[n], t.heap[c] = t.heap[c], t.heap[n]
		n = c
	}
}

func (t *top) compact() {
	t.hits = slices.DeleteFunc(t.hits, func(n near) bool { return n.score < t.floor })
	if most := max(mostTies, 4*t.limit); len(t.hits) > most {
		slices.SortFunc(t.hits, func(a, b near) int { return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.id, b.id)) })
		t.hits = t.hits[:most]
	}
	t.full = max(t.full, 2*len(t.hits))
}

// list gives the best hits. Those around the last place are ordered by their exact scores, the earlier passage first among equals.
func (t *top) list(exact func(hit) (float64, error)) ([]hit, error) {
	t.compact()
	out := make([]hit, 0, min(len(t.hits), t.limit))
	var edge []hit
	ceiling := float32(0)
	if len(t.heap) == t.limit {
		ceiling = t.heap[0] * float32(1+t.slack)
	}
	for _, n := range t.hits {
		if n.score > ceiling {
			out = append(out, n.hit)
		} else {
			edge = append(edge, n.hit)
		}
	}
	if len(out)+len(edge) <= t.limit {
		return append(out, edge...), nil
	}
	for n := range edge {
		var err error
		if edge[n].score, err = exact(edge[n]); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(edge, func(a, b hit) int { return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.id, b.id)) })
	return append(out, edge[:t.limit-len(out)]...), nil
}
