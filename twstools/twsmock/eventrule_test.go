package twsmock_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/twstools/twsmock"
)

func TestEventRecords(t *testing.T) {
	s := startV1(t, twsmock.V1Options{})
	const path = "/eventrule/engine/message_log_record/header/query"
	for _, p := range []string{path, path + "_next", "/eventrule/engine/audit_record/header/query"} {
		if res, raw := call(t, s, http.MethodPost, p, `{}`); res.StatusCode != http.StatusBadRequest || !strings.Contains(string(raw), "How-Many") {
			t.Errorf("POST %s without How-Many = %d %s", p, res.StatusCode, raw)
		}
	}
	first := rows(t, s, path, `{}`, "How-Many", "1")
	if len(first) != 1 || str(first[0], "eventType") != "JobAbend" || str(first[0], "ruleName") != "ABENDALERT" || str(first[0], "message") != "CLM_RESERVE ended badly" ||
		str(first[0], "timestamp") != "2026-03-17T05:10:42.000Z" {
		t.Fatalf("the first record is %v", first)
	}
	res, _ := call(t, s, http.MethodPost, path, ``, "How-Many", "1")
	for name, next := range map[string][]map[string]any{
		"the header": rows(t, s, path+"_next", `{}`, "How-Many", "10", "Last-Object", res.Header.Get("Last-Object")),
		"the keys":   rows(t, s, path+"_next", `{"objectsKeys":["e1"],"howMany":10}`, "How-Many", "10"),
	} {
		if len(next) != 2 || str(next[0], "id") != "e2" || str(next[1], "id") != "e3" {
			t.Errorf("by %s follow %v", name, next)
		}
	}
	if res, raw := call(t, s, http.MethodPost, path+"_next", `{"objectsKeys":["none"]}`, "How-Many", "10"); res.StatusCode != http.StatusBadRequest {
		t.Errorf("a key that nobody gave = %d %s", res.StatusCode, raw)
	}
	if all := rows(t, s, path, `{}`, "How-Many", "0"); len(all) != 3 {
		t.Errorf("How-Many 0 gives %d of 3", len(all))
	}
	one := object(t, s, "/eventrule/engine/message_log_record/e1")
	if len(str(one, "ruleId")) != 36 || first[0]["ruleId"] != nil {
		t.Errorf("one record is %v: its rule's id is told only here", one)
	}
	if res, _ := call(t, s, http.MethodGet, "/eventrule/engine/message_log_record/none", ""); res.StatusCode != http.StatusNotFound {
		t.Errorf("no record = %d", res.StatusCode)
	}
}

func TestAuditRecordsAndEmptyKinds(t *testing.T) {
	s := startV1(t, twsmock.V1Options{})
	audit := rows(t, s, "/eventrule/engine/audit_record/header/query", `{"filters":{}}`, "How-Many", "10")
	if len(audit) != 1 || str(audit[0], "userName") != "ops1" || str(audit[0], "objectKey") != "FRLCLM01#WORKSHOP.WSH_INVOICES" {
		t.Errorf("audit: %v", audit)
	}
	for _, kind := range []string{"rule_instance", "action_run"} {
		if got := rows(t, s, "/eventrule/engine/"+kind+"/header/query", `{}`, "How-Many", "10"); len(got) != 0 {
			t.Errorf("%s: %v", kind, got)
		}
	}
	if res, _ := call(t, s, http.MethodPost, "/eventrule/engine/colour/header/query", `{}`, "How-Many", "10"); res.StatusCode != http.StatusNotFound {
		t.Errorf("a kind that is none = %d", res.StatusCode)
	}
}

func TestActiveRulesProveNothingAndPluginsAreXML(t *testing.T) {
	s := startV1(t, twsmock.V1Options{})
	if _, raw := call(t, s, http.MethodGet, "/eventrule/deployment/active_rules", ""); !strings.Contains(string(raw), "AWSJCO119I") {
		t.Errorf("active_rules = %s", raw)
	}
	for _, p := range []string{"action_plugin_configuration", "event_plugin_configuration"} {
		if res, raw := call(t, s, http.MethodGet, "/eventrule/engine/"+p, ""); res.Header.Get("Content-Type") != "application/xml" || !strings.HasPrefix(string(raw), "<?xml") {
			t.Errorf("%s = %s %s", p, res.Header.Get("Content-Type"), raw)
		}
	}
}
