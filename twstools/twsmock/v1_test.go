package twsmock_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/twsmock"
	"github.com/resync-hwa/resync/twstools/world"
)

var update = flag.Bool("update", false, "rewrite the golden files of the older interface")

// v1World is the demo with what only the older interface tells, and a workstation, a stream and a job in a folder.
func v1World(t *testing.T) *world.World {
	t.Helper()
	w := demoWorld(t)
	found, run, high := true, 412, 0.87
	w.Window = &twstools.PlanWindow{Found: &found, RunNumber: &run, ScheduledDate: night.Add(-7 * time.Hour), Start: night.Add(-7 * time.Hour), End: night.Add(17 * time.Hour),
		Batchman: "LIVES", TimeZone: "America/Sao_Paulo"}
	w.Mailboxes = map[string]int{"Mailbox.msg": 7, "Intercom.msg": 93}
	w.Events = []twstools.EventRecord{{ID: "e1", Type: "JobAbend", Rule: "ABENDALERT", Message: "CLM_RESERVE ended badly", Severity: "Error", At: night.Add(-time.Hour)},
		{ID: "e2", Type: "JobDone", Rule: "DONE", Message: "ok", At: night}, {ID: "e3", Type: "JobDone", Rule: "DONE", Message: "ok too", At: night}}
	w.Audit = []twstools.AuditRecord{{ID: "a1", Action: "RERUN", ObjectType: "JOB", Object: "FRLCLM01#WORKSHOP.WSH_INVOICES", User: "ops1", At: night.Add(-2 * time.Hour)}}
	critical := jobNamed(t, w, "CLM_EXPORT")
	w.CriticalJobs = []twstools.CriticalJob{{Job: twstools.Job{Ref: critical.Ref}, Alert: "HIGH_RISK", Deadline: night.Add(time.Hour), EstimatedStart: night.Add(10 * time.Minute),
		EstimatedEnd: night.Add(15 * time.Minute), Confidence: &high}, {Job: twstools.Job{Ref: jobNamed(t, w, "POL_PREMIUM").Ref}, Alert: "ON_TRACK"}}
	w.Archived = []world.ArchivedPlan{{Plan: twstools.Plan{ID: "202603161500", Name: "M202603161500", Type: twstools.PlanArchived, RunNumber: &run,
		ValidFrom: night.Add(-31 * time.Hour), ValidTo: night.Add(-7 * time.Hour)}, Jobs: slices.Clone(w.Jobs[:20])}}
	w.StreamDefinitions = []twstools.JobStreamDefinition{{Name: "CLMEOD", Folder: "/", Workstation: "FRLCLM01", Description: "End of the claims day"},
		{Name: "CLMEOD", Folder: "/", Workstation: "FRLPOL01", ValidFrom: night.AddDate(1, 0, 0)}}

	folded := w.Workstations[3]
	folded.Name, folded.Folder, folded.Ref.ID = "/PROD/EU/LX1", "/PROD/EU", "lx1"
	w.Workstations = append(w.Workstations, folded)
	stream := w.JobStreams[0]
	stream.Name, stream.OriginalName, stream.Folder, stream.Workstation, stream.InternalID, stream.Ref.ID, stream.Dependencies = "EUBATCH", "EUBATCH", "/PROD/EU", "/PROD/EU/LX1", "0AAAAAAAAAAAEU01", "eu", nil
	w.JobStreams = append(w.JobStreams, stream)
	job := w.Jobs[0]
	job.Name, job.Folder, job.Workstation, job.Stream, job.StreamFolder, job.StreamWorkstation = "EU_LOAD", "/PROD/EU", "/PROD/EU/LX1", "EUBATCH", "/PROD/EU", "/PROD/EU/LX1"
	job.JobStreamID, job.Ref.ID, job.StreamRef, job.Dependencies, job.Runs = "0AAAAAAAAAAAEU01", "eu1", stream.Ref, nil, nil
	w.Jobs = append(w.Jobs, job)
	return w
}

func jobNamed(t *testing.T, w *world.World, name string) twstools.Job {
	t.Helper()
	i := slices.IndexFunc(w.Jobs, func(j twstools.Job) bool { return j.Name == name })
	if i < 0 {
		t.Fatalf("no job %s", name)
	}
	return w.Jobs[i]
}

func startV1(t *testing.T, opts twsmock.V1Options) *twsmock.Server {
	t.Helper()
	return start(t, twsmock.Options{World: twsmock.Fixed(v1World(t)), V1: opts})
}

// call sends one request below /twsd; headers come in pairs.
func call(t *testing.T, s *twsmock.Server, method, path, body string, headers ...string) (*http.Response, []byte) {
	t.Helper()
	var r io.Reader
	if body != "" {
		r = strings.NewReader(body)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL()+"/twsd"+path, r)
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // nothing is lost with it
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, raw
}

// rows reads an answer that is a bare array.
func rows(t *testing.T, s *twsmock.Server, path, body string, headers ...string) []map[string]any {
	t.Helper()
	res, raw := call(t, s, http.MethodPost, path, body, headers...)
	var out []map[string]any
	if err := json.Unmarshal(raw, &out); res.StatusCode != http.StatusOK || err != nil {
		t.Fatalf("POST %s %s = %d %.300s", path, body, res.StatusCode, raw)
	}
	return out
}

