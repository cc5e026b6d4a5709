package hwa_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/hwa"
)

// read gives the one job that the body holds, read by id.
func readJob(t *testing.T, body string) twstools.Job {
	t.Helper()
	j, err := open(t, answers(200, "application/json", body)).Job(t.Context(), twstools.Ref{ID: "x"})
	if err != nil {
		t.Fatalf("Job: %v", err)
	}
	return j
}

func readStream(t *testing.T, body string) twstools.JobStream {
	t.Helper()
	s, err := open(t, answers(200, "application/json", body)).JobStream(t.Context(), twstools.Ref{ID: "x"})
	if err != nil {
		t.Fatalf("JobStream: %v", err)
	}
	return s
}

func utc(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

const fullJob = `{"flowNodeType":"JOB","id":"6d19eaf1","folder":"/FIN/","name":"PAY_LOAD","workstation":"/LX1","jobStreamId":"s1","jobStreamName":"NIGHT",
"jobStreamWorkstation":"/PROD/MDM","schedTime":"2026-03-17T02:00:00Z","timeZone":"Europe/Rome","priority":"HI","lastRunCommonStatus":"ERROR",
"lastRunCompositeStatus":{"status":"ABEND","canceled":"false","cancelPending":1},"jobStatusFlags":{"jobLate":"true","untilGone":true,"needMessage":1},
"jobOptions":{"critical":true,"noOperation":null},"jobDefinition":{"name":"PAY_LOAD","task":{"executable":{"script":"/opt/a<b.sh"}},"isCommand":"false",
"estimatedDuration":"PT50S","userLogins":["batch",null],"recoveryOption":"STOP","unknownField":{"deep":[1]}},
"jobruns":[{"id":"r2","jobNumber":"277948077","returnCode":"5","rerunType":"RERUN","runAttempt":2,"lastInRerunChain":true,"actualWorkstation":"/LX1",
"compositeStatus":{"status":"ABEND"},"commonStatus":"ERROR","timeInfo":{"actualStartTime":"2026-03-17T02:10:00.250Z","actualEndTime":1773713700000,"elapsedTime":"PT5M","estimatedDuration":50000},
"outputConditions":[{"conditionName":"OK","mappingExpression":"RC=0","isSatisfied":false,"isSuccCondition":true},7]},
{"id":"r1","jobNumber":1,"returnCode":0.0,"runAttempt":1,"timeInfo":{"actualStartTime":"2026-03-17T02:00:05"}}, "garbage"],
"timeRestrictions":{"startTime":"2026-03-17T03:00:00+01:00","latestStartTime":"nonsense","lateStartAction":"SUPPRESS","deadlineTime":"2026-03-17T06:00:00.000+0000","maxDuration":"01:30:00","latestStartSatisfied":"no"},
"dependencies":[],"dependenciesStats":{"numberOfDependencies":0,"numberOfUnresolvedDependencies":"0"},"endTime":"2026-03-17 02:30:00","archived":false}`

func TestJobDecodesWhateverTheTypes(t *testing.T) {
	j := readJob(t, fullJob)
	if j.Ref != (twstools.Ref{Engine: "default", Dialect: "v2", ID: "6d19eaf1"}) || j.StreamRef.ID != "s1" {
		t.Errorf("refs = %+v, %+v", j.Ref, j.StreamRef)
	}
	if j.Name != "PAY_LOAD" || j.Folder != "/FIN" || j.StreamFolder != "/FIN" || j.Workstation != "LX1" || j.StreamWorkstation != "/PROD/MDM" {
		t.Errorf("names = %q %q %q %q %q", j.Name, j.Folder, j.StreamFolder, j.Workstation, j.StreamWorkstation)
	}
	if j.Status != (twstools.Status{Common: "ERROR", Internal: "ABEND", CancelPending: true}) {
		t.Errorf("status = %+v", j.Status)
	}
	if j.Priority == nil || *j.Priority != 100 || !j.Late || !j.UntilPassed || !j.NeedsMessage || !j.Critical || j.NoOperation {
		t.Errorf("flags = %+v", j)
	}
	if !j.SchedTime.Equal(utc("2026-03-17T02:00:00Z")) || !j.EstimatedEnd.Equal(utc("2026-03-17T02:30:00Z")) {
		t.Errorf("times = %v, %v", j.SchedTime, j.EstimatedEnd)
	}
	d := j.Definition
	if d.Task != `{"executable":{"script":"/opt/a<b.sh"}}` || d.IsCommand == nil || *d.IsCommand || d.EstimatedDuration != 50*time.Second || !slices.Equal(d.UserLogins, []string{"batch"}) {
		t.Errorf("definition = %+v", d)
	}
	tr := j.Times
	if !tr.EarliestStart.Equal(utc("2026-03-17T02:00:00Z")) || !tr.LatestStart.IsZero() || tr.LatestStartAction != "SUPPRESS" || !tr.Deadline.Equal(utc("2026-03-17T06:00:00Z")) ||
		tr.MaxDuration != 90*time.Minute || tr.LatestStartSatisfied == nil || *tr.LatestStartSatisfied {
		t.Errorf("restrictions = %+v", tr)
	}
	if !j.DependenciesKnown || j.DependencyCount == nil || *j.DependencyCount != 0 || j.UnresolvedCount == nil {
		t.Errorf("dependencies known %v, counts %v %v", j.DependenciesKnown, j.DependencyCount, j.UnresolvedCount)
	}
	if len(j.Runs) != 2 || j.Runs[0].ID != "r1" || j.Runs[1].ID != "r2" {
		t.Fatalf("runs = %+v, want r1 before r2", j.Runs)
	}
	r := j.Runs[1]
	if r.JobNumber != 277948077 || r.ReturnCode == nil || *r.ReturnCode != 5 || r.Attempt != 2 || r.Elapsed != 5*time.Minute || r.Estimated != 50*time.Second ||
		!r.Start.Equal(utc("2026-03-17T02:10:00.25Z")) || !r.End.Equal(utc("2026-03-17T02:15:00Z")) || len(r.OutputConditions) != 1 || r.OutputConditions[0].Expression != "RC=0" {
		t.Errorf("run = %+v", r)
	}
	if rc := j.Runs[0].ReturnCode; rc == nil || *rc != 0 {
		t.Errorf("return code of the first run = %v, want 0", rc)
	}
}

func TestJobStatusComesFromWhereItIs(t *testing.T) {
	cases := map[string]twstools.Status{
		`{"id":"x","lastRunCommonStatus":"WAITING","lastRunCompositeStatus":{"status":"HOLD","substatus":"HOLD_WAITING_FOR_PROMPT"}}`: {Common: "WAITING", Internal: "HOLD", Substatus: "HOLD_WAITING_FOR_PROMPT"},
		`{"id":"x","jobruns":[{"commonStatus":"RUNNING","compositeStatus":{"status":"EXEC"}}]}`:                                       {Common: "RUNNING", Internal: "EXEC"},
		`{"id":"x","jobruns":[{"lastInRerunChain":true,"commonStatus":"READY"},{"commonStatus":"ERROR"}]}`:                            {Common: "READY"},
		`{"id":"x","lastRunCompositeStatus":"ABEND"}`:                                                                                 {Internal: "ABEND"},
		`{"id":"x","status":{"commonStatus":"HELD","internalStatus":"HOLD"}}`:                                                         {Common: "HELD", Internal: "HOLD"},
		`{"id":"x","lastRunCommonStatus":"FROBNICATED"}`:                                                                              {Common: "FROBNICATED"},
		`{"id":"x"}`: {},
	}
	for body, want := range cases {
		if got := readJob(t, body).Status; got != want {
			t.Errorf("%s: status = %+v, want %+v", body, got, want)
		}
	}
}

// The last run speaks where it lacks a status of its own, so that filters by run status see it.
func TestLastRunTakesTheJobsStatus(t *testing.T) {
	j := readJob(t, `{"id":"x","lastRunCommonStatus":"ERROR","jobruns":[{"id":"r1","commonStatus":"SUCCESSFUL","runAttempt":1},{"id":"r2","runAttempt":2}]}`)
	if j.Runs[0].Status.Common != "SUCCESSFUL" || j.Runs[1].Status.Common != "ERROR" {
		t.Errorf("runs = %+v", j.Runs)
	}
	flat := readJob(t, `{"id":"x","returnCode":"8","jobNumber":12,"runId":"r9","timeInfo":{"actualStartTime":"2026-03-17T02:00:00Z"},"lastRunCommonStatus":"ERROR"}`)
	if len(flat.Runs) != 1 || flat.Runs[0].ID != "r9" || *flat.Runs[0].ReturnCode != 8 || flat.Runs[0].Status.Common != "ERROR" {
		t.Errorf("flat run = %+v", flat.Runs)
	}
}

func TestDependenciesKnown(t *testing.T) {
	one := `"dependencies":[{"dependencyType":"RESOURCE","name":"TAPE"}]`
	cases := []struct {
		body  string
		known bool
		n     int
	}{
		{`{"id":"x"}`, false, 0},
		{`{"id":"x","dependencies":[]}`, true, 0},
		{`{"id":"x","dependencies":null}`, false, 0},
		{`{"id":"x","dependencies":null,"dependenciesStats":{"numberOfDependencies":0}}`, true, 0},
		{`{"id":"x","dependenciesStats":{"numberOfDependencies":0}}`, true, 0},
		{`{"id":"x","dependencies":[],"dependenciesStats":{"numberOfDependencies":3}}`, false, 0},
		{`{"id":"x",` + one + `}`, true, 1},
	}
	for _, tc := range cases {
		j := readJob(t, tc.body)
		if j.DependenciesKnown != tc.known || len(j.Dependencies) != tc.n {
			t.Errorf("%s: known %v with %d, want %v with %d", tc.body, j.DependenciesKnown, len(j.Dependencies), tc.known, tc.n)
		}
	}
	// In a list an empty array is how the interface leaves dependencies out.
	list, err := open(t, answers(200, "application/json", `[{"id":"x","dependencies":[]}]`)).Jobs(t.Context(), twstools.ListQuery{})
	if err != nil || len(list.Items) != 1 || list.Items[0].DependenciesKnown {
		t.Errorf("in a list: %+v (%v), want unknown", list.Items, err)
	}
}

func TestDependenciesOfEveryType(t *testing.T) {
	j := readJob(t, `{"id":"x","dependencies":[
{"dependencyType":"INTERNAL","id":"d0","jobId":"j0","jobName":"A","dependencyStatus":"SATISFIED"},
{"dependencyType":"EXTERNAL_JOB","jobId":"a/b;c","jobName":"SWITCHPLAN","jobStreamId":"s9","jobStreamName":"/ADM/FINAL","jobStreamWorkstation":"/MDM","jobStreamSchedTime":"2025-10-13T21:59:00Z",
 "dependencyStatus":"UNDECIDED","pending":"true","zombie":false,"predecessorStatus":{"status":"HOLD"},"conditional":true,"outputConditions":["RC OK"],"statusConditions":["ABEND","FAIL"]},
{"dependencyType":"EXTERNAL_JOBSTREAM","jobStreamId":"s8","jobStreamName":"LOAD","satisfied":false,"zombie":true},
{"dependencyType":"JOIN","joinName":"ALL3","joinQuantity":"2","satisfied":false,"members":[{"dependencyType":"INTERNAL","jobName":"B"},null]},
{"dependencyType":"FILE","file":{"name":"/data/in file.csv","qualifier":"-s %p","status":"Not Checked","workstation":"/PROD/LX1"},"timeLastChecked":"2026-03-17T02:00:00Z"},
{"dependencyType":"RESOURCE","name":"TAPE","folder":"/","workstation":"/LX1","quantity":2,"quantityHeld":0,"available":"1","totalQuantity":3},
{"dependencyType":"PROMPT","promptName":"GOON","number":7,"text":" Go on? ","promptStatus":"ASKED","promptType":"Ad Hoc Prompt"},
{"dependencyType":"INTERNETWORK","dependency":"REMOTE.JOB","networkAgent":"/NA1","jobInPlanCompositeStatus":{"status":"EXTRN"}},
{"promptStatus":"NOT_ASKED"},{"file":"/bare/name"},{"dependencyType":"FUTURE","jobName":"Z"},
"garbage"]}`)
	if len(j.Dependencies) != 11 {
		t.Fatalf("%d dependencies, want 11", len(j.Dependencies))
	}
	d := j.Dependencies
	if d[0].Type != twstools.DepInternal || d[0].JobRef.ID != "j0" || d[0].State != "SATISFIED" {
		t.Errorf("internal = %+v", d[0])
	}
	if e := d[1]; e.JobRef.ID != "a/b;c" || e.Stream != "FINAL" || e.StreamFolder != "/ADM" || e.StreamWorkstation != "MDM" || !e.Pending || e.Orphan || e.PredecessorStatus.Internal != "HOLD" ||
		!e.Conditional || !slices.Equal(e.OutputConditions, []string{"RC OK"}) || len(e.StatusConditions) != 2 || !e.StreamSched.Equal(utc("2025-10-13T21:59:00Z")) {
		t.Errorf("external job = %+v", e)
	}
	if e := d[2]; e.StreamRef.ID != "s8" || !e.Orphan || e.Satisfied == nil || *e.Satisfied || !e.JobRef.IsZero() {
		t.Errorf("external job stream = %+v", e)
	}
	if e := d[3]; e.JoinName != "ALL3" || e.JoinQuantity != 2 || len(e.Members) != 1 || e.Members[0].Job != "B" {
		t.Errorf("join = %+v", e)
	}
	if e := d[4]; e.File != "/data/in file.csv" || e.FileQualifier != "-s %p" || e.FileState != "Not Checked" || e.Workstation != "/PROD/LX1" || e.LastChecked.IsZero() {
		t.Errorf("file = %+v", e)
	}
	if e := d[5]; e.Resource != "TAPE" || e.ResourceFolder != "/" || e.Workstation != "LX1" || e.Units != 2 || *e.UnitsHeld != 0 || *e.UnitsAvailable != 1 || *e.UnitsTotal != 3 {
		t.Errorf("resource = %+v", e)
	}
	if e := d[6]; e.Prompt != "GOON" || *e.PromptNumber != 7 || e.PromptText != " Go on? " || e.PromptStatus != "ASKED" || e.PromptType != "Ad Hoc Prompt" {
		t.Errorf("prompt = %+v", e)
	}
	if e := d[7]; e.Remote != "REMOTE.JOB" || e.NetworkAgent != "NA1" || e.RemoteStatus.Internal != "EXTRN" {
		t.Errorf("internetwork = %+v", e)
	}
	if d[8].Type != twstools.DepPrompt || d[9].Type != twstools.DepFile || d[9].File != "/bare/name" || d[10].Type != "FUTURE" || d[10].Job != "Z" {
		t.Errorf("guessed = %+v", d[8:])
	}
}

func TestStreamDecodes(t *testing.T) {
	s := readStream(t, `{"id":"s1","folder":"/FIN","name":"NIGHT","workstation":"/MDM","internalIdentifier":"0AAAAAAAAAAAABTB","schedTime":"2026-03-17T02:00:00Z",
"commonStatus":"BLOCKED","compositeStatus":{"status":"STUCK"},"priority":10,"limit":"0","jobStreamStats":{"numberOfJob":"5","numberOfSuccessfullJob":2,"numberOfAbendedJob":1,"numberOfFailedJob":null},
"jsDefinitionFlags":{"carriedForward":true},"jsStatusFlags":{"pendingPredecessor":true,"lateJobStream":"true"},"timeInfo":{"actualStartTime":"2026-03-17T02:00:01Z"},"originalJobStreamName":"NIGHT"}`)
	if s.Name != "NIGHT" || s.Folder != "/FIN" || s.Workstation != "MDM" || s.InternalID != "0AAAAAAAAAAAABTB" || s.Status.Internal != "STUCK" || *s.Limit != 0 ||
		*s.Stats.Total != 5 || *s.Stats.Successful != 2 || s.Stats.Failed != nil || !s.CarriedForward || !s.PendingPredecessor || !s.Late || s.Start.IsZero() || s.DependenciesKnown {
		t.Errorf("stream = %+v", s)
	}
}

func TestPlantDecodes(t *testing.T) {
	c := open(t, &stub{rows: map[string][]m{
		"workstation": {
			{"id": "1", "name": "LX1", "folder": "/PROD/", "type": "FTA", "activeStates": "LINKED, JOBMAN_UP", "limit": "10", "fence": "GO", "ignore": "false", "version": 10.2},
			{"id": "2", "name": "LX2", "linkStatus": "UNLINKED", "jobmanUp": true},
			{"id": "3", "name": "LX3", "activeStates": []any{}},
			{"id": "4", "name": "LX4"},
			{"name": "NOID", "key": "/NOID", "activeStates": m{"LINKED": true, "RUNNING": false}},
		},
		"resource": {{"id": "1", "name": "TAPE", "workstation": "/LX1", "quantity": "3", "quantityAvailable": 0, "status": "AVAILABLE",
			"holders": []any{m{"jobStream": "NIGHT", "jobStreamId": "s1", "job": "A", "jobId": "j;1", "quantity": 2}, "x"}}},
		"prompt": {{"id": "1", "name": "/FIN/GOON", "text": "<b>Go?</b>", "number": "7", "status": "ASKED", "jobId": "j1", "timeAsked": "2026-03-17T02:00:00Z"}},
	}})
	w, err := c.Workstations(t.Context(), twstools.ListQuery{})
	if err != nil || len(w.Items) != 5 {
		t.Fatalf("workstations: %+v (%v)", w, err)
	}
	if a := w.Items[0]; a.Name != "/PROD/LX1" || a.Folder != "/PROD" || !slices.Equal(a.ActiveStates, []string{"LINKED", "JOBMAN_UP"}) || *a.Limit != 10 || *a.Fence != 101 || a.Ignored || a.Version != "10.2" {
		t.Errorf("LX1 = %+v", a)
	}
	if b := w.Items[1]; !b.StatesKnown || !slices.Equal(b.ActiveStates, []string{"UNLINKED", "JOBMAN_UP"}) {
		t.Errorf("LX2 = %+v", b)
	}
	if !w.Items[2].StatesKnown || w.Items[3].StatesKnown {
		t.Errorf("states known: empty %v, absent %v; want true, false", w.Items[2].StatesKnown, w.Items[3].StatesKnown)
	}
	if e := w.Items[4]; e.Ref.ID != "/NOID" || !slices.Equal(e.ActiveStates, []string{"LINKED"}) {
		t.Errorf("NOID = %+v", e)
	}
	r, err := c.Resources(t.Context(), twstools.ListQuery{})
	if err != nil || len(r.Items) != 1 || *r.Items[0].Quantity != 3 || *r.Items[0].Available != 0 || len(r.Items[0].Holders) != 1 || r.Items[0].Holders[0].JobRef.ID != "j;1" || r.Items[0].Workstation != "LX1" {
		t.Errorf("resources: %+v (%v)", r, err)
	}
	p, err := c.Prompts(t.Context(), twstools.ListQuery{})
	if err != nil || len(p.Items) != 1 || p.Items[0].Name != "GOON" || p.Items[0].Folder != "/FIN" || *p.Items[0].Number != 7 || p.Items[0].Text != "<b>Go?</b>" || p.Items[0].AskedAt.IsZero() {
		t.Errorf("prompts: %+v (%v)", p, err)
	}
}

// Ids travel whole, as one segment.
func TestOddIDs(t *testing.T) {
	for _, id := range []string{"MDM;0AAAAAAAAAAAABTB;PAY", "/PROD/LX1", "a b", "50%", "a#b?c&d=e", "ação", "J+1", "'quoted'"} {
		s := &stub{rows: map[string][]m{"job": {{"id": id, "name": "X"}}}}
		j, err := open(t, s).Job(t.Context(), twstools.Ref{ID: id})
		if err != nil || j.Ref.ID != id {
			t.Errorf("%q: %q (%v)", id, j.Ref.ID, err)
		}
		for _, s.byIDStatus = range []int{http.StatusMethodNotAllowed, http.StatusInternalServerError} {
			j, err = open(t, s).Job(t.Context(), twstools.Ref{ID: id})
			if err != nil || j.Ref.ID != id {
				t.Errorf("%q through the list after %d: %q (%v)", id, s.byIDStatus, j.Ref.ID, err)
			}
		}
	}
}

func TestControlCharactersInJSON(t *testing.T) {
	j := readJob(t, "\ufeff{\"id\":\"x\",\"name\":\"A\",\"jobDefinition\":{\"description\":\"one\ntwo\x00\tthree\"}}")
	if j.Definition.Description != "one two  three" {
		t.Errorf("description = %q", j.Definition.Description)
	}
}

// FuzzDecode feeds arbitrary bodies to every reading: no panic, and every error is coded.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{fullJob, `[]`, `null`, `{"results":null}`, `{"results":[null,1,"x",[],{}]}`, `{"count":"9999999999","results":[{"id":{}}]}`, `{"results":{"a":1}}`,
		`{"groupedCount":{"a":{"b":"3"}},"count":1}`, `[{"jobruns":{"timeInfo":[]}}]`, `{"results":[{"dependencies":[{"members":[{"members":[{}]}]}]}]}`, `[[[[`, `{"id":1e999}`, `{"log":"x"}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		c, err := hwa.Open(hwa.Options{Host: "mdm", Transport: transportFunc(func(*http.Request) (*http.Response, error) {
			rec := httptest.NewRecorder()
			rec.Header().Set("Content-Type", "application/json")
			_, _ = rec.Write(body)
			return rec.Result(), nil
		})})
		if err != nil {
			t.Fatal(err)
		}
		everything(t, c)
	})
}

// everything reads all that can be read and checks that failures are coded.
func everything(t *testing.T, c *hwa.Client) {
	ctx, ref := t.Context(), twstools.Ref{ID: "x"}
	check := func(err error) {
		t.Helper()
		if fault.Is(err, fault.Internal) {
			t.Fatalf("uncoded error: %v", err)
		}
	}
	_, err := c.Info(ctx)
	check(err)
	_, err = c.Jobs(ctx, twstools.ListQuery{Limit: 3})
	check(err)
	_, err = c.Job(ctx, ref)
	check(err)
	_, err = c.JobStreams(ctx, twstools.ListQuery{Offset: 2})
	check(err)
	_, err = c.JobStream(ctx, ref)
	check(err)
	_, err = c.Workstations(ctx, twstools.ListQuery{})
	check(err)
	_, err = c.Resources(ctx, twstools.ListQuery{})
	check(err)
	_, err = c.Prompts(ctx, twstools.ListQuery{})
	check(err)
	_, err = c.Neighbours(ctx, twstools.NeighbourQuery{Ref: ref, Direction: twstools.Successors})
	check(err)
	_, err = c.Counts(ctx, twstools.CountQuery{GroupBy: []string{"status"}})
	check(err)
	_, err = c.Logs(ctx, twstools.LogQuery{RunID: "r", From: 2, To: 3})
	check(err)
}
