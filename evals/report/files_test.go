package report_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/evals/report"
	"github.com/resync-hwa/resync/evals/score"
	"github.com/resync-hwa/resync/evals/trial"
	"github.com/resync-hwa/resync/internal/fault"
)

func TestReadGivesBackWhatWriteWrote(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "deep", "out")
	run := sample()
	yes := true
	run.Trials[0].WrongInstance, run.Trials[0].Turns = &yes, []string{"And before?"}
	must(t, report.Write(dir, run))
	for _, name := range []string{report.ResultsFile, report.BaselinesFile, report.JUnitFile, report.MarkdownFile, report.PageFile} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() == 0 || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	raw, err := os.ReadFile(filepath.Join(dir, report.ResultsFile))
	must(t, err)
	if lines := bytes.Count(raw, []byte("\n")); lines != len(run.Trials)+1 || !bytes.HasPrefix(raw, []byte(`{"format":"resync.eval.results/v1",`)) {
		t.Errorf("%d lines, beginning %.60s", lines, raw)
	}
	got, err := report.Read(dir)
	must(t, err)
	if !reflect.DeepEqual(got, run) {
		t.Errorf("it was read back as another run")
	}
	if a, b := printed(t, report.Of(run).HTML), printed(t, report.Of(got).HTML); a != b {
		t.Error("the page made again is another")
	}
}

func TestBaselinesOfAnEarlierRunDoNotStandBesideNewResults(t *testing.T) {
	dir := t.TempDir()
	must(t, report.Write(dir, sample()))
	run := sample()
	run.Baselines = nil
	must(t, report.Write(dir, run))
	got, err := report.Read(dir)
	must(t, err)
	if got.Baselines != nil {
		t.Error("the old ones were read")
	}
	// Nor those that somebody put there: they were judged by another scorer.
	other := sample()
	other.Scorer = "1"
	elsewhere := t.TempDir()
	must(t, report.Write(elsewhere, other))
	must(t, os.Rename(filepath.Join(elsewhere, report.BaselinesFile), filepath.Join(dir, report.BaselinesFile)))
	if _, err := report.Read(dir); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("foreign baselines: %v", err)
	}
}

func TestReadPassesOverFieldsThatItDoesNotKnow(t *testing.T) {
	var b bytes.Buffer
	must(t, report.Encode(&b, sample()))
	s := strings.ReplaceAll(b.String(), `{"scenario":`, `{"from_tomorrow":[{"a":1}],"scenario":`)
	s = strings.Replace(s, `"suite":`, `"weather":"rain","suite":`, 1)
	run, err := report.Decode(strings.NewReader(s))
	must(t, err)
	want := sample()
	want.Baselines = nil
	if !reflect.DeepEqual(run, want) {
		t.Error("it was read as another run")
	}
}

