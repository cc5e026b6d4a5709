// Package evals is the judge: it asks the real program questions about worlds whose truth is known, and says how often the answers are
// right, by one command and without any model. Each question runs the whole path: a process of the program in an empty folder with nothing
// but the address of an engine, and a mock engine that the judge hosts over HTTP at a frozen instant. The judge then reads the answer's JSON
// and checks it against the gold.
//
// The package never calls the product's rooms in its own process, and shares no lexicon with them: what it judges is what a person would
// get. A program that does not start, does not end or prints no answer is told apart from one that answers wrongly; both make a run fail.
//
// Below it: suite reads questions and gold, plant knows the worlds, score checks one answer, oracle writes right and wrong answers by which
// the judge itself is tested. Start at Run.
package evals

import (
	"context"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/resync-hwa/resync/evals/plant"
	"github.com/resync-hwa/resync/evals/score"
	"github.com/resync-hwa/resync/evals/suite"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/world"
)

// Options say what is run. Binary is required.
type Options struct {
	// Binary is the program to judge.
	Binary string
	// Suite holds scenarios and gold; the folder "evals" when nil.
	Suite fs.FS
	// Only names scenarios (s-1a2b), questions (s-1a2b/q2) or tags; all when empty.
	Only []string
	// Out is the folder to write results into; nothing is written when empty.
	Out string
	// Jobs is how many questions are asked at a time; 2 when 0.
	Jobs int
	// Timeout is what one question may take; 60 seconds when 0.
	Timeout time.Duration
	// V1 hosts an engine that speaks the older interface alone, as engines before 10.1 do. The criteria of evidence are then left out: the gold
	// quotes V2's words.
	V1 bool
	// Progress hears of each question as it is judged; nothing when nil.
	Progress io.Writer
	// Clock tells when and how long; time.Now when nil. The worlds have their own frozen clocks.
	Clock func() time.Time
}

// defaults of Options.
const (
	defaultJobs    = 2
	defaultTimeout = 60 * time.Second
	defaultFolder  = "evals"
)

// Run asks the questions and judges the answers. It returns an error only where nothing could be judged: no suite, a wrong one, nothing
// that fits Only, an ended context, or results that cannot be written. Wrong answers and faults stand in the report; see Report.Failed.
func Run(ctx context.Context, o Options) (Report, error) {
	o = o.filled()
	if o.Binary == "" {
		return Report{}, fault.New(fault.Invalid, "No program to judge is named.")
	}
	s, err := suite.Load(o.Suite)
	if err != nil {
		return Report{}, err
	}
	picked, unknown := s.Select(o.Only)
	if len(unknown) > 0 || len(picked) == 0 {
		return Report{}, fault.New(fault.NotFound, "The suite has nothing called %s.", strings.Join(unknown, ", ")).
			WithHint("Name scenarios (s-1a2b), questions (s-1a2b/q2) or tags.")
	}
	r := Report{Started: o.Clock().UTC(), Suite: s.Hash, Scorer: score.Version}
	if r.Trials, err = o.ask(ctx, picked); err != nil {
		return Report{}, err
	}
	r.Ended = o.Clock().UTC()
	if o.Out != "" {
		err = r.Write(o.Out)
	}
	return r, err
}

func (o Options) filled() Options {
	if o.Suite == nil {
		o.Suite = os.DirFS(defaultFolder)
	}
	if o.Jobs <= 0 {
		o.Jobs = defaultJobs
	}
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	if o.Progress == nil {
		o.Progress = io.Discard
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	return o
}

// ask runs the questions, several at a time, and gives the trials in the suite's order.
func (o Options) ask(ctx context.Context, picked []suite.Scenario) ([]Trial, error) {
	plants := map[string]*plant.Plant{}
	total := 0
	for _, sc := range picked {
		p, err := stage(sc, plants)
		if err != nil {
			return nil, err
		}
		plants[sc.ID] = p
		total += len(sc.Ask)
	}
	trials := make([]Trial, 0, total)
	for _, sc := range picked {
		for _, q := range sc.Ask {
			trials = append(trials, Trial{Scenario: sc.ID, Question: q.ID, Lang: q.Lang, Style: q.Style, Text: q.Text, gold: sc.Gold})
		}
	}
	tell := progress{w: o.Progress, total: total}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(o.Jobs)
	for i := range trials {
		g.Go(func() error {
			t := &trials[i]
			if err := o.try(ctx, t, plants[t.Scenario]); err != nil {
				return err
			}
			tell.done(*t)
			return ctx.Err()
		})
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

// stage tells a scenario's world, and checks that the gold is true in it. Equal worlds are told once.
func stage(sc suite.Scenario, have map[string]*plant.Plant) (*plant.Plant, error) {
	key := sc.World.Base + sc.World.AsOf.UTC().String()
	p, ok := have[key]
	if !ok {
		w, err := base(sc.World)
		if err != nil {
			return nil, err
		}
		if p, err = plant.New(w); err != nil {
			return nil, err
		}
		have[key] = p
	}
	if problems := score.LintGold(sc.Gold, p); len(problems) > 0 {
		return nil, fault.New(fault.Invalid, "The gold of %s is not true in its world: %s.", sc.ID, strings.Join(problems, "; "))
	}
	return p, nil
}

// base tells a base world at an instant.
func base(w suite.World) (*world.World, error) {
	if w.Base != "demo" {
		return nil, fault.New(fault.Invalid, "There is no base world %q.", w.Base).WithHint("demo is one.")
	}
	return world.Demo(w.AsOf)
}

// progress tells of finished trials, one line each.
type progress struct {
	mu    sync.Mutex
	w     io.Writer
	n     int
	total int
}

func (p *progress) done(t Trial) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.n++
	line := []string{t.mark(), t.Name(), t.Lang, t.Style}
	if t.Status != Pass {
		line = append(line, t.Why())
	}
	_, _ = io.WriteString(p.w, strings.Join(append([]string{count(p.n, p.total)}, slices.DeleteFunc(line, func(s string) bool { return s == "" })...), "  ")+"\n")
}
