// Package evals is the judge: it asks the real program questions about worlds whose truth is known, and says how often the answers are
// right, by one command and without any model. A scenario runs the whole path: a process of the program in an empty folder with nothing but
// the address of an engine, and a mock engine that the judge hosts over HTTP at a frozen instant. Every question is a conversation of its own
// in that process; the judge reads each answer's JSON, beside it what the program's tools returned, and checks both against the gold. A program
// that is deployed elsewhere can be asked instead, over REST or as a tool server over MCP, when its engine is the judge's mock.
//
// The package never calls the product's rooms in its own process, and shares no lexicon with them: what it judges is what a person would
// get. A program that does not start, does not end or prints no answer is told apart from one that answers wrongly; both make a run fail.
//
// Below it: suite reads questions and gold, incident makes worlds, plant knows them, score checks one answer, oracle writes right and wrong
// answers by which the judge itself is tested, baseline answers dumbly, trial is the form of results. Start at Run; Suite is a source of scenarios.
package evals

import (
	"context"
	"io"
	"os"
	"slices"
	"time"

	"github.com/resync-hwa/resync/evals/score"
	"github.com/resync-hwa/resync/evals/suite"
	"github.com/resync-hwa/resync/evals/trial"
	"github.com/resync-hwa/resync/internal/fault"
)

// Options say what is run. Source is required, and Binary unless API is set.
type Options struct {
	// Source gives the scenarios.
	Source Source
	// Binary is the program to judge.
	Binary string
	// K is how often each question is asked, each time by a fresh process; as often as the source says when 0.
	K int
	// Jobs is how many scenarios run at a time; 2 when 0. Those of a deployed program run one after another.
	Jobs int
	// Timeout is what one question may take; 60 seconds when 0.
	Timeout time.Duration
	// Variant is the kind of engine to host, one of Variants; Full when empty.
	Variant string
	// Model names the model that the program is to use: "offline", which "" means too, hands nothing over; any other name is APP_LLM_MODEL, and
	// APP_LLM_PROVIDER, LLM_ENDPOINT and LLM_API_KEY_FILE are handed through from Environ.
	Model string
	// Environ is where the model's settings stand; os.Environ() when nil.
	Environ []string
	// MaxUSD ends the asking when the answers so far have cost so many dollars, by what they say themselves; 0: no end. Scenarios that run at the
	// same time may each finish the question that they are at.
	MaxUSD float64
	// Baselines are asked the same questions, in this process, once; they are chosen with a look at what is asked. None when nil.
	Baselines func([]suite.Scenario) []Answerer

	// API is the address of a deployed server to ask instead of a process (http://host:8000), APIKeyFile holds a key with the scopes ask, read and
	// trace. MCP is the address of a deployed tool server, from which the program takes its tools, MCPTokenFile holds a key for it, if it wants one.
	// The engine of either must be this run's mock: MockListen, with MockUser and MockPassword.
	API, APIKeyFile   string
	MCP, MCPTokenFile string
	// MockListen is where the mock listens; a free port of this machine when empty.
	MockListen string
	// Arrival is how long to wait until a deployed program shows a scenario's world, 2 minutes when 0; Settle how long it is left alone after that, so
	// that nothing it kept of the world before is served any more, 30 seconds when 0.
	Arrival, Settle time.Duration

	// Progress hears of each question when its scenario has ended; nothing when nil.
	Progress io.Writer
	// Clock tells when and how long; time.Now when nil. The worlds have their own frozen clocks.
	Clock func() time.Time
}

// defaults of Options.
const (
	defaultJobs    = 2
	defaultTimeout = 60 * time.Second
	defaultArrival = 2 * time.Minute
	defaultSettle  = 30 * time.Second // twice the age up to which lists are handed out without being read again
	offline        = "offline"
)

// Run asks the questions and judges the answers. It returns an error only where nothing could be judged: no scenarios, a gold that is not true in
// its world, options that make no sense, or an ended context. Wrong answers and faults stand in the trials, in the source's order.
func Run(ctx context.Context, o Options) (trial.Run, error) {
	o = o.filled()
	if err := o.check(); err != nil {
		return trial.Run{}, err
	}
	ready, err := o.Source(ctx)
	if err != nil {
		return trial.Run{}, err
	}
	if err := ready.check(); err != nil {
		return trial.Run{}, err
	}
	if ready, err = ready.seenAs(o.Variant); err != nil {
		return trial.Run{}, err
	}
	if o.K <= 0 {
		o.K = max(ready.K, 1)
	}
	r := trial.Run{Started: o.Clock().UTC(), Suite: ready.Hash, Scorer: score.Version, Model: o.Model, Engine: o.Variant, Seeds: ready.Seeds, K: o.K, Program: o.program(ctx)}
	if r.Trials, err = newRunner(o).run(ctx, ready.Scenarios); err != nil {
		return trial.Run{}, err
	}
	if r.Baselines, err = baselines(ctx, o, ready.Scenarios); err != nil {
		return trial.Run{}, err
	}
	r.Ended = o.Clock().UTC()
	return r, nil
}

func (o Options) filled() Options {
	if o.Jobs <= 0 {
		o.Jobs = defaultJobs
	}
	if o.deployed() {
		o.Jobs = 1 // there is one mock, at one address
	}
	setDuration(&o.Timeout, defaultTimeout)
	setDuration(&o.Arrival, defaultArrival)
	setDuration(&o.Settle, defaultSettle)
	if o.Variant == "" {
		o.Variant = Full
	}
	if o.Model == "" {
		o.Model = offline
	}
	if o.Environ == nil {
		o.Environ = os.Environ()
	}
	if o.Progress == nil {
		o.Progress = io.Discard
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	return o
}

func setDuration(d *time.Duration, def time.Duration) {
	if *d <= 0 {
		*d = def
	}
}

// deployed reports whether somebody else's process reads the mock.
func (o Options) deployed() bool { return o.API != "" || o.MCP != "" }

func (o Options) check() error {
	switch {
	case o.Source == nil:
		return fault.New(fault.Invalid, "No source of scenarios is named.")
	case o.API != "" && o.MCP != "":
		return fault.New(fault.Invalid, "Either a deployed server is asked over REST, or its tools are used over MCP, not both.")
	case o.Binary == "" && o.API == "":
		return fault.New(fault.Invalid, "No program to judge is named.")
	case o.API != "" && o.APIKeyFile == "":
		return fault.New(fault.Invalid, "A deployed server wants an API key.").WithHint("resync user key NAME --role operator --scope ask --scope read --scope trace")
	case o.deployed() && o.MockListen == "":
		return fault.New(fault.Invalid, "A deployed program must know where its engine is.").
			WithHint("Name the address at which the mock is to listen, and give the program that address, the user %s and the password %s.", MockUser, MockPassword)
	case o.API != "" && o.Model != offline:
		return fault.New(fault.Invalid, "A deployed server has the model of its own configuration.").WithHint("Leave the model out.")
	case !slices.Contains(Variants(), o.Variant):
		return fault.New(fault.Invalid, "There is no variant %q of the engine.", o.Variant).WithCandidates(Variants()...)
	}
	_, err := o.modelSettings()
	return err
}
