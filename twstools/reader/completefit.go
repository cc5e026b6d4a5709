package reader

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/resync-hwa/resync/internal/fold"
	"github.com/resync-hwa/resync/twstools"
)

// How well a name fits, the best first.
const (
	begins       int8 = iota // the name asked for begins with it
	streamBegins             // its job stream does
	placeBegins              // its workstation does
	holds                    // the name holds it
	streamHolds
	loosely      // but for its separators
	fits         // how many there are
	nothing int8 = -1
)

// fit tells how well a name fits what is typed, which is folded.
func fit(name, typed string) int8 {
	if !plainLetters(name) {
		name = fold.Text(name)
	}
	at := indexFold(name, typed)
	switch {
	case at == 0:
		return begins
	case at > 0:
		return holds
	}
	return nothing
}

// plainLetters reports whether folding changes nothing but capitals.
func plainLetters(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// indexFold is strings.Index that minds no ASCII capitals in s and makes no copy: a plan has half a million names.
func indexFold(s, folded string) int {
	for i := 0; i+len(folded) <= len(s); i++ {
		j := 0
		for j < len(folded) && lower(s[i+j]) == folded[j] {
			j++
		}
		if j == len(folded) {
			return i
		}
	}
	return -1
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// fitLoosely is fit that minds no separators.
func fitLoosely(name, typed string) int8 {
	if t := bare(typed); t != "" && strings.Contains(bare(name), t) {
		return loosely
	}
	return nothing
}

// unasked is what is known of a text before it is compared.
const unasked int8 = -2

// textFits remembers how each text of the index fits; texts are compared once however many rows bear them.
type textFits struct {
	texts   []string
	compare func(text, typed string) int8
	typed   string
	known   []int8
}

func (x *index) fitsOf(typed string, compare func(text, typed string) int8) *textFits {
	return &textFits{texts: x.texts.list, compare: compare, typed: typed}
}

func (t *textFits) of(n uint32) int8 {
	if t.known == nil {
		t.known = slices.Repeat([]int8{unasked}, len(t.texts))
	}
	if t.known[n] == unasked {
		t.known[n] = t.compare(t.texts[n], t.typed)
	}
	return t.known[n]
}

// all reports whether nothing is typed, or the text is that.
func (t *textFits) all(n uint32) bool { return t.typed == "" || t.of(n) == begins }

// same is a comparison of whole names.
func same(text, typed string) int8 {
	if fold.Text(twstools.DisplayName(text)) == typed {
		return begins
	}
	return nothing
}

// shifted is the rank of a row by something else than its name.
func shifted(r, beginning, holding int8) int8 {
	switch r {
	case begins:
		return beginning
	case holds:
		return holding
	case loosely:
		return loosely
	}
	return nothing
}

func sooner(a, b int8) int8 {
	if a == nothing || b != nothing && b < a {
		return b
	}
	return a
}
