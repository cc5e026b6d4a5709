package twsmock_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/twsmock"
)

func TestV1Filters(t *testing.T) {
	s := startV1(t, twsmock.V1Options{})
	for _, c := range []struct {
		list, body string
		want       int
	}{
		{"job", `{"filters":{"jobInPlanFilter":{"jobStreamName":"CLMEOD"}}}`, 12},
		{"job", `{"filters":{"jobInPlanFilter":{"jobStreamName":"CLMEOD","internalStatusList":["ABEND"]}}}`, 1},
		{"job", `{"filters":{"jobInPlanFilter":{"jobStreamName":"CLMEOD","statusList":["ERROR","WAITING"]}}}`, 3},
		{"job", `{"filters":{"jobInPlanFilter":{"jobName":"CLM_@","jobStreamName":"CLMEOD"}}}`, 12},
		{"job", `{"filters":{"jobInPlanFilter":{"jobName":"CLM_*","jobStreamName":"CLM*"}}}`, 12},
		{"job", `{"filters":{"jobInPlanFilter":{"jobName":"CLM_CLOS?"}}}`, 2},
		{"job", `{"filters":{"jobInPlanFilter":{"jobName":"CLM_CLOS"}}}`, 0},
		{"job", `{"filters":{"jobInPlanFilter":{"jobWksName":"LX1"}}}`, 1},
		{"job", `{"filters":{"jobInPlanFilter":{"workstationName":"LX1"}}}`, 1},
		{"job", `{"filters":{"jobInPlanFilter":{"jobName":"CRD_AUTH","returnCode":"28"}}}`, 1},
		{"job", `{"filters":{"jobInPlanFilter":{"jobName":"CRD_AUTH","rerunType":"REGULAR"}}}`, 1},
		{"job", `{"filters":{"jobInPlanFilter":{"jobName":"CRD_AUTH","internalStatusList":["ABEND"],"lastInRerunChain":true}}}`, 0},
		{"job", `{"filters":{"jobInPlanFilter":{"jobId":"/PROD/EU/LX1;0AAAAAAAAAAAEU01;EU_LOAD"}}}`, 1},
		{"job", `{"filters":{"jobInPlanFilter":{"jobStreamName":"CLMEOD","inputArrivalTime":"2026-03-17T04:00:00"}}}`, 6},
		{"job", `{"filters":{"jobInPlanFilter":{"jobStreamName":"CLMEOD","inputArrivalTimeRange":{"rangeStart":"2026-03-17T00:00:00.000Z","rangeEnd":"2026-03-17T05:00:00.000Z"}}}}`, 6},
		{"job", `{"filters":{"jobInPlanFilter":{"jobStreamName":"CLMEOD","priorityRange":{"rangeStart":11,"rangeEnd":99}}}}`, 0},
		{"job", `{"filters":{"jobInPlanFilter":{"resourceDependencyName":"SFTPBANK"}}}`, 3},
		{"job", `{"complexFilters":{"operator":"AND","jobInPlanComplexFilter":[{"filter":{"jobStreamName":"CLMEOD"}},{"filter":{"statusList":["SUCCESSFUL"]},"notOperator":true}]}}`, 3},
		{"job", `{"complexFilters":{"operator":"OR","jobInPlanComplexFilter":[{"filter":{"jobName":"CLM_CLOSE"}}],"complexFilters":[{"operator":"AND","jobInPlanComplexFilter":[{"filter":{"jobName":"CLM_IBNR"}},{"filter":{"statusList":["WAITING"]}}]}]}}`, 3},
		{"jobstream", `{"filters":{"jobStreamInPlanFilter":{"jobStreamName":"CLM@","workstationName":"FRLCLM01"}}}`, 9},
		{"jobstream", `{"filters":{"jobStreamInPlanFilter":{"internalStatusList":["STUCK"]}}}`, 1},
		{"jobstream", `{"filters":{"jobStreamInPlanFilter":{"statusList":["BLOCKED"]}}}`, 1},
		{"jobstream", `{"filters":{"jobStreamInPlanFilter":{"promptDependencyName":"PAYLIMIT"}}}`, 1},
		{"jobstream", `{"filters":{"jobStreamInPlanFilter":{"fileDependencyName":"/interface/in/bank/*"}}}`, 1},
		{"workstation", `{"filters":{"workstationInPlanFilter":{"workstationName":"FRLW*"}}}`, 2},
		{"workstation", `{"filters":{"workstationInPlanFilter":{"linkStatusList":["UNLINKED"]}}}`, 2},
		{"workstation", `{"filters":{"workstationInPlanFilter":{"workstationTypeList":["XA"]}}}`, 2},
		{"workstation", `{"filters":{"workstationInPlanFilter":{"jobmanUp":false}}}`, 2},
		{"resource", `{"filters":{"resourceInPlanFilter":{"workstatioName":"FRLETLP"}}}`, 1},
		{"resource", `{"filters":{"resourceInPlanFilter":{"statusList":["NOT_AVAILABLE"]}}}`, 1},
		{"resource", `{"filters":{"resourceInPlanFilter":{"quantityAvailableRange":{"rangeEnd":0}}}}`, 1},
		{"prompt", `{"filters":{"promptInPlanFilter":{"statusList":["ASKED"]}}}`, 1},
		{"prompt", `{"filters":{"promptInPlanFilter":{"promptNumber":32}}}`, 1},
		{"file", `{"filters":{"fileInPlanFilter":{"statusList":["Unavailable"]}}}`, 1},
		{"file", `{"filters":{"fileInPlanFilter":{"fileName":"@SALES@","workstationName":"FRLMFT01"}}}`, 1},
		{"domain", `{"filters":{"domainInPlanFilter":{"managerNameAsString":"FRLMDM1"}}}`, 1},
		{"domain", `{"filters":{"domainInPlanFilter":{"domainName":"NOWHERE"}}}`, 0},
		{"user", `{"filters":{"windowsUserInPlanFilter":{"userName":"FAROL\\svc_actuary","workstationName":"FRLWIN02"}}}`, 1},
		{"criticaljob", `{"filters":{"criticalJobInPlanFilter":{"alertLevelList":["ON_TRACK"]}}}`, 1},
		{"criticaljob", `{"filters":{"criticalJobInPlanFilter":{"deadlineRange":{"rangeEnd":"2026-03-17T08:00:00"}}}}`, 1},
	} {
		if got := rows(t, s, "/plan/current/"+c.list+"/query", c.body, "How-Many", "0"); len(got) != c.want {
			t.Errorf("%s %s finds %d, want %d: %v", c.list, c.body, len(got), c.want, names(got))
		}
	}
}

