package world

import (
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/resync-hwa/resync/twstools/query"
)

// sortedValues are all values and spellings of a column in ascending order, each with the group it belongs to. Texts stand in one piece of memory, so
// that a search for a part of one reads straight through it.
type sortedValues struct {
	texts  string // of a text column: all of them, one behind the other
	ends   []int  // where each of them ends
	others []query.Value
	group  []int32
}

type groupValue struct {
	v     query.Value
	group int32
}

// newSortedValues takes the values of a column whose groups stand in the order of their first values.
func newSortedValues(c *column) sortedValues {
	all := make([]groupValue, 0, c.groups())
	for g := range int32(c.groups()) { //nolint:gosec // fewer groups than rows
		for _, v := range c.of(int(g)) {
			spelt, ok := v.(query.Spellings)
			if !ok {
				all = append(all, groupValue{v, g})
			}
			for _, s := range spelt {
				all = append(all, groupValue{s, g})
			}
		}
	}
	inOrder := func(a, b groupValue) int { return compareSame(a.v, b.v) }
	if !slices.IsSortedFunc(all, inOrder) {
		slices.SortStableFunc(all, inOrder)
	}
	s := sortedValues{group: make([]int32, len(all))}
	var texts strings.Builder
	for i, x := range all {
		s.group[i] = x.group
		if t, ok := x.v.(string); ok {
			texts.WriteString(t)
			s.ends = append(s.ends, texts.Len())
			continue
		}
		s.others = append(s.others, x.v)
	}
	s.texts = texts.String()
	return s
}

func (s *sortedValues) len() int { return len(s.group) }

func (s *sortedValues) begin(i int) int {
	if i == 0 {
		return 0
	}
	return s.ends[i-1]
}

func (s *sortedValues) text(i int) string { return s.texts[s.begin(i):s.ends[i]] }

// compare compares the i-th value with one of the column's kind.
func (s *sortedValues) compare(i int, v query.Value) int {
	if t, ok := v.(string); ok {
		return strings.Compare(s.text(i), t)
	}
	return compareSame(s.others[i], v)
}

// lower is the place of the first value that is not less than v.
func (s *sortedValues) lower(v query.Value) int {
	return sort.Search(s.len(), func(i int) bool { return s.compare(i, v) >= 0 })
}

// upper is the place of the first value that is greater than v.
func (s *sortedValues) upper(v query.Value) int {
	return sort.Search(s.len(), func(i int) bool { return s.compare(i, v) > 0 })
}

// like calls each with the group of every text that fits the pattern.
func (s *sortedValues) like(pattern string, each func(group int32)) {
	p := newPattern(pattern)
	from := s.lower(p.prefix)
	to := from + sort.Search(s.len()-from, func(i int) bool { return !strings.HasPrefix(s.text(from+i), p.prefix) })
	for i := from; i < to; i++ {
		if p.within != "" {
			// The next text that can fit is the one that the pattern's longest literal part is found in.
			at := strings.Index(s.texts[s.begin(i):s.ends[to-1]], p.within)
			if at < 0 {
				return
			}
			at += s.begin(i)
			i += sort.Search(to-1-i, func(k int) bool { return s.ends[i+k] > at })
		}
		if p.fits(s.text(i)) {
			each(s.group[i])
		}
	}
}

// pattern is one of the scheduler's, taken apart so that most texts are decided without walking them rune by rune.
type pattern struct {
	whole  []rune
	prefix string   // what every text that fits begins with
	parts  []string // what stands between the @, where the pattern has no other wildcard; nil where it has
	within string   // the longest part that every text that fits holds somewhere; "" where none is known
}

// newPattern takes a pattern apart. A character that is no proper text makes it a hard one, since all of those look alike to query.Match.
func newPattern(whole string) pattern {
	p := pattern{whole: []rune(whole), prefix: literalPrefix(whole)}
	if strings.ContainsAny(whole, `?\`) || !utf8.ValidString(whole) || strings.ContainsRune(whole, utf8.RuneError) {
		return p
	}
	p.parts = strings.Split(whole, "@")
	for _, part := range p.parts[1:] {
		if len(part) > len(p.within) {
			p.within = part
		}
	}
	return p
}

// fits reports what query.Match does.
func (p *pattern) fits(s string) bool {
	if p.parts == nil {
		return p.walk(s)
	}
	if len(p.parts) == 1 {
		return s == p.parts[0]
	}
	s, ok := strings.CutPrefix(s, p.parts[0])
	if !ok {
		return false
	}
	last := len(p.parts) - 1
	for _, part := range p.parts[1:last] {
		at := strings.Index(s, part)
		if at < 0 {
			return false
		}
		s = s[at+len(part):]
	}
	return strings.HasSuffix(s, p.parts[last])
}

// walk is query.Match over a text that is not turned into runes first: columns hold hundreds of thousands of them.
func (p *pattern) walk(s string) bool {
	i, j, star, mark := 0, 0, -1, 0
	for j < len(s) {
		if i == star+1 && i > 0 && i < len(p.whole) && p.whole[i] < utf8.RuneSelf && !strings.ContainsRune(`@?\`, p.whole[i]) {
			k := strings.IndexByte(s[j:], byte(p.whole[i])) // what an @ takes ends where the next character of the pattern is found
			if k < 0 {
				return false
			}
			i, mark, j = i+1, j+k, j+k+1
			continue
		}
		r, size := rune(s[j]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(s[j:])
		}
		switch {
		case i < len(p.whole) && p.whole[i] == '@':
			star, mark = i, j
			i++
		case i < len(p.whole) && p.whole[i] == '?':
			i, j = i+1, j+size
		case i+1 < len(p.whole) && p.whole[i] == '\\' && p.whole[i+1] == r:
			i, j = i+2, j+size
		case i < len(p.whole) && p.whole[i] != '\\' && p.whole[i] == r:
			i, j = i+1, j+size
		case star >= 0:
			_, size = utf8.DecodeRuneInString(s[mark:])
			mark += size
			i, j = star+1, mark
		default:
			return false
		}
	}
	for i < len(p.whole) && p.whole[i] == '@' {
		i++
	}
	return i == len(p.whole)
}

// literalPrefix is what every text that fits the pattern begins with. It ends before a character that is no proper text.
func literalPrefix(pattern string) string {
	for i, r := range pattern {
		if strings.ContainsRune(`@?\`, r) || r == utf8.RuneError {
			return pattern[:i]
		}
	}
	return pattern
}
