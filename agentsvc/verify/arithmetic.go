package verify

import (
	"encoding/json"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// tally is a table of counts, such as jobs by status, with the totals that it is part of.
type tally struct {
	counts map[string]int64 // by their names, in upper case
	totals []int64
}

// maxParts bounds the counts of a tally of which sums are made.
const maxParts = 16

// arithmetic is what prose may work out of what was returned: parts, sums and differences of counts, their percentages, and differences of durations.
type arithmetic struct {
	tallies  []tally
	results  map[int64]bool
	percents []float64
	spans    []float64 // durations that were returned, in seconds
	codes    map[int64]bool
	nows     []time.Time
}

func newArithmetic() arithmetic {
	return arithmetic{results: map[int64]bool{}, codes: map[int64]bool{}}
}

// object takes in one decoded object: its tables of counts, its lists beside their totals, its durations and return codes.
func (r *arithmetic) object(v map[string]any) {
	totals := map[string]int64{} // by what they are totals of
	for k, e := range v {
		n, ok := integer(e)
		if !ok {
			r.share(k, e)
			continue
		}
		k = strings.ToLower(k)
		switch {
		case strings.Contains(k, "total"):
			totals[strings.Trim(strings.Replace(k, "total", "", 1), "_")] = n
		case strings.Contains(k, "second"):
			r.spans = append(r.spans, float64(n))
		case strings.Contains(k, "minute"):
			r.spans = append(r.spans, float64(n)*60)
		case strings.HasSuffix(k, "_ms"):
			r.spans = append(r.spans, float64(n)/1000)
		}
		if codeKey(k) {
			r.codes[n] = true
		}
		r.share(k, e)
	}
	for k, e := range v {
		var of []int64
		for stem, total := range totals {
			if strings.HasPrefix(strings.ToLower(k), stem) {
				of = append(of, total)
			}
		}
		switch e := e.(type) {
		case []any:
			for _, total := range of {
				r.part(int64(len(e)), total)
			}
			r.alike(e, of)
		case map[string]any:
			r.table(e, of)
		}
	}
	r.table(v, nil)
}

func codeKey(k string) bool {
	return k == "rc" || strings.Contains(k, "return_code") || strings.Contains(k, "exit_code") || strings.Contains(k, "exit_status")
}

// share takes in what is a percentage already: 0.95 as confidence, 98 as use of a disk.
func (r *arithmetic) share(k string, e any) {
	n, ok := e.(json.Number)
	if !ok {
		return
	}
	f, err := n.Float64()
	if err != nil {
		return
	}
	k = strings.ToLower(k)
	for _, word := range []string{"percent", "pct", "usage", "progress", "confidence", "share"} {
		if strings.Contains(k, word) {
			r.percents = append(r.percents, f, f*100)
			return
		}
	}
}

// table takes in an object that holds nothing but counts.
func (r *arithmetic) table(v map[string]any, totals []int64) {
	t := tally{counts: map[string]int64{}}
	sum := int64(0)
	for k, e := range v {
		n, ok := integer(e)
		if !ok || n < 0 {
			return
		}
		t.counts[strings.ToUpper(k)] = n
		sum += n
	}
	if len(t.counts) == 0 || len(t.counts) > maxParts {
		return
	}
	t.totals = append(t.totals, sum)
	for _, total := range totals {
		if total > sum {
			t.totals = append(t.totals, total)
		}
	}
	r.tallies = append(r.tallies, t)
	var parts []int64
	for _, n := range t.counts {
		parts = append(parts, n)
	}
	for i, a := range parts {
		for _, total := range t.totals {
			r.part(a, total)
		}
		for _, b := range parts[i+1:] {
			for _, total := range t.totals {
				r.part(a+b, total)
			}
		}
	}
}

// alike counts the rows of a list that agree in a field: so many of them with one status.
func (r *arithmetic) alike(list []any, totals []int64) {
	counts := map[string]int64{}
	for _, e := range list {
		row, ok := e.(map[string]any)
		if !ok {
			return
		}
		for k, v := range row {
			if s, ok := v.(string); ok && s != "" && len(counts) < 1000 {
				counts[k+"\x00"+s]++
			}
		}
	}
	for _, n := range counts {
		if n < 2 {
			continue // one row is no group
		}
		r.part(n, int64(len(list)))
		for _, total := range totals {
			r.part(n, total)
		}
	}
}

// part takes in that a is part of total.
func (r *arithmetic) part(a, total int64) {
	r.results[a] = true
	if total <= 0 || a > total {
		return
	}
	r.results[total-a] = true
	r.percents = append(r.percents, 100*float64(a)/float64(total), 100*float64(total-a)/float64(total))
}

func integer(e any) (int64, bool) {
	n, ok := e.(json.Number)
	if !ok {
		return 0, false
	}
	i, err := strconv.ParseInt(n.String(), 10, 64)
	return i, err == nil
}

var (
	percentForm = regexp.MustCompile(`(?i)(\d+(?:[.,]\d+)?)\s?(?:%|per ?cent\b|por cento\b)`)
	ofForm      = regexp.MustCompile(`(?i)\b(\d[\d.,]*)\s+(?:\pL+\s+)?(?:out of|of|de|dos|das)\s+(?:all |the |os |as |um total de )?(\d[\d.,]*)`)
)

// strikePercents gives the first percentage that cannot be recomputed, and the sentence without its percentages.
func (c *corpus) strikePercents(s string) (rest, bad string) {
	var own []float64 // of parts that the sentence itself names; that they were returned is checked apart
	for _, g := range ofForm.FindAllStringSubmatch(s, -1) {
		a, okA := number(strings.TrimRight(g[1], ".,"))
		b, okB := number(strings.TrimRight(g[2], ".,"))
		if okA && okB && b > 0 {
			own = append(own, 100*float64(a)/float64(b))
		}
	}
	return percentForm.ReplaceAllStringFunc(s, func(p string) string {
		g := percentForm.FindStringSubmatch(p)
		if bad == "" && !c.has(g[1]+"%") && !c.has(g[1]+" %") && !isPercent(g[1], own) && !isPercent(g[1], c.arithmetic.percents) {
			bad = p
		}
		return " "
	}), bad
}

// isPercent reports whether a written percentage is one of these, rounded to the places that it has.
func isPercent(written string, of []float64) bool {
	written = strings.ReplaceAll(written, ",", ".")
	w, err := strconv.ParseFloat(written, 64)
	if err != nil {
		return false
	}
	scale := 1.0
	if dot := strings.IndexByte(written, '.'); dot >= 0 {
		scale = math.Pow10(len(written) - dot - 1)
	}
	for _, p := range of {
		if math.Abs(math.Round(p*scale)-w*scale) < 0.01 {
			return true
		}
	}
	return false
}

// misplaced gives a count that the sentence gives to a status which has another: "80 of 80 in SUCC" where 70 are.
func (c *corpus) misplaced(s string) string {
	of := ofForm.FindAllStringSubmatch(s, -1)
	if len(of) != 1 {
		return "" // of several counts it is not told which belongs to what
	}
	n, okN := number(strings.TrimRight(of[0][1], ".,"))
	total, okT := number(strings.TrimRight(of[0][2], ".,"))
	if !okN || !okT {
		return ""
	}
	named, right := "", false
	words := map[string]bool{}
	for _, w := range wordForm.FindAllString(s, -1) {
		words[strings.Trim(w, ".,:;")] = true
	}
	for _, t := range c.arithmetic.tallies {
		has := false
		for _, sum := range t.totals {
			has = has || sum == total
		}
		if !has {
			continue
		}
		for status, count := range t.counts {
			if words[status] {
				named, right = status, right || count == n
			}
		}
	}
	if named == "" || right || strings.Contains(strings.ToLower(s), " not ") || strings.Contains(strings.ToLower(s), "não ") {
		return ""
	}
	return of[0][0] + " " + named
}