func object(t *testing.T, s *twsmock.Server, path string, headers ...string) map[string]any {
	t.Helper()
	res, raw := call(t, s, http.MethodGet, path, "", headers...)
	var out map[string]any
	if err := json.Unmarshal(raw, &out); res.StatusCode != http.StatusOK || err != nil {
		t.Fatalf("GET %s = %d %.300s", path, res.StatusCode, raw)
	}
	return out
}

// at walks down an object: at(job, "jobStreamInPlan", "name").
func at(v any, keys ...string) any {
	for _, k := range keys {
		m, _ := v.(map[string]any)
		v = m[k]
	}
	return v
}

func str(v any, keys ...string) string {
	s, _ := at(v, keys...).(string)
	return s
}

func names(all []map[string]any) []string {
	var out []string
	for _, x := range all {
		out = append(out, str(x, "name"))
	}
	return out
}

// golden compares an answer with a file, indented.
func golden(t *testing.T, name string, raw []byte) {
	t.Helper()
	var b bytes.Buffer
	if err := json.Indent(&b, raw, "", "  "); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("testdata", "v1", name+".json")
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file) //nolint:gosec // a file of the test's own
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b.Bytes(), want) {
		t.Errorf("%s differs from %s; look at it, then run: go test ./twstools/twsmock -run V1 -update\n%s", name, file, b.Bytes())
	}
}

func TestV1EngineInfo(t *testing.T) {
	s := startV1(t, twsmock.V1Options{})
	_, raw := call(t, s, http.MethodGet, "/engine/info", "")
	golden(t, "engineinfo", raw)
	windowless := demoWorld(t)
	windowless.Window = nil
	bare := start(t, twsmock.Options{World: twsmock.Fixed(windowless)})
	for k := range object(t, bare, "/engine/info") {
		if strings.HasPrefix(k, "synphony") {
			t.Errorf("an engine that tells no window sends %s", k)
		}
	}
}

func TestV1MailboxIsABareNumber(t *testing.T) {
	s := startV1(t, twsmock.V1Options{})
	for q, want := range map[string]string{"": "7", "?mailboxName=Mailbox.msg": "7", "?mailboxName=Intercom": "93"} {
		if res, raw := call(t, s, http.MethodGet, "/engine/mailbox_fill_percentage"+q, ""); res.StatusCode != http.StatusOK || strings.TrimSpace(string(raw)) != want {
			t.Errorf("mailbox %q = %d %s, want %s", q, res.StatusCode, raw, want)
		}
	}
}

func TestV1GoldenObjects(t *testing.T) {
	s := startV1(t, twsmock.V1Options{})
	for name, q := range map[string]struct{ path, body string }{
		"job":         {"/plan/current/job/query", `{"filters":{"jobInPlanFilter":{"jobName":"CRD_AUTH"}}}`},
		"job_join":    {"/plan/current/job/query", `{"filters":{"jobInPlanFilter":{"jobName":"DDB_SEND"}}}`},
		"jobstream":   {"/plan/current/jobstream/query", `{"filters":{"jobStreamInPlanFilter":{"jobStreamName":"BANKSEND"}}}`},
		"filewait":    {"/plan/current/jobstream/query", `{"filters":{"jobStreamInPlanFilter":{"jobStreamName":"BANKCOLL","internalStatusList":["HOLD"]}}}`},
		"prompted":    {"/plan/current/jobstream/query", `{"filters":{"jobStreamInPlanFilter":{"jobStreamName":"PAYOUT","internalStatusList":["HOLD"]}}}`},
		"workstation": {"/plan/current/workstation/query", `{"filters":{"workstationInPlanFilter":{"workstationName":"LX1"}}}`},
		"resource":    {"/plan/current/resource/query", `{"filters":{"resourceInPlanFilter":{"resourceName":"DWHWRITE"}}}`},
		"prompt":      {"/plan/current/prompt/query", `{"filters":{"promptInPlanFilter":{"promptName":"PAYLIMIT"}}}`},
		"file":        {"/plan/current/file/query", ``},
		"domain":      {"/plan/current/domain/query", `{"filters":{"domainInPlanFilter":{"domainName":"MASTERDM"}}}`},
		"user":        {"/plan/current/user/query", `{"filters":{"windowsUserInPlanFilter":{"workstationName":"FRLWIN02"}}}`},
		"criticaljob": {"/plan/current/criticaljob/query", `{"filters":{"criticalJobInPlanFilter":{"alertLevelList":["HIGH_RISK"]}}}`},
		"plans":       {"/plan/query", ``},
	} {
		t.Run(name, func(t *testing.T) {
			res, raw := call(t, s, http.MethodPost, q.path, q.body, "How-Many", "10", "Context-PlanDependenciesScope", "1", "Id-Encoding", "0")
			if res.StatusCode != http.StatusOK {
				t.Fatalf("%d %s", res.StatusCode, raw)
			}
			golden(t, name, raw)
		})
	}
}
