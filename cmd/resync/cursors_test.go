package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// lists are calls whose answers have several pages, with the member that holds their rows.
var lists = []struct{ tool, args, rows string }{
	{"find_jobs", `"status":["SUCC"]`, "jobs"},
	{"find_jobs", `"text":"ledger"`, "jobs"},
	{"find_job_streams", `"name":"@"`, "job_streams"},
	{"list_workstations", `"name":"@"`, "workstations"},
	{"list_resources", `"name":"@"`, "resources"},
	{"list_prompts", `"name":"@"`, "prompts"},
	{"impact_of", `"target":"GL_POST"`, "affected"},
	{"late_risk", `"within_hours":24`, "rows"},
	{"radar", `"language":"en"`, "findings"},
	{"what_changed", `"since":"2026-03-01"`, "changes"},
}

// page calls a list tool and gives its rows and the next cursor.
func page(t *testing.T, s *site, tool, args, member string) (rows []string, next string) {
	t.Helper()
	r := s.set.Call(t.Context(), tool, json.RawMessage("{"+args+"}"))
	if r.Error != nil {
		t.Fatalf("%s {%s}: %s", tool, args, r.Text)
	}
	var data map[string]json.RawMessage
	if err := json.Unmarshal(r.Envelope.Data, &data); err != nil {
		t.Fatal(err)
	}
	var list []struct{ Entity, Name, At, Kind, ID string }
	if err := json.Unmarshal(data[member], &list); err != nil {
		t.Fatalf("%s: %v in %s", tool, err, r.Envelope.Data)
	}
	for _, row := range list {
		rows = append(rows, strings.Join([]string{row.Entity, row.Name, row.At, row.Kind, row.ID}, "|"))
	}
	if raw := data["next_cursor"]; raw != nil {
		if err := json.Unmarshal(raw, &next); err != nil {
			t.Fatal(err)
		}
	}
	return rows, next
}

// TestCursorsBelongToTheirEngine: the same filter of another engine is another list.
func TestCursorsBelongToTheirEngine(t *testing.T) {
	_, s := threeEngines(t)
	_, next := page(t, s, "find_jobs", `"engine":"north","page_size":2`, "jobs")
	if _, more := page(t, s, "find_jobs", fmt.Sprintf(`"engine":"north","page_size":2,"cursor":%q`, next), "jobs"); more == "" {
		t.Error("the engine's own cursor leads nowhere")
	}
	r := s.set.Call(t.Context(), "find_jobs", json.RawMessage(fmt.Sprintf(`{"engine":"south","page_size":2,"cursor":%q}`, next)))
	if r.Error == nil || r.Error.Code != "invalid" {
		t.Errorf("on another engine: %s", r.Text)
	}
}

// TestCursorsSurviveARestart pages half through every list, starts everything anew, and pages on: the two halves are the whole. Cursors of others,
// and what is none, are refused in words.
func TestCursorsSurviveARestart(t *testing.T) {
	clock := fixedClock()
	_, before := demoSiteAt(t, clock)
	type half struct {
		rows []string
		next string
	}
	var halves []half
	for _, l := range lists {
		rows, next := page(t, before, l.tool, l.args+`,"page_size":2`, l.rows)
		if len(rows) != 2 || next == "" {
			t.Fatalf("%s: a first page of %d with the cursor %q", l.tool, len(rows), next)
		}
		halves = append(halves, half{rows, next})
	}
	if err := before.Close(); err != nil {
		t.Fatal(err)
	}
	_, after := demoSiteAt(t, clock)
	for i, l := range lists {
		t.Run(fmt.Sprint(l.tool, " ", l.args), func(t *testing.T) {
			whole, _ := page(t, after, l.tool, l.args+`,"page_size":100`, l.rows)
			rows, next := halves[i].rows, halves[i].next
			for n := 0; next != "" && n < 60; n++ {
				var more []string
				more, next = page(t, after, l.tool, fmt.Sprintf(`%s,"page_size":9,"cursor":%q`, l.args, next), l.rows)
				rows = append(rows, more...)
			}
			if n := min(len(whole), len(rows)); !slices.Equal(rows[:n], whole[:n]) || len(rows) < len(whole) {
				t.Errorf("paged:\n%s\nat once:\n%s", strings.Join(rows, "\n"), strings.Join(whole, "\n"))
			}
			own := halves[i].next
			other := halves[(i+1)%len(lists)].next
			for what, cursor := range map[string]string{"another tool or filter": other, "no base64": "%%%", "no cursor": base64.RawURLEncoding.EncodeToString([]byte(`{"f":1}`)),
				"cut": own[:len(own)-4], "a letter more": own + "x", "far off": base64.RawURLEncoding.EncodeToString([]byte(`{"f":"x","o":99999999999}`)), "a page number": "2"} {
				r := after.set.Call(t.Context(), l.tool, json.RawMessage(fmt.Sprintf(`{%s,"cursor":%q}`, l.args, cursor)))
				if r.Error == nil || r.Error.Code != "invalid" || !strings.Contains(r.Text, "cursor") || !strings.Contains(r.Text, "Use next_cursor of the page before") {
					t.Errorf("%s: %s", what, r.Text)
				}
			}
			// The filter written otherwise is another one: its pages need not be the same.
			r := after.set.Call(t.Context(), l.tool, json.RawMessage(fmt.Sprintf(`{"cursor":%q}`, own)))
			if l.tool != "late_risk" && l.tool != "radar" && (r.Error == nil || r.Error.Code != "invalid") {
				t.Errorf("without the filter: %s", r.Text)
			}
		})
	}
}
