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
				text := untrusted.Normalize(l.Text)
				if slices.ContainsFunc(quotes, func(q string) bool { return len(q) >= minQuote && strings.Contains(text, q) }) {
					out = append(out, l.N)
				}
			}
		}
	}
	return out
}

// numerals are numbers in words, of both languages. One and its like are articles as well, and not among them.
var numerals = map[string]string{"two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9", "ten": "10", "eleven": "11",
	"twelve": "12", "thirteen": "13", "fourteen": "14", "fifteen": "15", "sixteen": "16", "twenty": "20", "thirty": "30", "forty": "40", "fifty": "50",
	"dois": "2", "duas": "2", "três": "3", "tres": "3", "quatro": "4", "cinco": "5", "seis": "6", "sete": "7", "oito": "8", "nove": "9", "dez": "10", "onze": "11",
	"doze": "12", "treze": "13", "quatorze": "14", "catorze": "14", "quinze": "15", "vinte": "20", "trinta": "30", "quarenta": "40", "cinquenta": "50"}

var plainWord = regexp.MustCompile(`[\pL]+`)

// digits writes numbers in words as digits, so that they are checked like others.
func digits(s string) string {
	return plainWord.ReplaceAllStringFunc(s, func(w string) string {
		if n, ok := numerals[strings.ToLower(w)]; ok {
			return n
		}
		return w
	})
}
