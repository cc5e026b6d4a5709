package understand

import (
	"slices"
	"strconv"
	"strings"
)

// ordinals tell which of the offered objects is meant; -1 is the last.
var ordinals = map[string]int{
	"first": 1, "1st": 1, "former": 1, "primeiro": 1, "primeira": 1, "1": 1, "second": 2, "2nd": 2, "segundo": 2, "segunda": 2, "2": 2,
	"third": 3, "3rd": 3, "terceiro": 3, "terceira": 3, "3": 3, "fourth": 4, "4th": 4, "quarto": 4, "quarta": 4, "4": 4, "5": 5, "6": 6, "7": 7, "8": 8,
	"last": -1, "latter": -1, "ultimo": -1, "ultima": -1,
}

// choice is the offered object that the question points at: by its place ("the second one"), by the time of its instance ("the 0200 one"),
// or as the other of two. Empty when it points at none, or the words fit several.
func (r *reading) choice(c Context) string {
	if len(c.Offered) < 2 || !r.has("cue:offered") {
		return ""
	}
	for _, h := range r.hits["cue:offered"] {
		for _, k := range h.used {
			t := &r.tokens[k]
			if at := clockDigits(t); at != "" {
				if one := only(c.Offered, func(e string) bool { return strings.Contains(e, "[("+at+" ") || strings.Contains(e, "("+at+" ") }); one != "" {
					return one
				}
				continue
			}
			if slices.Contains([]string{"other", "outro", "outra"}, t.norm) {
				return only(c.Offered, func(e string) bool { return c.LastEntity != "" && e != c.LastEntity })
			}
			switch n := ordinals[t.norm]; {
			case n == -1:
				return c.Offered[len(c.Offered)-1]
			case n > 0 && n <= len(c.Offered):
				return c.Offered[n-1]
			}
		}
	}
	return ""
}

// clockDigits is a time of day as instances have it: 0200 for 2:00, 02:00, 2h, 0200.
func clockDigits(t *token) string {
	if len(t.norm) == 4 && allDigits(t.norm) {
		return t.norm
	}
	if t.class != classTime {
		return ""
	}
	hour, minute, _ := strings.Cut(strings.NewReplacer("h", ":", "am", ":", "pm", ":", "s", "", "r", "").Replace(t.norm), ":")
	h, err := strconv.Atoi(hour)
	if err != nil || h > 23 {
		return ""
	}
	if strings.HasSuffix(t.norm, "pm") && h < 12 {
		h += 12
	}
	m, err := strconv.Atoi(minute)
	if err != nil {
		m = 0
	}
	return pad(h) + pad(m)
}

func pad(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}

// only is the one entry that fits; empty when none or several do.
func only(list []string, fits func(string) bool) string {
	found := ""
	for _, e := range list {
		if fits(e) {
			if found != "" {
				return ""
			}
			found = e
		}
	}
	return found
}
