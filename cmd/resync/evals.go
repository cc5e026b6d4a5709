package main

import (
	"context"
	"fmt"
	"os"

	"github.com/urfave/cli/v3"

	"github.com/resync-hwa/resync/evals"
	"github.com/resync-hwa/resync/internal/fault"
)

func (p *program) evalsCommand() *cli.Command {
	return &cli.Command{
		Name: "evals", Usage: "measure how often the answers are right",
		Commands: []*cli.Command{{
			Name: "run", Usage: "ask the suite's questions and judge the answers; exit 1 when one is wrong", ArgsUsage: "[SCENARIO | SCENARIO/QUESTION | TAG]…",
			Flags: []cli.Flag{
				&cli.StringFlag{Name: "suite", Value: "evals", Usage: "folder with scenarios and gold; they are no part of the program"},
				&cli.StringFlag{Name: "binary", Usage: "program to judge; this one when absent"},
				&cli.StringFlag{Name: "out", Usage: "folder for results.jsonl, junit.xml and report.txt"},
				&cli.BoolFlag{Name: "v1", Usage: "the questions' engine speaks the older interface V1 alone"},
				&cli.IntFlag{Name: "jobs", Value: 2, Usage: "questions asked at a time"},
			},
			Action: p.evalsRun,
		}, p.evalsListCommand(), p.evalsShowCommand(), p.evalsGenCommand(), p.evalsLintCommand()},
	}
}

func (p *program) evalsRun(ctx context.Context, c *cli.Command) error {
	binary := c.String("binary")
	if binary == "" {
		self, err := os.Executable()
		if err != nil {
			return fault.Wrap(fault.Internal, err, "The program cannot find itself.").WithHint("Name it with --binary.")
		}
		binary = self
	}
	r, err := evals.Run(ctx, evals.Options{Binary: binary, Suite: os.DirFS(c.String("suite")), Only: c.Args().Slice(), Out: c.String("out"), Jobs: c.Int("jobs"), V1: c.Bool("v1"), Progress: p.err, Clock: p.clock})
	if err != nil {
		return err
	}
	if err := r.Table(p.out); err != nil {
		return fault.Wrap(fault.Internal, err, "The results cannot be printed.")
	}
	if r.Failed() {
		fmt.Fprintln(p.err, "resync: the run failed: an answer was wrong, or could not be had")
		return errShown{1}
	}
	return nil
}
