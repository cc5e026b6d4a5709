package tools_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/tools"
	"github.com/resync-hwa/resync/twstools/world"
)

// TestTexts: the text of every tool says what a reader needs who sees nothing else: how many of how many, how to go on, what is missing; tables are
// aligned, nothing is JSON, and no line says a thing twice.
func TestTexts(t *testing.T) {
	s, _ := demo(t)
	for _, tt := range []struct{ tool, args, has string }{
		{"plan_status", `{}`, "jobs: 411: "},
		{"plan_status", `{}`, "needs a person: 5 of 5\nkind "},
		{"plan_status", `{}`, "workstations: 17, 1 of them not healthy\nworkstation "},
		{"find_jobs", `{"page_size":3}`, "jobs: 3 of 411\njob "},
		{"find_jobs", `{"name":"ZZZ"}`, "jobs: 0 of 0\n"},
		{"find_job_streams", `{"page_size":3}`, "job streams: 3 of 98\nstream "},
		{"get_job", `{"job":"CLM_RESERVE"}`, "runs: 1\nrun "},
		{"get_job_stream", `{"job_stream":"GLDAILY"}`, "jobs: 5 of 5\n"},
		{"get_job_log", `{"job":"CLM_RESERVE"}`, "16  ORA-28001: the password has expired\n"},
		{"get_job_log", `{"job":"CLM_RESERVE","tail":3}`, "truncated: there is more than is shown\nlog of "},
		{"get_job_log", `{"job":"CLM_RESERVE","tail":3}`, "\nlines 26 to 28 of 28\n26  "},
		{"get_job_log", `{"job":"CLM_RESERVE","from_line":900}`, "\nno lines here\n"},
		{"list_workstations", `{"page_size":2}`, "workstations: 2 of 17\nworkstation "},
		{"list_resources", `{"page_size":2}`, "resources: 2 of 5\nresource "},
		{"list_prompts", `{"page_size":2}`, "prompts: 2 of 4\nprompt "},
		{"diagnose_job", `{"target":"CLM_RESERVE"}`, "cause [app.db.auth, confirmed]: FRLCLM01#CLMEOD[(0100 03/17/26)].CLM_RESERVE ended with ABEND"},
		{"explain_wait", `{"target":"GL_POST"}`, "affected: 6 of 35: "},
		{"impact_of", `{"target":"CLM_RESERVE","page_size":4}`, "affected: 4 of 16, 0 of all late\nhops  who "},
		{"late_risk", `{"page_size":3}`, "3 of 16 with a deadline"},
		{"radar", `{"page_size":2}`, "findings: 2 of "},
		{"what_changed", `{"since":"6h","page_size":6}`, "differences: 6 of 7 ("},
		{"what_changed", `{"since":"6h","page_size":6}`, "\nkind       what "},
	} {
		r := s.Call(t.Context(), tt.tool, json.RawMessage(tt.args))
		if r.Error != nil {
			t.Errorf("%s %s: %s", tt.tool, tt.args, r.Text)
			continue
		}
		if !strings.Contains(r.Text, tt.has) {
			t.Errorf("%s %s: no %q in\n%s", tt.tool, tt.args, tt.has, r.Text)
		}
		var next struct {
			NextCursor string   `json:"next_cursor"`
			Missing    []string `json:"missing"`
		}
		if err := json.Unmarshal(r.Envelope.Data, &next); err != nil {
			t.Fatal(err)
		}
		if told := strings.Contains(r.Text, "\nnext_cursor: "+next.NextCursor+"\n"); told != (next.NextCursor != "") {
			t.Errorf("%s %s: the cursor %q is told: %v", tt.tool, tt.args, next.NextCursor, told)
		}
		for _, m := range next.Missing {
			if !strings.Contains(r.Text, "missing: "+m+"\n") {
				t.Errorf("%s %s: it does not say that %q is missing", tt.tool, tt.args, m)
			}
		}
		if len(r.Text) > 24<<10 || strings.Contains(r.Text, `{"`) || strings.Contains(r.Text, " | ") || strings.Contains(r.Text, "\n\n") {
			t.Errorf("%s %s: the text of %d bytes is\n%s", tt.tool, tt.args, len(r.Text), r.Text)
		}
	}
}

// wordy is an engine whose logs have lines of a length.
type wordy struct {
	twstools.Engine
	lines int
	text  string
}

