package diagnose

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/joblog"
	"github.com/resync-hwa/resync/twstools/plan"
)

var messageID = regexp.MustCompile(`\bAW[SK][A-Z]{2,4}\d{3,4}[EWI]\b`)

// fail explains a job that ended badly: from its log, and from what the plan and the audit records say of how its run ended.
func (c *kase) fail(ctx context.Context, n *plan.Node) {
	j := n.Job
	run := badRun(j)
	facts := []plan.Fact{c.fact(n, "status", j.Status.Display())}
	params := c.params(j.Entity(), map[string]string{"status": j.Status.Display()})
	if run != nil && run.ReturnCode != nil {
		params["rc"] = strconv.Itoa(*run.ReturnCode)
		facts = append(facts, c.fact(n, "return_code", params["rc"]))
	}
	f := failureOf{n: n, run: run, facts: facts, params: params}
	if isFail(j.Status) {
		c.neverLaunched(ctx, f)
		return
	}
	seg, source, ok := c.readLog(ctx, f)
	if !ok {
		if !c.ended(ctx, f, nil) {
			c.withoutLog(f)
		}
		return
	}
	c.fromLog(ctx, f, seg, source)
}

// failureOf is one bad run on its way to a cause.
type failureOf struct {
	n      *plan.Node
	run    *twstools.Run
	facts  []plan.Fact
	params map[string]string
}

func isFail(s twstools.Status) bool {
	i := strings.ToUpper(s.Internal)
	return i == "FAIL" || i == "FAILED"
}

// badRun picks the run that made the job bad: the last bad one of the chain.
func badRun(j *twstools.Job) *twstools.Run {
	for i := len(j.Runs) - 1; i >= 0; i-- {
		if p := plan.PhaseOf(j.Runs[i].Status); p == plan.Bad {
			return &j.Runs[i]
		}
	}
	return lastRun(j)
}

// readLog reads the run's log; what stands in the way is noted.
func (c *kase) readLog(ctx context.Context, f failureOf) (joblog.Segment, string, bool) {
	j := f.n.Job
	source := "joblog:" + c.name(j.Entity())
	q := twstools.LogQuery{Job: j.Ref, Workstation: j.Workstation}
	number := int64(0)
	if f.run != nil {
		q.RunID, number = f.run.ID, f.run.JobNumber
		ws := f.run.ActualWorkstation
		if ws == "" {
			ws = j.Workstation
		}
		q.Workstation = ws
		if number != 0 {
			source = logSource(ws, number, f.run.ID)
		}
	}
	l, err := joblog.Whole(func(from int) (twstools.Log, error) {
		q.From = from
		return c.d.o.Engine.Logs(ctx, q)
	})
	if err != nil {
		p := fault.Public(err)
		if fault.Upstream(p.Code) || p.Code == fault.Forbidden {
			c.failures = append(c.failures, p.WithSource(source))
		}
		c.miss(source, c.text("no_log")+" ("+string(p.Code)+")")
		return joblog.Segment{}, source, false
	}
	parsed := joblog.Parse(l)
	seg, ok := parsed.Run(number)
	if !ok || len(seg.Body) == 0 && seg.ExitStatus == nil {
		c.miss(source, c.text("empty_log"))
		return joblog.Segment{}, source, false
	}
	if f.run != nil && (number == 0 || f.run.ActualWorkstation == "") && seg.JobNumber != 0 {
		// What the plan does not say, the log's own header does: it names the run.
		ws := cmp.Or(f.run.ActualWorkstation, seg.Agent, j.Workstation)
		source = logSource(twstools.DisplayName(ws), seg.JobNumber, f.run.ID)
	}
	if l.Truncated {
		c.miss(source, c.text("log_cut"))
	}
	c.warn(source, seg)
	return seg, source, true
}

// warn reports what in a log tries to be more than text.
func (c *kase) warn(source string, seg joblog.Segment) {
	if seg.Forged() {
		c.miss(source, c.text("forged"))
	}
	for _, line := range seg.Body {
		if untrusted.LooksLikeInstruction(line.Text) {
			c.miss(source, c.text("instruction", line.N))
		}
		for _, id := range messageID.FindAllString(line.Text, 4) {
			if !slices.Contains(c.messages, id) && len(c.messages) < 12 {
				c.messages = append(c.messages, id)
			}
		}
	}
}

