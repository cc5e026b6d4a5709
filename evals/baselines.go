package evals

import (
	"context"
	"encoding/json"

	"golang.org/x/sync/errgroup"

	"github.com/resync-hwa/resync/evals/plant"
	"github.com/resync-hwa/resync/evals/suite"
	"github.com/resync-hwa/resync/evals/trial"
	"github.com/resync-hwa/resync/twstools/answer"
)

// Answerer answers from the world itself, without the gold: a dumb one that stands beside every score.
type Answerer interface {
	Name() string
	Answer(ctx context.Context, q suite.Question, p *plant.Plant) (answer.Answer, error)
}

// baselines asks the dumb ones everything once and scores them as the program is scored. They read the world and not the engine, so that the way to
// the evidence is taken as gone.
func baselines(ctx context.Context, o Options, all []Prepared) (map[string][]trial.Trial, error) {
	out := map[string][]trial.Trial{}
	if o.Baselines == nil {
		return out, nil
	}
	var asked []suite.Scenario
	for _, p := range all {
		asked = append(asked, p.Scenario)
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(o.Jobs)
	for _, b := range o.Baselines(asked) {
		var rows []trial.Trial
		for _, p := range all {
			for _, q := range p.Scenario.Ask {
				rows = append(rows, row(p, q, 1, o.Variant))
			}
		}
		out[b.Name()] = rows
		at := 0
		for _, p := range all {
			for _, q := range p.Scenario.Ask {
				t := &rows[at]
				at++
				g.Go(func() error { return dumb(ctx, o, b, p, q, t) })
			}
		}
	}
	if err := g.Wait(); err != nil {
		return nil, stopped(err)
	}
	return out, nil
}

// gone stands for the requests of a baseline: it sees the world, so that it has gone every way to the evidence.
const gone = 1

func dumb(ctx context.Context, o Options, b Answerer, p Prepared, q suite.Question, t *trial.Trial) error {
	start := o.Clock()
	a, err := b.Answer(ctx, q, p.judged)
	t.Duration = o.Clock().Sub(start)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err == nil {
		t.CostUSD = a.Usage.CostUSD
		t.Answer, err = json.Marshal(a)
	}
	if err != nil {
		failed(t, faulty("baseline", "%v", err))
		return nil
	}
	return grade(t, p, o.Variant, gone)
}
