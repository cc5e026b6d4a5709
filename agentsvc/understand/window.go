package understand

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Windows of time, over folded text. clockForm is a time of day: 2, 2am, 02:30, 22h, 2h30, midnight.
const clockForm = `(?:(\d{1,2})(?:[:h.](\d{2})|h)?(?: ?(am|pm|hs|hrs|h|horas?|hours?|o'?clock)\b)?|(midnight|meia[- ]noite|noon|meio[- ]dia))`

const unitForm = `(minutes?|mins?|minutos?|hours?|hrs?|horas?|h|days?|dias?|weeks?|semanas?)\b`

var (
	lastForm    = regexp.MustCompile(`\b(?:last|past|previous|ultim[oa]s?)\s+(?:(\d{1,4}|[a-z]{2,6})\s+)?` + unitForm)
	agoForm     = regexp.MustCompile(`\b(?:ha|faz|since|desde|starting|started|for)?\s*(?:ha|faz|about|cerca de)?\s*(\d{1,4})\s*` + unitForm + `\s*(?:ago|atras)`)
	nextForm    = regexp.MustCompile(`\b(?:next|proxim[oa]s?|coming)\s+(?:(\d{1,4}|[a-z]{2,6})\s+)?` + unitForm)
	betweenForm = regexp.MustCompile(`\b(?:between|entre|from|das?)\s+(?:as\s+)?` + clockForm + `\s*(?:and|e|to|until|till|ate|as|a|-)\s*(?:as\s+)?` + clockForm)
	sinceForm   = regexp.MustCompile(`\b(?:since|desde|after|apos|depois d[aeo]s?|a partir d[aeo]s?|from)\s+(?:a\s|as\s|the\s|d[ae]s?\s)?\s*` + clockForm + `(?:\s|$|[?!.,])`)
	beforeForm  = regexp.MustCompile(`\b(?:before|by|until|till|antes d[aeo]s?|ate)\s+(?:as\s|a\s|the\s)?\s*` + clockForm + `(?:\s|$|[?!.,])`)
	aroundForm  = regexp.MustCompile(`\b(?:around|about|at|circa|as|por volta d[ae]s?|la pelas|pelas|perto das?)\s+` + clockForm)
	dateForm    = regexp.MustCompile(`\b(20\d{2})-(\d{2})-(\d{2})\b`)
	dayForm     = regexp.MustCompile(`\b(?:dia|on the)\s+(\d{1,2})(?:st|nd|rd|th)?\b`)
	nightSaid   = regexp.MustCompile(`\b(?:last night|yesterday night|overnight|a noite|de noite|noite passada|da noite)\b`)
	evening     = regexp.MustCompile(`\b(?:pm|da tarde|da noite|in the evening|in the afternoon|tonight)\b`)
)

var numberWords = map[string]int{
	"a": 1, "one": 1, "um": 1, "uma": 1, "two": 2, "dois": 2, "duas": 2, "three": 3, "tres": 3, "four": 4, "quatro": 4, "five": 5, "cinco": 5, "six": 6, "seis": 6,
	"seven": 7, "sete": 7, "eight": 8, "oito": 8, "ten": 10, "dez": 10, "twelve": 12, "doze": 12, "few": 3, "couple": 2, "poucas": 3,
}

// nightStart is when a night begins: "tonight" in the small hours is the night that began the evening before.
const nightStart = 18

// named windows, the longer words first. from and to are hours counted from today's midnight; to 0 means open.
var namedWindows = []struct {
	form     *regexp.Regexp
	from, to int
	night    bool
}{
	{form: regexp.MustCompile(`\b(?:yesterday|ontem)\b.{0,12}\b(?:after lunch|(?:depois|apos)(?: d?o)? almoco)\b`), from: -24 + 13, to: 0},
	{form: regexp.MustCompile(`\b(?:yesterday afternoon|ontem (?:a|de|pela) tarde|tarde de ontem)\b`), from: -24 + 12, to: -24 + 18},
	{form: regexp.MustCompile(`\b(?:yesterday morning|ontem (?:de|pela) manha|manha de ontem)\b`), from: -24, to: -24 + 12},
	{form: regexp.MustCompile(`\b(?:yesterday evening|ontem no fim da tarde)\b`), from: -24 + nightStart, to: 0},
	{form: regexp.MustCompile(`\b(?:after lunch|(?:depois|apos)(?: d?o)? almoco)\b`), from: 13},
	{form: regexp.MustCompile(`\b(?:this afternoon|hoje (?:a|de) tarde|ess?ta tarde|essa tarde)\b`), from: 12, to: 18},
	{form: regexp.MustCompile(`\b(?:last night|yesterday night|ontem (?:a|de|pela) noite|noite passada|noite de ontem)\b`), from: -24 + nightStart, to: 8},
	{form: regexp.MustCompile(`\b(?:tonight|this night|ess?ta noite|essa noite|hoje (?:a|de) noite|overnight|during the night|durante a noite|night batch|nesta noite|nessa noite|dessa noite|desta noite)\b`), night: true},
	{form: regexp.MustCompile(`\b(?:madrugada|small hours|early morning)\b`), from: 0, to: 6},
	{form: regexp.MustCompile(`\b(?:this morning|hoje (?:de|pela) manha|hoje cedo|ess?ta manha|essa manha)\b`), from: 0, to: 12},
	{form: regexp.MustCompile(`\b(?:yesterday|ontem)\b`), from: -24, to: 0},
	{form: regexp.MustCompile(`\b(?:today|hoje|todays)\b`), from: 0},
}

