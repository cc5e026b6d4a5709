package twstools_test

import (
	"slices"
	"testing"
	"time"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
)

func ptr[T any](v T) *T { return &v }

// matches reads an OQL text and evaluates it over a row.
func matches(t *testing.T, oql string, row query.Row) bool {
	t.Helper()
	q, err := query.ParseOQL(oql)
	if err != nil {
		t.Fatal(err)
	}
	return query.Eval(q.Where, row)
}

func TestJobRow(t *testing.T) {
	at := time.Date(2026, 3, 17, 5, 0, 0, 0, time.UTC)
	j := twstools.Job{
		Ref: twstools.Ref{ID: "id-1"}, Name: "LOAD", Folder: "/", Workstation: "LX1", StreamWorkstation: "/PROD/LX2", Stream: "PAY", SchedTime: at, Priority: ptr(0), Critical: true,
		Status: twstools.Status{Common: "SUCCESSFUL", Internal: "SUCC"},
		Runs: []twstools.Run{{Status: twstools.Status{Common: "ERROR", Internal: "ABEND"}, ReturnCode: ptr(8), JobNumber: 77, ActualWorkstation: "LX9", Start: at, End: at.Add(time.Minute)},
			{Status: twstools.Status{Common: "SUCCESSFUL", Internal: "SUCC"}, ReturnCode: ptr(0), RerunType: "RERUN", Estimated: 5 * time.Minute}},
		Dependencies: []twstools.Dependency{{Type: twstools.DepFile, State: "UNSATISFIED"}, {Type: twstools.DepJoin, State: "SATISFIED", Members: []twstools.Dependency{
			{Type: twstools.DepExternalJob, State: "SATISFIED", JobRef: twstools.Ref{ID: "id-2"}, Stream: "GL", StreamWorkstation: "LX3"}}}},
	}
	row := twstools.JobRow(j)
	for oql, want := range map[string]bool{
		"workstation = 'LX1'": true, "workstation = '/LX1'": true, "workstation != 'LX1'": false, "workstation LIKE '/LX@'": true, "workstation LIKE 'LX?'": true,
		"jobStreamWorkstation = '/PROD/LX2'": true, "jobStreamWorkstation = 'LX2'": false,
		"jobruns.commonStatus = 'ERROR'": true, "jobruns.commonStatus = 'SUCCESSFUL'": true, "jobruns.commonStatus = 'RUNNING'": false,
		"jobruns.returnCode > 7": true, "jobruns.jobNumber = 77": true, "jobruns.actualWorkstation = 'LX9'": true, "jobruns.rerunType = 'RERUN'": true, "jobruns.estimatedDuration >= 'PT5M'": true,
		"jobruns.timeInfo.actualEndTime > '2026-03-17T05:00:30.000Z'": true,
		"priority = 0": true, "priority = null": false, "jobOptions.critical = true": true, "jobOptions.every = false": true,
		"dependencies.jobId = 'id-2'": true, "dependencies.jobStreamName = 'GL'": true, "dependencies.jobStreamWorkstation = '/LX3'": true, "dependencies.dependencyStatus = 'UNSATISFIED'": true,
		"dependenciesStats.numberOfFileDependencies = 1": true, "dependenciesStats.numberOfJobDependencies = 1": true, "dependenciesStats.numberOfPromptDependencies != 0": false,
		"dependenciesStats.numberOfUnresolvedDependencies = 1": true,
		"timeRestrictions.untilTime = null":                    true, "key.name = 'LOAD'": false, "jobstreamName = 'PAY'": false,
	} {
		if got := matches(t, oql, row); got != want {
			t.Errorf("%s = %v, want %v", oql, got, want)
		}
	}
}

// A job that has never run has no runs; the plan's own status answers for it.
func TestJobRowOfAJobThatWaits(t *testing.T) {
	row := twstools.JobRow(twstools.Job{Status: twstools.Status{Common: "WAITING", Internal: "HOLD"}, Definition: twstools.JobDefinition{EstimatedDuration: time.Minute}, UnresolvedCount: ptr(3)})
	for oql, want := range map[string]bool{
		"jobruns.commonStatus = 'WAITING'": true, "jobruns.compositeStatus.status = 'HOLD'": true, "jobruns.returnCode = 0": false, "jobruns.returnCode = null": true,
		"jobruns.estimatedDuration = PT1M": true, "dependenciesStats.numberOfUnresolvedDependencies = 3": true, "priority != 0": true,
	} {
		if got := matches(t, oql, row); got != want {
			t.Errorf("%s = %v, want %v", oql, got, want)
		}
	}
}

