package untrusted

import "strings"

// ByTheBook is Normalize without its short cuts: every step, and every pattern of secrets, on every text.
func ByTheBook(s string) string {
	s = lonely(shown(s))
	for _, x := range secrets {
		s = x.hide(s)
	}
	return strings.TrimSpace(spaces.ReplaceAllString(s, " "))
}
