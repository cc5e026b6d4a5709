package embedded

import (
	"encoding/binary"
	"math"
	"slices"
)

// A list has the postings of a term by rising row, in blocks of listBlock. A block is a byte that says how many bytes its numbers
// have, then for each posting how many rows lie between it and the one before, then for each posting its code. A list of more than
// one block begins with a table, for each block: uint32 last row, uint32 where the block ends behind the table, float32 the highest
// contribution in it.
const (
	listBlock = 128
	tableRow  = 12
	noRow     = math.MaxInt32
)

// listWriter packs lists, one after the other.
type listWriter struct {
	w     *writer
	at    int // bytes of secPostings so far
	terms []byte
	lists []byte

	// Of the list that is being written.
	table       []byte
	data        []byte
	gaps, codes []uint32 // of the block
	count       int
	last        int     // one more than the last row
	bound       float32 // of the block
	most        float32 // of the list
}

func (l *listWriter) add(row int, code uint32, contribution float32) {
	if len(l.gaps) == listBlock {
		l.endBlock()
	}
	l.gaps = append(l.gaps, uint32(row-l.last))
	l.codes = append(l.codes, code)
	l.last = row + 1
	l.count++
	l.bound = max(l.bound, contribution)
}

func (l *listWriter) endBlock() {
	gap, code := width(slices.Max(l.gaps)), width(slices.Max(l.codes))
	l.data = append(l.data, byte(gap|code<<2))
	l.data = numbers(numbers(l.data, l.gaps, gap), l.codes, code)
	l.table = binary.LittleEndian.AppendUint32(l.table, uint32(l.last-1))
	l.table = binary.LittleEndian.AppendUint32(l.table, uint32(len(l.data)))
	l.table = binary.LittleEndian.AppendUint32(l.table, math.Float32bits(l.bound))
	l.most, l.bound = max(l.most, l.bound), 0
	l.gaps, l.codes = l.gaps[:0], l.codes[:0]
}

// width is how a number is stored: 0 in one byte, 1 in two, 2 in four.
func width(n uint32) int {
	switch {
	case n <= math.MaxUint8:
		return 0
	case n <= math.MaxUint16:
		return 1
	}
	return 2
}

func numbers(b []byte, list []uint32, width int) []byte {
	for _, n := range list {
		switch width {
		case 0:
			b = append(b, byte(n))
		case 1:
			b = binary.LittleEndian.AppendUint16(b, uint16(n))
		default:
			b = binary.LittleEndian.AppendUint32(b, n)
		}
	}
	return b
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
	l.table, l.data, l.count, l.last, l.most = l.table[:0], l.data[:0], 0, 0, 0
}

// cursor walks a list. It stands on a posting, or at noRow behind the last one.
type cursor struct {
	table []byte // nil where there is one block
	data  []byte
	count int // postings of the list
	most  float32

	row   int32            // where it stands
	block int              // that is unpacked
	i, n  int              // place in the block, and how many it has
	rows  [listBlock]int32 // of the block
	codes []byte           // of the block
	width int              // of its codes

	scale  float32 // weight, IDF and constant factor, in the units of sums: times a saturated frequency it is the contribution
	factor float32 // times a bound of the table it is a bound of the contribution
}

// find sets a cursor on the list of a term; ok is false where no passage has it.
func (s *segment) find(c *cursor, hash uint32) (ok bool, err error) {
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
		return false, nil
	}
	return true, s.list(c, low)
}

// list sets a cursor on the list of the n-th term.
func (s *segment) list(c *cursor, n int) error {
	entry := s.at[secLists][tableRow*n:]
	start, end := int(binary.LittleEndian.Uint32(entry)), int(binary.LittleEndian.Uint32(entry[tableRow:]))
	if err := s.checkRange(secPostings, start, end); err != nil {
		return err
	}
	c.count = int(binary.LittleEndian.Uint32(entry[4:]))
	c.most = math.Float32frombits(binary.LittleEndian.Uint32(entry[8:]))
	c.table, c.data = nil, s.at[secPostings][start:end]
	if c.count > listBlock {
		size := c.blocks() * tableRow
		c.table, c.data = c.data[:size], c.data[size:]
	}
	c.unpack(0)
	return nil
}

func (c *cursor) blocks() int { return (c.count + listBlock - 1) / listBlock }
func (c *cursor) lastOf(block int) int32 {
	return int32(binary.LittleEndian.Uint32(c.table[block*tableRow:]))
}
func (c *cursor) endOf(block int) int {
	return int(binary.LittleEndian.Uint32(c.table[block*tableRow+4:]))
}

func (c *cursor) boundOf(block int) float32 {
	return math.Float32frombits(binary.LittleEndian.Uint32(c.table[block*tableRow+8:]))
}

// unpack reads a block and stands on its first posting.
func (c *cursor) unpack(block int) {
	row, data := int32(-1), c.data
	if block > 0 {
		row, data = c.lastOf(block-1), data[c.endOf(block-1):]
	}
	n := min(listBlock, c.count-block*listBlock)
	gap, code := data[0]&3, data[0]>>2
	gaps := data[1:]
	rows := c.rows[:n]
	switch gap {
	case 0:
		for i, g := range gaps[:n] {
			row += int32(g) + 1
			rows[i] = row
		}
	case 1:
		gaps := gaps[:2*n]
		for i := range rows {
			row += int32(binary.LittleEndian.Uint16(gaps[2*i:])) + 1
			rows[i] = row
		}
	default:
		for i := range rows {
			row += int32(binary.LittleEndian.Uint32(gaps[4*i:])) + 1
			rows[i] = row
		}
	}
	c.codes, c.width = gaps[n<<gap:][:n<<code], int(code)
	c.block, c.n = block, n
	c.stand(0)
}

// stand moves to a place in the block, or to the next block behind its end.
func (c *cursor) stand(i int) {
	switch {
	case i < c.n:
		c.i, c.row = i, c.rows[i]
	case c.block+1 < c.blocks():
		c.unpack(c.block + 1)
	default:
		c.i, c.row = i, noRow
	}
}

func (c *cursor) next() { c.stand(c.i + 1) }

// code is what the posting says.
func (c *cursor) code(i int) uint32 {
	switch c.width {
	case 0:
		return uint32(c.codes[i])
	case 1:
		return uint32(binary.LittleEndian.Uint16(c.codes[2*i:]))
	}
	return binary.LittleEndian.Uint32(c.codes[4*i:])
}

// seek moves to the first posting at or behind row.
func (c *cursor) seek(row int32) {
	if c.row >= row {
		return
	}
	if c.rows[c.n-1] < row {
		block := c.block + 1
		for block < c.blocks() && c.lastOf(block) < row {
			block++
		}
		if block == c.blocks() {
			c.row = noRow
			return
		}
		c.unpack(block)
	}
	c.stand(c.before(row))
}

// before gives the first place in the block, from where the cursor stands, that is not before row.
func (c *cursor) before(row int32) int {
	if c.rows[c.n-1] < row {
		return c.n
	}
	low, high := c.i, c.n-1
	for low < high {
		mid := (low + high) / 2
		if c.rows[mid] < row {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low
}

// boundBefore gives a bound of the contributions of the postings from where the cursor stands to before row.
func (c *cursor) boundBefore(row int32) float32 {
	if c.row >= row {
		return 0
	}
	if c.table == nil {
		return c.most * c.factor
	}
	most := float32(0)
	for b := c.block; b < c.blocks(); b++ {
		most = max(most, c.boundOf(b))
		if c.lastOf(b) >= row-1 {
			break
		}
	}
	return most * c.factor
}
