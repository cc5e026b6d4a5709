package verify

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/resync-hwa/resync/internal/untrusted"
)

var (
	codeForm = regexp.MustCompile(`(?i)\b(?:return code|exit code|exit status|rc|código de (?:retorno|saída)|codigo de (?:retorno|saida))\s*(?:=|:|of|de|was|is|foi|é)?\s*(-?\d+)`)
	lineForm = regexp.MustCompile(`(?i)\b(?:lines?|linhas?)\s+(\d+)(?:\s*(?:,|and|e|to|a|-|–)\s*(\d+))?`)
)

// messageID finds what looks like the id of a message: capitals, then digits.
var messageID = regexp.MustCompile(`\b[A-Z]{2,}[A-Z0-9]*-?\d{3,}[A-Z]?\b`)

// strangeCode gives a return code that nothing returned as one, though the number may occur.
func (c *corpus) strangeCode(s string) string {
	for _, g := range codeForm.FindAllStringSubmatch(s, -1) {
		n, err := strconv.ParseInt(g[1], 10, 64)
		if err == nil && !c.arithmetic.codes[n] && !c.has(fold(g[0])) {
			return g[0]
		}
	}
	return ""
}

// addCodes takes in return codes that stand in texts: return_code=4, exit code 12.
func (c *corpus) addCodes(s string) {
	for _, g := range codeForm.FindAllStringSubmatch(strings.ReplaceAll(s, "_", " "), -1) {
		if n, err := strconv.ParseInt(g[1], 10, 64); err == nil {
			c.arithmetic.codes[n] = true
		}
	}
}

// elsewhere reports that a sentence gives a quote to a line in which it does not stand, though it stands in others.
func (c *corpus) elsewhere(s string, quotes []string) bool {
	var named []int
	for _, g := range lineForm.FindAllStringSubmatch(s, -1) {
		for _, n := range g[1:] {
			if i, err := strconv.Atoi(n); err == nil {
				named = append(named, i)
			}
		}
	}
	if len(named) == 0 {
		return false
	}
	in := c.linesOf(append(messageID.FindAllString(s, -1), quotes...))
	return len(in) > 0 && !slices.ContainsFunc(named, func(n int) bool { return slices.Contains(in, n) })
}

// linesOf gives the numbers of the lines in which a quote stands.
func (c *corpus) linesOf(quotes []string) []int {
	var out []int
	for _, list := range c.sources {
		for _, src := range list {
			for _, l := range src.Lines {
				text := fold(untrusted.Normalize(l.Text))
				if slices.ContainsFunc(quotes, func(q string) bool { return len(q) >= minQuote && strings.Contains(text, q) }) {
					out = append(out, l.N)
				}
			}
		}
	}
	return out
}
