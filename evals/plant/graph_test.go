package plant_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/evals/plant"
)

func thing(t *testing.T, p *plant.Plant, name string) plant.Thing {
	t.Helper()
	x, err := p.Resolve(name)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// behind is who waits, by the name that prose uses and the hops.
func behind(p *plant.Plant, t plant.Thing) map[string]int {
	out := map[string]int{}
	for _, w := range p.Behind(t) {
		out[p.Text(w.Thing)] = w.Hops
	}
	return out
}

func TestBehind(t *testing.T) {
	p := demo(t)
	for _, c := range []struct {
		cause string
		hops  map[string]int // -1: it does not wait for it
	}{
		{"job:CLMEOD.CLM_RESERVE", map[string]int{"job:CLMEOD.CLM_IBNR": 1, "job:CLMEOD.CLM_EXPORT": 2, "stream:CLMREPORT": 3, "job:CLMREPORT.CRP_LARGE": 4, "stream:PAYOUT": -1, "job:CLMEOD.CLM_FRAUD": -1,
			"job:CLMEOD(0100 03/16/26).CLM_IBNR": -1}},
		{"prompt:PAYLIMIT", map[string]int{"stream:PAYOUT": 1, "job:PAYOUT.PAY_SEND": 2, "stream:CLMREPORT": -1}},
		{"file:FRLMFT01#/interface/in/bank/RETURN_D1.ok", map[string]int{"stream:BANKCOLL": 1, "stream:PAYOUT": -1}},
		{"resource:FRLETLP#DWHWRITE", map[string]int{"job:DWHLOAD.DWL_FACT_PREMIUM": 1, "stream:PAYOUT": -1}},
		{"job:DWHBKP.DWH_FULLBKP", map[string]int{"job:DWHLOAD.DWL_FACT_PREMIUM": 1, "stream:PAYOUT": -1}}, // it holds what they need
		{"workstation:FRLWIN02", map[string]int{"job:ACTUARY.ACT_MORTALITY": 1, "job:CLMEOD.CLM_IBNR": -1}},
		{"plan:current", map[string]int{"job:CLMEOD.CLM_IBNR": 1, "job:COMMISSION.COM_COMPUTE": -1}},
		{"host:nowhere", map[string]int{"stream:PAYOUT": -1}},
	} {
		got := behind(p, thing(t, p, c.cause))
		for name, want := range c.hops {
			hops, waits := got[p.Text(thing(t, p, name))]
			if waits != (want >= 0) || want >= 0 && hops > want {
				t.Errorf("%s waits for %s: %v over %d hops, want %d", name, c.cause, waits, hops, want)
			}
		}
	}
}

// TestNearnessIsSymmetric: two things are as far from each other as the other way round, each is next to itself, and who waits is reachable.
func TestNearnessIsSymmetric(t *testing.T) {
	p := demo(t)
	from := thing(t, p, "job:CLMEOD.CLM_RESERVE")
	if n := p.StepsAway(from, from); n != 0 {
		t.Errorf("it is %d steps away from itself", n)
	}
	for _, w := range p.Behind(from) {
		there, back := p.StepsAway(from, w.Thing), p.StepsAway(w.Thing, from)
		if there != back || there < 1 || there > w.Hops {
			t.Errorf("%s is %d hops behind, %d steps there and %d back", p.Text(w.Thing), w.Hops, there, back)
		}
		if !p.Related(from, w.Thing) {
			t.Errorf("%s waits and is not related", p.Text(w.Thing))
		}
	}
	if n := p.StepsAway(from, thing(t, p, "stream:PAYOUT")); n != -1 {
		t.Errorf("what has nothing to do with it is %d steps away", n)
	}
}

func TestInstancesAndOutsiders(t *testing.T) {
	p := demo(t)
	today, yesterday := thing(t, p, "job:CLMEOD(0100 03/17/26).CLM_RESERVE"), thing(t, p, "job:CLMEOD(0100 03/16/26).CLM_RESERVE")
	if p.Identical(today, yesterday) || !p.Identical(today, thing(t, p, "job:CLMEOD.CLM_RESERVE")) || !p.Identical(yesterday, thing(t, p, "job:FRLCLM01#CLMEOD(0100 03/16/26).CLM_RESERVE")) {
		t.Error("instances are not told apart")
	}
	if n := len(p.Meant("FRLCLM01#CLMEOD.CLM_RESERVE")); n != 2 {
		t.Errorf("a name without an instance means %d things, want both", n)
	}
	if n := len(p.Meant("FRLCLM01#CLMEOD[(0100 03/16/26)].CLM_RESERVE")); n != 1 {
		t.Errorf("an instance means %d things", n)
	}
	if n := len(p.Meant("FRLCLM01#CLMEOD[(0100 03/15/26)].CLM_RESERVE")); n != 0 {
		t.Errorf("an instance that is not there means %d things", n)
	}
	for name, text := range map[string]string{"db:CORE": "db:CORE", "host:h1": "HOST:H1", "plan:current": "plan:current", "user:batch": "user:batch"} {
		if x := thing(t, p, name); !p.Same(x, text) && !strings.EqualFold(p.Text(x), text) || p.Same(x, text+"2") {
			t.Errorf("%s is not %s alone", text, name)
		}
	}
}

// TestToldFacts: of a thing its own instants and numbers are told, and not those of others.
func TestToldFacts(t *testing.T) {
	p := demo(t)
	f := p.Told(thing(t, p, "job:CLMEOD.CLM_RESERVE"))
	if !f.HasClock(1, 23, p.Zone) || f.HasClock(4, 23, p.Zone) || !f.HasClock(4, 23, time.UTC) || f.HasClock(2, 44, p.Zone) {
		t.Error("the times of day are wrong")
	}
	if !f.HasSpan(11*time.Minute, time.Minute) || f.HasSpan(7*time.Hour, time.Minute) {
		t.Error("the durations are wrong")
	}
	if !f.Numbers["373007"] || f.Numbers["620313"] {
		t.Error("the numbers are not those of the instance alone")
	}
	if !p.Says("ORA-28001") || p.Says("ORA-28000") {
		t.Error("what the world says is wrong")
	}
	if !p.Counts(len(p.World.Jobs)) || p.Counts(100_000) {
		t.Error("what the world counts is wrong")
	}
	if words := p.Words(); len(words["CLM_RESERVE"]) != 2 || len(words["RETURN_D1.ok"]) != 1 || slices.Contains([]int{0}, len(words["PAYLIMIT"])) {
		t.Error("words do not mean what they name")
	}
}
