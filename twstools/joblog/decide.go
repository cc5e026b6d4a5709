package joblog

import (
	"regexp"

	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools"
)

// Finding is the line that explains a bad end, and what it proves.
type Finding struct {
	Line      twstools.LogLine // raw text
	Kind      string           // deepest cause kind that the line proves; app.error when only the bad end is proven
	Signature string           // id of the signature, empty for an unknown log
	Proves    bool             // the line states the mechanism, not only a symptom
	Name      string           // what the line names: an account, a file system, a host; may be empty
	Fix       string           // action code that mends it, from the signature; may be empty
	Others    []Finding        // further signatures of other kinds seen in the same run, weaker than this one
}

// candidate is a line that may decide, with its strength.
type candidate struct {
	at    int // index in the body
	score int
	sig   *signature
	name  string
}

// Words with which programs announce a bad end, by strength. English, Portuguese, Spanish, German and French, since programs
// speak their author's language. A hit needs word boundaries so that "terror" and "errorlevel=0" stay quiet.
var (
	strong  = regexp.MustCompile(`(?i)\b(fatal|panic|abort(ed|ing)?|abend(ed)?|segmentation fault|core dumped|uncaught|unhandled|traceback|exception|stack ?trace|critical|severe|emergency|abortado|grave|falha (fatal|geral)|fehler|schwerwiegend|abbruch|abgebrochen|erreur|fatale)\b|Exception\b|\bkilled\b`)
	medium  = regexp.MustCompile(`(?i)\b(err(or)?s?|fail(ed|ure|s)?|cannot|can't|could not|couldn't|unable|denied|refused|rejected|invalid|not found|no such|missing|does not exist|doesn't exist|unknown|timed? ?out|timeout|expired|corrupt(ed)?|violat(ed|ion)|mismatch|overflow|exceeded|full|lost|unexpected|illegal|erros?|falh(a|ou|as)|n[aã]o (foi poss[ií]vel|encontrad[oa]|existe|p[oô]de)|negad[oa]|recusad[oa]|inv[aá]lid[oa]|expirad[oa]|divergente|diverg[eê]ncia|ausente|impossible|fall[oó]|fallido|denegad[oa]|rechazad[oa]|rehusad[oa]|no (se )?(pudo|puede|existe|encontr\w+)|ung[uü]ltig\w*|verweigert|abgelehnt|fehlgeschlagen|nicht (gefunden|m[oö]glich|verf[uü]gbar|erlaubt|vorhanden)|kann nicht|introuvable|refus[eé]e?|[eé]chec)\b|[a-z]Error\b`)
	weak    = regexp.MustCompile(`(?i)\b(g(a|i)ve up|giving up|stopp(ed|ing)|halt(ed|ing)|crash(ed|ing)?|problems?|incorrect|broke|differs?|differences?|unbalanced|(will|would|does|did|do|was|is|has|have|could|can)( not|n't)|wrong|broken|bad|not (allowed|available|balanced|equal|match(ing|ed)?|ready|possible|permitted|authori[sz]ed|supported|enough|defined|set|open)|insufficient|too (many|large|long|small|old)|no more|out of|incomplete|desist\w+|interromp\w+|problemas?|incorret[oa]|insuficiente|indispon[ií]vel|n[aã]o (autorizad[oa]|permitid[oa]|dispon[ií]vel|definid[oa]|informad[oa]))\b`)
	heading = regexp.MustCompile(`(?i)^\W*(errors?|erros?|fatal|exception|failure|falha|fehler|message|mensagem|reason|motivo|details?|traceback \(most recent call last\)|stack ?trace|(the above|during handling of the above) exception.*)\W*$`)
	coded   = regexp.MustCompile(`\b([A-Z]{2,6}-\d{3,6}|[A-Z]{3,5}\d{3,5}[EFSA]|SQL\d{4,5}N|SQLSTATE[ =:\[]+\w{5}|SQLCODE[ =:]+-\d+|E[A-Z]{4,}|errno[ =:]+\d+|rc=-?[1-9]\d*|HTTP[/ ][\d. ]*[45]\d\d)\b`)
	// What looks bad and is not: counters at zero, levels below error, retried and recovered.
	harmless   = regexp.MustCompile(`(?i)\b(0|no|zero|nenhum|sem|without|keine) (errors?|failures?|fail(ed)?|erros?|falhas?|rejects?|warnings?|exceptions?|rejeitados?)\b|\b(errors?|failures?|failed|erros?|falhas?|rejects?|rejected|rejeitados?|exceptions?|invalid)([ _-]?(count|total|s))?\s*[:=]\s*0+\s*($|[,;.)|\]])|\berror[_ ]?level\s*=\s*0|\bon ?error (goto|resume|stop|exit|continue)|\bif error\b|\b(exit|return|retorno) (code|status)?\s*[:=]?\s*0\b|\brc\s*=\s*0\b`)
	quietLevel = regexp.MustCompile(`(?i)(^|[\s\[|(<])(debug|trace|info|informational|notice|warn(ing)?|aviso|informa[cç][aã]o)([\s\]|):>]|$)`)
	loudLevel  = regexp.MustCompile(`(?i)(^|[\s\[|(<])(error|fatal|crit(ical)?|severe|alert|emerg|erro|fail(ed|ure)?)([\s\]|):>]|$)`)
	recovered  = regexp.MustCompile(`(?i)\b(retry(ing)?|will retry|attempt \d+ (of|/) ?\d+|succeeded (on|after)|recovered|reconnected|ignored|ignoring|skipp(ed|ing)|continuing|tentando novamente|nova tentativa|ignorad[oa]|prosseguindo|recuperad[oa])\b`)
	goodEnd    = regexp.MustCompile(`(?i)\b(succe(ss|eded|ssful(ly)?)|completed ok|restored|(re)?connected|connection (re-?)?established|recovered|sucesso|conclu[ií]d[oa]|restabelecid[oa]|(re)?conectado)\b`)
	rethrow    = regexp.MustCompile(`(?i)^\s*(\[?caused by\b|causado por|nested exception)`)
	pyError    = regexp.MustCompile(`^[A-Za-z_][\w.]*(Error|Exception|Interrupt|Exit)\b(:|$)`)
	stackFrame = regexp.MustCompile(`^\s+at [\w$.<>]+\(|^\s+File "|^\s*\.\.\. \d+ more|^\s{4,}\S+\(.*\)$`)
	farewell   = regexp.MustCompile(`(?i)^\W*(exit(ing|ed)?|rc|return code|status|code|bye|end(ed)?|done|finished|quit(ting)?|logout|fim|encerrad[oa]|fin|ende|exit (code|status)|(job|step|script|process(ing|o)?|program|batch) (is )?(finished|ended|done|complete|terminou|finalizad[oa]|encerrad[oa]))\W*-?\d*\W*$`)
	wrapUp     = regexp.MustCompile(`(?i)\b(exit(ing|ed)?|ended|terminat(ed|ing)|finish(ed|ing)|step failed|job failed|script failed|aborting|encerrad[oa]|finalizad[oa]|terminou)\b.*(\brc\b|code|status|error|erro|c[oó]digo)|\brc\s*[=:]\s*-?[1-9]|\b(total|number of|count of)\b.*\b(errors?|failures?|failed|erros|falhas|rejects?)\b\W*\d+\W*$|\bfailed with (an )?exception\W*$`)
)

