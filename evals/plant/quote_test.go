package plant_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/evals/plant"
)

// TestQuoteShowsWhatIsAskedFor holds that what is quoted for a value is that value, and not another in which its figures happen to stand.
func TestQuoteShowsWhatIsAskedFor(t *testing.T) {
	w := demo(t).World
	rc, name := 143, ""
	for i := range w.Jobs {
		if j := &w.Jobs[i]; j.Stream == "COMMISSION" && len(j.Runs) > 0 {
			last := &j.Runs[len(j.Runs)-1]
			last.ReturnCode, last.JobNumber, name = &rc, 1143007, j.Stream+"."+j.Name
		}
	}
	p, err := plant.New(w)
	if err != nil {
		t.Fatal(err)
	}
	thing, err := p.Resolve("job:" + name)
	if err != nil {
		t.Fatal(err)
	}
	quote, found := p.Quote(thing, "143", "")
	if _, value, _ := strings.Cut(quote, "="); !found || !p.Shows(thing, value, "143", "") {
		t.Errorf("%q is quoted for the return code 143", quote)
	}
}

// TestWhatIsPointedAtStands: a predecessor that is a job of the same job stream, and a holder without its workstation, are quoted truly.
func TestWhatIsPointedAtStands(t *testing.T) {
	p := demo(t)
	resource, holder := "", ""
	for _, r := range p.World.Resources {
		for i := range p.World.Jobs {
			if j := &p.World.Jobs[i]; len(r.Holders) > 0 && j.Ref.ID == r.Holders[0].JobRef.ID {
				resource = "resource:" + r.Entity().String(p.Zone)
				_, holder, _ = strings.Cut(j.Entity().String(p.Zone), "#")
			}
		}
	}
	for _, c := range []struct {
		source, quote string
		want          bool
	}{
		{"plan:FRLCLM01#CLMEOD[(0100 03/17/26)].CLM_IBNR", "dependency_predecessor=FRLCLM01#CLMEOD[(0100 03/17/26)].CLM_RESERVE UNSATISFIED", true},
		{"plan:FRLCLM01#CLMEOD[(0100 03/17/26)].CLM_IBNR", "dependency_predecessor=FRLCLM01#CLMEOD[(0100 03/17/26)].CLM_EXPORT UNSATISFIED", false},
		{"plan:FRLCLM01#CLMEOD[(0100 03/17/26)].CLM_IBNR", "dependency_predecessor=NOSUCH[(0100 03/18/26)] UNSATISFIED", false},
		{resource, "holders=" + holder, true},
		{resource, "holders=CLMEOD[(0100 03/17/26)].CLM_RESERVE", false},
	} {
		if got := p.Stands(c.source, c.quote) == nil; got != c.want {
			t.Errorf("%s %q stands: %v, want %v (%v)", c.source, c.quote, got, c.want, p.Stands(c.source, c.quote))
		}
	}
}

// TestLogByTheOlderKey: the older interface has no ids of runs; its key of the job is as good, and that of another job is not.
func TestLogByTheOlderKey(t *testing.T) {
	p := demo(t)
	job, err := p.Resolve("job:CLMEOD.CLM_RESERVE")
	if err != nil {
		t.Fatal(err)
	}
	log, _ := p.LastLog(job)
	for id, want := range map[string]bool{"FRLCLM01;" + job.Job.JobStreamID + ";CLM_RESERVE": true, base64.StdEncoding.EncodeToString([]byte("FRLCLM01;" + job.Job.JobStreamID + ";CLM_RESERVE")): true,
		"FRLCLM01;" + job.Job.JobStreamID + ";CLM_IBNR": false, "none": false} {
		if got, ok := p.Log(log.Source, id); ok != want || ok && got != log {
			t.Errorf("%q finds the log: %v, want %v", id, ok, want)
		}
	}
}
