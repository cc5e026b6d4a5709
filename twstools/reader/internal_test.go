package reader

import (
	"math"
	"reflect"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/resync-hwa/resync/twstools"
)

// The tests here look inside: no public door shows whether two values share memory, or how much one keeps.

// fill puts something into every field of v, two elements into every slice and map.
func fill(v reflect.Value, depth int, n *int) {
	*n++
	switch v.Kind() {
	case reflect.String:
		v.SetString(string(strconv.AppendInt([]byte("text "), int64(*n), 10))) // one allocation: rests of others would be measured too
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*n))
	case reflect.Float64:
		v.SetFloat(float64(*n))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), depth, n)
	case reflect.Slice:
		if depth > 3 { // dependencies have dependencies
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			fill(v.Index(i), depth+1, n)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range 2 {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			fill(key, depth+1, n)
			fill(value, depth+1, n)
			v.SetMapIndex(key, value)
		}
	case reflect.Struct:
		if v.Type() == timeType {
			v.Set(reflect.ValueOf(time.Unix(int64(*n), 0).UTC()))
			return
		}
		for i := range v.NumField() {
			fill(v.Field(i), depth, n)
		}
	}
}

// pointers collects where a value's pointers, slices and maps lead.
func pointers(v reflect.Value, path string, into map[uintptr]string) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			into[v.Pointer()] = path
			pointers(v.Elem(), path, into)
		}
	case reflect.Slice:
		if v.Len() > 0 {
			into[v.Pointer()] = path
		}
		for i := range v.Len() {
			pointers(v.Index(i), path+"[]", into)
		}
	case reflect.Map:
		if !v.IsNil() {
			into[v.Pointer()] = path
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type() != timeType {
				pointers(v.Field(i), path+"."+v.Type().Field(i).Name, into)
			}
		}
	}
}

func filled[T any]() T {
	var v T
	n := 0
	fill(reflect.ValueOf(&v).Elem(), 0, &n)
	return v
}

func copiesWhole[T any](t *testing.T, clone func(T) T) {
	t.Helper()
	a := filled[T]()
	b := clone(a)
	name := reflect.TypeFor[T]().String()
	if !reflect.DeepEqual(a, b) {
		t.Errorf("the copy of a %s is another: %+v, want %+v", name, b, a)
	}
	mine, theirs := map[uintptr]string{}, map[uintptr]string{}
	pointers(reflect.ValueOf(a), name, mine)
	pointers(reflect.ValueOf(b), name, theirs)
	for p, path := range mine {
		if _, shared := theirs[p]; shared {
			t.Errorf("%s is shared with its copy", path)
		}
	}
	var zero T
	if c := clone(zero); !reflect.DeepEqual(c, zero) {
		t.Errorf("the copy of an empty %s is %+v", name, c)
	}
}

// TestCopiesShareNothing holds for every field that the types have or will have.
func TestCopiesShareNothing(t *testing.T) {
	copiesWhole(t, cloneInfo)
	copiesWhole(t, cloneJob)
	copiesWhole(t, cloneStream)
	copiesWhole(t, cloneNeighbours)
	copiesWhole(t, cloneCounts)
	copiesWhole(t, cloneWorkstation)
	copiesWhole(t, cloneResource)
	copiesWhole(t, clonePrompt)
	copiesWhole(t, cloneLog)
}

// TestStoreKeepsEveryField: what goes through the second level comes back the same, zeros behind pointers included.
func TestStoreKeepsEveryField(t *testing.T) {
	storedWhole[twstools.Info](t)
	storedWhole[twstools.List[twstools.Job]](t)
	storedWhole[twstools.Job](t)
	storedWhole[twstools.List[twstools.JobStream]](t)
	storedWhole[[]twstools.Neighbour](t)
	storedWhole[twstools.Counts](t)
	storedWhole[twstools.List[twstools.Workstation]](t)
	storedWhole[twstools.List[twstools.Resource]](t)
	storedWhole[twstools.List[twstools.Prompt]](t)
	storedWhole[twstools.Log](t)
	zero := 0
	raw, ok := pack(stored[twstools.Workstation]{Value: twstools.Workstation{Limit: &zero, ActiveStates: []string{}}})
	var back stored[twstools.Workstation]
	if !ok || !unpack(raw, &back) || back.Value.Limit == nil || *back.Value.Limit != 0 || back.Value.ActiveStates == nil || back.Value.ActiveFlags != nil {
		t.Errorf("a limit of 0 came back as %+v", back.Value)
	}
}