func TestV1FiltersThatAreNotUnderstood(t *testing.T) {
	s := startV1(t, twsmock.V1Options{})
	for _, c := range []struct{ path, body, want string }{
		{"/plan/current/job/query", `{"filters":{"jobInPlanFilter":{"colour":"red"}}}`, "colour"},
		{"/plan/current/job/query", `{"filters":{"jobInPlanFilter":{"jobname":"X"}}}`, "jobname"},
		{"/plan/current/job/query", `{"filters":{"jobStreamInPlanFilter":{"jobStreamName":"X"}}}`, "jobStreamInPlanFilter"},
		{"/plan/current/job/query", `{"filters":{"jobInPlanFilter":{"priority":"high"}}}`, "priority"},
		{"/plan/current/job/query", `{"filter":{}}`, "filter"},
		{"/plan/current/job/query", `{"sorters":{"jobInPlanSorter":{"colour":{"descending":true}}}}`, "colour"},
		{"/plan/current/job/query", `{"complexFilters":{"operator":"XOR","jobInPlanComplexFilter":[{"filter":{"jobName":"X"}}]}}`, "operator"},
		{"/plan/current/job/query", `{"filters":`, "JSON"},
		{"/plan/current/job/query", `[]`, "filter"},
		{"/plan/current/job/count", `{"filter":{"filters":{"jobInPlanFilter":{"colour":"red"}}}}`, "colour"},
		{"/plan/current/resource/query", `{"filters":{"resourceInPlanFilter":{"workstationName":"X"}}}`, "workstationName"},
		{"/plan/current/domain/query", `{"filters":{"domainInPlanFilter":{"name":"X"}}}`, "name"},
		{"/plan/current/user/query", `{"filters":{"windowsUserInPlanFilter":{"userName":7}}}`, "userName"},
		{"/plan/current/user/query", `{"sorters":{}}`, "sorters"},
		{"/plan/query", `{"filters":{"symphonyInPlanFilter":{"colour":"red"}}}`, "colour"},
		{"/model/jobstream/header/query", `{"filters":{"jobstreamFilter":{"validIn":"tomorrow"}}}`, "validIn"},
		{"/model/calendar/header/query", `{"filters":{"calendarFilter":{"calendarName":"X"}}}`, "calendarFilter"},
		{"/eventrule/engine/audit_record/header/query", `{"filters":{"auditRecordFilter":{}}}`, "auditRecordFilter"},
	} {
		res, raw := call(t, s, http.MethodPost, c.path, c.body, "How-Many", "10")
		messages, _ := at(decode(t, raw), "messages").([]any)
		if res.StatusCode != http.StatusBadRequest || len(messages) != 1 || !strings.Contains(fmt.Sprint(messages[0]), c.want) {
			t.Errorf("POST %s %s = %d %s, want 400 naming %s", c.path, c.body, res.StatusCode, raw, c.want)
		}
	}
}