// fromLog makes the cause from the decisive line. A signature that states the mechanism confirms it when the agent is linked (so that the
// run's end was really seen) and the log was read whole; every other decisive line is likely at most.
func (c *kase) fromLog(ctx context.Context, f failureOf, seg joblog.Segment, source string) {
	runID := ""
	var rc *int
	if f.run != nil {
		runID, rc = f.run.ID, f.run.ReturnCode
	}
	found, ok := seg.Decisive(rc)
	if !ok {
		if !c.ended(ctx, f, nil) {
			c.withoutLog(f)
		}
		return
	}
	if !found.Proves || found.Kind == "app.killed.unknown" {
		line := c.ev.line(source, runID, found.Line)
		if c.ended(ctx, f, &whatLogSays{line: line, found: found, exit: seg.ExitStatus}) {
			return
		}
	}
	found, again := loadedBefore(f, seg, found)
	if again != "" {
		f.facts = append(f.facts, c.fact(f.n, "earlier_run", again))
	}
	if c.heldBy(ctx, f, seg, found, source, runID) {
		return
	}
	guilty, blind := c.supplied(ctx, f, seg, found, source, runID)
	if guilty {
		return
	}
	class, confidence := answer.Likely, 0.6
	linked := c.agent(f)
	if found.Proves && linked && !blind && !seg.Alien && !slices.ContainsFunc(c.out.Missing, func(m string) bool { return strings.HasPrefix(m, source+": "+c.text("log_cut")) }) {
		class, confidence = answer.Confirmed, 0.95
	} else if found.Proves {
		confidence = 0.8
	}
	f.params["line"] = strconv.Itoa(found.Line.N)
	line := c.ev.line(source, runID, found.Line)
	ev := append([]answer.Evidence{line}, c.ev.fields(f.facts)...)
	if found.HolderLine.N > 0 {
		f.params["holder"] = untrusted.Normalize(found.Holder.String())
		if found.HolderLine.N != found.Line.N {
			ev = append(ev, c.ev.line(source, runID, found.HolderLine))
		}
	}
	c.logs = append(c.logs, logged{n: f.n, run: f.run, found: found, line: line, class: class, facts: f.facts, params: f.params})
	c.cause(answer.Cause{Entity: c.name(f.n.Entity()), Ref: c.runRef(f), Kind: found.Kind, Statement: c.statement(found.Kind, f.params), Evidence: ev, Class: class, Confidence: confidence})
	c.fixes = append(c.fixes, fix{kind: found.Kind, entity: c.name(f.n.Entity()), code: found.Fix})
	for _, o := range found.Others {
		if len(c.out.RuledOut) < 3 {
			c.out.RuledOut = append(c.out.RuledOut, answer.RuledOut{Entity: c.name(f.n.Entity()), Kind: o.Kind, Why: c.text("ruled_line", o.Line.N)})
		}
	}
	if class != answer.Confirmed {
		c.out.WouldChange = append(c.out.WouldChange, c.text("wc_status", c.name(f.n.Entity())))
	}
}

// sameKey are the words of integrity rules that refuse what is there already, as opposed to what has no parent or is out of range.
var sameKey = regexp.MustCompile(`(?i)\bunique\b|\bduplicate\b|\bprimary key\b|\bduplicad[oa]\b|\bviola\w* .*\b[uú]nica\b|\bdoppelt`)

// saysAgain is how programs say that something is there from before, in the languages of the field.
var saysAgain = regexp.MustCompile(`(?i)\b(already|before|earlier|previous(ly)?|twice|again|j[aá]|antes|anterior(mente)?|bereits|schon|ya)\b.*\b(load(ed)?|insert(ed)?|import(ed)?|process(ed)?|present|posted|run|carregad\w*|inserid\w*|importad\w*|processad\w*|lan[cç]ad\w*|execu[cç]\w*|geladen|verarbeitet|cargad\w*)\b|\b(loaded|inserted|imported|processed|posted|carregad\w*|importad\w*|processad\w*)\b.*\b(already|before|earlier|previous(ly)?|antes|anterior(mente)?)\b`)

