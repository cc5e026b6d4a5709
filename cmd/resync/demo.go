package main

import (
	"context"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/world"
	"github.com/resync-hwa/resync/twstools/world/sim"
)

func (p *program) demoCommand() *cli.Command {
	return &cli.Command{
		Name: "demo", Usage: "run everything on a simulated bank whose night goes on while you look",
		Flags: []cli.Flag{&cli.StringFlag{Name: "listen", Usage: "address and port (default 127.0.0.1:8000)"}},
		Action: func(ctx context.Context, c *cli.Command) error {
			return p.serveOn(ctx, c, func(ctx context.Context, s *site) error {
				if s.cfg.Production() {
					return fault.New(fault.Invalid, "In production there is no demo.").WithHint("resync serve reads the configured engines.")
				}
				plan, err := p.bank()
				if err != nil {
					return err
				}
				return p.openMock(ctx, s, "default", "mock", plan, p.clock)
			})
		},
	}
}

// bankPast is how long the simulated bank has been running when somebody first looks: a week of archived plans, and estimates made from it.
const bankPast = 7*24*time.Hour + time.Hour

// bank is a simulated plant that follows our clock.
func (p *program) bank() (func() *world.World, error) {
	d, err := sim.Bank()
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err, "The simulated bank cannot be loaded.")
	}
	s, err := sim.Since(d, sim.Options{Seed: 1, Start: p.clock(), Zone: time.UTC}, bankPast)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err, "The simulated bank cannot be started.")
	}
	return sim.Live(s, p.clock).World, nil
}
