package alert_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/agentsvc/alert"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/tools"
	"github.com/resync-hwa/resync/twstools/world"
)

// callerFunc answers calls of tools by their name.
type callerFunc func(name string) toolkit.Result

func (f callerFunc) Tools(context.Context) ([]toolkit.Info, error) { return nil, nil }

func (f callerFunc) Call(_ context.Context, name string, _ json.RawMessage) (toolkit.Result, error) {
	return f(name), nil
}

func result(t *testing.T, c *clock, data any) toolkit.Result {
	t.Helper()
	b, err := json.Marshal(data)
	if err != nil {
		t.Fatal(err)
	}
	return toolkit.Result{Envelope: &toolkit.Envelope{Data: b, Clocks: toolkit.Clocks{PlanNow: c.now().Format(time.RFC3339)}}}
}

// plantOf shows n findings of the radar and nothing else.
func plantOf(t *testing.T, c *clock, name string, n int) toolkit.Result {
	t.Helper()
	if name != "radar" {
		return result(t, c, map[string]any{})
	}
	o := tools.RadarOut{}
	for i := range n {
		o.Findings = append(o.Findings, tools.RadarRow{ID: fmt.Sprintf("f%d", i+1), Rule: "held", Severity: "high", Entity: "WS#S", Statement: "It is held."})
	}
	return result(t, c, o)
}

func demo(t *testing.T, key string) alert.Engine {
	t.Helper()
	now := time.Date(2026, 3, 17, 3, 10, 0, 0, monday.Location())
	w, err := world.Demo(now)
	if err != nil {
		t.Fatal(err)
	}
	list, err := tools.New(tools.Options{Engine: world.Engine(w, world.Options{}), Name: "default", Mode: "mock", API: "v2", Clock: func() time.Time { return now }}).All()
	if err != nil {
		t.Fatal(err)
	}
	set, err := toolkit.NewSet(list...)
	if err != nil {
		t.Fatal(err)
	}
	return alert.Engine{Key: key, Name: "default", Mode: "mock", Caller: toolkit.Local(set)}
}

// What the demo's night shows: the abend, the prompt, the agent, the long run, and what comes too late; each once, under the same id whatever the
// languages are, and with words in all of them.
func TestScanOfTheDemo(t *testing.T) {
	one, err := alert.Scan(t.Context(), demo(t, "default"), []string{"en"}, monday)
	if err != nil {
		t.Fatal(err)
	}
	both, err := alert.Scan(t.Context(), demo(t, "default"), []string{"pt", "en"}, monday)
	if err != nil {
		t.Fatal(err)
	}
	ids := func(s alert.Sighting) (out []string) {
		for _, f := range s.Findings {
			out = append(out, f.ID)
			if len(f.ID) != 12 {
				t.Errorf("id %q", f.ID)
			}
		}
		slices.Sort(out)
		return out
	}
	if a, b := ids(one), ids(both); !slices.Equal(a, b) || len(slices.Compact(slices.Clone(a))) != len(a) {
		t.Errorf("ids %v and %v", a, b)
	}
	kinds := map[string]bool{}
	for _, f := range both.Findings {
		kinds[f.Kind] = true
		if f.Statement["en"] == "" || f.Statement["pt"] == "" || f.Statement["en"] == f.Statement["pt"] || f.Entity == "" || f.Evidence == "" || !f.Severity.Known() {
			t.Errorf("finding %+v", f)
		}
	}
	for _, k := range []string{"abend", "prompt_asked", "agent_unlinked", "running_long"} {
		if !kinds[k] {
			t.Errorf("no finding of kind %s among %v", k, kinds)
		}
	}
	if len(both.Seen) != 4 || both.PlanNow.Hour() != 3 {
		t.Errorf("seen %v, plan's now %s", both.Seen, both.PlanNow)
	}
	other, err := alert.Scan(t.Context(), demo(t, "default@mock"), nil, monday)
	if err != nil || len(other.Findings) != len(one.Findings) {
		t.Errorf("another key: %d findings, %v", len(other.Findings), err)
	}
}

