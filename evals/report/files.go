package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/resync-hwa/resync/evals/trial"
	"github.com/resync-hwa/resync/internal/fault"
)

// Names of the files that Write makes.
const (
	ResultsFile   = "results.jsonl"
	BaselinesFile = "baselines.jsonl" // only where baselines were run
	JUnitFile     = "junit.xml"
	MarkdownFile  = "report.md"
	PageFile      = "report.html"
)

// Formats of the files that Read reads.
const (
	ResultsFormat   = "resync.eval.results/v1"
	BaselinesFormat = "resync.eval.baselines/v1"
)

// header is the first line of a file of results: the run without its trials, of which it has the number, so that half a file is not taken for
// a whole one.
type header struct {
	Format string `json:"format"`
	trial.Run
	Trials int `json:"trials"`
}

// baselineRow is one line of the baselines' file.
type baselineRow struct {
	Baseline string `json:"baseline"`
	trial.Trial
}

// Write puts a run into a folder, which is made where it is missing: results.jsonl (the run, then a line for each trial) and what is made from
// it. Files of an earlier run there are replaced. A folder that cannot be written to is fault.Invalid.
func Write(dir string, run trial.Run) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fault.Wrap(fault.Invalid, err, "The folder %s for the results cannot be made.", dir)
	}
	r := Of(run)
	for _, f := range []struct {
		name string
		make func(io.Writer) error
	}{
		{ResultsFile, func(w io.Writer) error { return Encode(w, run) }}, {BaselinesFile, func(w io.Writer) error { return encodeBaselines(w, run) }},
		{JUnitFile, r.JUnit}, {MarkdownFile, r.Markdown}, {PageFile, r.HTML},
	} {
		path := filepath.Join(dir, f.name)
		var b bytes.Buffer
		if err := f.make(&b); err != nil {
			return fault.Wrap(fault.Internal, err, "The results cannot be written as %s.", f.name)
		}
		if b.Len() == 0 { // no baselines: those of an earlier run must not stand beside these results
			if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fault.Wrap(fault.Invalid, err, "The old %s cannot be removed.", path)
			}
			continue
		}
		if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
			return fault.Wrap(fault.Invalid, err, "The results cannot be written to %s.", path)
		}
	}
	return nil
}

// Encode writes a run as results.jsonl, without its baselines.
func Encode(w io.Writer, run trial.Run) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(header{Format: ResultsFormat, Run: run, Trials: len(run.Trials)}); err != nil {
		return err
	}
	for _, t := range run.Trials {
		if err := enc.Encode(t); err != nil {
			return err
		}
	}
	return nil
}

func encodeBaselines(w io.Writer, run trial.Run) error {
	if len(run.Baselines) == 0 {
		return nil
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	rows := 0
	for _, trials := range run.Baselines {
		rows += len(trials)
	}
	if err := enc.Encode(header{Format: BaselinesFormat, Run: trial.Run{Suite: run.Suite, Scorer: run.Scorer}, Trials: rows}); err != nil {
		return err
	}
	for _, name := range sorted(run.Baselines) {
		for _, t := range run.Baselines[name] {
			if err := enc.Encode(baselineRow{name, t}); err != nil {
				return err
			}
		}
	}
	return nil
}

// Read reads what Write wrote into a folder. Fields that it does not know are passed over. No results there is fault.NotFound; a file of another
// form, or only a part of one, is fault.Invalid.
func Read(dir string) (trial.Run, error) {
	path := filepath.Join(dir, ResultsFile)
	raw, err := os.ReadFile(path)
	if err != nil {
		return trial.Run{}, fault.Wrap(fault.NotFound, err, "There are no results to read in %s.", dir).WithHint("Name a folder that evals run --out wrote.")
	}
	run, err := Decode(bytes.NewReader(raw))
	if err != nil {
		return trial.Run{}, err
	}
	raw, err = os.ReadFile(filepath.Join(dir, BaselinesFile))
	if errors.Is(err, fs.ErrNotExist) {
		return run, nil
	}
	if err != nil {
		return trial.Run{}, fault.Wrap(fault.Invalid, err, "The baselines in %s cannot be read.", dir)
	}
	run.Baselines, err = decodeBaselines(bytes.NewReader(raw), run)
	return run, err
}

// Decode reads a run in the form of results.jsonl. What is no such file, or only a part of one, is fault.Invalid.
func Decode(r io.Reader) (trial.Run, error) {
	h, trials, err := decode[trial.Trial](r, ResultsFormat)
	if err != nil {
		return trial.Run{}, err
	}
	known := map[string]bool{}
	for i, t := range trials {
		name := fmt.Sprintf("%s#%d", t.Name(), t.Attempt)
		switch {
		case t.Scenario == "" || t.Question == "" || !slices.Contains([]trial.Status{trial.Pass, trial.Wrong, trial.Fault}, t.Status):
			return trial.Run{}, notOurs(nil, "Row %d of %s is no trial.", i+1, ResultsFormat)
		case known[name]:
			return trial.Run{}, notOurs(nil, "Row %d of %s is there twice.", i+1, ResultsFormat)
		}
		known[name] = true
	}
	run := h.Run
	run.Trials = trials
	return run, nil
}

func decodeBaselines(r io.Reader, run trial.Run) (map[string][]trial.Trial, error) {
	h, rows, err := decode[baselineRow](r, BaselinesFormat)
	if err != nil {
		return nil, err
	}
	if h.Suite != run.Suite || h.Scorer != run.Scorer {
		return nil, fault.New(fault.Invalid, "The baselines beside the results are of suite %s and scorer %s, the results of %s and %s.", h.Suite, h.Scorer, run.Suite, run.Scorer).
			WithHint("Regrade the results.")
	}
	out := map[string][]trial.Trial{}
	for _, row := range rows {
		out[row.Baseline] = append(out[row.Baseline], row.Trial)
	}
	return out, nil
}

func decode[T any](r io.Reader, format string) (header, []T, error) {
	dec := json.NewDecoder(r)
	var h header
	if err := dec.Decode(&h); err != nil || h.Format != format {
		return header{}, nil, notOurs(err, "The file does not begin with a line that says %s.", format)
	}
	var rows []T
	for dec.More() {
		var row T
		if err := dec.Decode(&row); err != nil {
			return header{}, nil, notOurs(err, "Row %d of %s cannot be read.", len(rows)+1, format)
		}
		rows = append(rows, row)
	}
	if len(rows) != h.Trials {
		return header{}, nil, notOurs(nil, "The file has %d rows and should have %d.", len(rows), h.Trials)
	}
	return h, rows, nil
}

func notOurs(cause error, format string, args ...any) error {
	return fault.Wrap(fault.Invalid, cause, format, args...).WithHint("It was written by another version, or is not whole: run the evals again.")
}
