package indextest

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/resync-hwa/resync/knowledge/index"
)

// Average is the mean length that all batches of a Corpus name, so that what engines stored of the first ones stays true.
const Average = 60

// Dimensions of the vectors of a Corpus.
const Dimensions = 8

// vocabulary is how many terms there are; the first ones are in nearly every passage, the last ones in few.
const vocabulary = 400

// Corpus makes documents of random passages, changes of them, and questions. Equal seeds give equal ones.
type Corpus struct {
	r       *rand.Rand
	passage uint64
	number  int64
}

// NewCorpus makes one.
func NewCorpus(seed uint64) *Corpus {
	return &Corpus{r: rand.New(rand.NewPCG(seed, 99))} // #nosec G404 -- made up texts, equal for equal seeds
}

// Next gives the number of the next change.
func (c *Corpus) Next() int64 {
	c.number++
	return c.number
}

// Change gives a document a new text of n passages; none removes it. Its change number stands in every record as the
// section, so that a test sees which version it got.
func (c *Corpus) Change(document int64, n int) index.Change {
	out := index.Change{Number: c.Next(), Document: document}
	label := []string{"", "", "ops", "dba", "*"}[document%5] // the last one must open to nobody by being like a mark for everybody
	for range n {
		c.passage++
		p := index.Passage{ID: c.passage, Access: label, Language: "en", Record: c.record(int(out.Number))}
		if c.r.IntN(10) > 0 { // an embedder may have failed on one
			p.Vector = c.Vector()
		}
		out.Passages = append(out.Passages, p)
	}
	return out
}

// Batch makes one of changes.
func (c *Corpus) Batch(changes ...index.Change) index.Batch {
	return index.Batch{Upto: c.number, Average: Average, Changes: changes}
}

// Fill makes batches of n documents of one to eight passages each.
func (c *Corpus) Fill(n int) []index.Batch {
	var out []index.Batch
	var changes []index.Change
	for d := range n {
		changes = append(changes, c.Change(int64(d+1), 1+c.r.IntN(8)))
		if len(changes) == 40 || d == n-1 {
			out = append(out, c.Batch(changes...))
			changes = nil
		}
	}
	return out
}

func (c *Corpus) record(section int) index.Record {
	rec := index.Record{Section: section, Length: 20 + c.r.IntN(80)}
	entries := map[uint32]*index.Entry{}
	for at := range rec.Length {
		h := Term(c.rank())
		e := entries[h]
		if e == nil {
			e = &index.Entry{Hash: h}
			entries[h] = e
		}
		e.Add(index.Body, at)
		if c.r.IntN(25) == 0 {
			e.Add(index.Field(c.r.IntN(int(index.Fields))), -1)
		}
	}
	for _, e := range entries {
		rec.Entries = append(rec.Entries, *e)
	}
	slices.SortFunc(rec.Entries, func(a, b index.Entry) int {
		if a.Hash < b.Hash {
			return -1
		}
		return 1
	})
	return rec
}

// rank draws a term, the frequent ones more often.
func (c *Corpus) rank() int { return int(math.Pow(vocabulary, c.r.Float64())) - 1 }

// Term is the hash of the term of a rank.
func Term(rank int) uint32 {
	return index.Hash("en:" + string(rune('a'+rank%26)) + string(rune('a'+rank/26)))
}

// Vector makes one of length 1.
func (c *Corpus) Vector() []float32 {
	v := make([]float32, Dimensions)
	sum := 0.0
	for i := range v {
		x := c.r.NormFloat64()
		v[i] = float32(x)
		sum += x * x
	}
	for i := range v {
		v[i] /= float32(math.Sqrt(sum))
	}
	return v
}

// Query makes a question of so many units, each of at most so many words.
func (c *Corpus) Query(units, words int) index.Query {
	q := index.Query{All: true}
	for range units {
		u := index.Unit{Weight: 0.25 + c.r.Float64()}
		for range 1 + c.r.IntN(words) {
			rank := c.rank()
			u.Any = append(u.Any, index.Term{Hash: Term(rank), IDF: 0.2 + math.Log1p(float64(rank))})
		}
		q.Units = append(q.Units, u)
	}
	return q
}
