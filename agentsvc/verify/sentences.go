package verify

import "strings"

// Sentences cuts Markdown into sentences that keep the white space after them: joined, they are the text again. Line ends cut too; a
// full stop inside code, in a name, after an abbreviation or a list number does not.
func Sentences(text string) []string {
	var sp Splitter
	out := sp.Write(text)
	if rest := sp.Flush(); rest != "" {
		out = append(out, rest)
	}
	return out
}

// Splitter cuts text that arrives in pieces. The zero value is ready; it belongs to one goroutine.
type Splitter struct{ buf string }

// Write takes a piece and gives the sentences that are surely complete.
func (s *Splitter) Write(piece string) []string {
	s.buf += piece
	var out []string
	for {
		end := sentenceEnd(s.buf)
		if end < 0 {
			return out
		}
		out = append(out, s.buf[:end])
		s.buf = s.buf[end:]
	}
}

// Flush gives what is left.
func (s *Splitter) Flush() string {
	rest := s.buf
	s.buf = ""
	return rest
}

// sentenceEnd gives the index after the first complete sentence and its white space, -1 when none is surely complete.
func sentenceEnd(s string) int {
	code := 0 // the length of the run of backticks that opened code: only a run as long ends it
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '`':
			n := 1
			for i+n < len(s) && s[i+n] == '`' {
				n++
			}
			switch code {
			case 0:
				code = n
			case n:
				code = 0
			}
			i += n - 1
		case '\n':
			if end := spaceEnd(s, i); end >= 0 {
				return end
			}
			return -1
		case '.', '!', '?':
			end := i + 1
			for strings.HasPrefix(s[end:], "*") { // the end of a bold sentence
				end++
			}
			if code > 0 || end >= len(s) || s[end] != ' ' && s[end] != '\n' || s[i] == '.' && abbreviated(s[:i]) {
				continue
			}
			return spaceEnd(s, end)
		}
	}
	return -1
}

// spaceEnd gives the index after the white space that starts at i, -1 while more of it may come.
func spaceEnd(s string, i int) int {
	for ; i < len(s); i++ {
		if s[i] != ' ' && s[i] != '\n' && s[i] != '\t' {
			return i
		}
	}
	return -1
}

// abbreviated reports whether the full stop after head belongs to an abbreviation or a list number.
func abbreviated(head string) bool {
	if i := strings.LastIndexAny(head, " \n(\t"); i >= 0 {
		if word := head[i+1:]; !dotted(word) {
			return strings.Trim(word, "0123456789") == "" && word != "" && head[i] == '\n'
		}
		return true
	}
	return dotted(head) || head != "" && len(head) <= 2 && strings.Trim(head, "0123456789") == ""
}

func dotted(word string) bool {
	switch strings.ToLower(strings.Trim(word, "(")) {
	case "e.g", "i.e", "etc", "ex", "p.ex", "vs", "approx", "aprox", "sr", "sra", "dr", "nº", "art":
		return true
	}
	return false
}
