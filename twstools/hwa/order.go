package hwa

import (
	"strings"
	"time"

	"github.com/resync-hwa/resync/twstools/query"
)

// disordered proves that rows did not come in the order that was asked for. Only the first key counts, and only values that every server sorts
// alike: one number, instant or plain upper-case name a row. Absent values and other texts prove nothing, because databases differ there.
func (l lister[T]) disordered(items []T, order []query.Order) bool {
	if len(order) == 0 {
		return false
	}
	type numbered struct {
		item T
		n    int
	}
	var plain []numbered
	for i, it := range items {
		if values, ok := l.row(it).Values(order[0].Field); ok && len(values) == 1 && sortsAlike(values[0]) {
			plain = append(plain, numbered{it, i})
		}
	}
	query.Sort(plain, func(p numbered) query.Row { return l.row(p.item) }, order[:1])
	for i := 1; i < len(plain); i++ {
		if plain[i].n < plain[i-1].n {
			return true
		}
	}
	return false
}

func sortsAlike(v query.Value) bool {
	switch v := v.(type) {
	case int64, float64, time.Time, time.Duration:
		return true
	case string:
		return v != "" && strings.IndexFunc(v, func(r rune) bool { return (r < 'A' || r > 'Z') && (r < '0' || r > '9') }) < 0
	}
	return false
}
