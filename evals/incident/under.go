package incident

import (
	"maps"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/evals/suite"
)

// under is what poorer engines leave of the proof: what the family says, and for the rest what follows from where the decisive evidence stands.
//
//   - An account that may not display job logs sees nothing of what a log proves, and little of what a list of resources or prompts does.
//   - A copy of the plan that lags, and fields that may be missing, leave doubt about whatever a status alone proves.
//   - Without audit records nobody can say who did something.
func (s *stage) under(said map[string]suite.Left, g suite.Gold) (map[string]suite.Left, error) {
	out := maps.Clone(said)
	if out == nil {
		out = map[string]suite.Left{}
	}
	for name, l := range out {
		l.Missing = slices.Clone(l.Missing)
		for i := range l.Missing {
			var err error
			if l.Missing[i], err = s.fill(l.Missing[i], "en", false); err != nil {
				return nil, err
			}
		}
		out[name] = l
	}
	if len(g.Causes) == 0 {
		return out, nil
	}
	from := sources(g.Causes[0])
	set := func(name string, l suite.Left) {
		if _, ok := out[name]; !ok {
			out[name] = l
		}
	}
	switch {
	case slices.Contains(from, "joblog"):
		set(suite.Restricted, suite.Left{Proof: suite.LeftGone, Missing: []string{"joblog"}})
	case len(from) > 0:
		set(suite.Restricted, suite.Left{Proof: suite.LeftWeak})
		set(suite.LateCopy, suite.Left{Proof: suite.LeftWeak})
	}
	set(suite.DroppedFields, suite.Left{Proof: suite.LeftWeak})
	if slices.Contains(from, "audit") {
		set(suite.NoAudit, suite.Left{Proof: suite.LeftGone, Missing: []string{"audit"}})
	}
	return out, nil
}

// sources are the kinds of sources without which a cause is not proven: those of groups that no other source satisfies.
func sources(c suite.Cause) []string {
	var out []string
	for _, g := range c.Evidence {
		var kinds []string
		for _, p := range g.Any {
			if kind, _, _ := strings.Cut(p.Of, ":"); !slices.Contains(kinds, kind) {
				kinds = append(kinds, kind)
			}
		}
		if len(kinds) == 1 && !slices.Contains(out, kinds[0]) {
			out = append(out, kinds[0])
		}
	}
	return out
}
