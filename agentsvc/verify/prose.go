package verify

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools/answer"
)

var (
	// WS#NAME with an instance and a job, #J881204, and STREAM[(…)].JOB without a workstation.
	entityForm   = regexp.MustCompile(`[\pL\pN_/.$@-]*#[\pL\pN_/.$@:-]+(?:\[\([^\]\n]{1,60}\)\])?(?:\.[\pL\pN_$@-]+)?|[\pL\pN_/$-]+\[\([^\]\n]{1,60}\)\](?:\.[\pL\pN_$@-]+)?`)
	instanceForm = regexp.MustCompile(`\[\([^\]\n]{1,60}\)\]`)
	wordForm     = regexp.MustCompile(`[\pL\pN_$/][\pL\pN_$@#/.:%,-]*`)

	codeSpan   = regexp.MustCompile("``[^\n]*?``|`[^`\n]*`")
	quotedSpan = regexp.MustCompile(`"([^"\n]{2,})"|[“„]([^”“\n]{2,})[”“]|«([^»\n]{2,})»|‘([^’\n]{2,})’`)
	// A quote that goes on in the next sentence, or began in the last one.
	openQuote  = regexp.MustCompile(`(?:^|[\s(:])["“„«]([^"“”„«»\n]{2,})$`)
	closeQuote = regexp.MustCompile(`^([^"“”„«»\n]{2,}?)["”»](?:[\s).,;:!?]|$)`)
	listMark   = regexp.MustCompile(`^\s*(?:[-*+]|\d{1,2}[.)])\s+`)

	// What would change the plan: anywhere in prose, and at the start of a code span.
	changing = regexp.MustCompile(`(?i)\bconman\s+["']?(?:[a-z]{1,10}[ ;]|\w+\s*$)|;\s*noask\b|\b(?:JnextPlan|ResetPlan|SwitchPlan|planman|switchmgr|composer|optman)\s+[-\w]`)
	order    = regexp.MustCompile(`(?i)^\s*(?:rr|rerun|cj|cs|cancel|kill|altpri|ap|confirm|release|rj|rs|limit|lc|ls|fence|link|unlink|lk|submit|sb[jsd]|reply|resource|start|stop|shut)\s+\S`)
	// What changes a machine or a database when a person runs it: a document may tell them to, a log may not.
	shell = regexp.MustCompile(`(?i)^\s*(?:[$#>]\s*)?(?:(?:sudo|doas|nohup|exec)\s+)*(?:sudo|rm|rmdir|mv|dd|mkfs\S*|chmod|chown|kill|killall|pkill|shutdown|reboot|systemctl|service|curl|wget|bash|sh|ksh|zsh|python\d*|perl|powershell|cmd|del|format|drop|truncate|delete|update|alter|grant)\s+\S`)
	// A model changes nothing, so it may not say that it did.
	claim = regexp.MustCompile(`(?i)\b(?:I|we)(?:'ve| have| had)?\s+(?:just |now |already |also )?(?:rerun|re-ran|reran|restarted|cancell?ed|released|confirmed|killed|submitted|linked|answered|fixed|changed|deleted|started|stopped|resolved)\b` +
		`|\b(?:eu\s+)?(?:reexecutei|reiniciei|cancelei|liberei|confirmei|matei|submeti|respondi|corrigi|alterei|apaguei|executei|resolvi)\b` +
		`|\b(?:reexecutamos|reiniciamos|cancelamos|liberamos|corrigimos|resolvemos)\b`)
)

// Sentence checks one sentence of prose with the white space around it. It gives the sentence with links and tags made inert, and why it
// cannot stand; an empty reason means that it can.
func (c *Checker) Sentence(s string) (clean, why string) {
	clean, why = c.sentence(s)
	if why == "" {
		return clean, ""
	}
	for server, corpus := range c.foreign {
		if !attributed(clean, server) {
			continue
		}
		with := &Checker{ledger: c.ledger, corpus: corpus, commands: c.commands, rests: c.rests, verdict: c.verdict}
		if clean, why := with.sentence(s); why == "" {
			return clean, ""
		}
	}
	return clean, why
}

