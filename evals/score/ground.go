package score

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/resync-hwa/resync/evals/plant"
)

// What in prose can be checked against the world.
var (
	messageID  = regexp.MustCompile(`\b(?:AWS[A-Z]{2,3}\d{3}[A-Z]|AWK[A-Z]{3}\d{3}[A-Z]|ORA-\d{3,5}|TNS-\d{3,5}|SP2-\d{3,5}|PLS-\d{3,5}|SQL\d{4,5}[A-Z]?|DSN[A-Z0-9]{5,6}|EQQ[A-Z0-9]{4,6})\b`)
	address    = regexp.MustCompile(`[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\b\d{1,3}(?:\.\d{1,3}){3}\b`)
	filePath   = regexp.MustCompile(`(?:[A-Za-z]:\\|/)[\w.~%-]+(?:[/\\][\w.~%-]+)+|\b[\w-]+(?:/[\w.-]+)+(?:#[\w-]+)?`)
	jobNumber  = regexp.MustCompile(`(?i)#J(\d+)|\b(?:job number|n[uú]mero do job)\D{0,4}(\d+)`)
	returnCode = regexp.MustCompile(`(?i)\b(?:return code|exit code|exit status|rc|c[oó]digo de (?:retorno|sa[ií]da))\W{0,4}(?:(?:of|is|was|foi|é|era|de)\s+)?(\d+)\b`)
	stamp      = regexp.MustCompile(`\b\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2})?(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})?`)
	day        = regexp.MustCompile(`\b(?:\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}/\d{2,4}|\d{2}/\d{2})\b`)
	clockTime  = regexp.MustCompile(`\b(\d{1,2}):(\d{2})(?::\d{2})?\b(?:\s*\(?((?:UTC|GMT)\s?[+-]\d{1,2}(?::?\d{2})?|UTC|Z|GMT|[+-]\d{2}:\d{2})\b)?`)
	clockH     = regexp.MustCompile(`\b([01]?\d|2[0-3])h([0-5]\d)\b`)
	span       = regexp.MustCompile(`(?i)\b(?:\d+\s*(?:days?|dias?|d)\b\s*(?:and |e )?)?(?:\d+\s*(?:h|hours?|horas?)\b\s*(?:and |e )?)?(?:\d+\s*(?:min|m|minutes?|minutos?)\b\s*(?:and |e )?)?(?:\d+\s*(?:s|sec|seconds?|segundos?)\b)?`)
	glued      = regexp.MustCompile(`\b(?:\d+h)?(?:\d+m)?\d+(?:\.\d+)?(?:h|m|s)\b|\bPT?(?:\d+[DHMS])+\b`)
	measured   = regexp.MustCompile(`(?i)\b\d+(?:[.,]\d+)?\s*(?:%|percent|por cento|[kmgt]i?b|bytes|ms)`)
	wholeNum   = regexp.MustCompile(`(?:^|[^\w.,:/#-])(\d+)(?:[:;.,]?(?:[^\w:/#-]|$))`)
	// A short word between is none of a count: "a prioridade 100 do job".
	counted    = regexp.MustCompile(`(?i)\b(\d+) (?:\w{3,} )?(?:jobs?|objects?|streams?|job streams?|malhas?|objetos?|workstations?|agents?|agentes?|files?|arquivos?|instances?|inst[aâ]ncias?)\b`)
	lineNumber = regexp.MustCompile(`(?i)\b(?:lines?|linhas?)\s+(?:no\.?\s*|n[ºo°.]\s*|number\s+|n[uú]mero\s+)?(\d+)\b(?:\s*(?:-|–|to|and|until|a|à|e|até)\s*(\d+)\b)?`)
	lineSaid   = regexp.MustCompile("(?i)\\b(?:line|linha)\\s+(\\d+)\\b[^`\\n.\\d]{0,40}`([^`]*)`")
	lineShown  = regexp.MustCompile("(?m)^\\s*(?:[-*•]\\s*)?(?:L|l|line |linha )?(\\d+)\\s*[:.)|]\\s*`([^`]*)`")
	spanPart   = regexp.MustCompile(`(?i)(\d+)\s*([a-z]+)`)
	mixedName  = regexp.MustCompile(`\b(?:[A-Z]{2,}\d+[A-Z0-9]*|[A-Z]+\d+[A-Z]+[A-Z0-9]*)\b`)
)

