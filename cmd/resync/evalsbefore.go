package main

import (
	"os"

	"github.com/urfave/cli/v3"

	"github.com/resync-hwa/resync/evals/report"
	"github.com/resync-hwa/resync/internal/fault"
)

// beforeAsking refuses what would make a run worth nothing at its end, after minutes: shares and sums that are none, a folder that cannot be
// written to, committed figures that cannot be read. It gives the figures; nil where there is no gate.
func beforeAsking(c *cli.Command) (*report.Figures, error) {
	if share := c.Float("min-pass"); !(share >= 0 && share <= 1) { // a NaN is neither
		return nil, fault.New(fault.Invalid, "%v is no share of the questions.", share).WithHint("0.9 are nine in ten.")
	}
	if usd := c.Float("max-usd"); !(usd >= 0) {
		return nil, fault.New(fault.Invalid, "%v is no sum of dollars.", usd)
	}
	if c.Int("k") < 0 || c.Int("jobs") < 1 || c.Duration("timeout") <= 0 || c.Duration("settle") < 0 {
		return nil, fault.New(fault.Invalid, "How often, how many at a time and how long must be more than nothing.")
	}
	if out := c.String("out"); out != "" {
		if err := writable(out); err != nil {
			return nil, err
		}
	}
	if file := c.String("gate"); file != "" {
		return readFigures(file)
	}
	return nil, nil //nolint:nilnil // there is no gate
}

// writable makes the folder and a file in it, and takes the file away again.
func writable(dir string) error {
	err := os.MkdirAll(dir, 0o750)
	if err == nil {
		var f *os.File
		if f, err = os.CreateTemp(dir, ".resync-"); err == nil {
			_ = f.Close() // nothing was written
			err = os.Remove(f.Name())
		}
	}
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "The results cannot be written to %s.", dir)
	}
	return nil
}

// readFigures reads the committed figures.
func readFigures(file string) (*report.Figures, error) {
	raw, err := os.ReadFile(file) //nolint:gosec // the caller names the file
	if err != nil {
		return nil, fault.Wrap(fault.NotFound, err, "There are no committed figures in %s.", file).WithHint("resync evals report DIR --figures FILE writes them.")
	}
	figures, err := report.DecodeFigures(raw)
	return &figures, err
}
