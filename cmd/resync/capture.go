package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/resync-hwa/resync/internal/config"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/secret"
	"github.com/resync-hwa/resync/twstools/record"
)

func (p *program) captureCommand() *cli.Command {
	return &cli.Command{
		Name: "capture", Usage: "record a slice of a real plan into one redacted file, a capsule",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "out", Usage: "the capsule to write (required)"},
			&cli.StringFlag{Name: "engine", Usage: "name of one of several configured engines"},
			&cli.StringSliceFlag{Name: "root", Usage: "where to begin, as conman selects: WORKSTATION#STREAM or WORKSTATION#STREAM.JOB; the whole plan when absent"},
			&cli.IntFlag{Name: "depth", Value: 2, Usage: "hops of dependencies around the roots' job streams, both ways"},
			&cli.DurationFlag{Name: "since", DefaultText: "all logs and a day of records", Usage: "how far back job logs and records are read, for example 6h"},
			&cli.IntFlag{Name: "jobs", Value: 5000, Usage: "most jobs"},
			&cli.IntFlag{Name: "logs", Value: 2000, Usage: "most job logs, those of runs that went wrong first; 0 for none"},
			&cli.BoolFlag{Name: "no-redact", Usage: "keep real names: for use in the house only (secrets are masked all the same)"},
			&cli.StringFlag{Name: "key", Usage: "file with the key of the pseudonyms, made when it is not there (default capsule.key in the data folder)"},
			&cli.StringFlag{Name: "policy", Usage: "YAML file with further words and patterns to keep or to replace"},
			&cli.IntFlag{Name: "weeks", Usage: "move all dates by so many weeks; negative ones into the past"},
		},
		Action: p.capture,
		Commands: []*cli.Command{{
			Name: "sign", Usage: "write into a capsule that a person has read its review file", Arguments: []cli.Argument{&cli.StringArg{Name: "capsule", UsageText: "CAPSULE"}}, ArgsUsage: "CAPSULE",
			Flags:  []cli.Flag{&cli.StringFlag{Name: "name", Usage: "who has read it (required)"}},
			Action: p.sign,
		}},
	}
}

func (p *program) capture(ctx context.Context, c *cli.Command) error {
	out := c.String("out")
	if out == "" {
		return fault.New(fault.Invalid, "A capture needs a file to write.").WithHint("--out FILE.capsule")
	}
	if _, err := os.Lstat(out); err == nil {
		return fault.New(fault.Conflict, "%s is there already.", out).WithHint("Name another file with --out, or remove that one.")
	}
	s, err := p.quietly(ctx)
	if err != nil {
		return err
	}
	defer s.Close() //nolint:errcheck // nothing is written that a failed close could lose
	o, err := p.captureOptions(c, s.cfg)
	if err != nil {
		return err
	}
	e, err := s.pick(ctx, c.String("engine"))
	if err != nil {
		return err
	}
	got, err := record.Capture(ctx, e.direct, o)
	if err != nil {
		return err
	}
	if err := got.Save(out); err != nil {
		return err
	}
	review := strings.TrimSuffix(out, filepath.Ext(out)) + ".review.md"
	if err := os.WriteFile(review, []byte(got.Review()), 0o600); err != nil {
		return fault.Wrap(fault.Invalid, err, "The review file %s cannot be written; the capsule holds it too.", review)
	}
	requests := 0
	for _, row := range e.ledger() {
		requests += int(row.Count)
	}
	p.captured(got.Manifest, out, review, requests)
	return nil
}

