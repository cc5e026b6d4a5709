package diagnose

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/joblog"
	"github.com/resync-hwa/resync/twstools/plan"
)

// whatLogSays is the decisive line of a log that was read.
type whatLogSays struct {
	line  answer.Evidence
	found joblog.Finding
	exit  *int // of the log's trailer
}

// endSignals are the signals that somebody else sends: hangup, interrupt, quit, kill, terminate (POSIX, signal.h). Those that a program
// brings upon itself (abort, segmentation, bus, arithmetic) are its own error.
var endSignals = map[int]bool{1: true, 2: true, 3: true, 9: true, 15: true}

// consoleBreak is the exit status of a Windows process that a console's break ended (STATUS_CONTROL_C_EXIT).
const consoleBreak = -1073741510

// bySignal reports whether a return code tells of a signal from outside: 128 and the signal's number as shells write it (POSIX shell, exit
// status of a command that a signal ended), or kill and terminate below zero as some launchers do; -1 and -2 are programs' own errors.
func bySignal(rc *int) bool {
	if rc == nil {
		return false
	}
	return endSignals[*rc-128] || *rc == -9 || *rc == -15 || *rc == consoleBreak
}

// ended recognises a run that somebody or something else ended, and reports whether it named that as the cause: the scheduler itself by the
// engine's own marks (UG "maxdur", "deadline … onlate kill"), a person by the audit records, else a signal from nobody knows whom.
// log is nil where none could be read.
func (c *kase) ended(ctx context.Context, f failureOf, log *whatLogSays) bool {
	if f.run == nil {
		return false
	}
	if kind, facts, ok := c.byScheduler(f); ok {
		c.endedBy(ctx, f, kind, c.ev.fields(append(f.facts, facts...)), log)
		return true
	}
	rc := f.run.ReturnCode
	if rc == nil && log != nil {
		rc = log.exit
	}
	signalled := bySignal(rc)
	if log != nil && !signalled {
		return false // its own words are nearer to the cause than a record of somebody who touched it
	}
	if log != nil && log.found.Signature != "" && log.found.Kind != "app.killed.unknown" {
		return false
	}
	if evidence, user, ok := c.killer(ctx, f, signalled); ok {
		f.params["user"] = user
		c.endedBy(ctx, f, "app.killed.operator", append(evidence, c.ev.fields(f.facts)...), log)
		return true
	}
	if !signalled {
		return false
	}
	if f.params["rc"] == "" {
		f.params["rc"] = strconv.Itoa(*rc)
	}
	c.endedBy(ctx, f, "app.killed.unknown", c.ev.fields(f.facts), log)
	return true
}

func (c *kase) endedBy(ctx context.Context, f failureOf, kind string, evidence []answer.Evidence, log *whatLogSays) {
	class, confidence := c.byStatus(kind == "app.killed.unknown")
	if log != nil {
		evidence = append(evidence, log.line)
	} else if class == answer.Confirmed {
		class, confidence = answer.Likely, 0.8 // what the program itself would have said could not be read
	}
	c.cause(answer.Cause{Entity: c.name(f.n.Entity()), Ref: c.runRef(f), Kind: kind, Statement: c.statement(kind, f.params), Class: class, Confidence: confidence, Evidence: evidence})
	c.agent(f)
	if class != answer.Confirmed {
		c.out.WouldChange = append(c.out.WouldChange, c.text("wc_audit", c.name(f.n.Entity())))
	}
}

// byScheduler recognises runs that the scheduler ended, by the fields that say so.
func (c *kase) byScheduler(f failureOf) (string, []plan.Fact, bool) {
	t := f.n.Job.Times
	kills := func(action string) bool { return strings.Contains(strings.ToUpper(action), "KILL") }
	elapsed := f.run.Elapsed
	if elapsed == 0 && !f.run.Start.IsZero() && f.run.End.After(f.run.Start) {
		elapsed = f.run.End.Sub(f.run.Start)
	}
	if f.run.MaxDurationPassed && kills(t.MaxDurationAction) {
		facts := []plan.Fact{c.fact(f.n, "max_duration_action", t.MaxDurationAction), c.fact(f.n, "max_duration_passed", "true")}
		if elapsed > 0 {
			facts = append(facts, c.fact(f.n, "elapsed", elapsed.Truncate(time.Second).String()))
		}
		return "sched.time.maxdur_kill", facts, true
	}
	if kills(t.DeadlineAction) && within(f.run.End, t.Deadline, 2*time.Minute) {
		return "sched.time.deadline_kill", []plan.Fact{c.fact(f.n, "deadline_action", t.DeadlineAction), c.fact(f.n, "deadline", c.instant(t.Deadline)), c.fact(f.n, "end", c.instant(f.run.End))}, true
	}
	if facts, ok := c.tooShort(f); ok && (f.run.ReturnCode == nil || *f.run.ReturnCode == 0) {
		return "sched.time.min_duration", facts, true
	}
	return "", nil, false
}

