package diagnose

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/joblog"
	"github.com/resync-hwa/resync/twstools/plan"
	"github.com/resync-hwa/resync/twstools/query"
)

// How far other failures are looked at to see whether they have the same cause (our own choice): what broke down may have been down for a
// shift, and each look costs the reading of a log.
const (
	sharedWindow = 8 * time.Hour
	maxOthers    = 5
	maxNamed     = 3 // jobs named, or rerun, one by one
)

// logged is a failure whose log was read, and the cause that was drawn from it.
type logged struct {
	n      *plan.Node
	run    *twstools.Run
	found  joblog.Finding
	line   answer.Evidence
	class  answer.Class
	facts  []plan.Fact
	params map[string]string
}

// shareable are the kinds of failure that come from something outside the job; the value tells whether the thing is the host that ran it
// where the line names no other.
var shareable = map[string]bool{
	"app.db.unreachable": false, "app.db.auth": false, "app.db.space": false, "app.net.timeout": false, "app.net.dns": false, "app.net.unreachable": false, "app.net.tls": false,
	"app.net.auth": false, "app.remote_error": false, "app.fs.space": true, "app.fs.inodes": true, "app.memory.oom_kill": true, "sched.launch.stdlist": true, "sched.launch.job_table": true,
}

// share joins failures that come from one and the same thing into one cause: a host, a database or a file system that the decisive lines of
// at least two jobs name, or the agent that they ran on where the failure is of a kind that is its host's. Jobs that failed within the same
// hours and were not asked about are looked at too; their logs are evidence, and they are victims like the job that was asked about.
func (c *kase) share(ctx context.Context) {
	if !slices.ContainsFunc(c.logs, func(l logged) bool { return c.isCause(l) && l.joinable() }) || c.graph == nil {
		return
	}
	all := append(slices.Clone(c.logs), c.otherFailures(ctx)...)
	for _, l := range c.logs {
		if !c.isCause(l) || !l.joinable() {
			continue // joined already
		}
		for _, thing := range thingsOf(l) {
			members := slices.Clone(all)
			members = slices.DeleteFunc(members, func(o logged) bool {
				return o.found.Kind != l.found.Kind || !slices.Contains(thingsOf(o), thing) || !inSameWords(l, o)
			})
			if len(members) >= l.atLeast() {
				c.join(l, thing, members)
				break
			}
		}
	}
}

func isShareable(kind string) bool { _, ok := shareable[kind]; return ok }

func (c *kase) isCause(l logged) bool {
	return slices.ContainsFunc(c.out.Causes, func(x answer.Cause) bool { return x.Kind == l.found.Kind && x.Entity == c.name(l.n.Entity()) })
}

// join puts one cause in the place of those of the members.
func (c *kase) join(first logged, thing twstools.Entity, members []logged) {
	entity := c.name(thing)
	slices.SortStableFunc(members, func(a, b logged) int { return boolOrder(a.n == first.n, b.n == first.n) })
	class, confidence := answer.Confirmed, 0.95
	var names []string
	var evidence []answer.Evidence
	var facts []plan.Fact
	for i, m := range members {
		if m.class != answer.Confirmed {
			class, confidence = answer.Likely, 0.8
		}
		if i < maxNamed {
			names = append(names, c.name(m.n.Entity()))
		}
		evidence = append(evidence, m.line)
		facts = append(facts, m.facts...)
		c.through(entity, nil, m.n)
	}
	joined := answer.Cause{Entity: entity, Ref: Ref(c.d.o.Name, thing, twstools.Ref{}), Kind: first.found.Kind, Class: class, Confidence: confidence, Evidence: append(evidence, c.ev.fields(facts)...),
		Statement: c.statement("shared", map[string]string{"entity": entity, "count": strconv.Itoa(len(members)), "members": strings.Join(names, ", "), "statement": c.statement(first.found.Kind, first.params)})}
	kept := c.out.Causes[:0]
	put := false
	for _, x := range c.out.Causes {
		member := x.Kind == first.found.Kind && slices.ContainsFunc(members, func(m logged) bool { return c.name(m.n.Entity()) == x.Entity })
		switch {
		case !member:
			kept = append(kept, x)
		case !put:
			kept, put = append(kept, joined), true
		}
	}
	c.out.Causes = kept
	c.fixes = append(c.fixes, fix{kind: first.found.Kind, entity: entity, code: first.found.Fix})
}

func boolOrder(a, b bool) int {
	switch {
	case a && !b:
		return -1
	case b && !a:
		return 1
	}
	return 0
}

// otherFailures reads the logs of further jobs that ended badly within the same hours, the nearest in time first.
func (c *kase) otherFailures(ctx context.Context) []logged {
	page, err := c.d.o.Engine.Jobs(ctx, twstools.ListQuery{Where: query.Is("jobruns.commonStatus", "ERROR"), Limit: 200})
	if err != nil {
		c.failed(err)
		return nil
	}
	type near struct {
		j   *twstools.Job
		off time.Duration
	}
	var jobs []near
	for i := range page.Items {
		j := &page.Items[i]
		run := badRun(j)
		if run == nil || run.End.IsZero() || plan.PhaseOf(j.Status) != plan.Bad || slices.ContainsFunc(c.logs, func(l logged) bool { return l.n.Job.Ref == j.Ref }) ||
			slices.ContainsFunc(c.unproven, func(n *plan.Node) bool { return n.Job != nil && n.Job.Ref == j.Ref }) {
			continue
		}
		off := sharedWindow + 1
		for _, l := range c.logs {
			if l.joinable() && l.run != nil {
				off = min(off, l.run.End.Sub(run.End).Abs())
			}
		}
		if off <= sharedWindow {
			jobs = append(jobs, near{j: j, off: off})
		}
	}
	slices.SortStableFunc(jobs, func(a, b near) int { return int(a.off - b.off) })
	var out []logged
	for _, n := range jobs[:min(maxOthers, len(jobs))] {
		if l, ok := c.glance(ctx, n.j); ok {
			out = append(out, l)
		}
	}
	return out
}

