package cut

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/resync-hwa/resync/internal/fold"
	"github.com/resync-hwa/resync/knowledge/words"
)

var (
	// pageEnd is a line that ends in the number of a page, or in several, arabic or roman, as scanners read them too.
	pageEnd = regexp.MustCompile(`^\S.*?(?:[\s…·,]|[^0-9]\.+)((?:[0-9]{1,4}(?:\s*[-–]\s*[0-9]{1,4})?,\s*)*)([0-9]{1,4}|[ivxlcd1I|]{1,10})\.?$`)
	leader  = regexp.MustCompile(`(?:\.\s?){4,}|…{2,}`)
	onPage  = regexp.MustCompile(`(?i)\b(?:on page|na p[aá]gina|p[aá]g\.)\s+[0-9ivxlcd]{1,10}[.)]*$`)
	linkTo  = regexp.MustCompile(`^(?:[-*+]\s+|[0-9]{1,3}[.)]\s+)?\[[^\[\]]*\]\(#?[^()]*\)$`)
)

// listingNames are headings, folded, that say what they are.
var listingNames = set("contents", "table of contents", "list of figures", "figures", "list of tables", "tables", "index", "conteudo", "sumario", "indice",
	"indice remissivo", "indice analitico", "lista de figuras", "lista de tabelas", "figuras", "tabelas")

func endsInPage(line string) bool {
	return len(line) < maxLine && pageEnd.MatchString(line)
}

// listings tells which blocks stand in a table of contents, a list of figures or an index: they name everything and explain
// nothing. Blocks are judged from heading to heading.
func listings(lines []string, blocks []block) []bool {
	out := make([]bool, len(blocks))
	before, inIndex := false, false
	for i := 0; i < len(blocks); {
		j := i + 1
		for j < len(blocks) && blocks[j].kind != heading {
			j++
		}
		title := ""
		if blocks[i].kind == heading {
			title = fold.Text(words.Squeeze(blocks[i].title))
		}
		l := look(lines, blocks[i:j])
		named := listingNames[title]
		is := l.listing() || named && l.lines >= 2 && l.pages*2 >= l.lines
		if before {
			// One that was cut by titles that stand in it goes on.
			own := l.lines
			hits := l.pages
			if title != "" {
				own++
				if endsInPage(title) {
					hits++
				}
			}
			is = is || own > 0 && hits*2 >= own && (hits > 1 || l.lines == 0) || inIndex && l.lines > 0 && l.short*4 >= l.lines*3 && len(title) < 24
		}
		if inIndex = is && (inIndex || strings.HasPrefix(title, "ind")); inIndex || named && strings.HasPrefix(title, "ind") && l.short*4 >= l.lines*3 {
			is, inIndex = true, true
		}
		for k := i; k < j; k++ {
			out[k] = is
		}
		before = is
		i = j
	}
	return out
}

// maxEntryWords is how long a line of contents may be.
const maxEntryWords = 22

// looks counts what the lines of a text end in.
type looks struct {
	lines, pages, onPage, links, leaders, short int
	pairs, rising                               int
	words, pageWords                            int
}

// look counts over text and lists; fences and tables are no lines of contents.
func look(lines []string, blocks []block) looks {
	var l looks
	last := -1
	for _, b := range blocks {
		from := b.start
		switch b.kind {
		case code, table:
			continue
		case heading:
			from = b.behind
		}
		for _, s := range lines[from:max(from, b.end)] {
			last = l.line(s, last)
		}
	}
	return l
}

func (l *looks) line(s string, last int) int {
	s = strings.TrimSpace(s)
	if s == "" {
		return last
	}
	l.lines++
	if len(s) > maxLine {
		l.words += countWords(s)
		return last
	}
	n := countWords(s)
	l.words += n
	if n <= 8 && !strings.HasSuffix(s, ".") {
		l.short++
	}
	if linkTo.MatchString(s) {
		l.links++
	}
	if n <= maxEntryWords && onPage.MatchString(s) {
		l.onPage++
		l.pageWords += n
		return last
	}
	m := pageEnd.FindStringSubmatch(s)
	if m == nil || n > maxEntryWords {
		return last
	}
	l.pages++
	if leader.MatchString(s) {
		l.leaders++
	}
	page, err := strconv.Atoi(m[2])
	if err != nil {
		return last
	}
	if last >= 0 {
		l.pairs++
		if page >= last {
			l.rising++
		}
	}
	return page
}

// pointing reports whether at least half of a text says on which pages others stand.
func (l looks) pointing() bool {
	return l.onPage >= 3 && l.onPage*2 >= l.lines && l.pageWords*2 >= l.words
}

// listing reports whether half of the lines point to pages, and their numbers rise or dots lead to them; or all are links.
func (l looks) listing() bool {
	switch {
	case l.links >= 5 && l.links*5 >= l.lines*4:
		return true
	case l.lines < 5 || l.pages*2 < l.lines:
		return false
	}
	return l.leaders*3 >= l.pages || l.pairs >= 6 && l.rising*10 >= l.pairs*8
}
