package tools_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools/hwa"
	"github.com/resync-hwa/resync/twstools/tools"
	"github.com/resync-hwa/resync/twstools/twsmock"
	"github.com/resync-hwa/resync/twstools/world"
)

// noted are acknowledgements in memory.
type noted struct {
	all []tools.Acknowledgement
	err error
}

func (n *noted) InForce(context.Context, string) ([]tools.Acknowledgement, error) {
	return n.all, n.err
}

func radar(t *testing.T, n *noted) *toolkit.Set {
	t.Helper()
	w, err := world.Demo(now)
	if err != nil {
		t.Fatal(err)
	}
	all, err := tools.New(tools.Options{Engine: world.Engine(w, world.Options{}), Name: "default", Mode: "mock", API: "v2", Acks: n, Clock: func() time.Time { return now }}).All()
	if err != nil {
		t.Fatal(err)
	}
	s, err := toolkit.NewSet(all...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func ids(rows []tools.RadarRow) []string {
	var out []string
	for _, r := range rows {
		out = append(out, r.ID)
	}
	return out
}

// What is acknowledged leaves the findings and stays visible, with who and until when; when it runs out it is a finding again.
func TestRadarAcknowledged(t *testing.T) {
	n := &noted{}
	s := radar(t, n)
	before, r := call[tools.RadarOut](t, s, "radar", `{}`)
	if r.Error != nil || before.Total != 3 || len(before.Acknowledged) != 0 || before.Clear {
		t.Fatalf("%+v, %+v", before, r.Error)
	}
	first := before.Findings[0]
	n.all = []tools.Acknowledgement{{ID: first.ID, By: "ana\x1b[2J", Note: "answered in the morning", At: now, Until: now.Add(time.Hour)}, {ID: "zzzzzzzzzzzz", By: "rui", Note: "gone", Until: now.Add(time.Hour)}}
	after, r := call[tools.RadarOut](t, s, "radar", `{}`)
	if after.Total != 2 || !slices.Equal(ids(after.Findings), ids(before.Findings[1:])) || len(after.Acknowledged) != 1 {
		t.Fatalf("findings %v, acknowledged %v", ids(after.Findings), ids(after.Acknowledged))
	}
	a := after.Acknowledged[0]
	if a.ID != first.ID || a.Kind != "planned.acknowledged" || a.Of != first.Kind || a.Ack == nil || a.Ack.By != "ana" || a.Ack.Until != "2026-03-17T04:10:00-03:00" || a.Statement != first.Statement {
		t.Errorf("acknowledged %+v", a)
	}
	if !strings.Contains(r.Text, "acknowledged by ana until") {
		t.Errorf("text:\n%s", r.Text)
	}
	n.all, n.err = nil, errors.New("disk full")
	broken, _ := call[tools.RadarOut](t, s, "radar", `{}`)
	if broken.Total != 3 || !strings.Contains(strings.Join(broken.Missing, "\n"), "nothing is left out") || strings.Contains(strings.Join(broken.Missing, "\n"), "disk full") {
		t.Errorf("without the records: %d findings, missing %q", broken.Total, broken.Missing)
	}
}

func TestRadarSelects(t *testing.T) {
	s := radar(t, &noted{})
	high, _ := call[tools.RadarOut](t, s, "radar", `{"min_severity":"high"}`)
	rule, _ := call[tools.RadarOut](t, s, "radar", `{"rules":["running_long"]}`)
	patient, _ := call[tools.RadarOut](t, s, "radar", `{"rules":["prompt_asked"],"prompt_minutes":600}`)
	if high.Total != 2 || rule.Total != 1 || rule.Findings[0].Rule != "running_long" || patient.Total != 0 || patient.Clear {
		t.Errorf("high %d, rule %+v, patient %+v", high.Total, rule.Findings, patient)
	}
	one, _ := call[tools.RadarOut](t, s, "radar", `{"page_size":2}`)
	two, _ := call[tools.RadarOut](t, s, "radar", `{"page_size":2,"cursor":"`+one.NextCursor+`"}`)
	if len(one.Findings) != 2 || one.Total != 3 || len(two.Findings) != 1 || two.NextCursor != "" || slices.Contains(ids(one.Findings), two.Findings[0].ID) {
		t.Errorf("pages %v and %v", ids(one.Findings), ids(two.Findings))
	}
	for _, args := range []string{`{"rules":["nonsense"]}`, `{"min_severity":"bad"}`, `{"min_severity":"high","cursor":"` + one.NextCursor + `"}`, `{"prompt_minutes":0}`} {
		if _, r := call[tools.RadarOut](t, s, "radar", args); r.Error == nil || r.Error.Code != "invalid" {
			t.Errorf("%s: %+v, want invalid", args, r.Error)
		}
	}
}

// TestRadarCost: over the real client, in both interfaces, a scan stays within 25 calls, finds the same, quotes only what it read, and writes
// nothing.
func TestRadarCost(t *testing.T) {
	var before []string
	for name, dialects := range map[string]twsmock.Dialects{"both": twsmock.BothDialects, "v2": twsmock.OnlyV2, "v1": twsmock.OnlyV1} {
		w, err := world.Demo(now)
		if err != nil {
			t.Fatal(err)
		}
		clock := func() time.Time { return now }
		server, err := twsmock.Start(t.Context(), twsmock.Options{World: twsmock.Fixed(w), User: "u", Password: "p", Clock: clock, Dialects: dialects})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { server.Close() })
		client, err := hwa.Open(hwa.Options{BaseURL: server.URL(), User: "u", Password: "p", Clock: clock})
		if err != nil {
			t.Fatal(err)
		}
		s := set(t, client)
		for range 3 {
			out, r := call[tools.RadarOut](t, s, "radar", `{"page_size":100}`)
			if r.Error != nil {
				t.Fatalf("%s: %+v", name, r.Error)
			}
			t.Logf("%s: %d findings for %d calls, missing %q", name, out.Total, r.Envelope.UpstreamCalls, out.Missing)
			if r.Envelope.UpstreamCalls > 25 {
				t.Errorf("%s: %d engine calls, 25 at most", name, r.Envelope.UpstreamCalls)
			}
			if got := ids(out.Findings); before != nil && !slices.Equal(got, before) {
				t.Errorf("%s finds %v, another interface %v: %+v", name, got, before, out.Findings)
			} else {
				before = got
			}
			everyQuoteStands(t, out, r)
		}
		if n := server.Writes(); n != 0 {
			t.Errorf("%s: %d writes reached the engine", name, n)
		}
	}
}

func everyQuoteStands(t *testing.T, out tools.RadarOut, r toolkit.Result) {
	t.Helper()
	quotes := map[string]bool{}
	for _, src := range r.Envelope.Sources {
		for _, f := range src.Fields {
			quotes[src.Source+" "+f.Name+"="+f.Value] = true
		}
	}
	for _, f := range out.Findings {
		for _, e := range f.Evidence {
			if !quotes[e.Source+" "+e.Quote] {
				t.Errorf("%s quotes %v, which stands in no source", f.Rule, e)
			}
		}
	}
}
