package cut

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/resync-hwa/resync/internal/fold"
	"github.com/resync-hwa/resync/knowledge/words"
)

// Levels that titles get in documents whose own levels tell nothing.
const (
	partLevel    = 1
	chapterLevel = 2
	subjectLevel = 3
	weakLevel    = 6
)

var (
	partForm    = regexp.MustCompile(`(?i)^(?:part|parte)\s+(?:[IVXLC]{1,7}|[0-9]{1,2})\b\s*[.:—–-]?`)
	chapterForm = regexp.MustCompile(`(?i)^(?:(?:chapter|cap[ií]tulo)\s+(?:[IVXLC]{1,7}|[0-9]{1,3})|(?:appendix|ap[eê]ndice|anexo)\s+(?:[A-Z]|[IVXLC]{1,7}|[0-9]{1,2}))\b\s*[.:—–-]?`)
	numberForm  = regexp.MustCompile(`^([0-9]{1,2}(?:\.[0-9]{1,3}){1,5})\.?\s+\p{Lu}`)
)

// repeats is how often a heading must stand in a document to be one that says nothing by itself: "Example", "About this task".
const repeats = 3

// label is how often it must stand there to be no name of a command: "where", "see also".
const label = 8

// titled gives every heading its place where the document's own marks do not: titles that are no Markdown in documents that
// have hardly any, and the levels where all are equal. It reports whether the levels are of its making.
func titled(lines []string, blocks []block, listing []bool) bool {
	if sparse(lines, blocks) && promote(lines, blocks, listing) {
		weaken(blocks, listing)
		return true
	}
	if !flat(blocks, listing) {
		return false
	}
	relevel(blocks, listing)
	weaken(blocks, listing)
	return true
}

// longText is how many words a document has under each heading, at least, when headings are thought lost.
const longText = 1500

// sparse reports whether a document is long and has hardly any headings. A page on one subject needs none.
func sparse(lines []string, blocks []block) bool {
	n, headings := 0, 0
	for _, b := range blocks {
		if b.kind == heading {
			headings++
		}
		for _, l := range lines[b.start:b.end] {
			n += countWords(l)
		}
	}
	return n >= longText*max(1, headings)
}

// flat reports whether nine of ten headings are of one level, and there are enough to tell. A title with its sections below it is no such
// document as long as no heading repeats itself.
func flat(blocks []block, listing []bool) bool {
	var levels [7]int
	count := map[string]int{}
	n, top, again := 0, 0, 0
	for i, b := range blocks {
		if b.kind == heading && b.id == "" && !listing[i] {
			levels[min(b.level, 6)]++
			n++
			if n == 1 {
				top = b.level
			}
			t := fold.Text(b.title)
			count[t]++
			again = max(again, count[t])
		}
	}
	most, level := 0, 0
	for i, l := range levels {
		if l > most {
			most, level = l, i
		}
	}
	if top < level && levels[top] == 1 && again < repeats {
		return false
	}
	return n >= 12 && most*10 >= n*9
}

// relevel gives levels by what titles say of themselves: parts, chapters, numbers.
func relevel(blocks []block, listing []bool) {
	numbered, above := 0, chapterLevel
	for i, b := range blocks {
		if b.kind == heading && !listing[i] && numberForm.MatchString(b.title) {
			numbered++
		}
	}
	for i := range blocks {
		b := &blocks[i]
		if b.kind != heading {
			continue
		}
		switch {
		case listing[i]:
			b.level = partLevel
		case b.id != "":
			b.level = min(above+1, weakLevel-1)
		case partForm.MatchString(b.title):
			b.level, above = partLevel, partLevel
		case chapterForm.MatchString(b.title):
			b.level, above = chapterLevel, chapterLevel
		case numbered >= repeats && numberForm.MatchString(b.title):
			b.level = numberLevel(b.title)
			above = b.level
		default:
			b.level = min(max(above+1, subjectLevel), weakLevel-1)
		}
	}
}

func numberLevel(title string) int {
	n := strings.Count(numberForm.FindStringSubmatch(title)[1], ".")
	return min(chapterLevel+n, weakLevel-1)
}

// weaken marks the headings that belong to the one before them: those that repeat themselves, that end with a colon, that are
// an option or have no letter, and lines of programs that only look like headings.
func weaken(blocks []block, listing []bool) {
	count := map[string]int{}
	for i, b := range blocks {
		if b.kind == heading && !listing[i] && b.id == "" {
			count[fold.Text(b.title)]++
		}
	}
	seen := map[string]bool{}
	for i := range blocks {
		b := &blocks[i]
		if b.kind != heading || listing[i] || b.id != "" {
			continue
		}
		if b.level <= chapterLevel && !seen[b.title] {
			seen[b.title] = true // the same again is a running header
			continue
		}
		n := count[fold.Text(b.title)]
		b.weak = n >= repeats || weakTitle(b.title)
		if startsLower(b.title) && n < label && !weakTitle(b.title) {
			// "conman command line" is a subject if a part that repeats itself follows ("Syntax"); else an argument. A reference that
			// describes one command in several chapters repeats its name, too.
			b.weak = i+1 >= len(blocks) || !followedByWeak(blocks[i+1:], count)
		}
		if b.weak {
			b.level = weakLevel
		}
	}
}

