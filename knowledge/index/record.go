package index

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"
)

// Field is where in a passage a term stands.
type Field int

// The fields. Their order is part of the packed form: a change of it is a new Layout.Analysis.
const (
	Title    Field = iota // of the document
	Heading               // the passage's own
	Ancestor              // the headings above it
	Body
	Binding // ids, jobs and streams that the front matter binds the document to
	Defines // ids that the passage explains
	Fields
)

// Weights say how much a term in a field tells about a passage, beside one in its body. Measured on the pairs of this
// repository; the body's is normalised by length, the others are not.
var Weights = [Fields]float64{Title: 3, Heading: 3, Ancestor: 1, Body: 1, Binding: 4, Defines: 6}

// BM25 parameters, the usual ones: measured best on documentation sets.
const (
	K1 = 1.2
	B  = 0.75
)

// Limits of what a record keeps.
const (
	maxCount     = 255
	MaxPositions = 24 // of one term in the body; proximity needs no more
)

// Entry is one term of a passage.
type Entry struct {
	Hash      uint32
	Counts    [Fields]uint8
	Positions []uint16 // in the body, rising, the first MaxPositions; words beyond the 65,535th have none
}

// Record is what the scorer needs of a passage.
type Record struct {
	Section int // ordinal within the document
	Flags   Flags
	Length  int     // words of the body
	Words   int     // of the passage's own heading
	Entries []Entry // by rising hash, each once
}

// Flags say what kind of passage it is.
type Flags uint8

// The flags.
const (
	Bare     Flags = 1 << iota // a heading and nothing else
	Contents                   // a table of contents or an index: it names everything and explains nothing
)

// Frequency is the weighted and length-normalised frequency of an entry in a passage of so many words.
func (e *Entry) Frequency(length int, average float64) float64 {
	tf := 0.0
	for f, n := range e.Counts {
		if n == 0 {
			continue
		}
		w := float64(n) * Weights[f]
		if Field(f) == Body {
			w /= 1 - B + B*float64(length)/math.Max(1, average)
		}
		tf += w
	}
	return tf
}

// Saturate brings a frequency to what it contributes: more of the same tells less and less.
func Saturate(tf float64) float64 { return tf * (K1 + 1) / (K1 + tf) }

// Packed is a record as it is stored: a header, then entries by rising hash. It is read without unpacking the rest.
type Packed []byte

var errPacked = errors.New("the record of a passage is broken")

// Pack gives the stored form. Entries must be sorted by hash and unique.
func (r *Record) Pack() Packed {
	b := make([]byte, 0, 16+8*len(r.Entries))
	b = append(b, byte(r.Flags))
	b = binary.AppendUvarint(b, uint64(r.Section))
	b = binary.AppendUvarint(b, uint64(r.Length))
	b = binary.AppendUvarint(b, uint64(r.Words))
	b = binary.AppendUvarint(b, uint64(len(r.Entries)))
	last := uint32(0)
	for i := range r.Entries {
		e := &r.Entries[i]
		b = binary.AppendUvarint(b, uint64(e.Hash-last))
		last = e.Hash
		mask := byte(0)
		for f, n := range e.Counts {
			if n > 0 {
				mask |= 1 << f
			}
		}
		b = append(b, mask)
		for _, n := range e.Counts {
			if n > 0 {
				b = append(b, n)
			}
		}
		b = append(b, byte(min(len(e.Positions), MaxPositions)))
		at := uint16(0)
		for _, p := range e.Positions[:min(len(e.Positions), MaxPositions)] {
			b = binary.AppendUvarint(b, uint64(p-at))
			at = p
		}
	}
	return b
}

// Unpack reads the stored form whole. Bytes that are no record are an error, never a panic.
func (p Packed) Unpack() (Record, error) {
	var r Record
	err := p.Scan(func(h Header) { r.Section, r.Flags, r.Length, r.Words = h.Section, h.Flags, h.Length, h.Words }, func(e *Entry) bool {
		kept := *e
		kept.Positions = slices.Clone(e.Positions)
		r.Entries = append(r.Entries, kept)
		return true
	})
	return r, err
}

// Header is what stands before the entries.
type Header struct {
	Section int
	Flags   Flags
	Length  int
	Words   int
	Entries int
}

// Scan reads a record from front to back: the header, then each entry until next says no. The entry is reused.
func (p Packed) Scan(header func(Header), next func(*Entry) bool) error {
	if len(p) == 0 {
		return errPacked
	}
	c := cursor{b: p[1:]}
	h := Header{Flags: Flags(p[0]), Section: int(c.number()), Length: int(c.number()), Words: int(c.number()), Entries: int(c.number())}
	if c.bad {
		return errPacked
	}
	header(h)
	var e Entry
	hash := uint64(0)
	for range h.Entries {
		hash += c.number()
		mask := c.one()
		if c.bad || hash > math.MaxUint32 {
			return errPacked
		}
		e = Entry{Hash: uint32(hash), Positions: e.Positions[:0]}
		for f := range e.Counts {
			if mask&(1<<f) != 0 {
				e.Counts[f] = c.one()
			}
		}
		at := uint64(0)
		for range c.one() {
			at += c.number()
			e.Positions = append(e.Positions, uint16(at))
		}
		if c.bad {
			return errPacked
		}
		if !next(&e) {
			return nil
		}
	}
	return nil
}

// cursor reads bytes and remembers that they ended too early.
type cursor struct {
	b   []byte
	bad bool
}

func (c *cursor) number() uint64 {
	v, n := binary.Uvarint(c.b)
	if n <= 0 || v > math.MaxUint32 {
		c.bad, c.b = true, nil
		return 0
	}
	c.b = c.b[n:]
	return v
}

func (c *cursor) one() byte {
	if len(c.b) == 0 {
		c.bad = true
		return 0
	}
	v := c.b[0]
	c.b = c.b[1:]
	return v
}

// Hash numbers a term. Terms are "en:stem", "pt:stem", "=identifier" and "c:concept". Two of a question's terms with one
// number are as rare as one in ten thousand questions, and cost a candidate at the edge.
func Hash(term string) uint32 {
	h := uint32(2166136261)
	for i := range len(term) {
		h = (h ^ uint32(term[i])) * 16777619
	}
	// The last bits of FNV are its worst: mix them, since engines sort and cut by them.
	h ^= h >> 16
	h *= 0x85ebca6b
	h ^= h >> 13
	h *= 0xc2b2ae35
	return h ^ h>>16
}

// Add counts a term of a field; position is its place in the body, or negative. Used while a record is built.
func (e *Entry) Add(f Field, position int) {
	if e.Counts[f] < maxCount {
		e.Counts[f]++
	}
	if f == Body && position >= 0 && position <= math.MaxUint16 && len(e.Positions) < MaxPositions {
		e.Positions = append(e.Positions, uint16(position))
	}
}
