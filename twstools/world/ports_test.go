package world_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
	"github.com/resync-hwa/resync/twstools/world"
)

func ports(t *testing.T) (*world.World, twstools.Capabilities) {
	t.Helper()
	w := demo(t, night)
	e, ok := world.Engine(w, world.Options{Name: "prod"}).(twstools.Capable)
	if !ok {
		t.Fatal("the world's engine has no optional ports")
	}
	return w, e.Capabilities()
}

func TestPlanPort(t *testing.T) {
	w, c := ports(t)
	win, err := c.Plans.PlanWindow(t.Context())
	if err != nil || *win.RunNumber != 412 || win.Batchman != "LIVES" || win.TimeZone != "America/Sao_Paulo" || win.End.Sub(win.Start) != 24*time.Hour || win.Start.After(w.AsOf) || win.End.Before(w.AsOf) {
		t.Errorf("the window is %+v, %v; now is %s", win, err, w.AsOf)
	}
	all, err := c.Plans.Plans(t.Context(), "")
	if err != nil || len(all) != 8 || all[7].ID != "current" || all[7].Master != "FRLMDM1" {
		t.Fatalf("plans = %+v, %v", all, err)
	}
	for i, p := range all[:7] {
		if *p.RunNumber != 405+i || !p.ValidTo.Equal(win.Start.Add(time.Duration(i-6)*24*time.Hour)) || len(p.ID) != 12 {
			t.Errorf("plan %d = %+v with run %d", i, p, *p.RunNumber)
		}
	}
	if old, err := c.Plans.Plans(t.Context(), twstools.PlanArchived); err != nil || len(old) != 7 {
		t.Errorf("archived plans = %d, %v", len(old), err)
	}
	if none, err := c.Plans.Plans(t.Context(), twstools.PlanForecast); err != nil || len(none) != 0 {
		t.Errorf("forecasts = %d, %v", len(none), err)
	}
	slow, err := c.Plans.ArchivedJobs(t.Context(), all[6], twstools.ListQuery{Where: query.Is("name", "REN_CALC")})
	if err != nil || len(slow.Items) != 1 || slow.Items[0].Runs[0].Elapsed != 52*time.Minute || slow.Items[0].Ref.Engine != "prod" || slow.Items[0].DependenciesKnown {
		t.Errorf("REN_CALC of yesterday = %+v, %v", slow.Items, err)
	}
	rerun, err := c.Plans.ArchivedJobs(t.Context(), all[3], twstools.ListQuery{Where: query.Is("name", "CLM_IBNR")})
	if err != nil || len(rerun.Items) != 1 || len(rerun.Items[0].Runs) != 2 || rerun.Items[0].Runs[0].Status.Internal != "ABEND" {
		t.Errorf("CLM_IBNR of four days ago = %+v, %v", rerun.Items, err)
	}
	if _, err := c.Plans.ArchivedJobs(t.Context(), twstools.Plan{ID: "199001010000"}, twstools.ListQuery{}); !fault.Is(err, fault.NotFound) {
		t.Errorf("jobs of a plan that is not kept = %v", err)
	}
}

// Each archived plan holds the streams once, in its own day, with ids of its own.
func TestArchivedPlansAreDaysOfTheirOwn(t *testing.T) {
	w := demo(t, night)
	ids := map[string]bool{}
	for _, j := range w.Jobs {
		ids[j.Ref.ID] = true
	}
	for _, p := range w.Archived {
		if len(p.Jobs) < 300 {
			t.Errorf("the plan %s has %d jobs", p.Plan.ID, len(p.Jobs))
		}
		for _, j := range p.Jobs {
			if ids[j.Ref.ID] {
				t.Fatalf("%s of %s has the id of another instance", j.Name, p.Plan.ID)
			}
			ids[j.Ref.ID] = true
			if j.SchedTime.Before(p.Plan.ValidFrom) || !j.SchedTime.Before(p.Plan.ValidTo) {
				t.Errorf("%s.%s of %s is scheduled for %s", j.Stream, j.Name, p.Plan.ID, j.SchedTime)
			}
			if len(j.Runs) == 0 || j.Status.Internal != "SUCC" {
				t.Errorf("%s.%s of %s has %d runs and is %s", j.Stream, j.Name, p.Plan.ID, len(j.Runs), j.Status.Internal)
			}
		}
	}
}

