package world

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
)

var (
	_ twstools.Capable           = (*engine)(nil)
	_ twstools.PlanReader        = (*engine)(nil)
	_ twstools.FileReader        = (*engine)(nil)
	_ twstools.CriticalJobReader = (*engine)(nil)
	_ twstools.MailboxReader     = (*engine)(nil)
	_ twstools.EventReader       = (*engine)(nil)
	_ twstools.AuditReader       = (*engine)(nil)
	_ twstools.DefinitionReader  = (*engine)(nil)
	_ twstools.MetricsReader     = (*engine)(nil)
)

// Capabilities implements twstools.Capable: a world has every port. Where its data say nothing at all (no window, no queues) the port
// answers fault.Unsupported, as a level of engine that lacks it does.
func (e *engine) Capabilities() twstools.Capabilities {
	return twstools.Capabilities{Plans: e, Files: e, CriticalJobs: e, Mailbox: e, Events: e, Audit: e, Definitions: e, Metrics: e}
}

// PlanWindow implements twstools.PlanReader.
func (e *engine) PlanWindow(ctx context.Context) (twstools.PlanWindow, error) {
	if e.w.Window == nil {
		return twstools.PlanWindow{}, fault.New(fault.Unsupported, "This plan does not say from when to when it runs.")
	}
	w := *e.w.Window
	w.Found, w.RunNumber = ptr(w.Found), ptr(w.RunNumber)
	return w, ctx.Err()
}

// Plans implements twstools.PlanReader: the archived plans, oldest first, and the current one at the end.
func (e *engine) Plans(ctx context.Context, typ twstools.PlanType) ([]twstools.Plan, error) {
	var out []twstools.Plan
	for _, p := range e.w.Archived {
		if typ == "" || typ == p.Plan.Type {
			p.Plan.RunNumber, p.Plan.Size, p.Plan.Active = ptr(p.Plan.RunNumber), ptr(p.Plan.Size), ptr(p.Plan.Active)
			out = append(out, p.Plan)
		}
	}
	if typ == "" || typ == twstools.PlanCurrent {
		active := true
		now := twstools.Plan{ID: "current", Name: "Symphony", Type: twstools.PlanCurrent, Active: &active}
		if w := e.w.Window; w != nil {
			now.RunNumber, now.Created, now.ValidFrom, now.ValidTo = ptr(w.RunNumber), w.Start, w.Start, w.End
		}
		for _, w := range e.w.Workstations {
			if slices.Contains(w.ActiveStates, "MASTER") {
				now.Master = w.Name
			}
		}
		out = append(out, now)
	}
	return out, ctx.Err()
}

// ArchivedJobs implements twstools.PlanReader.
func (e *engine) ArchivedJobs(ctx context.Context, plan twstools.Plan, q twstools.ListQuery) (twstools.List[twstools.Job], error) {
	for _, p := range e.w.Archived {
		if p.Plan.ID == plan.ID {
			return page(ctx, p.Jobs, q, twstools.JobFields(), twstools.JobRow, e.listedJob)
		}
	}
	return twstools.List[twstools.Job]{}, fault.New(fault.NotFound, "No plan with the id %q is kept.", plan.ID)
}

// fileFields are the names under which files are filtered: those of the V1 interface's object, where files are rows.
var fileFields = []string{"name", "qualifier", "status", "workstation"}

type fileRow struct{ twstools.FileWait }

// Values implements query.Row.
func (r fileRow) Values(field string) ([]query.Value, bool) {
	value := map[string]string{"name": r.Name, "qualifier": r.Qualifier, "status": r.Status}
	s, ok := value[field]
	switch {
	case field == "workstation" && r.Workstation != "":
		short := strings.TrimPrefix(r.Workstation, "/")
		return []query.Value{query.Spellings{"/" + short, short}}, true
	case field == "workstation":
		return nil, true
	case !ok || s == "":
		return nil, ok
	}
	return []query.Value{s}, true
}

// Files implements twstools.FileReader: the FILE dependencies of jobs and job streams, each file, place and qualifier once, in the plan's order.
func (e *engine) Files(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.FileWait], error) {
	return e.files().page(ctx, q, func(f twstools.FileWait) twstools.FileWait { return f })
}

// filesOf gathers the files of a world.
func filesOf(w *World) []twstools.FileWait {
	var out []twstools.FileWait
	seen := map[twstools.FileWait]bool{}
	var add func([]twstools.Dependency)
	add = func(ds []twstools.Dependency) {
		for i := range ds {
			d := &ds[i]
			add(d.Members)
			f := twstools.FileWait{Name: d.File, Workstation: d.Workstation, Qualifier: d.FileQualifier, Status: d.FileState}
			if d.Type == twstools.DepFile && !seen[f] {
				seen[f] = true
				out = append(out, f)
			}
		}
	}
	for i := range w.JobStreams {
		add(w.JobStreams[i].Dependencies)
	}
	for i := range w.Jobs {
		add(w.Jobs[i].Dependencies)
	}
	return out
}

// CriticalJobs implements twstools.CriticalJobReader; they are filtered and ordered as jobs are.
func (e *engine) CriticalJobs(ctx context.Context, q twstools.ListQuery) (twstools.List[twstools.CriticalJob], error) {
	all := make([]twstools.CriticalJob, 0, len(e.w.CriticalJobs))
	for _, c := range e.w.CriticalJobs {
		if i, ok := e.jobs[c.Job.Ref.ID]; ok {
			c.Job = e.w.Jobs[i]
		}
		all = append(all, c)
	}
	return page(ctx, all, q, twstools.JobFields(), func(c twstools.CriticalJob) query.Row { return twstools.JobRow(c.Job) }, func(c twstools.CriticalJob) twstools.CriticalJob {
		c.Job, c.Confidence = e.listedJob(c.Job), ptr(c.Confidence)
		return c
	})
}

