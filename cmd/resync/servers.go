package main

import (
	"context"
	"net/http"
	"path/filepath"
	"strings"
	"sync"

	"github.com/resync-hwa/resync/internal/config"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/mcp/foreign"
	"github.com/resync-hwa/resync/mcp/mcpclient"
)

// withServers adds the tools of further MCP servers to our own, where a model is there to use them.
func (p *program) withServers(ctx context.Context, s *site, own toolkit.Caller) (toolkit.Caller, error) {
	if len(s.cfg.MCPServers) == 0 {
		return own, nil
	}
	if len(s.cfg.LLM.Models) == 0 {
		s.logger.Info("further MCP servers are configured and not used, since no language model is")
		return own, nil
	}
	settings, err := p.serverSettings(s)
	if err != nil {
		return nil, err
	}
	servers, err := foreign.Open(ctx, settings, p.serverOptions(s))
	if err != nil {
		return nil, err
	}
	s.closers = append(s.closers, servers.Close)
	return servers.Join(own), nil
}

// serverOptions are what all further servers share.
func (p *program) serverOptions(s *site) foreign.Options {
	return foreign.Options{Dir: filepath.Join(s.cfg.DataDir, "mcp-servers"), Logger: s.logger, Audit: s.audit, Now: p.clock}
}

// serverSettings are the configured servers. A program that cannot be started at all is an error here and not later.
func (p *program) serverSettings(s *site) ([]foreign.Settings, error) {
	var out []foreign.Settings
	for _, m := range s.cfg.MCPServers {
		connect, err := p.connector(s, m)
		if err != nil {
			return nil, err
		}
		out = append(out, foreign.Settings{Name: m.Name, Connect: connect, Tools: m.Tools, Timeout: m.Timeout, PerTurn: m.MaxCallsPerTurn, TrustUnannotated: m.TrustUnannotated})
	}
	return out, nil
}

// connector gives the way to a server: over HTTP, or by starting its program.
func (p *program) connector(s *site, m config.MCPServer) (func(context.Context) (foreign.Connection, error), error) {
	if m.URL != "" {
		transport := http.DefaultTransport.(*http.Transport).Clone() //nolint:errcheck,forcetypeassert // the library's own
		s.closers = append(s.closers, func() error { transport.CloseIdleConnections(); return nil })
		return func(ctx context.Context) (foreign.Connection, error) {
			c, err := mcpclient.Streamable(ctx, m.URL, m.Bearer.Reveal(), mcpclient.HTTPOptions{Transport: transport, Timeout: m.Timeout})
			if err != nil {
				return nil, err
			}
			return c, nil
		}, nil
	}
	prog := mcpclient.Program{Command: m.Command, Args: m.Args, Logger: s.logger.With("server", m.Name)}
	for _, e := range m.Env {
		name, _, whole := strings.Cut(e.Reveal(), "=")
		if whole {
			prog.Env = append(prog.Env, e.Reveal())
			continue
		}
		value, ok := p.variable(name)
		if !ok {
			return nil, fault.New(fault.Invalid, "The MCP server %s wants the variable %s, which is not set.", m.Name, name)
		}
		prog.Env = append(prog.Env, name+"="+value)
	}
	if err := prog.Check(); err != nil {
		return nil, err
	}
	return func(ctx context.Context) (foreign.Connection, error) {
		c, err := mcpclient.Stdio(ctx, prog)
		if err != nil {
			return nil, err
		}
		return c, nil
	}, nil
}

// variable gives a variable of the environment that the program was started with.
func (p *program) variable(name string) (string, bool) {
	for i := len(p.environ) - 1; i >= 0; i-- {
		if n, v, ok := strings.Cut(p.environ[i], "="); ok && n == name {
			return v, true
		}
	}
	return "", false
}

// inspected is a server with what it offers now, or why it could not be asked.
type inspected struct {
	settings foreign.Settings
	offers   []foreign.Offer
	err      error
}

// inspect asks all given servers side by side.
func inspect(ctx context.Context, settings []foreign.Settings, o foreign.Options) []inspected {
	out := make([]inspected, len(settings))
	var all sync.WaitGroup
	for i, one := range settings {
		all.Go(func() {
			offers, err := foreign.Inspect(ctx, one, o)
			out[i] = inspected{one, offers, err}
		})
	}
	all.Wait()
	return out
}
