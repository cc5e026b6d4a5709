package enginetest

import (
	"slices"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
)

// portsPlan is what the optional ports tell of the suite's world.
const portsPlan = `
window: {run_number: 42, scheduled: "00:00", start: "00:00", end: "+18h", batchman: LIVES, timezone: Europe/Lisbon}
archived: [{days_ago: 1, run_number: 41, except: [{job: DAY.D1, state: ABEND, rc: 3}]}]
critical_jobs: [{job: DAY.D3, alert: HIGH_RISK, estimated_start: "-1h", estimated_end: "06:50", critical_start: "-2h", confidence: 80}]
mailboxes: {Mailbox.msg: 37}
events:
  - {type: JobFailed, rule: TELL, message: "F1 failed", severity: ERROR, at: "-30m"}
  - {type: JobLate, rule: LATE, message: "D3 is late", severity: WARNING, at: "-10m"}
audit:
  - {action: RERUN, object_type: JOB, object: "LX1#DAY.D2", user: alice, message: "rerun", at: "-3h"}
  - {action: HOLD, object_type: JOB, object: "LX1#DAY.D4", user: bob, message: "hold", at: "-1h"}
stream_definitions: [{name: YEARLY, workstation: LX1, does: "Once a year"}]
`

// ports asks the optional ports of engines that have them. Each is asked by the door, so one that an engine lacks must say so with its code.
func ports(t *testing.T, s suite) {
	if _, ok := s.e.(twstools.Capable); !ok {
		_, err := twstools.CapabilitiesOf(s.e).Plans.PlanWindow(s.ctx)
		wantCode(t, "PlanWindow of an engine without ports", err, fault.Unsupported)
		return
	}
	p := twstools.CapabilitiesOf(s.e)
	w, err := p.Plans.PlanWindow(s.ctx)
	if err != nil || w.RunNumber == nil || *w.RunNumber != 42 || w.Batchman != "LIVES" || w.TimeZone != "Europe/Lisbon" || !w.Start.Before(now) || !w.End.After(now) {
		t.Errorf("PlanWindow = %+v, %v", w, err)
	}
	archived(t, s, p.Plans)
	files(t, s, p.Files)
	critical(t, s, p.CriticalJobs)
	if n, err := p.Mailbox.MailboxFill(s.ctx, ""); err != nil || n != 37 {
		t.Errorf("MailboxFill = %d, %v", n, err)
	}
	_, err = p.Mailbox.MailboxFill(s.ctx, "nothing.msg")
	wantCode(t, "MailboxFill of a queue that is not there", err, fault.NotFound)
	records(t, s, p)
	definitions(t, s, p.Definitions)
	m, err := p.Metrics.Metrics(s.ctx)
	if err != nil || m.JobsByStatus["ERROR"] != 1 || m.JobsByWorkstation["WN1"]+m.JobsByWorkstation["/WN1"] != 4 || m.QueueFill["Mailbox.msg"] != 37 || m.DatabaseConnected == nil || !*m.DatabaseConnected {
		t.Errorf("Metrics = %+v, %v", m, err)
	}
	if linked, known := m.Linked["LX1"]; !linked || !known || m.Linked["WN1"] {
		t.Errorf("linked = %v, want LX1 and not WN1", m.Linked)
	}
}

func archived(t *testing.T, s suite, p twstools.PlanReader) {
	all, err := p.Plans(s.ctx, "")
	if err != nil || len(all) != 2 || !slices.ContainsFunc(all, func(p twstools.Plan) bool { return p.Type == twstools.PlanCurrent && p.ID == "current" }) {
		t.Errorf("Plans = %+v, %v", all, err)
	}
	old, err := p.Plans(s.ctx, twstools.PlanArchived)
	if err != nil || len(old) != 1 || old[0].RunNumber == nil || *old[0].RunNumber != 41 || !old[0].ValidFrom.Before(now) {
		t.Fatalf("archived Plans = %+v, %v", old, err)
	}
	jobs, err := p.ArchivedJobs(s.ctx, old[0], twstools.ListQuery{Where: query.Is("jobStreamName", "DAY"), Order: []query.Order{{Field: "name"}}})
	if err != nil || len(jobs.Items) != 4 {
		t.Fatalf("ArchivedJobs(DAY) = %v, %v", names(jobs.Items), err)
	}
	d1 := jobs.Items[0]
	if d1.Name != "D1" || d1.Status.Internal != "ABEND" || len(d1.Runs) != 1 || d1.Runs[0].ReturnCode == nil || *d1.Runs[0].ReturnCode != 3 || d1.SchedTime.After(now.Add(-20*time.Hour)) {
		t.Errorf("archived D1 = %+v", d1)
	}
	_, err = p.ArchivedJobs(s.ctx, twstools.Plan{ID: "199901010000"}, twstools.ListQuery{})
	wantCode(t, "ArchivedJobs of no plan", err, fault.NotFound)
}

