package reader

import (
	"strings"

	"github.com/resync-hwa/resync/internal/fold"
	"github.com/resync-hwa/resync/twstools"
)

// A name typed in haste: separators lost or misplaced, two letters swapped, one doubled, left out, or hit beside its key. It is taken for the
// name that it is a slip of only where no other name is near; else the asker chooses. Digits tell objects apart (PAY1 and PAY2), and so do
// whole words (PAY and PAY_NEW): a name that differs in those is another name. Our own choice, from how terminals are typed at night.
const (
	minSlip  = 5  // letters and digits from which one slip is forgiven; below, only separators are
	longSlip = 10 // from which two are
	besides  = 1  // how many slips farther the next name must be
	minLost  = 8  // letters and digits of the longer name from which one may be missing inside
)

// bare is a name as its letters and digits alone.
func bare(name string) string {
	return strings.ReplaceAll(folded(name), " ", "")
}

// typed are the forms in which a name may have been meant: as it stands, and together with the word that stood beside it ("pay load2").
func typed(e twstools.Entity, hint string) []string {
	out := []string{bare(e.Name)}
	for _, w := range strings.Fields(fold.Text(hint)) {
		out = append(out, bare(w)+out[0], out[0]+bare(w))
	}
	return out
}

// slipOfAny is slip among the objects of a kind, and among all where none of that kind is near: "the stream of pay load" asks by the name of
// what belongs to it.
func (x *index) slipOfAny(e twstools.Entity, kind, hint string) Found {
	found := x.slip(e, kind, hint)
	if found.Len() == 0 && kind != "" && kind != "job" {
		found = x.slip(e, "", hint)
	}
	return found
}

// slip finds the one name that the typed name is a slip of, and all objects that bear it. Nothing when no name, or more than one, is near.
func (x *index) slip(e twstools.Entity, kind, hint string) Found {
	x.mu.RLock()
	defer x.mu.RUnlock()
	found := Found{By: "name"}
	if e.Type != twstools.EntityName || strings.ContainsAny(e.Name, "@?") {
		return found
	}
	wanted := typed(e, hint)
	cost := map[uint32]int{}
	best, next := besides+3, besides+3
	for i := range x.rows {
		r := &x.rows[i]
		if kind == "job" && !r.job || kind == "job_stream" && r.job {
			continue
		}
		if _, known := cost[r.name]; known {
			continue
		}
		c := slipOf(wanted, bare(x.texts.list[r.name]))
		cost[r.name] = c
		if c < best {
			best, next = c, best
		} else {
			next = min(next, c)
		}
	}
	if !x.complete || best > 2 || next <= best+besides {
		return found
	}
	for i := range x.rows {
		r := &x.rows[i]
		c, ok := cost[r.name]
		switch {
		case !ok || c != best || kind == "job" && !r.job || kind == "job_stream" && r.job:
		case r.job:
			found.Jobs = append(found.Jobs, x.asJob(r))
		default:
			found.Streams = append(found.Streams, x.asStream(r))
		}
	}
	return found
}

// slipOf is the least number of slips between what was typed and a name; 9 when they are different names.
func slipOf(wanted []string, name string) int {
	best := 9
	for i, w := range wanted {
		limit := 0
		switch {
		case i > 0 || len(w) < 3: // words put together must fit as they are
		case len(w) >= longSlip:
			limit = 2
		case len(w) >= minSlip:
			limit = 1
		}
		if len(w) < 3 || abs(len(w)-len(name)) > limit {
			continue
		}
		if w == name {
			return 0
		}
		if limit > 0 && digitsOf(w) == digitsOf(name) {
			if c := keySlips(w, name, limit); c <= limit {
				best = min(best, c)
			}
		}
	}
	return best
}

func digitsOf(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// keySlips counts the neighbours swapped and the letters doubled or left single between a and b; it gives up above limit. Other letters are
// no slips: PAYN and PAYS are two regions.
func keySlips(a, b string, limit int) int {
	if len(a) != len(b) {
		long, short := a, b
		if len(a) < len(b) {
			long, short = b, a
		}
		for i := 1; i < len(long); i++ {
			if long[i] == long[i-1] && long[:i]+long[i+1:] == short {
				return 1
			}
		}
		if len(long) > minLost && !lostOutside(long, short) {
			return 1
		}
		return limit + 1
	}
	for a != "" && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	switch {
	case a == "":
		return 0
	case limit == 0:
		return 1
	}
	if len(a) > 1 && len(b) > 1 && a[0] == b[1] && a[1] == b[0] {
		return 1 + keySlips(a[2:], b[2:], limit-1)
	}
	return limit + 1
}

// lostOutside: short is not long without one letter inside it, its first two and last two being there.
func lostOutside(long, short string) bool {
	for i := 2; i < len(long)-2; i++ {
		if long[:i]+long[i+1:] == short {
			return false
		}
	}
	return true
}
