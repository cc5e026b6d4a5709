package compose_test

import (
	"strings"
	"testing"

	"github.com/resync-hwa/resync/agentsvc/compose"
	"github.com/resync-hwa/resync/agentsvc/compose/composetest"
	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/agentsvc/understand"
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
