package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strconv"

	"github.com/urfave/cli/v3"

	"github.com/resync-hwa/resync/agentsvc/api"
	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/httpd"
	"github.com/resync-hwa/resync/mcp/mcpserver"
)

func (p *program) mcpCommand() *cli.Command {
	return &cli.Command{
		Name: "mcp", Usage: "offer the tools over MCP: standard input and output, or HTTP",
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "http", Usage: "serve streamable HTTP on this address, for example 127.0.0.1:8001; beyond loopback it asks for keys. With --install: the URL of a server"},
			&cli.BoolFlag{Name: "auth", Usage: "ask for keys on loopback too"},
			&cli.StringFlag{Name: "toolsets", Usage: "offer only these toolsets: plan, diagnose, history, knowledge, separated by commas (default all)"},
			&cli.BoolFlag{Name: "sessions", Usage: "over HTTP: give clients of the revisions before 2026-07-28 sessions"},
			&cli.DurationFlag{Name: "session-idle", DefaultText: "30m", Usage: "end a session after this time without a request"},
			&cli.StringFlag{Name: "dir", Usage: "work in this folder: settings.toml and relative paths are looked for there"},
		}, installFlags()...),
		Commands:                  []*cli.Command{p.serversCommand()},
		DisableSliceFlagSeparator: true, // --env A=b,c is one variable
		Action:                    p.mcp,
	}
}

func (p *program) mcp(ctx context.Context, c *cli.Command) error {
	if yes, err := installing(c); err != nil || yes {
		if err == nil {
			err = p.install(ctx, c)
		}
		return err
	}
	if c.Bool("auth") && c.String("http") == "" {
		return fault.New(fault.Invalid, "--auth goes with --http: over standard input and output whoever starts the program may use it.")
	}
	for _, name := range []string{"sessions", "session-idle"} {
		if c.IsSet(name) && c.String("http") == "" {
			return fault.New(fault.Invalid, "--%s goes with --http: over standard input and output one run is one session.", name)
		}
	}
	if dir := c.String("dir"); dir != "" {
		if err := os.Chdir(dir); err != nil {
			return fault.Wrap(fault.Invalid, err, "The server cannot work in the folder %s.", dir)
		}
		p.dir = ""
	}
	if err := p.unreplaced(); err != nil {
		return err
	}
	flags := map[string]string{}
	if c.IsSet("toolsets") {
		flags["mcp.toolsets"] = c.String("toolsets")
	}
	if c.IsSet("sessions") {
		flags["mcp.sessions"] = strconv.FormatBool(c.Bool("sessions"))
	}
	if c.IsSet("session-idle") {
		flags["mcp.session_idle"] = c.Duration("session-idle").String()
	}
	cfg, err := p.config(flags)
	if err != nil {
		return err
	}
	s, err := p.openOn(ctx, cfg, p.openEngines, c.String("http") != "")
	if s != nil {
		defer s.Close() //nolint:errcheck // nothing is written that a failed close could lose
	}
	if err != nil {
		return err
	}
	addr := c.String("http")
	if addr == "" {
		if err := p.keepAudit(s); err != nil {
			return err
		}
		return s.mcp.ServeStdio(auth.WithCaller(ctx, auth.Local()), p.in, p.out)
	}
	door, err := p.mcpDoor(ctx, cfg, addr, c.Bool("auth"), s.mcp.Toolsets())
	if err != nil {
		return err
	}
	defer door.Close() //nolint:errcheck // every write was committed by its own transaction
	if err := p.openAudit(ctx, s); err != nil {
		return err
	}
	if err := p.remember(ctx, s); err != nil {
		return err
	}
	p.tend(ctx, s, s.shelf)
	elsewhere := httpd.Handler(func(http.ResponseWriter, *http.Request) error {
		return fault.New(fault.NotFound, "There is nothing at this address.").WithHint("MCP answers at /mcp, data at /api/; GET /api/openapi.json describes them.")
	})
	options := httpd.Options{MaxBody: int64(cfg.Limits.BodyBytes), Logger: s.logger, Now: p.clock}
	data, err := p.dataDoor(ctx, s, door)
	if err != nil {
		return err
	}
	guarded := s.instruments.guard()(door.handler(s.endpoint(ctx, door.options), s.scrape(), data, elsewhere, options))
	said, err := door.said(ctx)
	if err != nil {
		return err
	}
	p.collectLess(ctx)
	return p.listenAndServe(ctx, addr, guarded, door.tls, func(bound string) { fmt.Fprintln(p.err, said(bound)) })
}

// dataDoor is the data operations of a tool server, for whom its door lets in.
func (p *program) dataDoor(ctx context.Context, s *site, door *mcpDoor) (http.Handler, error) {
	o := api.Options{Auth: door.users, Tools: s.set, Views: s.views, Health: s.health(p.clock), Acks: restAcks{s}, Engines: s.listed, Feed: feed{s}, Life: ctx, Clock: p.clock, Logger: s.logger, Limits: restLimits(s.cfg.Limits)}
	h, err := api.NewData(o)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err, "The data operations cannot be made.")
	}
	return h, nil
}

// endpoint is the HTTP door of the MCP server. Its sessions end as soon as ctx does, so that clients that listen do not hold up the end.
func (s *site) endpoint(ctx context.Context, o mcpserver.HTTPOptions) *mcpserver.Endpoint {
	o.Sessions, o.Idle = s.cfg.MCP.Sessions, s.cfg.MCP.SessionIdle
	e := s.mcp.Handler(o)
	if o.Sessions {
		s.instruments.metrics.Sessions(e.Sessions)
	}
	stop := context.AfterFunc(ctx, func() { _ = e.Close() }) // it never fails
	s.closers = append(s.closers, func() error {
		stop()
		return e.Close()
	})
	return e
}

// localCaller names whoever calls from this machine.
func localCaller(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(auth.WithCaller(r.Context(), auth.Local())))
	})
}