func TestWorkstationRow(t *testing.T) {
	up := twstools.WorkstationRow(twstools.Workstation{Name: "LX1", Type: "D-POOL", StatesKnown: true, ActiveStates: []string{"HOST_LINKED", "JOBMAN_UP"}})
	down := twstools.WorkstationRow(twstools.Workstation{Name: "LX2", StatesKnown: true, Limit: ptr(0)})
	unknown := twstools.WorkstationRow(twstools.Workstation{Name: "LX3"})
	for _, c := range []struct {
		oql                   string
		up, down, unknownWant bool
	}{
		{"activeStates IN ['UNLINKED'] AND jobmanUp = false", false, true, false},
		{"activeStates = 'UNLINKED'", false, true, false},
		{"jobmanUp = true", true, false, false},
		{"type = 'DYNAMIC_POOL'", true, false, false},
		{"type = 'D-POOL'", true, false, false},
		{"limit = 0", false, true, false},
		{"name IN ['/LX3', 'LX1']", true, false, true},
	} {
		if a, b, d := matches(t, c.oql, up), matches(t, c.oql, down), matches(t, c.oql, unknown); a != c.up || b != c.down || d != c.unknownWant {
			t.Errorf("%s = %v, %v, %v", c.oql, a, b, d)
		}
	}
}

func TestOtherRows(t *testing.T) {
	stream := twstools.JobStreamRow(twstools.JobStream{Name: "PAY", Folder: "/FIN", Workstation: "LX1", Limit: ptr(0), Stats: twstools.JobStreamStats{Successful: ptr(4)}, Status: twstools.Status{Common: "BLOCKED", Internal: "STUCK"}})
	resource := twstools.ResourceRow(twstools.Resource{Name: "SLOT", Workstation: "/PROD/LX1", Quantity: ptr(2), Available: ptr(0), Status: "NOT_AVAILABLE"})
	prompt := twstools.PromptRow(twstools.Prompt{Name: "GO", Status: "ASKED", Number: ptr(7)})
	for _, c := range []struct {
		oql  string
		row  query.Row
		want bool
	}{
		{"commonStatus = 'BLOCKED' AND compositeStatus.status = 'STUCK'", stream, true}, {"folder = '/FIN'", stream, true}, {"folder = '/FIN/'", stream, true}, {"folder = '/'", stream, false},
		{"jobStreamStats.numberOfSuccessfullJob = 4", stream, true}, {"limit = 0", stream, true}, {"key LIKE '@#PAY'", stream, true}, {"jobruns.step = 1", stream, false},
		{"quantityAvailable = 0 AND quantity > 1", resource, true}, {"workstationFolder = '/PROD'", resource, true}, {"quantityInUse = null", resource, true},
		{"status = 'ASKED' AND number = 7", prompt, true}, {"timeAsked = null", prompt, true},
	} {
		if got := matches(t, c.oql, c.row); got != c.want {
			t.Errorf("%s = %v, want %v", c.oql, got, c.want)
		}
	}
}

// Rows and query's table of fields name the same fields, so that what a filter may say is what a row answers.
func TestRowsKnowTheFieldsOfTheLanguage(t *testing.T) {
	for of, have := range map[query.Object][]string{
		query.Jobs: twstools.JobFields(), query.JobStreams: twstools.JobStreamFields(), query.Workstations: twstools.WorkstationFields(), query.Resources: twstools.ResourceFields(),
		query.Prompts: twstools.PromptFields(), query.Files: twstools.FileFields(), query.CriticalJobs: twstools.CriticalJobFields(), query.Plans: twstools.PlanFields(),
	} {
		var want []string
		for _, f := range query.FieldsOf(of) {
			want = append(want, f.Name)
		}
		for _, f := range want {
			if !slices.Contains(have, f) {
				t.Errorf("the row of %s lacks %s", of, f)
			}
		}
		for _, f := range have {
			if !slices.Contains(want, f) {
				t.Errorf("the language does not know %s of %s", f, of)
			}
		}
	}
}

