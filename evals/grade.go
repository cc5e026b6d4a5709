package evals

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/evals/score"
	"github.com/resync-hwa/resync/evals/suite"
	"github.com/resync-hwa/resync/evals/trial"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/answer"
)

// core marks the scenarios that must pass.
const core = "must_pass"

// row is the trial of a question before it is asked.
func row(p Prepared, q suite.Question, attempt int, variant string) trial.Trial {
	sc := p.Scenario
	g := sc.Gold.For(variant)
	t := trial.Trial{Scenario: sc.ID, Question: q.ID, Attempt: attempt, Lang: q.Lang, Style: q.Style, Turns: q.Turns, Text: q.Text,
		Slice: g.Slice, Family: sc.ID, Base: sc.World.Base, Core: slices.Contains(sc.Tags, core)}
	if r := sc.Gold.Recipe; r != nil {
		t.Family, t.Variant, t.Base, t.Seed, t.Set = r.Family, r.Variant, r.Base, r.Seed, r.Set()
	}
	for _, v := range g.Verdict {
		t.Wants = append(t.Wants, string(v))
	}
	return t
}

// grade scores the trial's answer. requests are those that reached the engine since the process began: what it has read once it need not read again.
func grade(t *trial.Trial, p Prepared, variant string, requests int) error {
	var a answer.Answer
	if err := json.Unmarshal(t.Answer, &a); err != nil {
		return fault.Wrap(fault.Internal, err, "The answer of %s cannot be read again.", t.Name())
	}
	r, err := score.Score(score.Input{Gold: p.Scenario.Gold.For(variant), Question: suite.Question{ID: t.Question, Lang: t.Lang, Style: t.Style, Turns: t.Turns, Text: t.Text},
		Plant: p.judged, Answer: a, Ledger: t.Ledger, Seen: t.Seen, Requests: requests, Writes: t.Writes})
	if err != nil {
		return err
	}
	t.Criteria, t.Gates, t.Score, t.ConfirmedWrong, t.WrongInstance, t.Fault, t.Status = r.Criteria, r.Gates, r.Score, r.ConfirmedWrong, &r.WrongInstance, nil, trial.Wrong
	pass := r.Pass
	if variant == V1Only {
		// The gold quotes evidence in V2's words and ids, which an engine of the older interface does not have.
		t.Criteria = slices.DeleteFunc(t.Criteria, func(c score.Criterion) bool { return strings.HasPrefix(c.Name, "evidence.") })
		pass = !slices.ContainsFunc(t.Criteria, func(c score.Criterion) bool { return !c.Pass })
	}
	if pass {
		t.Status = trial.Pass
	}
	return nil
}

// Regrade scores the stored answers of a run anew, of the program and of the baselines, without asking anything. Faults stay what they are. A trial
// whose scenario or question is not among the scenarios is an error (not_found).
func Regrade(r trial.Run, ready Ready) (trial.Run, error) {
	out := r
	out.Scorer, out.Suite, out.Seeds = score.Version, ready.Hash, ready.Seeds
	ready, err := ready.seenAs(r.Engine)
	if err != nil {
		return trial.Run{}, err
	}
	if out.Trials, err = regraded(r.Trials, ready, r.Engine, read); err != nil {
		return trial.Run{}, err
	}
	if r.Baselines != nil {
		out.Baselines = map[string][]trial.Trial{}
	}
	for name, trials := range r.Baselines {
		if out.Baselines[name], err = regraded(trials, ready, r.Engine, func(trial.Trial) int { return gone }); err != nil {
			return trial.Run{}, err
		}
	}
	return out, nil
}

// regraded scores trials anew; reads says how many requests of one are known to have reached the engine. Baselines read the world and send none.
func regraded(old []trial.Trial, ready Ready, variant string, reads func(trial.Trial) int) ([]trial.Trial, error) {
	type place struct{ scenario, question string }
	where := map[place]trial.Trial{}
	worlds := map[string]Prepared{}
	for _, p := range ready.Scenarios {
		worlds[p.Scenario.ID] = p
		for _, q := range p.Scenario.Ask {
			where[place{p.Scenario.ID, q.ID}] = row(p, q, 0, variant)
		}
	}
	out := slices.Clone(old)
	for i := range out {
		t := &out[i]
		fresh, ok := where[place{t.Scenario, t.Question}]
		if !ok {
			return nil, fault.New(fault.NotFound, "The suite has no question %s any more.", t.Name()).WithHint("Run it again.")
		}
		if fresh.Text != t.Text || !slices.Equal(fresh.Turns, t.Turns) {
			return nil, fault.New(fault.Conflict, "The suite asks %s with other words now.", t.Name()).WithHint("Run it again.")
		}
		t.Slice, t.Family, t.Variant, t.Set, t.Base, t.Seed, t.Wants, t.Core = fresh.Slice, fresh.Family, fresh.Variant, fresh.Set, fresh.Base, fresh.Seed, fresh.Wants, fresh.Core
		if t.Fault != nil || len(t.Answer) == 0 {
			continue
		}
		if err := grade(t, worlds[t.Scenario], variant, reads(*t)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// read is how many requests are known to have reached the engine up to a stored trial.
func read(t trial.Trial) int {
	n := 0
	for _, c := range t.Requests {
		n += c
	}
	return max(n, len(t.Seen))
}