// loadedBefore tells a key that is there twice from one that this job's own earlier, successful run of the day wrote: then the data were
// loaded before, and the rule of the database is only how it came out (contract app.data.duplicate, not app.db.constraint). The line that
// says so decides, where there is one; again describes the earlier run.
func loadedBefore(f failureOf, seg joblog.Segment, found joblog.Finding) (decided joblog.Finding, again string) {
	if found.Kind != "app.db.constraint" || !sameKey.MatchString(found.Line.Text) {
		return found, ""
	}
	says := slices.IndexFunc(near(seg.Body, found.Line.N), func(l twstools.LogLine) bool {
		return l.N != found.Line.N && saysAgain.MatchString(l.Text) && !untrusted.LooksLikeInstruction(l.Text)
	})
	earlier := ""
	if f.run != nil {
		for i := range f.n.Job.Runs {
			r := &f.n.Job.Runs[i]
			if r.ID != f.run.ID && plan.PhaseOf(r.Status) == plan.Done && !r.End.IsZero() && !r.End.After(f.run.Start) {
				earlier = fmt.Sprintf("#J%d %s", r.JobNumber, r.Status.Display())
			}
		}
	}
	if says < 0 && earlier == "" {
		return found, ""
	}
	decided = joblog.Finding{Line: found.Line, Kind: "app.data.duplicate", Signature: found.Signature, Fix: "fix_data", Others: append([]joblog.Finding{found}, found.Others...)}
	if says >= 0 {
		decided.Line = near(seg.Body, found.Line.N)[says]
	}
	return decided, earlier
}

// agent reads the link of the workstation that ran it, and rules an unlinked agent out when it is linked.
func (c *kase) agent(f failureOf) bool {
	name := f.n.Job.Workstation
	if f.run != nil && f.run.ActualWorkstation != "" {
		name = f.run.ActualWorkstation
	}
	if c.graph == nil {
		return false
	}
	w, ok := c.graph.Workstation(name)
	if !ok {
		return false
	}
	link, fact := plan.LinkState(w)
	if link == plan.LinkUp {
		c.ev.field(fact)
		c.out.RuledOut = append(c.out.RuledOut, answer.RuledOut{Entity: w.Name, Kind: "sched.agent.unlinked", Why: c.text("ruled_linked", w.Name)})
	}
	return link == plan.LinkUp
}

// withoutLog: the run ended badly and nothing that can be read says why. No cause is asserted, neither of the job that was asked about nor
// of one met at the end of a chain; but who waits behind it is known all the same.
func (c *kase) withoutLog(f failureOf) {
	c.ev.fields(f.facts)
	c.unproven = append(c.unproven, f.n)
	c.out.WouldChange = append(c.out.WouldChange, c.text("wc_log", c.name(f.n.Entity())))
}

// neverLaunched: FAIL means that the job was not started (UG showjobs). A log, where there is one, may hold the launcher's message;
// without it nothing REST shows says why.
func (c *kase) neverLaunched(ctx context.Context, f failureOf) {
	missing := len(c.out.Missing)
	if f.run != nil && f.run.ID != "" {
		if seg, source, ok := c.readLog(ctx, f); ok {
			if found, ok := seg.Decisive(f.run.ReturnCode); ok && found.Signature != "" {
				c.fromLog(ctx, f, seg, source)
				return
			}
		}
	}
	if len(c.out.Missing) == missing {
		c.miss("joblog:"+c.name(f.n.Entity()), c.text("no_log"))
	}
	class, confidence := answer.Likely, 0.7
	c.cause(answer.Cause{Entity: c.name(f.n.Entity()), Ref: c.runRef(f), Kind: "sched.launch.unknown", Statement: c.statement("sched.launch.unknown", f.params), Evidence: c.ev.fields(f.facts), Class: class, Confidence: confidence})
	c.agent(f)
}

func (c *kase) runRef(f failureOf) answer.Ref {
	r := c.ref(f.n)
	if f.run != nil {
		r.RunID = f.run.ID
	}
	return r
}
