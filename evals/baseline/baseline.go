package baseline

import (
	"context"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/evals/plant"
	"github.com/resync-hwa/resync/evals/suite"
	"github.com/resync-hwa/resync/twstools/answer"
)

// Answerer answers a question about one world. The error of a deterministic answerer is that of the context; B6 also tells coded errors of its
// model (fault.UpstreamUnavailable, UpstreamDenied, Timeout, Limited), which are faults of the run and no wrong answers.
type Answerer interface {
	// Name is B0 to B6.
	Name() string
	// Answer gives an answer in the contract's form. Neither question nor plant is changed.
	Answer(ctx context.Context, q suite.Question, p *plant.Plant) (answer.Answer, error)
}

// Options say what the answerers are given beside world and question.
type Options struct {
	// CommonKind is what B1 always says: see MostCommon. "app.error" when empty.
	CommonKind string
	// Model is what B6 asks; without an endpoint there is no B6.
	Model ModelOptions
}

// All gives B0 to B5 in this order, and B6 where a model is configured.
func All(o Options) []Answerer {
	if o.CommonKind == "" {
		o.CommonKind = "app.error"
	}
	all := []Answerer{
		dumb{name: "B0", idea: unknowing}, dumb{name: "B1", idea: firstFailure(o.CommonKind)}, dumb{name: "B2", idea: shotgun},
		dumb{name: "B3", idea: echo}, dumb{name: "B4", idea: lastLine}, dumb{name: "B5", idea: analyst},
	}
	if o.Model.Endpoint != "" {
		all = append(all, newModel(o.Model))
	}
	return all
}

// MostCommon is the kind that most scenarios have as that of their primary cause; of equals the first in the alphabet, and "" without causes.
// It is the one thing that B1 is told about the gold, and it is the same for all questions.
func MostCommon(scenarios []suite.Scenario) string {
	count := map[string]int{}
	for _, sc := range scenarios {
		if len(sc.Gold.Causes) > 0 && len(sc.Gold.Causes[0].Kinds) > 0 {
			count[sc.Gold.Causes[0].Kinds[0]]++
		}
	}
	best := ""
	for kind, n := range count {
		if best == "" || n > count[best] || n == count[best] && kind < best {
			best = kind
		}
	}
	return best
}

// dumb is an answerer that has one idea and no state.
type dumb struct {
	name string
	idea func(*draft)
}

// Name implements Answerer.
func (b dumb) Name() string { return b.name }

// Answer implements Answerer.
func (b dumb) Answer(ctx context.Context, q suite.Question, p *plant.Plant) (answer.Answer, error) {
	if err := ctx.Err(); err != nil {
		return answer.Answer{}, err
	}
	t, err := texts()
	if err != nil {
		return answer.Answer{}, err
	}
	d := newDraft(strings.ToLower(b.name), q, p, t)
	b.idea(d)
	return d.answer(), nil
}

// unknowing is B0. It repeats what the question names, and lists every source as unseen.
func unknowing(d *draft) {
	d.read("plan_status")
	var missing []string
	for _, source := range []string{"plan", "joblog", "history", "audit", "host"} {
		missing = append(missing, d.t.line(d.t.Missing, source, d.lang))
	}
	d.unknown(d.subject(), missing...)
}

// firstFailure is B1.
func firstFailure(kind string) func(*draft) {
	return func(d *draft) {
		d.read("find_jobs")
		j := d.scene.earliestFailure()
		if j == nil {
			d.quiet()
			return
		}
		d.blame(d.scene.job(j), kind)
		d.treat()
	}
}

// maxCauses is the contract's: an answer names four causes at most.
const maxCauses = 4

// shotgun is B2: what ended badly first, then what runs, then what waits, each in the plan's order.
func shotgun(d *draft) {
	d.read("find_jobs")
	open := d.scene.unsuccessful()
	for _, j := range open[:min(maxCauses, len(open))] {
		d.blame(d.scene.job(j), kindByStatus[j.Status.Internal])
	}
	if len(open) == 0 {
		d.quiet()
		return
	}
	d.look()
}

// kindByStatus is what a status suggests to somebody who looks at nothing else.
var kindByStatus = map[string]string{"ABEND": "app.error", "FAIL": "sched.launch.unknown", "ERROR": "app.error", "EXEC": "perf.slow", "HOLD": "sched.dep.predecessor",
	"READY": "sched.dep", "SCHED": "sched.dep", "STUCK": "sched.dep", "FENCE": "sched.dep", "WAIT": "sched.dep", "SUPPR": "sched.cancelled", "CANCL": "sched.cancelled"}

// echo is B3.
func echo(d *draft) {
	d.read("find_jobs")
	about, ok := d.scene.named(d.q)
	if !ok {
		d.unnamed()
		return
	}
	d.blame(about, d.t.guess(about, d.q.Text))
	d.treat()
}

// lastLine is B4. It always finds a line: where the last run of the named job has no log an earlier one has, or the job that ended badly first.
func lastLine(d *draft) {
	d.read("find_jobs")
	d.read("get_job_log")
	j := d.scene.asked(d.q)
	if j == nil || d.scene.anyLog(j) == nil {
		if j = d.scene.earliestFailure(); j == nil {
			d.unnamed()
			return
		}
	}
	about := d.scene.job(j)
	d.blame(about, "app.error")
	if log := d.scene.anyLog(j); log != nil && log.last() > 0 {
		d.quote(log.evidence(log.last()))
	}
	d.look()
}

// failed reports whether a status is one of those that a job ends with when it ends badly.
func failed(status string) bool { return slices.Contains([]string{"ABEND", "FAIL", "ERROR"}, status) }