func followedByWeak(next []block, count map[string]int) bool {
	for _, b := range next[:min(len(next), 3)] {
		if b.kind == heading {
			return count[fold.Text(b.title)] >= repeats && !startsLower(b.title)
		}
	}
	return false
}

// captionForm is what stands above or below a table or a picture.
var captionForm = regexp.MustCompile(`(?i)^(?:table|figure|fig\.|example|tabela|figura|exemplo|step|passo|etapa)\s+[0-9]{1,3}\b`)

func weakTitle(title string) bool {
	if captionForm.MatchString(title) || isName(title) {
		return true
	}
	if strings.HasSuffix(title, ":") || strings.HasPrefix(title, "-") || !strings.ContainsFunc(title, unicode.IsLetter) {
		return true
	}
	return len([]rune(title)) == 1 || countWords(title) > 30
}

// isName reports whether a title is one word that a program was given as a name: TWS_USER, jobNumber, BKM.
func isName(title string) bool {
	if strings.ContainsAny(title, " \t") {
		return false
	}
	capital, small, inside := 0, 0, false
	for i, r := range title {
		switch {
		case r == '_' || r == '=' || r == '#' || unicode.IsDigit(r):
			inside = true
		case unicode.IsUpper(r):
			capital++
			inside = inside || i > 0 && small > 0
		case unicode.IsLower(r):
			small++
		}
	}
	return inside || capital > 0 && small == 0
}

func startsLower(title string) bool {
	for _, r := range title {
		return unicode.IsLower(r) || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(`"'“‘(<`, r)
	}
	return true
}

// promote makes headings of lines that are titles to a reader and no Markdown: chapters, numbered titles, lines wholly bold
// or in capitals, alone and followed by text. What repeats itself is a running header. It reports whether it found two.
func promote(lines []string, blocks []block, listing []bool) bool {
	count := map[string]int{}
	for _, b := range blocks {
		if t, ok := lone(lines, b); ok {
			count[running(t)]++
		}
	}
	found, above, caps := 0, 1, 1
	for i := range blocks {
		b := &blocks[i]
		if b.kind == heading && b.id == "" {
			above, caps = b.level, b.level
		}
		t, ok := lone(lines, *b)
		if !ok || listing[i] || b.id != "" || i+1 == len(blocks) {
			continue
		}
		level, bold := titleLevel(t, above, caps), isBold(t)
		if level == 0 || !bold && count[running(t)] >= repeats || blocks[i+1].kind != heading && sameForm(lines, blocks[i+1], t) {
			continue
		}
		b.title, b.anchor = headingText(t)
		b.kind, b.level, b.behind = heading, level, b.start+1
		found++
		switch {
		case partForm.MatchString(b.title) || chapterForm.MatchString(b.title) || numberForm.MatchString(b.title):
			above, caps = level, level
		case !bold:
			caps = level
		}
	}
	return found >= 2
}

// lone gives the text of a paragraph of one short line.
func lone(lines []string, b block) (string, bool) {
	first, last, ok := trim(lines, b.start, b.end)
	if !ok || b.kind != prose && b.kind != steps || first != last || len(lines[first-1]) > 160 {
		return "", false
	}
	return strings.TrimSpace(lines[first-1]), true
}

// running is a line without its page number.
func running(t string) string { return strings.Trim(fold.Text(t), "0123456789 |-–.") }

// titleLevel is the level of a line as a title, 0 for none.
func titleLevel(t string, above, caps int) int {
	bare := words.Squeeze(strings.Trim(t, "*_"))
	n := countWords(bare)
	switch last := bare[max(0, len(bare)-1):]; {
	case n == 0 || n > 14 || strings.ContainsAny(last, ".,;:?!") || !strings.ContainsFunc(bare, unicode.IsLetter):
		return 0
	case endsInPage(bare):
		return 0
	case partForm.MatchString(bare):
		return partLevel
	case chapterForm.MatchString(bare):
		return chapterLevel
	case numberForm.MatchString(bare):
		return numberLevel(bare)
	case isBold(t):
		return min(caps+1, weakLevel-1)
	case bare == t && isCapitals(bare):
		return min(above+1, weakLevel-1)
	}
	return 0
}

// isCapitals reports whether a line of at least two words, or of one long one, has no small letter and reads as words.
func isCapitals(t string) bool {
	letters, rest := 0, 0
	for _, r := range t {
		switch {
		case unicode.IsLower(r):
			return false
		case unicode.IsLetter(r):
			letters++
		case !unicode.IsSpace(r):
			rest++
		}
	}
	n := countWords(t)
	return letters >= 5 && rest*4 < letters && n <= 10 && (n > 1 || letters >= 8)
}

// sameForm reports whether the next block is a title of the same kind: then both are a list, of contents or of names.
func sameForm(lines []string, next block, t string) bool {
	u, ok := lone(lines, next)
	if !ok {
		return false
	}
	if m, n := numberForm.FindString(t), numberForm.FindString(u); m != "" && n != "" {
		return strings.Count(m, ".") == strings.Count(n, ".")
	}
	return isBold(t) && isBold(u) || !isBold(t) && isCapitals(t) && isCapitals(u)
}
