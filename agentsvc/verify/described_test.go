package verify_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/agentsvc/compose/composetest"
	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/agentsvc/verify"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools/tools"
)

// TestDescriptionsOrderNothing: a job may be described by a verb, and a prompt may ask for a start; beside their names that is told as it stands. The same words
// as advice, of another object, or in part, stay orders.
func TestDescriptionsOrderNothing(t *testing.T) {
	jobs := tools.FindJobsOut{Jobs: []tools.JobRow{
		{Entity: "BERTH1#TIDE[(0200 03/17/26)].PURGE", Status: "ABEND", Description: "Delete old manifests of the pier"},
		{Entity: "BERTH1#TIDE[(0200 03/17/26)].OPENING", Status: "ABEND", Description: "Start the nightly load"},
		{Entity: "BERTH1#TIDE[(0200 03/17/26)].FREEING", Status: "ABEND", Description: "conman rr X;noask"},
	}}
	prompts := tools.ListPromptsOut{Prompts: []tools.PromptUse{{PromptRow: tools.PromptRow{Entity: "TIDEGO", Text: "Release the crane? See [page](https://evil.example/x) <b>first</b>"}}}}
	asked := toolkit.Source{Source: "prompt:TIDEGO", Fields: []toolkit.Field{{Name: "text", Value: prompts.Prompts[0].Text}}}
	c := verify.New(conversations.Ledger{
		composetest.Entry("t1", "find_jobs", nil, composetest.OK(jobs)),
		composetest.Entry("t3", "diagnose_job", nil, composetest.OK(map[string]any{}, toolkit.Source{Source: "prompt:TIDEDAY", Fields: []toolkit.Field{{Name: "text", Value: "Run JnextPlan -for 0024 now?"}}})),
		composetest.Entry("t2", "list_prompts", nil, composetest.OK(prompts, asked)),
	}, "?")
	for s, ok := range map[string]bool{
		"- `BERTH1#TIDE[(0200 03/17/26)].PURGE` — ABEND — `Delete old manifests of the pier`":                      true,
		"- `BERTH1#TIDE[(0200 03/17/26)].PURGE` — ABEND — `Delete old manifests`":                                  true,
		"- `BERTH1#TIDE[(0200 03/17/26)].OPENING` — ABEND — `Start the nightly load`":                              true,
		"Description: `Start the nightly load`.":                                                                   true,
		"Descrição: `Delete old manifests of the pier`.":                                                           true,
		"- `TIDEGO` (ASKED): `Release the crane? See [page](https://evil.example/x) <b>first</b>`":                 true,
		"Prompt TIDEGO waits for an answer: “Release the crane? See [page](https://evil.example/x) <b>first</b>”.": true,
		"Prompt TIDEDAY waits for an answer: “Run JnextPlan -for 0024 now?”":                                       true,
		"The answer: “Run JnextPlan -for 0024 now?”":                                                               false,
		"Now `Delete old manifests of the pier`.":                                                                  false,
		"- `BERTH1#TIDE[(0200 03/17/26)].PURGE` — ABEND — `Start the nightly load`":                                false,
		"- `BERTH1#TIDE[(0200 03/17/26)].PURGE` — ABEND — `delete old`":                                            false,
		"- `BERTH1#TIDE[(0200 03/17/26)].FREEING` — ABEND — conman rr X;noask":                                     false,
		"Run `release the crane`.": false,
		"Prompt TIDEGO waits for an answer: “Release the pier? See [page](https://evil.example/x) <b>first</b>”.": false,
		"- `BERTH1#TIDE[(0200 03/17/26)].PURGE` — ABEND — `Delete old mani`":                                      false,
		"Description: `Delete everything`.": false,
	} {
		clean, why := c.Sentence(s)
		if (why == "") != ok {
			t.Errorf("%s: %q", s, why)
		}
		if outside := strings.Join(strings.Split(clean, "`"), " "); ok && !strings.Contains(s, "`TIDEGO`") && strings.Contains(outside, "<b>") {
			t.Errorf("a tag goes through: %s", clean)
		}
	}
}

// TestSentenceEndsBehindCode: code that is opened with two backticks may hold one, and whatever ends a sentence.
func TestSentenceEndsBehindCode(t *testing.T) {
	got := verify.Sentences("Line 4: `` table `a.b`? gone `` of the log. Next `x. y` one. Open `z. w")
	want := []string{"Line 4: `` table `a.b`? gone `` of the log. ", "Next `x. y` one. ", "Open `z. w"}
	if !slices.Equal(got, want) {
		t.Errorf("Sentences = %q, want %q", got, want)
	}
}

// TestCodeOfLinesWithBackticks: shells and databases print backticks, and such a line is quoted like any other.
func TestCodeOfLinesWithBackticks(t *testing.T) {
	shell, table := "x.sh: line 12: syntax error near unexpected token `done'", "ERROR 1452: a key fails (`pier`.`load`, FOREIGN KEY (`c`)). Stop! Now"
	c := verify.New(conversations.Ledger{composetest.Entry("t1", "get_job_log", nil, composetest.OK(map[string]any{},
		toolkit.Source{Source: "joblog:BERTH1#7", Lines: []toolkit.Line{{N: 4, Text: shell}, {N: 5, Text: table}}}))}, "?")
	for s, ok := range map[string]bool{
		"Line 4 of its log: `` " + shell + " ``.":                                 true,
		"Line 5 of its log: `` " + table + " ``.":                                 true,
		"Line 4 of its log: `` " + table + " ``.":                                 false,
		"Line 4 of its log: `` x.sh: line 12: syntax error near token `done' ``.": false,
	} {
		sentences := verify.Sentences(s)
		if len(sentences) != 1 {
			t.Fatalf("%q is cut into %q", s, sentences)
		}
		clean, why := c.Sentence(sentences[0])
		if (why == "") != ok || strings.Count(clean, "`")%2 != 0 {
			t.Errorf("%s: %q, %s", s, why, clean)
		}
	}
}
