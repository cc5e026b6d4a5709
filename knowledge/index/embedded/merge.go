package embedded

import (
	"context"
	"encoding/binary"
	"math"
	"slices"

	"github.com/resync-hwa/resync/knowledge/index"
)

// Merging keeps the number of segments small: as soon as a class has mergeAt of them they become one. A class holds sizes up to
// mergeAt times its smallest, so that a passage is rewritten once for each class that it passes through.
const (
	mergeAt   = 8
	smallest  = 256     // passages; below this all are of one class
	largest   = 250_000 // passages of a segment: no merge makes a larger one
	deadShare = 3       // a segment is rewritten when one passage in so many is deleted
)

// due gives the parts that should become one, or none.
func due(parts []part) []part {
	classes := map[int][]part{}
	for _, p := range parts {
		if p.gone*deadShare > p.segment.passages {
			return []part{p}
		}
		class := 0
		for n := p.live() / smallest; n >= mergeAt; n /= mergeAt {
			class++
		}
		classes[class] = append(classes[class], p)
	}
	for class := range len(parts) {
		list := classes[class]
		if len(list) < mergeAt {
			continue
		}
		total := 0
		for i, p := range list {
			if total += p.live(); total > largest {
				list = list[:i]
				break
			}
		}
		if len(list) > 1 {
			return list
		}
	}
	return nil
}

// merge makes one segment of the passages of several that are not deleted. Their contributions are reckoned anew.
func merge(ctx context.Context, to place, parts []part, average float64) (*segment, error) {
	return keep(to, newName(), func(w *writer) error {
		var s sheet
		rowsOf := make([][]int32, len(parts))
		dimensions := 0
		type origin struct{ part, row int32 }
		var origins []origin
		w.begin(secRecords)
		for i, p := range parts {
			dimensions = max(dimensions, p.segment.dimensions)
			rowsOf[i] = make([]int32, p.segment.passages)
			for row := range rowsOf[i] {
				if row%256 == 0 {
					if to.rest(); ctx.Err() != nil {
						return ctx.Err()
					}
				}
				if p.dead.has(row) {
					rowsOf[i][row] = -1
					continue
				}
				record, err := p.segment.record(row)
				if err != nil {
					return err
				}
				w.write(record)
				g := p.segment
				rowsOf[i][row] = int32(s.add(g.document(row), g.id(row), g.labels[g.label(row)], g.length(row), len(record)))
				origins = append(origins, origin{int32(i), int32(row)})
			}
		}
		w.begin(secPostings)
		l := listWriter{w: w}
		if err := mergeLists(ctx, to, &l, &s, parts, rowsOf, average); err != nil {
			return err
		}
		for _, p := range parts {
			if err := p.segment.checkAll(secVectors, sections); err != nil {
				return err
			}
		}
		v := make([]float32, dimensions)
		given := s.vectors(w, dimensions, func(row int) []float32 {
			g := parts[origins[row].part].segment
			if !g.hasVector(int(origins[row].row)) || g.dimensions != dimensions {
				return nil
			}
			b := g.vector(int(origins[row].row))
			for i := range v {
				v[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
			}
			return v
		})
		return s.end(w, &l, dimensions, given, average)
	})
}

func mergeLists(ctx context.Context, to place, l *listWriter, s *sheet, parts []part, rowsOf [][]int32, average float64) error {
	codes := map[[index.Fields]uint8]uint32{}
	codesOf := make([][]uint32, len(parts)) // old code to new
	var worth []weights
	for i, p := range parts {
		for _, c := range p.segment.codes {
			code, ok := codes[c]
			if !ok {
				code = uint32(len(codes))
				codes[c] = code
				s.codes = append(s.codes, c[:]...)
				worth = append(worth, weigh(c))
			}
			codesOf[i] = append(codesOf[i], code)
		}
	}
	norm := make([]float32, s.rows())
	for row := range norm {
		norm[row] = inverse(int(binary.LittleEndian.Uint32(s.lengths[4*row:])), average)
	}
	at := make([]int, len(parts)) // the next term of each
	var c cursor
	for n := 0; ; n++ {
		if n%256 == 0 {
			if to.rest(); ctx.Err() != nil {
				return ctx.Err()
			}
		}
		hash, found := uint32(math.MaxUint32), false
		for i, p := range parts {
			if at[i] < p.segment.terms {
				hash, found = min(hash, binary.LittleEndian.Uint32(p.segment.at[secTerms][4*at[i]:])), true
			}
		}
		if !found {
			return nil
		}
		for i, p := range parts {
			if at[i] == p.segment.terms || binary.LittleEndian.Uint32(p.segment.at[secTerms][4*at[i]:]) != hash {
				continue
			}
			if err := p.segment.list(&c, at[i]); err != nil {
				return err
			}
			for at[i]++; c.row != noRow; c.next() {
				if row := rowsOf[i][c.row]; row >= 0 {
					code := codesOf[i][c.code(c.i)]
					x := worth[code]
					l.add(int(row), code, saturated(x.fixed+x.body*norm[row]))
				}
			}
		}
		l.end(hash)
	}
}

// replaced gives the parts with some of them replaced by one.
func replaced(parts, old []part, by part) []part {
	out := slices.DeleteFunc(slices.Clone(parts), func(p part) bool {
		return slices.ContainsFunc(old, func(o part) bool { return o.segment == p.segment })
	})
	if by.segment != nil {
		out = append(out, by)
	}
	return out
}
