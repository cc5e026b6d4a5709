package embedded_test

import (
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"go.uber.org/goleak"

	"github.com/resync-hwa/resync/knowledge/index"
	"github.com/resync-hwa/resync/knowledge/index/embedded"
)

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != "" {
		child(os.Getenv(childEnv))
		return
	}
	// The library that a benchmark compares with starts workers when it is linked.
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/blevesearch/bleve_index_api.AnalysisWorker"))
}

// maker makes passages and questions whose words are as frequent as in real texts: the n-th word stands 1/n as often as the first.
type maker struct {
	r       *rand.Rand
	words   uint64
	zipf    *rand.Zipf
	dims    int
	centres [][]float32
	nextID  uint64
}

func newMaker(seed uint64, words, dims int) *maker {
	r := rand.New(rand.NewPCG(seed, 99))
	m := &maker{r: r, words: uint64(words), zipf: rand.NewZipf(r, 1.07, 8, uint64(words-1)), dims: dims}
	for range 50 {
		if dims > 0 {
			m.centres = append(m.centres, m.direction(nil, 0))
		}
	}
	return m
}

// direction gives a vector of length 1 near another.
func (m *maker) direction(near []float32, pull float64) []float32 {
	v := make([]float32, m.dims)
	sum := 0.0
	for i := range v {
		x := m.r.NormFloat64() / math.Sqrt(float64(m.dims))
		if near != nil {
			x += pull * float64(near[i])
		}
		v[i] = float32(x)
		sum += x * x
	}
	for i := range v {
		v[i] /= float32(math.Sqrt(sum))
	}
	return v
}

// hash numbers the n-th most frequent word, the same in every run.
func hash(n uint64) uint32 { return uint32(n*2654435761) ^ uint32(n>>3) }

var labels = []string{"", "", "", "", "secret", "team"}

func (m *maker) passage(terms int) index.Passage {
	m.nextID++
	p := index.Passage{ID: m.nextID, Access: labels[m.r.IntN(len(labels))]}
	entries := map[uint32]*index.Entry{}
	length := 0
	for len(entries) < terms {
		h := hash(m.zipf.Uint64())
		e := entries[h]
		if e == nil {
			e = &index.Entry{Hash: h}
			entries[h] = e
		}
		f := index.Body
		if m.r.IntN(30) == 0 {
			f = index.Field(m.r.IntN(int(index.Fields)))
		}
		if f == index.Body {
			length++
		}
		e.Add(f, length)
	}
	for _, e := range entries {
		p.Record.Entries = append(p.Record.Entries, *e)
	}
	slices.SortFunc(p.Record.Entries, func(a, b index.Entry) int { return int(int64(a.Hash) - int64(b.Hash)) })
	p.Record.Length, p.Record.Section = length, int(p.ID%100)
	if m.dims > 0 && m.r.IntN(20) > 0 {
		p.Vector = m.direction(m.centres[m.r.IntN(len(m.centres))], 1)
	}
	return p
}

// question draws units whose words are as frequent as a passage's, of n passages.
func (m *maker) question(units, alternatives, n int) index.Query {
	q := index.Query{}
	for range units {
		u := index.Unit{Weight: 0.2 + m.r.Float64()}
		for range 1 + m.r.IntN(2*alternatives-1) {
			w := m.zipf.Uint64()
			df := min(float64(n), float64(n)*150/float64(w+8))
			u.Any = append(u.Any, index.Term{Hash: hash(w), IDF: math.Log(1 + (float64(n)-df+0.5)/(df+0.5))})
		}
		q.Units = append(q.Units, u)
	}
	switch m.r.IntN(3) {
	case 0:
		q.All = true
	case 1:
		q.Access = []string{"team"}
	}
	if m.dims > 0 {
		q.Vector = m.direction(m.centres[m.r.IntN(len(m.centres))], 1)
	}
	return q
}

func reopen(t testing.TB, dir string) *embedded.Index {
	t.Helper()
	x, err := embedded.Open(dir, embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.Close() })
	return x
}

func apply(t testing.TB, x index.Index, b index.Batch) {
	t.Helper()
	if err := x.Apply(t.Context(), b); err != nil {
		t.Fatal(err)
	}
}

func find(t testing.TB, x index.Index, q index.Query) []index.Candidate {
	t.Helper()
	c, err := x.Find(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func state(t testing.TB, x index.Index) index.State {
	t.Helper()
	s, err := x.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}
