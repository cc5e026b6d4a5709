package twsmock_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/twstools/twsmock"
)

// TestV1RightsHideInSilence holds that an account sees through V1 what it sees through V2, and no more.
func TestV1RightsHideInSilence(t *testing.T) {
	w := v1World(t)
	all := start(t, twsmock.Options{World: twsmock.Fixed(w)})
	s := start(t, twsmock.Options{World: twsmock.Fixed(w), Rights: &twsmock.Rights{List: []twsmock.Rule{{Workstation: "FRLBIL@"}},
		Display: []twsmock.Rule{{Workstation: "FRLBIL@"}, {Kind: twsmock.KindJobStream}}}})
	for _, c := range []struct{ list, body string }{
		{"job", `{"filters":{"jobInPlanFilter":{"jobStreamName":"CLMEOD"}}}`}, {"jobstream", `{"filters":{"jobStreamInPlanFilter":{"jobStreamName":"CLMEOD"}}}`},
		{"workstation", `{"filters":{"workstationInPlanFilter":{"workstationName":"FRLCLM01"}}}`}, {"resource", `{"filters":{"resourceInPlanFilter":{"resourceName":"DWHWRITE"}}}`},
		{"criticaljob", `{"filters":{"criticalJobInPlanFilter":{"jobName":"CLM_EXPORT"}}}`},
	} {
		path := "/plan/current/" + c.list + "/query"
		hidden := rows(t, all, path, c.body)
		if got := rows(t, s, path, c.body); len(got) != 0 || len(hidden) == 0 {
			t.Errorf("%s: %d of %d are listed", c.list, len(got), len(hidden))
		}
		if c.list == "criticaljob" {
			continue
		}
		want := http.StatusForbidden
		if c.list == "jobstream" {
			want = http.StatusOK
		}
		id := url.PathEscape(str(hidden[0], "id"))
		if res, raw := call(t, s, http.MethodGet, "/plan/current/"+c.list+"/"+id, ""); res.StatusCode != want || want == 403 && !strings.Contains(string(raw), "AWSJDB817E") {
			t.Errorf("%s by its id = %d %.200s, want %d", c.list, res.StatusCode, raw, want)
		}
	}
	log := "/plan/current/job/" + idOf(t, all, "CLM_RESERVE", "ERROR") + "/joblog"
	if res, raw := call(t, s, http.MethodGet, log, ""); res.StatusCode != http.StatusForbidden {
		t.Errorf("a log that may not be displayed = %d %.100s", res.StatusCode, raw)
	}
	if got := rows(t, s, "/plan/current/job/query", `{"filters":{"jobInPlanFilter":{"jobName":"CRD_AUTH"}}}`); len(got) != 2 {
		t.Errorf("what may be listed is not: %d", len(got))
	}
}

// TestV1FaultServesALatePlan holds that a late copy is late through both dialects.
func TestV1FaultServesALatePlan(t *testing.T) {
	late := v1World(t)
	late.Jobs = late.Jobs[:3]
	stale := false
	s := start(t, twsmock.Options{World: twsmock.Fixed(v1World(t)), Fault: func(*http.Request) *twsmock.Fault {
		if stale {
			return &twsmock.Fault{World: late}
		}
		return nil
	}})
	fresh := len(rows(t, s, "/plan/current/job/query", `{"filters":{"jobInPlanFilter":{"lastInRerunChain":true}}}`, "How-Many", "0"))
	stale = true
	if got := len(rows(t, s, "/plan/current/job/query", `{"filters":{"jobInPlanFilter":{"lastInRerunChain":true}}}`, "How-Many", "0")); got != 3 || fresh <= 3 {
		t.Errorf("%d jobs, then %d in the late plan", fresh, got)
	}
}