func files(t *testing.T, s suite, p twstools.FileReader) {
	l, err := p.Files(s.ctx, twstools.ListQuery{})
	if err != nil || len(l.Items) != 1 {
		t.Fatalf("Files = %+v, %v", l.Items, err)
	}
	if f := l.Items[0]; f.Name != "/in/data.ok" || f.Workstation != "LX1" || f.Qualifier != "-s %p" || f.Status != "Unavailable" {
		t.Errorf("file = %+v", f)
	}
	l, err = p.Files(s.ctx, twstools.ListQuery{Where: query.Is("status", "Exists")})
	if err != nil || len(l.Items) != 0 {
		t.Errorf("files that exist = %+v, %v", l.Items, err)
	}
}

func critical(t *testing.T, s suite, p twstools.CriticalJobReader) {
	l, err := p.CriticalJobs(s.ctx, twstools.ListQuery{})
	if err != nil || len(l.Items) != 1 {
		t.Fatalf("CriticalJobs = %+v, %v", l.Items, err)
	}
	c := l.Items[0]
	if c.Job.Name != "D3" || c.Job.Stream != "DAY" || c.Alert != "HIGH_RISK" || !c.EstimatedEnd.After(now) || !c.CriticalStart.Before(now) || c.Confidence == nil || *c.Confidence != 80 {
		t.Errorf("critical job = %+v", c)
	}
	sum, err := p.CriticalSummary(s.ctx)
	if err != nil || sum.HighRisk == nil || *sum.HighRisk != 1 || *sum.NoRisk != 0 {
		t.Errorf("CriticalSummary = %+v, %v", sum, err)
	}
}

func records(t *testing.T, s suite, p twstools.Capabilities) {
	es, err := p.Events.Events(s.ctx, twstools.RecordQuery{})
	if err != nil || len(es) != 2 || es[0].Rule != "LATE" || es[1].Message != "F1 failed" || es[1].Type != "JobFailed" || es[1].At.IsZero() {
		t.Errorf("Events = %+v, %v, want two, the newest first", es, err)
	}
	es, err = p.Events.Events(s.ctx, twstools.RecordQuery{To: now.Add(-20 * time.Minute)})
	if err != nil || len(es) != 1 || es[0].Rule != "TELL" {
		t.Errorf("Events up to 20 minutes ago = %+v, %v", es, err)
	}
	as, err := p.Audit.Audit(s.ctx, twstools.RecordQuery{Object: "D2"})
	if err != nil || len(as) != 1 || as[0].User != "alice" || as[0].Action != "RERUN" {
		t.Errorf("Audit of D2 = %+v, %v", as, err)
	}
	as, err = p.Audit.Audit(s.ctx, twstools.RecordQuery{Limit: 1})
	if err != nil || len(as) != 1 || as[0].User != "bob" {
		t.Errorf("Audit, one = %+v, %v", as, err)
	}
}

func definitions(t *testing.T, s suite, p twstools.DefinitionReader) {
	js, err := p.JobDefinitions(s.ctx, "D?", 10)
	if err != nil || len(js) != 4 || js[0].Workstation == "" {
		t.Errorf("JobDefinitions(D?) = %+v, %v", js, err)
	}
	ss, err := p.JobStreamDefinitions(s.ctx, "YEAR@", 10)
	if err != nil || len(ss) != 1 || ss[0].Workstation != "LX1" || ss[0].Description != "Once a year" {
		t.Errorf("JobStreamDefinitions(YEAR@) = %+v, %v", ss, err)
	}
}
