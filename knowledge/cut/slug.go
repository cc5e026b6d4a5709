package cut

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/resync-hwa/resync/internal/fold"
	"github.com/resync-hwa/resync/knowledge/words"
)

// headingID is an explicit anchor at the end of a heading: "## Unlock {#unlock}".
var headingID = regexp.MustCompile(`\s*\{#([A-Za-z0-9][A-Za-z0-9_-]{0,63})\}\s*$`)

// inlineLink is a Markdown link or image inside a heading; only its text is kept.
var inlineLink = regexp.MustCompile(`!?\[([^\[\]]*)\]\([^()]*\)`)

// maxSlug bounds a slug, in bytes, so that a paragraph marked as heading gives no kilobyte address.
const maxSlug = 80

// slugs hands out slugs that are unique within one document. The first of equals keeps the bare slug, the next get -2, -3 …
// It holds the number that each slug was last given, so that a million equal headings cost a million steps and no more.
type slugs map[string]int

func (s slugs) next(want string) string {
	slug := want
	for n := s[want]; s[slug] > 0; slug = want + "-" + strconv.Itoa(n) {
		n++
		s[want] = n
	}
	s[slug] = max(s[slug], 1)
	return slug
}

// slugOf folds a heading into an address part: lower case, accents folded, everything but letters and digits to hyphens.
func slugOf(heading string) string {
	var b strings.Builder
	hyphen := false
	for _, r := range fold.Text(heading) {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' {
			hyphen = b.Len() > 0
			continue
		}
		if b.Len() >= maxSlug {
			break
		}
		if hyphen {
			b.WriteByte('-')
			hyphen = false
		}
		b.WriteRune(r)
	}
	if b.Len() == 0 {
		return "section"
	}
	return b.String()
}

// headingText reduces the raw source of a heading to what a person reads, and gives its explicit anchor, if any.
func headingText(raw string) (text, anchor string) {
	if m := headingID.FindStringSubmatch(raw); m != nil {
		anchor, raw = strings.ToLower(m[1]), headingID.ReplaceAllString(raw, "")
	}
	raw = inlineLink.ReplaceAllString(raw, "$1")
	raw = strings.Map(func(r rune) rune {
		if r == '*' || r == '`' || unicode.IsControl(r) {
			return -1
		}
		return r
	}, raw)
	return words.Squeeze(raw), anchor
}
