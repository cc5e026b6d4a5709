package report_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/resync-hwa/resync/evals/score"
	"github.com/resync-hwa/resync/evals/trial"
)

// evil is what a log or a model may say. Wherever TRAP stands outside of what is plainly text, somebody was deceived.
const evil = "<img src=x onerror=TRAP> </pre></style><script>TRAP</script> [TRAP](https://evil.example/TRAP) @TRAP | `TRAP` ```TRAP``` &lt;TRAP \x1b[31mred\x1b]0;TRAP\x07 \u202etxt\u202c ze\u200bro https://evil.example/TRAP <!-- TRAP\r\n## TRAP"

var began = time.Date(2026, 3, 17, 6, 10, 0, 123456789, time.UTC)

// sample is a run of 40 questions: 4 families in 2 slices, some wrong, one wrong and confirmed, one fault, and texts that mean harm.
func sample() trial.Run {
	run := trial.Run{Started: began, Ended: began.Add(95 * time.Second), Suite: "265ddfbec72f", Scorer: "2", Program: "v0.4.0 " + evil, Model: "offline", Engine: "full", Seeds: "dev", K: 1}
	for i := range 40 {
		t := question(i)
		switch {
		case i == 3:
			wrong(&t, score.CauseEntity, "the first cause is "+evil+", and X is right")
			t.ConfirmedWrong, t.Text = true, evil
		case i == 7:
			t.Status, t.Fault, t.Stderr, t.Answer, t.Criteria = trial.Fault, &trial.FaultTold{Kind: "exit", Reason: evil}, evil, nil, nil
		case i%9 == 4:
			wrong(&t, score.Affected, "GL_FEED is not among the affected")
		}
		run.Trials = append(run.Trials, t)
	}
	run.Baselines = map[string][]trial.Trial{"B0": dumb(1), "B5": dumb(3)}
	return run
}

func question(i int) trial.Trial {
	f := i / 10
	t := trial.Trial{Scenario: fmt.Sprintf("s-%04d", i/2), Question: fmt.Sprintf("q%d", i%2+1), Attempt: 1, Lang: []string{"en", "pt"}[i%2], Style: []string{"name", "symptom"}[i/2%2],
		Text: fmt.Sprintf("Why did JOB_%d abend?", i), Slice: []string{"application", "scheduler"}[f/2], Family: []string{"oracle-locked", "disk-full", "unlinked", "limit-zero"}[f],
		Variant: []string{"cause", "swapped"}[i/2%2], Set: fmt.Sprintf("%d/demo/%d", f, i/4), Base: "demo", Seed: uint64(i) + 1<<60, Wants: []string{"problem"}, Core: i%4 == 0,
		Status: trial.Pass, Score: 97.5, Criteria: []score.Criterion{{Name: score.Form, Pass: true}, {Name: score.Verdict, Pass: true}},
		Requests: map[string]int{"GET /plan/job": 2, "GET /plan/job/{job_id}": 1}, Seen: []string{"GET /plan/job"}, Duration: time.Duration(100+i) * time.Millisecond}
	t.Answer, _ = json.Marshal(map[string]any{
		"conversation_id": fmt.Sprint("c_", i), "answer": "**JOB abended.** " + evil, "clocks": map[string]any{"fetched_at": "2026-11-21T23:53:49-03:00", "plan_now": "2026-03-17T03:10:00-03:00"},
		"diagnosis": map[string]any{"verdict": "problem", "confidence_class": "confirmed", "affected": []string{evil}, "missing": []string{"audit: " + evil},
			"causes": []map[string]any{{"entity": "WS#STREAM.JOB " + evil, "kind": "app.db.auth", "statement": evil, "class": "confirmed", "confidence": .9,
				"evidence": []map[string]any{{"source": "joblog:" + evil, "line": 41, "quote": "ORA-28000: the account is locked " + evil}}}},
			"actions": []map[string]any{{"code": "rerun", "target": evil, "text": evil, "command": evil, "after": 0}}},
		"tool_calls": []map[string]any{{"id": "t1", "name": "diagnose_job" + evil, "arguments": map[string]any{"target": evil}, "duration_ms": 16, "result_bytes": 1179, "error": evil}},
		"usage":      map[string]any{"duration_ms": 33}})
	t.Before = []json.RawMessage{t.Answer}
	t.Ledger = []score.Call{{ID: "t1", Name: "diagnose_job", Args: json.RawMessage(`{"target":"JOB"}`), Result: json.RawMessage(`{"data":{"quote":"<script>TRAP</script>"},"clocks":{"fetched_at":"2026-11-21T23:53:49-03:00","plan_now":"2026-03-17T03:10:00-03:00"},"upstream_calls":3}`)}}
	return t
}

func wrong(t *trial.Trial, criterion, reason string) {
	t.Status, t.Score = trial.Wrong, 0
	t.Criteria = append(t.Criteria, score.Criterion{Name: criterion, Reason: reason})
}

// dumb is a baseline that is right in the first few questions of each ten.
func dumb(right int) []trial.Trial {
	var out []trial.Trial
	for i := range 40 {
		t := question(i)
		t.Answer, t.Ledger = nil, nil
		if i%10 >= right {
			wrong(&t, score.Verdict, "no")
		}
		out = append(out, t)
	}
	return out
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
