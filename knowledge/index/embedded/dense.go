package embedded

import (
	"cmp"
	"context"
	"encoding/binary"
	"math"
	"math/bits"
	"slices"

	"github.com/resync-hwa/resync/knowledge/index"
)

// The search by vector looks at every vector while the index is small. Beyond that it compares signatures first, one bit for each
// dimension, and looks at the vectors of the nearest.
const (
	fewNumbers = 1 << 21 // that are read whole: some milliseconds
	leastNear  = 8000    // vectors that are looked at after their signatures
	nearShare  = 10      // and no fewer than one in so many
	doubtful   = 64      // places beyond the list's end that are reckoned in float64 too
	pause      = 4096    // rows between two looks at the context
)

func (s *segment) hasVector(row int) bool {
	return s.vectors > 0 && s.at[secGiven][row>>3]&(1<<(row&7)) != 0
}

func (s *segment) vector(row int) []byte {
	return s.at[secVectors][4*s.dimensions*row : 4*s.dimensions*(row+1)]
}

func (v *view) byVector(ctx context.Context, q index.Query, limit int) ([]hit, error) {
	numbers, vectors := 0, 0
	for _, p := range v.parts {
		vectors += p.segment.vectors
		numbers += p.segment.vectors * p.segment.dimensions
	}
	var rows []hit
	var err error
	if numbers <= fewNumbers {
		rows, err = v.all(ctx, q)
	} else {
		rows, err = v.bySigns(ctx, q, max(leastNear, 10*limit, vectors/nearShare))
	}
	if err != nil {
		return nil, err
	}
	query := make([]float32, 0, len(q.Vector))
	for n := range rows {
		if n%pause == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		s := v.parts[rows[n].part].segment
		from := 4 * s.dimensions * int(rows[n].row)
		if err := s.checkRange(secVectors, from, from+4*s.dimensions); err != nil {
			return nil, err
		}
		query = append(query[:0], q.Vector[:min(len(q.Vector), s.dimensions)]...)
		rows[n].score = float64(dot(query, s.vector(int(rows[n].row))))
	}
	rows = best(rows, limit+doubtful)
	for n := range rows {
		s := v.parts[rows[n].part].segment
		rows[n].score = dotExact(q.Vector[:min(len(q.Vector), s.dimensions)], s.vector(int(rows[n].row)))
		rows[n].dense, rows[n].id = true, s.id(int(rows[n].row))
	}
	slices.SortFunc(rows, func(a, b hit) int { return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.id, b.id)) })
	return rows[:min(limit, len(rows))], nil
}

// all gives every vector that may be seen.
func (v *view) all(ctx context.Context, q index.Query) (out []hit, err error) {
	for n, p := range v.parts {
		if p.segment.vectors == 0 {
			continue
		}
		see := seen(p.segment, q)
		for row := range p.segment.passages {
			if row%pause == 0 && ctx.Err() != nil {
				return nil, ctx.Err()
			}
			if p.segment.hasVector(row) && !p.dead.has(row) && see[p.segment.label(row)] {
				out = append(out, hit{part: int32(n), row: int32(row)})
			}
		}
	}
	return out, nil
}

// bySigns gives at least so many rows, where there are so many, whose signatures are nearest to the question's.
func (v *view) bySigns(ctx context.Context, q index.Query, want int) (out []hit, err error) {
	type distance struct {
		part, row int32
		bits      uint16
	}
	most, passages := 0, 0
	for _, p := range v.parts {
		most, passages = max(most, p.segment.dimensions), passages+p.segment.passages
	}
	all := make([]distance, 0, passages)
	histogram := make([]int, most+1)
	for n, p := range v.parts {
		s := p.segment
		if s.vectors == 0 {
			continue
		}
		if err := s.checkAll(secSigns, secVectors); err != nil {
			return nil, err
		}
		mean := make([]float32, s.dimensions)
		for i := range mean {
			mean[i] = math.Float32frombits(binary.LittleEndian.Uint32(s.at[secMean][4*i:]))
		}
		query := sign(nil, q.Vector, mean)
		see := seen(s, q)
		signs := s.at[secSigns]
		size := 8 * len(query)
		// What holds for all rows is not asked for each.
		free := p.dead == nil && s.vectors == s.passages && !slices.Contains(see, false)
		for row := range s.passages {
			if row%pause == 0 && ctx.Err() != nil {
				return nil, ctx.Err()
			}
			b := signs[row*size : (row+1)*size]
			d := 0
			for _, w := range query {
				d += bits.OnesCount64(w ^ binary.LittleEndian.Uint64(b))
				b = b[8:]
			}
			if free || s.hasVector(row) && !p.dead.has(row) && see[s.label(row)] {
				histogram[d]++
				all = append(all, distance{int32(n), int32(row), uint16(d)})
			}
		}
	}
	limit, total := 0, 0
	for limit = range histogram {
		if total += histogram[limit]; total >= want {
			break
		}
	}
	out = make([]hit, 0, total)
	for _, d := range all {
		if int(d.bits) <= limit {
			out = append(out, hit{part: d.part, row: d.row})
		}
	}
	return out, nil
}

// best gives the n of highest score, in no order.
func best(list []hit, n int) []hit {
	if len(list) <= n {
		return list
	}
	scores := make([]float64, len(list))
	for i, h := range list {
		scores[i] = h.score
	}
	slices.Sort(scores)
	least := scores[len(scores)-n]
	kept := list[:0]
	for _, h := range list {
		if h.score >= least {
			kept = append(kept, h)
		}
	}
	return kept
}

// dot is the product of two vectors, the second as it is stored.
func dot(a []float32, b []byte) float32 {
	var s0, s1, s2, s3 float32
	for len(a) >= 4 && len(b) >= 16 {
		s0 += a[0] * math.Float32frombits(binary.LittleEndian.Uint32(b))
		s1 += a[1] * math.Float32frombits(binary.LittleEndian.Uint32(b[4:]))
		s2 += a[2] * math.Float32frombits(binary.LittleEndian.Uint32(b[8:]))
		s3 += a[3] * math.Float32frombits(binary.LittleEndian.Uint32(b[12:]))
		a, b = a[4:], b[16:]
	}
	for i := range a {
		s0 += a[i] * math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return s0 + s1 + s2 + s3
}

// dotExact is dot in float64, in the order of the dimensions.
func dotExact(a []float32, b []byte) float64 {
	s := 0.0
	for i := range a {
		s += float64(a[i]) * float64(math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:])))
	}
	return s
}
