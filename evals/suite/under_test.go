package suite_test

import (
	"slices"
	"testing"

	"github.com/resync-hwa/resync/evals/suite"
	"github.com/resync-hwa/resync/twstools/answer"
)

func signalled() suite.Gold {
	return suite.Gold{Verdict: []answer.Verdict{answer.Problem}, Causes: []suite.Cause{{Entity: "job:S.J", Kinds: []string{"app.killed.operator"}, Evidence: []suite.Group{
		{Any: []suite.Piece{{Of: "audit:S.J", Value: "kill"}}},
		{Any: []suite.Piece{{Of: "audit:S.J", Value: "143"}, {Of: "plan:S.J", Value: "143"}}},
	}}}, Under: map[string]suite.Left{
		suite.NoAudit:    {Proof: suite.LeftWeak, Kinds: []string{"app.killed.unknown"}, Missing: []string{"audit"}},
		suite.LateCopy:   {Proof: suite.LeftWeak},
		suite.Restricted: {Proof: suite.LeftGone, Missing: []string{"joblog"}},
	}}
}

// TestWhatAPoorerEngineLeaves holds what stays of a gold: over an engine without audit records nobody is asked to quote one.
func TestWhatIsMissingIsNotToBeQuoted(t *testing.T) {
	g := signalled()
	weak := g.For(suite.NoAudit)
	if !weak.Unsure || !slices.Contains(weak.Verdict, answer.InsufficientEvidence) || !slices.Equal(weak.Causes[0].Kinds, []string{"app.killed.unknown"}) {
		t.Errorf("weak proof: %+v", weak)
	}
	if e := weak.Causes[0].Evidence; len(e) != 1 || len(e[0].Any) != 1 || e[0].Any[0].Of != "plan:S.J" {
		t.Errorf("what is in the audit is asked for, or what is in the plan is not: %+v", e)
	}
	if late := g.For(suite.LateCopy); len(late.Causes[0].Evidence) != 2 || !late.Unsure {
		t.Errorf("nothing is missing, and less is asked for: %+v", late)
	}
	if gone := g.For(suite.Restricted); len(gone.Causes) != 0 || !slices.Equal(gone.Verdict, []answer.Verdict{answer.InsufficientEvidence}) {
		t.Errorf("gone: %+v", gone)
	}
	same := signalled()
	if len(g.Causes[0].Evidence) != 2 || g.Unsure || len(g.Verdict) != 1 || g.Causes[0].Kinds[0] != same.Causes[0].Kinds[0] {
		t.Errorf("the gold itself was changed: %+v", g)
	}
	if full := g.For(suite.Full); full.Unsure || len(full.Causes[0].Evidence) != 2 {
		t.Errorf("the whole engine: %+v", full)
	}
}