// tooShort: the engine's own mark that the run ended before its minimum duration (UG "mindur"). Where the program ended badly by itself,
// that it did so soon is no cause.
func (c *kase) tooShort(f failureOf) ([]plan.Fact, bool) {
	if f.run == nil || !f.run.MinDurationMissed {
		return nil, false
	}
	facts := []plan.Fact{c.fact(f.n, "min_duration_missed", "true")}
	if f.n.Job.Times.MinDuration > 0 {
		facts = append(facts, c.fact(f.n, "min_duration", f.n.Job.Times.MinDuration.String()))
	}
	if f.run.Elapsed > 0 {
		facts = append(facts, c.fact(f.n, "elapsed", f.run.Elapsed.Truncate(time.Second).String()))
	}
	return facts, true
}

func within(a, b time.Time, d time.Duration) bool {
	return !a.IsZero() && !b.IsZero() && a.Sub(b) <= d && b.Sub(a) <= d
}

// killSlack is how far the clocks of audit records and of the agent may stand apart.
const killSlack = 5 * time.Minute

// killer looks for the audit record of whoever stopped the run: of a kill, of this very job, while it ran. That no record is found says
// nothing: records are kept only where somebody switched them on (AD, enPlanAudit).
func (c *kase) killer(ctx context.Context, f failureOf, signalled bool) (evidence []answer.Evidence, user string, ok bool) {
	e := f.n.Entity()
	source := "audit:" + c.name(e)
	q := twstools.RecordQuery{Object: e.Job}
	if !f.run.Start.IsZero() {
		q.From = f.run.Start.Add(-killSlack)
	}
	if !f.run.End.IsZero() {
		q.To = f.run.End.Add(killSlack)
	}
	records, err := twstools.CapabilitiesOf(c.d.o.Engine).Audit.Audit(ctx, q)
	if err != nil {
		p := fault.Public(err)
		if signalled && p.Code != fault.Unsupported {
			c.failures = append(c.failures, p.WithSource(source))
		}
		if signalled {
			c.miss(source, c.text("no_audit")+" ("+string(p.Code)+")")
		}
		return nil, "", false
	}
	i := slices.IndexFunc(records, func(r twstools.AuditRecord) bool { return isKill(r) && ofJob(r, e) })
	if i < 0 {
		if signalled {
			c.miss(source, c.text("no_record"))
		}
		return nil, "", false
	}
	r := records[i]
	facts := []plan.Fact{{Source: source, Name: "action", Value: r.Action}, {Source: source, Name: "object", Value: r.Object}}
	if r.User != "" {
		facts = append(facts, plan.Fact{Source: source, Name: "user", Value: r.User})
	}
	if !r.At.IsZero() {
		facts = append(facts, plan.Fact{Source: source, Name: "at", Value: c.instant(r.At)})
	}
	return c.ev.fields(facts), untrusted.Normalize(r.User), true
}

// isKill tells the record of a kill from those of other commands.
func isKill(r twstools.AuditRecord) bool {
	return strings.Contains(strings.ToUpper(r.Action), "KILL") || strings.HasPrefix(strings.ToUpper(strings.TrimSpace(r.Message)), "KILL")
}

// ofJob reports whether a record is of this job: its object ends with the stream's and the job's name, with whatever instance between.
func ofJob(r twstools.AuditRecord, e twstools.Entity) bool {
	text := strings.ToUpper(r.Object)
	if text == "" {
		text = strings.ToUpper(r.Message)
	}
	return holdsName(text, strings.ToUpper(e.Job)) && (e.Stream == "" || holdsName(text, strings.ToUpper(e.Stream)) || e.JobStreamID != "" && strings.Contains(text, e.JobStreamID))
}

// holdsName finds a name as a whole word of conman's alphabet.
func holdsName(text, name string) bool {
	if name == "" {
		return false
	}
	for from := 0; ; {
		i := strings.Index(text[from:], name)
		if i < 0 {
			return false
		}
		i += from
		end := i + len(name)
		if (i == 0 || !nameByte(text[i-1])) && (end == len(text) || !nameByte(text[end])) {
			return true
		}
		from = i + 1
	}
}

func nameByte(b byte) bool {
	return b == '_' || b == '-' || '0' <= b && b <= '9' || 'A' <= b && b <= 'Z' || 'a' <= b && b <= 'z'
}
