package plan

import (
	"slices"
	"strings"
	"time"

	"github.com/resync-hwa/resync/twstools"
)

// untilGrace is how long after `until` the scheduler may take to notice (AD, localopts "bm check until": 300 s).
const untilGrace = 300 * time.Second

// timeBlockers: `at` not reached is as planned; `until` passed without the engine's own mark is believed after the grace time.
func (g *Graph) timeBlockers(n *Node, t twstools.TimeRestrictions) []Blocker {
	var out []Blocker
	if t.EarliestStart.After(g.Now) && (t.EarliestStartSatisfied == nil || !*t.EarliestStartSatisfied) {
		at := g.instant(t.EarliestStart)
		out = append(out, Blocker{Kind: "planned.not_yet", Entity: n.Entity(), Params: map[string]string{"start": at}, Facts: []Fact{g.fact(n, "start_time", at)}})
	}
	if g.untilPassed(t) {
		until := g.instant(t.LatestStart)
		out = append(out, Blocker{Kind: "sched.time.until", Entity: n.Entity(), Weak: true, Params: map[string]string{"until": until}, Facts: []Fact{g.fact(n, "until", until)}})
	}
	return out
}

// untilPassed judges by the clock. What the engine calls met is believed: jsuntil is judged once, when its stream becomes READY, and a stream
// that began in time goes on past it, while `until` counts on after the start (UG "Setting time constraints").
func (g *Graph) untilPassed(t twstools.TimeRestrictions) bool {
	return !t.LatestStart.IsZero() && t.LatestStart.Add(untilGrace).Before(g.Now) && !strings.Contains(strings.ToUpper(t.LatestStartAction), "CONT") &&
		(t.LatestStartSatisfied == nil || !*t.LatestStartSatisfied)
}

// repeats: a job with `every` waits between its repetitions (UG "every"). How far apart they are is known from the runs; one that is long
// overdue is not explained by that.
func (g *Graph) repeats(n *Node) []Blocker {
	j := n.Job
	if !j.Every || len(j.Runs) == 0 {
		return nil
	}
	last := j.Runs[len(j.Runs)-1]
	if PhaseOf(last.Status) == Running || last.Start.IsZero() {
		return nil
	}
	b := Blocker{Kind: "planned.every", Entity: j.Entity(), Params: map[string]string{"last": g.instant(last.Start)},
		Facts: []Fact{g.fact(n, "every", "true"), g.fact(n, "start", g.instant(last.Start))}}
	rate := rateOf(j.Runs)
	if rate == 0 {
		b.Weak = true
		return []Blocker{b}
	}
	next := last.Start.Add(rate)
	if g.Now.Sub(next) > max(rate, slowMargin) {
		return nil
	}
	b.Params["rate"] = twstools.Span(rate.Round(time.Minute))
	return []Blocker{b}
}

// rateOf is the median time between starts.
func rateOf(runs []twstools.Run) time.Duration {
	var gaps []time.Duration
	for i := 1; i < len(runs); i++ {
		if a, b := runs[i-1].Start, runs[i].Start; !a.IsZero() && b.After(a) {
			gaps = append(gaps, b.Sub(a))
		}
	}
	if len(gaps) == 0 {
		return 0
	}
	slices.Sort(gaps)
	return gaps[len(gaps)/2]
}

// watchesStart recognises the job that the scheduler puts first into a stream with a start condition: it runs until the condition is met, and the
// others follow it (UG "startcond"). Its task is the file monitor's; its name is the default one, unless the stream gives another.
func watchesStart(j *twstools.Job) bool {
	if slices.Contains([]string{"FILE_STARTCOND", "JOB_STARTCOND"}, strings.ToUpper(j.Name)) {
		return true
	}
	task := strings.Fields(j.Definition.Task)
	if len(task) == 0 || len(j.Dependencies) > 0 {
		return false
	}
	program := strings.ToLower(strings.Trim(task[0], `"'`))
	program = program[strings.LastIndexAny(program, `/\`)+1:]
	return strings.TrimSuffix(program, ".exe") == "filemonitor"
}
