package knowledge

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/knowledge/index"
)

// frequencies tell of one document in how many of its passages each term stands: with those of all documents the scorer knows
// exactly how rare a term is, whichever engine finds the candidates.
type frequencies struct {
	language string
	passages int
	words    int // of all bodies
	terms    []frequency
}

type frequency struct {
	hash     uint32
	passages uint32
}

// frequenciesOf counts the records of a document.
func frequenciesOf(language string, records []index.Record) frequencies {
	f := frequencies{language: language, passages: len(records)}
	n := map[uint32]uint32{}
	for i := range records {
		f.words += records[i].Length
		for _, e := range records[i].Entries {
			n[e.Hash]++
		}
	}
	hashes := make([]uint32, 0, len(n))
	for h := range n {
		hashes = append(hashes, h)
	}
	slices.Sort(hashes)
	for _, h := range hashes {
		f.terms = append(f.terms, frequency{h, n[h]})
	}
	return f
}

// pack gives the form in which the shelf keeps them.
func (f *frequencies) pack() []byte {
	b := []byte{byte(len(f.language))}
	b = append(b, f.language...)
	b = binary.AppendUvarint(b, uint64(f.passages))
	b = binary.AppendUvarint(b, uint64(f.words))
	last := uint32(0)
	for _, t := range f.terms {
		b = binary.AppendUvarint(b, uint64(t.hash-last))
		b = binary.AppendUvarint(b, uint64(t.passages))
		last = t.hash
	}
	return b
}

var errFrequencies = errors.New("the word counts of a document are broken")

// unpack reads what pack gave. Bytes that are none are an error, never a panic.
func unpackFrequencies(b []byte) (f frequencies, err error) {
	if len(b) == 0 || len(b) < 1+int(b[0]) {
		return f, errFrequencies
	}
	f.language, b = string(b[1:1+b[0]]), b[1+b[0]:]
	next := func() uint64 {
		v, n := binary.Uvarint(b)
		if n <= 0 || v > math.MaxUint32 {
			err, b = errFrequencies, nil
			return 0
		}
		b = b[n:]
		return v
	}
	f.passages, f.words = int(next()), int(next())
	for hash := uint64(0); len(b) > 0; {
		hash += next()
		n := next()
		if err != nil || hash > math.MaxUint32 {
			return frequencies{}, errFrequencies
		}
		f.terms = append(f.terms, frequency{uint32(hash), uint32(n)})
	}
	return f, err
}

// statistics are the counts over all documents.
type statistics struct {
	passages, words     int
	english, portuguese int // passages analysed as either; those of unknown language as both
	in                  map[uint32]uint32
}

// take adds the counts of a document, or takes them away.
func (s *statistics) take(f frequencies, sign int) {
	s.passages += sign * f.passages
	s.words += sign * f.words
	if f.language != Portuguese {
		s.english += sign * f.passages
	}
	if f.language != English {
		s.portuguese += sign * f.passages
	}
	for _, t := range f.terms {
		if n := int64(s.in[t.hash]) + int64(sign)*int64(t.passages); n > 0 {
			s.in[t.hash] = uint32(n)
		} else {
			delete(s.in, t.hash)
		}
	}
}

// average is the mean length of a passage in words.
func (s *statistics) average() float64 {
	return math.Max(1, float64(s.words)/math.Max(1, float64(s.passages)))
}

// idf is the weight of a term: how rare it is among the passages that could have it. A word is counted against the
// passages of its own language; else every word of the lesser language would pass for rare. One that stands nowhere is as
// rare as can be.
func (s *statistics) idf(term string) float64 {
	n, df := float64(s.passages), float64(s.in[index.Hash(term)])
	switch {
	case df == 0:
	case strings.HasPrefix(term, "en:"):
		n = float64(s.english)
	case strings.HasPrefix(term, "pt:"):
		n = float64(s.portuguese)
	}
	return math.Log(1 + math.Max(0, n-df+0.5)/(df+0.5))
}

// stands reports whether any passage has the term.
func (s *statistics) stands(term string) bool { return s.in[index.Hash(term)] > 0 }
