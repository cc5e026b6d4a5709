package stats

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/resync-hwa/resync/evals/trial"
)

// Summary is everything that is told of a run.
type Summary struct {
	Questions []Question
	Trials    int
	// ConfirmedWrong is told before all else: answers (trials) that are wrong and call themselves confirmed.
	ConfirmedWrong int
	Faults         int // trials that could not be judged
	Right          Rate
	PassK          []PassK // as far as the trials reach
	Twins          Rate    // pairs; see TwinsOf
	WorstWording   Rate    // scenarios; see WorstWordingOf
	Conduct        Conduct
	Slices         []Slice
	Baselines      []Baseline
	Lift           *Lift
	Effort         Effort
	Criteria       []Tally
	Failures       []Failure
	Flaky          []string
	// Invalid says why the run proves nothing, whatever its numbers: nothing judged, or too many faults.
	Invalid []string
	// Refused says why the suite is too easy to be believed.
	Refused []string
}

// faultsAllowed is the share of trials that may be faults before the run proves nothing.
const faultsAllowed = 0.02

// Of sums a run up.
func Of(run trial.Run) Summary {
	qs := Questions(run.Trials)
	s := Summary{Questions: qs, Trials: len(run.Trials), Right: RightOf(qs), Twins: TwinsOf(qs), WorstWording: WorstWordingOf(qs),
		Conduct: ConductOf(qs), Slices: Slices(qs), Baselines: BaselinesOf(run), Effort: EffortOf(run.Trials),
		Criteria: CriteriaOf(run.Trials), Failures: FailuresOf(run.Trials), Flaky: Flaky(qs)}
	most := 0
	for _, q := range qs {
		s.Faults += q.Faults
		s.ConfirmedWrong += q.confirmedWrong()
		most = max(most, q.Judged)
	}
	for _, k := range Tries {
		if k <= most {
			s.PassK = append(s.PassK, PassKOf(qs, k))
		}
	}
	s.Lift = LiftOf(qs, s.Baselines)
	s.Refused = Refused(s.Baselines)
	s.Invalid = s.invalid()
	return s
}

func (s Summary) invalid() []string {
	var out []string
	if s.Right.Of == 0 {
		out = append(out, "no question was judged")
	}
	if float64(s.Faults) > faultsAllowed*float64(s.Trials) {
		out = append(out, fmt.Sprintf("%d of %d trials could not be judged; more than %.0f %% prove nothing", s.Faults, s.Trials, 100*faultsAllowed))
	}
	return out
}

// Effort is what the answers took. Faults are left out.
type Effort struct {
	Median, P95   time.Duration // by nearest rank
	CostUSD       float64       // of all trials, faults too: they were paid
	CostPerRight  float64
	CallsPerRight float64 // requests to the engine for each right answer
}

// EffortOf sums up what trials took.
func EffortOf(trials []trial.Trial) Effort {
	var e Effort
	var took []time.Duration
	calls, right := 0, 0
	for _, t := range trials {
		e.CostUSD += t.CostUSD
		if t.Status == trial.Fault {
			continue
		}
		took = append(took, t.Duration)
		for _, n := range t.Requests {
			calls += n
		}
		if t.Status == trial.Pass {
			right++
		}
	}
	if len(took) > 0 {
		slices.Sort(took)
		e.Median, e.P95 = took[rank(len(took), 0.5)], took[rank(len(took), 0.95)]
	}
	if right > 0 {
		e.CostPerRight, e.CallsPerRight = e.CostUSD/float64(right), float64(calls)/float64(right)
	}
	return e
}

// rank is the index of a percentile by nearest rank.
func rank(n int, share float64) int {
	i := int(share * float64(n))
	if float64(i) < share*float64(n) {
		i++
	}
	return max(0, i-1)
}

// Tally is how often a criterion did not hold, of the trials that it was checked in.
type Tally struct {
	Criterion  string
	Failed, Of int
}

// CriteriaOf counts every criterion, in the judge's order; an answer that fails several is counted at each.
func CriteriaOf(trials []trial.Trial) []Tally {
	var out []Tally
	at := map[string]int{}
	for _, t := range trials {
		if t.Status == trial.Fault {
			continue
		}
		for _, c := range t.Criteria {
			i, ok := at[c.Name]
			if !ok {
				i = len(out)
				at[c.Name] = i
				out = append(out, Tally{Criterion: c.Name})
			}
			out[i].Of++
			if !c.Pass {
				out[i].Failed++
			}
		}
	}
	return out
}

// Failure is one way of failing in one family.
type Failure struct {
	Criterion string // what failed first; trial.WrongAndConfirmed before any
	Family    string
	Trials    int
	Questions []string
}

// FailuresOf groups what did not pass, faults left out: wrong and confirmed first, then the most frequent.
func FailuresOf(trials []trial.Trial) []Failure {
	type key struct{ criterion, family string }
	at := map[key]int{}
	var out []Failure
	for _, t := range trials {
		if t.Status != trial.Wrong {
			continue
		}
		k := key{t.First(), family(t)}
		i, ok := at[k]
		if !ok {
			i = len(out)
			at[k] = i
			out = append(out, Failure{Criterion: k.criterion, Family: k.family})
		}
		out[i].Trials++
		if !slices.Contains(out[i].Questions, t.Name()) {
			out[i].Questions = append(out[i].Questions, t.Name())
		}
	}
	slices.SortFunc(out, func(a, b Failure) int {
		if c := cmp.Compare(graver(b.Criterion), graver(a.Criterion)); c != 0 {
			return c
		}
		return cmp.Or(cmp.Compare(b.Trials, a.Trials), cmp.Compare(a.Criterion, b.Criterion), cmp.Compare(a.Family, b.Family))
	})
	return out
}

func graver(criterion string) int {
	if criterion == trial.WrongAndConfirmed {
		return 1
	}
	return 0
}
