package record

// trie finds the longest known name at a place in a text. Names are kept in lower case (of ASCII letters).
type trie struct{ root *trieNode }

type trieNode struct {
	next map[byte]*trieNode
	end  bool
}

func newTrie() *trie { return &trie{&trieNode{}} }

func (t *trie) add(name string) {
	n := t.root
	for i := range len(name) {
		if n.next == nil {
			n.next = map[byte]*trieNode{}
		}
		c := n.next[name[i]]
		if c == nil {
			c = &trieNode{}
			n.next[name[i]] = c
		}
		n = c
	}
	n.end = true
}

// longest gives the length of the longest name that begins at text[from] and ends at a boundary; 0 for none. lowered is the text in lower case.
func (t *trie) longest(lowered string, from int) int {
	best := 0
	n := t.root
	for i := from; i < len(lowered); i++ {
		n = n.next[lowered[i]]
		if n == nil {
			break
		}
		if n.end && boundary(lowered, i+1) {
			best = i + 1 - from
		}
	}
	return best
}

// boundary reports whether a word may begin or end at place i: not within a run of letters, nor within one of digits.
func boundary(s string, i int) bool {
	if i <= 0 || i >= len(s) {
		return true
	}
	a, b := s[i-1], s[i]
	return !(isLetter(a) || isDigit(a)) || !(isLetter(b) || isDigit(b))
}
