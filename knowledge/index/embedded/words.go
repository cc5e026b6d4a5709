package embedded

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/resync-hwa/resync/knowledge/index"
)

// The search by words goes through each segment in windows of rows. Within a window the lists of a unit are added up one after the
// other. A passage that has only units whose bounds together do not reach the list's last place cannot be in it: the lists of those
// units are read only where they can still lift a passage that has others (MaxScore, by windows, with the bounds of blocks).
const (
	window = 4096
	// slack covers what float32 loses in one operation, in both directions. Scores nearer than it, times the operations, are told
	// apart by reckoning them anew in float64.
	slack = 2.4e-7
)

// lookup is the state of a search by words. It is used again by later searches.
type lookup struct {
	sum        [window]float32
	best       [window]uint32 // the bits of a float32: as whole numbers the greater is found without a branch
	candidates []uint16
	units      []unit
	order      []int
	cursors    []cursor
	top        top
}

var lookups = sync.Pool{New: func() any { return new(lookup) }}

// unit is one unit of the question in one segment.
type unit struct {
	first, last int     // of the cursors
	bound       float32 // in this window
}

func (v *view) byWords(ctx context.Context, q index.Query, limit int) ([]hit, error) {
	l := lookups.Get().(*lookup)
	defer func() {
		clear(l.cursors) // they point into files that may be let go
		lookups.Put(l)
	}()
	l.top.reset(limit, min(0.1, slack*float64(2*len(q.Units)+16)))
	// The largest segment first: it gives the best bound to the others.
	order := make([]int, len(v.parts))
	for n := range order {
		order[n] = n
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(v.parts[b].live(), v.parts[a].live()) })
	for _, n := range order {
		if err := l.search(ctx, v.parts[n], int32(n), q, v.manifest.Average); err != nil {
			return nil, err
		}
	}
	return l.top.list(func(h hit) (float64, error) {
		record, err := v.parts[h.part].segment.record(int(h.row))
		if err != nil {
			return 0, err
		}
		return exact(q, record, v.manifest.Average)
	})
}

// open finds the lists of a question in a segment.
func (l *lookup) open(s *segment, q index.Query, average float64) error {
	l.units, l.cursors = l.units[:0], l.cursors[:0]
	// Bounds were made with another average; a frequency grows by no more than the average does.
	drift := float32(max(1, max(1, average)/max(1, s.average)) * (1 + 1e-5))
	for _, u := range q.Units {
		first := len(l.cursors)
		for _, t := range u.Any {
			scale := float32(u.Weight * t.IDF * (index.K1 + 1))
			if !(scale > 0) {
				continue
			}
			l.cursors = append(l.cursors, cursor{scale: scale, factor: scale * drift})
			ok, err := s.find(&l.cursors[len(l.cursors)-1], t.Hash)
			if err != nil {
				return err
			}
			if !ok {
				l.cursors = l.cursors[:len(l.cursors)-1]
			}
		}
		if len(l.cursors) > first {
			l.units = append(l.units, unit{first: first, last: len(l.cursors)})
		}
	}
	return nil
}

func (l *lookup) search(ctx context.Context, p part, number int32, q index.Query, average float64) error {
	s := p.segment
	if err := l.open(s, q, average); err != nil || len(l.units) == 0 {
		return err
	}
	n := s.normsFor(average)
	see := seen(s, q)
	for low := 0; low < s.passages; low += window {
		if err := ctx.Err(); err != nil {
			return err
		}
		high := min(low+window, s.passages)
		first := l.bounds(int32(low), int32(high))
		if first < 0 {
			continue
		}
		clear(l.sum[:high-low])
		for _, u := range l.order[first:] {
			l.addUp(n, l.units[u], int32(low), int32(high))
		}
		rest := float32(0)
		for _, u := range l.order[:first] {
			rest += l.units[u].bound
		}
		l.choose(p, see, low, high, l.top.floor-rest)
		for at := first - 1; at >= 0 && len(l.candidates) > 0; at-- {
			u := l.units[l.order[at]]
			l.lift(n, u, int32(low), int32(high))
			rest -= u.bound
			l.narrow(l.top.floor - rest)
		}
		for _, c := range l.candidates {
			if x := l.sum[c]; x >= l.top.floor {
				row := low + int(c)
				l.top.add(hit{part: number, row: int32(row), id: s.id(row)}, x)
			}
		}
	}
	return nil
}

// bounds orders the units by how much they can give in a window, and gives the first that must be read whole: all before it
// together cannot bring a passage into the list. It is negative where no passage of the window can be in it.
func (l *lookup) bounds(low, high int32) (first int) {
	l.order = l.order[:0]
	for n := range l.units {
		u := &l.units[n]
		most := float32(0)
		for c := u.first; c < u.last; c++ {
			l.cursors[c].seek(low)
			most = max(most, l.cursors[c].boundBefore(high))
		}
		if u.bound = most; most > 0 {
			l.order = append(l.order, n)
		}
	}
	slices.SortFunc(l.order, func(a, b int) int { return cmp.Compare(l.units[a].bound, l.units[b].bound) })
	total := float32(0)
	for n, u := range l.order {
		total += l.units[u].bound
		if total >= l.top.floor {
			return n
		}
	}
	return -1
}

// addUp adds what a unit gives to every row of a window.
func (l *lookup) addUp(n *norms, u unit, low, high int32) {
	several := false
	for c := u.first; c < u.last; c++ {
		if l.cursors[c].row >= high {
			continue
		}
		if !several && l.alone(u, c, high) {
			l.cursors[c].addTo(&l.sum, n, low, high)
			return
		}
		if !several {
			clear(l.best[:high-low])
			several = true
		}
		l.cursors[c].raise(&l.sum, &l.best, n, low, high)
	}
}

