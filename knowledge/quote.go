package knowledge

import (
	"strings"
	"unicode/utf8"
)

// maxQuote bounds a quote, in characters after folding white space.
const maxQuote = 600

// quote picks the lines of a passage that answer best, whole lines as long as they fit, and gives their numbers and bare
// text. A passage that fits is quoted whole, less its heading.
func (d *Document) quote(p passage, weights map[string]float64) (start, end int, quote string) {
	first := d.bodyStart(p)
	lines := d.lines[first-1 : p.end]
	from, to := bestWindow(lines, weights)
	for from < to-1 && strings.TrimSpace(lines[from]) == "" {
		from++
	}
	for to-1 > from && strings.TrimSpace(lines[to-1]) == "" {
		to--
	}
	text := squeeze(strings.Join(lines[from:to], " "))
	if utf8.RuneCountInString(text) > maxQuote {
		text = cutLine(text, weights)
	}
	return first + from, first + to - 1, text
}

// bestWindow gives the run of lines within maxQuote characters that has the most of the weighted words, the earliest
// among equals. It holds one line at least.
func bestWindow(lines []string, weights map[string]float64) (from, to int) {
	size := make([]int, len(lines))
	total := 0
	for i, l := range lines {
		size[i] = utf8.RuneCountInString(squeeze(l)) + 1
		total += size[i]
	}
	if total <= maxQuote+1 {
		return 0, len(lines)
	}
	hits := make([]map[string]bool, len(lines))
	for i, l := range lines {
		hits[i] = termsOf(l, weights)
	}
	best := -1.0
	for i := range lines {
		if size[i] == 1 {
			continue
		}
		seen, sum, room, j := map[string]bool{}, 0.0, maxQuote, i
		for ; j < len(lines) && (size[j] <= room || j == i); j++ {
			room -= size[j]
			for t := range hits[j] {
				if !seen[t] {
					seen[t] = true
					sum += weights[t]
				}
			}
		}
		if sum > best+1e-9 {
			best, from, to = sum, i, j
		}
	}
	return from, max(to, from+1)
}

func termsOf(line string, weights map[string]float64) map[string]bool {
	found := map[string]bool{}
	if len(weights) == 0 {
		return found
	}
	for _, t := range analyse(line) {
		for _, k := range []string{"=" + t.raw, "en:" + t.en, "pt:" + t.pt} {
			if weights[k] > 0 {
				found[k] = true
			}
		}
	}
	return found
}

// cutLine takes a verbatim piece of a line that is too long, cut at blanks, beginning at the sentence with the first word
// that matters.
func cutLine(text string, weights map[string]float64) string {
	words := strings.Fields(text)
	from, sentence := 0, 0
	for i, w := range words {
		if i > 0 && strings.HasSuffix(words[i-1], ".") {
			sentence = i
		}
		if len(termsOf(w, weights)) > 0 {
			from = sentence
			break
		}
	}
	n, to := 0, from
	for to < len(words) && n+utf8.RuneCountInString(words[to])+1 <= maxQuote {
		n += utf8.RuneCountInString(words[to]) + 1
		to++
	}
	if to == from { // one word longer than a quote
		r := []rune(words[from])
		return string(r[:min(len(r), maxQuote)])
	}
	return strings.Join(words[from:to], " ")
}
