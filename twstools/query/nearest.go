package query

import (
	"cmp"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/internal/edits"
)

// nearest orders names by how near they are to a word that is none of them: the same but for case first, then by the number of letters
// to change, then by name.
func nearest(word string, names []string) []string {
	type near struct {
		name string
		far  int
	}
	all := make([]near, len(names))
	for i, n := range names {
		all[i] = near{n, distance(word, n)}
	}
	slices.SortStableFunc(all, func(a, b near) int { return cmp.Or(cmp.Compare(a.far, b.far), cmp.Compare(a.name, b.name)) })
	out := make([]string, len(all))
	for i, n := range all {
		out[i] = n.name
	}
	return out
}

// distance counts the letters to change; that of the last parts of dotted names counts when it is less.
func distance(a, b string) int {
	a, b = strings.ToLower(clipText(a, 80)), strings.ToLower(b)
	d := edits.Distance(a, b)
	if i := strings.LastIndexByte(b, '.'); i >= 0 {
		d = min(d, 1+edits.Distance(a[strings.LastIndexByte(a, '.')+1:], b[i+1:]))
	}
	return d
}

// clipText shortens a text for an error, cutting no character in two.
func clipText(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return s[:utf8Cut(s, n-3)] + "…"
}