// smallNumber is the greatest number that needs no support: lists are numbered and things are counted on one hand.
const smallNumber = 4

// grounds checks texts atom by atom.
type grounds struct {
	*scorer
	facts  *plant.Facts
	things []plant.Thing
	static string // what was said outside the world: question, tools, citations; folded, in capitals
	rest   string
	out    []string
	behind []plant.Thing // see suffering
	atoms  int
}

// grounded lists what the prose and the statements say and nothing supports.
func (s *scorer) grounded() {
	g := s.ground()
	texts := []string{s.Answer.Answer}
	for _, x := range s.d.Causes {
		texts = append(texts, x.Statement)
	}
	for _, x := range s.d.Explanations {
		texts = append(texts, x.Statement)
	}
	for _, text := range texts {
		g.check(text)
	}
	g.out = append(g.out, s.untrueStates(s.clauses(s.Answer.Answer))...)
	s.atoms, s.unsupported = g.atoms, len(g.out)
	slices.Sort(g.out)
	s.check(Grounded, slices.Compact(g.out)...)
}

func (s *scorer) ground() *grounds {
	if s.basis != nil {
		return s.basis
	}
	g := &grounds{scorer: s, things: s.named(s.Answer.Answer)}
	for _, x := range s.d.Causes {
		g.things = append(g.things, s.Plant.Meant(x.Entity)...)
	}
	for _, c := range slices.Concat(s.must, s.may) {
		g.things = append(g.things, c.things...)
	}
	g.facts = s.Plant.Told(g.things...)
	var b strings.Builder
	for _, t := range append(slices.Clone(s.Question.Turns), s.Question.Text) {
		b.WriteString(t + "\n")
	}
	for _, c := range s.Answer.Citations {
		b.WriteString(c.Source + "\n" + c.Title + "\n" + c.Quote + "\n")
	}
	b.WriteString(s.Answer.Engine.Name + " " + s.Answer.Engine.API + "\n")
	for _, c := range s.Ledger {
		b.WriteString(strings.Join(stringsIn(c.Result), " ") + "\n")
	}
	g.static = strings.ToUpper(plant.Fold(b.String()))
	s.basis = g
	return g
}

// known reports whether a text stands in the world, in the question, or in what the tools and the cited documents say.
func (g *grounds) known(text string) bool {
	return g.Plant.Says(text) || strings.Contains(g.static, strings.ToUpper(plant.Fold(text)))
}

// take cuts every match of a form out of the rest, and says of each that is not true what is wrong with it.
func (g *grounds) take(form *regexp.Regexp, what string, ok func(m []string) bool) {
	g.rest = replace(form, g.rest, func(m []string) string {
		if strings.TrimSpace(m[0]) == "" {
			return m[0]
		}
		g.atoms++
		if !ok(m) {
			if what == "the name" {
				g.invented++
			}
			g.out = append(g.out, fmt.Sprintf("%s %q is supported by nothing", what, strings.Trim(m[0], " :;,.()")))
		}
		return " "
	})
}

func replace(form *regexp.Regexp, text string, with func([]string) string) string {
	var b strings.Builder
	from := 0
	for _, at := range form.FindAllStringSubmatchIndex(text, -1) {
		m := make([]string, len(at)/2)
		for i := range m {
			if at[2*i] >= 0 {
				m[i] = text[at[2*i]:at[2*i+1]]
			}
		}
		b.WriteString(text[from:at[0]] + with(m))
		from = at[1]
	}
	return b.String() + text[from:]
}

func (g *grounds) check(text string) {
	g.rest = strings.ReplaceAll(text, "**", "")
	g.rest = replace(lineShown, g.rest, func(m []string) string {
		return g.lineOf(m)
	})
	g.rest = replace(lineSaid, g.rest, func(m []string) string {
		return g.lineOf(m)
	})
	g.rest = replace(quoted, g.rest, func(m []string) string {
		inner := strings.Trim(m[0], "`\"“”«»")
		if len(strings.Fields(inner)) > 1 && g.known(inner) {
			return " "
		}
		return " " + inner + " "
	})
	for _, line := range strings.Split(g.rest, "\n") {
		g.line(listed.ReplaceAllString(line, ""))
	}
}