// TestV1StatusWords holds the spellings that differ from the newer interface's, in answers and in filters.
func TestV1StatusWords(t *testing.T) {
	words := map[string]string{"FAIL": "FAILED", "PEND": "ENDP", "ABENP": "ABENDP", "SUPPR": "SUPPRESS", "CANCL": "CANCEL", "CANCLP": "CANCELP", "EXEC": "EXEC", "HOLD": "HOLD",
		"SUCCP": "SUCCP", "FENCE": "FENCE", "STUCK": "STUCK", "SOMETHING_NEW": "SOMETHING_NEW"}
	w := demoWorld(t)
	template := w.Jobs[0]
	template.Runs, w.Jobs = nil, nil
	for inner := range words {
		template.Name, template.Ref.ID, template.Status = inner, inner, twstools.Status{Internal: inner, Common: "WAITING"}
		w.Jobs = append(w.Jobs, template)
	}
	s := start(t, twsmock.Options{World: twsmock.Fixed(w)})
	for inner, word := range words {
		got := rows(t, s, "/plan/current/job/query", `{"filters":{"jobInPlanFilter":{"internalStatusList":["`+word+`"]}}}`)
		if len(got) != 1 || str(got[0], "name") != inner || str(got[0], "status", "internalStatus") != word {
			t.Errorf("%s is asked for as %s and found as %v", inner, word, got)
		}
	}
	if got := rows(t, s, "/plan/current/job/query", `{"filters":{"jobInPlanFilter":{"internalStatusList":["EXEC_PLUS"]}}}`); len(got) != 1 {
		t.Errorf("EXEC_PLUS finds %d", len(got))
	}
}

func TestV1WorkstationStates(t *testing.T) {
	w := demoWorld(t)
	state := func(name string, known bool, states, flags []string) twstools.Workstation {
		x := w.Workstations[3]
		x.Name, x.Ref.ID, x.StatesKnown, x.ActiveStates, x.ActiveFlags = name, name, known, states, flags
		return x
	}
	w.Workstations = []twstools.Workstation{
		state("LINKED", true, []string{"LINKED", "JOBMAN_UP", "WRITER_UP", "IS_INITED", "SERVER_STARTED"}, []string{"AUTO_LINK", "FULL_STATUS"}),
		state("FULL", true, []string{"FULLY_LINKED", "TCP_IP_LINKED", "EVT_PROC_RUNNING", "MONMAN", "SERVER_RESTARTING"}, []string{"BEHIND_FIREWALL"}),
		state("DOWN", true, []string{}, nil), state("SILENT", false, nil, nil),
	}
	s := start(t, twsmock.Options{World: twsmock.Fixed(w)})
	got := map[string]map[string]any{}
	for _, x := range rows(t, s, "/plan/current/workstation/query", "") {
		got[str(x, "key", "name")] = x
	}
	for name, want := range map[string]map[string]any{
		"LINKED": {"linkStatus": "LINKED", "jobmanUp": true, "writerUp": true, "tcpLink": false, "initialized": true, "mailReceived": true, "fullStatus": true, "autoLink": true,
			"behindFirewall": false, "evtProcRunning": false, "applicationServerStatus": "RUNNING"},
		"FULL": {"linkStatus": "FULLY_LINKED", "jobmanUp": false, "tcpLink": true, "evtProcRunning": true, "ssmRunning": true, "behindFirewall": true, "applicationServerStatus": "RESTARTING"},
		"DOWN": {"linkStatus": "UNLINKED", "jobmanUp": false, "mailReceived": false, "applicationServerStatus": "NOT_RUNNING"},
		// Nothing is known of it, so nothing is said.
		"SILENT": {"linkStatus": nil, "jobmanUp": nil, "writerUp": nil, "applicationServerStatus": nil},
	} {
		for k, v := range want {
			if got[name][k] != v {
				t.Errorf("%s: %s = %v, want %v", name, k, got[name][k], v)
			}
		}
	}
}

func TestV1SingleObjects(t *testing.T) {
	s := startV1(t, twsmock.V1Options{})
	for _, list := range []string{"job", "jobstream", "workstation", "resource", "prompt", "file", "domain", "user"} {
		for _, layout := range []string{"0", "1"} {
			for _, x := range rows(t, s, "/plan/current/"+list+"/query", "", "How-Many", "30", "Id-Encoding", layout) {
				got := object(t, s, "/plan/current/"+list+"/"+url.PathEscape(str(x, "id")), "Id-Encoding", layout)
				if got["id"] != x["id"] {
					t.Errorf("%s %v is read as %v", list, x["id"], got["id"])
				}
			}
		}
	}
}

