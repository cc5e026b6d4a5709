package joblog

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools"
)

// view is one line of the body, as judged.
type view struct {
	line     twstools.LogLine
	text     string // normalised
	bare     string // without the line's own time
	low      string // bare in lower case
	ordinary bool   // the program at its work: no complaint, no frame, no farewell
	stack    bool   // a frame of a stack
	silent   bool   // empty, or the launcher's

	strong, medium, coded bool // what its words weigh
}

// candidate is a line that may decide, with its strength.
type candidate struct {
	at     int // index in the views
	score  int
	sig    *signature
	name   string
	quoted bool // it quotes the signature's text instead of stating it
	healed bool // the program says that it came good again
	quiet  bool // the program itself calls it less than an error
	wrap   bool // it reports the end and explains nothing
	passed bool // the program worked on after it, and ended over something else
	burst  int  // complaints with no work between them
}

// views reads every line once.
func (s Segment) views() []view {
	out := make([]view, len(s.Body))
	for i, line := range s.Body {
		v := view{line: line, text: folded(line.Text)}
		v.bare = unstamped(v.text)
		v.low = strings.ToLower(v.bare)
		v.silent = v.bare == "" || launcher.MatchString(v.text)
		v.stack = !v.silent && stackFrame.MatchString(line.Text)
		v.strong = holdsAny(v.low, strongStems) && strong.MatchString(v.bare)
		v.medium = holdsAny(v.low, mediumStems) && medium.MatchString(v.bare) || !ascii(v.low) && elsewhere.MatchString(v.bare)
		v.coded = strings.ContainsAny(v.bare, "0123456789E") && coded.MatchString(v.bare)
		out[i] = v
	}
	return out
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// mostJudged bounds what is read of one line.
const mostJudged = 2000

// folded is the line as it is judged: normalised as everywhere else, but for plain lines (most of a log), where only the blanks differ.
func folded(text string) string {
	if len(text) > mostJudged {
		text = text[:mostJudged]
	}
	for i := 0; i < len(text); i++ {
		if c := text[i]; c >= 0x7f || c < ' ' && c != '\t' && c != '\r' && c != '\n' {
			return untrusted.Normalize(text)
		}
	}
	return strings.Join(strings.Fields(text), " ")
}

// leading are the forms of a line's own time, to take it off.
var leading = []*regexp.Regexp{isoStamp, compactStamp, dayFirst, namedMonth, monthFirst, bareClock}

// unstamped takes off a line's own time, and what closes it.
func unstamped(text string) string {
	head := text
	if len(head) > 80 {
		head = head[:80]
	}
	if !strings.ContainsAny(head, ":.") || !strings.ContainsAny(head, "0123456789") {
		return text
	}
	if n := isoLength(head); n > 0 {
		return strings.TrimLeft(text[n:], " ]),:;|\"'-")
	}
	for _, re := range leading {
		if loc := re.FindStringIndex(head); loc != nil {
			return strings.TrimLeft(text[loc[1]:], " ]),:;|\"'-")
		}
	}
	return text
}

// isoLength is how much of the text the commonest time of all takes, "2026-03-17 02:14:08" with fraction and zone; 0 when it does not begin so.
func isoLength(text string) int {
	const form = "dddd-dd-dd_dd:dd:dd"
	if len(text) < len(form) {
		return 0
	}
	for i := range len(form) {
		switch c := text[i]; form[i] {
		case 'd':
			if c < '0' || c > '9' {
				return 0
			}
		case '_':
			if c != ' ' && c != 'T' {
				return 0
			}
		default:
			if c != form[i] {
				return 0
			}
		}
	}
	n := len(form)
	for n < len(text) && strings.IndexByte("0123456789.,+:Z", text[n]) >= 0 {
		n++
	}
	return n
}

// judge gives a line its strength: what it says, lowered by signs that it quotes, recovers, counts or says goodbye. rc is the run's own return code, or 0.
func judge(vs []view, i, rc int) (candidate, bool) {
	v := vs[i]
	if v.silent || v.stack {
		return candidate{}, false
	}
	c := candidate{at: i}
	sig, name, span := match(v.bare, v.low, rc)
	c.sig, c.name, c.score = sig, name, words(v)
	if sig != nil {
		c.score += sig.strength()
	}
	if i > 0 && len(vs[i-1].bare) < 80 && heading.MatchString(vs[i-1].bare) {
		c.score += 25 // the program itself announces this line as the error
	}
	if c.score == 0 || allHarmless(v.bare) {
		return candidate{}, false
	}
	c.quoted = quoted(v.bare, span)
	c.score += form(vs, i)
	if c.quoted {
		c.score -= 110
	}
	switch {
	case loud.MatchString(v.bare):
		c.score += 8
	case quietLevel.MatchString(v.bare):
		c.score, c.quiet = c.score-45, true // a program that says "warning" knows better than we do
	}
	if shouted.MatchString(v.bare) {
		c.score += 6
	}
	less := lessened(v.bare, sig, rc)
	c.score, c.wrap = c.score-less, less > 0
	if recovered.MatchString(v.bare) && !lastTry(v.bare) {
		c.score -= 40
	}
	came, announced := healed(vs, i)
	if c.healed = came; came {
		c.score -= 50
		if announced && sig != nil {
			c.score -= sig.strength() // tried again, and well: it explains nothing any more
		}
	}
	return c, c.score > 0
}

// words weighs what a line says, without any signature.
func words(v view) int {
	n := 0
	if v.strong {
		n += 30
	}
	if v.medium {
		n += 20
	}
	if v.coded {
		n += 15
	}
	if n == 0 && holdsAny(v.low, weakStems) && weak.MatchString(v.bare) {
		n = 10
	}
	return n
}

// form weighs where the line stands in what its language prints for an error.
func form(vs []view, i int) int {
	text, n := vs[i].bare, 0
	if rethrow.MatchString(text) {
		n += 12 // the inner exception is nearer to the cause than its wrapper …
		for j := i - 1; j >= 0 && (vs[j].stack || vs[j].silent || rethrow.MatchString(vs[j].bare)); j-- {
			if rethrow.MatchString(vs[j].bare) {
				n += 4 // … and the innermost is the nearest
			}
		}
	}
	if pyError.MatchString(text) {
		n += 10
		if afterFrames(vs, i) {
			n += 25 // Python prints what was raised behind its stack
		}
	}
	if heading.MatchString(text) || len(text) < 6 {
		n -= 40 // a heading for the next line
	}
	return n
}

// lessened says by how much a line tells less than its words: the run's own farewell, a counter, a setting, a run before this one.
func lessened(text string, sig *signature, rc int) int {
	if sig != nil {
		return 0
	}
	n := 0
	if wrapUp.MatchString(text) || stepEnd.MatchString(text) || endsWith(text, rc) {
		n += 18 // "step failed with rc=8" reports the end and does not explain it
	}
	if counters.MatchString(text) || farewell.MatchString(text) {
		n += 40
	}
	if setUp.MatchString(text) || earlierRun.MatchString(text) || endsWell.MatchString(text) {
		n += 30
	}
	return n
}

// endsWith reports whether the line ends in the run's own return code and holds little else: "leaves with 16".
func endsWith(text string, rc int) bool {
	if rc == 0 || strings.Count(text, " ") > 7 {
		return false
	}
	rest, ok := strings.CutSuffix(strings.TrimRight(text, " .<>*=-#!])"), strconv.Itoa(rc))
	return ok && rest != "" && !strings.ContainsAny(rest[len(rest)-1:], "0123456789.,/_-")
}

// lastTry tells "attempt 3 of 3 failed", which no other attempt follows.
func lastTry(text string) bool {
	m := tries.FindStringSubmatch(text)
	return m != nil && m[1] == m[2]
}

// allHarmless reports whether nothing but counters at zero and the like makes the line look bad.
func allHarmless(text string) bool {
	rest := harmless.ReplaceAllString(text, " ")
	if rest == text {
		return false
	}
	sig, _, _ := match(rest, strings.ToLower(rest), 0)
	return sig == nil && !strong.MatchString(rest) && !medium.MatchString(rest) && !coded.MatchString(rest)
}

// afterFrames reports whether a stack trace ends just before line i.
func afterFrames(vs []view, i int) bool {
	for j := i - 1; j >= 0 && j >= i-3; j-- {
		if vs[j].stack {
			return true
		}
	}
	return false
}

// healed reports whether the program says that what went wrong at i came good again: within the next lines; or, where it announced another try, anywhere
// behind it, if no complaint of the same kind follows. announced says that another try was announced.
func healed(vs []view, i int) (came, announced bool) {
	if served(vs, i) {
		return true, true
	}
	again := recovered.MatchString(vs[i].bare) && !lastTry(vs[i].bare)
	for j := i + 1; j < len(vs) && j <= i+4; j++ {
		t := vs[j].bare
		if vs[j].silent {
			continue
		}
		if !vs[j].medium && goodEnd.MatchString(t) {
			return true, again
		}
		if recovered.MatchString(t) && !lastTry(t) && !untrusted.LooksLikeInstruction(t) {
			again = true
		}
	}
	if !again {
		return false, false
	}
	// A sample of what follows: the same complaint again, or work.
	same, work := false, 0
	form, _ := shape(vs[i].bare)
	for j := i + 1; j < len(vs) && j <= i+60; j++ {
		if vs[j].silent || vs[j].stack {
			continue
		}
		if f, _ := shape(vs[j].bare); f == form {
			same = true
			break
		}
		if !vs[j].medium && !vs[j].strong && !wrapUp.MatchString(vs[j].bare) && !farewell.MatchString(vs[j].bare) && !recovered.MatchString(vs[j].bare) {
			work++
		}
	}
	return same || work > 0, true
}

// plainWord is a word of a sentence; anything with a capital inside, a digit, a dot or a slash is a name.
var namesOf = regexp.MustCompile(`[A-Za-z_][\w$#./-]{2,}`)

// names are what a line calls by name: objects, files, hosts. Two lines that share one speak of the same thing.
func names(text string) []string {
	var out []string
	for _, w := range namesOf.FindAllString(text, 40) {
		w = strings.Trim(w, ".-/")
		if len(w) >= 4 && strings.ContainsAny(w, "0123456789_/.$") && !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}
