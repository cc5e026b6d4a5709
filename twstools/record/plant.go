package record

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
	"github.com/resync-hwa/resync/twstools/world"
)

// most bounds the lists of the plant: no engine gives more in one answer.
const most = 10_000

// defaultRecords is how far back events and audit records are read when nobody says.
const defaultRecords = 24 * time.Hour

// plant reads workstations, resources and prompts. With roots, those stay that the slice stands on or names.
func (c *capturer) plant(ctx context.Context) error {
	ws, cut, err := pages(ctx, most, c.t.Workstations)
	if err != nil {
		c.failed("workstations", err)
	}
	rs, cutR, err := pages(ctx, most, c.t.Resources)
	if err != nil {
		c.failed("resources", err)
	}
	ps, cutP, err := pages(ctx, most, c.t.Prompts)
	if err != nil {
		c.failed("prompts", err)
	}
	if cut || cutR || cutP {
		c.leftOut("some of the plant", fmt.Sprintf("Only the first %d workstations, resources or prompts were listed.", most))
	}
	n := newNamed()
	for _, s := range c.w.JobStreams {
		n.add(s.Workstation)
		n.dependencies(s.Dependencies)
	}
	for _, j := range c.w.Jobs {
		n.add(j.Workstation, j.StreamWorkstation, j.Definition.Workstation)
		for _, r := range j.Runs {
			n.add(r.ActualWorkstation)
		}
		n.dependencies(j.Dependencies)
	}
	all := len(c.o.Roots) == 0
	for _, r := range rs {
		if all || n.resources[plain(r.Workstation)+"#"+r.Name] || slices.ContainsFunc(r.Holders, c.holds) {
			c.w.Resources = append(c.w.Resources, r)
			n.add(r.Workstation)
		}
	}
	for _, p := range ps {
		_, job := c.jobs[p.JobRef.ID]
		_, stream := c.streams[p.JobStreamRef.ID]
		if all || job || stream || n.prompts[p.Name] && p.Name != "" {
			c.w.Prompts = append(c.w.Prompts, p)
			n.add(p.Workstation)
		}
	}
	c.workstations(ws, n, all)
	return nil
}

// workstations keeps the named ones, the hosts that these stand on, and the master, which everything stands on.
func (c *capturer) workstations(ws []twstools.Workstation, n *named, all bool) {
	for grown := true; grown; {
		grown = false
		for _, w := range ws {
			if n.workstations[plain(w.Name)] && w.Host != "" && !n.workstations[plain(w.Host)] {
				n.add(w.Host)
				grown = true
			}
		}
	}
	have := map[string]bool{}
	for _, w := range ws {
		if all || n.workstations[plain(w.Name)] || w.Type == "MANAGER" || w.Type == "WORKLOAD_BROKER" {
			if w.Ref.IsZero() {
				w.Ref.ID = "workstation/" + w.Name
			}
			c.w.Workstations = append(c.w.Workstations, w)
		}
		have[plain(w.Name)] = true
	}
	missing := []string{}
	for name := range n.workstations {
		if !have[name] {
			missing = append(missing, name)
		}
	}
	slices.Sort(missing)
	for _, m := range missing {
		c.fails = append(c.fails, Failure{What: "workstation " + m, Code: fault.NotFound, Message: "It is named, but the engine does not list it to this account."})
	}
}

// holds reports whether a job or stream of the slice holds units.
func (c *capturer) holds(h twstools.Holder) bool {
	_, job := c.jobs[h.JobRef.ID]
	_, stream := c.streams[h.JobStreamRef.ID]
	return job || stream
}

// plain is a workstation's name without the root folder's slash.
func plain(s string) string { return twstools.DisplayName(s) }

// named gathers what the slice names of the plant.
type named struct{ workstations, resources, prompts map[string]bool }

func newNamed() *named { return &named{map[string]bool{}, map[string]bool{}, map[string]bool{}} }

