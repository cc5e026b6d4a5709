package joblog

import (
	"regexp"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools"
)

// Progress tells how far the log of a run goes: what the run said last and when, whether it says the same again and again, what it says it waits
// for, and whether the log already shows the run's end. It is meant for runs that the plan shows as running, and for runs that were stopped. It proves
// what the log shows, no more: a program that writes nothing while it works is as silent as one that hangs.
type Progress struct {
	LastLine twstools.LogLine // the last line of the program that says anything; N is 0 when it printed nothing
	LastAt   time.Time        // when LastLine was written, by its own time; zero when it bears none (see Stamped)
	// Stamped is the last line with a time of its own, and StampedAt that time, in the zone of the now that was given. It differs from LastLine
	// where the program wrote lines without time after it: then nobody can tell since when it is silent.
	Stamped   twstools.LogLine
	StampedAt time.Time
	// Silent is how long ago LastLine was written; 0 when that is not known, or when its time is not before now.
	Silent time.Duration
	// Repeating is what the log ends with over and over, nil when it does not. Lines that count on ("part 18 of 40") do not repeat.
	Repeating *Repetition
	// Waits is the last line on which the run says what it waits for, if nothing but repetitions and waiting follows it; nil otherwise.
	Waits *Wait
	// Ended says that the log holds the run's closing trailer, with nothing printed after it. A run that the plan shows as running has ended on its agent
	// then: the event was lost (Troubleshooting, "A job remains in exec status after JnextPlan"). ExitStatus and EndLine are the trailer's.
	Ended      bool
	ExitStatus *int
	EndLine    twstools.LogLine
}

// Repetition is the same line, or the same few lines, printed again and again at the end of a log. Numbers and times in them may differ.
type Repetition struct {
	Line  twstools.LogLine // the last of them
	First twstools.LogLine // the first
	Times int              // how often, 3 or more
	Since time.Time        // when the first was written; zero when it bears no time
}

// Wait is what a run says it waits for.
type Wait struct {
	Line   twstools.LogLine
	Kind   string // app.db.lock for rows, tables and database locks, app.lockfile for a lock file or another instance; empty for anything else
	Holder Holder // who holds it, as far as the line says so
}

const (
	leastRepeats = 3
	longestCycle = 4
	repeatReach  = 2000 // lines looked back for a repetition
)

// Progress reads how the run's log ends, as seen at now. Times without a zone are read in now's zone, unless the log's own header shows that the
// program writes in another one. It is pure; now should be the engine's time.
func (s Segment) Progress(now time.Time) Progress {
	p := Progress{Ended: s.Closed(), ExitStatus: s.ExitStatus, EndLine: s.ExitLine}
	if !p.Ended {
		p.ExitStatus, p.EndLine = nil, twstools.LogLine{}
	}
	said := s.said()
	if len(said) == 0 {
		return p
	}
	shift := s.shift(said, now)
	p.LastLine = said[len(said)-1]
	for i := len(said) - 1; i >= 0 && i >= len(said)-repeatReach; i-- {
		at, ok := stampWith(said[i].Text, now, shift)
		if !ok {
			continue
		}
		p.Stamped, p.StampedAt = said[i], at
		if i == len(said)-1 || continues(said[i+1:]) {
			p.LastAt = at
			if d := now.Sub(at); d > 0 {
				p.Silent = d
			}
		}
		break
	}
	p.Repeating = repetition(said)
	if p.Repeating != nil {
		if at, ok := stampWith(p.Repeating.First.Text, now, shift); ok {
			p.Repeating.Since = at
		}
	}
	p.Waits = waits(said, p.Repeating)
	return p
}

// said are the lines of the program itself that hold any text.
func (s Segment) said() []twstools.LogLine {
	var out []twstools.LogLine
	for _, line := range s.Body {
		if t := folded(line.Text); t != "" && !launcher.MatchString(t) {
			out = append(out, line)
		}
	}
	return out
}

// continues reports whether the lines belong to the one before them: indented, or frames of a stack.
func continues(lines []twstools.LogLine) bool {
	for _, line := range lines {
		if !strings.HasPrefix(line.Text, " ") && !strings.HasPrefix(line.Text, "\t") {
			return false
		}
	}
	return true
}

// stampWith reads a line's time; times that name no zone are moved by shift.
func stampWith(text string, now time.Time, shift time.Duration) (time.Time, bool) {
	st, ok := StampOf(untrusted.Clean(text), now.Add(-shift))
	if !ok {
		return time.Time{}, false
	}
	if st.Zoned {
		return st.At, true
	}
	return st.At.Add(shift), true
}

// shift tells by how much the program's clock is off the header's: programs that write in UTC under a header in local time are common. The first time
// in the body stands next to the header's; a distance of whole half hours (zones have no other) is the zone, any other is a late first line.
func (s Segment) shift(said []twstools.LogLine, now time.Time) time.Duration {
	head, ok := StampOf(s.begun, now)
	if !ok {
		return 0
	}
	for i := 0; i < len(said) && i < 50; i++ {
		st, ok := StampOf(untrusted.Clean(said[i].Text), now)
		if !ok {
			continue
		}
		if st.Zoned || !st.Dated {
			return 0
		}
		d := head.At.Sub(st.At)
		zone := d.Round(30 * time.Minute)
		if off := (d - zone).Abs(); zone.Abs() > 14*time.Hour || off > 2*time.Minute {
			return 0
		}
		return zone
	}
	return 0
}

