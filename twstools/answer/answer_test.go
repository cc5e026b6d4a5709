package answer_test

import (
	"testing"

	"github.com/resync-hwa/resync/twstools/answer"
)

func TestKindKnown(t *testing.T) {
	for kind, want := range map[string]bool{
		"app": true, "app.db": true, "app.db.auth": true, "sched.dep.file": true, "planned.not_yet": true, "perf.slow": true,
		"app.db.auth.says": false, "app.nonsense": false, "": false, "sched.agent.unlinked.entity": false,
	} {
		if got := answer.KindKnown(kind); got != want {
			t.Errorf("KindKnown(%q) = %v, want %v", kind, got, want)
		}
	}
}

func TestRuleFor(t *testing.T) {
	r, ok := answer.RuleFor("rerun")
	if !ok || r.Group != "operate" || !r.Command || !r.Starts || len(r.Precondition) != 5 {
		t.Errorf("RuleFor(rerun) = %+v, %v; want an operate code with command, starts and five preconditions", r, ok)
	}
	if r, _ := answer.RuleFor("reset_plan"); r.Group != "administrate" || r.Command {
		t.Errorf("RuleFor(reset_plan) = %+v; want administrate without a command", r)
	}
	if _, ok := answer.RuleFor("format_disk"); ok {
		t.Error("RuleFor(format_disk) is known; the list must be closed")
	}
}

func TestRefEqualIgnoresTheRun(t *testing.T) {
	a := answer.Ref{Engine: "default", Type: "job", JobStreamID: "0AAAAAAAAAAAACQ3", Job: "X", RunID: "1"}
	b := a
	b.RunID = "2"
	if !a.Equal(b) {
		t.Error("two runs of one job must be equal")
	}
	b.Job = "Y"
	if a.Equal(b) {
		t.Error("two jobs must differ")
	}
}
