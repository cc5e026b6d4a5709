package oracle_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/resync-hwa/resync/evals/oracle"
	"github.com/resync-hwa/resync/evals/plant"
	"github.com/resync-hwa/resync/evals/score"
	"github.com/resync-hwa/resync/evals/suite"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/world"
)

// FuzzAnswers: whatever an answer's prose, names, sources and the tools' results are, the judge judges, says the same twice, and lets nothing
// pass that has lost what the right answer said.
func FuzzAnswers(f *testing.F) {
	w, err := world.Demo(time.Date(2026, 3, 17, 6, 10, 0, 0, time.UTC))
	if err != nil {
		f.Fatal(err)
	}
	p, err := plant.New(w)
	if err != nil {
		f.Fatal(err)
	}
	gold := suite.Gold{ID: "f", Verdict: []answer.Verdict{answer.Problem}, Reads: [][]string{{"joblog:CLMEOD.CLM_RESERVE"}}, Causes: []suite.Cause{{Entity: "job:CLMEOD.CLM_RESERVE",
		Kinds: []string{"app.db.auth"}, Evidence: []suite.Group{{Any: []suite.Piece{{Of: "joblog:CLMEOD.CLM_RESERVE", Quote: "ORA-28001: the password has expired"}}}}}}}
	c, err := oracle.NewCase(gold, suite.Question{ID: "q1", Lang: "en", Text: "Why?"}, p)
	if err != nil {
		f.Fatal(err)
	}
	f.Add("CLM_RESERVE failed at 01:23 because `x` \"y\" ```z``` the password expired; not 3 h 2 min, but 4.", "plan:FRLCLM01#CLMEOD[(0100 03/17/26)].CLM_RESERVE", "status=ABEND", `{"data":[1,"a"]}`, "GET /plan/job/run/%zz/joblog?oql=%zz")
	f.Add("“", "joblog:#", "=", `{`, "/plan//")
	f.Fuzz(func(t *testing.T, prose, source, quote, result, seen string) {
		x := c
		d := *c.Answer.Diagnosis
		d.Causes = append([]answer.Cause(nil), d.Causes...)
		d.Causes[0].Evidence = []answer.Evidence{{Source: source, Quote: quote}}
		d.Affected, d.AffectedTotal = []string{source}, 1
		x.Answer.Answer, x.Answer.Diagnosis = prose, &d
		x.Ledger = []score.Call{{ID: "t1", Name: "x", Result: json.RawMessage(result)}}
		x.Seen = []string{seen}
		a, err := score.Score(x.Input())
		if err != nil {
			t.Fatal(err)
		}
		b, err := score.Score(x.Input())
		if err != nil || a.Pass != b.Pass || len(a.Failed()) != len(b.Failed()) || a.Score != b.Score {
			t.Errorf("two judgements differ: %v and %v", a, b)
		}
		if a.Pass {
			t.Errorf("it passes with the evidence %q of %q that does not decide", quote, source)
		}
		if a.Score < 0 || a.Score > 100 || a.Near < 0 || a.Near > 1 {
			t.Errorf("%v points, %v near", a.Score, a.Near)
		}
	})
}
