package evals

import (
	"context"
	"io/fs"

	"github.com/resync-hwa/resync/evals/suite"
	"github.com/resync-hwa/resync/internal/fault"
)

// Found is what a lint looked at, and what is wrong.
type Found struct {
	Scenarios, Families, Questions int
	Judge                          Mutants
	Problems                       []string
}

// Lint checks everything that can be checked without asking the program: the files' forms and closed words, that the gold is true in its world,
// that what is committed is what the families make, and that the judge passes right answers and fails wrong ones. It returns an error only where nothing could be looked at.
func Lint(ctx context.Context, files fs.FS) (Found, error) {
	var out Found
	made, err := GenAll(files)
	if err != nil {
		if fault.CodeOf(err) == fault.Invalid {
			out.Problems = append(out.Problems, fault.Public(err).Message)
			return out, nil
		}
		return out, err
	}
	stale, err := Stale(files, made)
	if err != nil {
		return out, err
	}
	for _, name := range stale {
		out.Problems = append(out.Problems, name+" is not what its family makes")
	}
	all, _, err := From(files, suite.Definition{}, Dev)
	if err != nil {
		out.Problems = append(out.Problems, fault.Public(err).Message)
	}
	families := map[string]bool{}
	for _, p := range all {
		if err := ctx.Err(); err != nil {
			return out, fault.Wrap(fault.Timeout, err, "The lint was stopped.")
		}
		out.Scenarios++
		out.Questions += len(p.Scenario.Ask)
		family := p.Scenario.ID
		if p.Scenario.Gold.Recipe != nil {
			family = p.Scenario.Gold.Recipe.Family
		}
		families[family] = true
	}
	out.Families = len(families)
	if out.Judge, err = TryJudge(ctx, all); err != nil {
		return out, err
	}
	out.Problems = append(out.Problems, out.Judge.Problems...)
	if out.Scenarios == 0 && len(out.Problems) == 0 {
		return out, fault.New(fault.NotFound, "No scenarios are here: there is nothing to check.")
	}
	return out, nil
}
