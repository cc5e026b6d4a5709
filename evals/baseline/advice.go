package baseline

import (
	"regexp"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/answer"
)

// look advises to look at each of what is blamed, and names who waits.
func (d *draft) look() {
	d.affect(d.about[0])
	for _, o := range d.about {
		d.advise("check", o, -1)
	}
}

// treat advises the fix that goes with the first cause, and after it to run a job again that has ended badly.
func (d *draft) treat() {
	o := d.about[0]
	starts := d.affect(o)
	fix := d.t.kind(d.d.Causes[0].Kind).Fix
	if fix == "" {
		fix = "check"
	}
	d.advise(fix, o, -1)
	if o.job != nil && failed(o.job.Status.Internal) {
		d.rerun(o, starts)
	}
}

// advise adds an action; one that acts on the scheduler gets what the contract demands of it.
func (d *draft) advise(code string, o object, after int) *answer.Action {
	rule, _ := answer.RuleFor(code)
	a := answer.Action{Code: code, Target: o.text, Text: d.t.line(d.t.Actions, code, d.lang), After: after, Risk: "none"}
	if rule.Group == "operate" || rule.Group == "administrate" {
		a.Risk, a.NeedsApproval, a.WayBack = "low", true, d.t.line(d.t.WayBack, code, d.lang)
	}
	for _, p := range rule.Precondition {
		a.Preconditions = append(a.Preconditions, answer.Precondition{Text: d.condition(p), Met: "unknown"})
	}
	d.d.Actions = append(d.d.Actions, a)
	return &d.d.Actions[len(d.d.Actions)-1]
}

func (d *draft) condition(text string) string {
	if pt, ok := d.t.Conditions[text]; ok && d.lang == "pt" {
		return pt
	}
	return text
}

// rerun advises to run a job again after the action before. Where its agent is not seen to be linked, somebody is told to look at that first and
// nothing more: the contract forbids the rest.
func (d *draft) rerun(o object, starts []string) {
	after := len(d.d.Actions) - 1
	if !d.scene.linked(o.job) {
		d.advise("check", o, after)
		return
	}
	a := d.advise("rerun", o, after)
	a.Starts = append([]string{o.text}, starts...)
	a.Command = command("rerun", o.job)
	for i, p := range slices.Clone(mustRule("rerun").Precondition) {
		a.Preconditions[i].Met = "yes"
		if p == "the fix done" {
			a.Preconditions[i].Met = "unknown" // only a person knows
		}
	}
}

func mustRule(code string) answer.ActionRule {
	r, _ := answer.RuleFor(code)
	return r
}

// plainName is conman's alphabet: any other name is not put into a command.
var plainName = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// command names the exact instance of a job, or is empty where the names do not allow it.
func command(verb string, j *twstools.Job) string {
	e := j.Entity()
	for _, part := range []string{strings.ReplaceAll(e.Workstation, "/", ""), j.JobStreamID, j.Name} {
		if !plainName.MatchString(part) {
			return ""
		}
	}
	return verb + " " + e.Workstation + "#" + j.JobStreamID + "." + j.Name + ";schedid"
}

// linked reports whether the plan shows the job's workstation as linked.
func (s *scene) linked(j *twstools.Job) bool {
	for _, w := range s.p.World.Workstations {
		if w.Name == j.Workstation {
			return slices.Contains(w.ActiveStates, "LINKED")
		}
	}
	return false
}