// An engine that cannot be read is a finding, and ends none of the others; a tool that fails ends none of its own.
func TestScanOfWhatCannotBeRead(t *testing.T) {
	c := &clock{t: monday}
	away := alert.Engine{Key: "default", Name: "default", Caller: callerFunc(func(string) toolkit.Result {
		return toolkit.Result{Error: &toolkit.ErrorBody{Code: "upstream_unavailable", Message: "The engine does not answer."}}
	})}
	s, err := alert.Scan(t.Context(), away, nil, c.now())
	if err != nil || len(s.Findings) != 1 || s.Findings[0].Kind != "unreadable" || !s.Findings[0].Hold || len(s.Seen) != 0 || len(s.Missing) == 0 {
		t.Errorf("away: %+v, %v", s, err)
	}
	partly := alert.Engine{Key: "default", Name: "default", Caller: callerFunc(func(name string) toolkit.Result {
		if name == "late_risk" {
			return toolkit.Result{Error: &toolkit.ErrorBody{Code: "timeout", Message: "It took too long."}}
		}
		return result(t, c, map[string]any{})
	})}
	if s, err = alert.Scan(t.Context(), partly, nil, c.now()); err != nil || slices.Contains(s.Seen, alert.FromLate) || !slices.Contains(s.Seen, alert.FromRadar) {
		t.Errorf("partly: %+v, %v", s, err)
	}
	stale := alert.Engine{Key: "default", Name: "default", Caller: callerFunc(func(string) toolkit.Result {
		r := result(t, c, map[string]any{})
		r.Envelope.Stale = true
		return r
	})}
	if s, err = alert.Scan(t.Context(), stale, nil, c.now()); err != nil || len(s.Seen) != 0 || len(s.Findings) != 1 {
		t.Errorf("stale: %+v, %v", s, err)
	}
}

// Of a job stream that will be late one finding is told, by its worst row, under the stream's key: another job of it is the same finding.
func TestLateStreamIsOneFinding(t *testing.T) {
	c := &clock{t: monday}
	scan := func(rows ...tools.LateRow) []alert.Finding {
		e := alert.Engine{Key: "default", Name: "default", Caller: callerFunc(func(name string) toolkit.Result {
			if name != "late_risk" {
				return result(t, c, map[string]any{})
			}
			return result(t, c, tools.LateOut{Rows: rows})
		})}
		s, err := alert.Scan(t.Context(), e, nil, c.now())
		if err != nil {
			t.Fatal(err)
		}
		return s.Findings
	}
	row := func(job, risk string, in time.Duration) tools.LateRow {
		return tools.LateRow{Entity: "WS#S." + job, Ref: answer.Ref{Engine: "default", Type: "job", JobStreamID: "0AAAAAAAAAAAAAAA", Job: job}, Risk: "late", Deadline: monday.Format(time.RFC3339), ActBy: monday.Add(in).Format(time.RFC3339)}
	}
	missed := row("A", "", 0)
	missed.Risk = "missed"
	danger := row("C", "", 2*time.Hour)
	danger.Risk = "at_risk"
	near := row("D", "", 30*time.Minute)
	near.Risk = "at_risk"
	first, second := scan(missed, row("B", "late", 0)), scan(row("B", "late", 0))
	if len(first) != 1 || first[0].Severity != alert.Critical || len(second) != 1 || second[0].Severity != alert.High || first[0].ID != second[0].ID {
		t.Errorf("%+v and %+v", first, second)
	}
	if got := scan(danger); len(got) != 0 {
		t.Errorf("in danger, with two hours to act: %+v", got)
	}
	if got := scan(near); len(got) != 1 || got[0].Severity != alert.Medium || !strings.Contains(got[0].Statement["pt"], "pode atrasar") {
		t.Errorf("in danger, with half an hour to act: %+v", got)
	}
}
