package suite_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/evals/suite"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/answer"
)

// TestTheNewWordsAreClosed: what the gold says beside causes is of closed lists, and what does not fit together is said.
func TestTheNewWordsAreClosed(t *testing.T) {
	unknown := strings.Replace(gold, "verdict: [problem]", "verdict: [insufficient_evidence, problem]", 1)
	for says, more := range map[string]string{
		"is no slice":                    gold + "slice: kitchen\n",
		"recipe needs":                   gold + "recipe: {family: f, seed: 1}\n",
		"no variant of the engine":       gold + "under: {v3-only: {proof: same}}\n",
		"of the proof":                   gold + "under: {v1-only: {proof: most}}\n",
		"other kinds are for":            gold + "under: {v1-only: {proof: same, kinds: [app]}}\n",
		"nothing is said of what is":     gold + "under: {restricted: {proof: gone}}\n",
		"restricted: \"app.magic\"":      gold + "under: {restricted: {proof: weak, kinds: [app.magic]}}\n",
		"no source that can be missing":  unknown + "missing: [oracle]\n",
		"not knowing is no right":        gold + "missing: [joblog]\n",
		"is no read":                     gold + "reads: [[everything]]\n",
		"reads nothing":                  gold + "reads: [[]]\n",
		"candidates are for":             gold + "candidates: [\"job:S.A\"]\n",
		"can be said of nothing":         gold + "claims: [{about: \"job:S.A\", says: great}]\n",
		"\"S.A\" is no name":             gold + "denied: [{about: S.A, says: healthy}]\n",
		"no figure that prose can state": gold + "figures: [-3]\n",
		"canary is blank":                gold + "canary: \"  \"\n",
	} {
		_, err := suite.Load(files(scenario, more))
		if fault.CodeOf(err) != fault.Invalid || err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v; want it to say %q", err, says)
		}
	}
	whole := gold + `slice: application
recipe: {family: f, variant: v, base: b, seed: 3}
reads: [["joblog:S.A", jobs]]
claims: [{about: "db:CORE", says: app.db.auth, must: true}, {about: "job:S.A", says: healthy}]
denied: [{about: "workstation:W", says: agent_down}]
figures: [3]
items: ["job:S.A"]
canary: say this
under: {v1-only: {proof: same}, late-copy: {proof: weak, kinds: [app]}, restricted: {proof: gone, missing: ["joblog | host:x"]}}
`
	if _, err := suite.Load(files(scenario, whole)); err != nil {
		t.Errorf("gold with every word: %v", err)
	}
}

// TestQuestionsDoNotSayWhatTheGoldSays: six words in a row, in the question or before it, are too much; a value is given away as a whole only.
func TestQuestionsDoNotSayWhatTheGoldSays(t *testing.T) {
	titled := gold + "title: The nightly listener went away for good before two\n"
	asks := func(text string) string { return strings.Replace(scenario, "Why did A abend?", text, 1) }
	for text, leak := range map[string]bool{
		"Is it that the nightly listener went away for good?": true,
		"Has the nightly listener gone away before two?":      false,
	} {
		_, err := suite.Load(files(asks(text), titled))
		if (err != nil) != leak {
			t.Errorf("%q: %v, want it to be too much: %v", text, err, leak)
		}
	}
	valued := strings.Replace(gold, `{of: "joblog:S.A", quote: "it broke"}`, `{of: "plan:S.A", value: "0"}`, 1)
	for text, leak := range map[string]bool{"Why did A stop at 10 tonight?": false, "Is the limit of A 0?": true} {
		if _, err := suite.Load(files(asks(text), valued)); (err != nil) != leak {
			t.Errorf("%q: %v, want it to be too much: %v", text, err, leak)
		}
	}
}

// TestWhatAPoorerEngineLeaves: the gold follows what is left of the proof, and stays as it is itself.
func TestWhatAPoorerEngineLeaves(t *testing.T) {
	g := suite.Gold{Verdict: []answer.Verdict{answer.Problem}, Causes: []suite.Cause{{Entity: "job:S.A", Kinds: []string{"app.db.auth"}}}, Affected: []string{"job:S.B"},
		Reads: [][]string{{"jobs"}}, Actions: suite.Actions{Require: [][]string{{"fix_database"}}, Forbid: []string{"rerun"}},
		Under: map[string]suite.Left{suite.V1Only: {Proof: suite.LeftSame}, suite.LateCopy: {Proof: suite.LeftWeak, Kinds: []string{"app"}}, suite.Restricted: {Proof: suite.LeftGone, Missing: []string{"joblog"}}}}
	for _, same := range []string{"", suite.Full, suite.V1Only, suite.NoAudit} {
		if x := g.For(same); x.Unsure || len(x.Verdict) != 1 || x.Causes[0].Kinds[0] != "app.db.auth" {
			t.Errorf("%q changes the gold: %+v", same, x)
		}
	}
	weak := g.For(suite.LateCopy)
	if !weak.Unsure || !slices.Equal(weak.Verdict, []answer.Verdict{answer.Problem, answer.InsufficientEvidence}) || weak.Causes[0].Kinds[0] != "app" || len(weak.Affected) != 1 {
		t.Errorf("weak: %+v", weak)
	}
	gone := g.For(suite.Restricted)
	if !slices.Equal(gone.Verdict, []answer.Verdict{answer.InsufficientEvidence}) || len(gone.Causes)+len(gone.Affected)+len(gone.Reads)+len(gone.Actions.Require) > 0 ||
		!slices.Equal(gone.Missing, []string{"joblog"}) || !slices.Equal(gone.Actions.Forbid, []string{"rerun"}) {
		t.Errorf("gone: %+v", gone)
	}
	if g.Unsure || len(g.Verdict) != 1 || g.Causes[0].Kinds[0] != "app.db.auth" || g.Missing != nil {
		t.Errorf("the gold itself has changed: %+v", g)
	}
}