func TestFilesPort(t *testing.T) {
	_, c := ports(t)
	all, err := c.Files.Files(t.Context(), twstools.ListQuery{Order: []query.Order{{Field: "name"}}})
	if err != nil || all.Total < 2 || !slices.IsSortedFunc(all.Items, func(a, b twstools.FileWait) int { return strings.Compare(a.Name, b.Name) }) {
		t.Fatalf("files = %+v, %v", all, err)
	}
	away, err := c.Files.Files(t.Context(), twstools.ListQuery{Where: query.And{query.Is("status", "Unavailable"), query.Is("workstation", "/"+all.Items[0].Workstation)}})
	for _, f := range away.Items {
		if f.Status != "Unavailable" || f.Workstation != all.Items[0].Workstation {
			t.Errorf("filtered: %+v", f)
		}
	}
	if err != nil || away.Total >= all.Total {
		t.Errorf("missing files = %+v, %v", away, err)
	}
	if _, err := c.Files.Files(t.Context(), twstools.ListQuery{Where: query.Is("colour", "red")}); !fault.Is(err, fault.Invalid) {
		t.Errorf("files by colour = %v", err)
	}
}

func TestCriticalJobsPort(t *testing.T) {
	_, c := ports(t)
	l, err := c.CriticalJobs.CriticalJobs(t.Context(), twstools.ListQuery{Where: query.Is("jobStreamName", "RENLETTER")})
	if err != nil || len(l.Items) != 1 {
		t.Fatalf("critical jobs = %+v, %v", l, err)
	}
	if j := l.Items[0]; j.Alert != "HIGH_RISK" || !j.EstimatedEnd.After(j.Deadline) || j.Job.Name != "LET_HANDOVER" || j.Job.Ref.Engine != "prod" || *j.Confidence != 12 {
		t.Errorf("the critical job is %+v", j)
	}
	s, err := c.CriticalJobs.CriticalSummary(t.Context())
	if err != nil || *s.HighRisk != 1 || *s.PotentialRisk != 1 || *s.NoRisk != 0 {
		t.Errorf("the summary is %+v, %v", s, err)
	}
}

func TestRecordPorts(t *testing.T) {
	w, c := ports(t)
	events, err := c.Events.Events(t.Context(), twstools.RecordQuery{})
	if err != nil || len(events) != 5 || !slices.IsSortedFunc(events, func(a, b twstools.EventRecord) int { return b.At.Compare(a.At) }) {
		t.Errorf("events = %+v, %v", events, err)
	}
	if one, err := c.Events.Events(t.Context(), twstools.RecordQuery{From: w.AsOf.Add(-5 * time.Hour), Object: "frlwin02", Limit: 9}); err != nil || len(one) != 1 || one[0].Rule != "AGENT_DOWN" {
		t.Errorf("events of FRLWIN02 = %+v, %v", one, err)
	}
	if last, err := c.Events.Events(t.Context(), twstools.RecordQuery{Limit: 1, To: w.AsOf.Add(-4 * time.Hour)}); err != nil || len(last) != 1 || last[0].At.After(w.AsOf.Add(-4*time.Hour)) {
		t.Errorf("the last event before eleven = %+v, %v", last, err)
	}
	if who, err := c.Audit.Audit(t.Context(), twstools.RecordQuery{Object: "ECOTAX"}); err != nil || len(who) != 1 || who[0].User != "tlima" || who[0].Action != "CANCEL" {
		t.Errorf("who cancelled ECOTAX: %+v, %v", who, err)
	}
}

func TestQueueAndMetricsPorts(t *testing.T) {
	w, c := ports(t)
	if n, err := c.Mailbox.MailboxFill(t.Context(), ""); err != nil || n != 3 {
		t.Errorf("Mailbox.msg = %d, %v", n, err)
	}
	if n, err := c.Mailbox.MailboxFill(t.Context(), "pobox/FRLWIN02.msg"); err != nil || n != 14 {
		t.Errorf("the pobox = %d, %v", n, err)
	}
	if _, err := c.Mailbox.MailboxFill(t.Context(), "none.msg"); !fault.Is(err, fault.NotFound) {
		t.Errorf("a queue that is not there = %v", err)
	}
	m, err := c.Metrics.Metrics(t.Context())
	sum := 0
	for _, n := range m.JobsByStatus {
		sum += n
	}
	if err != nil || sum != len(w.Jobs) || m.JobsByStatus["ERROR"] != 1 || m.Linked["FRLWIN02"] || !m.Linked["FRLETL01"] || !m.Running["FRLMDM1"] || m.QueueFill["Mailbox.msg"] != 3 || !*m.DatabaseConnected {
		t.Errorf("metrics = %+v, %v", m, err)
	}
}

