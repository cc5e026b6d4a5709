package understand

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Moments pick one instance of what is named: "the 02:25 run of X", "a de ontem", "em 14/02". They are read in the sentence that names the
// object, over folded text. A window ("since 02:00", "until the 12th", "tonight") is no moment, nor is a day that is only told ("today it
// failed"): a night's plan begins the day before.

const monthForm = `(jan(?:uary|eiro)?|feb(?:ruary)?|fev(?:ereiro)?|mar(?:ch|co)?|apr(?:il)?|abr(?:il)?|may|maio|jun(?:e|ho)?|jul(?:y|ho)?|aug(?:ust)?|ago(?:sto)?|sep(?:t(?:ember)?)?|set(?:embro)?|oct(?:ober)?|out(?:ubro)?|nov(?:ember|embro)?|dec(?:ember)?|dez(?:embro)?)`

var months = map[string]time.Month{"jan": 1, "feb": 2, "fev": 2, "mar": 3, "apr": 4, "abr": 4, "may": 5, "mai": 5, "jun": 6, "jul": 7, "aug": 8, "ago": 8, "sep": 9, "set": 9, "oct": 10, "out": 10,
	"nov": 11, "dec": 12, "dez": 12}

var weekdays = map[string]time.Weekday{"sunday": 0, "domingo": 0, "monday": 1, "segunda": 1, "tuesday": 2, "terca": 2, "wednesday": 3, "quarta": 3, "thursday": 4, "quinta": 4, "friday": 5, "sexta": 5,
	"saturday": 6, "sabado": 6}

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

// moment fills At from the sentence of the object; without an object there is nothing to pick from.
func (r *reading) moment(out *Understanding, c Context) {
	if c.Now.IsZero() || out.Target == "" || out.Intent == Find || out.Intent == Plan || out.Intent == Knowledge {
		return
	}
	loc := c.Location
	if loc == nil {
		loc = time.UTC
	}
	m := momentReader{text: Fold(r.sentenceOfObject()), now: c.Now.In(loc), english: out.Language != "pt"}
	day, hasDay := m.day()
	clock, hasClock := m.clock(out.Forecast || out.Premise == "late")
	switch {
	case hasDay && hasClock:
		out.At = day.Format(time.DateOnly) + "T" + clock
	case hasDay:
		out.At = day.Format(time.DateOnly)
	case hasClock:
		out.At = clock
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
	now     time.Time
	english bool
}

// told reports whether what begins at i ends a window ("since", "until") rather than naming a moment.
func (m momentReader) told(i int) bool { return notMoment.MatchString(m.text[:i]) }

func (m momentReader) date(y int, mon time.Month, d int) (time.Time, bool) {
	if mon < 1 || mon > 12 || d < 1 || d > 31 {
		return time.Time{}, false
	}
	if y != 0 && y < 100 {
		y += 2000
	}
	given := y != 0
	if !given {
		y = m.now.Year()
	}
	at := time.Date(y, mon, d, 0, 0, 0, 0, m.now.Location())
	if !given && at.After(m.now) {
		at = time.Date(y-1, mon, d, 0, 0, 0, 0, m.now.Location())
	}
	return at, at.Month() == mon
}

func (m momentReader) back(days int) time.Time {
	y, mon, d := m.now.Date()
	return time.Date(y, mon, d-days, 0, 0, 0, 0, m.now.Location())
}

// day is the day that is named.
func (m momentReader) day() (time.Time, bool) {
	num := func(s string) int { n, _ := strconv.Atoi(s); return n }
	if g := dateForm.FindStringSubmatchIndex(m.text); g != nil && !m.told(g[0]) {
		return m.date(num(m.text[g[2]:g[3]]), time.Month(num(m.text[g[4]:g[5]])), num(m.text[g[6]:g[7]]))
	}
	if i := dayMonthForm.FindStringIndex(m.text); i != nil && !m.told(i[0]) {
		g := dayMonthForm.FindStringSubmatch(m.text[i[0]:])
		return m.date(num(g[3]), months[g[2][:3]], num(g[1]))
	}
	if i := monthDayForm.FindStringIndex(m.text); i != nil && !m.told(i[0]) {
		g := monthDayForm.FindStringSubmatch(m.text[i[0]:])
		return m.date(num(g[3]), months[g[1][:3]], num(g[2]))
	}
	if i := slashForm.FindStringIndex(m.text); i != nil && !m.told(i[0]) {
		g := slashForm.FindStringSubmatch(m.text[i[0]:])
		d, mon := num(g[1]), num(g[2])
		if m.english && d <= 12 || mon > 12 {
			d, mon = mon, d
		}
		return m.date(num(g[3]), time.Month(mon), d)
	}
	if g := daysAgoForm.FindStringSubmatch(m.text); g != nil {
		if n, ok := count(g[1] + g[2]); ok {
			return m.back(n), true
		}
	}
	if i := pastDayForm.FindStringIndex(m.text); i != nil && !m.told(i[0]) && !nightOfForm.MatchString(m.text) {
		if s := m.text[i[0]:i[1]]; s == "anteontem" || strings.HasPrefix(s, "day") {
			return m.back(2), true
		}
		return m.back(1), true
	}
	if i := dayForm.FindStringSubmatchIndex(m.text); i != nil && !m.told(i[0]) {
		n := num(m.text[i[2]:i[3]])
		if n >= 1 && n <= 31 {
			at := time.Date(m.now.Year(), m.now.Month(), n, 0, 0, 0, 0, m.now.Location())
			if at.After(m.now) {
				at = time.Date(m.now.Year(), m.now.Month()-1, n, 0, 0, 0, 0, m.now.Location())
			}
			return at, true
		}
	}
	if i := weekdayForm.FindStringSubmatchIndex(m.text); i != nil && !m.told(i[0]) && (i[2]-i[0] > 1 || i[1]-i[3] > 1) {
		ago := (int(m.now.Weekday()) - int(weekdays[m.text[i[2]:i[3]]]) + 7) % 7
		if ago == 0 {
			ago = 7
		}
		return m.back(ago), true
	}
	if ofTodayForm.MatchString(m.text) {
		return m.back(0), true
	}
	return time.Time{}, false
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
