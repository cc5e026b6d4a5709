package world

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/resync-hwa/resync/twstools"
)

const rule = "==============================================================="

// logs writes the log of every run that has one: those that were launched and whose job or stream names a pattern.
func (b *builder) logs() {
	for i, src := range b.jobFiles {
		j := b.w.Jobs[i]
		for n, r := range j.Runs {
			if r.Status.Internal == "FAIL" || r.Status.Internal == "WAIT" || r.Status.Internal == "INTRO" {
				continue // never launched, so nothing wrote a log
			}
			name, none := src.file.Log, src.file.NoLog
			if n < len(src.file.Runs) {
				name, none = orElse(src.file.Runs[n].Log, name), none || src.file.Runs[n].NoLog
			}
			name = orElse(name, b.streamFiles[src.stream].Log)
			if none || name == "" {
				continue
			}
			pattern, ok := b.doc.Logs[name]
			if !ok {
				b.fail("job %s.%s: there is no log pattern %q; there are %s", src.key, j.Name, name, strings.Join(slices.Sorted(maps.Keys(b.doc.Logs)), ", "))
				continue
			}
			b.w.Logs[r.ID] = b.jobLog(j, r, pattern)
		}
	}
}

func (b *builder) jobLog(j twstools.Job, r twstools.Run, p fileLog) JobLog {
	var l JobLog
	ended := !r.End.IsZero()
	l.Header = b.banner(j, r)
	l.Body = b.render(j, r, p)
	if !b.dynamic(r.ActualWorkstation) {
		l.Body = fmt.Sprintf("AWSBIS307I Starting %s\n", j.Definition.Task) + l.Body
		if ended {
			l.Body += "AWSBIS308I End of job\n"
		}
	}
	if ended {
		l.Trailer = b.trailer(r)
	}
	if p.CRLF {
		l = JobLog{crlf(l.Header), crlf(l.Body), crlf(l.Trailer)}
	}
	return l
}

func crlf(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }

// longDate is how the agents write the instant above and below a log.
const longDate = "Mon Jan _2 15:04:05 MST 2006"

func (b *builder) banner(j twstools.Job, r twstools.Run) string {
	user := "batch"
	if len(j.Definition.UserLogins) > 0 {
		user = j.Definition.UserLogins[0]
	}
	lines := []string{rule,
		fmt.Sprintf("= JOB       : %s#%s[(%s),(%s)].%s", j.StreamWorkstation, j.Stream, j.SchedTime.In(b.loc).Format("1504 01/02/06"), j.JobStreamID, j.Name),
		"= USER      : " + user,
		"= JCLFILE   : " + j.Definition.Task}
	if b.dynamic(r.ActualWorkstation) {
		lines = append(lines, "= TWSRCMAP  :", "= AGENT     : "+r.ActualWorkstation)
	}
	lines = append(lines, "= Job Number: "+strconv.FormatInt(r.JobNumber, 10), "= "+r.Start.In(b.loc).Format(longDate), rule)
	return strings.Join(lines, "\n") + "\n"
}

func (b *builder) trailer(r twstools.Run) string {
	rc := 0
	if r.ReturnCode != nil {
		rc = *r.ReturnCode
	}
	h := hash("usage", r.ID)
	e := r.Elapsed
	elapsed := fmt.Sprintf("%02d:%02d:%02d", int(e.Hours()), int(e.Minutes())%60, int(e.Seconds())%60)
	lines := []string{rule, "= Exit Status           : " + strconv.Itoa(rc)}
	for _, c := range r.OutputConditions {
		if c.Satisfied != nil {
			lines = append(lines, fmt.Sprintf("= %s %-21s: %v", map[bool]string{true: "SC", false: "OC"}[c.IsSuccess], c.Name, *c.Satisfied))
		}
	}
	if b.dynamic(r.ActualWorkstation) {
		lines = append(lines, "= Elapsed Time (hh:mm:ss) : "+elapsed, fmt.Sprintf("= Job CPU usage (ms) : %d", 40+h%90_000), fmt.Sprintf("= Job Memory usage (kb) : %d", 9_000+h%800_000))
	} else {
		lines = append(lines, fmt.Sprintf("= System Time (Seconds) : %d     Elapsed Time (hh:mm:ss) : %s", h%9, elapsed), fmt.Sprintf("= User Time (Seconds)   : %d", h%41))
	}
	return strings.Join(append(lines, "= "+r.End.In(b.loc).Format(longDate), rule), "\n") + "\n"
}

// hole is a place in a log pattern: ${t} an instant that moves on line by line, ${n:LOW-HIGH} a number, ${n:LOW-HIGH:NAME} one that
// ${=NAME} repeats, ${hex:DIGITS}, and ${job} ${stream} ${ws} ${user} ${task} ${rc} ${date} ${isodate}.
var hole = regexp.MustCompile(`\$\{([a-z]+|=)(?::?([A-Za-z0-9_]+)(?:-(\d+))?(?::([A-Za-z0-9_]+))?)?\}`)

// render fills a pattern. What it puts in depends only on the run, so the log reads the same each time.
func (b *builder) render(j twstools.Job, r twstools.Run, p fileLog) string {
	text := strings.TrimRight(p.Text, "\n") + "\n"
	stamps := strings.Count(text, "${t}")
	span := r.Elapsed
	kept := map[string]string{}
	at, draws := 0, 0
	return hole.ReplaceAllStringFunc(text, func(m string) string {
		g := hole.FindStringSubmatch(m)
		switch g[1] {
		case "t":
			at++
			t := r.Start.Add(span * time.Duration(at) / time.Duration(stamps+1))
			return t.In(b.loc).Format(orElse(p.Time, "2006-01-02 15:04:05"))
		case "n":
			draws++
			v := b.draw(r.ID, draws, g[2], g[3], m)
			if g[4] != "" {
				kept[g[4]] = v
			}
			return v
		case "=":
			v, ok := kept[g[2]]
			if !ok {
				b.fail("a log pattern uses %s before it is drawn", m)
			}
			return v
		case "hex":
			draws++
			n, _ := strconv.Atoi(g[2])
			return fmt.Sprintf("%0*x", n, hash("hex", r.ID, strconv.Itoa(draws)))[:min(max(n, 1), 16)]
		}
		return b.word(g[1], m, j, r)
	})
}

func (b *builder) draw(id string, n int, low, high, hole string) string {
	lo, err1 := strconv.Atoi(low)
	hi, err2 := strconv.Atoi(high)
	if err1 != nil || err2 != nil || hi < lo {
		b.fail("a log pattern asks for the number %s", hole)
		return ""
	}
	return strconv.Itoa(lo + int(hash("draw", id, strconv.Itoa(n))%uint64(hi-lo+1))) //nolint:gosec // lo <= hi
}

func (b *builder) word(name, m string, j twstools.Job, r twstools.Run) string {
	switch name {
	case "job":
		return j.Name
	case "stream":
		return j.Stream
	case "ws":
		return r.ActualWorkstation
	case "node":
		if w := b.workstations[r.ActualWorkstation]; w != nil {
			return w.Node
		}
		return ""
	case "user":
		return strings.Join(j.Definition.UserLogins, "")
	case "task":
		return j.Definition.Task
	case "rc":
		if r.ReturnCode != nil {
			return strconv.Itoa(*r.ReturnCode)
		}
		return ""
	case "date":
		return j.SchedTime.In(b.loc).Format("20060102")
	case "isodate":
		return j.SchedTime.In(b.loc).Format(time.DateOnly)
	}
	b.fail("a log pattern has a hole that nothing fills: %s", m)
	return ""
}