func storedWhole[T any](t *testing.T) {
	t.Helper()
	a := filled[T]()
	raw, ok := pack(stored[any]{Schema: storeSchema, Value: a})
	var back stored[T]
	if !ok || !unpack(raw, &back) || !reflect.DeepEqual(back.Value, a) {
		t.Errorf("%T came back as %+v, want %+v", a, back.Value, a)
	}
}

// FuzzUnpack: whatever lies in the store, nothing breaks.
func FuzzUnpack(f *testing.F) {
	raw, _ := pack(stored[any]{Schema: storeSchema, Value: filled[twstools.List[twstools.Job]]()})
	f.Add(raw)
	f.Add([]byte("j{}"))
	f.Add([]byte("z\x1f\x8b\x08\x00"))
	f.Add([]byte(nil))
	f.Fuzz(func(_ *testing.T, raw []byte) {
		var into stored[twstools.List[twstools.Job]]
		unpack(raw, &into)
	})
}

// TestMeasureIsHonest compares the estimate with what the runtime says that the values keep: the same within a hundredth, but under the race detector,
// which makes small allocations larger.
func TestMeasureIsHonest(t *testing.T) {
	for name, c := range map[string]func() any{
		"jobs":         func() any { return many[twstools.Job](300) },
		"job streams":  func() any { return many[twstools.JobStream](300) },
		"workstations": func() any { return many[twstools.Workstation](2000) },
		"log lines":    func() any { return many[twstools.LogLine](20_000) },
		"bare jobs":    func() any { return make([]twstools.Job, 5000) },
	} {
		keep := make([]any, 4)
		before := heap()
		var estimate int64
		for i := range keep {
			keep[i] = c()
			n, _ := measure(keep[i])
			estimate += n
		}
		real := int64(heap()) - int64(before)
		runtime.KeepAlive(keep)
		if ratio := float64(estimate) / float64(real); ratio < 0.7 || ratio > 1.5 {
			t.Errorf("%s: estimate %d, real %d: %.2f times", name, estimate, real, ratio)
		} else {
			t.Logf("%s: estimate %.2f times the real size", name, ratio)
		}
	}
}

// many makes values as they come off the wire: each with texts of its own.
func many[T any](count int) []T {
	out := make([]T, count)
	for i := range out {
		n := 0
		fill(reflect.ValueOf(&out[i]).Elem(), 1, &n)
	}
	return out
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestListAtTheEndOfNumbers: a page that begins or ends beyond what an int can count is empty or the rest.
func TestListAtTheEndOfNumbers(t *testing.T) {
	a := listAsk(kindJobs, twstools.ListQuery{Limit: 5, Offset: math.MaxInt}, nil, cloneJob)
	if got := a.hand(twstools.List[twstools.Job]{Items: make([]twstools.Job, 3), Total: 3}, true); len(got.Items) != 0 {
		t.Errorf("%d rows", len(got.Items))
	}
}

// TestOnce: a row that a list gives twice is one row.
func TestOnce(t *testing.T) {
	row := func(id string) twstools.Job { return twstools.Job{Ref: twstools.Ref{ID: id}} }
	list := func(total int) twstools.List[twstools.Job] {
		return twstools.List[twstools.Job]{Items: []twstools.Job{row("a"), row("b"), row("a"), row(""), row("")}, Total: total}
	}
	for _, c := range []struct {
		total, limit, want int
		incomplete         bool
	}{{5, 9, 4, false}, {12, 5, 11, true}, {-1, 9, -1, false}, {-1, 5, -1, true}} {
		if got := once(list(c.total), c.limit); len(got.Items) != 4 || got.Total != c.want || got.Incomplete != c.incomplete {
			t.Errorf("of %d at most %d: %d rows, total %d, incomplete %v", c.total, c.limit, len(got.Items), got.Total, got.Incomplete)
		}
	}
}
