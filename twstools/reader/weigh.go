package reader

import (
	"math"
	"reflect"
	"slices"
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

// classes are the sizes of Go's small allocations; larger ones are whole pages.
var classes = []int64{8, 16, 24, 32, 48, 64, 80, 96, 112, 128, 144, 160, 176, 192, 208, 224, 240, 256, 288, 320, 352, 384, 416, 448, 480, 512, 576, 640, 704, 768, 896, 1024,
	1152, 1280, 1408, 1536, 1792, 2048, 2304, 2688, 3072, 3200, 3456, 4096, 4864, 5120, 5376, 6144, 6528, 6784, 6912, 8192, 9472, 9728, 10240, 10880, 12288, 13568, 14336,
	16384, 18432, 19072, 20480, 21760, 24576, 27264, 28672, 32768}

// allot rounds an allocation up as the allocator does.
func allot(n int64) int64 {
	const page = 8192
	if n == 0 {
		return 0
	}
	if n > 512 {
		n += 8 // where its pointers are
	}
	if i, _ := slices.BinarySearch(classes, n); i < len(classes) {
		return classes[i]
	}
	return (n + page - 1) / page * page
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
		slots := int64(8) // Go's maps grow by doubling, and are at most seven eighths full
		for slots*7/8 < int64(v.Len()) {
			slots *= 2
		}
		m.bytes += 48 + allot(slots*(1+int64(v.Type().Key().Size()+v.Type().Elem().Size()))) // #nosec G115 -- as above
		for it := v.MapRange(); it.Next(); {
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