// lineOf takes a line that is told with its text: where the text stands in a log, it must stand in that line.
func (g *grounds) lineOf(m []string) string {
	if !slices.ContainsFunc(g.logs(), func(l *plant.Log) bool { return l.Holds(m[2], 0) }) {
		return m[0]
	}
	g.atoms++
	if !g.shows(atoi(m[1]), m[2]) {
		g.out = append(g.out, fmt.Sprintf("%q does not stand in line %s of a log", short(m[2]), m[1]))
	}
	return " "
}

func (g *grounds) line(text string) {
	g.rest = text
	known := func(m []string) bool { return g.known(m[0]) }
	g.take(instances, "the name", func(m []string) bool { return len(g.Plant.Meant(m[0])) > 0 || g.known(m[0]) })
	g.take(messageID, "the message", known)
	g.take(stamp, "the time", g.hasStamp)
	g.take(jobNumber, "the job number", func(m []string) bool { return g.hasRun(m[1] + m[2]) })
	g.take(address, "the address", known)
	g.take(day, "the date", func(m []string) bool { return g.hasDay(m[0]) })
	g.take(filePath, "the path", func(m []string) bool { return g.known(m[0]) || g.names(m[0]) })
	g.take(nameForm, "the name", func(m []string) bool { return g.Plant.Known(m[0]) || g.known(m[0]) })
	g.take(mixedName, "the name", func(m []string) bool { return g.Plant.Known(m[0]) || g.known(m[0]) || slices.Contains(notNames, m[0]) })
	g.take(returnCode, "the return code", func(m []string) bool { return g.hasCode(m[1]) })
	g.take(clockTime, "the time", func(m []string) bool { return g.hasClock(m[1], m[2], m[3]) })
	g.take(clockH, "the time", func(m []string) bool {
		d, _ := spoken(m[0])
		return g.hasClock(m[1], m[2], "") || g.facts.HasSpan(d, time.Minute)
	})
	g.take(glued, "the duration", func(m []string) bool {
		d, ok := plant.Duration(m[0])
		return ok && g.facts.HasSpan(d, time.Minute) || g.known(m[0])
	})
	g.take(measured, "the figure", func(m []string) bool { return g.known(m[0]) || g.hasFigure(firstNumber.FindString(m[0])) })
	g.take(span, "the duration", g.hasSpan)
	g.take(lineNumber, "the line", func(m []string) bool { return g.hasLine(m[1]) && (m[2] == "" || g.hasLine(m[2])) })
	g.take(counted, "the number", func(m []string) bool { return atoi(m[1]) <= smallNumber || g.counts(m[1]) })
	g.take(wholeNum, "the number", func(m []string) bool {
		n := atoi(m[1])
		return n <= smallNumber || g.hasNumber(m[1]) || len(m[1]) > 4 && g.hasRun(m[1])
	})
}

var (
	firstNumber = regexp.MustCompile(`\d+(?:[.,]\d+)?`)
	notNames    = []string{"UTF8", "UTF16", "MD5", "SHA1", "SHA256", "HTTP2", "TLS1", "BASE64", "X509", "IPV4", "IPV6", "V1", "V2", "DB2", "RC0"}
)

// names reports whether a path is a name of the world with its folder.
func (g *grounds) names(text string) bool {
	parts := strings.FieldsFunc(text, func(r rune) bool { return !wordByte(r) })
	return len(parts) > 0 && !slices.ContainsFunc(parts, func(p string) bool { return !g.Plant.Known(p) && !g.known(p) }) && len(g.Plant.Meant(text)) > 0 || words2(parts)
}

// words2 are two plain words with a slash between them, as in and/or.
func words2(parts []string) bool {
	return len(parts) == 2 && !slices.ContainsFunc(parts, func(p string) bool {
		return p != strings.ToLower(p) && p != strings.ToUpper(p) || strings.ContainsAny(p, "0123456789_.")
	})
}

func wordByte(r rune) bool {
	return r == '_' || r == '-' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r > 127
}

func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 1 << 30 // too great to be anything that was counted
	}
	return n
}

func itoa(n int) string { return strconv.Itoa(n) }
