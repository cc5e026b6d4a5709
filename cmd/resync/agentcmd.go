package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/resync-hwa/resync/agentsvc/agent"
	"github.com/resync-hwa/resync/agentsvc/api"
	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/agentsvc/edge"
	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/config"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/mcp/mcpclient"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/webui"
)

func (p *program) agentCommand() *cli.Command {
	return &cli.Command{
		Name: "agent", Usage: "run web page, REST and agent beside the people, over tool servers that stand beside the engines",
		Flags: []cli.Flag{
			&cli.StringSliceFlag{Name: "mcp", Usage: "take tools and data from the resync mcp --http at this `URL`; several with commas (default: [tool_servers.NAME] of the settings)"},
			&cli.StringFlag{Name: "token-file", Usage: "`FILE` with the key for the servers of --mcp"},
			&cli.StringFlag{Name: "listen", Usage: "address and port (default 127.0.0.1:8000)"},
		},
		Action: p.edgeAgent,
	}
}

func (p *program) edgeAgent(ctx context.Context, c *cli.Command) error {
	flags, err := edgeFlags(c)
	if err != nil {
		return err
	}
	cfg, err := p.config(flags)
	if err != nil {
		return err
	}
	if len(cfg.ToolServers) == 0 {
		return fault.New(fault.Invalid, "No tool server is named.").WithHint("resync agent --mcp URL --token-file FILE, or [tool_servers.NAME] in settings.toml.")
	}
	secure, tlsConfig, err := transport(cfg.Server)
	if err != nil {
		return err
	}
	db, service, err := p.authority(ctx, cfg)
	if err != nil {
		return err
	}
	defer db.Close() //nolint:errcheck // every write was committed by its own transaction
	s := p.bare(cfg)
	defer s.Close() //nolint:errcheck // as above
	if err := p.openInstruments(ctx, s); err != nil {
		return err
	}
	if err := s.instruments.remote(); err != nil {
		return err
	}
	if err := p.openAudit(ctx, s); err != nil {
		return err
	}
	servers, err := p.openEdge(ctx, s)
	if err != nil {
		return err
	}
	turns := p.keepConversations(ctx, s, db)
	ag, err := p.agentOver(ctx, s, servers, edgeEngine(ctx, servers), turns)
	if err != nil {
		return err
	}
	front, err := p.edgeFront(ctx, s, service, ag, turns, servers, secure)
	if err != nil {
		return fault.Wrap(fault.Internal, err, "The web front cannot be made.")
	}
	first, err := service.EnsureAdmin(ctx, cfg.Auth.AdminUsername, cfg.Auth.AdminPassword)
	if err != nil {
		return err
	}
	p.collectLess(ctx)
	return p.listenAndServe(ctx, cfg.Server.Listen, s.instruments.guard()(front), tlsConfig, func(bound string) { p.welcome(cfg, first, bound, secure) })
}

// edgeFlags makes settings of the command line.
func edgeFlags(c *cli.Command) (map[string]string, error) {
	flags := map[string]string{}
	if c.IsSet("listen") {
		flags["server.listen"] = c.String("listen")
	}
	addresses := c.StringSlice("mcp")
	if c.IsSet("token-file") && len(addresses) == 0 {
		return nil, fault.New(fault.Invalid, "A token was given for no server.").WithHint("--mcp names the server.")
	}
	token, err := readToken(c.String("token-file"))
	if err != nil {
		return nil, err
	}
	for i, address := range addresses {
		u, err := url.Parse(address)
		if err != nil || u.Host == "" || u.User != nil {
			return nil, fault.New(fault.Invalid, "--mcp takes http and https URLs without a password.")
		}
		name := "server_" + strconv.Itoa(i+1)
		flags["tool_servers."+name+".url"] = address
		if token != "" {
			flags["tool_servers."+name+".bearer"] = token
		}
	}
	return flags, nil
}

// connectFor is how long the first words to a tool server may take.
const connectFor = 10 * time.Second

