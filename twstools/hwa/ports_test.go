package hwa_test

import (
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/hwa"
)

// atPath answers one path and nothing else.
func atPath(path string, h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != path {
			http.NotFound(w, r)
			return
		}
		h(w, r)
	}
}

func TestPlanWindow(t *testing.T) {
	info := m{"version": "9.5", "synphonyRunNumber": 360, "synphonyBatchManStatus": "LIVES", "synphonyPlanStart": "2026-03-17T05:00:00", "synphonyPlanEnd": "2026-03-18T04:59:00.000Z",
		"synphonyFound": "true", "planTimezone": "Europe/Rome", "rdbmsUrl": "jdbc:db2://secret-db", "rdbmsUser": "secret-user", "rdbmsPassword": m{"deep": "secret-pw"}}
	var logged strings.Builder
	c := open(t, &old{info: info}, inV1, func(o *hwa.Options) {
		o.Logger = slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	w, err := c.Capabilities().Plans.PlanWindow(t.Context())
	if err != nil || w.Found == nil || !*w.Found || *w.RunNumber != 360 || w.Batchman != "LIVES" || w.TimeZone != "Europe/Rome" || w.Start.Hour() != 5 || w.End.Day() != 18 {
		t.Errorf("PlanWindow = %+v, %v", w, err)
	}
	if strings.Contains(logged.String(), "secret") {
		t.Errorf("the log tells of the database: %s", logged.String())
	}
}

func TestMailboxForms(t *testing.T) {
	for text, want := range map[string]int{"42": 42, `"42"`: 42, `{"value":42}`: 42, " 0\n": 0} {
		c := open(t, atPath("/twsd/engine/mailbox_fill_percentage", body(200, "application/json", text)), inV1)
		if n, err := c.Capabilities().Mailbox.MailboxFill(t.Context(), "Mailbox.msg"); err != nil || n != want {
			t.Errorf("MailboxFill of %q = %d, %v", text, n, err)
		}
	}
	c := open(t, atPath("/twsd/engine/mailbox_fill_percentage", body(200, "application/json", "full")), inV1)
	if _, err := c.Capabilities().Mailbox.MailboxFill(t.Context(), ""); err == nil {
		t.Error("a word for a number is taken")
	}
}

// What a server lacks or denies is not asked for again for ten minutes; credentials that were refused rest for themselves.
func TestAbsentPortsRest(t *testing.T) {
	for code, want := range map[int]struct {
		code  fault.Code
		rests bool
	}{404: {fault.Unsupported, true}, 403: {fault.UpstreamDenied, true}, 401: {fault.UpstreamDenied, true}} {
		var asked atomic.Int32
		var now atomic.Int64
		now.Store(time.Now().UnixNano())
		c := open(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { asked.Add(1); w.WriteHeader(code) }), inV1,
			func(o *hwa.Options) { o.Clock = func() time.Time { return time.Unix(0, now.Load()) } })
		p := c.Capabilities()
		for range 3 {
			_, err := p.Audit.Audit(t.Context(), twstools.RecordQuery{})
			wantCode(t, err, want.code)
		}
		if n := asked.Load(); want.rests && n != 1 || !want.rests && n < 3 {
			t.Errorf("%d: asked %d times", code, n)
		}
		before := asked.Load()
		now.Add(int64(11 * time.Minute))
		_, _ = p.Audit.Audit(t.Context(), twstools.RecordQuery{})
		if asked.Load() == before {
			t.Errorf("%d: never asked again", code)
		}
	}
}

// The records' lists answer 400 without How-Many.
func TestRecordsAlwaysSayHowMany(t *testing.T) {
	c := open(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("How-Many") == "" || r.Method != http.MethodPost {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		writeJSON(w, []m{{"id": "1", "eventType": "UPGRADE", "ruleName": "UPDATESUCCESS", "message": "Update agent", "timestamp": "2026-03-17T05:00:00Z"},
			{"id": "2", "eventType": "X", "timestamp": 1773730000000}, {"id": "3", "message": 7}})
	}), inV1)
	es, err := c.Capabilities().Events.Events(t.Context(), twstools.RecordQuery{})
	if err != nil || len(es) != 3 || es[1].Rule != "UPDATESUCCESS" && es[0].Rule != "UPDATESUCCESS" || es[2].ID != "3" {
		t.Errorf("Events = %+v, %v", es, err)
	}
	es, err = c.Capabilities().Events.Events(t.Context(), twstools.RecordQuery{From: time.Date(2026, 3, 17, 4, 0, 0, 0, time.UTC), Object: "UPDATE"})
	if err != nil || len(es) != 1 {
		t.Errorf("Events of UPDATE = %+v, %v", es, err)
	}
}

