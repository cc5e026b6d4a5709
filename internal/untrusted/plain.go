package untrusted

// Most texts are names: short, ASCII, without a secret. A look at their characters spares them the patterns.

// chars are the ASCII characters that a text has, letters in lower case, white space as a blank.
type chars [2]uint64

// needed are the characters of each secret's needs.
var needed = func() []chars {
	out := make([]chars, len(secrets))
	for i, x := range secrets {
		out[i] = charsOf(x.needs)
	}
	return out
}()

func charsOf(s string) (out chars) {
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 0x80:
			continue
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		case '\t' <= c && c <= '\r':
			c = ' '
		}
		out[c>>6] |= 1 << (c & 63)
	}
	return out
}

// all reports whether a text with these characters has each of those.
func (s chars) all(those chars) bool { return s[0]&those[0] == those[0] && s[1]&those[1] == those[1] }

// plain reports whether a text is as Normalize would leave it, secrets aside: visible ASCII, words between single blanks, not too long.
func plain(s string) bool {
	if len(s) > maxLine {
		return false
	}
	blank := true // before the first character
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c >= 0x7F || c == ' ' && blank {
			return false
		}
		blank = c == ' '
	}
	return !blank || s == ""
}
