package understand

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

var (
	timeWord   = regexp.MustCompile(`^\d{1,2}(?::\d{2}(?::\d{2})?|h(?:\d{2})?|hs|hrs?|am|pm|h\d{2}min)$`)
	numberWord = regexp.MustCompile(`^\d+(?:[.,]\d+)*%?$`)
)

// recognise finds what a word of the question stands for: itself, itself without a hyphen, or the word it is a slip of.
func (l *lexicon) recognise(t *token) {
	t.norm = Fold(t.text)
	switch {
	case timeWord.MatchString(t.norm):
		t.class, t.stop = classTime, true
		return
	case numberWord.MatchString(t.norm):
		t.class, t.stop = classNumber, true
		if id, ok := l.ids[t.norm]; ok { // "4" for "for"
			t.ids = []int32{id}
		}
		return
	}
	id, ok := l.ids[t.norm]
	if !ok && strings.Contains(t.norm, "-") {
		id, ok = l.ids[strings.ReplaceAll(t.norm, "-", "")]
	}
	if !ok && len(t.text) > len(t.norm) && strings.HasSuffix(t.norm, "s") { // Monday's
		id, ok = l.ids[strings.TrimSuffix(t.norm, "s")]
	}
	if ok {
		w := l.words[id]
		t.ids, t.stop, t.hollow, t.link = []int32{id}, w.stop, w.hollow, w.link
		return
	}
	if l.plain[t.norm] {
		return
	}
	if id, ok := l.swapped(t.norm); ok { // "hvae": too short to mend otherwise
		w := l.words[id]
		t.ids, t.stop = []int32{id}, w.stop
		return
	}
	if id, ok := l.mend(t.norm); ok {
		t.mended = true
		t.ids = []int32{id} // an object's word all the same, unless a cue stands on it
	}
}

// minTypo is the length from which a slip of the keyboard is mended; from longTypo on two slips are.
const (
	minTypo  = 5
	longTypo = 9
)

// indexTypos writes down each word with one letter left out, long words with two, so that mending is a few look-ups.
func (l *lexicon) indexTypos() {
	for id, w := range l.words {
		if !w.act || len(w.text) < minTypo-1 || strings.ContainsAny(w.text, "- ") {
			continue
		}
		for _, d := range deletions(w.text) {
			l.typos[d] = append(l.typos[d], int32(id))
		}
	}
}

func deletions(s string) []string {
	out := []string{s}
	for i := range len(s) {
		one := s[:i] + s[i+1:]
		out = append(out, one)
		if len(s) < longTypo {
			continue
		}
		for k := i; k < len(one); k++ {
			out = append(out, one[:k]+one[k+1:])
		}
	}
	return out
}

// swapped finds the auxiliary verb of four letters that a word is with two neighbours swapped.
func (l *lexicon) swapped(s string) (int32, bool) {
	for i := 0; len(s) == minTypo-1 && i < len(s)-1; i++ {
		id, ok := l.ids[s[:i]+s[i+1:i+2]+s[i:i+1]+s[i+2:]]
		if ok && (l.classes["aux"].has(id) || l.classes["be"].has(id)) {
			return id, true
		}
	}
	return 0, false
}

// mend finds the word that a slip stands for. Words of five to eight letters may have one slip, longer ones two; a wrong letter in
// a short word must be a neighbour on the keyboard, since "stock" is no slip of "stuck" and "folha" none of "falha".
func (l *lexicon) mend(s string) (int32, bool) {
	if len(s) < minTypo || len(s) > 24 || utf8.RuneCountInString(s) != len(s) || strings.ContainsAny(s, "-_0123456789:/.") {
		return 0, false
	}
	best, bestCost := int32(-1), 3
	for _, d := range deletions(s) {
		for _, id := range l.typos[d] {
			w := l.words[id].text
			limit := 1
			if len(s) >= longTypo && len(w) >= longTypo {
				limit = 2
			}
			if s[0] != w[0] {
				if len(s) < longTypo {
					continue
				}
				limit = 1 // a slip at the first letter and another one: "lançamento" is no "andamento"
			}
			if cost := slips(s, w, limit); cost <= limit && (cost < bestCost || cost == bestCost && id < best) {
				best, bestCost = id, cost
			}
		}
	}
	return best, best >= 0
}

// slips counts the slips between two words: a letter left out, doubled or added, two swapped, a neighbouring key. It gives up above limit.
func slips(a, b string, limit int) int {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	switch {
	case len(a) == 0 && len(b) == 0:
		return 0
	case limit == 0:
		return 1
	}
	best := limit + 1
	if len(a) > 0 {
		best = min(best, 1+slips(a[1:], b, limit-1))
	}
	if len(b) > 0 {
		best = min(best, 1+slips(a, b[1:], limit-1))
	}
	if len(a) > 1 && len(b) > 1 && a[0] == b[1] && a[1] == b[0] {
		best = min(best, 1+slips(a[2:], b[2:], limit-1))
	}
	if len(a) > 0 && len(b) > 0 && neighbours(a[0], b[0]) {
		best = min(best, 1+slips(a[1:], b[1:], limit-1))
	}
	return best
}

var keyRows = []string{"qwertyuiop", "asdfghjkl", "zxcvbnm"}

// neighbours says whether two keys touch on the keyboard.
func neighbours(a, b byte) bool {
	ra, ca := keyAt(a)
	rb, cb := keyAt(b)
	if ra < 0 || rb < 0 {
		return false
	}
	return max(ra-rb, rb-ra) <= 1 && max(ca-cb, cb-ca) <= 1
}

func keyAt(c byte) (row, col int) {
	for r, keys := range keyRows {
		if i := strings.IndexByte(keys, c); i >= 0 {
			return r, i
		}
	}
	return -1, -1
}
