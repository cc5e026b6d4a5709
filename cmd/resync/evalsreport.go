package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/urfave/cli/v3"

	"github.com/resync-hwa/resync/evals"
	"github.com/resync-hwa/resync/evals/report"
	"github.com/resync-hwa/resync/evals/trial"
	"github.com/resync-hwa/resync/internal/fault"
)

func (p *program) evalsReportCommand() *cli.Command {
	return &cli.Command{
		Name: "report", Usage: "tell a run of before again: the table, and its files anew", ArgsUsage: "DIR",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "out", Usage: "folder for the files; none are written when absent"},
			&cli.BoolFlag{Name: "readme", Usage: "print the table of README.md instead"},
			&cli.StringFlag{Name: "figures", Usage: "`FILE` to write the run's figures into, below which no build may fall; see run --gate"},
		},
		Action: func(_ context.Context, c *cli.Command) error {
			r, err := readRun(c, 0, 1)
			if err != nil {
				return err
			}
			if out := c.String("out"); out != "" {
				if err := report.Write(out, r); err != nil {
					return err
				}
			}
			if c.Bool("readme") {
				_, err := io.WriteString(p.out, report.Baseline(r).Table())
				return p.printed(err)
			}
			if file := c.String("figures"); file != "" {
				if err := writeFigures(file, r); err != nil {
					return err
				}
			}
			return p.printed(report.Of(r).Table(p.out))
		},
	}
}

func (p *program) evalsDiffCommand() *cli.Command {
	return &cli.Command{
		Name: "diff", Usage: "compare two runs of one suite; exit 1 when the later is worse beyond chance", ArgsUsage: "BEFORE AFTER",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "markdown", Usage: "for a change's discussion"},
			&cli.BoolFlag{Name: "equal", Usage: "instead: fail where the two differ in anything but ids, durations and instants"},
		},
		Action: func(_ context.Context, c *cli.Command) error {
			before, err := readRun(c, 0, 2)
			if err != nil {
				return err
			}
			after, err := readRun(c, 1, 2)
			if err != nil {
				return err
			}
			if c.Bool("equal") {
				return p.equalRuns(before, after)
			}
			d, err := report.Diff(before, after)
			if err != nil {
				return err
			}
			tell := d.Table
			if c.Bool("markdown") {
				tell = d.Markdown
			}
			if err := p.printed(tell(p.out)); err != nil {
				return err
			}
			if d.Lost() {
				fmt.Fprintln(p.err, "resync: the later run is worse beyond chance")
				return errShown{1}
			}
			return nil
		},
	}
}

// equalRuns fails where two runs differ in more than what differs by nature.
func (p *program) equalRuns(a, b trial.Run) error {
	lines, err := report.Unequal(a, b)
	if err != nil {
		return err
	}
	for _, l := range lines {
		fmt.Fprintln(p.out, l)
	}
	if len(lines) > 0 {
		fmt.Fprintf(p.err, "resync: the runs differ in %d places\n", len(lines))
		return errShown{1}
	}
	fmt.Fprintf(p.out, "equal: %d trials\n", len(a.Trials))
	return nil
}

func (p *program) evalsRegradeCommand() *cli.Command {
	return &cli.Command{
		Name: "regrade", Usage: "score the answers of a run of before with today's judge and gold, without asking anything", ArgsUsage: "DIR",
		Flags: []cli.Flag{
			folderFlag(), suiteFlag(),
			&cli.StringFlag{Name: "seeds", Value: evals.Dev, Usage: "the word that the run was made from; dev for the committed scenarios"},
			&cli.StringFlag{Name: "out", Usage: "folder for the files of the new verdict; none are written when absent"},
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			r, err := readRun(c, 0, 1)
			if err != nil {
				return err
			}
			ready, err := evals.Suite(os.DirFS(c.String("folder")), c.String("suite"), c.String("seeds"), nil)(ctx)
			if err != nil {
				return err
			}
			again, err := evals.Regrade(r, ready)
			if err != nil {
				return err
			}
			if out := c.String("out"); out != "" {
				if err := report.Write(out, again); err != nil {
					return err
				}
			}
			return p.printed(report.Of(again).Table(p.out))
		},
	}
}

// readRun reads the nth of the folders that are named; so many have to be.
func readRun(c *cli.Command, n, of int) (trial.Run, error) {
	if c.Args().Len() != of {
		return trial.Run{}, fault.New(fault.Invalid, "%d folders with results are to be named.", of).WithHint("resync evals run --out DIR writes one.")
	}
	return report.Read(c.Args().Get(n))
}

func writeFigures(file string, r trial.Run) error {
	f, err := os.Create(file) //nolint:gosec // the caller names the file
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "The file %s cannot be written.", file)
	}
	err = report.Baseline(r).Encode(f)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return fault.Wrap(fault.Internal, err, "The figures cannot be written.")
	}
	return nil
}

// gate tells what a run has lost beside the committed figures; nothing is lost where it is true.
func gate(w io.Writer, figures report.Figures, r trial.Run) bool {
	lost := report.Gate(r, figures)
	for _, l := range lost {
		fmt.Fprintln(w, "lost: "+l)
	}
	return len(lost) == 0
}

func (p *program) printed(err error) error {
	if err != nil {
		return fault.Wrap(fault.Internal, err, "The results cannot be printed.")
	}
	return nil
}
