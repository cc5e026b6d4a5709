package suite

import (
	"slices"
	"strings"

	"github.com/resync-hwa/resync/twstools/answer"
)

// Variants of the engine that leave less of a scenario's proof than the whole one, which is "full" or "".
const (
	Full          = "full"
	V1Only        = "v1-only"
	DroppedFields = "dropped-fields"
	NoAudit       = "no-audit"
	LateCopy      = "late-copy"
	Restricted    = "restricted"
)

// PoorEngines are the variants that Under may name.
func PoorEngines() []string { return []string{V1Only, DroppedFields, NoAudit, LateCopy, Restricted} }

// For is the gold of a right answer over a variant of the engine: itself over the whole engine and over one that leaves everything. Where the
// proof is weak no cause may be called confirmed, not knowing is right too, and the kinds of Left are accepted of the primary cause instead.
// What stands in sources that are missing need not be quoted then. Where it is gone nothing but not knowing is right. The gold itself is not
// changed.
func (g Gold) For(variant string) Gold {
	left, ok := g.Under[variant]
	if !ok {
		return g
	}
	switch left.Proof {
	case LeftWeak:
		g.Unsure = true
		if !slices.Contains(g.Verdict, answer.InsufficientEvidence) {
			g.Verdict = append(slices.Clone(g.Verdict), answer.InsufficientEvidence)
		}
		g.Causes = slices.Clone(g.Causes)
		for i := range g.Causes {
			g.Causes[i].Evidence = readable(g.Causes[i].Evidence, left.Missing)
		}
		if len(left.Kinds) > 0 && len(g.Causes) > 0 {
			g.Causes[0].Kinds = left.Kinds
		}
		g.Missing = left.Missing
	case LeftGone:
		g.Verdict = []answer.Verdict{answer.InsufficientEvidence}
		g.Causes, g.Contributing, g.Affected, g.Explanations = nil, nil, nil, nil
		g.Claims, g.Items, g.Figures, g.Candidates = nil, nil, nil, nil
		g.Reads, g.Unsure = nil, false
		g.Actions.Require, g.Actions.NotFirst, g.Actions.Advised = nil, nil, nil
		g.Missing = left.Missing
	}
	return g
}

// readable are the groups of evidence without the pieces that stand in sources which cannot be read. A group that has no other is not asked for.
func readable(groups []Group, missing []string) []Group {
	gone := func(p Piece) bool {
		return slices.ContainsFunc(missing, func(m string) bool { return slices.Contains(Either(m), kindOf(p.Of)) })
	}
	var out []Group
	for _, g := range groups {
		if left := slices.DeleteFunc(slices.Clone(g.Any), gone); len(left) > 0 {
			out = append(out, Group{Any: left})
		}
	}
	return out
}

func kindOf(source string) string {
	kind, _, _ := strings.Cut(source, ":")
	return kind
}
