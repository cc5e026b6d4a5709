package main

import (
	"context"
	"fmt"
	"net"
	"net/http"

	"github.com/urfave/cli/v3"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/httpd"
	"github.com/resync-hwa/resync/mcp/mcpserver"
)

func (p *program) mcpCommand() *cli.Command {
	return &cli.Command{
		Name: "mcp", Usage: "offer the tools over MCP: standard input and output, or HTTP",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "http", Usage: "serve streamable HTTP on this loopback address, for example 127.0.0.1:8001"},
			&cli.StringFlag{Name: "toolsets", Usage: "offer only these toolsets: plan, diagnose, history, knowledge, separated by commas (default all)"},
		},
		Action: p.mcp,
	}
}

func (p *program) mcp(ctx context.Context, c *cli.Command) error {
	flags := map[string]string{}
	if c.IsSet("toolsets") {
		flags["mcp.toolsets"] = c.String("toolsets")
	}
	cfg, err := p.config(flags)
	if err != nil {
		return err
	}
	s, err := p.open(ctx, cfg)
	if s != nil {
		defer s.Close() //nolint:errcheck // nothing is written that a failed close could lose
	}
	if err != nil {
		return err
	}
	addr := c.String("http")
	if addr == "" {
		return s.mcp.ServeStdio(auth.WithCaller(ctx, auth.Local()), p.in, p.out)
	}
	if !loopback(addr) {
		return fault.New(fault.Invalid, "%s is not a loopback address, and this command asks nobody for a key.", addr).
			WithHint("Use resync serve: its /mcp asks for a token or an API key.")
	}
	if err := p.remember(ctx, s); err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/mcp", localCaller(s.mcp.Handler(mcpserver.HTTPOptions{})))
	mux.Handle("/mcp/{$}", localCaller(s.mcp.Handler(mcpserver.HTTPOptions{})))
	mux.Handle("/", httpd.Handler(func(http.ResponseWriter, *http.Request) error {
		return fault.New(fault.NotFound, "There is nothing at this address.").WithHint("MCP answers at /mcp.")
	}))
	guarded := httpd.Guards(httpd.Options{Logger: s.logger, Now: p.clock})(mux)
	return p.listenAndServe(ctx, addr, guarded, nil, func(bound string) {
		fmt.Fprintf(p.err, "MCP answers at http://%s/mcp, without a login, to programs on this machine only. Stop it with Ctrl-C.\n", bound)
	})
}

// localCaller names whoever calls from this machine.
func localCaller(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(auth.WithCaller(r.Context(), auth.Local())))
	})
}

// loopback reports whether an address can be reached from this machine only.
func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