var (
	numbers = regexp.MustCompile(`\d+`)
	hexID   = regexp.MustCompile(`\b(0x)?[0-9a-f]{8,}\b`)
	// A number behind one of these words counts tries or time, not work done.
	idleCount = regexp.MustCompile(`(?i)\b(attempt|try|retry|retries|tries|wait(ed|ing|s)?|elapsed|sleep(ing)?|slept|poll(ing|ed)?|since|for|after|in|tentativas?|espera(ndo)?|aguard(a|ando)|h[aá]|intento|versuch|wartet?)\b`)
	workCount = regexp.MustCompile(`(?i)\b(rows?|records?|lines?|parts?|files?|blocks?|pages?|chunks?|bytes|[kmg]b|keys?|items?|batch(es)?|loaded|written|read|processed|done|linhas?|registros?|arquivos?|partes?|lotes?|blocos?|lid[oa]s|gravad[oa]s|processad[oa]s|carregad[oa]s)\b|%`)
)

// shape is a line without its time and with its numbers blanked; counts are the numbers, so that a counter can be told from a repetition.
func shape(text string) (form string, counts []string) {
	t := unstamped(folded(text))
	t = hexID.ReplaceAllString(t, "#")
	return numbers.ReplaceAllString(t, "#"), numbers.FindAllString(t, -1)
}

// repetition finds the shortest cycle of lines that the log ends with.
func repetition(said []twstools.LogLine) *Repetition {
	if len(said) > repeatReach {
		said = said[len(said)-repeatReach:]
	}
	forms, counts := make([]string, len(said)), make([][]string, len(said))
	for i, line := range said {
		forms[i], counts[i] = shape(line.Text)
	}
	n := len(said)
	for cycle := 1; cycle <= longestCycle; cycle++ {
		same := 0
		for i := n - 1; i-cycle >= 0 && forms[i] == forms[i-cycle] && !worksOn(said[i].Text, counts[i], counts[i-cycle]); i-- {
			same++
		}
		times := same/cycle + 1
		if times < leastRepeats {
			continue
		}
		return &Repetition{Line: said[n-1], First: said[n-times*cycle], Times: times}
	}
	return nil
}

// worksOn reports whether a line of the same shape tells of work that went on since: its numbers differ, and they count neither tries nor time.
func worksOn(text string, now, before []string) bool {
	if len(now) != len(before) {
		return true
	}
	for i := range now {
		if now[i] != before[i] {
			return workCount.MatchString(text) || !idleCount.MatchString(text)
		}
	}
	return false
}

var (
	waitWords = regexp.MustCompile(`(?i)\b(wait(s|ing|ed)?|blocked|queued|pending|aguard(a|ando)|espera(ndo)?|esperando|bloquead[oa]|na fila|wartet?|en espera|attend)\b`)
	lockWords = regexp.MustCompile(`(?i)\b(lock(s|ed|ing)?|latch|enqueue|mutex|semaphore|rows?|table|tabela|linhas?|tablespace|session|sess[aã]o|sesi[oó]n|sid|transaction|transa[cç][aã]o|bloquei[oa]s?|bloquead[oa]s?|gesperrt|sperre)\b`)
	lockFile  = regexp.MustCompile(`(?i)\block ?file\b|\.(lock|lck|pid)\b|\b(another|other) (instance|process|copy)\b|outra inst[aâ]ncia|arquivo de (lock|trava)`)
	granted   = regexp.MustCompile(`(?i)\b(granted|acquired|obtained|got it|released|obtid[oa]|concedid[oa]|liberad[oa]|adquirid[oa])\b`)
)

// waits finds the last line that says what the run waits for. Nothing but waiting, or what the log repeats, may follow it.
func waits(said []twstools.LogLine, rep *Repetition) *Wait {
	from := 0
	if rep != nil {
		from = rep.First.N
	}
	var last *Wait
	for i := len(said) - 1; i >= 0 && i >= len(said)-repeatReach; i-- {
		t := untrusted.Normalize(said[i].Text)
		if untrusted.LooksLikeInstruction(t) {
			break
		}
		isWait := waitWords.MatchString(t) && !granted.MatchString(t)
		if !isWait && (rep == nil || said[i].N < from) {
			break
		}
		if !isWait {
			continue
		}
		w := &Wait{Line: said[i], Holder: HolderIn(t)}
		switch {
		case lockFile.MatchString(t):
			w.Kind = "app.lockfile"
		case lockWords.MatchString(t):
			w.Kind = "app.db.lock"
		}
		if last == nil || last.Kind == "" && w.Kind != "" || last.Holder == (Holder{}) && w.Holder != (Holder{}) {
			last = w // "goes on waiting" says less than the line before it that names the lock
		}
	}
	return last
}
