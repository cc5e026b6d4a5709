package embedded

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"os"
	"path/filepath"
	"sort"
	"sync/atomic"

	"github.com/blevesearch/mmap-go"

	"github.com/resync-hwa/resync/knowledge/index"
)

// version of the files. Others are not read: the index is built anew.
const version = 1

// A segment is a run of sections, and an end that says where they are. All numbers are little endian. "Row" is the number of a
// passage within its segment; the passages of a document are neighbours.
type section int

const (
	secIDs       section = iota // per row uint64: the passage's id
	secOwners                   // per row uint32: its document, as a place in secDocuments
	secLabels                   // per row uint16: who may see it, as a place in secNames
	secLengths                  // per row uint32: words of its body
	secStarts                   // per row and one more, uint64: where its record starts in secRecords
	secDocuments                // by rising id: int64 id, uint32 first row, uint32 number of rows
	secNames                    // access labels: uvarint length, bytes
	secCodes                    // what postings say of a term: its counts, a byte for each field
	secTerms                    // uint32, rising
	secLists                    // per term uint32 start in secPostings, uint32 number of postings, float32 highest contribution; and one more start
	secGiven                    // per row a bit: it has a vector; empty where no row has one
	secMean                     // float32: the mean of the vectors
	secChecks                   // uint32: the checksum of each block of the sections below

	// The sections below are large, and only some of their blocks are read for a question: a block is checked when it is first used.
	secPostings // per term: see list.go
	secRecords  // index.Packed
	secSigns    // per row, in whole uint64: a bit for each dimension, whether the vector exceeds the mean
	secVectors  // per row float32
	sections
)