// Decisive finds the line that best explains why the run ended badly. exit is the return code as the plan shows it (nil: unknown).
// ok is false only for a run that printed nothing at all.
func (s Segment) Decisive(exit *int) (Finding, bool) {
	var cands []candidate
	for i, line := range s.Body {
		if c, ok := s.judge(i, line); ok {
			cands = append(cands, c)
		}
	}
	best := s.choose(cands)
	if best == nil {
		return s.fallback(exit)
	}
	f := s.finding(*best)
	if at, ok := s.noInodes(); ok && f.Kind == "app.fs.space" {
		// "No space left" is said of inodes too; the listing beside it tells which.
		f = Finding{Line: s.Body[at], Kind: "app.fs.inodes", Signature: "inode-listing", Proves: true, Fix: f.Fix}
	}
	seen := map[string]bool{f.Kind: true}
	for _, c := range cands {
		if c.sig != nil && c.at != best.at && !seen[c.sig.Kind] {
			seen[c.sig.Kind] = true
			f.Others = append(f.Others, s.finding(c))
		}
	}
	return f, true
}

var (
	inodeHeading = regexp.MustCompile(`(?i)\bI(Use|Used)%`)
	allUsed      = regexp.MustCompile(`\b100 ?%`)
)

// noInodes finds the row of an inode listing (df -i) that shows a file system at 100 %.
func (s Segment) noInodes() (int, bool) {
	listing := -1
	for i, line := range s.Body {
		switch {
		case inodeHeading.MatchString(line.Text):
			listing = i
		case listing >= 0 && i-listing <= 20 && allUsed.MatchString(line.Text):
			return i, true
		}
	}
	return 0, false
}

