package conversations

import (
	"regexp"
	"strings"
	"unicode"
)

// This file makes text of others harmless in Markdown: no HTML, no link, no picture, no heading, however a reader of Markdown takes it.
// What stands in backticks is written anew, so that the reader cuts it where we did.

// codeSpan is text on one line in backticks: more of them than stand in the text, and a space beside one at its edge (CommonMark 6.1).
func codeSpan(s string) string {
	s = oneLine(seen(s))
	if s == "" {
		return ""
	}
	mark := strings.Repeat("`", longestRun(s)+1)
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		s = " " + s + " "
	}
	return mark + s + mark
}

// seen takes out of a text what nobody sees and what turns the rest around: control characters but line feed and tab, zero-width and bidirectional
// marks. A command that is copied from an export is the one that is read there.
func seen(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
			return -1
		}
		return r
	}, Sanitize(s))
}

// longestRun is the length of the longest run of backticks.
func longestRun(s string) int {
	longest, run := 0, 0
	for _, r := range s {
		if r != '`' {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}

// inert gives prose of several lines without anything that a reader of Markdown makes more of than emphasis, lists and code.
func inert(s string) string {
	lines := strings.Split(seen(s), "\n")
	for i, l := range lines {
		lines[i] = inertLine(l)
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

var (
	// blockStart is what begins something other than a paragraph or a list. A line of dashes would make a heading of the line before it.
	blockStart = regexp.MustCompile(`^\s*(?:[#>=|~]|-(?:-*\s*$))`)
	// address is what readers make links of by themselves: schemes, www., and mail addresses (GitHub's Markdown, 6.9).
	address = regexp.MustCompile(`(?i)[a-z][a-z0-9+.-]*:/|www\.|(?:mailto|xmpp|javascript|data):|[a-z0-9._+-]@[a-z0-9_-]+\.`)
)

// inertLine makes one line harmless. What stands between equal runs of backticks is code already.
func inertLine(l string) string {
	// Four spaces and more would make code of a line; deeper lists are not worth that.
	if trimmed := strings.TrimLeft(l, " \t"); len(l)-len(trimmed) > 3 || strings.HasPrefix(l, "\t") {
		l = "  " + trimmed
	}
	out := ""
	if m := strings.TrimLeft(blockStart.FindString(l), " \t\f\n"); m != "" {
		before, rest, _ := strings.Cut(l, m[:1])
		out, l = before+escaped(rune(m[0])), rest
	}
	for l != "" {
		before, code, rest := nextCode(l)
		for _, piece := range []string{inertWords(before), codeSpan(code)} {
			if strings.HasSuffix(out, "`") && strings.HasPrefix(piece, "`") {
				out += " " // two runs of backticks would be one
			}
			out += piece
		}
		l = rest
	}
	return out
}

// nextCode cuts a line at its first code span; backticks without a partner stay in before.
func nextCode(l string) (before, code, rest string) {
	for i := 0; i < len(l); {
		if l[i] != '`' {
			i++
			continue
		}
		end := i
		for end < len(l) && l[end] == '`' {
			end++
		}
		for j := end; j < len(l); {
			if l[j] != '`' {
				j++
				continue
			}
			stop := j
			for stop < len(l) && l[stop] == '`' {
				stop++
			}
			if stop-j == end-i {
				return l[:i], l[end:j], l[stop:]
			}
			j = stop
		}
		i = end
	}
	return l, "", ""
}

// inertWords makes text outside of code harmless; what looks like an address becomes code.
func inertWords(s string) string {
	words := strings.SplitAfter(s, " ")
	for i, w := range words {
		bare := strings.TrimSuffix(w, " ")
		if address.MatchString(bare) {
			words[i] = codeSpan(bare) + w[len(bare):]
			continue
		}
		words[i] = inertWord(w)
	}
	return strings.Join(words, "")
}

func inertWord(w string) string {
	var b strings.Builder
	runes := []rune(w)
	for i, r := range runes {
		var next rune
		if i+1 < len(runes) {
			next = runes[i+1]
		}
		switch {
		case r == '<', r == '`', r == '\\', r == '$':
			b.WriteString(escaped(r))
		case r == '&' && (next == '#' || next >= 'a' && next <= 'z' || next >= 'A' && next <= 'Z'):
			b.WriteString("&amp;")
		case r == ']' && (next == '(' || next == '[' || next == ':'):
			b.WriteString(escaped(r)) // no link, no reference, no definition
		case r == '!' && next == '[':
			b.WriteString(escaped(r))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// escaped writes a character so that it means nothing: as an entity, which no character before it can undo.
func escaped(r rune) string {
	switch r {
	case '<':
		return "&lt;"
	case '>':
		return "&gt;"
	}
	const digits = "0123456789"
	n, text := int(r), ""
	for ; n > 0; n /= 10 {
		text = string(digits[n%10]) + text
	}
	return "&#" + text + ";"
}

// quoted puts text of several lines into a block quote, each line harmless.
func quoted(s string) string {
	lines := strings.Split(inert(s), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight("> "+l, " ")
	}
	return strings.Join(lines, "\n")
}
