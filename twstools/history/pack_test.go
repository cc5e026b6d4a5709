package history

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/twstools"
)

// randomRuns makes runs in which every field may be missing or odd.
func randomRuns(rng *rand.Rand) runs {
	word := func() string {
		return []string{"", "0AAAAAAAAAAAABTB", "0AAAAAAAAAAAABTC", strings.Repeat("0", 60), "3f2504e0-4f89-41d3-9a0c-0305e82c3301", "3F2504E0-4F89-41D3-9A0C-0305E82C3301", "zzzzzzzz-4f89-41d3-9a0c-0305e82c3301", "é x"}[rng.IntN(8)]
	}
	at := func() time.Time {
		if rng.IntN(4) == 0 {
			return time.Time{}
		}
		return time.Unix(rng.Int64N(4e9)-2e9, 0).UTC()
	}
	rs := runs{gone: Digest{Ended: rng.IntN(1000), Succeeded: rng.IntN(1000), First: at()}, lost: rng.Int64N(2e9) * 1000}
	for range rng.IntN(keptRuns + 1) {
		r := Run{ID: word(), Instance: word(), Sched: at(), Start: at(), End: at(), JobNumber: rng.Int64N(1 << 40), Attempt: rng.IntN(9), RerunType: word(), Workstation: word(),
			Status: twstools.Status{Internal: word(), Common: word(), Substatus: word(), Canceled: rng.IntN(2) == 0}, Estimated: time.Duration(rng.IntN(1e5)) * time.Second,
			Exact: rng.IntN(2) == 0, Archived: rng.IntN(2) == 0, seen: rng.Int64N(2e9) * 1000}
		if rng.IntN(2) == 0 {
			n := rng.IntN(600) - 300
			r.ReturnCode = &n
		}
		rs.last = append(rs.last, r)
	}
	return rs
}

func TestPackedRunsComeBackAsTheyWere(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		want := randomRuns(rng)
		packed := pack(want)
		got, err := unpack(packed)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%d runs come back as %d other ones, %v", len(want.last), len(got.last), err)
		}
		if len(packed) > 1 {
			if _, err := unpack(packed[:rng.IntN(len(packed)-1)+1]); err == nil {
				t.Fatal("half of it must be an error")
			}
		}
	}
}

func FuzzUnpack(f *testing.F) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 5 {
		f.Add(pack(randomRuns(rng)))
	}
	f.Add([]byte{})
	f.Add([]byte{2})
	f.Add([]byte{packVersion, 0, 0, 0, 0, 2, 0, 0, 255})
	f.Fuzz(func(t *testing.T, b []byte) {
		rs, err := unpack(b)
		if err != nil {
			return
		}
		if len(rs.last) > keptRuns {
			t.Fatalf("%d runs", len(rs.last))
		}
		if again, err := unpack(pack(rs)); err != nil || len(again.last) != len(rs.last) {
			t.Fatalf("what was read cannot be read again: %v", err)
		}
	})
}