// window reads a window of time. It needs the clock of the context; without one only the fact that a window was said is kept.
func (r *reading) window(out *Understanding, c Context) {
	text := Fold(r.maskMentions())
	w := windowReader{text: text, now: c.Now, loc: c.Location}
	if w.loc == nil {
		w.loc = time.UTC
	}
	w.now = w.now.In(w.loc)
	from, to, ok := w.read(out.Forecast || out.Premise == "late")
	r.facts["window_said"] = ok
	if !ok || c.Now.IsZero() {
		return
	}
	if !from.IsZero() {
		out.Since = from.UTC()
		_, hasDay := w.day()
		if to.IsZero() && from.After(w.now.AddDate(0, 0, -1)) && !lastForm.MatchString(text) && !agoForm.MatchString(text) && (!hasDay || from.YearDay() == w.now.YearDay()) {
			out.SinceClock = from.Format("15:04")
		}
	}
	if !to.IsZero() {
		out.Until = to.UTC()
	}
}

func (r *reading) windowSaid() bool { return r.facts["window_said"] }

// maskMentions blanks the names, whose digits are no times.
func (r *reading) maskMentions() string {
	if len(r.mentions) == 0 {
		return r.src.text
	}
	b := []byte(r.src.text)
	for _, t := range r.tokens {
		if t.mention >= 0 {
			for i := t.start; i < t.end; i++ {
				b[i] = '#'
			}
		}
	}
	return string(b)
}

type windowReader struct {
	text string
	now  time.Time
	loc  *time.Location
}

func (w windowReader) read(forecast bool) (from, to time.Time, ok bool) {
	day, hasDay := w.day()
	if g := betweenForm.FindStringSubmatch(w.text); g != nil {
		h1, m1, ok1 := w.clock(g[1:5])
		h2, m2, ok2 := w.clock(g[5:9])
		if ok1 && ok2 {
			if bare := g[3] == "" && g[2] == ""; bare && h1 >= 6 && h1 < 12 && nightSaid.MatchString(w.text) { // "last night between 10 and 2"
				h1 += 12
			}
			from = w.at(h1, m1, day, hasDay)
			to = time.Date(from.Year(), from.Month(), from.Day(), h2, m2, 0, 0, w.loc)
			if !to.After(from) {
				to = to.AddDate(0, 0, 1)
			}
			return from, to, true
		}
	}
	if g := lastForm.FindStringSubmatch(w.text); g != nil {
		if n, ok := count(g[1]); ok {
			return w.now.Add(-time.Duration(n) * unit(g[2])), time.Time{}, true
		}
	}
	if g := agoForm.FindStringSubmatch(w.text); g != nil {
		n, _ := count(g[1])
		return w.now.Add(-time.Duration(n) * unit(g[2])), time.Time{}, true
	}
	if g := nextForm.FindStringSubmatch(w.text); g != nil {
		if n, ok := count(g[1]); ok {
			return w.now, w.now.Add(time.Duration(n) * unit(g[2])), true
		}
	}
	if from, to, ok = w.open(day, hasDay, forecast); ok {
		return from, to, true
	}
	if g := aroundForm.FindStringSubmatch(w.text); g != nil && strings.ContainsAny(g[0], ":hm") {
		if h, m, ok := w.clock(g[1:5]); ok && (g[2] != "" || g[3] != "" || g[4] != "" || strings.Contains(g[0], "h")) {
			at := w.at(h, m, day, hasDay)
			if forecast && !hasDay { // "will it miss 06:00?"
				return time.Time{}, w.upcoming(at), true
			}
			return at.Add(-30 * time.Minute), at.Add(30 * time.Minute), true
		}
	}
	return w.named(day, hasDay)
}

// open reads windows with one end: since, after; before, until.
func (w windowReader) open(day time.Time, hasDay, forecast bool) (from, to time.Time, ok bool) {
	if g := sinceForm.FindStringSubmatch(w.text); g != nil {
		if h, m, ok := w.clock(g[1:5]); ok {
			return w.at(h, m, day, hasDay), time.Time{}, true
		}
	}
	if g := beforeForm.FindStringSubmatch(w.text); g != nil {
		if h, m, ok := w.clock(g[1:5]); ok {
			to := w.at(h, m, day, hasDay)
			if forecast && !hasDay {
				to = w.upcoming(to)
			}
			return time.Time{}, to, true
		}
	}
	return from, to, false
}

