package config

import "strings"

// allKeys gives the keys that a message may suggest.
func allKeys() []string {
	var out []string
	for _, o := range options {
		out = append(out, o.key)
	}
	for _, o := range engineOptions {
		out = append(out, "engines."+defaultEngine+"."+o.key)
	}
	return out
}

// suggest gives "; did you mean …?" for the nearest of known, or nothing when none is near.
func suggest(word string, known []string) string {
	best, near := "", max(2, len(word)/4)+1
	for _, k := range known {
		if d := distance(strings.ToLower(word), strings.ToLower(k)); d < near {
			best, near = k, d
		}
	}
	if best == "" {
		return ""
	}
	return "; did you mean " + best + "?"
}

// distance is the number of edits from a to b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			diagonal, row[j] = row[j], min(row[j]+1, row[j-1]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