// judge gives a line its strength: what it says, lowered by signs that the program went on.
func (s Segment) judge(i int, line twstools.LogLine) (candidate, bool) {
	text := untrusted.Normalize(line.Text)
	if text == "" || launcher.MatchString(text) || allHarmless(text) || stackFrame.MatchString(line.Text) {
		return candidate{}, false
	}
	c := candidate{at: i}
	if sig, name := match(text); sig != nil {
		c.sig, c.name = sig, name
		c.score = 60 + sig.Weight
	}
	if strong.MatchString(text) {
		c.score += 30
	}
	if medium.MatchString(text) {
		c.score += 20
	}
	if coded.MatchString(text) {
		c.score += 15
	}
	if c.score == 0 && weak.MatchString(text) {
		c.score = 10
	}
	if i > 0 && heading.MatchString(untrusted.Normalize(s.Body[i-1].Text)) {
		c.score += 25 // the program itself announces this line as the error
	}
	if c.score == 0 {
		return candidate{}, false
	}
	if rethrow.MatchString(text) {
		c.score += 12 // the inner exception is nearer to the cause than its wrapper
	}
	if pyError.MatchString(text) {
		c.score += 10
		if s.afterFrames(i) {
			c.score += 25 // Python prints what was raised behind its stack
		}
	}
	if loudLevel.MatchString(text) {
		c.score += 8
	} else if quietLevel.MatchString(text) {
		c.score -= 45 // a program that says "warning" knows better than we do
	}
	if recovered.MatchString(text) {
		c.score -= 40
	}
	if wrapUp.MatchString(text) && c.sig == nil {
		c.score -= 18 // "step failed with rc=8" reports the end and does not explain it
	}
	if untrusted.LooksLikeInstruction(text) {
		c.score -= 100
	}
	if heading.MatchString(text) || len(text) < 6 {
		c.score -= 40 // a heading for the next line
	}
	if s.healed(i) {
		c.score -= 50
	}
	return c, c.score > 0
}

// allHarmless reports whether nothing but counters at zero and the like makes the line look bad.
func allHarmless(text string) bool {
	rest := harmless.ReplaceAllString(text, " ")
	if rest == text {
		return false
	}
	sig, _ := match(rest)
	return sig == nil && !strong.MatchString(rest) && !medium.MatchString(rest) && !coded.MatchString(rest)
}

// afterFrames reports whether a stack trace ends just before line i.
func (s Segment) afterFrames(i int) bool {
	for j := i - 1; j >= 0 && j >= i-3; j-- {
		if stackFrame.MatchString(s.Body[j].Text) {
			return true
		}
	}
	return false
}

// healed reports whether the program says within the next lines that what went wrong at i came good again.
func (s Segment) healed(i int) bool {
	for j := i + 1; j < len(s.Body) && j <= i+4; j++ {
		t := s.Body[j].Text
		if recovered.MatchString(t) || goodEnd.MatchString(t) && !medium.MatchString(t) {
			return true
		}
	}
	return false
}

