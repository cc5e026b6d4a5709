package reader

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/resync-hwa/resync/internal/edits"
	"github.com/resync-hwa/resync/internal/fold"
)

//go:embed synonyms.yaml
var synonymsYAML []byte

// concepts maps a folded word to the numbers of the concepts it stands for.
var concepts = sync.OnceValue(func() map[string][]int {
	var lines [][]string
	out := map[string][]int{}
	if err := yaml.Unmarshal(synonymsYAML, &lines); err != nil {
		return out // the test of this package fails on it; words then match literally
	}
	for i, line := range lines {
		for _, w := range line {
			out[w] = append(out[w], i)
		}
	}
	return out
})

// folded gives the words' form for comparison, with every separator turned into a space.
func folded(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return ' '
	}, fold.Text(s))
}

func words(s string) []string {
	var out []string
	for _, w := range strings.Fields(folded(s)) {
		if len(w) > 1 && !ignored[w] {
			out = append(out, w)
		}
	}
	return out
}

// ignored are words that say nothing about which object is meant: articles, prepositions, and the field's own nouns.
var ignored = setOf("the a an of for to in on at by and or is it its this that my our your with from has have had not been be are was were do does did " +
	"job jobs stream streams schedule task batch process routine run running started start o os as um uma de do da dos das para por com sem no na nos nas " +
	"em e ou que se ao aos esta este essa esse isto isso meu minha nosso nossa foi nao malha malhas fluxo rotina processo tarefa execucao tonight today hoje " +
	"sobre each every all cada todo toda todos todas after apos before antes ate until out up into onto over entre between still ainda")

func setOf(s string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(s) {
		out[w] = true
	}
	return out
}

func sharesConcept(a, b []int) bool {
	return slices.ContainsFunc(a, func(i int) bool { return slices.Contains(b, i) })
}

// oneEdit reports whether distance is 1 at most, at the cost of one pass: a large index asks it of every word.
func oneEdit(a, b string) bool {
	if abs(len(a)-len(b)) > utf8.UTFMax {
		return false
	}
	i := 0 // what they have in common at the front and at the back needs no edit
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	for i > 0 && !(utf8.RuneStart(at(a, i)) && utf8.RuneStart(at(b, i))) {
		i--
	}
	a, b = a[i:], b[i:]
	x, n := utf8.DecodeRuneInString(a)
	y, m := utf8.DecodeRuneInString(b)
	if a[n:] == b || a == b[m:] || a[n:] == b[m:] {
		return true
	}
	x2, n2 := utf8.DecodeRuneInString(a[n:])
	y2, m2 := utf8.DecodeRuneInString(b[m:])
	return x == y2 && y == x2 && a[n+n2:] == b[m+m2:]
}

// at gives the byte at i, or one that starts a letter at the end.
func at(s string, i int) byte {
	if i < len(s) {
		return s[i]
	}
	return 0
}

// distance counts the edits from a to b; it stops caring beyond 8.
func distance(a, b string) int {
	if abs(len(a)-len(b)) > 8 {
		return 9
	}
	return edits.Distance(a, b)
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
