package world

import (
	"maps"
	"slices"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
)

// mergePorts adds what another file says for the optional ports.
func (d *fileDoc) mergePorts(p fileDoc, name string) error {
	if p.Window != nil && d.Window != nil {
		return fault.New(fault.Invalid, "The world's file %s repeats the window of another file.", name)
	}
	if p.Window != nil {
		d.Window = p.Window
	}
	d.Archived = append(d.Archived, p.Archived...)
	d.CriticalJobs = append(d.CriticalJobs, p.CriticalJobs...)
	d.Events = append(d.Events, p.Events...)
	d.Audit = append(d.Audit, p.Audit...)
	d.StreamDefinitions = append(d.StreamDefinitions, p.StreamDefinitions...)
	if d.Mailboxes == nil {
		d.Mailboxes = p.Mailboxes
		return nil
	}
	for _, k := range slices.Sorted(maps.Keys(p.Mailboxes)) {
		if _, twice := d.Mailboxes[k]; twice {
			return fault.New(fault.Invalid, "The world's file %s tells the queue %q a second time.", name, k)
		}
		d.Mailboxes[k] = p.Mailboxes[k]
	}
	return nil
}

// ports builds what the optional ports tell.
func (b *builder) ports() {
	b.window()
	b.critical()
	b.records()
	b.definitions()
	for _, f := range b.doc.Archived {
		b.archive(f)
	}
	slices.SortStableFunc(b.w.Archived, func(x, y ArchivedPlan) int { return x.Plan.ValidFrom.Compare(y.Plan.ValidFrom) })
	for _, name := range slices.Sorted(maps.Keys(b.doc.Mailboxes)) {
		if n := b.doc.Mailboxes[name]; n < 0 || n > 100 {
			b.fail("the queue %s is %d percent full", name, n)
		}
	}
	b.w.Mailboxes = b.doc.Mailboxes
}

func (b *builder) window() {
	f := b.doc.Window
	if f == nil {
		return
	}
	found := true
	b.w.Window = &twstools.PlanWindow{Found: &found, RunNumber: f.RunNumber, ScheduledDate: b.instant(f.Scheduled, "window"), Start: b.instant(f.Start, "window"),
		End: b.instant(f.End, "window"), Batchman: orElse(f.Batchman, "LIVES"), TimeZone: orElse(f.TimeZone, b.w.Info.TimeZone)}
}

func (b *builder) critical() {
	for _, f := range b.doc.CriticalJobs {
		what := "critical job " + f.Job
		i, ok := b.job(f.Job, what)
		if !ok {
			continue
		}
		j := b.w.Jobs[i]
		b.w.CriticalJobs = append(b.w.CriticalJobs, twstools.CriticalJob{Job: j, Alert: orElse(f.Alert, "ON_TRACK"), Deadline: j.Times.Deadline,
			EstimatedStart: b.instant(f.Start, what), EstimatedEnd: later(b.instant(f.End, what), j.EstimatedEnd),
			CriticalStart: later(b.instant(f.CriticalStart, what), j.CriticalStart), Confidence: f.Confidence})
	}
}

// records builds the event log and the audit trail, each in order of time.
func (b *builder) records() {
	for n, f := range b.doc.Events {
		b.w.Events = append(b.w.Events, twstools.EventRecord{ID: nameUUID("event", nth(n)), Type: f.Type, Rule: f.Rule, Message: f.Message, Severity: f.Severity,
			At: b.past(f.At, "event "+f.Type)})
	}
	for n, f := range b.doc.Audit {
		b.w.Audit = append(b.w.Audit, twstools.AuditRecord{ID: nameUUID("audit", nth(n)), Action: f.Action, ObjectType: f.ObjectType, Object: f.Object, User: f.User,
			Message: f.Message, At: b.past(f.At, "audit record "+f.Action)})
	}
	slices.SortStableFunc(b.w.Events, func(x, y twstools.EventRecord) int { return x.At.Compare(y.At) })
	slices.SortStableFunc(b.w.Audit, func(x, y twstools.AuditRecord) int { return x.At.Compare(y.At) })
}

// past reads the instant of something that has happened.
func (b *builder) past(s, what string) time.Time {
	t := b.instant(s, what)
	if t.IsZero() || t.After(b.until) {
		b.fail("%s has no time, or one after the world's own now", what)
	}
	return t
}

