package joblog

import (
	"regexp"
	"strings"
)

// Holder is who keeps something locked, or who stopped a run, as a log line names it. Empty fields are what the line does not say.
type Holder struct {
	Session string // of a database: session, agent or application handle, as written
	PID     string
	User    string
	Host    string
	Job     string // a job or program that the line names
}

var (
	holderWords = regexp.MustCompile(`(?i)\b(held|holds?|holding|holder|owned|owner|locked|locks|blocked|blocking|blocker|belongs|in use|used|running|started|taken|kept|killed|terminated|cancell?ed|stopped|interrupted|signal|retid[oa]|mantid[oa]|bloquead[oa]|bloqueia|trava(d[oa])?|em uso|deten(tor|ido)|segurad[oa]|preso|iniciad[oa]|mort[oa]|encerrad[oa]|cancelad[oa]|interrompid[oa]|derrubad[oa]|gehalten|gesperrt|belegt|beendet|retenid[oa]|bloqueado)\b`)
	// What stands behind "held by" is the holder; what stands before it may be who waits.
	holderBy      = regexp.MustCompile(`(?i)\b(?:held|holding|owned|locked|blocked|used|running|started|taken|kept|killed|terminated|cancell?ed|stopped|interrupted|retid[oa]|mantid[oa]|bloquead[oa]|travad[oa]|iniciad[oa]|mort[oa]|encerrad[oa]|cancelad[oa]|interrompid[oa]|derrubad[oa]|gehalten|gesperrt|belegt|beendet)\b.{0,30}?\b(?:by|por|pel[oa]|von|durch)\b(.*)`)
	holderSession = regexp.MustCompile(`(?i)\b(?:session(?: ?id)?|sess[aã]o|sesi[oó]n|sid|spid|agentid|application handle|appl(?:ication)? ?id|handle|thread(?: ?id)?|connection(?: id)?|transaction|backend)\b[\s:=#(]*([A-Za-z]*\d[\w.,:-]*)`)
	holderPID     = regexp.MustCompile(`(?i)\b(?:pid|process(?: id)?|processo)\b[\s:=#(]*(\d+)`)
	holderUser    = regexp.MustCompile(`(?i)(?:\b(?:user(?:name|id)?|usu[aá]rio|usuario|benutzer|operator|operador|administrator|administrador|auth(?:orization)? ?id|login|account)\b(?: (?:with id|de nome|called|named))?[\s:=('"]+([A-Za-z_][\w$.\\@-]*))|\b(?:session|sess[aã]o|sesi[oó]n|sid|process|pid) #?[\w.,-]*\d[\w.,-]* (?:of|from|by|do|da|de) (?:user |usu[aá]rio )?([A-Za-z_][\w$.\\@-]*)`)
	holderHost    = regexp.MustCompile(`(?i)\b(?:on|at|host(?:name)?|machine|server|node|m[aá]quina|servidor|no host|equipo)\b[\s:=('"]+(?:host |machine |server |node )?([A-Za-z][\w-]*\d[\w.-]*|[A-Za-z][\w-]*(?:\.[A-Za-z][\w-]*)+)`)
	// A job as the plan writes it, behind "by" or "session of": an object of the database (SCHEMA.TABLE) has the same form elsewhere.
	holderPath = regexp.MustCompile(`(?i:\b(?:by|por|pel[oa])\s+(?:(?:the |a |o )?(?:job|run|session|sess[aã]o|processo?)\s+(?:of |do |da |de )?)?|\b(?:session|job|run|process|sess[aã]o|processo)\s+(?:of|do|da|de)\s+(?:job )?|^\s*(?:(?:session|job|run|sess[aã]o) (?:of |do |da |de )?)?)((?:[A-Z][\w-]*#)?[A-Z][A-Z0-9_-]+\.[A-Z][A-Z0-9_-]+)\b`)
	holderJob  = regexp.MustCompile(`(?i)\b(?:job|program|programa|module|application name|appl(?:ication)?|processo|script)\b[\s:=('"]+([A-Za-z_][\w#.$/-]*[\w])`)
	ownSession = regexp.MustCompile(`(?i)\b(this|own|my|current|nossa|esta|minha) (session|sess[aã]o|process|processo)\b`)
)

// HolderIn reads from a line who holds what the run wanted, or who stopped it: only where the line speaks of holding or stopping at all.
func HolderIn(text string) Holder {
	if !holderWords.MatchString(text) || ownSession.MatchString(text) {
		return Holder{}
	}
	if m := holderBy.FindStringSubmatch(text); m != nil {
		if h := holderOf(m[1]); h != (Holder{}) {
			return h
		}
	}
	return holderOf(text)
}

func holderOf(text string) Holder {
	first := func(re *regexp.Regexp) string {
		m := re.FindStringSubmatch(text)
		for i := 1; i < len(m); i++ {
			if m[i] != "" {
				return strings.TrimRight(m[i], ".,:;'\")")
			}
		}
		return ""
	}
	return Holder{Session: first(holderSession), PID: first(holderPID), User: notAWord(first(holderUser)), Host: first(holderHost), Job: orElse(first(holderPath), notAWord(first(holderJob)))}
}

func orElse(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// notAWord drops what a pattern for names may catch of a sentence: "user is", "job that".
func notAWord(s string) string {
	switch strings.ToLower(s) {
	case "is", "was", "has", "that", "which", "who", "and", "or", "the", "a", "an", "by", "on", "for", "in", "of", "with", "not", "already", "still", "process", "session", "request", "requested", "handle", "id", "name",
		"está", "esta", "foi", "que", "já", "ja", "com", "por", "do", "da", "de", "em", "não", "nao", "running", "instance", "held", "holds", "locked", "failed", "ended":
		return ""
	}
	return s
}

// String writes the holder for a sentence: "session 714, user REPORTS".
func (h Holder) String() string {
	var parts []string
	for _, p := range []struct{ word, value string }{{"session", h.Session}, {"pid", h.PID}, {"user", h.User}, {"host", h.Host}, {"job", h.Job}} {
		if p.value != "" {
			parts = append(parts, p.word+" "+p.value)
		}
	}
	return strings.Join(parts, ", ")
}
