package main

import (
	"context"
	"fmt"
	"os"

	"github.com/urfave/cli/v3"

	"github.com/resync-hwa/resync/evals"
	"github.com/resync-hwa/resync/evals/suite"
	"github.com/resync-hwa/resync/internal/fault"
)

// folderFlag names the folder that holds scenarios, gold, families and bases.
func folderFlag() cli.Flag {
	return &cli.StringFlag{Name: "folder", Value: "evals", Usage: "folder with scenarios, gold, families and plants; they are no part of the program"}
}

func (p *program) evalsGenCommand() *cli.Command {
	return &cli.Command{
		Name: "gen", Usage: "make scenarios: all that are committed, or those of one family, plant and seed",
		Flags: []cli.Flag{
			folderFlag(),
			&cli.StringFlag{Name: "family", Usage: "one family of incidents; all when absent"},
			&cli.StringFlag{Name: "base", Usage: "the plant in which it happens, with --family"},
			&cli.Uint64Flag{Name: "seed", Value: 1, Usage: "where, when, with which words and names, with --family"},
			&cli.StringFlag{Name: "out", Usage: "folder to write scenarios and gold of --family into; standard output when absent"},
			&cli.BoolFlag{Name: "check", Usage: "write nothing; fail where what is committed is not what the families make"},
		},
		Action: p.evalsGen,
	}
}

func (p *program) evalsGen(_ context.Context, c *cli.Command) error {
	files := os.DirFS(c.String("folder"))
	if family := c.String("family"); family != "" {
		made, err := evals.Gen(files, family, c.String("base"), c.Uint64("seed"))
		if err != nil {
			return err
		}
		if out := c.String("out"); out != "" {
			return evals.Add(out, made) // the other families' scenarios there are not this call's to remove
		}
		return p.printScenarios(made)
	}
	made, err := evals.GenAll(files)
	if err != nil {
		return err
	}
	if !c.Bool("check") {
		return evals.Store(c.String("folder"), made)
	}
	stale, err := evals.Stale(files, made)
	if err != nil {
		return err
	}
	for _, name := range stale {
		fmt.Fprintln(p.out, name)
	}
	if len(stale) > 0 {
		return fault.New(fault.Conflict, "%d files are not what the families make.", len(stale)).WithHint("resync evals gen writes them anew.")
	}
	return nil
}

// printScenarios shows what is asked and what is right, as the files would hold it.
func (p *program) printScenarios(all []suite.Scenario) error {
	for _, sc := range all {
		parts, err := sc.Files()
		if err != nil {
			return err
		}
		for _, f := range parts {
			fmt.Fprintf(p.out, "# %s\n%s---\n", f.Name, f.Text)
		}
	}
	return nil
}