func TestWhatIsNotOursIsRefused(t *testing.T) {
	var b bytes.Buffer
	must(t, report.Encode(&b, sample()))
	whole := b.String()
	lines := strings.SplitAfter(whole, "\n")
	for name, s := range map[string]string{
		"nothing": "", "no JSON": "hello\n", "another form": strings.Replace(whole, "results/v1", "results/v9", 1), "rows alone": strings.Join(lines[1:], ""),
		"half a file": strings.Join(lines[:20], ""), "half a line": whole[:len(whole)/2], "too many rows": whole + lines[1], "a list": "[]\n",
	} {
		if _, err := report.Decode(strings.NewReader(s)); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		} else if fault.Public(err).Hint == "" {
			t.Errorf("%s: no hint", name)
		}
	}
	if _, err := report.Read(t.TempDir()); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("an empty folder: %v", err)
	}
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, nil, 0o600))
	if err := report.Write(filepath.Join(file, "out"), sample()); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("a folder within a file: %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	var b bytes.Buffer
	if err := report.Encode(&b, trial.Run{Trials: []trial.Trial{question(1)}}); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte(`{"format":"resync.eval.results/v1","trials":1}` + "\n" + `{"status":"fault","answer":[1],"duration_ns":-9}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		run, err := report.Decode(bytes.NewReader(raw))
		if err != nil {
			if fault.CodeOf(err) != fault.Invalid {
				t.Errorf("%v", err)
			}
			return
		}
		r := report.Of(run)
		for _, got := range []string{printed(t, r.Table), printed(t, r.Markdown), printed(t, r.HTML)} {
			if !safe(got) {
				t.Error("a control character came through")
			}
		}
		_ = printed(t, r.JUnit)
		if _, err := report.Normalised(run); err != nil {
			t.Errorf("what was read cannot be written: %v", err)
		}
	})
}

// Each volatile field is changed alone, and the runs stay equal; each other one is changed alone, and is named.
func TestRunsAreEqualButForTheNamedFields(t *testing.T) {
	equal := map[string]func(*trial.Run){
		"run.started":                     func(r *trial.Run) { r.Started = r.Started.Add(time.Hour) },
		"run.ended":                       func(r *trial.Run) { r.Ended = r.Ended.Add(time.Hour) },
		"duration_ns":                     func(r *trial.Run) { r.Trials[5].Duration++ },
		"cost_usd":                        func(r *trial.Run) { r.Trials[5].CostUSD = 1 },
		"answer.conversation_id":          answers("conversation_id"),
		"answer.message_id":               answers("message_id"),
		"answer.clocks.fetched_at":        answers("clocks", "fetched_at"),
		"answer.data_as_of":               answers("data_as_of"),
		"before.data_as_of":               befores("data_as_of"),
		"ledger.result.upstream_calls":    calls,
		"answer.tool_calls.duration_ms":   answers("tool_calls", "duration_ms"),
		"answer.usage.duration_ms":        answers("usage", "duration_ms"),
		"answer.usage.cost_usd":           answers("usage", "cost_usd"),
		"before.conversation_id":          befores("conversation_id"),
		"before.message_id":               befores("message_id"),
		"before.clocks.fetched_at":        befores("clocks", "fetched_at"),
		"before.tool_calls.duration_ms":   befores("tool_calls", "duration_ms"),
		"before.usage.duration_ms":        befores("usage", "duration_ms"),
		"before.usage.cost_usd":           befores("usage", "cost_usd"),
		"ledger.result.clocks.fetched_at": ledgers("fetched_at"),
		"stderr":                          func(r *trial.Run) { r.Trials[5].Stderr = "time=now" },
	}
	if len(equal) != len(report.Volatile) {
		t.Errorf("%d fields are named, %d are tried", len(report.Volatile), len(equal))
	}
	want, err := report.Normalised(sample())
	must(t, err)
	for _, name := range report.Volatile {
		change, ok := equal[name]
		if !ok {
			t.Errorf("%s is not tried", name)
			continue
		}
		run := sample()
		change(&run)
		got, err := report.Normalised(run)
		must(t, err)
		if !bytes.Equal(got, want) {
			t.Errorf("%s makes a difference", name)
		}
	}
	for name, change := range map[string]func(*trial.Run){
		"run program:":                      func(r *trial.Run) { r.Program = "v0.5.0" },
		"s-0002/q2#1 status:":               func(r *trial.Run) { r.Trials[5].Status = trial.Wrong },
		"s-0002/q2#1 requests.GET /x:":      func(r *trial.Run) { r.Trials[5].Requests["GET /x"] = 1 },
		"s-0002/q2#1 answer.answer:":        answers("answer"),
		"s-0002/q2#1 answer.clocks.plan":    answers("clocks", "plan_now"),
		"s-0002/q2#1 before[0].answer:":     befores("answer"),
		"s-0002/q2#1 criteria[1].pass:":     func(r *trial.Run) { r.Trials[5].Criteria[1].Pass = false },
		"s-0002/q2#1 ledger[0].result.cloc": ledgers("plan_now"),
		"s-0002/q2#1 seed:":                 func(r *trial.Run) { r.Trials[5].Seed++ }, // beyond what a float holds
		"run trials:":                       func(r *trial.Run) { r.Trials = r.Trials[:39] },
		"s-0019/q2#1 :":                     func(r *trial.Run) { r.Trials = r.Trials[:39] },
	} {
		run := sample()
		change(&run)
		got, err := report.Unequal(sample(), run)
		must(t, err)
		if len(got) == 0 || len(got) > 2 || !strings.Contains(strings.Join(got, "\n"), name) {
			t.Errorf("%s: %v", name, got)
		}
	}
	// A request more that is charged to a call may be a digit more of its result, and that is all it may be.
	one, two := sample(), sample()
	charged := func(r *trial.Run, calls string, size string) {
		x := &r.Trials[5]
		x.Ledger[0].Result = json.RawMessage(`{"data":{},"upstream_calls":` + calls + `}`)
		x.Answer = json.RawMessage(strings.Replace(string(x.Answer), `"result_bytes":1179`, `"result_bytes":`+size, 1))
	}
	charged(&one, "9", "1179")
	charged(&two, "10", "1180")
	if got, err := report.Unequal(one, two); err != nil || len(got) > 0 {
		t.Errorf("calls that were divided otherwise: %v, %v", got, err)
	}
	charged(&two, "8", "1179")
	if got, err := report.Unequal(one, two); err != nil || len(got) != 1 || !strings.Contains(got[0], "result_bytes") {
		t.Errorf("a result of another size: %v, %v", got, err)
	}
	if got, err := report.Unequal(sample(), sample()); err != nil || len(got) > 0 {
		t.Errorf("a run is not equal to itself: %v, %v", got, err)
	}
}

// answers changes a field of the sixth trial's answer.
func answers(path ...string) func(*trial.Run) {
	return func(r *trial.Run) {
		var a map[string]any
		_ = json.Unmarshal(r.Trials[5].Answer, &a)
		at := a
		for _, name := range path[:len(path)-1] {
			if list, ok := at[name].([]any); ok {
				at = list[0].(map[string]any)
			} else {
				at = at[name].(map[string]any)
			}
		}
		at[path[len(path)-1]] = "changed"
		r.Trials[5].Answer, _ = json.Marshal(a)
	}
}

// befores changes a field of the answer that came before the sixth trial's.
func befores(path ...string) func(*trial.Run) {
	return func(r *trial.Run) {
		whole := r.Trials[5].Answer
		r.Trials[5].Answer = r.Trials[5].Before[0]
		answers(path...)(r)
		r.Trials[5].Before = []json.RawMessage{r.Trials[5].Answer}
		r.Trials[5].Answer = whole
	}
}

// calls moves a request to the engine from one tool call to another.
func calls(r *trial.Run) {
	result := strings.Replace(string(r.Trials[5].Ledger[0].Result), `"upstream_calls":3`, `"upstream_calls":7`, 1)
	r.Trials[5].Ledger = []score.Call{{ID: "t1", Name: "diagnose_job", Args: r.Trials[5].Ledger[0].Args, Result: json.RawMessage(result)}}
}

func ledgers(clock string) func(*trial.Run) {
	return func(r *trial.Run) {
		result := strings.Replace(string(r.Trials[5].Ledger[0].Result), `"`+clock+`":"20`, `"`+clock+`":"19`, 1)
		r.Trials[5].Ledger = []score.Call{{ID: "t1", Name: "diagnose_job", Args: r.Trials[5].Ledger[0].Args, Result: json.RawMessage(result)}}
	}
}