// Logs gives the lines.
func (e wordy) Logs(_ context.Context, q twstools.LogQuery) (twstools.Log, error) {
	out := twstools.Log{RunID: q.RunID, Total: e.lines}
	for n := max(1, q.From); n <= e.lines && (q.To == 0 || n <= q.To); n++ {
		out.Lines = append(out.Lines, twstools.LogLine{N: n, Text: fmt.Sprintf("%d %s", n, e.text)})
	}
	return out, nil
}

// TestLogsFit: of a long log come as many lines as one answer may carry, whole: of a tail the last ones, of a window the first.
func TestLogsFit(t *testing.T) {
	w, err := world.Demo(now)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"plain": strings.Repeat("word ", 60), "escaped": strings.Repeat("<&>\"", 60), "wide": strings.Repeat("ção ", 70)} {
		s := set(t, wordy{Engine: world.Engine(w, world.Options{}), lines: 2000, text: strings.TrimSpace(text)})
		for args, edge := range map[string]int{`{"job":"CLM_RESERVE","tail":500}`: 2000, `{"job":"CLM_RESERVE","from_line":100}`: 100, `{"job":"CLM_RESERVE","from_line":100,"to_line":1900}`: 100} {
			out, r := call[tools.GetJobLogOut](t, s, "get_job_log", args)
			if r.Error != nil {
				t.Errorf("%s %s: %s", name, args, r.Text)
				continue
			}
			n := len(out.Lines)
			if n < 30 || !r.Envelope.Truncated || !out.Truncated || strings.Contains(r.Text, "the text ends here") {
				t.Errorf("%s %s: %d lines, truncated %v", name, args, n, out.Truncated)
			}
			if n > 0 && out.Lines[0].N != edge && out.Lines[n-1].N != edge {
				t.Errorf("%s %s: lines %d to %d", name, args, out.Lines[0].N, out.Lines[n-1].N)
			}
			for _, l := range out.Lines {
				if !strings.Contains(r.Text, fmt.Sprintf("%d  %s\n", l.N, l.Text)) {
					t.Errorf("%s %s: line %d is not whole in the text", name, args, l.N)
					break
				}
			}
		}
	}
}

// manuals know two ids, one of which the catalogue knows better.
type manuals struct{}

func (manuals) Explain(_ context.Context, id, _ string) (meaning, action, source string, ok bool) {
	if id != "AWSBHT999E" && id != "AWSBDW009E" {
		return "", "", "", false
	}
	return "The moon is full.\x1b[31m", "Wait for morning.", "knowledge:moon.md#awsbht999e", true
}

// The ids of a log are explained before its lines: by the catalogue, else by a manual with its place, each once; what nobody knows is
// left as it is, and everyday words are no statuses.
func TestLogsAreExplained(t *testing.T) {
	w, err := world.Demo(now)
	if err != nil {
		t.Fatal(err)
	}
	e := wordy{Engine: world.Engine(w, world.Options{}), lines: 40, text: "AWSBDW009E no such user, AWSBHT999E the moon, AWSXYZ998E who knows, SUCC exit code 137"}
	all, err := tools.New(tools.Options{Engine: e, Name: "prod", Mode: "live", Clock: func() time.Time { return now }, Manuals: manuals{}}).All()
	if err != nil {
		t.Fatal(err)
	}
	s, err := toolkit.NewSet(all...)
	if err != nil {
		t.Fatal(err)
	}
	_, r := call[tools.GetJobLogOut](t, s, "get_job_log", `{"job":"CLM_RESERVE","tail":30}`)
	if r.Error != nil {
		t.Fatal(r.Text)
	}
	head, _, _ := strings.Cut(r.Text, "11  11 AWSBDW009E")
	for _, want := range []string{"AWSBHT999E (line 11): The moon is full. → Wait for morning. [knowledge:moon.md#awsbht999e]\n", "AWSBDW009E (line 11): ", "rc 137 (line 11): "} {
		if strings.Count(head, want) != 1 {
			t.Errorf("%q stands %d times before the lines:\n%s", want, strings.Count(head, want), head)
		}
	}
	for _, never := range []string{"AWSXYZ998E (", "SUCC (", "AWSBDW009E (line 11): The moon", "\x1b"} {
		if strings.Contains(r.Text, never) {
			t.Errorf("%q stands in\n%s", never, head)
		}
	}
}
