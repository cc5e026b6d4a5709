package understand

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Moments pick one instance of what is named: "the 02:25 run of X", "a de ontem", "em 14/02". They are read in the sentence that names the
// object, over folded text. A window ("since 02:00", "until the 12th", "tonight") is no moment, nor is a day that is only told ("today it
// failed"): a night's plan begins the day before.

const monthForm = `(jan(?:uary|eiro)?|feb(?:ruary)?|fev(?:ereiro)?|mar(?:ch|co)?|apr(?:il)?|abr(?:il)?|may|maio|jun(?:e|ho)?|jul(?:y|ho)?|aug(?:ust)?|ago(?:sto)?|sep(?:t(?:ember)?)?|set(?:embro)?|oct(?:ober)?|out(?:ubro)?|nov(?:ember|embro)?|dec(?:ember)?|dez(?:embro)?)`

var months = map[string]int{"jan": 1, "feb": 2, "fev": 2, "mar": 3, "apr": 4, "abr": 4, "may": 5, "mai": 5, "jun": 6, "jul": 7, "aug": 8, "ago": 8, "sep": 9, "set": 9, "oct": 10, "out": 10,
	"nov": 11, "dec": 12, "dez": 12}

var weekdays = map[string]string{"sunday": "sunday", "domingo": "sunday", "monday": "monday", "segunda": "monday", "tuesday": "tuesday", "terca": "tuesday", "wednesday": "wednesday", "quarta": "wednesday",
	"thursday": "thursday", "quinta": "thursday", "friday": "friday", "sexta": "friday", "saturday": "saturday", "sabado": "saturday"}

var (
	dayMonthForm = regexp.MustCompile(`\b(\d{1,2})(?:st|nd|rd|th|º|o)?\s+(?:of\s+|de\s+)?` + monthForm + `\b(?:,?\s+(?:de\s+)?(20\d{2}))?`)
	monthDayForm = regexp.MustCompile(`\b` + monthForm + `\s+(\d{1,2})(?:st|nd|rd|th)?\b(?:,?\s+(20\d{2}))?`)
	slashForm    = regexp.MustCompile(`\b(\d{1,2})/(\d{1,2})(?:/(20\d{2}|\d{2}))?\b`)
	weekdayForm  = regexp.MustCompile(`\b(?:(?:last|on|of|na|no|da|do|de)\s+)?(sunday|monday|tuesday|wednesday|thursday|friday|saturday|domingo|segunda|terca|quarta|quinta|sexta|sabado)(?:-feira| feira)?(?:'s)?(?:\s+(?:passad[ao]|last))?\b`)
	pastDayForm  = regexp.MustCompile(`\b(day before yesterday|anteontem|yesterday|ontem)s?\b`)
	nightOfForm  = regexp.MustCompile(`\b(?:yesterdays?|ontem)\s+(?:night|evening|a noite|de noite|pela noite)|\bnoite de ontem\b`)
	daysAgoForm  = regexp.MustCompile(`\b(?:(\d{1,2}|[a-z]{2,6})\s+days\s+ago|(?:ha\s+)?(\d{1,2}|[a-z]{2,6})\s+dias\s+atras)\b`)
	ofTodayForm  = regexp.MustCompile(`\b(?:of today|de hoje|desta data)\b|\btodays?\s+#|#\s+(?:de )?hoje\b`)
	clockWord    = `(\d{1,2})(?:[:h.](\d{2})(?:h|hs|min)?|h|hs)(?:\s?(am|pm))?|(\d{1,2})\s?(am|pm|horas|o'?clock)|(midnight|meia[- ]noite|noon|meio[- ]dia)`
	atClockForm  = regexp.MustCompile(`(?:\b(at|of|as|das|da|do|de|pelas|the|from|in the|for)\s+)?(?:` + clockWord + `)\b`)
	notMoment    = regexp.MustCompile(`\b(?:since|desde|after|apos|depois d[aeo]s?|before|antes d[aeo]s?|until|till|ate|by|between|entre|a partir d[aeo]s?|for|ha|faz|over|mais de|within|em menos de|every|a cada|cada)\s+(?:as\s|a\s|o\s|the\s|d[ae]s?\s)?\s*$`)
)

var instanceOf = regexp.MustCompile(`\[\([^\]]*\)\]|\(\d{4}[^)]*\)`)

// moment fills At from the sentence of the object; without an object there is nothing to pick from. Days are left as they were told: only
// the engine's clock knows which they are.
func (r *reading) moment(out *Understanding) {
	if out.Target == "" || strings.Contains(out.Target, "(") && !out.Reference || out.Intent == Find || out.Intent == Plan || out.Intent == Knowledge {
		return
	}
	m := momentReader{text: Fold(r.sentenceOfObject()), english: out.Language != "pt"}
	clock, _ := m.clock(out.Forecast || out.Premise == "late")
	out.At = strings.TrimSpace(m.day() + " " + clock)
	if out.At != "" && out.Reference { // another instance than the last one
		out.Target = instanceOf.ReplaceAllString(out.Target, "")
	}
}

// sentenceOfObject is the text of the sentences that name the object, names blanked; the whole question where it only points back.
func (r *reading) sentenceOfObject() string {
	masked := r.maskMentions()
	at := -1
	if r.facts["name"] {
		at = r.about
	} else if r.object.to > r.object.from {
		at = r.object.from
	}
	if at < 0 || at >= len(r.tokens) {
		return masked
	}
	s := r.tokens[at].sentence
	from, to := -1, len(masked)
	for i := range r.tokens {
		switch {
		case r.tokens[i].sentence == s && from < 0:
			from = r.tokens[i].start
		case r.tokens[i].sentence > s && to == len(masked):
			to = r.tokens[i].start
		}
	}
	if from < 0 {
		return masked
	}
	return masked[from:to]
}

