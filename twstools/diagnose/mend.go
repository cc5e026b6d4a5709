package diagnose

import (
	"context"
	"slices"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/plan"
)

// mend gives the fix of a program's failure and the rerun after it.
func (c *kase) mend(ctx context.Context, x answer.Cause) bool {
	i := slices.IndexFunc(c.fixes, func(f fix) bool { return f.kind == x.Kind && f.entity == x.Entity })
	if i < 0 {
		return false
	}
	n := c.nodeNamedOrNil(x.Entity)
	harmed := c.harmed[x.Entity]
	if n == nil && len(harmed) == 0 {
		return false
	}
	code := c.fixes[i].code
	if code == "" {
		code = "fix_application"
	}
	if _, ok := answer.RuleFor(code); !ok {
		code = "check"
	}
	first := len(c.out.Actions)
	c.out.Actions = append(c.out.Actions, c.action(ctx, code, c.entityOf(x), n, -1, false))
	if x.Kind == "app.data.duplicate" {
		// The work may be done already: running it again is the one thing not to do.
		c.out.Actions = append(c.out.Actions, c.action(ctx, "ask", c.entityOf(x), n, first, false))
		return true
	}
	if rule, _ := answer.RuleFor(code); rule.Group == "administrate" {
		return true
	}
	if len(harmed) == 0 {
		harmed = []*plan.Node{n}
	}
	for _, n := range harmed[:min(maxNamed, len(harmed))] {
		c.out.Actions = append(c.out.Actions, c.action(ctx, "rerun", c.complete(n), n, first, false))
	}
	return true
}

// through notes that a cause does harm through a job that is none itself; also, where it is given, stands for the cause's own job.
func (c *kase) through(entity string, also, n *plan.Node) {
	if c.harmed == nil {
		c.harmed = map[string][]*plan.Node{}
	}
	for _, x := range []*plan.Node{also, n} {
		if x != nil && !slices.ContainsFunc(c.harmed[entity], func(have *plan.Node) bool { return have.ID == x.ID }) {
			c.harmed[entity] = append(c.harmed[entity], x)
		}
	}
}

// runbookKind is the kind that a procedure is looked for by. A lock that ended a job calls for what is done after an abend, not for what is
// done about a job that still waits for it.
func (c *kase) runbookKind(x answer.Cause) string {
	if !lockKinds[x.Kind] {
		return x.Kind
	}
	if n := c.nodeNamedOrNil(x.Entity); len(c.harmed[x.Entity]) > 0 || n != nil && n.Phase() == plan.Bad {
		return "app"
	}
	return x.Kind
}

// runAgain answers for a rerun that the asker wants: after what mends the job. Where its log is gone nothing says what to mend first, so to
// look comes in its place; a log that only our account may not read is there for whoever asks.
func (c *kase) runAgain(ctx context.Context, asked *plan.Node) {
	e := c.complete(asked)
	target := untrusted.Normalize(c.name(e))
	after := -1
	for i, a := range c.out.Actions {
		if a.Target != target {
			continue
		}
		if a.Code == "rerun" || len(a.Preconditions) > 0 && a.Code == "check" {
			return // it stands there already, after what it needs
		}
		if after < 0 {
			after = i
		}
	}
	refused := slices.ContainsFunc(c.failures, func(err error) bool { return fault.Is(err, fault.Forbidden) })
	if slices.ContainsFunc(c.unproven, func(n *plan.Node) bool { return n.ID == asked.ID }) && !refused {
		c.out.Actions = append(c.out.Actions, c.action(ctx, "check", e, asked, after, false))
		return
	}
	c.out.Actions = append(c.out.Actions, c.action(ctx, "rerun", e, asked, after, true))
}
