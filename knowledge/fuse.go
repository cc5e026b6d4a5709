package knowledge

import "math"

// Fuse joins the scores of one question's candidates by words and by vector, given in the same order: each list is brought to 0…1 by its
// least and greatest (min-max), and the sum (1-alpha)·words + alpha·vector is written on the scale of the words' scores again, so that what is known
// of those (bands, bounds) stays true. NaN marks a candidate that one of the lists has not; it counts like the least of that list. With alpha 0, and where
// nothing came by vector, the words' scores come back as they are. alpha is held to 0…1; the lists must be equally long.
//
// It is the one place where the two meet: the search ranks by it and Calibrate chooses alpha by it. Ranks alone are never fused: with a weak
// vector leg the reciprocal ranks of both, equally weighted, cost up to a quarter of what words alone find.
func Fuse(lexical, dense []float64, alpha float64) []float64 {
	out := make([]float64, len(lexical))
	low, high := bounds(lexical)
	far, near := bounds(dense[:len(lexical)])
	blind := far > near || !(alpha > 0)
	alpha = math.Min(alpha, 1)
	scale := high - low
	if !(scale > 0) { // words tell nothing apart: vectors do, on a scale of their own
		scale = 1
	}
	if low > high {
		low = 0
	}
	for i, s := range lexical {
		if math.IsNaN(s) {
			s = low
		}
		if out[i] = s; blind {
			continue
		}
		by := 0.0
		switch d := dense[i]; {
		case math.IsNaN(d):
		case near > far:
			by = (d - far) / (near - far)
		default: // all equally near, and nearer than those that are not in the list
			by = 1
		}
		out[i] = (1-alpha)*s + alpha*(low+scale*by)
	}
	return out
}

// bounds gives the least and the greatest of a list; low > high where it has none.
func bounds(list []float64) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, s := range list {
		if !math.IsNaN(s) {
			low, high = math.Min(low, s), math.Max(high, s)
		}
	}
	return low, high
}
