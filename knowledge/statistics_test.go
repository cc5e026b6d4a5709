package knowledge

import (
	"reflect"
	"testing"

	"github.com/resync-hwa/resync/knowledge/index"
)

// Counts come back as they were packed, and what is added and taken away leaves nothing.
func TestFrequenciesComeBack(t *testing.T) {
	records := []index.Record{
		{Length: 7, Entries: []index.Entry{{Hash: 3}, {Hash: 900}, {Hash: 4_000_000_000}}},
		{Length: 2, Entries: []index.Entry{{Hash: 900}}},
	}
	for _, language := range []string{English, Portuguese, ""} {
		f := frequenciesOf(language, records)
		got, err := unpackFrequencies(f.pack())
		if err != nil || !reflect.DeepEqual(got, f) {
			t.Errorf("%q: %+v, %v, want %+v", language, got, err, f)
		}
		s := statistics{in: map[uint32]uint32{}}
		s.take(f, 1)
		if s.passages != 2 || s.words != 9 || s.in[900] != 2 || (s.english == 2) != (language != Portuguese) || (s.portuguese == 2) != (language != English) {
			t.Errorf("%q: %+v", language, s)
		}
		s.take(f, -1)
		if !reflect.DeepEqual(s, statistics{in: map[uint32]uint32{}}) {
			t.Errorf("%q leaves %+v", language, s)
		}
	}
}

func FuzzUnpackFrequencies(f *testing.F) {
	some := frequenciesOf(English, []index.Record{{Length: 1, Entries: []index.Entry{{Hash: 1}, {Hash: 2}}}})
	f.Add(some.pack())
	f.Add([]byte{})
	f.Add([]byte{200, 1})
	f.Add([]byte{0, 1, 1, 255, 255, 255, 255, 255, 255})
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := unpackFrequencies(b)
		if err == nil && len(got.terms) > len(b) {
			t.Fatalf("%d terms out of %d bytes", len(got.terms), len(b))
		}
	})
}