// attributed reports whether a sentence says that it repeats words of a further MCP server.
func attributed(s, server string) bool {
	s = strings.ToLower(s)
	return strings.Contains(s, "`"+server+"`") || strings.Contains(s, "mcp:"+server) || strings.Contains(s, toolkit.ForeignName(server, ""))
}

func (c *Checker) sentence(s string) (clean, why string) {
	clean = Inert(untrusted.Visible(s))
	if strings.TrimSpace(clean) == "" {
		return clean, ""
	}
	if claim.MatchString(clean) {
		return clean, "it claims a change, and nothing here changes the plan"
	}
	rest := listMark.ReplaceAllString(clean, "")
	if m := changing.FindString(c.ownWords(rest)); m != "" {
		return clean, "command outside the checked actions: " + m
	}
	if how := c.verdict.against(clean); how != "" {
		return clean, Against + how
	}
	if name := c.blames(clean); name != "" {
		return clean, Against + "it calls " + name + " the cause"
	}
	quotes := spans(rest)
	rest, bad := c.strikeSpans(rest)
	if bad != "" {
		return clean, "not found as quoted: " + bad
	}
	if c.corpus.elsewhere(rest, quotes) {
		return clean, "the quote stands in another line"
	}
	rest = digits(rest)
	if bad = c.corpus.strangeCode(rest); bad != "" {
		return clean, "return code not found: " + bad
	}
	if rest, bad = c.strikeEntities(rest); bad != "" {
		return clean, "name not found: " + bad
	}
	if bad = c.corpus.misplaced(rest); bad != "" {
		return clean, "another count: " + bad
	}
	if rest, bad = c.corpus.strikePercents(rest); bad != "" {
		return clean, "percentage not found: " + bad
	}
	if bad = c.corpus.strangeDay(rest); bad != "" {
		return clean, "day not found: " + bad
	}
	if rest, bad = c.corpus.strikeClocks(rest); bad != "" {
		return clean, "time not found: " + bad
	}
	if rest, bad = c.corpus.moments.strike(rest); bad != "" {
		return clean, "time not found: " + bad
	}
	if rest, bad = c.corpus.strikeDurations(rest); bad != "" {
		return clean, "duration not found: " + bad
	}
	for _, w := range wordForm.FindAllString(rest, -1) {
		if !c.word(w) {
			return clean, "not found: " + w
		}
	}
	return clean, ""
}

// strikeSpans checks code and quoted text, which claim to be verbatim, and gives the sentence without them.
func (c *Checker) strikeSpans(s string) (rest, bad string) {
	around := codeSpan.ReplaceAllString(s, " ")
	rest = codeSpan.ReplaceAllStringFunc(s, func(span string) string {
		if text := fold(strings.Trim(span, "`")); bad == "" && !c.verbatim(text, around) && !c.corpus.ofObject(text, before(s, span)) {
			bad = text
		}
		return " "
	})
	quoted := func(span string) string {
		text := fold(strings.Trim(span, quoteMarks))
		if bad == "" && strings.Contains(text, " ") && !c.corpus.hasInert(strings.TrimRight(text, ".,;!?")) {
			bad = text
		}
		return " " + text + " "
	}
	rest = quotedSpan.ReplaceAllStringFunc(rest, quoted)
	for _, half := range []*regexp.Regexp{closeQuote, openQuote} {
		if g := half.FindStringSubmatch(rest); g != nil {
			rest = strings.Replace(rest, g[1], quoted(g[1]), 1)
		}
	}
	return rest, bad
}

// ownWords is a sentence without its code, and without what it repeats of a prompt's question.
func (c *Checker) ownWords(s string) string {
	s = codeSpan.ReplaceAllString(s, " ")
	return quotedSpan.ReplaceAllStringFunc(s, func(span string) string {
		if c.corpus.ofObject(fold(strings.Trim(span, quoteMarks)), before(s, span)) {
			return " "
		}
		return span
	})
}

// before is what a sentence says before one of its code spans.
func before(s, span string) string {
	head, _, _ := strings.Cut(s, span)
	return head
}

// quoteMarks enclose what somebody said, in the ways of both languages.
const quoteMarks = "\"“”„«»‘’"