func (p *program) captureOptions(c *cli.Command, cfg *config.Config) (record.Options, error) {
	o := record.Options{Depth: c.Int("depth"), Since: c.Duration("since"), MaxJobs: c.Int("jobs"), Logs: record.LogPolicy{Max: c.Int("logs"), None: c.Int("logs") == 0},
		Now: p.clock, Progress: p.reading, ShiftWeeks: c.Int("weeks"), Product: build()}
	if o.Depth < 0 || o.MaxJobs < 1 || o.Logs.Max < 0 || o.Since < 0 {
		return o, fault.New(fault.Invalid, "--depth, --jobs, --logs and --since take no negative values.")
	}
	if o.Depth == 0 {
		o.Depth = -1 // the roots' own streams alone
	}
	for _, r := range c.StringSlice("root") {
		o.Roots = append(o.Roots, record.Root{Selection: r})
	}
	if c.Bool("no-redact") {
		if c.IsSet("policy") || c.IsSet("key") || o.ShiftWeeks != 0 {
			return o, fault.New(fault.Invalid, "--no-redact goes with none of --key, --policy and --weeks.")
		}
		return o, nil
	}
	var policy record.Policy
	if file := c.String("policy"); file != "" {
		raw, err := os.ReadFile(file)
		if err != nil {
			return o, fault.Wrap(fault.Invalid, err, "The policy %s cannot be read.", file)
		}
		if policy, err = record.ParsePolicy(raw); err != nil {
			return o, err
		}
	}
	file := c.String("key")
	if file == "" {
		if err := os.MkdirAll(cfg.DataDir, 0o700); err != nil {
			return o, fault.Wrap(fault.Invalid, err, "The data folder %s cannot be used; --key names a file elsewhere.", cfg.DataDir)
		}
		file = filepath.Join(cfg.DataDir, "capsule.key")
	}
	key, err := secret.KeyFile(file)
	if err != nil {
		return o, fault.Wrap(fault.Invalid, err, "The key of the pseudonyms in %s cannot be used.", file).WithHint("It must be readable by its owner alone (mode 0600) and hold at least 32 characters.")
	}
	o.Redactor, err = record.NewRedactor([]byte(key.Reveal()), policy)
	return o, err
}

// reading tells now and then how far a long capture is.
func (p *program) reading(what string, done, of int) {
	const every = 500
	if done%every == 0 {
		fmt.Fprintf(p.err, "  reading %s: %d of %d\n", what, done, of)
	}
}

// captured says what was done, and what a person has to do now.
func (p *program) captured(m record.Manifest, out, review string, requests int) {
	fmt.Fprintf(p.err, "resync: %d job streams, %d jobs, %d workstations, %d job logs and %d archived plans were read as of %s, with %d requests.\n",
		m.Counts["job_streams"], m.Counts["jobs"], m.Counts["workstations"], m.Counts["job_logs"], m.Counts["archived_plans"], m.AsOf.Format(time.RFC3339), requests)
	for i, f := range m.Failures {
		if i == 10 {
			fmt.Fprintf(p.err, "  and %d more, listed in the review file.\n", len(m.Failures)-i)
			break
		}
		fmt.Fprintf(p.err, "  missing: %s (%s): %s\n", f.What, f.Code, f.Message)
	}
	fmt.Fprintf(p.err, "The capsule is %s.\n", out)
	if !m.Redacted {
		fmt.Fprintln(p.err, "No name in it was replaced: it must not leave the house.")
		return
	}
	fmt.Fprintf(p.err, "Names were replaced (key %s). Read %s before the capsule leaves the house, then: resync capture sign %s --name NAME\n", m.Key, review, out)
}

func (p *program) sign(_ context.Context, c *cli.Command) error {
	file := c.StringArg("capsule")
	if file == "" {
		return fault.New(fault.Invalid, "Which capsule?").WithHint("resync capture sign CAPSULE --name NAME")
	}
	m, err := record.Sign(file, strings.TrimSpace(c.String("name")), p.clock())
	if err != nil {
		return err
	}
	var files []string
	for name := range m.Digests {
		files = append(files, name)
	}
	slices.Sort(files)
	fmt.Fprintf(p.err, "resync: %s is signed by %s (%s), seal %.12s.\n", file, m.SignedBy, strings.Join(files, ", "), m.Seal)
	return nil
}