func TestV1ArchivedPlans(t *testing.T) {
	s := startV1(t, twsmock.V1Options{})
	plans := rows(t, s, "/plan/query", `{"filters":{"symphonyInPlanFilter":{"planType":"ARCHIVED"}}}`)
	if len(plans) != 1 || plans[0]["id"] != "202603161500" {
		t.Fatalf("archived plans: %v", plans)
	}
	jobs := rows(t, s, "/plan/202603161500/job/query", `{}`, "How-Many", "0")
	n := 0
	for _, j := range v1World(t).Jobs[:20] {
		n += max(len(j.Runs), 1)
	}
	if len(jobs) != n {
		t.Errorf("%d jobs in the archived plan, want %d", len(jobs), n)
	}
	one := object(t, s, "/plan/202603161500/job/"+url.PathEscape(str(jobs[0], "id")))
	if one["name"] != jobs[0]["name"] || one["planId"] != "202603161500" {
		t.Errorf("read again: %v", one["name"])
	}
	streams := rows(t, s, "/plan/202603161500/jobstream/query", `{}`, "How-Many", "0")
	if len(streams) == 0 || streams[0]["status"] != nil {
		t.Errorf("streams of an archived plan, of which the world keeps no status: %v", streams)
	}
	if w := rows(t, s, "/plan/202603161500/workstation/query", `{}`); len(w) != 0 {
		t.Errorf("an archived plan has %d workstations", len(w))
	}
	if res, _ := call(t, s, http.MethodGet, "/plan/202603161500/job/"+url.PathEscape(str(jobs[0], "id"))+"/joblog", ""); res.StatusCode != http.StatusNotFound {
		t.Errorf("the log of an archived run = %d", res.StatusCode)
	}
	for _, id := range []string{"202601010000", "tomorrow"} {
		if res, raw := call(t, s, http.MethodPost, "/plan/"+id+"/job/query", `{}`); res.StatusCode != http.StatusNotFound || !strings.Contains(string(raw), "AWSJDB101E") {
			t.Errorf("plan %s = %d %s", id, res.StatusCode, raw)
		}
	}
}

func TestV1ModelHeaders(t *testing.T) {
	s := startV1(t, twsmock.V1Options{})
	for _, c := range []struct {
		kind, body string
		want       int
	}{
		{"jobstream", `{"filters":{"jobstreamFilter":{"jobStreamName":"CLMEOD","validIn":"2026-03-17T06:00:00.123456"}}}`, 1},
		{"jobstream", `{"filters":{"jobstreamFilter":{"jobStreamName":"CLM*"}}}`, 2},
		{"jobdefinition", `{"filters":{"jobDefinitionFilter":{"jobDefinitionName":"CRD_AUTH","workstationName":"FRLBIL01"}}}`, 1},
		{"workstation", `{"filters":{"workstationFilter":{"workstationName":"FRLETL@"}}}`, 3},
		{"calendar", ``, 0},
	} {
		got := rows(t, s, "/model/"+c.kind+"/header/query", c.body, "How-Many", "10")
		if len(got) != c.want {
			t.Errorf("%s %s finds %d, want %d", c.kind, c.body, len(got), c.want)
		}
		for _, h := range got {
			if one := object(t, s, "/model/"+c.kind+"/"+str(h, "id")); one["name"] != h["name"] {
				t.Errorf("%s %v is read as %v", c.kind, h["name"], one["name"])
			}
		}
	}
	pools := rows(t, s, "/model/workstation/header/query", `{"filters":{"workstationFilter":{"workstationName":"FRLETLP"}}}`)
	if len(pools) != 1 || pools[0]["type"] != "POOL" {
		t.Errorf("the pool is %v", pools)
	}
}

// TestV1AndV2AreOneWorld holds that both dialects tell the same jobs in the same states.
func TestV1AndV2AreOneWorld(t *testing.T) {
	w := v1World(t)
	s := start(t, twsmock.Options{World: twsmock.Fixed(w)})
	newer, older := []string{}, []string{}
	for _, j := range list(t, s, "/plan/job").Results {
		newer = append(newer, fmt.Sprint(j["name"], str(j, "lastRunCommonStatus"), str(j, "schedTime")))
	}
	for _, j := range rows(t, s, "/plan/current/job/query", `{"filters":{"jobInPlanFilter":{"lastInRerunChain":true}}}`) {
		older = append(older, fmt.Sprint(j["name"], str(j, "status", "commonStatus"), str(j, "jobStreamInPlan", "startTime")))
	}
	if len(newer) != len(w.Jobs) || !slices.Equal(newer, older) {
		t.Errorf("%d jobs by V2, %d by V1, of %d", len(newer), len(older), len(w.Jobs))
	}
}
