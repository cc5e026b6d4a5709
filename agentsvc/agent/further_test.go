package agent_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/agentsvc/compose/composetest"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools/answer"
)

const heapJob = "LNX_A1#BILLING[(0200 03/17/26)].INV_CHECK"

// heap plays the log of a second job that failed for a reason of its own.
func heap(_ context.Context, name string, r *toolkit.Result) {
	if name == "get_job_log" {
		const source, line = "joblog:LNX_A1#77013", "java.lang.OutOfMemoryError: Java heap space"
		*r = composetest.OK(map[string]any{"entity": heapJob, "source": source, "lines": []any{map[string]any{"n": 4, "text": line}}},
			toolkit.Source{Source: source, Lines: []toolkit.Line{{N: 4, Text: line}}})
	}
}

func TestAModelProposesAFurtherCause(t *testing.T) {
	const start = "INV_LOAD ended ABEND because the database refused the login; INV_CHECK ended ABEND too.\n\n"
	block := func(quote string) string {
		return "```cause\n{\"entity\": \"INV_CHECK\", \"kind\": \"app.memory\", \"statement\": \"INV_CHECK ran out of memory.\",\n \"source\": \"joblog:LNX_A1#77013\", \"line\": 4, \"quote\": \"" + quote + "\"}\n```"
	}
	good := block("OutOfMemoryError: Java heap space")
	calls := reply{calls: []call{{"get_job_log", []string{`{"job":"INV_CHECK"}`}}, {"diagnose_job", []string{`{"target":"INV_LOAD","premise":"abended"}`}}}}
	for name, tc := range map[string]struct {
		text   []string
		causes int
		note   string
	}{
		"stands":       {[]string{start, good}, 2, "_The last cause was proposed by the language model"},
		"in-pieces":    {append([]string{start}, strings.SplitAfter(good, "a")...), 2, "_The last cause was proposed"},
		"byte-by-byte": {strings.Split(start+good, ""), 2, "_The last cause was proposed"},
		"before-prose": {[]string{good + "\n", start}, 2, "_The last cause was proposed"},
		"unclosed":     {[]string{start, strings.TrimSuffix(good, "\n```")}, 2, "_The last cause was proposed"},
		"two":          {[]string{start, good, "\n", block("x")}, 2, "_The last cause was proposed"},
		"invented":     {[]string{start, block("the disk is full again")}, 1, "_A cause that the language model proposed was removed"},
		"no-json":      {[]string{start, "```cause\nINV_CHECK ran out of memory\n```"}, 1, "_A cause that the language model proposed was removed"},
		"endless":      {[]string{start, "```cause\n" + endless()}, 1, "_A cause that the language model proposed was removed"},
		"none":         {[]string{start}, 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			a, _, hand, _ := withRecall(t, calls, reply{text: tc.text})
			hand.change = heap
			for range 2 { // the second time from what was kept, held against the tools again
				ans, _ := ask(t, a, "diagnose INV_LOAD abended")
				d := ans.Diagnosis
				if ans.Model != "m" || len(d.Causes) != tc.causes || d.Causes[0].Entity != composetest.Load || d.ConfidenceClass != answer.Confirmed || d.Verdict != answer.Problem {
					t.Fatalf("by %s, errors = %+v, causes = %+v", ans.Model, ans.Errors, d.Causes)
				}
				if tc.causes == 2 && (d.Causes[1].Entity != heapJob || d.Causes[1].Class != answer.Likely) {
					t.Errorf("further = %+v", d.Causes[1])
				}
				if strings.Contains(ans.Answer, "```") || strings.Contains(ans.Answer, "{") || !strings.HasPrefix(ans.Answer, strings.TrimSpace(start)) {
					t.Errorf("answer = %q", ans.Answer)
				}
				if (tc.note == "") == strings.Contains(ans.Answer, "_") && tc.note != "" || !strings.Contains(ans.Answer, tc.note) {
					t.Errorf("note in %q", ans.Answer)
				}
			}
		})
	}
}

// endless is a long text that does not repeat itself.
func endless() string {
	var b strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&b, "%d is not %d; ", i*i, i)
	}
	return b.String()
}
