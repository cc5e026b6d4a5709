package untrusted

import (
	"regexp"
	"strings"
)

var (
	keyBegin = regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY( BLOCK)?-----`)
	keyEnd   = regexp.MustCompile(`-----END [A-Z ]*PRIVATE KEY( BLOCK)?-----`)
	keyBody  = regexp.MustCompile(`[A-Za-z0-9+/=]{40,}`)
	// keyLast is the last line of a key, which may be short.
	keyLast = regexp.MustCompile(`^\s*[A-Za-z0-9+/=]+\s*$`)
	keyLine = regexp.MustCompile(`(?m)^[ \t]*[A-Za-z0-9+/=]{64,76}[ \t]*$`)
)

// HideKeys masks in place the bodies of private keys that stretch over many lines (RFC 7468), for texts that are handed on line by line: what looks
// like base64 behind a begin mark, or up to an end mark whose begin was not read. line gives the line of an index below n.
func HideKeys(n int, line func(i int) *string) {
	inside := false
	for i := range n {
		s := line(i)
		switch {
		case !strings.Contains(*s, "PRIVATE KEY"):
			if inside {
				*s = keyBody.ReplaceAllString(*s, "***")
			}
		case keyEnd.MatchString(*s):
			for k := i - 1; k >= 0 && keyLast.MatchString(*line(k)); k-- {
				// Without a begin only what is as long as a key's lines is one, and the short rest right behind such a line.
				last := k == i-1 && k > 0 && keyLast.MatchString(*line(k - 1)) && keyBody.MatchString(*line(k - 1))
				if !inside && !last && !keyBody.MatchString(*line(k)) {
					break
				}
				*line(k) = "***"
			}
			inside = false
		case keyBegin.MatchString(*s):
			inside = true
		}
	}
}

// lonely masks a line that is nothing but base64 in the width of a key's lines: the marks around it were not read. Digests in hexadecimal
// digits stay.
func lonely(s string) string {
	if len(s) < 64 {
		return s
	}
	return keyLine.ReplaceAllStringFunc(s, func(m string) string {
		switch len(strings.TrimSpace(m)) {
		case 64, 70, 76: // RFC 7468, OpenSSH, MIME
			if strings.ContainsAny(m, "abcdefghijklmnopqrstuvwxyz") && strings.ContainsAny(m, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") && strings.ContainsAny(m, "0123456789+/") {
				return "***"
			}
		}
		return m
	})
}
