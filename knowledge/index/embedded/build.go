package embedded

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"slices"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/knowledge/index"
)

// newName gives a name that no segment ever had: another process may still have an older one mapped.
func newName() string {
	b := make([]byte, 8)
	_, _ = rand.Read(b) // never fails, as its documentation says
	return hex.EncodeToString(b) + segmentExt
}

// owned is a run of passages of one document.
type owned struct {
	document int64
	passages []index.Passage
}

// build makes a segment of documents that are new. The context is looked at between its parts.
func build(ctx context.Context, to place, docs []owned, average float64, dimensions int) (*segment, error) {
	return keep(to, newName(), func(w *writer) error {
		var s sheet
		var postings []posting
		codes := map[[index.Fields]uint8]uint32{}
		w.begin(secRecords)
		for _, d := range docs {
			for i := range d.passages {
				p := &d.passages[i]
				record := p.Record.Pack()
				w.write(record)
				row := s.add(d.document, p.ID, p.Access, p.Record.Length, len(record))
				norm := inverse(p.Record.Length, average)
				for j := range p.Record.Entries {
					e := &p.Record.Entries[j]
					code, ok := codes[e.Counts]
					if !ok {
						code = uint32(len(codes))
						codes[e.Counts] = code
						s.codes = append(s.codes, e.Counts[:]...)
					}
					x := weigh(e.Counts)
					postings = append(postings, posting{e.Hash, uint32(row), code, saturated(x.fixed + x.body*norm)})
				}
			}
			to.rest()
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		postings = sortPostings(postings, to.rest)
		w.begin(secPostings)
		l := listWriter{w: w}
		for i, p := range postings {
			l.add(int(p.row), p.code, p.contribution)
			if i+1 == len(postings) || postings[i+1].hash != p.hash {
				l.end(p.hash)
			}
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		vectors := make([][]float32, 0, s.rows())
		for _, d := range docs {
			for i := range d.passages {
				vectors = append(vectors, d.passages[i].Vector)
			}
		}
		given := s.vectors(w, dimensions, func(row int) []float32 { return vectors[row] })
		return s.end(w, &l, dimensions, given, average)
	})
}

type posting struct {
	hash, row, code uint32
	contribution    float32
}

// sortPostings orders by hash and leaves the order of rows, by counting bytes.
func sortPostings(p []posting, rest func()) []posting {
	other := make([]posting, len(p))
	for shift := 0; shift < 32; shift += 8 {
		var starts [257]int
		for i := range p {
			starts[p[i].hash>>shift&255+1]++
		}
		for i := range 256 {
			starts[i+1] += starts[i]
		}
		for i := range p {
			at := &starts[p[i].hash>>shift&255]
			other[*at] = p[i]
			*at++
		}
		p, other = other, p
		rest()
	}
	return p
}

// sheet gathers the small sections of a segment that is being written.
type sheet struct {
	ids, owners, labels, lengths, starts, codes []byte
	documents                                   []span
	names                                       []string
	at                                          uint64 // bytes of records so far
}

// span is where the rows of a document are.
type span struct {
	document     int64
	first, count uint32
}

func (s *sheet) rows() int { return len(s.ids) / 8 }

// add gives the row of the next passage. Passages of one document are neighbours.
func (s *sheet) add(document int64, id uint64, access string, length, size int) (row int) {
	row = s.rows()
	if n := len(s.documents); n == 0 || s.documents[n-1].document != document {
		s.documents = append(s.documents, span{document: document, first: uint32(row)})
	}
	s.documents[len(s.documents)-1].count++
	label := slices.Index(s.names, access)
	if label < 0 {
		label = len(s.names)
		s.names = append(s.names, access)
	}
	s.ids = binary.LittleEndian.AppendUint64(s.ids, id)
	s.owners = binary.LittleEndian.AppendUint32(s.owners, uint32(len(s.documents)-1))
	s.labels = binary.LittleEndian.AppendUint16(s.labels, uint16(label))
	s.lengths = binary.LittleEndian.AppendUint32(s.lengths, uint32(length))
	s.starts = binary.LittleEndian.AppendUint64(s.starts, s.at)
	s.at += uint64(size)
	return row
}

// vectors writes the sections of the vectors and gives how many rows have one.
func (s *sheet) vectors(w *writer, dimensions int, vector func(row int) []float32) (given int) {
	if dimensions == 0 {
		return 0
	}
	mean, have := make([]float64, dimensions), make([]byte, (s.rows()+7)/8)
	for row := range s.rows() {
		v := vector(row)
		if v == nil {
			continue
		}
		given++
		have[row>>3] |= 1 << (row & 7)
		for i, x := range v {
			mean[i] += float64(x)
		}
	}
	if given == 0 {
		return 0
	}
	w.begin(secGiven)
	w.write(have)
	w.begin(secMean)
	means := make([]float32, dimensions)
	var b []byte
	for i := range mean {
		means[i] = float32(mean[i] / float64(given))
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(means[i]))
	}
	w.write(b)
	w.begin(secSigns)
	var signs []uint64
	for row := range s.rows() {
		signs = sign(signs[:0], vector(row), means)
		b = b[:0]
		for _, x := range signs {
			b = binary.LittleEndian.AppendUint64(b, x)
		}
		w.write(b)
	}
	w.begin(secVectors)
	zero := make([]float32, dimensions)
	for row := range s.rows() {
		b = b[:0]
		v := vector(row)
		if v == nil {
			v = zero
		}
		for _, x := range v {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
		}
		w.write(b)
	}
	return given
}

// sign appends a bit for each dimension: whether the vector exceeds the mean.
func sign(out []uint64, v, mean []float32) []uint64 {
	for i := range mean {
		if i%64 == 0 {
			out = append(out, 0)
		}
		if i < len(v) && v[i] > mean[i] {
			out[i/64] |= 1 << (i % 64)
		}
	}
	return out
}

// end writes the small sections and the end of the segment.
func (s *sheet) end(w *writer, l *listWriter, dimensions, given int, average float64) error {
	if uint64(l.at) > math.MaxUint32 || s.rows() >= noRow || len(s.names) > math.MaxUint16 {
		return fault.New(fault.Limited, "A batch is too large for the search index.")
	}
	if given == 0 {
		dimensions = 0
	}
	put := func(sec section, b []byte) {
		w.begin(sec)
		w.write(b)
	}
	// Owners point at documents in the order of rows; on the disk documents are by id.
	order := make([]int, len(s.documents))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(s.documents[a].document, s.documents[b].document) })
	var b []byte
	place := make([]uint32, len(order))
	for i, o := range order {
		d := s.documents[o]
		place[o] = uint32(i)
		b = binary.LittleEndian.AppendUint64(b, uint64(d.document))
		b = binary.LittleEndian.AppendUint32(b, d.first)
		b = binary.LittleEndian.AppendUint32(b, d.count)
	}
	put(secDocuments, b)
	for row := range s.rows() {
		o := s.owners[4*row:]
		binary.LittleEndian.PutUint32(o, place[binary.LittleEndian.Uint32(o)])
	}
	put(secIDs, s.ids)
	put(secOwners, s.owners)
	put(secLabels, s.labels)
	put(secLengths, s.lengths)
	put(secStarts, binary.LittleEndian.AppendUint64(s.starts, s.at))
	var names []byte
	for _, n := range s.names {
		names = append(binary.AppendUvarint(names, uint64(len(n))), n...)
	}
	put(secNames, names)
	put(secCodes, s.codes)
	put(secTerms, l.terms)
	put(secLists, binary.LittleEndian.AppendUint32(l.lists, uint32(l.at)))
	if err := w.end(s.rows(), dimensions, given, average); err != nil {
		return fmt.Errorf("write a segment: %w", err)
	}
	return nil
}
