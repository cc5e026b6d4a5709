package cut

import "strings"

// tamed gives the lines as the parser may see them. Only the structure is found on them; texts and numbers come from the lines
// themselves, of which there are as many.
func tamed(lines []string) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = tame(l)
	}
	closeFences(out)
	return out
}

// tame bounds the indent of a line, and gives one that nests without measure, or is a heading of nothing, as plain text.
func tame(line string) string {
	text := strings.TrimLeft(line, " \t")
	if indent := len(line) - len(text); indent > maxIndent {
		line = line[indent-maxIndent:]
	}
	if strings.Trim(text, "# \t\r") == "" && strings.HasPrefix(text, "#") {
		return "text" // a heading without a title
	}
	marks := 0
	for _, c := range []byte(text) {
		if strings.IndexByte("> \t-*+.)0123456789", c) < 0 {
			break
		}
		if c == '>' || c == ' ' || c == '\t' {
			marks++
		}
	}
	if marks > maxNesting {
		return "text"
	}
	return line
}

// closeFences ends fences that nobody closed: one that is followed by the opening of another (with a language behind its
// marks), or by the end of the document. It ends at the last blank line before that opening, or at the first blank line
// before a heading; where there is none, its opening is no fence.
func closeFences(lines []string) {
	for i := 0; i < len(lines); {
		mark, size, info := fence(lines[i])
		if size == 0 || mark == '`' && strings.Contains(info, "`") {
			i++
			continue
		}
		next, closed := fenceEnd(lines, i, mark, size)
		if closed {
			i = next + 1
			continue
		}
		if at := gap(lines, i+1, next); at > 0 {
			indent := len(lines[i]) - len(strings.TrimLeft(lines[i], " "))
			lines[at] = strings.Repeat(" ", indent) + strings.Repeat(string(mark), size)
			i = at + 1
			continue
		}
		lines[i] = "text"
		i++
	}
}

// fenceEnd gives the line that closes a fence, or the one before which it must end.
func fenceEnd(lines []string, open int, mark byte, size int) (at int, closed bool) {
	for j := open + 1; j < len(lines); j++ {
		m, n, info := fence(lines[j])
		switch {
		case n == 0 || m != mark:
		case info == "" && n >= size:
			return j, true
		case info != "" && n == size && !strings.Contains(info, "`"):
			return j, false
		}
	}
	return len(lines), false
}

// gap gives the blank line in lines[from:to] that stands before the first heading, or else the last one; 0 where there is none.
func gap(lines []string, from, to int) int {
	blank := 0
	for i := from; i < to; i++ {
		if strings.TrimSpace(lines[i]) == "" {
			blank = i
		} else if blank == i-1 && blank > 0 && strings.HasPrefix(lines[i], "#") && strings.HasPrefix(strings.TrimLeft(lines[i], "#"), " ") {
			return blank
		}
	}
	return blank
}

// fence reads a line that opens or closes a fence: its mark, how many of them, and what stands behind. size is 0 for other lines.
func fence(line string) (mark byte, size int, info string) {
	t := strings.TrimLeft(line, " ")
	if len(line)-len(t) > 3 || len(t) < 3 || t[0] != '`' && t[0] != '~' {
		return 0, 0, ""
	}
	rest := strings.TrimLeft(t, t[:1])
	if size = len(t) - len(rest); size < 3 {
		return 0, 0, ""
	}
	return t[0], size, strings.TrimSpace(rest)
}