// glance reads one other job's log for its decisive line. What cannot be read is left out: nobody asked about that job.
func (c *kase) glance(ctx context.Context, j *twstools.Job) (logged, bool) {
	missing, failures, messages := len(c.out.Missing), len(c.failures), len(c.messages)
	n, run := c.graph.Keep(j), badRun(j)
	seg, source, ok := c.readLog(ctx, failureOf{n: n, run: run})
	if !ok {
		c.out.Missing, c.failures = c.out.Missing[:missing], c.failures[:failures]
		return logged{}, false
	}
	c.messages = c.messages[:messages]
	found, ok := seg.Decisive(run.ReturnCode)
	if l := (logged{n: n, run: run, found: found}); !ok || !l.joinable() {
		return logged{}, false
	}
	class := answer.Likely
	if found.Proves {
		class = answer.Confirmed
	}
	return logged{n: n, run: run, found: found, line: c.ev.line(source, run.ID, found.Line), class: class, facts: []plan.Fact{c.fact(n, "status", j.Status.Display())},
		params: c.params(n.Entity(), map[string]string{"status": j.Status.Display()})}, true
}

var (
	hostName   = regexp.MustCompile(`(?i)\b[a-z0-9][a-z0-9\-]*(?:\.[a-z0-9\-]+)*\.[a-z]{2,}\b`)
	hostPort   = regexp.MustCompile(`(?i)(?:^|[^\w.\-])([a-z][a-z0-9_\-]{2,}):(?:\d{2,5}\b|/)`)
	address    = regexp.MustCompile(`\b\d{1,3}(?:\.\d{1,3}){3}\b`)
	uncName    = regexp.MustCompile(`\\\\([A-Za-z0-9_\-.]+)\\`)
	dbName     = regexp.MustCompile(`(?i)\b(?:database|banco(?: de dados)?|datenbank|schema|SID|service_name|alias|base de datos)\b[\s:="'(]+([A-Za-z][A-Za-z0-9_$#]{2,})`)
	mountPath  = regexp.MustCompile(`(?:^|[\s'"=(:])(/[A-Za-z0-9_.\-]+(?:/[A-Za-z0-9_.\-]+)?)`)
	fileEnding = regexp.MustCompile(`(?i)\.(sh|ksh|bash|py|pl|rb|js|jar|class|java|sql|csv|txt|dat|log|xml|json|ya?ml|cfg|conf|ini|properties|gz|zip|tar|out|err|tmp|bat|cmd|ps1|exe|dll|so|go|c|cpp|h|lck|lock|pid|ctl|bad|html?|pdf|xlsx?|parquet|avro|lines?|md)$`)
	packages   = regexp.MustCompile(`^(java|javax|jdk|sun|org|com|net|io|kotlin|scala|akka|oracle|python|System|Microsoft)\.`)
)

// thingsOf lists the outside things that a failure's decisive line names, the most telling first; for kinds that are of the host it ran on,
// that host comes last, with the file system where the line names one.
func thingsOf(l logged) []twstools.Entity {
	text := untrusted.Normalize(l.found.Line.Text)
	var out []twstools.Entity
	add := func(t twstools.EntityType, name string) {
		e := twstools.Entity{Type: t, Name: name}
		if name != "" && !slices.Contains(out, e) {
			out = append(out, e)
		}
	}
	for _, h := range hostName.FindAllString(text, -1) {
		if h != strings.ToUpper(h) && strings.ToLower(h) != h || fileEnding.MatchString(h) || packages.MatchString(h) {
			continue // a class, a file
		}
		add(twstools.EntityHost, strings.ToLower(h))
	}
	for _, m := range uncName.FindAllStringSubmatch(text, -1) {
		add(twstools.EntityHost, strings.ToLower(m[1]))
	}
	for _, a := range address.FindAllString(text, -1) {
		add(twstools.EntityHost, a)
	}
	for _, m := range hostPort.FindAllStringSubmatch(text, -1) {
		if m[1] == strings.ToLower(m[1]) && !slices.Contains([]string{"http", "https", "jdbc", "ftp", "sftp", "file", "ssh", "tcp", "line", "error", "code", "port", "status"}, m[1]) {
			add(twstools.EntityHost, m[1])
		}
	}
	if strings.HasPrefix(l.found.Kind, "app.db.") {
		for _, m := range dbName.FindAllStringSubmatch(text, -1) {
			add(twstools.EntityDB, strings.ToUpper(m[1]))
		}
	}
	if len(out) == 0 && shareable[l.found.Kind] {
		out = append(out, ranOn(l, text)...)
	}
	return out
}

// ranOn gives the host that ran the job: of a full file system only together with its path, so that two file systems of a host stay two.
func ranOn(l logged, text string) []twstools.Entity {
	ws := l.n.Job.Workstation
	if l.run != nil && l.run.ActualWorkstation != "" {
		ws = l.run.ActualWorkstation
	}
	if ws == "" {
		return nil
	}
	if strings.HasPrefix(l.found.Kind, "sched.") {
		return []twstools.Entity{{Type: twstools.EntityWorkstation, Workstation: ws}}
	}
	e := twstools.Entity{Type: twstools.EntityHost, Name: ws}
	if strings.HasPrefix(l.found.Kind, "app.fs.") {
		m := mountPath.FindStringSubmatch(text)
		if m == nil {
			return nil
		}
		e.Folder = m[1] // takes part in equality, not in the name
	}
	return []twstools.Entity{e}
}
