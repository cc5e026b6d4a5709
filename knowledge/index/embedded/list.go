package embedded

import (
	"encoding/binary"
	"math"
)

// A list of postings is, for each of them by rising row, two varints: how many rows lie between it and the one before, and its
// code. A list of more than listBlock postings begins with a table, for each block of so many: uint32 last row, uint32 where the
// block ends behind the table, float32 the highest contribution in it.
const (
	listBlock = 128
	tableRow  = 12
	noRow     = math.MaxInt32
)

// listWriter packs lists, one after the other.
type listWriter struct {
	w      *writer
	at     int // bytes of secPostings so far
	terms  []byte
	lists  []byte
	table  []byte
	data   []byte
	count  int
	last   int
	bound  float32 // of the block
	most   float32 // of the list
}

func (l *listWriter) add(row int, code uint32, contribution float32) {
	if l.count > 0 && l.count%listBlock == 0 {
		l.endBlock()
	}
	l.data = binary.AppendUvarint(l.data, uint64(row-l.last))
	l.data = binary.AppendUvarint(l.data, uint64(code))
	l.last = row + 1
	l.count++
	l.bound = max(l.bound, contribution)
}

func (l *listWriter) endBlock() {
	l.table = binary.LittleEndian.AppendUint32(l.table, uint32(l.last-1))
	l.table = binary.LittleEndian.AppendUint32(l.table, uint32(len(l.data)))
	l.table = binary.LittleEndian.AppendUint32(l.table, math.Float32bits(l.bound))
	l.most, l.bound = max(l.most, l.bound), 0
}

// end ends the list of a term. A term without postings leaves nothing.
func (l *listWriter) end(hash uint32) {
	if l.count > 0 {
		l.endBlock()
		l.terms = binary.LittleEndian.AppendUint32(l.terms, hash)
		l.lists = binary.LittleEndian.AppendUint32(l.lists, uint32(l.at))
		l.lists = binary.LittleEndian.AppendUint32(l.lists, uint32(l.count))
		l.lists = binary.LittleEndian.AppendUint32(l.lists, math.Float32bits(l.most))
		if l.count > listBlock {
			l.w.write(l.table)
			l.at += len(l.table)
		}
		l.w.write(l.data)
		l.at += len(l.data)
	}
	l.table, l.data, l.count, l.last, l.bound, l.most = l.table[:0], l.data[:0], 0, 0, 0, 0
}

// cursor walks a list. It stands on a posting, or at noRow behind the last one.
type cursor struct {
	table []byte // nil where there is one block
	data  []byte
	at    int // in data, behind the posting that it stands on
	block int // in the table, that the posting is in or behind
	row   int32
	code  uint32
	count int
	scale float32 // weight, IDF and constant factor: times saturated frequency it is the contribution
	bound float32 // of the whole list, scaled
	loose float32 // scaled: times a bound of the table it is a bound
}

// find gives a cursor on the list of a term; ok is false where no passage has it.
func (s *segment) find(hash uint32) (c cursor, most float32, ok bool, err error) {
	terms := s.at[secTerms]
	low, high := 0, s.terms
	for low < high {
		mid := int(uint(low+high) >> 1)
		if binary.LittleEndian.Uint32(terms[4*mid:]) < hash {
			low = mid + 1
		} else {
			high = mid
		}
	}
	if low == s.terms || binary.LittleEndian.Uint32(terms[4*low:]) != hash {
		return c, 0, false, nil
	}
	return s.list(low)
}

// list gives a cursor on the list of the n-th term, and a bound of its contributions.
func (s *segment) list(n int) (c cursor, most float32, ok bool, err error) {
	entry := s.at[secLists][tableRow*n:]
	start, end := int(binary.LittleEndian.Uint32(entry)), int(binary.LittleEndian.Uint32(entry[tableRow:]))
	if err := s.checkRange(secPostings, start, end); err != nil {
		return c, 0, false, err
	}
	c.count = int(binary.LittleEndian.Uint32(entry[4:]))
	c.data = s.at[secPostings][start:end]
	if c.count > listBlock {
		size := (c.count + listBlock - 1) / listBlock * tableRow
		c.table, c.data = c.data[:size], c.data[size:]
	}
	c.row = -1
	c.next()
	return c, math.Float32frombits(binary.LittleEndian.Uint32(entry[8:])), true, nil
}

// next moves to the posting behind.
func (c *cursor) next() {
	if c.at >= len(c.data) {
		c.row = noRow
		return
	}
	gap, at := varint(c.data, c.at)
	c.code, c.at = varint(c.data, at)
	c.row += int32(gap) + 1
}

// varint reads a number of at most 32 bits. Bytes that end too early give zeros.
func varint(b []byte, at int) (uint32, int) {
	if at < len(b) && b[at] < 0x80 {
		return uint32(b[at]), at + 1
	}
	v, n := binary.Uvarint(b[min(at, len(b)):])
	if n <= 0 {
		return 0, len(b)
	}
	return uint32(v), at + n
}

func (c *cursor) blocks() int { return len(c.table) / tableRow }
func (c *cursor) lastOf(block int) int32 {
	return int32(binary.LittleEndian.Uint32(c.table[block*tableRow:]))
}

func (c *cursor) boundOf(block int) float32 {
	return math.Float32frombits(binary.LittleEndian.Uint32(c.table[block*tableRow+8:]))
}

// seek moves to the first posting at or behind row.
func (c *cursor) seek(row int32) {
	if c.row >= row {
		return
	}
	if c.table != nil {
		block := c.block
		for block < c.blocks() && c.lastOf(block) < row {
			block++
		}
		if block == c.blocks() {
			c.row, c.at, c.block = noRow, len(c.data), block
			return
		}
		if block > c.block && c.lastOf(block-1) > c.row {
			c.row, c.at = c.lastOf(block-1), int(binary.LittleEndian.Uint32(c.table[(block-1)*tableRow+4:]))
		}
		c.block = block
	}
	for c.row < row {
		c.next()
	}
}

// boundBefore gives a bound of the contributions of the postings from where the cursor stands to before row.
func (c *cursor) boundBefore(row int32) float32 {
	if c.row >= row {
		return 0
	}
	if c.table == nil {
		return c.bound
	}
	for c.block < c.blocks() && c.lastOf(c.block) < c.row {
		c.block++
	}
	most := float32(0)
	for b := c.block; b < c.blocks(); b++ {
		most = max(most, c.boundOf(b))
		if c.lastOf(b) >= row-1 {
			break
		}
	}
	return most * c.loose
}
