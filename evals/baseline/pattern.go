package baseline

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// pattern is one regular expression of the file, without regard to case.
type pattern struct {
	re *regexp.Regexp
	// some are texts in small letters of which a line must hold one to fit at all; none when that cannot be told. Logs have thousands of lines, nearly
	// all of which fit nothing, and to look for a text is many times as fast.
	some []string
}

// UnmarshalYAML compiles the pattern.
func (p *pattern) UnmarshalYAML(n *yaml.Node) error {
	source := "(?i)" + n.Value
	re, err := regexp.Compile(source)
	if err != nil {
		return fmt.Errorf("line %d: %w", n.Line, err)
	}
	tree, err := syntax.Parse(source, syntax.Perl)
	if err != nil {
		return fmt.Errorf("line %d: %w", n.Line, err)
	}
	p.re, p.some = re, literals(tree.Simplify())
	return nil
}

// logLine is a line with its small letters.
type logLine struct{ text, lower string }

func (p pattern) fits(l logLine) bool {
	if len(p.some) > 0 && !slices.ContainsFunc(p.some, func(s string) bool { return strings.Contains(l.lower, s) }) {
		return false
	}
	return p.re.MatchString(l.text)
}

func anyOf(ps []pattern, l logLine) bool {
	return slices.ContainsFunc(ps, func(p pattern) bool { return p.fits(l) })
}

// literals are texts of which whatever fits the expression holds at least one; nil when there are none.
func literals(re *syntax.Regexp) []string {
	switch re.Op {
	case syntax.OpLiteral:
		return []string{strings.ToLower(string(re.Rune))}
	case syntax.OpCapture, syntax.OpPlus:
		return literals(re.Sub[0])
	case syntax.OpConcat:
		var best []string
		for _, sub := range re.Sub {
			if some := literals(sub); shortest(some) > shortest(best) {
				best = some
			}
		}
		return best
	case syntax.OpAlternate:
		var all []string
		for _, sub := range re.Sub {
			some := literals(sub)
			if len(some) == 0 {
				return nil
			}
			all = append(all, some...)
		}
		return all
	}
	return nil
}

func shortest(some []string) int {
	if len(some) == 0 {
		return 0
	}
	n := len(some[0])
	for _, s := range some {
		n = min(n, len(s))
	}
	return n
}