// choose picks the decisive candidate. What ends a run stands near its end, and the first strong line there is the cause of those
// that follow it; so lines get a share for lying in the last third, signatures beat words, and among near equals the earlier wins
// unless the later one is the inner exception of the same burst.
func (s Segment) choose(cands []candidate) *candidate {
	var best *candidate
	bestScore := 0
	n := len(s.Body)
	if len(cands) == 0 {
		return nil
	}
	wentOn := s.progress()
	for k := range cands {
		c := &cands[k]
		score := c.score
		if after := n - 1 - c.at; after <= 12 || after*3 <= n {
			score += 15
		}
		if wentOn[c.at] {
			score -= 20
		}
		if best == nil || score > bestScore {
			best, bestScore = c, score
		}
	}
	return best
}

// progress tells for each line whether the program plainly went on working after it: several lines of ordinary output follow before the end without
// another complaint. One walk from the end: a log of thousands of complaining lines is looked at once, not once for each.
func (s Segment) progress() []bool {
	out := make([]bool, len(s.Body))
	quiet, complaint := 0, false // what follows line i, up to the next complaint
	for i := len(s.Body) - 1; i >= 0; i-- {
		out[i] = quiet >= 8 || complaint && quiet >= 5
		t := untrusted.Normalize(s.Body[i].Text)
		switch {
		case t == "" || launcher.MatchString(t) || stackFrame.MatchString(s.Body[i].Text):
		case medium.MatchString(t) || strong.MatchString(t) || coded.MatchString(t):
			quiet, complaint = 0, true
		default:
			quiet++
		}
	}
	return out
}

func (s Segment) finding(c candidate) Finding {
	f := Finding{Line: s.Body[c.at], Kind: "app.error", Name: c.name}
	if c.sig != nil {
		f.Kind, f.Signature, f.Proves, f.Fix = c.sig.Kind, c.sig.ID, c.sig.Proves, c.sig.Fix
	}
	return f
}

// fallback answers for a log in which no line complains: the last line the program printed that says more than goodbye, else the trailer's exit status.
func (s Segment) fallback(exit *int) (Finding, bool) {
	if f, ok := byExit(s, exit); ok {
		return f, true
	}
	last := -1
	for i := len(s.Body) - 1; i >= 0; i-- {
		t := untrusted.Normalize(s.Body[i].Text)
		if t == "" || launcher.MatchString(t) || untrusted.LooksLikeInstruction(t) {
			continue
		}
		if last < 0 {
			last = i
		}
		if !farewell.MatchString(t) && !goodEnd.MatchString(t) && (!quietLevel.MatchString(t) || loudLevel.MatchString(t)) {
			return Finding{Line: s.Body[i], Kind: "app.error"}, true
		}
	}
	// Nothing but progress and goodbyes: the exit status itself says more than any of them.
	if s.ExitStatus != nil && *s.ExitStatus != 0 {
		return Finding{Line: s.ExitLine, Kind: "app.error"}, true
	}
	if last >= 0 {
		return Finding{Line: s.Body[last], Kind: "app.error"}, true
	}
	if s.ExitStatus != nil {
		return Finding{Line: s.ExitLine, Kind: "app.error"}, true
	}
	return Finding{}, false
}

// byExit reads the shell's own return codes where the log is silent: 137 and 143 are signals 9 and 15, sent by nobody knows whom
// (bash manual, "Exit Status"; 137 alone does not prove that memory ran out).
func byExit(s Segment, exit *int) (Finding, bool) {
	rc := exit
	if rc == nil {
		rc = s.ExitStatus
	}
	if rc == nil || s.ExitStatus == nil || (*rc != 137 && *rc != 143) {
		return Finding{}, false
	}
	return Finding{Line: s.ExitLine, Kind: "app.killed.unknown", Signature: "exit-signal"}, true
}
