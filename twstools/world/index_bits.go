package world

import (
	"iter"
	"math/bits"
)

// places is a set of rows by their place in a table.
type places []uint64

func noPlaces(n int) places { return make(places, (n+63)/64) }

func allPlaces(n int) places {
	p := noPlaces(n)
	for i := range p {
		p[i] = ^uint64(0)
	}
	if rest := n % 64; rest != 0 {
		p[len(p)-1] = 1<<rest - 1
	}
	return p
}

func (p places) add(at int32)      { p[at>>6] |= 1 << (at & 63) }
func (p places) has(at int32) bool { return p[at>>6]&(1<<(at&63)) != 0 }

func (p places) addAll(rows []int32) {
	for _, at := range rows {
		p.add(at)
	}
}

func (p places) keep(q places) {
	for i := range p {
		p[i] &= q[i]
	}
}

func (p places) join(q places) {
	for i := range p {
		p[i] |= q[i]
	}
}

// others turns the set into its complement among n rows.
func (p places) others(n int) {
	all := allPlaces(n)
	for i := range p {
		p[i] = all[i] &^ p[i]
	}
}

func (p places) count() int {
	n := 0
	for _, w := range p {
		n += bits.OnesCount64(w)
	}
	return n
}

// from gives the set in order, without its first skip members.
func (p places) from(skip int) iter.Seq[int32] {
	return func(yield func(int32) bool) {
		for i, w := range p {
			if n := bits.OnesCount64(w); n <= skip {
				skip -= n
				continue
			}
			for ; w != 0; w &= w - 1 {
				if skip > 0 {
					skip--
					continue
				}
				if !yield(int32(i<<6 + bits.TrailingZeros64(w))) { //nolint:gosec // a table has fewer than 2^31 rows
					return
				}
			}
		}
	}
}
