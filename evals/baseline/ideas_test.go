package baseline_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/evals/baseline"
	"github.com/resync-hwa/resync/evals/suite"
	"github.com/resync-hwa/resync/twstools/answer"
)

func TestB0KnowsNothing(t *testing.T) {
	a := newNight(t).ask("B0", "pt", "Por que o CLM_RESERVE abendou?")
	if a.Diagnosis.Verdict != answer.InsufficientEvidence || len(a.Diagnosis.Causes) > 0 || !strings.Contains(a.Answer, "CLM_RESERVE") {
		t.Errorf("%s %+v", a.Answer, a.Diagnosis)
	}
}

func TestB1BlamesTheFirst(t *testing.T) {
	n := newNight(t)
	first := n.j
	for i := range n.w.Jobs {
		if j := &n.w.Jobs[i]; j.Status.Internal == "ABEND" && j.Runs[len(j.Runs)-1].End.Before(first.Runs[len(first.Runs)-1].End) {
			first = j
		}
	}
	b := baseline.All(baseline.Options{CommonKind: "app.net.dns"})[1]
	a, err := b.Answer(t.Context(), suite.Question{Lang: "en", Text: "Anything?"}, n.plant())
	if err != nil {
		t.Fatal(err)
	}
	if c := a.Diagnosis.Causes; len(c) != 1 || c[0].Ref.Job != first.Name || c[0].Kind != "app.net.dns" {
		t.Errorf("%+v, want %s", c, first.Name)
	}
}

func TestB2BlamesFour(t *testing.T) {
	n := newNight(t)
	a := n.ask("B2", "en", "Anything?")
	if len(a.Diagnosis.Causes) != 4 || len(a.Diagnosis.Actions) != 4 {
		t.Fatalf("%+v", a.Diagnosis.Causes)
	}
	red := 0
	for i := range n.w.Jobs {
		if slices.Contains([]string{"ABEND", "FAIL"}, n.w.Jobs[i].Status.Internal) {
			red++
		}
	}
	for i, c := range a.Diagnosis.Causes {
		if bad := c.Evidence[0].Quote == "status=ABEND" || c.Evidence[0].Quote == "status=FAIL"; bad != (i < red) {
			t.Errorf("number %d of %d that ended badly: %+v", i+1, red, c)
		}
	}
}

func TestB3RepeatsTheQuestion(t *testing.T) {
	n := newNight(t)
	for _, c := range []struct{ text, entity, kind string }{
		{"Why did CLM_RESERVE abend?", "FRLCLM01#CLMEOD[(0100 03/17/26)].CLM_RESERVE", "app.error"},
		{"A senha do CLM_RESERVE venceu?", "FRLCLM01#CLMEOD[(0100 03/17/26)].CLM_RESERVE", "app.db.auth"},
		{"O CLM_RESERVE caiu com 137, foi memória?", "FRLCLM01#CLMEOD[(0100 03/17/26)].CLM_RESERVE", "app.memory.oom_kill"},
		{"Why is REN_CALC taking so long?", "FRLPOL01#POLRENEW[(0030 03/17/26)].REN_CALC", "perf.slow"},
		{"Por que o PAYOUT está parado?", "FRLCLM01#PAYOUT[(0010 03/17/26)]", "sched.dep.predecessor"},
		{"Is FRLWIN02 up?", "FRLWIN02", "sched.agent.unlinked"},
		{"Who answers PAYLIMIT?", "PAYLIMIT", "sched.dep.prompt"},
		{"Who holds DWHWRITE?", "FRLETLP#DWHWRITE", "sched.dep.resource"},
		{"Where is RETURN_D1.ok?", "FRLMFT01#/interface/in/bank/RETURN_D1.ok", "sched.dep.file"},
	} {
		a := n.ask("B3", "en", c.text)
		if x := a.Diagnosis.Causes; len(x) != 1 || x[0].Entity != c.entity || x[0].Kind != c.kind {
			t.Errorf("%s: %+v", c.text, x)
		}
	}
	if a := n.ask("B3", "en", "What is wrong?"); a.Diagnosis.Verdict != answer.InsufficientEvidence {
		t.Errorf("without a name: %+v", a.Diagnosis)
	}
}

func TestB4QuotesTheLastLine(t *testing.T) {
	n := newNight(t)
	n.wrote("ORA-28000: the account is locked", "goodbye", "")
	for _, text := range []string{"Why did CLM_RESERVE abend?", "Why has CLMREPORT not started?", "What is wrong?"} {
		a := n.ask("B4", "en", text)
		c := a.Diagnosis.Causes
		if len(c) != 1 || c[0].Ref.Job == "CLM_RESERVE" && c[0].Evidence[0].Quote != "goodbye" || c[0].Evidence[0].Line == 0 {
			t.Errorf("%s: %+v", text, c)
		}
	}
}

// Where nothing has ended badly, the blamers have nobody to blame.
func TestAQuietNight(t *testing.T) {
	n := newNight(t)
	for i := range n.w.Jobs {
		n.w.Jobs[i].Status.Internal = "SUCC"
	}
	for _, name := range []string{"B1", "B2"} {
		if a := n.ask(name, "en", "Anything?"); a.Diagnosis.Verdict != answer.NoProblem || len(a.Diagnosis.Causes) > 0 {
			t.Errorf("%s: %+v", name, a.Diagnosis)
		}
	}
	if a := n.ask("B4", "en", "Anything?"); a.Diagnosis.Verdict != answer.InsufficientEvidence {
		t.Errorf("B4: %+v", a.Diagnosis)
	}
}