// spans gives the quotes of a sentence.
func spans(s string) []string {
	var out []string
	for _, span := range codeSpan.FindAllString(s, -1) {
		out = append(out, fold(strings.Trim(span, "`")))
	}
	for _, span := range quotedSpan.FindAllString(codeSpan.ReplaceAllString(s, " "), -1) {
		out = append(out, fold(strings.Trim(span, quoteMarks)))
	}
	return out
}

// verbatim reports whether a code span is a command of the answer, a piece of what was returned, or a plain word. A command that
// stands in a log is no advice: it may be shown only as that log's line, by its number.
func (c *Checker) verbatim(text, around string) bool {
	if text == "" {
		return true
	}
	for _, cmd := range c.commands {
		if text == cmd {
			return true
		}
	}
	if changing.MatchString(text) || order.MatchString(text) {
		return c.corpus.lineAt(text, around)
	}
	if shell.MatchString(text) && !c.corpus.documented(text) {
		return c.corpus.lineAt(text, around)
	}
	if c.corpus.has(text) {
		return true
	}
	if strings.Contains(text, " ") {
		return false
	}
	return vocabulary()[strings.ToUpper(text)] || c.corpus.words[strings.ToUpper(text)]
}

// strikeEntities checks whole names, so that true parts cannot make a false whole.
func (c *Checker) strikeEntities(s string) (rest, bad string) {
	return entityForm.ReplaceAllStringFunc(s, func(e string) string {
		if bad == "" && !c.entity(e) {
			bad = e
		}
		return " "
	}), bad
}

func (c *Checker) entity(e string) bool {
	e = strings.ToUpper(strings.TrimRight(e, ".,;:"))
	if c.corpus.entities[e] || c.corpus.words[e] || vocabulary()[e] {
		return true
	}
	ws, num, ok := strings.Cut(e, "#")
	if !ok {
		return false
	}
	n, isNum := number(strings.TrimPrefix(num, "J"))
	return isNum && c.corpus.numbers[n] && (ws == "" || c.corpus.words[ws])
}

// word reports whether a run of name characters may stand: plain words may, names and numbers must have been returned.
func (c *Checker) word(w string) bool {
	w = strings.Trim(w, ".,:;/-@#")
	if w == "" {
		return true
	}
	up := strings.ToUpper(w)
	if c.corpus.words[up] || c.corpus.entities[up] || vocabulary()[up] {
		return true
	}
	if n, ok := number(strings.TrimSuffix(ordinal(up), "%")); ok {
		return c.corpus.numbers[n] || c.rests[n] || c.corpus.arithmetic.results[n]
	}
	if !nameLike(w) {
		return true
	}
	if answer.KindKnown(w) || c.corpus.has(w) {
		return true
	}
	// A joint of plain words ("start/stop", "on-call", "wait:"), each of which may stand.
	if i := strings.IndexAny(w, "/:,"); i > 0 {
		return c.word(w[:i]) && c.word(w[i+1:])
	}
	return false
}

// ordinal drops the ending of 1st, 2nd, 3º.
func ordinal(w string) string {
	for _, end := range []string{"ST", "ND", "RD", "TH", "º", "ª", "°"} {
		if head, ok := strings.CutSuffix(w, end); ok && head != "" && strings.Trim(head, "0123456789") == "" {
			return head
		}
	}
	return w
}

// nameLike reports whether a word is a name rather than a word of prose: digits among letters, an underscore or dollar, three capitals
// and no small letter, a path, or dots between letters.
func nameLike(w string) bool {
	var upper, lower, digits, letters int
	for _, r := range w {
		switch {
		case unicode.IsNumber(r): // ② and Ⅻ too
			digits++
		case unicode.IsUpper(r):
			upper++
			letters++
		case unicode.IsLower(r):
			lower++
			letters++
		}
	}
	switch {
	case strings.ContainsAny(w, "_$@#"), digits > 0, upper >= 3 && lower == 0:
		return true
	case strings.HasPrefix(w, "/"), strings.Contains(strings.Trim(w, "."), "."):
		return letters > 2 && !abbreviations[strings.ToLower(strings.Trim(w, "."))]
	}
	return strings.ContainsAny(w, "/:") && (upper >= 3 || digits > 0)
}

// abbreviations have dots inside and are no names.
var abbreviations = map[string]bool{"e.g": true, "i.e": true, "p.ex": true, "a.m": true, "p.m": true, "u.s": true, "s.a": true}