func (n *named) add(workstations ...string) {
	for _, w := range workstations {
		if w != "" {
			n.workstations[plain(w)] = true
		}
	}
}

func (n *named) dependencies(ds []twstools.Dependency) {
	for _, d := range ds {
		n.dependencies(d.Members)
		n.add(d.Workstation, d.NetworkAgent)
		if d.Resource != "" {
			n.resources[plain(d.Workstation)+"#"+d.Resource] = true
		}
		if d.Prompt != "" {
			n.prompts[d.Prompt] = true
		}
	}
}

// logs reads the job log of each run that started, those that went wrong first.
func (c *capturer) logs(ctx context.Context) error {
	if c.o.Logs.None {
		c.leftOut("job logs", "None was asked for.")
		return nil
	}
	type want struct {
		job twstools.Job
		run twstools.Run
		bad int
	}
	var wants []want
	for _, j := range c.w.Jobs {
		for _, r := range j.Runs {
			if c.o.Since > 0 && !r.End.IsZero() && r.End.Before(c.asOf.Add(-c.o.Since)) {
				continue
			}
			bad := 1
			if r.Status.Common == "ERROR" || r.ReturnCode != nil && *r.ReturnCode != 0 {
				bad = 0
			}
			wants = append(wants, want{j, r, bad})
		}
	}
	slices.SortStableFunc(wants, func(a, b want) int { return cmp.Compare(a.bad, b.bad) })
	if len(wants) > c.o.Logs.Max {
		c.leftOut("job logs beyond the bound", fmt.Sprintf("%d of %d were read, those of runs that went wrong first.", c.o.Logs.Max, len(wants)))
		wants = wants[:c.o.Logs.Max]
	}
	got := make([]twstools.Log, len(wants))
	errs := make([]error, len(wants))
	c.eachWith(ctx, "job logs", len(wants), func(ctx context.Context, i int) {
		got[i], errs[i] = c.t.Logs(ctx, twstools.LogQuery{RunID: wants[i].run.ID, Job: wants[i].job.Ref, Workstation: wants[i].run.ActualWorkstation})
	})
	for i, x := range wants {
		switch {
		case errs[i] == nil:
			c.w.Logs[x.run.ID] = joblog(got[i])
		case !fault.Is(errs[i], fault.NotFound): // a run without a log is an ordinary thing, and the transcript has it
			c.failed("the job log of "+x.job.Stream+"."+x.job.Name, errs[i])
		}
	}
	return nil
}

// ports reads what the optional ports give. A port that the engine lacks is no failure.
func (c *capturer) ports(ctx context.Context) error {
	told := func(what string, err error) bool {
		if err != nil && !fault.Is(err, fault.Unsupported) && !errors.Is(err, context.Canceled) {
			c.failed(what, err)
		}
		return err == nil
	}
	if x, err := c.t.planWindow(ctx); told("the plan's window", err) {
		c.w.Window = &x
	}
	if x, err := c.t.criticalJobs(ctx, twstools.ListQuery{Limit: pageSize}); told("critical jobs", err) {
		for _, j := range x.Items {
			if _, ours := c.jobs[j.Job.Ref.ID]; ours {
				c.w.CriticalJobs = append(c.w.CriticalJobs, j)
			}
		}
	}
	if x, err := c.t.mailbox(ctx); told("the mailbox", err) {
		c.w.Mailboxes = map[string]int{"Mailbox.msg": x}
	}
	since := c.o.Since
	if since <= 0 {
		since = defaultRecords
	}
	records := twstools.RecordQuery{From: c.asOf.Add(-since), Limit: pageSize}
	if x, err := c.t.events(ctx, records); told("events", err) {
		c.w.Events = oldestFirst(about(c, x, func(e twstools.EventRecord) string { return e.Message + " " + e.Rule }))
		c.part[OpEvents] = len(c.w.Events) < len(x)
	}
	if x, err := c.t.audit(ctx, records); told("audit records", err) {
		c.w.Audit = oldestFirst(about(c, x, func(a twstools.AuditRecord) string { return a.Object + " " + a.Message }))
		c.part[OpAudit] = len(c.w.Audit) < len(x)
	}
	c.archives(ctx, told)
	c.definitions(ctx, told)
	return nil
}

