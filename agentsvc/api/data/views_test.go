package data_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/twstools/tools"
)

// Edges join nodes that are there, layers grow with the hops, and what bounds a drawing is said.
func TestGraph(t *testing.T) {
	d := over(t)
	for _, c := range []struct {
		name, query  string
		before, next []string // names of nodes in layers below and above zero
		complete     bool
		most         int
	}{
		{"a waiting job", "?target=CLM_IBNR&hops=1", []string{"CLM_RESERVE"}, nil, true, 100},
		{"what it waits for", "?target=CLM_IBNR&hops=1&direction=predecessors", []string{"CLM_RESERVE"}, nil, true, 100},
		{"what waits for it", "?target=CLM_RESERVE&direction=successors&hops=3", nil, []string{"CLM_IBNR", "CLM_EXPORT"}, true, 100},
		{"a job stream", "?target=CLMEOD&target_kind=job_stream&hops=1", nil, nil, true, 100},
		{"little room", "?target=CLM_IBNR&nodes=2", nil, nil, false, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, g := decoded[tools.GraphOut](t, d.get(t, viewer(), "/api/graph"+c.query))
			layer := map[string]int{}
			ids := map[string]tools.GraphNode{}
			for _, n := range g.Nodes {
				ids[n.ID], layer[n.Name] = n, n.Hops
				if n.Entity == "" || n.Kind == "" || (n.Kind == "job" && n.Status == "") {
					t.Errorf("node %+v", n)
				}
			}
			if len(ids) != len(g.Nodes) || ids[g.Subject].Hops != 0 || len(g.Nodes) > c.most || g.Complete != c.complete {
				t.Fatalf("subject %s, complete %v: %+v", g.Subject, g.Complete, g.Nodes)
			}
			for _, e := range g.Edges {
				if ids[e.From].ID == "" || ids[e.To].ID == "" || e.From == e.To {
					t.Errorf("edge %+v leads nowhere", e)
				}
			}
			for _, name := range c.before {
				if at, ok := layer[name]; !ok || at >= 0 {
					t.Errorf("%s is in layer %d (%v)", name, at, ok)
				}
			}
			for _, name := range c.next {
				if at, ok := layer[name]; !ok || at <= 0 {
					t.Errorf("%s is in layer %d (%v)", name, at, ok)
				}
			}
			if strings.Contains(c.query, "direction=predecessors") {
				for name, at := range layer {
					if at > 0 {
						t.Errorf("%s stands behind", name)
					}
				}
			}
		})
	}
	for target, want := range map[string]string{
		"/api/graph":                         `parameter \"target\"`,
		"/api/graph?target=NO_SUCH_JOB_1":    `"code":"not_found"`,
		"/api/graph?target=CLM_IBNR&hops=11": `parameter \"hops\"`,
	} {
		if w := d.get(t, viewer(), target); w.Code == http.StatusOK || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %s", target, w.Code, w.Body)
		}
	}
}

// Bars stand in the order of their beginnings, within the window, and say what was or what is expected.
func TestTimeline(t *testing.T) {
	d := over(t)
	for _, query := range []string{"?job_stream=CLM@", "?workstation=FRL@&from=2h&to=2h", "?predict=true&limit=300&to=12h", "?from=8h&to=now&job_stream=PAY@", "?limit=5"} {
		t.Run(query, func(t *testing.T) {
			e, l := decoded[tools.TimelineOut](t, d.get(t, viewer(), "/api/timeline"+query))
			if len(l.Jobs) == 0 || len(e.Data) > 96<<10 {
				t.Fatalf("%d jobs in %d bytes", len(l.Jobs), len(e.Data))
			}
			at := func(text string) time.Time {
				when, err := time.Parse(time.RFC3339, text)
				if text != "" && err != nil {
					t.Fatal(err)
				}
				return when
			}
			from, to, last, risks, ahead := at(l.From), at(l.To), time.Time{}, 0, 0
			for _, j := range l.Jobs {
				begins := at(j.Start)
				if begins.IsZero() {
					begins = at(j.PlannedStart)
					ahead++
				}
				if begins.Before(last) {
					t.Errorf("%s stands out of order", j.Entity)
				}
				last = begins
				if end := at(j.End); begins.IsZero() || !begins.Before(to) || !end.IsZero() && end.Before(from) {
					t.Errorf("%s from %s to %s is outside of %s to %s", j.Entity, j.Start, j.End, l.From, l.To)
				}
				if planned := at(j.PlannedEnd); !planned.IsZero() && planned.Before(begins) {
					t.Errorf("%s is planned to end before it begins", j.Entity)
				}
				if j.Risk != "" {
					risks++
				}
			}
			if strings.Contains(query, "predict") == (risks == 0) {
				t.Errorf("%d predictions", risks)
			}
			if strings.Contains(query, "to=now") && ahead > 0 {
				t.Errorf("%d lie ahead of now", ahead)
			}
			if short := strings.Contains(query, "limit=5"); short == l.Complete && short || short && len(l.Jobs) != 5 {
				t.Errorf("%d jobs, complete %v", len(l.Jobs), l.Complete)
			}
		})
	}
	for query, want := range map[string]string{
		"?from=now&to=now": "empty", "?from=8d": "longer", "?from=whenever": "no instant", "?limit=301": `parameter \"limit\"`, "?to=2h&from=2030-01-01": "empty",
	} {
		if w := d.get(t, viewer(), "/api/timeline"+query); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %s", query, w.Code, w.Body)
		}
	}
}
