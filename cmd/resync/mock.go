package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/resync-hwa/resync/internal/config"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/twsmock"
	"github.com/resync-hwa/resync/twstools/world"
)

func (p *program) mockCommand() *cli.Command {
	return &cli.Command{
		Name: "mock", Usage: "run the demo engine alone, for clients of any kind",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "listen", Value: "127.0.0.1:31116", Usage: "address and port"},
			&cli.StringFlag{Name: "api", Value: "both", Usage: "interfaces to speak: both (as 10.1 and later do), v2, or v1 (as 9.5 does)"},
			&cli.BoolFlag{Name: "live", Usage: "a simulated bank that goes on by the clock, instead of the demo's night that stands still"},
			&cli.IntFlag{Name: "jobs", Usage: "an invented plan of so many jobs instead of the demo's"},
			&cli.StringFlag{Name: "user", Value: "demo", Usage: "user name that it accepts"},
			&cli.StringFlag{Name: "password", Usage: "password that it accepts; made up when absent", Sources: cli.EnvVars("RESYNC_MOCK_PASSWORD")},
		},
		Action: p.mock,
	}
}

func (p *program) mock(ctx context.Context, c *cli.Command) error {
	dialects, err := dialectsOf(c.String("api"))
	if err != nil {
		return err
	}
	plan, clock, err := p.plant(c)
	if err != nil {
		return err
	}
	password, told := c.String("password"), "the one that was given"
	if password == "" {
		password = rand.Text()
		told = password
	}
	server, err := twsmock.Start(ctx, twsmock.Options{World: plan, Addr: c.String("listen"), User: c.String("user"), Password: password, Dialects: dialects,
		Clock: clock, Logger: newLogger(p.err, config.Log{Level: "info"})})
	if err != nil {
		return fault.Wrap(fault.Conflict, err, "The mock engine cannot listen on %s.", c.String("listen")).WithHint("Another program may use the port; choose one with --listen.")
	}
	fmt.Fprintf(p.err, "The demo engine answers at %s (user %s, password %s). Stop it with Ctrl-C.\n", server.URL(), c.String("user"), told)
	<-ctx.Done()
	return server.Close()
}

func dialectsOf(word string) (twsmock.Dialects, error) {
	switch word {
	case "both":
		return twsmock.BothDialects, nil
	case "v2":
		return twsmock.OnlyV2, nil
	case "v1":
		return twsmock.OnlyV1, nil
	}
	return 0, fault.New(fault.Invalid, "There is no interface %q.", word).WithHint("both, v2 and v1 are.")
}

// plant gives the plan to serve and the engine's clock: the demo's night or a large plan, each at the instant of the start.
func (p *program) plant(c *cli.Command) (func() *world.World, func() time.Time, error) {
	start := p.clock()
	still := func() time.Time { return start }
	if c.Bool("live") {
		if c.Int("jobs") != 0 {
			return nil, nil, fault.New(fault.Invalid, "--live and --jobs are two different plants.")
		}
		bank, err := p.bank()
		return bank, p.clock, err
	}
	if n := c.Int("jobs"); n != 0 {
		if n < 0 || n > 2_000_000 {
			return nil, nil, fault.New(fault.Invalid, "A plan has from 1 to 2,000,000 jobs.")
		}
		if n >= 100_000 {
			debug.SetGCPercent(25) // most of the memory is the plan, which lives for ever: waiting for it to double would take twice as much
		}
		return twsmock.Fixed(world.Big(n, start)), still, nil
	}
	w, err := world.Demo(start)
	if err != nil {
		return nil, nil, fault.Wrap(fault.Internal, err, "The demo's plan cannot be loaded.")
	}
	return twsmock.Fixed(w), still, nil
}