// shownAs is what people are told of a tool server: its host, and its path where it has one.
func shownAs(base string) string {
	_, name, _ := strings.Cut(base, "://")
	return name
}

// openEdge joins the configured tool servers. One that is away is told, and is no error.
func (p *program) openEdge(ctx context.Context, s *site) (*edge.Edge, error) {
	o := edge.Options{Now: p.clock, Logger: s.logger, Watched: func(set *toolkit.Set) *toolkit.Set { return s.instruments.watched(set).WithAudit(s.audit) }}
	for _, t := range s.cfg.ToolServers {
		carrier, err := carrier(t)
		if err != nil {
			return nil, err
		}
		base := strings.TrimSuffix(strings.TrimRight(t.URL, "/"), mcpPath)
		caller, closer, err := mcpclient.Later(ctx, func(ctx context.Context) (toolkit.Caller, io.Closer, error) {
			ctx, cancel := context.WithTimeout(ctx, connectFor)
			defer cancel()
			return mcpclient.HTTP(ctx, base+mcpPath, t.Bearer.Reveal(), mcpclient.HTTPOptions{Transport: carrier, Timeout: t.Timeout, Delegate: true, Now: p.clock})
		})
		if err != nil {
			return nil, err
		}
		s.closers = append(s.closers, func() error { carrier.CloseIdleConnections(); return nil }, closer.Close)
		o.Servers = append(o.Servers, edge.Server{Name: shownAs(base), Base: base, Token: t.Bearer.Reveal(), Transport: carrier, Timeout: t.Timeout, Tools: caller})
	}
	servers, err := edge.Open(o)
	if err != nil {
		return nil, err
	}
	s.closers = append(s.closers, servers.Close)
	away, err := servers.Check(ctx)
	for _, one := range away {
		fmt.Fprintln(p.err, "resync: the tool server "+visible(one)+" It is tried again as long as this server runs.")
	}
	return servers, err
}

// carrier carries requests to a tool server.
func carrier(t config.ToolServer) (*http.Transport, error) {
	out := http.DefaultTransport.(*http.Transport).Clone() //nolint:errcheck,forcetypeassert // the library's own
	if t.CAFile == "" {
		return out, nil
	}
	pem, err := os.ReadFile(t.CAFile)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "The file %s of tool_servers.%s.ca_file cannot be read.", t.CAFile, t.Name)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fault.New(fault.Invalid, "The file %s of tool_servers.%s.ca_file holds no certificate.", t.CAFile, t.Name)
	}
	out.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	return out, nil
}

// edgeEngine is what answers name where no tool could be called: the first engine, as far as one is known.
func edgeEngine(ctx context.Context, servers *edge.Edge) answer.EngineInfo {
	if all := servers.Engines(ctx); len(all) > 0 {
		return answer.EngineInfo{Name: all[0].Name, Mode: all[0].Mode, API: setAPI("")}
	}
	return answer.EngineInfo{Name: "default", Mode: "live", API: setAPI("")}
}

// edgeFront is the front of an edge agent: users, sessions and conversations are its own; tools and data are those of the tool servers. What only a tool
// server keeps (documents, acknowledgements) is unsupported here.
func (p *program) edgeFront(ctx context.Context, s *site, service *auth.Service, ag *agent.Agent, turns *conversations.Conversations, servers *edge.Edge, secure bool) (http.Handler, error) {
	return api.New(api.Options{
		Auth: service, Asker: ag, Turns: turns, Tools: servers.Data(), Views: servers.Data(), Health: servers.Health, Engines: servers.Engines, Feed: servers, Life: ctx,
		Web: webui.Dist(), Metrics: s.metrics(),
		Roster: s.agents, Model: modelName(s.cfg.LLM),
		Hosts: hosts(s.cfg.Server), Secure: secure, BehindProxy: s.cfg.Server.BehindProxy, Clock: p.clock, Logger: s.logger, Limits: restLimits(s.cfg.Limits),
	})
}
