package knowledge

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/resync-hwa/resync/knowledge/words"
)

// maxQuote bounds a quote of the lines that answer best, maxWhole one of a whole passage, in characters after folding white space.
const (
	maxQuote = 600
	maxWhole = 12_000
)

// quote picks those of a passage's lines that answer best, whole sentences and steps as long as they fit, and gives their numbers and bare
// text. first is the number of the first line. A passage that fits, or is wanted whole, is quoted whole, less its heading.
func quote(lines []string, first int, weights map[string]float64, whole bool) (start, end int, text string) {
	from, to := 0, len(lines)
	if !whole {
		from, to = bestWindow(lines, weights)
	}
	for from < to-1 && strings.TrimSpace(lines[from]) == "" {
		from++
	}
	for to-1 > from && strings.TrimSpace(lines[to-1]) == "" {
		to--
	}
	text = words.Squeeze(strings.Join(lines[from:to], " "))
	if n := utf8.RuneCountInString(text); n > maxWhole || !whole && n > maxQuote {
		text = cutLine(text, weights)
	}
	return first + from, first + to - 1, text
}

// bestWindow gives the run of whole sentences and steps within maxQuote characters that has the most of the weighted words, the earliest
// among equals. It holds one of them at least; lines that end within a sentence stay with those that finish it.
func bestWindow(lines []string, weights map[string]float64) (from, to int) {
	starts := stepStarts(lines)
	size, hits, total := make([]int, len(starts)), make([]map[string]bool, len(starts)), 0
	end := func(i int) int {
		if i+1 < len(starts) {
			return starts[i+1]
		}
		return len(lines)
	}
	for i, at := range starts {
		text := strings.Join(lines[at:end(i)], " ")
		size[i] = utf8.RuneCountInString(words.Squeeze(text)) + 1
		total += size[i]
		hits[i] = termsOf(text, weights)
	}
	if total <= maxQuote+1 {
		return 0, len(lines)
	}
	best := -1.0
	for i := range starts {
		if size[i] == 1 {
			continue
		}
		seen, sum, room, j := map[string]bool{}, 0.0, maxQuote, i
		for ; j < len(starts) && (size[j] <= room || j == i); j++ {
			room -= size[j]
			for t := range hits[j] {
				if !seen[t] {
					seen[t] = true
					sum += weights[t]
				}
			}
		}
		if sum > best+1e-9 {
			best, from, to = sum, starts[i], end(j-1)
		}
	}
	return from, max(to, from+1)
}

// stepMark is what a step of a list begins with.
var stepMark = regexp.MustCompile(`^\s*(?:\d{1,3}[.)]|[-*+•])\s`)

// stepStarts gives the lines at which something new begins: a step, a paragraph, or a sentence that begins with its line.
func stepStarts(lines []string) []int {
	var out []int
	for i, l := range lines {
		if i == 0 || strings.TrimSpace(l) == "" || stepMark.MatchString(l) || endsSentence(lines[i-1]) {
			out = append(out, i)
		}
	}
	return out
}

// endsSentence reports whether nothing of a sentence goes on behind the text.
func endsSentence(s string) bool {
	s = strings.TrimRight(strings.TrimSpace(s), "\"”»)*_`")
	return s == "" || strings.ContainsAny(s[len(s)-1:], ".!?:;|")
}

func termsOf(line string, weights map[string]float64) map[string]bool {
	found := map[string]bool{}
	if len(weights) == 0 {
		return found
	}
	for _, t := range words.Analyse(line) {
		for _, k := range []string{"=" + t.Raw, "en:" + t.En, "pt:" + t.Pt} {
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
	for last := to; last > from && to < len(words); last-- { // better a shorter piece than half a sentence
		if endsSentence(words[last-1]) && last > from+2 {
			to = last
			break
		}
	}
	if to == from { // one word longer than a quote
		r := []rune(words[from])
		return string(r[:min(len(r), maxQuote)])
	}
	return strings.Join(words[from:to], " ")
}
