package index_test

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/resync-hwa/resync/knowledge/index"
)

// sample makes a record out of a seed.
func sample(seed uint64) index.Record {
	r := rand.New(rand.NewPCG(seed, 7))
	rec := index.Record{Section: r.IntN(5000), Flags: index.Flags(r.IntN(4)), Length: r.IntN(70000), Words: r.IntN(30)}
	hash := uint32(0)
	for range r.IntN(40) {
		hash += 1 + r.Uint32N(1<<26)
		e := index.Entry{Hash: hash}
		for range 1 + r.IntN(6) {
			e.Add(index.Field(r.IntN(int(index.Fields))), -1)
		}
		at := 0
		for range r.IntN(30) {
			at += r.IntN(400)
			e.Add(index.Body, at)
		}
		rec.Entries = append(rec.Entries, e)
	}
	return rec
}

// What is packed comes back, whatever it was.
func TestRecordsComeBack(t *testing.T) {
	for seed := range uint64(300) {
		want := sample(seed)
		got, err := want.Pack().Unpack()
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		for i := range got.Entries {
			if len(got.Entries[i].Positions) == 0 {
				got.Entries[i].Positions = nil
			}
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("seed %d: got %+v\nwant %+v", seed, got, want)
		}
	}
}

// Bytes that are no record are refused; nothing panics and nothing is made up without end.
func FuzzUnpack(f *testing.F) {
	for seed := range uint64(5) {
		r := sample(seed)
		f.Add([]byte(r.Pack()))
	}
	f.Add([]byte{})
	f.Add([]byte{0, 0, 0, 255, 255, 255, 255, 15})
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := index.Packed(b).Unpack()
		if err == nil && len(r.Entries) > len(b) {
			t.Fatalf("%d entries out of %d bytes", len(r.Entries), len(b))
		}
	})
}

func TestFrequency(t *testing.T) {
	e := index.Entry{Counts: [index.Fields]uint8{index.Heading: 1, index.Body: 2}}
	// Twice in a body of average length weighs two, once in the heading three.
	if got := e.Frequency(100, 100); math.Abs(got-5) > 1e-9 {
		t.Errorf("Frequency = %v, want 5", got)
	}
	// In a body three times as long as the average: 2 / (0.25 + 0.75·3).
	if got := e.Frequency(300, 100); math.Abs(got-3.8) > 1e-9 {
		t.Errorf("Frequency = %v, want 3.8", got)
	}
	if got := index.Saturate(1.2); math.Abs(got-1.1) > 1e-9 {
		t.Errorf("Saturate(k1) = %v, want half of k1+1", got)
	}
}

func TestHashSpreads(t *testing.T) {
	seen := map[uint32]string{}
	for _, prefix := range []string{"en:", "pt:", "=", "c:"} {
		for i := range 5000 {
			term := prefix + string(rune('a'+i%26)) + string(rune('a'+i/26%26)) + string(rune('a'+i/676))
			h := index.Hash(term)
			if other, twice := seen[h]; twice {
				t.Fatalf("%q and %q have one number", term, other)
			}
			seen[h] = term
		}
	}
}
