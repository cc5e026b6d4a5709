package cut

import "strings"

// outline is what the lines come to.
type outline struct {
	sections []Section
	passages []Passage
}

// split cuts the lines of a document, from body line `from` (0-based) on, into sections and passages.
// Every line that is not blank lies in exactly one of each; the passages of one long line share its number.
func split(lines []string, from int) (outline, bool) {
	blocks := blocksOf(lines, from)
	entries(lines, blocks)
	listing := listings(lines, blocks)
	made := titled(lines, blocks, listing)
	var o outline
	taken := slugs{}
	var above []Section // the headings above, one per level
	for i := 0; i < len(blocks); {
		j := reach(lines, blocks, listing, i, made)
		first, last, ok := trim(lines, blocks[i].start, blocks[j-1].end)
		if ok {
			s := Section{StartLine: first, EndLine: last, HeadingPath: []string{}}
			if h := blocks[i]; h.kind == heading {
				for len(above) > 0 && above[len(above)-1].Level >= h.level {
					above = above[:len(above)-1]
				}
				s.Level = h.level
				s.HeadingPath = headingPath(above, h.title)
				s.Slug = taken.next(slugFor(h))
				if !listing[i] {
					above = append(above, s)
				}
			} else {
				s.Slug = taken.next("top")
			}
			o.sections = append(o.sections, s)
			o.passages = append(o.passages, passages(lines, blocks[i:j], s, len(o.sections)-1, listing[i])...)
		}
		i = j
	}
	return o, made
}

func slugFor(h block) string {
	if h.anchor != "" {
		return h.anchor
	}
	return slugOf(h.title)
}

func headingPath(above []Section, own string) []string {
	p := make([]string, 0, len(above)+1)
	for _, s := range above {
		p = append(p, s.HeadingPath[len(s.HeadingPath)-1])
	}
	return append(p, own)
}

// reach gives the block behind the section that begins with block i. It goes to the next heading, and beyond it where that
// heading only names a part of what the section is about: the parts of a message entry, the same title once more, and, where
// the document's levels tell nothing, headings that say nothing by themselves, as long as all of it fits into one passage.
func reach(lines []string, blocks []block, listing []bool, i int, made bool) int {
	next := func(k int) int {
		for k++; k < len(blocks) && blocks[k].kind != heading; k++ {
		}
		return k
	}
	j := next(i)
	tokens := countTokens(lines[blocks[i].start:blocks[j-1].end])
	for j < len(blocks) {
		h, k := blocks[j], next(j)
		n := 0
		if !listing[i] {
			n = countTokens(lines[h.start:blocks[k-1].end])
		}
		switch {
		case listing[i] && listing[j] && !listingNames[strings.ToLower(h.title)]:
		case listing[i] != listing[j] || h.id != "":
			return j
		case blocks[i].id != "" && h.label && tokens+n <= maxWhole:
		case blocks[i].kind == heading && h.title == blocks[i].title && h.level == blocks[i].level && !hasText(lines, blocks[i].behind, h.start):
		case made && h.weak && blocks[i].weak && tokens+n <= goodTokens:
		case made && h.weak && !blocks[i].weak && h.level > blocks[i].level && blocks[i].level > chapterLevel && tokens+n <= maxTokens:
		default:
			return j
		}
		tokens += n
		j = k
	}
	return j
}
