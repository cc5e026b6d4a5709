package extract

import (
	"math"
	"slices"
)

// How a page is parted into columns.
const (
	maxCuts   = 6  // in each other
	cutTries  = 48 // places that are tried
	fewLines  = 5  // a column has at least so many
	strangers = .7 // of the lines of two columns that stand on no common base line; cells of a table share theirs
)

// columns parts a page whose text stands side by side: each part is read to its end. What stands in rows, as the cells of a table do, stays together.
func columns(m *meter, spans []pdfSpan) ([][]pdfSpan, error) {
	slices.SortStableFunc(spans, func(a, b pdfSpan) int { return compare(b.y, a.y) })
	var out [][]pdfSpan
	err := cut(m, spans, 0, &out)
	return out, err
}

// cut finds the place and the height at which most text stands side by side, and parts there: above, left, right, below.
func cut(m *meter, spans []pdfSpan, depth int, out *[][]pdfSpan) error {
	if len(spans) == 0 {
		return nil
	}
	best, middle, from, to := 0, 0.0, 0, 0
	if len(spans) >= 2*fewLines && depth < maxCuts {
		if err := m.spend(cutTries * len(spans) / 8); err != nil {
			return err
		}
		left, right := extent(spans)
		for i := range cutTries {
			x := left + (right-left)*(.12+.76*float64(i)/(cutTries-1))
			n, a, b := sideBySide(spans, x)
			// Of equal places the one nearest to the middle.
			if n > best || n == best && math.Abs(x-(left+right)/2) < math.Abs(middle-(left+right)/2) {
				best, middle, from, to = n, x, a, b
			}
		}
	}
	if best < fewLines || !apart(spans, from, to, middle) {
		*out = append(*out, spans)
		return nil
	}
	var sides [2][]pdfSpan
	for _, s := range spans[from:to] {
		k := 0
		if s.x0 >= middle-2 {
			k = 1
		}
		sides[k] = append(sides[k], s)
	}
	for _, part := range [][]pdfSpan{spans[:from:from], sides[0], sides[1], spans[to:]} {
		if err := cut(m, part, depth+1, out); err != nil {
			return err
		}
	}
	return nil
}

func extent(spans []pdfSpan) (left, right float64) {
	left, right = math.Inf(1), math.Inf(-1)
	for _, s := range spans {
		left, right = min(left, s.x0), max(right, s.x1)
	}
	return left, right
}

// sideBySide gives the longest run of spans that none crosses at x, by how many the emptier side has.
func sideBySide(spans []pdfSpan, x float64) (lines, from, to int) {
	start, count := 0, [2]int{}
	for i := 0; i <= len(spans); i++ {
		if i == len(spans) || spans[i].x0 < x-2 && spans[i].x1 > x+2 {
			if n := min(count[0], count[1]); n > lines {
				lines, from, to = n, start, i
			}
			start, count = i+1, [2]int{}
			continue
		}
		if spans[i].x0 >= x-2 {
			count[1]++
		} else {
			count[0]++
		}
	}
	return lines, from, to
}

// apart tells columns of text from the cells of a table: by lines that are full of prose on both sides, or by base lines of their own.
func apart(all []pdfSpan, from, to int, middle float64) bool {
	left, right := extent(all)
	var sides [2][]pdfSpan
	for _, s := range all[from:to] {
		k := 0
		if s.x0 >= middle-2 {
			k = 1
		}
		sides[k] = append(sides[k], s)
	}
	room := [2]float64{middle - left, right - middle}
	full := func(k, lines, letters int, share float64) bool {
		n, sum, width := len(sides[k]), 0, 0.0
		for _, s := range sides[k] {
			sum += s.letters
			width += s.x1 - s.x0
		}
		return n >= lines && sum >= letters*n && width >= share*room[k]*float64(n)
	}
	if full(0, 8, 20, .55) && full(1, 8, 20, .55) {
		return true
	}
	// Beside a column of prose may stand figures and listings; then both must be of one width, or it is a table of terms.
	if even := math.Abs(middle-(left+right)/2) < .06*(right-left); even && (full(0, 15, 30, .75) || full(1, 15, 30, .75)) {
		return true
	}
	return ownLines(sides[0], sides[1]) >= strangers && (full(0, fewLines, 25, .5) || full(1, fewLines, 25, .5))
}

// ownLines gives the share of lines, at the height where both sides have some, that have no partner on the other side. Both are sorted from the top.
func ownLines(a, b []pdfSpan) float64 {
	top, bottom := min(a[0].y, b[0].y), max(a[len(a)-1].y, b[len(b)-1].y)
	alone, n := 0, 0
	for _, sides := range [][2][]pdfSpan{{a, b}, {b, a}} {
		k := 0
		for _, s := range sides[0] {
			if s.y > top+.2*s.size || s.y < bottom-.2*s.size {
				continue
			}
			for k < len(sides[1]) && sides[1][k].y > s.y+.12*s.size {
				k++
			}
			n++
			if k == len(sides[1]) || sides[1][k].y < s.y-.12*s.size {
				alone++
			}
		}
	}
	if n < 2*fewLines {
		return 0
	}
	return float64(alone) / float64(n)
}