func TestDefinitionsPort(t *testing.T) {
	_, c := ports(t)
	d, err := c.Definitions.JobStreamDefinitions(t.Context(), "CLM@", 0)
	got := map[string]twstools.JobStreamDefinition{}
	for _, x := range d {
		got[x.Name] = x
	}
	if err != nil || len(d) != 8 || !*got["CLMNEXT"].Draft || *got["CLMEOD"].Draft || len(got["CLMEOD"].Jobs) != 6 || len(got["CLMEOD"].RunCycles) != 1 {
		t.Errorf("definitions like CLM@ = %+v, %v", d, err)
	}
	if two, err := c.Definitions.JobStreamDefinitions(t.Context(), "", 2); err != nil || len(two) != 2 {
		t.Errorf("two definitions = %d, %v", len(two), err)
	}
	jobs, err := c.Definitions.JobDefinitions(t.Context(), "CLM_R?SERVE", 0)
	if err != nil || len(jobs) != 1 || jobs[0].Workstation != "FRLCLM01" || !strings.Contains(jobs[0].Description, "reserves") {
		t.Errorf("definitions of CLM_RESERVE = %+v, %v", jobs, err)
	}
}

// A world whose files say nothing of it has no window and no queues, and lists nothing of the rest.
func TestPortsOfAWorldThatTellsNothing(t *testing.T) {
	w, err := world.Load(fstest.MapFS{"w.yaml": {Data: []byte(small)}}, night)
	if err != nil {
		t.Fatal(err)
	}
	c := twstools.CapabilitiesOf(world.Engine(w, world.Options{}))
	if _, err := c.Plans.PlanWindow(t.Context()); !fault.Is(err, fault.Unsupported) {
		t.Errorf("the window = %v", err)
	}
	if _, err := c.Mailbox.MailboxFill(t.Context(), ""); !fault.Is(err, fault.Unsupported) {
		t.Errorf("the queue = %v", err)
	}
	if events, err := c.Events.Events(t.Context(), twstools.RecordQuery{}); err != nil || len(events) != 0 {
		t.Errorf("events = %v, %v", events, err)
	}
	if plans, err := c.Plans.Plans(t.Context(), ""); err != nil || len(plans) != 1 {
		t.Errorf("plans = %v, %v", plans, err)
	}
	if defs, err := c.Definitions.JobStreamDefinitions(t.Context(), "@", 0); err != nil || len(defs) != 2 {
		t.Errorf("definitions = %v, %v", defs, err)
	}
}

func TestLoadRefusesWrongRecords(t *testing.T) {
	for text, want := range map[string]string{
		"critical_jobs: [{job: A.NONE}]":                                           `no job "A.NONE"`,
		"mailboxes: {Mailbox.msg: 140}":                                            "140 percent",
		"events: [{type: X}]":                                                      "has no time",
		"audit: [{action: X, at: \"+1h\"}]":                                        "after the world's own now",
		"archived: [{days_ago: 0}]":                                                "at least one day",
		"archived: [{days_ago: 1, except: [{job: A.A9}]}]":                         `no job "A.A9"`,
		"stream_definitions: [{name: X, workstation: NONE}]":                       `no workstation "NONE"`,
		"window: {start: \"someday\"}":                                             "is no time",
		"archived: [{days_ago: 1, except: [{job: A.A1, state: ABEND, ran: 40h}]}]": "after the world's own now",
	} {
		_, err := world.Load(fstest.MapFS{"w.yaml": {Data: []byte(small)}, "x.yaml": {Data: []byte(text)}}, night)
		if !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Public(err).Message, want) {
			t.Errorf("Load with %s = %v, want invalid with %q", text, err, want)
		}
	}
}
