package record

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/world"
)

// Every string field of the domain's types is classified, and nothing is classified that is not there: a new field must be decided about before it
// can be captured.
func TestEveryFieldIsClassified(t *testing.T) {
	seen := map[string]bool{}
	done := map[reflect.Type]bool{}
	var walk func(reflect.Type, string)
	walk = func(x reflect.Type, at string) {
		switch x.Kind() {
		case reflect.String:
			seen[at] = true
		case reflect.Pointer, reflect.Slice:
			walk(x.Elem(), at)
		case reflect.Map:
			walk(x.Key(), at)
			walk(x.Elem(), at)
		case reflect.Struct:
			if x == timeType || x == refType || done[x] {
				return
			}
			done[x] = true
			for i := range x.NumField() {
				if f := x.Field(i); f.IsExported() {
					walk(f.Type, typeName(x)+"."+f.Name)
				}
			}
		}
	}
	for _, x := range []any{world.World{}, Args{}, Failure{}, twstools.Log{}, twstools.Counts{}, twstools.Neighbour{}, twstools.FileWait{}} {
		walk(reflect.TypeOf(x), "")
	}
	for _, f := range slices.Sorted(maps.Keys(seen)) {
		if _, ok := fieldKinds[f]; !ok {
			t.Errorf("%s is not classified", f)
		}
	}
	for _, f := range slices.Sorted(maps.Keys(fieldKinds)) {
		if !seen[f] && !strings.HasPrefix(f, "Ref.") {
			t.Errorf("%s is classified and is no string field", f)
		}
	}
}

// Words of up to two letters are renamed one to one and none stays; longer ones by a sample.
func TestWordsAreRenamedOneToOne(t *testing.T) {
	p := newPermuter([]byte("0123456789abcdef0123456789abcdef"))
	l, err := builtIn()
	if err != nil {
		t.Fatal(err)
	}
	avoid := func(s string) bool { return l.product[s] }
	made := map[string]string{}
	rename := func(w string) {
		if avoid(w) {
			return
		}
		out := p.word("word", letters, w, avoid)
		if was, twice := made[out]; twice && was != w || out == w || len(out) != len(w) || avoid(out) || strings.Trim(out, letters) != "" {
			t.Errorf("%s became %s, as %q did", w, out, was)
		}
		made[out] = w
	}
	for _, a := range letters {
		rename(string(a))
		for _, b := range letters {
			rename(string(a) + string(b))
		}
	}
	for n := 3; n < 60; n++ {
		for i := range 40 {
			w := make([]byte, n)
			for j := range w {
				w[j] = letters[(i*7+j*j*3+i*j)%26]
			}
			rename(string(w))
		}
	}
	if len(made) < 1500 {
		t.Errorf("only %d words were tried", len(made))
	}
}
