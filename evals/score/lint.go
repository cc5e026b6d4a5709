package score

import (
	"fmt"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/evals/plant"
	"github.com/resync-hwa/resync/evals/suite"
)

// LintGold lists what the gold claims and its world does not show: names that are not there, quotes that no log holds or that stand there
// more than once, values that no field has.
func LintGold(g suite.Gold, p *plant.Plant) []string {
	var out []string
	known := func(name string) {
		if _, err := p.Resolve(name); err != nil {
			out = append(out, name+" is not there")
		}
	}
	for _, c := range append(append([]suite.Cause{}, g.Causes...), g.Contributing...) {
		for _, name := range append([]string{c.Entity}, c.Aliases...) {
			known(name)
		}
		for _, group := range c.Evidence {
			for _, piece := range group.Any {
				out = append(out, lintPiece(piece, p)...)
			}
		}
	}
	names := slices.Concat(g.Names, g.Items, g.Candidates)
	for _, c := range slices.Concat(g.Claims, g.Denied) {
		names = append(names, suite.Either(c.About)...)
	}
	for _, way := range g.Reads {
		for _, r := range way {
			if strings.Contains(r, ":") {
				names = append(names, r)
			}
		}
	}
	if g.Canary != "" && !p.Says(g.Canary) {
		out = append(out, "the canary is nowhere in the world")
	}
	for _, a := range g.Affected {
		names = append(names, suite.Either(a)...)
	}
	if g.Actions.Advised != nil {
		names = append(names, g.Actions.Advised.Target)
	}
	for _, name := range names {
		known(name)
	}
	return out
}

func lintPiece(x suite.Piece, p *plant.Plant) []string {
	t, err := p.Resolve(x.Of)
	if err != nil {
		return []string{x.Of + " is not there"}
	}
	if x.Quote == "" {
		quote, ok := p.Quote(t, x.Value, x.Is)
		if _, value, _ := strings.Cut(quote, "="); !ok || !p.Shows(t, value, x.Value, x.Is) {
			return []string{fmt.Sprintf("%s does not show %q", x.Of, x.Value+x.Is)}
		}
		return nil
	}
	log, ok := p.LastLog(t)
	if !ok {
		return []string{x.Of + " has no log"}
	}
	n := 0
	for i := range log.Lines {
		if log.Holds(x.Quote, i+1) {
			n++
		}
	}
	if n != 1 {
		return []string{fmt.Sprintf("%q stands %d times in %s", x.Quote, n, x.Of)}
	}
	return nil
}
