package words

import (
	"html"
	"regexp"
	"strings"
)

// What scans and converters leave in a text that is no word of it.
var (
	picture = regexp.MustCompile(`!\[[^\]\n]{0,300}\]\([^)\n]{0,600}\)`)
	tag     = regexp.MustCompile(`(?i)</?(?:table|thead|tbody|tfoot|tr|td|th|caption|colgroup|col|br|hr|p|b|i|u|em|strong|sup|sub|div|span|img|font|center|ul|ol|li|dl|dt|dd|a|h[1-6]|code|pre|tt)(?:\s[^<>\n]{0,300})?/?>`)
	formula = regexp.MustCompile(`\\(?:math[a-z]{2,4}|text[a-z]{0,2}|operatorname|equiv|circ|bullet|left|right|quad|frac|sim|mid|langle|rangle)\b`)
)

// Plain takes out of a text what is no word of it: tags of HTML tables, addresses of pictures, commands of formulas; entities become the
// characters they stand for. What a reader would fill in ("<host_name>") stays.
func Plain(s string) string {
	if strings.Contains(s, "![") {
		s = picture.ReplaceAllString(s, " ")
	}
	if strings.ContainsRune(s, '<') {
		s = tag.ReplaceAllString(s, " ")
	}
	if strings.ContainsRune(s, '&') {
		s = html.UnescapeString(s)
	}
	if strings.ContainsRune(s, '\\') {
		s = formula.ReplaceAllString(s, " ")
	}
	return s
}
