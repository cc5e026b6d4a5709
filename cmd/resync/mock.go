package main

import (
	"context"
	"crypto/rand"
	"fmt"
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
			&cli.StringFlag{Name: "user", Value: "demo", Usage: "user name that it accepts"},
			&cli.StringFlag{Name: "password", Usage: "password that it accepts; made up when absent", Sources: cli.EnvVars("RESYNC_MOCK_PASSWORD")},
		},
		Action: p.mock,
	}
}

func (p *program) mock(ctx context.Context, c *cli.Command) error {
	start := p.clock()
	w, err := world.Demo(start)
	if err != nil {
		return fault.Wrap(fault.Internal, err, "The demo's plan cannot be loaded.")
	}
	password, told := c.String("password"), "the one that was given"
	if password == "" {
		password = rand.Text()
		told = password
	}
	server, err := twsmock.Start(ctx, twsmock.Options{World: func() *world.World { return w }, Addr: c.String("listen"), User: c.String("user"), Password: password,
		Clock: func() time.Time { return start }, Logger: newLogger(p.err, config.Log{Level: "info"})})
	if err != nil {
		return fault.Wrap(fault.Conflict, err, "The mock engine cannot listen on %s.", c.String("listen")).WithHint("Another program may use the port; choose one with --listen.")
	}
	fmt.Fprintf(p.err, "The demo engine answers at %s (user %s, password %s). Stop it with Ctrl-C.\n", server.URL(), c.String("user"), told)
	<-ctx.Done()
	return server.Close()
}
