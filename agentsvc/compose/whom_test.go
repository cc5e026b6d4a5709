package compose_test

import (
	"strings"
	"testing"

	"github.com/resync-hwa/resync/agentsvc/compose"
	"github.com/resync-hwa/resync/agentsvc/compose/composetest"
	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/agentsvc/understand"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/tools"
)

// Who asks whom to call hears that first, in both languages; who asks something else does not.
func TestWhomToCall(t *testing.T) {
	for _, c := range []struct{ question, lang, contact, want string }{
		{"who do I call about INV_LOAD?", "en", "ledger-duty", "**Call ledger-duty; who waits as well: mill@plant.example.**"},
		{"and whom should we wake up?", "en", "ledger-duty", "**Call ledger-duty; who waits as well: mill@plant.example.**"},
		{"e quem eu chamo?", "pt", "ledger-duty", "**Avise ledger-duty; também esperam: mill@plant.example.**"},
		{"quem está de plantão pro INV_LOAD", "pt", "ledger-duty", "**Avise ledger-duty; também esperam: mill@plant.example.**"},
		{"a quem devo avisar?", "pt", "", "**Avise mill@plant.example.**"},
		{"what do I do?", "en", "ledger-duty", "**The database refused"},
	} {
		abended, sources := composetest.Abend(c.lang)
		abended.Diagnosis.Urgency = &answer.Urgency{Class: "now", ActBy: composetest.Now, Contact: c.contact}
		abended.Diagnosis.Impact = append([]answer.Impact{{Entity: composetest.Post, Hops: 1, State: "blocked", Contact: c.contact}}, answer.Impact{Entity: "N#M.X", Hops: 2, State: "blocked", Contact: "mill@plant.example"})
		text := said(c.question, c.lang, abended, sources)
		if !strings.HasPrefix(text, c.want) {
			t.Errorf("%q:\n%s", c.question, text)
		}
	}
	abended, sources := composetest.Abend("en")
	abended.Diagnosis.Urgency, abended.Diagnosis.Impact = nil, nil
	if text := said("who do I call?", "en", abended, sources); !strings.HasPrefix(text, "**Nobody to call is named in what was read.**") {
		t.Errorf("nobody:\n%s", text)
	}
}

func said(question, lang string, out tools.DiagnoseOut, sources []toolkit.Source) string {
	in := compose.Input{Question: question, Asked: understand.Understanding{Intent: understand.Next, Target: "INV_LOAD", Language: lang}, Ledger: conversations.Ledger{
		composetest.Entry("t1", compose.DiagnoseJob, map[string]any{"target": "INV_LOAD"}, composetest.OK(out, sources...))}}
	return strings.Join(compose.Sentences(in, compose.Build(in)), "")
}
