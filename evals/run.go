package evals

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/resync-hwa/resync/evals/trial"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/twsmock"
)

// runner asks all questions.
type runner struct {
	o      Options
	spent  budget
	tell   progress
	served *deployed // nil: the program is started here
}

func newRunner(o Options) *runner {
	r := &runner{o: o, spent: budget{max: o.MaxUSD}, tell: progress{w: o.Progress}}
	if o.deployed() {
		r.served = newDeployed(o)
	}
	return r
}

// run asks the questions, several scenarios at a time, and gives the trials in the scenarios' order: all attempts of a question side by side.
func (r *runner) run(ctx context.Context, all []Prepared) ([]trial.Trial, error) {
	if r.served != nil {
		defer r.served.close()
		if err := r.served.readKey(); err != nil {
			return nil, err
		}
	}
	var trials []trial.Trial
	type unit struct {
		p    Prepared
		rows []*trial.Trial
	}
	var at [][]int // of each unit, the rows by their places
	var units []unit
	for _, p := range all {
		first := len(trials)
		for _, q := range p.Scenario.Ask {
			for attempt := 1; attempt <= r.o.K; attempt++ {
				trials = append(trials, row(p, q, attempt, r.o.Variant))
			}
		}
		for attempt := range r.o.K {
			var places []int
			for q := range p.Scenario.Ask {
				places = append(places, first+q*r.o.K+attempt)
			}
			at, units = append(at, places), append(units, unit{p: p})
		}
	}
	for i := range units {
		for _, place := range at[i] {
			units[i].rows = append(units[i].rows, &trials[place]) // the list does not grow any more
		}
	}
	r.tell.total = len(trials)
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(r.o.Jobs)
	for _, u := range units {
		g.Go(func() error { return r.scenario(ctx, u.p, u.rows) })
	}
	if err := g.Wait(); err != nil {
		return nil, stopped(err)
	}
	return trials, nil
}

func stopped(err error) error {
	if fault.CodeOf(err) != fault.Internal {
		return err
	}
	return fault.Wrap(fault.Timeout, err, "The run was stopped before all questions were asked.")
}

// scenario asks one scenario's questions against a mock of their own. Only what the judge itself cannot do is an error.
func (r *runner) scenario(ctx context.Context, p Prepared, rows []*trial.Trial) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	mock := r.o.engine(p)
	engine, err := twsmock.Start(ctx, mock)
	if err != nil {
		for _, t := range rows {
			failed(t, faulty("mock", "%s", fault.Public(err).Message))
			r.tell.done(*t)
		}
		return nil
	}
	s := sitting{r: r, p: p, engine: engine, now: mock.Clock()}
	err = s.all(ctx, rows)
	if closed := engine.Close(); err == nil && closed != nil {
		err = closed
	}
	return err
}

// program says which version the judged program is of: what it says of itself, or the address that is asked. A program that does not say it
// can be judged all the same.
func (o Options) program(ctx context.Context) string {
	if o.API != "" {
		return o.API
	}
	ctx, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, o.Binary, "version") //nolint:gosec // the program to judge is the caller's choice
	said := newPrinted(maxStderr)
	cmd.Stdout, cmd.Env, cmd.Dir, cmd.WaitDelay = said, []string{"PATH=" + os.Getenv("PATH")}, os.TempDir(), lastBreath
	if cmd.Run() != nil {
		return ""
	}
	line, _ := said.rest()
	return strings.TrimSpace(string(line))
}

// budget adds up what answers cost.
type budget struct {
	max float64 // 0: no end

	mu    sync.Mutex
	spent float64
}

func (b *budget) add(usd float64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.spent += usd
}

// reached reports whether nothing more may be asked.
func (b *budget) reached() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.max > 0 && b.spent >= b.max
}
