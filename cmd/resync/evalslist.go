package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v3"

	"github.com/resync-hwa/resync/evals"
	"github.com/resync-hwa/resync/internal/fault"
)

func (p *program) evalsListCommand() *cli.Command {
	return &cli.Command{
		Name: "list", Usage: "list the scenarios of a suite, or with --families what they are made from",
		Flags: append(outputFlags(), folderFlag(), suiteFlag(),
			&cli.BoolFlag{Name: "families", Usage: "families of incidents with their variants and plants"},
			&cli.BoolFlag{Name: "suites", Usage: "suites and what they are for"}),
		Action: p.evalsList,
	}
}

func suiteFlag() cli.Flag {
	return &cli.StringFlag{Name: "suite", Value: "core", Usage: "which scenarios: core, or another name that list --suites shows"}
}

func (p *program) evalsList(_ context.Context, c *cli.Command) error {
	files := os.DirFS(c.String("folder"))
	var t evals.Listing
	var err error
	switch {
	case c.Bool("families"):
		t, err = evals.ListFamilies(files)
	case c.Bool("suites"):
		t, err = evals.ListSuites(files)
	default:
		t, err = evals.ListScenarios(files, c.String("suite"))
	}
	if err != nil {
		return err
	}
	form, err := output(c)
	if err != nil {
		return err
	}
	switch form {
	case "json":
		enc := json.NewEncoder(p.out)
		enc.SetIndent("", "  ")
		return enc.Encode(t.Objects())
	case "yaml":
		return printYAML(p.out, t.Objects())
	}
	w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	for _, row := range append([][]string{t.Columns}, t.Rows...) {
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	return w.Flush()
}

func (p *program) evalsShowCommand() *cli.Command {
	return &cli.Command{
		Name: "show", Usage: "show a scenario with its gold and where it comes from, or a family", ArgsUsage: "SCENARIO | FAMILY",
		Flags: []cli.Flag{folderFlag()},
		Action: func(_ context.Context, c *cli.Command) error {
			if c.Args().Len() != 1 {
				return fault.New(fault.Invalid, "One scenario or family is to be named.").WithHint("resync evals list shows them.")
			}
			text, err := evals.Show(os.DirFS(c.String("folder")), c.Args().First())
			if err == nil {
				fmt.Fprint(p.out, text)
			}
			return err
		},
	}
}

func (p *program) evalsLintCommand() *cli.Command {
	return &cli.Command{
		Name: "lint", Usage: "check scenarios, gold and families: closed words, gold that is true in its world, files that are what the families make",
		Flags: []cli.Flag{folderFlag()},
		Action: func(ctx context.Context, c *cli.Command) error {
			found, err := evals.Lint(ctx, os.DirFS(c.String("folder")))
			if err != nil {
				return err
			}
			for _, line := range found.Problems {
				fmt.Fprintln(p.out, line)
			}
			if len(found.Problems) > 0 {
				return fault.New(fault.Invalid, "%d things are wrong with the suite.", len(found.Problems))
			}
			fmt.Fprintf(p.out, "%d scenarios of %d families, %d questions: nothing wrong\n", found.Scenarios, found.Families, found.Questions)
			fmt.Fprintf(p.out, "the judge passed %d right answers and failed %d wrong ones, of at least %d kinds for each scenario\n", found.Judge.Right, found.Judge.Wrong, found.Judge.Fewest)
			return nil
		},
	}
}