// What V1 filters by and OQL does not is read from the plan's own data.
func TestRowsBeyondOQL(t *testing.T) {
	at := time.Date(2026, 3, 17, 5, 0, 0, 0, time.UTC)
	job := twstools.Job{Name: "LOAD", Late: true, UntilPassed: true, Definition: twstools.JobDefinition{Task: "/bin/load"}, Runs: []twstools.Run{{LastInRerunChain: ptr(true), Confirmed: true}},
		Dependencies: []twstools.Dependency{{Type: twstools.DepFile, File: "/in/x", Workstation: "LX1"}, {Type: twstools.DepPrompt, Prompt: "GO", PromptNumber: ptr(7)},
			{Type: twstools.DepResource, Resource: "SLOT", Workstation: "LX2"}, {Type: twstools.DepExternalJob, Job: "BEFORE"}}}
	critical := twstools.CriticalJobRow(twstools.CriticalJob{Job: job, Alert: "HIGH_RISK", Deadline: at})
	file := twstools.FileRow(twstools.FileWait{Name: "/in/x", Workstation: "LX1", Status: "Exists"})
	plan := twstools.PlanRow(twstools.Plan{ID: "202603170500", Type: twstools.PlanArchived})
	for _, c := range []struct {
		oql  string
		row  query.Row
		want bool
	}{
		{"jobStatusFlags.jobLate = true AND jobStatusFlags.untilGone = true AND jobruns.lastInRerunChain = true AND jobruns.confirmed = true", twstools.JobRow(job), true},
		{"dependencies.fileName = '/in/x' AND dependencies.fileWorkstation = 'LX1' AND dependencies.promptName = 'GO' AND dependencies.promptNumber = 7", twstools.JobRow(job), true},
		{"dependencies.resourceName = 'SLOT' AND dependencies.resourceWorkstation = '/LX2' AND dependencies.jobName = 'BEFORE'", twstools.JobRow(job), true},
		{"dependencies.resourceWorkstation = 'LX1'", twstools.JobRow(job), false},
		{"jobDefinition.task LIKE '/bin/@'", twstools.JobRow(job), true},
		{"name = 'LOAD' AND alertLevel = 'HIGH_RISK' AND deadline <= 2026-03-17T05:00:00Z", critical, true},
		{"name LIKE '/in/@' AND workstation = '/LX1' AND status = 'Exists'", file, true},
		{"type = 'ARCHIVED' AND id = '202603170500'", plan, true},
		{"jsStatusFlags.lateJobStream = true", twstools.JobStreamRow(twstools.JobStream{Late: true}), true},
	} {
		if got := matches(t, c.oql, c.row); got != c.want {
			t.Errorf("%s = %v, want %v", c.oql, got, c.want)
		}
	}
}

// Every listed field is one that the row knows, and no row panics over an object about which nothing is known.
func TestFieldListsAreTrue(t *testing.T) {
	for _, c := range []struct {
		name   string
		fields []string
		row    query.Row
	}{
		{"job", twstools.JobFields(), twstools.JobRow(twstools.Job{})}, {"job stream", twstools.JobStreamFields(), twstools.JobStreamRow(twstools.JobStream{})},
		{"workstation", twstools.WorkstationFields(), twstools.WorkstationRow(twstools.Workstation{})}, {"resource", twstools.ResourceFields(), twstools.ResourceRow(twstools.Resource{})},
		{"prompt", twstools.PromptFields(), twstools.PromptRow(twstools.Prompt{})},
	} {
		if len(c.fields) < 8 || !slices.IsSorted(c.fields) {
			t.Errorf("the fields of a %s are %v", c.name, c.fields)
		}
		for _, f := range c.fields {
			if _, ok := c.row.Values(f); !ok {
				t.Errorf("the field %s of a %s is listed and unknown", f, c.name)
			}
		}
		if vs, ok := c.row.Values("no.such.field"); ok || vs != nil {
			t.Errorf("an unknown field of a %s gives %v", c.name, vs)
		}
	}
}