// CriticalSummary implements twstools.CriticalJobReader.
func (e *engine) CriticalSummary(ctx context.Context) (twstools.CriticalSummary, error) {
	none, some, high := 0, 0, 0
	for _, c := range e.w.CriticalJobs {
		switch c.Alert {
		case "HIGH_RISK":
			high++
		case "POTENTIAL_RISK":
			some++
		default:
			none++
		}
	}
	return twstools.CriticalSummary{NoRisk: &none, PotentialRisk: &some, HighRisk: &high, Recalculated: e.w.AsOf}, ctx.Err()
}

// mailbox is the master's queue, which every process writes to.
const mailbox = "Mailbox.msg"

// MailboxFill implements twstools.MailboxReader.
func (e *engine) MailboxFill(ctx context.Context, name string) (int, error) {
	if e.w.Mailboxes == nil {
		return 0, fault.New(fault.Unsupported, "This engine does not say how full its message queues are.")
	}
	n, ok := e.w.Mailboxes[orElse(name, mailbox)]
	if !ok {
		return 0, fault.New(fault.NotFound, "There is no message queue %q.", name).WithCandidates(slices.Sorted(maps.Keys(e.w.Mailboxes))...)
	}
	return n, ctx.Err()
}

// Events implements twstools.EventReader, newest first.
func (e *engine) Events(ctx context.Context, q twstools.RecordQuery) ([]twstools.EventRecord, error) {
	out := records(e.w.Events, q, func(r twstools.EventRecord) stamped { return stamped{r.At, r.Message + "\x00" + r.Rule} })
	return out, ctx.Err()
}

// Audit implements twstools.AuditReader, newest first.
func (e *engine) Audit(ctx context.Context, q twstools.RecordQuery) ([]twstools.AuditRecord, error) {
	out := records(e.w.Audit, q, func(r twstools.AuditRecord) stamped { return stamped{r.At, r.Object + "\x00" + r.Message} })
	return out, ctx.Err()
}

// JobDefinitions implements twstools.DefinitionReader: those told, or else one for each name and workstation in the plan.
func (e *engine) JobDefinitions(ctx context.Context, pattern string, limit int) ([]twstools.JobDefinition, error) {
	all := e.w.JobDefinitions
	if all == nil {
		all = e.planDefinitions()
	}
	return named(ctx, all, pattern, limit, func(d twstools.JobDefinition) string { return d.Name }, func(d twstools.JobDefinition) twstools.JobDefinition {
		d.IsCommand, d.UserLogins = ptr(d.IsCommand), slices.Clone(d.UserLogins)
		return d
	})
}

// definitionsInPlan gathers the definitions that the plan's jobs carry, in the plan's order.
func definitionsInPlan(w *World) []twstools.JobDefinition {
	type key struct{ workstation, name string }
	seen := map[key]bool{}
	var out []twstools.JobDefinition
	for i := range w.Jobs {
		d := &w.Jobs[i].Definition
		if k := (key{d.Workstation, d.Name}); d.Name != "" && !seen[k] {
			seen[k] = true
			out = append(out, *d)
		}
	}
	return out
}

// JobStreamDefinitions implements twstools.DefinitionReader.
func (e *engine) JobStreamDefinitions(ctx context.Context, pattern string, limit int) ([]twstools.JobStreamDefinition, error) {
	return named(ctx, e.w.StreamDefinitions, pattern, limit, func(d twstools.JobStreamDefinition) string { return d.Name }, func(d twstools.JobStreamDefinition) twstools.JobStreamDefinition {
		d.Draft, d.Priority, d.Limit = ptr(d.Draft), ptr(d.Priority), ptr(d.Limit)
		d.RunCycles, d.Jobs = slices.Clone(d.RunCycles), slices.Clone(d.Jobs)
		return d
	})
}

// Metrics implements twstools.MetricsReader: the figures of the engine's page as this world has them. Running is what JOBMAN_UP or RUNNING says.
func (e *engine) Metrics(ctx context.Context) (twstools.Metrics, error) {
	connected := true
	m := twstools.Metrics{JobsByStatus: map[string]int{}, JobsByWorkstation: map[string]int{}, JobsByFolder: map[string]int{}, Linked: map[string]bool{}, Running: map[string]bool{},
		DatabaseConnected: &connected, At: e.w.AsOf}
	for group, to := range map[string]map[string]int{"status": m.JobsByStatus, "workstation": m.JobsByWorkstation, "folder": m.JobsByFolder} {
		all, err := e.TallyJobs(ctx, nil, group)
		if err != nil {
			return m, err
		}
		for _, t := range all {
			to[t.Keys[0]] = t.N
		}
	}
	for _, w := range e.w.Workstations {
		if !w.StatesKnown {
			continue
		}
		m.Linked[w.Name] = slices.ContainsFunc(w.ActiveStates, func(s string) bool { return strings.HasSuffix(s, "LINKED") && s != "UNLINKED" || s == "BROKER" })
		m.Running[w.Name] = slices.Contains(w.ActiveStates, "JOBMAN_UP") || slices.Contains(w.ActiveStates, "RUNNING")
	}
	for name, n := range e.w.Mailboxes {
		if m.QueueFill == nil {
			m.QueueFill = map[string]float64{}
		}
		m.QueueFill[name] = float64(n)
	}
	return m, ctx.Err()
}
