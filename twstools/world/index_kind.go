package world

import (
	"cmp"
	"encoding/binary"
	"strings"
	"time"

	"github.com/resync-hwa/resync/twstools/query"
)

// kind is the type that all values of a field have.
type kind int8

const (
	kindNone kind = iota
	kindText
	kindNumber
	kindInstant
	kindSpan
	kindTruth
	kindOther // none of the above, or several of them
)

func kindOf(v query.Value) kind {
	switch v.(type) {
	case string, query.Spellings:
		return kindText
	case int64:
		return kindNumber
	case time.Time:
		return kindInstant
	case time.Duration:
		return kindSpan
	case bool:
		return kindTruth
	}
	return kindOther
}

// compareSame orders two plain values of one kind, as package query does.
func compareSame(a, b query.Value) int {
	switch x := a.(type) {
	case string:
		y, _ := b.(string)
		return strings.Compare(x, y)
	case int64:
		y, _ := b.(int64)
		return cmp.Compare(x, y)
	case time.Time:
		y, _ := b.(time.Time)
		return x.Compare(y)
	case time.Duration:
		y, _ := b.(time.Duration)
		return cmp.Compare(x, y)
	case bool:
		y, _ := b.(bool)
		switch {
		case x == y:
			return 0
		case x:
			return 1
		}
		return -1
	}
	return 0
}

// appendKey writes values so that different lists read differently.
func appendKey(key []byte, vs []query.Value) []byte {
	text := func(tag byte, s string) {
		key = binary.AppendUvarint(append(key, tag), uint64(len(s)))
		key = append(key, s...)
	}
	for _, v := range vs {
		switch v := v.(type) {
		case string:
			text('s', v)
		case query.Spellings:
			key = binary.AppendUvarint(append(key, 'p'), uint64(len(v)))
			for _, s := range v {
				text('s', s)
			}
		case int64:
			key = binary.AppendVarint(append(key, 'n'), v)
		case time.Time:
			key = binary.AppendVarint(append(key, 't'), v.Unix())
			key = binary.AppendVarint(key, int64(v.Nanosecond()))
		case time.Duration:
			key = binary.AppendVarint(append(key, 'd'), int64(v))
		case bool:
			key = append(key, 'b', map[bool]byte{true: 1}[v])
		default:
			key = append(key, '?')
		}
	}
	return key
}