func (w windowReader) named(day time.Time, hasDay bool) (from, to time.Time, ok bool) {
	for _, n := range namedWindows {
		if !n.form.MatchString(w.text) {
			continue
		}
		y, m, d := w.now.Date()
		if n.night {
			if w.now.Hour() < nightStart-6 {
				d--
			}
			return time.Date(y, m, d, nightStart, 0, 0, 0, w.loc), time.Time{}, true
		}
		from = time.Date(y, m, d, n.from, 0, 0, 0, w.loc)
		if n.to != 0 || n.from < 0 {
			to = time.Date(y, m, d, n.to, 0, 0, 0, w.loc)
		}
		if to.After(w.now) {
			to = time.Time{}
		}
		return from, to, true
	}
	if hasDay {
		return day, day.AddDate(0, 0, 1), true
	}
	return from, to, false
}

// day is the day that the text names: a date, "dia 16", yesterday, today.
func (w windowReader) day() (time.Time, bool) {
	y, m, d := w.now.Date()
	if g := dateForm.FindStringSubmatch(w.text); g != nil {
		var dy, dm, dd int
		if n, err := fmt.Sscanf(g[0], "%d-%d-%d", &dy, &dm, &dd); n == 3 && err == nil {
			return time.Date(dy, time.Month(dm), dd, 0, 0, 0, 0, w.loc), true
		}
	}
	if g := dayForm.FindStringSubmatch(w.text); g != nil {
		n, _ := strconv.Atoi(g[1])
		if n >= 1 && n <= 31 {
			at := time.Date(y, m, n, 0, 0, 0, 0, w.loc)
			if at.After(w.now) {
				at = time.Date(y, m-1, n, 0, 0, 0, 0, w.loc)
			}
			return at, true
		}
	}
	switch {
	case strings.Contains(w.text, "yesterday"), strings.Contains(w.text, "ontem"):
		return time.Date(y, m, d-1, 0, 0, 0, 0, w.loc), true
	case strings.Contains(w.text, "today"), strings.Contains(w.text, "hoje"):
		return time.Date(y, m, d, 0, 0, 0, 0, w.loc), true
	}
	return time.Time{}, false
}

// at is the time of day on the day named, else its last occurrence.
func (w windowReader) at(h, m int, day time.Time, hasDay bool) time.Time {
	if hasDay {
		return time.Date(day.Year(), day.Month(), day.Day(), h, m, 0, 0, w.loc)
	}
	at := time.Date(w.now.Year(), w.now.Month(), w.now.Day(), h, m, 0, 0, w.loc)
	if at.After(w.now) {
		at = time.Date(w.now.Year(), w.now.Month(), w.now.Day()-1, h, m, 0, 0, w.loc)
	}
	return at
}

// upcoming is the next occurrence of a past time of day.
func (w windowReader) upcoming(at time.Time) time.Time {
	for !at.After(w.now) {
		at = at.AddDate(0, 0, 1)
	}
	return at
}

// clock reads the groups of clockForm.
func (w windowReader) clock(g []string) (h, m int, ok bool) {
	switch {
	case g[3] == "":
	case strings.HasPrefix(g[3], "noon"), strings.HasPrefix(g[3], "meio"):
		return 12, 0, true
	default:
		return 0, 0, true
	}
	h, err := strconv.Atoi(g[0])
	if err != nil {
		return 0, 0, false
	}
	m, _ = strconv.Atoi(g[1])
	if h < 12 && (g[2] == "pm" || g[2] != "am" && evening.MatchString(w.text)) {
		h += 12
	}
	if g[2] == "am" && h == 12 {
		h = 0
	}
	return h, m, h < 24 && m < 60
}

func count(s string) (int, bool) {
	if s == "" {
		return 1, true
	}
	if n, err := strconv.Atoi(s); err == nil {
		return n, true
	}
	n, ok := numberWords[s]
	return n, ok
}

func unit(s string) time.Duration {
	switch s[0] {
	case 'm':
		return time.Minute
	case 'd':
		return 24 * time.Hour
	case 'w', 's':
		return 7 * 24 * time.Hour
	}
	return time.Hour
}

// yearOf is the year of a month and day (mm/dd) without one: the one that brings it nearest to now.
func yearOf(monthDay string, c Context) string {
	loc := c.Location
	if loc == nil {
		loc = time.UTC
	}
	now := c.Now.In(loc)
	best, bestGap := now.Year(), time.Duration(1<<62)
	for y := now.Year() - 1; y <= now.Year()+1; y++ {
		at, err := time.ParseInLocation("01/02/2006", monthDay+"/"+strconv.Itoa(y), loc)
		if err != nil {
			continue
		}
		if gap := at.Sub(now).Abs(); gap < bestGap {
			best, bestGap = y, gap
		}
	}
	return fmt.Sprintf("%02d", best%100)
}
