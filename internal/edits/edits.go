// Package edits tells how far a word that somebody typed is from one that exists: for hints in errors and for finding names in spite of a slip.
package edits

// Distance counts the edits from a to b, letter by letter: insert, delete, replace, and swap of neighbours. Case counts: whoever does not care
// lowers both first. It takes time and memory in proportion to the product and to the length of b, so callers bound what they hand in.
func Distance(a, b string) int {
	ra, rb := []rune(a), []rune(b)
	before, last, row := make([]int, len(rb)+1), make([]int, len(rb)+1), make([]int, len(rb)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(ra); i++ {
		row[0] = i
		for j := 1; j <= len(rb); j++ {
			cost := 1
			if ra[i-1] == rb[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && ra[i-1] == rb[j-2] && ra[i-2] == rb[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(rb)]
}
