package reader

import (
	"math"
	"reflect"
	"unicode/utf8"
)

// measure estimates the bytes that a value keeps in memory, all that it points at included, and whether all its texts are UTF-8. It walks the
// value itself, so a field added to a type is counted from the first day. Strings that share one array are counted each: the estimate errs to
// the high side.
func measure(v any) (bytes int64, utf8 bool) {
	m := meter{utf8: true}
	m.outside(reflect.ValueOf(v))
	return m.bytes, m.utf8
}

type meter struct {
	bytes int64
	utf8  bool
}

// allot rounds an allocation up as the allocator does: to 8 or 16 bytes when small, to an eighth beyond.
func allot(n int64) int64 {
	switch {
	case n == 0:
		return 0
	case n <= 8:
		return 8
	case n <= 1024:
		return (n + 15) &^ 15
	}
	return n + n/16
}

// outside counts a value in an allocation of its own.
func (m *meter) outside(v reflect.Value) {
	if !v.IsValid() {
		return
	}
	m.bytes += allot(int64(v.Type().Size())) // #nosec G115 -- sizes of types are small
	m.behind(v)
}

// behind counts what a value points at, not the value's own bytes.
func (m *meter) behind(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		s := v.String()
		m.bytes += allot(int64(len(s)))
		m.utf8 = m.utf8 && utf8.ValidString(s)
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			m.outside(v.Elem())
		}
	case reflect.Slice:
		m.slice(v)
	case reflect.Map:
		if v.IsNil() {
			return
		}
		m.bytes += 48
		for it := v.MapRange(); it.Next(); {
			m.bytes += int64(it.Key().Type().Size()+it.Value().Type().Size()) * 5 / 4 // #nosec G115 -- as above
			m.behind(it.Key())
			m.behind(it.Value())
		}
	case reflect.Struct:
		if v.Type() == timeType { // its zone is shared by all
			return
		}
		for i := range v.NumField() {
			m.behind(v.Field(i))
		}
	}
}

func (m *meter) slice(v reflect.Value) {
	if v.IsNil() {
		return
	}
	m.bytes += allot(int64(v.Cap()) * int64(v.Type().Elem().Size())) // #nosec G115 -- as above
	if !points(v.Type().Elem()) {
		return
	}
	for i := range v.Len() {
		m.behind(v.Index(i))
	}
}

// points reports whether values of a type can point at anything.
func points(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.String, reflect.Pointer, reflect.Interface, reflect.Slice, reflect.Map, reflect.Struct:
		return true
	}
	return false
}

// entryOverhead is what an entry costs beside its value: its own struct, its key, and the cache's node and table.
const entryOverhead = 320

// weigh is the weight of an entry in the cache, in bytes.
func weigh(key string, e *entry) uint32 {
	return uint32(min(e.size+int64(len(key))+entryOverhead, math.MaxUint32)) // #nosec G115 -- bounded here
}
