package diagnose

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/joblog"
	"github.com/resync-hwa/resync/twstools/plan"
)

// lacks is how programs say that something is not there, or was not made, in the languages of the field.
var lacks = regexp.MustCompile(`(?i)\b(no|not|none|nothing|missing|never|without|lacks?|empty|absent|n[aã]o|nenhum\w*|nada|sem|falt\w+|aus[eê]n\w+|vazi\w+|ningun\w*|kein\w*|nicht|fehlt)\b|n't\b`)

// skipped looks behind a job that lacks what its direct predecessor makes, where the predecessor did not make it: it was cancelled, which
// lets ordinary successors go (UG "cancel job"), or ended badly and was let off (UG "recovery", continue). That the two belong together the job's own log
// must say: the line that tells what is lacking names the predecessor. It reports whether the predecessor is the cause.
func (c *kase) skipped(ctx context.Context, f failureOf, p *plan.Node, seg joblog.Segment, found joblog.Finding, source, runID string) bool {
	cancelled := p.Phase() == plan.Cancelled
	if !cancelled && !letOff(p.Job, f.run) {
		return false
	}
	line, ok := lackOf(seg, found, p.Job.Name)
	if !ok || c.behind[f.n.ID] {
		return false
	}
	entity := c.name(p.Entity())
	proof := c.ev.line(source, runID, line)
	if cancelled {
		class, confidence := c.byStatus(!c.agent(f))
		c.cause(answer.Cause{Entity: entity, Ref: c.ref(p), Kind: "sched.cancelled", Class: class, Confidence: confidence,
			Statement: c.statement("sched.cancelled.lacking", c.params(p.Entity(), map[string]string{"victim": c.name(f.n.Entity())})),
			Evidence:  append(c.ev.fields([]plan.Fact{c.fact(p, "status", p.Status().Display())}), proof)})
	} else {
		if c.behind == nil {
			c.behind = map[plan.NodeID]bool{}
		}
		c.behind[f.n.ID] = true
		had := len(c.out.Causes)
		c.bad(ctx, p)
		i := slices.IndexFunc(c.out.Causes, func(x answer.Cause) bool { return x.Entity == entity })
		switch {
		case i >= 0:
			c.out.Causes[i].Evidence = append(c.out.Causes[i].Evidence, proof)
		case len(c.out.Causes) == had:
			return false // nothing read says why it failed
		}
	}
	n := c.graph.Keep(p.Job)
	if cancelled {
		n = nil // whether it is to be run after all is not ours to say
	}
	c.through(entity, n, f.n)
	c.out.RuledOut = append(c.out.RuledOut, answer.RuledOut{Entity: c.name(f.n.Entity()), Kind: found.Kind, Why: c.text("ruled_skipped", entity)})
	return true
}

// letOff reports whether a job ended badly and its successor was launched all the same.
func letOff(j *twstools.Job, successor *twstools.Run) bool {
	if plan.PhaseOf(j.Status) != plan.Bad {
		return false
	}
	if strings.EqualFold(j.Definition.RecoveryOption, "CONTINUE") {
		return true
	}
	own := plan.OwnRun(j)
	return own != nil && successor != nil && !own.End.IsZero() && !successor.Start.Before(own.End)
}

// lackOf finds the line that says that what a job of that name makes is not there: the decisive one, or one beside it.
func lackOf(seg joblog.Segment, found joblog.Finding, job string) (twstools.LogLine, bool) {
	if job == "" {
		return twstools.LogLine{}, false
	}
	named := regexp.MustCompile(`(?i)(?:^|[^\p{L}\p{N}_])` + regexp.QuoteMeta(job) + `(?:$|[^\p{L}\p{N}_])`)
	if named.MatchString(found.Line.Text) && (found.Kind == "app.data.missing" || found.Kind == "app.data.empty" || lacks.MatchString(found.Line.Text)) {
		return found.Line, true
	}
	for _, l := range near(seg.Body, found.Line.N) {
		if named.MatchString(l.Text) && lacks.MatchString(l.Text) && !untrusted.LooksLikeInstruction(l.Text) {
			return l, true
		}
	}
	return twstools.LogLine{}, false
}