func TestDefinitionsInV2(t *testing.T) {
	c := open(t, atPath("/twsd/api/v2/model/jobstream", func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.URL.Query().Get("oql"), "name LIKE 'PAY@'") {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		writeJSON(w, m{"count": 2, "results": []m{{"kind": "JobStream", "key": "/MDM#/PAYROLL", "def": m{"id": "1", "name": "PAYROLL", "workstation": "/MDM", "folder": "/", "isDraft": false,
			"runCycles": []m{{"name": "RC1"}}, "jobs": []m{{"name": "J1"}}}}, {"kind": "JobStream", "def": m{"name": "OTHER"}}}})
	}))
	l, err := c.Capabilities().Definitions.JobStreamDefinitions(t.Context(), "PAY@", 10)
	if err != nil || len(l) != 1 || l[0].Name != "PAYROLL" || l[0].Workstation != "MDM" || !slices.Equal(l[0].RunCycles, []string{"RC1"}) || !slices.Equal(l[0].Jobs, []string{"J1"}) {
		t.Errorf("JobStreamDefinitions = %+v, %v", l, err)
	}
}

const metricsPage = `# TYPE application_wa_JobsInPlanCount_jobs gauge
application_wa_JobsInPlanCount_jobs{jobStatus="ERROR"} 3
application_wa_JobsInPlanCount_jobs{jobStatus="SUCCESSFUL"} 1.2e3 # {trace="x"} 1
this line is { broken
application:wa JobsByWorkstation_jobs{workstation="/MDM",status="ERROR"} nonsense
application_wa_JobsByWorkstation_jobs{workstation="/MDM",status="ERROR"} 2
application_wa_JobsByWorkstation_jobs{workstation="/MDM",status="READY"} 5
application_wa_JobsByFolder_jobs{folder="/"} 7
application_wa_workstation_linked{workstationName="/LX1"} 0
application_wa_workstation_running{workstationName="/LX1"} 1
application_wa-msgFileFill-percent{fileName="Mailbox.msg"} 12.5
application_wa_DB_connected 1
jvm_uptime_seconds NaN
` + "application_wa_JobsByFolder_jobs{folder=\"\x00\xff\"} 1\n# EOF\n"

func TestMetrics(t *testing.T) {
	c := open(t, atPath("/metrics", body(200, "text/plain", metricsPage+strings.Repeat("x", 100_000))))
	got, err := c.Capabilities().Metrics.Metrics(t.Context())
	if err != nil || got.JobsByStatus["ERROR"] != 3 || got.JobsByStatus["SUCCESSFUL"] != 1200 || got.JobsByWorkstation["/MDM"] != 7 || got.JobsByFolder["/"] != 7 ||
		got.Linked["/LX1"] || !got.Running["/LX1"] || got.QueueFill["Mailbox.msg"] != 12.5 || got.DatabaseConnected == nil || !*got.DatabaseConnected || got.At.IsZero() {
		t.Errorf("Metrics = %+v, %v", got, err)
	}
	for name, h := range map[string]http.HandlerFunc{"none": status(404), "a page": page200, "nothing": body(200, "text/plain", "# EOF\n")} {
		c := open(t, atPath("/metrics", h))
		_, err := c.Capabilities().Metrics.Metrics(t.Context())
		if !fault.Is(err, fault.Unsupported) {
			t.Errorf("%s: Metrics = %v, want unsupported", name, err)
		}
	}
}

// FuzzMetrics reads pages that nobody would write.
func FuzzMetrics(f *testing.F) {
	f.Add(metricsPage)
	f.Add("dbconnected{\"} 1")
	f.Add("JobsByFolder{a=\"b\",} +Inf\nJobsByFolder{} -1 1 1\n")
	f.Fuzz(func(t *testing.T, page string) {
		c, err := hwa.Open(hwa.Options{Host: "mdm", API: "v2", Transport: transportFunc(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"text/plain"}}, Body: io.NopCloser(strings.NewReader(page))}, nil
		})})
		if err != nil {
			t.Fatal(err)
		}
		_, _ = c.Capabilities().Metrics.Metrics(t.Context())
	})
}