// alone reports whether no later list of the unit has a posting in the window.
func (l *lookup) alone(u unit, c int, high int32) bool {
	for o := c + 1; o < u.last; o++ {
		if l.cursors[o].row < high {
			return false
		}
	}
	return true
}

// addTo adds the contributions of a list up to high.
func (c *cursor) addTo(sum *[window]float32, n *norms, low, high int32) {
	inverse, narrow := n.in(low), n.narrow()
	for c.row < high {
		end := c.before(high)
		rows := c.rows[c.i:end]
		if c.width == 0 {
			codes := c.codes[c.i:end]
			for k, row := range rows[:len(codes)] {
				w, d := &narrow[codes[k]], uint32(row-low)%window
				tf := w.fixed + w.body*inverse[d]
				sum[d] += c.scale * (tf / (index.K1 + tf))
			}
		} else {
			for k, row := range rows {
				w, d := &n.codes[c.code(c.i+k)], uint32(row-low)%window
				tf := w.fixed + w.body*inverse[d]
				sum[d] += c.scale * (tf / (index.K1 + tf))
			}
		}
		c.stand(end)
	}
}

// raise adds the contributions of a list up to high where they exceed what other lists of the unit gave.
func (c *cursor) raise(sum *[window]float32, best *[window]uint32, n *norms, low, high int32) {
	inverse, narrow := n.in(low), n.narrow()
	for c.row < high {
		end := c.before(high)
		rows := c.rows[c.i:end]
		if c.width == 0 {
			codes := c.codes[c.i:end]
			for k, row := range rows[:len(codes)] {
				w, d := &narrow[codes[k]], uint32(row-low)%window
				tf := w.fixed + w.body*inverse[d]
				had := best[d]
				most := max(had, math.Float32bits(c.scale*(tf/(index.K1+tf))))
				best[d] = most
				sum[d] += math.Float32frombits(most) - math.Float32frombits(had)
			}
		} else {
			for k, row := range rows {
				w, d := &n.codes[c.code(c.i+k)], uint32(row-low)%window
				tf := w.fixed + w.body*inverse[d]
				had := best[d]
				most := max(had, math.Float32bits(c.scale*(tf/(index.K1+tf))))
				best[d] = most
				sum[d] += math.Float32frombits(most) - math.Float32frombits(had)
			}
		}
		c.stand(end)
	}
}

// choose gathers the rows of a window that have something, reach the floor, are not deleted and may be seen.
func (l *lookup) choose(p part, see []bool, low, high int, floor float32) {
	l.candidates = l.candidates[:0]
	for d, x := range l.sum[:high-low] {
		if x > 0 && x >= floor && !p.dead.has(low+d) && see[p.segment.label(low+d)] {
			l.candidates = append(l.candidates, uint16(d))
		}
	}
}

// narrow drops candidates that do not reach the floor.
func (l *lookup) narrow(floor float32) {
	kept := l.candidates[:0]
	for _, c := range l.candidates {
		if l.sum[c] >= floor {
			kept = append(kept, c)
		}
	}
	l.candidates = kept
}

// sparse is how many postings of a window it pays to read rather than to jump over, for each candidate.
const sparse = 16

// lift adds what a unit gives to the candidates of a window, and perhaps to others.
func (l *lookup) lift(n *norms, u unit, low, high int32) {
	inWindow := 0
	for c := u.first; c < u.last; c++ {
		inWindow += l.cursors[c].count
	}
	inWindow = inWindow * window / len(n.inverse)
	if len(l.candidates)*sparse > inWindow {
		l.addUp(n, u, low, high)
		return
	}
	for _, d := range l.candidates {
		l.best[d] = 0
	}
	for at := u.first; at < u.last; at++ {
		c := &l.cursors[at]
		for _, d := range l.candidates {
			row := low + int32(d)
			c.seek(row)
			if c.row >= high {
				break
			}
			if c.row != row {
				continue
			}
			w := n.codes[c.code(c.i)]
			tf := w.fixed + w.body*n.inverse[row]
			had := math.Float32frombits(l.best[d])
			if x := c.scale * (tf / (index.K1 + tf)); x > had {
				l.sum[d] += x - had
				l.best[d] = math.Float32bits(x)
			}
		}
	}
}

// exact scores a record as the contract says, in float64.
func exact(q index.Query, record index.Packed, average float64) (float64, error) {
	type frequency struct {
		hash uint32
		tf   float64
	}
	var wanted []uint32
	for _, u := range q.Units {
		for _, t := range u.Any {
			wanted = append(wanted, t.Hash)
		}
	}
	slices.Sort(wanted)
	var found []frequency
	length := 0
	err := record.Scan(func(h index.Header) { length = h.Length }, func(e *index.Entry) bool {
		for len(wanted) > 0 && wanted[0] < e.Hash {
			wanted = wanted[1:]
		}
		if len(wanted) > 0 && wanted[0] == e.Hash {
			found = append(found, frequency{e.Hash, e.Frequency(length, average)})
		}
		return len(wanted) > 0
	})
	if err != nil {
		return 0, fmt.Errorf("read a record: %w", err)
	}
	sum := 0.0
	for _, u := range q.Units {
		best := 0.0
		for _, t := range u.Any {
			i, ok := slices.BinarySearchFunc(found, t.Hash, func(f frequency, h uint32) int { return cmp.Compare(f.hash, h) })
			if ok {
				best = max(best, t.IDF*index.Saturate(found[i].tf))
			}
		}
		sum += u.Weight * best
	}
	return sum, nil
}