// definitions gives each stream of the files its definition, once for all its instances, and adds those that are only defined.
func (b *builder) definitions() {
	at := map[string]int{}
	put := func(d twstools.JobStreamDefinition) {
		key := d.Workstation + "#" + displayName(d.Folder, d.Name)
		d.ID = nameUUID("definition", key)
		if i, known := at[key]; known {
			b.w.StreamDefinitions[i] = d
			return
		}
		at[key] = len(b.w.StreamDefinitions)
		b.w.StreamDefinitions = append(b.w.StreamDefinitions, d)
	}
	for i, f := range b.streamFiles {
		s := b.w.JobStreams[i]
		if _, known := at[s.Workstation+"#"+displayName(s.Folder, f.Name)]; known {
			continue
		}
		d := twstools.JobStreamDefinition{Name: f.Name, Folder: s.Folder, Workstation: s.Workstation, Description: f.Does, Draft: new(bool), Priority: ptr(s.Priority),
			Limit: ptr(s.Limit), RunCycles: f.RunCycles}
		for _, j := range f.Jobs {
			d.Jobs = append(d.Jobs, j.Name)
		}
		put(d)
	}
	for _, f := range b.doc.StreamDefinitions {
		what := "definition of " + f.Name
		b.known(f.Workstation, what)
		if f.Name == "" {
			b.fail("a job stream is defined without a name")
		}
		draft := f.Draft
		put(twstools.JobStreamDefinition{Name: f.Name, Folder: orElse(f.Folder, "/"), Workstation: f.Workstation, Description: f.Does, Draft: &draft,
			ValidFrom: b.instant(f.ValidFrom, what), ValidTo: b.instant(f.ValidTo, what), Priority: f.Priority, Limit: f.Limit, RunCycles: f.RunCycles, Jobs: f.Jobs})
	}
}

// archive tells the files' streams once more for an earlier day.
func (b *builder) archive(f fileArchive) {
	what := "archived plan of " + nth(f.DaysAgo) + " days ago"
	if f.DaysAgo < 1 {
		b.fail("%s: a plan of the past is at least one day old", what)
		return
	}
	doc := fileDoc{Engine: b.doc.Engine, Workstations: b.doc.Workstations}
	deviates := map[string]fileDeviation{}
	for _, d := range f.Except {
		if _, ok := b.job(d.Job, what); ok {
			deviates[d.Job] = d
		}
	}
	for i, s := range b.streamFiles {
		if key := orElse(s.Key, s.Name); b.firstInstance(i) {
			doc.Streams = append(doc.Streams, pastStream(s, key, f.DaysAgo, deviates))
		}
	}
	past := newBuilder(doc, b.clock.daysAgo(f.DaysAgo))
	past.until = b.until
	for _, step := range []func(){past.engine, past.plant, past.streamsAndJobs, past.needs, past.times, past.settle} {
		if step(); len(past.errs) > 0 {
			b.errs = append(b.errs, past.errs...)
			return
		}
	}
	from, to := b.dayOf(past.clock)
	id := from.In(b.loc).Format("200601021504")
	plan := twstools.Plan{ID: id, Name: "M" + id, Type: twstools.PlanArchived, RunNumber: f.RunNumber, Created: to, ValidFrom: from, ValidTo: to, Active: new(bool), Master: b.master()}
	b.w.Archived = append(b.w.Archived, ArchivedPlan{Plan: plan, Jobs: past.w.Jobs})
}

// firstInstance reports whether stream i is the first of the files with its name: copies and further instances are left out of old plans.
func (b *builder) firstInstance(i int) bool {
	for n := range i {
		if x, y := b.streamFiles[n], b.streamFiles[i]; x.Name == y.Name && x.Workstation == y.Workstation && x.Folder == y.Folder {
			return false
		}
	}
	return true
}

// pastStream is the stream as it ran on an earlier day, with an id of its own.
func pastStream(s fileStream, key string, days int, deviates map[string]fileDeviation) fileStream {
	out := copyOf(s, fileCopy{Key: key, Sched: s.Sched, State: "SUCC"})
	out.ID, out.Log = streamID(key+"/"+nth(days)), ""
	for i := range out.Jobs {
		j := &out.Jobs[i]
		if d, ok := deviates[key+"."+j.Name]; ok {
			j.State, j.Ran, j.RC, j.Runs = d.State, d.Ran, d.RC, d.Runs
		}
	}
	return out
}

// dayOf gives the bounds of the plan day that c stands in.
func (b *builder) dayOf(c clock) (from, to time.Time) {
	from = c.base.Add(-c.inDay(c.at))
	return from.UTC(), from.Add(24 * time.Hour).UTC()
}

// master is the workstation that makes the plan, "" where none says so.
func (b *builder) master() string {
	for _, w := range b.w.Workstations {
		if slices.Contains(w.ActiveStates, "MASTER") {
			return w.Name
		}
	}
	return ""
}