// oldestFirst turns records round: an engine gives the newest first, a world keeps them as they came.
func oldestFirst[T any](x []T) []T {
	x = slices.Clone(x)
	slices.Reverse(x)
	return x
}

// about leaves the records that name a job or a job stream of the slice. Without roots all of them do.
func about[T any](c *capturer, all []T, says func(T) string) []T {
	if len(c.o.Roots) == 0 {
		return all
	}
	names := newTrie()
	for _, s := range c.w.JobStreams {
		names.add(lower(s.Name))
	}
	for _, j := range c.w.Jobs {
		names.add(lower(j.Name))
	}
	return slices.DeleteFunc(slices.Clone(all), func(x T) bool {
		text := lower(says(x))
		for i := range len(text) {
			if boundary(text, i) && names.longest(text, i) > 0 {
				return false
			}
		}
		return true
	})
}

// archives reads the newest archived plans: what is usual can be told from them. With roots, only the jobs of the slice's streams.
func (c *capturer) archives(ctx context.Context, told func(string, error) bool) {
	plans, err := c.t.plans(ctx)
	if !told("other plans", err) {
		return
	}
	plans = slices.DeleteFunc(slices.Clone(plans), func(p twstools.Plan) bool { return p.Type != twstools.PlanArchived })
	slices.SortStableFunc(plans, func(a, b twstools.Plan) int { return a.ValidFrom.Compare(b.ValidFrom) })
	if n := len(plans) - c.o.Archives; n > 0 {
		c.leftOut("older archived plans", fmt.Sprintf("%d of %d were read.", c.o.Archives, len(plans)))
		c.part[OpPlans], plans = true, plans[n:]
	}
	var where query.Expr
	if len(c.o.Roots) > 0 {
		names := map[string]bool{}
		var values []query.Value
		for _, s := range c.w.JobStreams {
			if !names[s.Name] {
				names[s.Name] = true
				values = append(values, s.Name)
			}
		}
		where = query.AnyOf("jobStreamName", values...)
	}
	for _, p := range plans {
		jobs, cut, err := pagesWhere(ctx, where, c.o.MaxJobs, func(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.Job], error) {
			return c.t.caps.Plans.ArchivedJobs(ctx, p, q)
		})
		if !told("the archived plan "+p.ID, err) {
			continue
		}
		if cut {
			c.leftOut("jobs of the archived plan "+p.ID, fmt.Sprintf("Only the first %d were listed.", len(jobs)))
		}
		c.w.Archived = append(c.w.Archived, world.ArchivedPlan{Plan: p, Jobs: jobs})
	}
}

// definitions reads the definitions of the slice's streams, by name: the pattern for all only where all were asked for.
func (c *capturer) definitions(ctx context.Context, told func(string, error) bool) {
	patterns := []string{"@"}
	if len(c.o.Roots) > 0 {
		patterns = nil
		for _, s := range c.w.JobStreams {
			if !slices.Contains(patterns, s.Name) && !strings.ContainsAny(s.Name, "@?") {
				patterns = append(patterns, s.Name)
			}
		}
	}
	for _, p := range patterns {
		x, err := c.t.streamDefinitions(ctx, p, pageSize)
		if !told("definitions of job streams", err) {
			break
		}
		c.w.StreamDefinitions = append(c.w.StreamDefinitions, x...)
	}
	if len(c.o.Roots) > 0 {
		return // the plan's own view of the slice's jobs stands for their definitions
	}
	if x, err := c.t.jobDefinitions(ctx, "@", pageSize); told("definitions of jobs", err) {
		c.w.JobDefinitions = x
	}
}
