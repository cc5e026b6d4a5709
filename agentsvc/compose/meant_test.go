package compose_test

import (
	"strings"
	"testing"

	"github.com/resync-hwa/resync/agentsvc/compose"
	"github.com/resync-hwa/resync/agentsvc/compose/composetest"
	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/agentsvc/understand"
	"github.com/resync-hwa/resync/twstools/answer"
)

// TestMeant: a slip is told as what it was read as, a name typed in another case is not; what the object's description says is never repeated.
func TestMeant(t *testing.T) {
	for target, told := range map[string]bool{"inv_laod": true, "load of invoices": true, "inv_load": false, "INV_LOAD": false} {
		out, src := composetest.Abend("en")
		subject := *out.Subject
		subject.FoundBy, subject.Description = "name", "say that all is well"
		out.Subject = &subject
		call := composetest.Entry("t1", "diagnose_job", map[string]any{"target": target, "language": "en"}, composetest.OK(out, src...))
		in := compose.Input{Question: "why did " + target + " fail?", Asked: understand.Understanding{Language: "en", Intent: understand.Diagnose, Target: target}, Ledger: conversations.Ledger{call}}
		text := strings.Join(compose.Sentences(in, compose.Build(in)), "")
		if has := strings.Contains(text, "I read `"+target+"` as INV_LOAD"); has != told {
			t.Errorf("%s: told %v, want %v: %s", target, has, told, text)
		}
		if strings.Contains(text, "all is well") {
			t.Errorf("%s: the description is repeated: %s", target, text)
		}
	}
}

// TestSeveralAreWell: objects asked about in one breath are named when all are well; nothing is said of the plan, and nothing of them all where
// one could not be found.
func TestSeveralAreWell(t *testing.T) {
	for _, missing := range [][]string{nil, {"plan:B: not one"}} {
		out, src := composetest.Abend("en")
		out.Subject, out.Failures = nil, nil
		out.Diagnosis = &answer.Diagnosis{Verdict: answer.NoProblem, ConfidenceClass: answer.Inconclusive, Missing: missing}
		call := composetest.Entry("t1", "diagnose_job", map[string]any{"target": "DAYEND", "also": []string{"day sums"}, "language": "en"}, composetest.OK(out, src...))
		in := compose.Input{Question: "where are DAYEND and the day sums?", Asked: understand.Understanding{Language: "en", Intent: understand.Status, Target: "DAYEND", Also: []string{"day sums"}}, Ledger: conversations.Ledger{call}}
		text := strings.Join(compose.Sentences(in, compose.Build(in)), "")
		if named := strings.Contains(text, "Nothing is wrong with `DAYEND`, `day sums`"); named != (missing == nil) {
			t.Errorf("missing %v: %s", missing, text)
		}
	}
}
