package sim

import (
	"fmt"
	"strconv"
	"strings"
)

// rcTest is a condition over a return code, like RC<=4 OR (RC>=10 AND NOT RC=12) (UG "Job definition", rccondsucc).
type rcTest func(rc int) bool

// parseRC reads a condition: comparisons of RC with = != <> < <= > >=, joined by AND, OR, NOT and parentheses.
func parseRC(text string) (rcTest, error) {
	p := &rcParser{words: rcWords(text)}
	t, err := p.either()
	if err == nil && p.at < len(p.words) {
		err = fmt.Errorf("%q is left over", p.words[p.at])
	}
	if err != nil {
		return nil, fmt.Errorf("%q is no condition on a return code: %w", text, err)
	}
	return t, nil
}

func rcWords(text string) []string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		c := text[i]
		if !strings.ContainsRune("()<>=!", rune(c)) {
			b.WriteByte(c)
			continue
		}
		b.WriteByte(' ')
		b.WriteByte(c)
		if i+1 < len(text) && strings.ContainsRune("<>=", rune(text[i+1])) && strings.ContainsRune("<>!", rune(c)) {
			i++
			b.WriteByte(text[i])
		}
		b.WriteByte(' ')
	}
	return strings.Fields(strings.ToUpper(b.String()))
}

type rcParser struct {
	words []string
	at    int
}

func (p *rcParser) take(word string) bool {
	if p.at < len(p.words) && p.words[p.at] == word {
		p.at++
		return true
	}
	return false
}

func (p *rcParser) next() string {
	if p.at >= len(p.words) {
		return ""
	}
	p.at++
	return p.words[p.at-1]
}

func (p *rcParser) either() (rcTest, error) {
	left, err := p.both()
	for err == nil && p.take("OR") {
		var right rcTest
		a := left
		if right, err = p.both(); err == nil {
			left = func(rc int) bool { return a(rc) || right(rc) }
		}
	}
	return left, err
}

func (p *rcParser) both() (rcTest, error) {
	left, err := p.one()
	for err == nil && p.take("AND") {
		var right rcTest
		a := left
		if right, err = p.one(); err == nil {
			left = func(rc int) bool { return a(rc) && right(rc) }
		}
	}
	return left, err
}

func (p *rcParser) one() (rcTest, error) {
	if p.take("NOT") {
		t, err := p.one()
		if err != nil {
			return nil, err
		}
		return func(rc int) bool { return !t(rc) }, nil
	}
	if p.take("(") {
		t, err := p.either()
		if err == nil && !p.take(")") {
			err = fmt.Errorf("a parenthesis is not closed")
		}
		return t, err
	}
	if w := p.next(); w != "RC" {
		return nil, fmt.Errorf("RC was expected, not %q", w)
	}
	op, num := p.next(), p.next()
	n, err := strconv.Atoi(num)
	if err != nil {
		return nil, fmt.Errorf("%q is no number", num)
	}
	switch op {
	case "=":
		return func(rc int) bool { return rc == n }, nil
	case "!=", "<>":
		return func(rc int) bool { return rc != n }, nil
	case "<":
		return func(rc int) bool { return rc < n }, nil
	case "<=":
		return func(rc int) bool { return rc <= n }, nil
	case ">":
		return func(rc int) bool { return rc > n }, nil
	case ">=":
		return func(rc int) bool { return rc >= n }, nil
	}
	return nil, fmt.Errorf("%q compares nothing", op)
}
