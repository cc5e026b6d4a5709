package understand

import (
	"fmt"
	"iter"
	"math/bits"
	"strconv"
	"strings"
)

// A pattern is a row of elements over the words of one sentence, written in the data as
//
//	why|how <be> ~3 <late>     alternatives, classes, up to three words of anything between
//	^ show [me] the            ^ start of a clause, $ end of one, [ ] may be missing
//
// and the classes <obj> (a name), <msg>, <rc>, <num>, <time>, which are made of mentions and numbers instead of words.
type pattern struct {
	elems []elem
	group string // what a hit is called: the name of a cue, premise, status …
	rank  int    // position in the data, lower wins
}

type elemKind uint8

const (
	elemWord elemKind = iota
	elemGap
	elemClauseStart
	elemClauseEnd
)

type elem struct {
	kind    elemKind
	words   *bitset
	classes []tokenClass
	gap     int
}

// tokenClass is a kind of token that is no word of the vocabulary.
type tokenClass uint8

const (
	classNone tokenClass = iota
	classObject
	classMessage
	classReturnCode
	classNumber
	classTime
)

var tokenClasses = map[string]tokenClass{
	"obj": classObject, "msg": classMessage, "rc": classReturnCode, "num": classNumber, "time": classTime,
}

type bitset []uint64

func (b bitset) has(id int32) bool {
	return int(id>>6) < len(b) && b[id>>6]&(1<<(uint(id)&63)) != 0
}

func (b *bitset) add(id int32) {
	for int(id>>6) >= len(*b) {
		*b = append(*b, 0)
	}
	(*b)[id>>6] |= 1 << (uint(id) & 63)
}

func (b *bitset) union(o bitset) {
	for len(*b) < len(o) {
		*b = append(*b, 0)
	}
	for i, w := range o {
		(*b)[i] |= w
	}
}

// all yields the members in order.
func (b bitset) all() iter.Seq[int32] {
	return func(yield func(int32) bool) {
		for i, w := range b {
			for ; w != 0; w &= w - 1 {
				if !yield(int32(i*64 + bits.TrailingZeros64(w))) {
					return
				}
			}
		}
	}
}

// hit is a place where a pattern matched: the tokens [from, to), of which used were matched by words and not by gaps.
type hit struct {
	pattern  *pattern
	from, to int
	used     []int
}

// compile turns one line of data into patterns: one for each way of leaving out what is optional.
func (l *lexicon) compile(line, group string, rank int) ([]*pattern, error) {
	var out []*pattern
	for _, words := range expandOptional(strings.Fields(line)) {
		p := &pattern{group: group, rank: rank}
		for _, w := range words {
			e, err := l.element(w)
			if err != nil {
				return nil, fmt.Errorf("pattern %q: %w", line, err)
			}
			p.elems = append(p.elems, e)
		}
		if len(p.elems) == 0 {
			return nil, fmt.Errorf("pattern %q is empty", line)
		}
		out = append(out, p)
	}
	return out, nil
}

func expandOptional(words []string) [][]string {
	out := [][]string{nil}
	for _, w := range words {
		inner, optional := strings.CutPrefix(w, "[")
		inner = strings.TrimSuffix(inner, "]")
		var next [][]string
		for _, row := range out {
			next = append(next, append(append([]string(nil), row...), inner))
			if optional {
				next = append(next, row)
			}
		}
		out = next
	}
	return out
}

func (l *lexicon) element(w string) (elem, error) {
	switch {
	case w == "^":
		return elem{kind: elemClauseStart}, nil
	case w == "$":
		return elem{kind: elemClauseEnd}, nil
	case strings.HasPrefix(w, "~"):
		n, err := strconv.Atoi(w[1:])
		if w == "~" {
			n, err = 2, nil
		}
		return elem{kind: elemGap, gap: n}, err
	}
	e := elem{words: &bitset{}}
	for _, alt := range strings.Split(w, "|") {
		name, isClass := strings.CutPrefix(alt, "<")
		if !isClass {
			e.words.add(l.word(alt))
			continue
		}
		name = strings.TrimSuffix(name, ">")
		if c := tokenClasses[name]; c != classNone {
			e.classes = append(e.classes, c)
			continue
		}
		class, ok := l.classes[name]
		if !ok {
			return elem{}, fmt.Errorf("no class %s", alt)
		}
		e.words.union(*class)
	}
	return e, nil
}

// match tries a pattern at token i.
func (p *pattern) match(r *reading, i int) (hit, bool) {
	var used [16]int
	n, end, ok := matchFrom(p.elems, r, i, i, used[:0])
	if !ok {
		return hit{}, false
	}
	return hit{pattern: p, from: i, to: end, used: append([]int(nil), n...)}, true
}

func matchFrom(elems []elem, r *reading, start, i int, used []int) ([]int, int, bool) {
	if len(elems) == 0 {
		return used, i, true
	}
	e := elems[0]
	switch e.kind {
	case elemClauseStart:
		if !r.clauseStart(i) {
			return nil, 0, false
		}
		return matchFrom(elems[1:], r, start, i, used)
	case elemClauseEnd:
		if i < len(r.tokens) && !r.clauseStart(i) {
			return nil, 0, false
		}
		return matchFrom(elems[1:], r, start, i, used)
	case elemGap:
		for skip := 0; skip <= e.gap && i+skip < len(r.tokens); skip++ {
			if got, end, ok := matchFrom(elems[1:], r, start, i+skip, used); ok {
				return got, end, true
			}
		}
		return nil, 0, false
	}
	if i >= len(r.tokens) || r.tokens[i].sentence != r.tokens[start].sentence || !e.accepts(&r.tokens[i]) || len(used) == cap(used) {
		return nil, 0, false
	}
	return matchFrom(elems[1:], r, start, i+1, append(used, i))
}

func (e *elem) accepts(t *token) bool {
	for _, c := range e.classes {
		if t.class == c {
			return true
		}
	}
	for _, id := range t.ids {
		if e.words.has(id) {
			return true
		}
	}
	return false
}
