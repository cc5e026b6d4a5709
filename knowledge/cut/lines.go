package cut

import "strings"

// countTokens estimates the tokens of a text as four thirds of its words. Tags are no words.
func countTokens(lines []string) int {
	n := 0
	for _, l := range lines {
		n += countWords(l)
	}
	return n * 4 / 3
}

// countWords counts what stands between blanks and tags. A long line counts by its bytes at least: it may have no blanks at all.
func countWords(line string) int {
	tags, least := strings.Contains(line, "</"), 0
	if len(line) > 4<<10 {
		least = len(line) / 24
	}
	if !tags {
		return max(least, len(strings.Fields(line)))
	}
	n, in, tag := 0, false, false
	for i := range len(line) {
		switch c := line[i]; {
		case c == '<':
			tag, in = true, false
		case c == '>' && tag:
			tag = false
		case tag:
		case c == ' ' || c == '\t':
			in = false
		case !in:
			in = true
			n++
		}
	}
	return max(n, least/4)
}

// trim takes blank lines off both ends of lines[start:end] and gives the rest as 1-based inclusive numbers.
func trim(lines []string, start, end int) (first, last int, ok bool) {
	for start < end && strings.TrimSpace(lines[start]) == "" {
		start++
	}
	for end > start && strings.TrimSpace(lines[end-1]) == "" {
		end--
	}
	return start + 1, end, start < end
}

func hasText(lines []string, start, end int) bool {
	_, _, ok := trim(lines, start, end)
	return ok
}

func lineOffsets(src []byte) []int {
	offsets := []int{0}
	for i, c := range src {
		if c == '\n' {
			offsets = append(offsets, i+1)
		}
	}
	return offsets
}
