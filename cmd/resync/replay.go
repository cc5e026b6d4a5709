package main

import (
	"context"
	"fmt"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/hwa"
	"github.com/resync-hwa/resync/twstools/record"
	"github.com/resync-hwa/resync/twstools/twsmock"
)

func (p *program) replayCommand() *cli.Command {
	return &cli.Command{
		Name: "replay", Usage: "serve a capsule with everything on it, as resync serve does an engine", ArgsUsage: "CAPSULE",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "listen", Usage: "address and port (default 127.0.0.1:8000)"},
			&cli.StringFlag{Name: "mode", Value: "world", Usage: "world computes answers, strict gives the recorded ones alone, verify computes and compares"},
		},
		Action: p.replay,
	}
}

func (p *program) replay(ctx context.Context, c *cli.Command) error {
	if c.Args().Len() != 1 {
		return fault.New(fault.Invalid, "Which capsule?").WithHint("resync replay CAPSULE; resync capture makes one.")
	}
	mode := c.String("mode")
	switch mode {
	case "world", "strict", "verify":
	default:
		return fault.New(fault.Invalid, "There is no mode %q.", mode).WithHint("world, strict and verify are.")
	}
	capsule, err := record.Open(c.Args().First())
	if err != nil {
		return err
	}
	m := capsule.Manifest
	fmt.Fprintf(p.err, "resync: a replay of %d job streams and %d jobs as of %s: recorded data, not the plan of now.\n", m.Counts["job_streams"], m.Counts["jobs"], m.AsOf.Format(time.RFC3339))
	switch {
	case !m.Redacted:
		fmt.Fprintln(p.err, "resync: the names in this capsule are real; it must not leave the house.")
	case !capsule.Signed():
		fmt.Fprintln(p.err, "resync: nobody has signed this capsule: its review file may still hold names that no program recognised.")
	}
	if n := len(m.Failures); n > 0 {
		fmt.Fprintf(p.err, "resync: %d things could not be read when it was captured; its review file lists them.\n", n)
	}
	return p.serveOn(ctx, c, func(ctx context.Context, s *site) error { return p.openCapsule(ctx, s, capsule, mode) })
}

// openCapsule opens a capsule as the one engine of a site. Its clock stands at the instant of the capture.
func (p *program) openCapsule(ctx context.Context, s *site, capsule *record.Capsule, mode string) error {
	const name = "default"
	if mode == "strict" {
		s.engines = append(s.engines, engine{name: name, mode: "replay", api: "v2", direct: capsule.Strict(name), ledger: func() []hwa.LedgerRow { return nil },
			identity: "capsule " + capsule.Manifest.Digests["transcript.jsonl"]})
		return nil
	}
	asOf := capsule.Manifest.AsOf
	if err := p.openMock(ctx, s, name, "replay", twsmock.Fixed(capsule.World()), func() time.Time { return asOf }); err != nil {
		return err
	}
	if mode == "verify" {
		e := &s.engines[len(s.engines)-1]
		e.direct = capsule.Comparing(e.direct, func(d record.Difference) { fmt.Fprintf(p.err, "resync: differs: %.600s\n", d) })
	}
	return nil
}
