package plant_test

import (
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/evals/plant"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/world"
)

func demo(t *testing.T) *plant.Plant {
	t.Helper()
	w, err := world.Demo(time.Date(2026, 3, 17, 6, 10, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	p, err := plant.New(w)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestSame(t *testing.T) {
	p := demo(t)
	for _, c := range []struct {
		gold, text string
		want       bool
	}{
		{"job:CLMEOD.CLM_RESERVE", "FRLCLM01#CLMEOD[(0100 03/17/26)].CLM_RESERVE", true},
		{"job:CLMEOD.CLM_RESERVE", "CLMEOD(0100 03/17/26).CLM_RESERVE", true},
		{"job:CLMEOD.CLM_RESERVE", "FRLCLM01#CLMEOD[(0100 03/16/26)].CLM_RESERVE", false}, // yesterday's
		{"job:CLMEOD.CLM_RESERVE", "FRLCLM01#CLMEOD.CLM_RESERVE", false},                  // which of the two?
		{"job:CLMEOD.CLM_RESERVE", "FRLFIN01#CLMEOD[(0100 03/17/26)].CLM_RESERVE", false},
		{"job:CLMEOD.CLM_RESERVE", "FRLCLM01#CLMEOD[(0100 03/17/26)].CLM_RESERVE2", false},
		{"job:CLMEOD.CLM_RESERVE", "CLM_RESERVE", false},
		{"job:COMMISSION.COM_TAX", "COMMISSION.COM_TAX", true}, // there is but one
		{"stream:PAYOUT", "FRLCLM01#PAYOUT[(0010 03/17/26)]", true},
		{"stream:PAYOUT", "FRLCLM01#PAYOUT[(0010 03/17/26)].PAY_SEND", false},
		{"workstation:FRLWIN02", "FRLWIN02", true},
		{"workstation:FRLWIN02", "FRLWIN0", false},
		{"resource:FRLETLP#DWHWRITE", "FRLETLP#DWHWRITE", true},
		{"resource:FRLETLP#DWHWRITE", "FRLETL01#DWHWRITE", false},
		{"prompt:PAYLIMIT", "PAYLIMIT", true},
		{"file:FRLMFT01#/interface/in/bank/RETURN_D1.ok", "FRLMFT01#/interface/in/bank/RETURN_D1.ok", true},
		{"file:FRLMFT01#/interface/in/bank/RETURN_D1.ok", "FRLMFT01#/interface/in/bank/RETURN_D2.ok", false},
	} {
		thing, err := p.Resolve(c.gold)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Same(thing, c.text); got != c.want {
			t.Errorf("%s is %s: %v, want %v", c.text, c.gold, got, c.want)
		}
	}
	for _, name := range []string{"job:CLMEOD.NOPE", "stream:NOPE", "workstation:X", "resource:X#Y", "prompt:X", "file:X#/y", "CLMEOD", "calendar:", "job:CLMEOD(0100 03/15/26).CLM_RESERVE", "job:/F/CLMEOD.CLM_RESERVE"} {
		if _, err := p.Resolve(name); err == nil {
			t.Errorf("%s is resolved", name)
		}
	}
}

func TestSameRef(t *testing.T) {
	p := demo(t)
	job, err := p.Resolve("job:CLMEOD.CLM_RESERVE")
	if err != nil {
		t.Fatal(err)
	}
	right := p.Ref("prod", job)
	other := right
	other.JobStreamID = "0AAAAAAAAAAAAAAA"
	unidentified := right
	unidentified.JobStreamID = ""
	for _, c := range []struct {
		ref  answer.Ref
		want bool
	}{{right, true}, {answer.Ref{}, true}, {other, false}, {unidentified, false}, {answer.Ref{Type: "workstation", Name: "FRLCLM01"}, false}} {
		if got := p.SameRef(job, c.ref); got != c.want {
			t.Errorf("%+v: %v, want %v", c.ref, got, c.want)
		}
	}
}

func TestStands(t *testing.T) {
	p := demo(t)
	renew := "plan:FRLPOL01#POLRENEW[(0030 03/17/26)].REN_CALC"
	for _, c := range []struct {
		source, quote string
		want          bool
	}{
		{"workstation:FRLWIN02", "active_states=IS_INITED", true},
		{"workstation:FRLWIN02", "active_states=LINKED", false},
		{"workstation:NOWHERE", "active_states=IS_INITED", false},
		{"resource:FRLETLP#DWHWRITE", "available=0", true},
		{"resource:FRLETLP#DWHWRITE", "available=17", false},
		{"resource:FRLETLP#DWHWRITE", "holder=FRLETL02#DWHBKP[(0015 03/17/26)].DWH_FULLBKP (2)", true},
		{"resource:FRLETLP#DWHWRITE", "holder=FRLETL02#DWHBKP[(0015 03/17/26)].DWH_CATALOG (2)", false},
		{"prompt:PAYLIMIT", "status=ASKED", true},
		{"prompt:PAYLIMIT", "status=ANSWERED_NO", false},
		{"prompt:PAYLIMIT", "asked_at=2026-03-17T00:12:00-03:00", true},
		{"prompt:PAYLIMIT", "asked_at=2026-03-17T00:13:00-03:00", false},
		{"file:FRLMFT01#/interface/in/bank/RETURN_D1.ok", "status=Unavailable", true},
		{"file:FRLMFT01#/interface/in/bank/RETURN_D1.ok", "status=Exists", false},
		{renew, "elapsed=2h23m40s", true},
		{renew, "elapsed=2h24m20s", true}, // a question takes its time
		{renew, "elapsed=PT2H23M", true},
		{renew, "estimated_duration=40m0s", true},
		{renew, "estimated_duration=55m0s", false},
		{renew, "start=2026-03-17T03:46:20Z", true}, // the same instant
		{renew, "status=ABEND", false},
		{renew, "status", false},
		{renew, "status=", false},
		{"plan:FRLPOL01#POLRENEW[(0030 03/17/26)].REN_NOPE", "status=EXEC", false},
		{"audit:x", "who=me", false},
		{"nonsense", "a=b", false},
	} {
		if err := p.Stands(c.source, c.quote); (err == nil) != c.want {
			t.Errorf("%s %q: %v, want it to stand: %v", c.source, c.quote, err, c.want)
		}
	}
}

func TestLogs(t *testing.T) {
	p := demo(t)
	job, err := p.Resolve("job:CLMEOD.CLM_RESERVE")
	if err != nil {
		t.Fatal(err)
	}
	log, ok := p.LastLog(job)
	if !ok {
		t.Fatal("no log")
	}
	n := log.Find("ORA-28001")
	if n == 0 || !strings.Contains(log.Lines[n-1], "ORA-28001") {
		t.Fatalf("found in line %d", n)
	}
	for _, c := range []struct {
		text string
		line int
		want bool
	}{{"ORA-28001: the password has expired", n, true}, {"ORA-28001:   the\tpassword", n, true}, {"ERROR: ORA-28001: the password", n - 1, true}, {"ORA-28001", n - 1, false},
		{"ORA-28001", n + 1, false}, {"ORA-28001", 0, true}, {"ORA-28000", 0, false}, {"", n, false}, {"ORA-28001", -1, false}, {"ORA-28001", 10_000, false}} {
		if got := log.Holds(c.text, c.line); got != c.want {
			t.Errorf("%q in line %d: %v, want %v", c.text, c.line, got, c.want)
		}
	}
	if _, ok := p.Log(log.Source, ""); !ok {
		t.Error("a log is not found by its source alone")
	}
	if _, ok := p.Log("joblog:FRLMDM1#1", log.RunID); ok {
		t.Error("a run is found under a source that is not its own")
	}
}

func FuzzStands(f *testing.F) {
	w, err := world.Demo(time.Date(2026, 3, 17, 6, 10, 0, 0, time.UTC))
	if err != nil {
		f.Fatal(err)
	}
	p, err := plant.New(w)
	if err != nil {
		f.Fatal(err)
	}
	f.Add("workstation:FRLWIN02", "active_states=IS_INITED")
	f.Add("plan:X[(0030 03/17/26)].Y", "elapsed=PT2H")
	f.Fuzz(func(t *testing.T, source, quote string) {
		if p.Stands(source, quote) == nil && !strings.Contains(quote, "=") {
			t.Errorf("%q stands in %q without being a field", quote, source)
		}
	})
}