const (
	blockSize = 1 << 16
	endMagic  = "resync knowledge"
	endSize   = int(sections)*16 + 6*8 + 4 + len(endMagic)
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// formula is a mark of all numbers that go into the bounds of postings. Files of another formula are not read.
func formula() uint32 {
	h := crc32.New(castagnoli)
	_ = binary.Write(h, binary.LittleEndian, append([]float64{index.K1, index.B, float64(index.Body)}, index.Weights[:]...))
	return h.Sum32()
}

// segment is an open segment. It does not change but for which blocks are checked.
type segment struct {
	holds      atomic.Int64
	name       string
	check      uint32
	data       []byte
	unmap      func()
	passages   int
	documents  int
	terms      int
	dimensions int
	vectors    int     // rows that have one
	average    float64 // by which the bounds of the postings were made
	labels     []string
	codes      [][index.Fields]uint8
	at         [sections][]byte
	first      [sections]int // the first checksum of a checked section in secChecks
	checked    []atomic.Uint32
	norms      atomic.Pointer[norms]
}

// norms are what scoring needs beside the postings, for one average length.
type norms struct {
	average float64
	inverse []float32 // per row, and on to the end of the last window: one by what a count in the body is divided by
	codes   []weights // per code, and at least as many as a byte can tell
}

func (n *norms) in(low int32) *[window]float32 { return (*[window]float32)(n.inverse[low:]) }
func (n *norms) narrow() *[256]weights         { return (*[256]weights)(n.codes) }

// weights are what a code is worth: counts in the body, which are normalised by length, and everything else.
type weights struct{ fixed, body float32 }

// openSegment maps a file. What the manifest says of it must be true of it, and every section that says where something is must
// have its checksum.
func openSegment(dir string, e live) (*segment, error) {
	if e.File != filepath.Base(e.File) {
		return nil, damaged("the manifest names %q", e.File)
	}
	f, err := os.Open(filepath.Join(dir, e.File))
	if err != nil {
		return nil, fmt.Errorf("open a segment: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("open a segment: %w", err)
	}
	if info.Size() != e.Bytes || info.Size() < int64(endSize) {
		return nil, damaged("%s has %d bytes in place of %d", e.File, info.Size(), e.Bytes)
	}
	m, err := mmap.Map(f, mmap.RDONLY, 0)
	if err != nil {
		return nil, fmt.Errorf("map a segment: %w", err)
	}
	unmap := func() { _ = m.Unmap() }
	s, err := newSegment(e.File, m)
	if err == nil && s.check != e.Check {
		err = damaged("%s is not the file that the manifest names", e.File)
	}
	if err == nil {
		err = s.checkAll(secIDs, secChecks)
	}
	if err != nil {
		unmap()
		return nil, err
	}
	s.unmap = unmap
	return s, nil
}

// newSegment reads the end of a segment. The blocks count as unchecked. It has one hold, the caller's.
func newSegment(name string, data []byte) (*segment, error) {
	bad := damaged("%s has no end", name)
	if len(data) < endSize {
		return nil, bad
	}
	end := data[len(data)-endSize:]
	sum := end[endSize-4-len(endMagic):]
	s := &segment{name: name, data: data, check: binary.LittleEndian.Uint32(sum)}
	if string(sum[4:]) != endMagic || crc32.Checksum(end[:len(end)-len(sum)], castagnoli) != s.check {
		return nil, bad
	}
	number := func() int64 {
		v := int64(binary.LittleEndian.Uint64(end))
		end = end[8:]
		return v
	}
	for i := range s.at {
		start, size := number(), number()
		if start < 0 || size < 0 || start > int64(len(data)) || size > int64(len(data))-start {
			return nil, bad
		}
		s.at[i] = data[start : start+size]
	}
	s.passages, s.dimensions, s.vectors = int(number()), int(number()), int(number())
	s.average = math.Float64frombits(uint64(number()))
	if made := number(); uint32(made) != formula() {
		return nil, damaged("%s was made by another formula", name)
	}
	if size := number(); size != int64(len(data)) {
		return nil, damaged("%s has %d bytes in place of %d", name, len(data), size)
	}
	s.terms, s.documents = len(s.at[secTerms])/4, len(s.at[secDocuments])/16
	for b := s.at[secNames]; len(b) > 0; {
		n, size := binary.Uvarint(b)
		if size <= 0 || n > uint64(len(b)-size) {
			return nil, bad
		}
		s.labels = append(s.labels, string(b[size:size+int(n)]))
		b = b[size+int(n):]
	}
	for b := s.at[secCodes]; len(b) >= int(index.Fields); b = b[index.Fields:] {
		s.codes = append(s.codes, [index.Fields]uint8(b))
	}
	blocks := 0
	for sec := range sections {
		s.first[sec] = blocks
		if sec != secChecks {
			blocks += (len(s.at[sec]) + blockSize - 1) / blockSize
		}
	}
	if len(s.at[secChecks]) != 4*blocks {
		return nil, bad
	}
	s.checked = make([]atomic.Uint32, (blocks+31)/32)
	s.holds.Store(1)
	return s, nil
}

func (s *segment) hold() { s.holds.Add(1) }

func (s *segment) release() {
	if s.holds.Add(-1) == 0 && s.unmap != nil {
		s.unmap()
	}
}

// checkAll checks whole sections, from first to before last.
func (s *segment) checkAll(first, last section) error {
	for sec := first; sec < last; sec++ {
		if err := s.checkRange(sec, 0, len(s.at[sec])); err != nil {
			return err
		}
	}
	return nil
}

// checkRange checks those blocks of a section, from one byte to before another, that nobody has checked.
func (s *segment) checkRange(sec section, from, to int) error {
	if s.checked == nil {
		return nil
	}
	if from < 0 || to > len(s.at[sec]) || from > to {
		return damaged("%s points beyond its section %d", s.name, sec)
	}
	for b := from / blockSize; b*blockSize < to; b++ {
		n := s.first[sec] + b
		if s.checked[n>>5].Load()&(1<<(n&31)) != 0 {
			continue
		}
		block := s.at[sec][b*blockSize : min((b+1)*blockSize, len(s.at[sec]))]
		if crc32.Checksum(block, castagnoli) != binary.LittleEndian.Uint32(s.at[secChecks][4*n:]) {
			return damaged("block %d of section %d of %s", b, sec, s.name)
		}
		s.checked[n>>5].Or(1 << (n & 31))
	}
	return nil
}

func (s *segment) id(row int) uint64 { return binary.LittleEndian.Uint64(s.at[secIDs][8*row:]) }
func (s *segment) label(row int) int { return int(binary.LittleEndian.Uint16(s.at[secLabels][2*row:])) }
func (s *segment) length(row int) int {
	return int(binary.LittleEndian.Uint32(s.at[secLengths][4*row:]))
}

func (s *segment) document(row int) int64 {
	return int64(binary.LittleEndian.Uint64(s.at[secDocuments][16*binary.LittleEndian.Uint32(s.at[secOwners][4*row:]):]))
}

// rowsOf gives the rows of a document: from the first to before the last.
func (s *segment) rowsOf(document int64) (first, last int) {
	d := s.at[secDocuments]
	i := sort.Search(s.documents, func(i int) bool { return int64(binary.LittleEndian.Uint64(d[16*i:])) >= document })
	if i == s.documents || int64(binary.LittleEndian.Uint64(d[16*i:])) != document {
		return 0, 0
	}
	first = int(binary.LittleEndian.Uint32(d[16*i+8:]))
	return first, first + int(binary.LittleEndian.Uint32(d[16*i+12:]))
}

// record gives the stored form, within the mapped file: it must be copied before the hold ends.
func (s *segment) record(row int) (index.Packed, error) {
	from, to := binary.LittleEndian.Uint64(s.at[secStarts][8*row:]), binary.LittleEndian.Uint64(s.at[secStarts][8*row+8:])
	if err := s.checkRange(secRecords, int(from), int(to)); err != nil {
		return nil, err
	}
	return index.Packed(s.at[secRecords][from:to]), nil
}

// normsFor gives what scoring needs with an average length.
func (s *segment) normsFor(average float64) *norms {
	if n := s.norms.Load(); n != nil && n.average == average {
		return n
	}
	n := &norms{average: average, inverse: make([]float32, (s.passages+window-1)/window*window), codes: make([]weights, max(256, len(s.codes)))}
	for row := range s.passages {
		n.inverse[row] = inverse(s.length(row), average)
	}
	for i, c := range s.codes {
		n.codes[i] = weigh(c)
	}
	s.norms.Store(n)
	return n
}

// inverse and weigh are index.Entry.Frequency in two parts, one for each passage and one for each posting.
func inverse(length int, average float64) float32 {
	return float32(1 / (1 - index.B + index.B*float64(length)/math.Max(1, average)))
}

func weigh(counts [index.Fields]uint8) (w weights) {
	for f, n := range counts {
		if index.Field(f) == index.Body {
			w.body += float32(n) * float32(index.Weights[f])
		} else {
			w.fixed += float32(n) * float32(index.Weights[f])
		}
	}
	return w
}

// saturated is index.Saturate without its constant factor.
func saturated(tf float32) float32 { return tf / (index.K1 + tf) }

// writer writes the sections of a segment one after the other.
type writer struct {
	w      io.Writer
	at     int64
	spans  [sections][2]int64
	sums   [sections][]uint32
	sec    section
	block  uint32 // checksum of the block so far
	filled int
	err    error
}

// begin starts a section, and ends the one before. Sections can be written in any order, each once.
func (w *writer) begin(sec section) {
	w.finish()
	w.sec, w.spans[sec] = sec, [2]int64{w.at, 0}
}

func (w *writer) finish() {
	if w.filled > 0 {
		w.sums[w.sec] = append(w.sums[w.sec], w.block)
		w.block, w.filled = 0, 0
	}
	if pad := int(-w.at & 7); pad > 0 && w.err == nil {
		_, w.err = w.w.Write(make([]byte, pad))
		w.at += int64(pad)
	}
}

func (w *writer) write(b []byte) {
	if w.err != nil {
		return
	}
	_, w.err = w.w.Write(b)
	w.at += int64(len(b))
	w.spans[w.sec][1] += int64(len(b))
	for len(b) > 0 {
		n := min(len(b), blockSize-w.filled)
		w.block = crc32.Update(w.block, castagnoli, b[:n])
		if w.filled += n; w.filled == blockSize {
			w.sums[w.sec] = append(w.sums[w.sec], w.block)
			w.block, w.filled = 0, 0
		}
		b = b[n:]
	}
}

// end writes the checksums and the end.
func (w *writer) end(passages, dimensions, vectors int, average float64) error {
	w.begin(secChecks)
	var sums []byte
	for sec := range sections {
		for _, s := range w.sums[sec] {
			if sec != secChecks {
				sums = binary.LittleEndian.AppendUint32(sums, s)
			}
		}
	}
	w.write(sums)
	w.finish()
	var end []byte
	for _, s := range w.spans {
		end = binary.LittleEndian.AppendUint64(end, uint64(s[0]))
		end = binary.LittleEndian.AppendUint64(end, uint64(s[1]))
	}
	for _, n := range []uint64{uint64(passages), uint64(dimensions), uint64(vectors), math.Float64bits(average), uint64(formula()), uint64(w.at) + uint64(endSize)} {
		end = binary.LittleEndian.AppendUint64(end, n)
	}
	end = binary.LittleEndian.AppendUint32(end, crc32.Checksum(end, castagnoli))
	end = append(end, endMagic...)
	if w.err == nil {
		_, w.err = w.w.Write(end)
	}
	return w.err
}

// place is where a segment is made: a folder, or memory where that is "". rest is called between pieces of the work and may wait, while
// searches run.
type place struct {
	dir  string
	rest func()
}

// place says where this index makes one.
func (i *Index) place(ctx context.Context) place {
	w := i.manners.Begin()
	return place{i.dir, func() { w.Rest(ctx) }}
}

// keep makes a segment out of what fill writes: in a file of the folder, durably, or in memory where there is no folder.
func keep(to place, name string, fill func(*writer) error) (*segment, error) {
	dir := to.dir
	if dir == "" {
		var b bytes.Buffer
		if err := fill(&writer{w: &b}); err != nil {
			return nil, err
		}
		s, err := newSegment(name, bytes.Clone(b.Bytes()))
		if err != nil {
			return nil, err
		}
		s.checked = nil // nothing can have happened to it
		return s, nil
	}
	size, check, err := writeSegment(filepath.Join(dir, name), to.rest, fill)
	if err != nil {
		_ = os.Remove(filepath.Join(dir, name))
		return nil, err
	}
	return openSegment(dir, live{File: name, Bytes: size, Check: check})
}

func writeSegment(path string, rest func(), fill func(*writer) error) (size int64, check uint32, err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return 0, 0, fmt.Errorf("write the index: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	out := &paced{f: f, rest: rest, buffer: make([]byte, 0, 1<<20)}
	if err := fill(&writer{w: out}); err != nil {
		return 0, 0, err
	}
	if err := errors.Join(out.flush(), f.Sync()); err != nil {
		return 0, 0, fmt.Errorf("write the index: %w", err)
	}
	sum := make([]byte, 4)
	if _, err := f.ReadAt(sum, out.at-int64(4+len(endMagic))); err != nil {
		return 0, 0, fmt.Errorf("write the index: %w", err)
	}
	return out.at, binary.LittleEndian.Uint32(sum), nil
}

// paced writes to a file in large pieces.
type paced struct {
	f      *os.File
	rest   func() // called after each
	at     int64
	buffer []byte
}

func (p *paced) Write(b []byte) (int, error) {
	n := len(b)
	for len(b) > 0 {
		k := copy(p.buffer[len(p.buffer):cap(p.buffer)], b)
		p.buffer, b = p.buffer[:len(p.buffer)+k], b[k:]
		if len(p.buffer) == cap(p.buffer) {
			if err := p.flush(); err != nil {
				return 0, err
			}
		}
	}
	return n, nil
}

func (p *paced) flush() error {
	n, err := p.f.Write(p.buffer)
	p.at, p.buffer = p.at+int64(n), p.buffer[:0]
	p.rest()
	if err != nil {
		return fmt.Errorf("write the index: %w", err)
	}
	return nil
}