type momentReader struct {
	text    string
	english bool
}

// told reports whether what begins at i ends a window ("since", "until") rather than naming a moment.
func (m momentReader) told(i int) bool { return notMoment.MatchString(m.text[:i]) }

// monthDay is a date with or without its year, as At writes it.
func monthDay(y, mon, d int) string {
	switch {
	case mon < 1 || mon > 12 || d < 1 || d > 31:
		return ""
	case y == 0:
		return fmt.Sprintf("%02d-%02d", mon, d)
	case y < 100:
		y += 2000
	}
	return fmt.Sprintf("%04d-%02d-%02d", y, mon, d)
}

func daysAgo(n int) string {
	switch n {
	case 0:
		return "today"
	case 1:
		return "yesterday"
	}
	return strconv.Itoa(n) + " days ago"
}

// day is the day that is named, as At writes it; empty when none is.
func (m momentReader) day() string {
	num := func(s string) int { n, _ := strconv.Atoi(s); return n }
	if i := dateForm.FindStringIndex(m.text); i != nil && !m.told(i[0]) {
		return m.text[i[0]:i[1]]
	}
	if i := dayMonthForm.FindStringIndex(m.text); i != nil && !m.told(i[0]) {
		g := dayMonthForm.FindStringSubmatch(m.text[i[0]:])
		return monthDay(num(g[3]), months[g[2][:3]], num(g[1]))
	}
	if i := monthDayForm.FindStringIndex(m.text); i != nil && !m.told(i[0]) {
		g := monthDayForm.FindStringSubmatch(m.text[i[0]:])
		return monthDay(num(g[3]), months[g[1][:3]], num(g[2]))
	}
	if i := slashForm.FindStringIndex(m.text); i != nil && !m.told(i[0]) {
		g := slashForm.FindStringSubmatch(m.text[i[0]:])
		d, mon := num(g[1]), num(g[2])
		if m.english && d <= 12 || mon > 12 {
			d, mon = mon, d
		}
		return monthDay(num(g[3]), mon, d)
	}
	if g := daysAgoForm.FindStringSubmatch(m.text); g != nil {
		if n, ok := count(g[1] + g[2]); ok {
			return daysAgo(n)
		}
	}
	if i := pastDayForm.FindStringIndex(m.text); i != nil && !m.told(i[0]) && !nightOfForm.MatchString(m.text) {
		if s := m.text[i[0]:i[1]]; strings.HasPrefix(s, "anteontem") || strings.HasPrefix(s, "day") {
			return daysAgo(2)
		}
		return daysAgo(1)
	}
	if i := dayForm.FindStringSubmatchIndex(m.text); i != nil && !m.told(i[0]) {
		if n := num(m.text[i[2]:i[3]]); n >= 1 && n <= 31 {
			return "day " + strconv.Itoa(n)
		}
	}
	if i := weekdayForm.FindStringSubmatchIndex(m.text); i != nil && !m.told(i[0]) && (i[2]-i[0] > 1 || i[1]-i[3] > 1) {
		return weekdays[m.text[i[2]:i[3]]]
	}
	if ofTodayForm.MatchString(m.text) {
		return daysAgo(0)
	}
	return ""
}

// clock is the time of day that is named, as hh:mm. What will be, or is due, at a time is no instance of that time.
func (m momentReader) clock(due bool) (string, bool) {
	for _, i := range atClockForm.FindAllStringSubmatchIndex(m.text, -1) {
		if m.told(i[0]) || i[0] > 0 && strings.ContainsRune("#/:.-", rune(m.text[i[0]-1])) {
			continue
		}
		g := make([]string, len(i)/2)
		for k := range g {
			if i[2*k] >= 0 {
				g[k] = m.text[i[2*k]:i[2*k+1]]
			}
		}
		if g[1] == "for" || due && (g[1] == "at" || g[1] == "as" || g[1] == "" || g[1] == "pelas") {
			continue
		}
		after := strings.TrimSpace(m.text[i[1]:])
		of := strings.HasPrefix(after, "run") || strings.HasPrefix(after, "instance") || strings.HasPrefix(after, "execu") || strings.HasPrefix(after, "one") || strings.HasPrefix(after, "job") || strings.HasPrefix(after, "#")
		if g[1] == "" && !of && g[3] == "" && g[2] != "" && strings.Contains(m.text[i[0]:i[1]], "h") || g[1] == "" && !of && g[2] != "" && g[3] == "" {
			continue // "5h" is a duration
		}
		h, mi := 0, 0
		switch {
		case g[7] == "":
			h, _ = strconv.Atoi(g[2] + g[5])
			mi, _ = strconv.Atoi(g[3])
		case strings.HasPrefix(g[7], "n"), strings.HasPrefix(g[7], "meio"):
			h = 12
		}
		half := g[4] + g[6]
		switch {
		case half == "pm" && h < 12:
			h += 12
		case half == "am" && h == 12:
			h = 0
		case half != "am" && h < 12 && evening.MatchString(m.text[i[1]:]):
			h += 12
		}
		if h < 24 && mi < 60 {
			return time.Date(2000, 1, 1, h, mi, 0, 0, time.UTC).Format("15:04"), true
		}
	}
	return "", false
}
