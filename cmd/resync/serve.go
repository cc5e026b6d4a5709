package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v3"

	"github.com/resync-hwa/resync/agentsvc/agent"
	"github.com/resync-hwa/resync/agentsvc/api"
	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/agentsvc/conversations/stored"
	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/config"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/loopback"
	"github.com/resync-hwa/resync/internal/secret"
	"github.com/resync-hwa/resync/internal/store"
	"github.com/resync-hwa/resync/webui"
)

func (p *program) serveCommand() *cli.Command {
	return &cli.Command{
		Name: "serve", Usage: "run everything in one process: web page, REST, agent, and MCP at /mcp",
		Flags:  []cli.Flag{&cli.StringFlag{Name: "listen", Usage: "address and port (default 127.0.0.1:8000)"}},
		Action: p.serve,
	}
}

func (p *program) serve(ctx context.Context, c *cli.Command) error {
	return p.serveOn(ctx, c, p.openEngines)
}

// serveOn serves the engines that are handed in.
func (p *program) serveOn(ctx context.Context, c *cli.Command, engines func(context.Context, *site) error) error {
	flags := map[string]string{}
	if c.IsSet("listen") {
		flags["server.listen"] = c.String("listen")
	}
	cfg, err := p.config(flags)
	if err != nil {
		return err
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
	s, err := p.openOn(ctx, cfg, engines, true)
	if s != nil {
		defer s.Close() //nolint:errcheck // as above
	}
	if err != nil {
		return err
	}
	if err := p.openAudit(ctx, s); err != nil {
		return err
	}
	if err := p.remember(ctx, s); err != nil {
		return err
	}
	if err := p.alertFrom(ctx, s); err != nil {
		return err
	}
	p.tend(ctx, s, s.shelf)
	turns := p.keepConversations(ctx, s, db)
	ag, err := p.agent(ctx, s, turns)
	if err != nil {
		return err
	}
	front, err := p.front(ctx, s, service, ag, turns, secure)
	if err != nil {
		return fault.Wrap(fault.Internal, err, "The web front cannot be made.")
	}
	first, err := service.EnsureAdmin(ctx, cfg.Auth.AdminUsername, cfg.Auth.AdminPassword)
	if err != nil {
		return err // a server that nobody can log in to is of no use
	}
	p.collectLess(ctx)
	return p.listenAndServe(ctx, cfg.Server.Listen, s.instruments.guard()(front), tlsConfig, func(bound string) { p.welcome(cfg, first, bound, secure) })
}

// transport says whether browsers see TLS, here or at a declared proxy. Beyond loopback one of the two must be.
func transport(c config.Server) (secure bool, conf *tls.Config, err error) {
	switch {
	case c.TLSCert != "":
		cert, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey)
		if err != nil {
			return false, nil, fault.Wrap(fault.Invalid, err, "The TLS certificate %s cannot be used with its key.", c.TLSCert)
		}
		return true, &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}, nil
	case c.BehindProxy:
		return true, nil, nil
	case !loopback.Address(c.Listen):
		return false, nil, fault.New(fault.Invalid, "%s can be reached from outside, and the connection would not be encrypted.", c.Listen).
			WithHint("Set APP_SERVER__TLS_CERT and APP_SERVER__TLS_KEY, or APP_SERVER__BEHIND_PROXY=true when a proxy speaks TLS.")
	}
	return false, nil, nil
}

// authority opens the store and what knows the users.
func (p *program) authority(ctx context.Context, cfg *config.Config) (*store.DB, *auth.Service, error) {
	db, err := store.Open(ctx, store.Options{Dir: cfg.DataDir, URL: cfg.Database, Rooms: []store.Room{auth.Room(), stored.Room()}})
	if err != nil && !cfg.Database.IsZero() {
		return nil, nil, err // coded, with what to check, and without the URL
	}
	if err != nil {
		return nil, nil, fault.Wrap(fault.Internal, err, "The data folder %s cannot be used; APP_DATA_DIR names another one.", cfg.DataDir)
	}
	key, err := secretKey(cfg)
	if err != nil {
		db.Close() //nolint:errcheck // the error above is the one to tell
		return nil, nil, err
	}
	provider, err := p.provider(cfg.Auth)
	if err != nil {
		db.Close() //nolint:errcheck // the error above is the one to tell
		return nil, nil, err
	}
	service, err := auth.New(auth.Options{DB: db, Key: key, OIDC: provider, Now: p.clock, SessionIdle: cfg.Auth.SessionIdle, SessionMax: cfg.Auth.SessionMax, TokenTTL: cfg.Auth.TokenTTL, RefreshTTL: cfg.Auth.RefreshTTL})
	if err != nil {
		db.Close() //nolint:errcheck // the error above is the one to tell
		return nil, nil, fault.Wrap(fault.Invalid, err, "The keys for logging in cannot be used: %v.", err)
	}
	return db, service, nil
}

// secretKey gives the configured key, or the one that is kept in the data folder, made when there is none.
func secretKey(cfg *config.Config) (secret.String, error) {
	if !cfg.Auth.SecretKey.IsZero() {
		return cfg.Auth.SecretKey, nil
	}
	// With PostgreSQL nothing else has made the folder yet; one that cannot be made is told by the next step.
	_ = os.MkdirAll(cfg.DataDir, 0o700)
	key, err := secret.KeyFile(keyPath(cfg))
	if err != nil {
		return secret.String{}, fault.Wrap(fault.Internal, err, "The key that signs tokens cannot be used.")
	}
	return key, nil
}

// keyPath is where the secret key is kept that nobody configured.
func keyPath(cfg *config.Config) string { return filepath.Join(cfg.DataDir, "secret.key") }

func (p *program) front(ctx context.Context, s *site, service *auth.Service, ag *agent.Agent, turns *conversations.Conversations, secure bool) (http.Handler, error) {
	mcp := mcpAccess(s.cfg, s.mcp.Toolsets(), secure)
	mcp.Now = p.clock
	return api.New(api.Options{
		Auth: service, Asker: ag, Turns: turns, Tools: s.set, Views: s.views, Health: s.health(p.clock), Acks: restAcks{s}, Engines: s.listed, Feed: feed{s}, Life: ctx, Documents: &restDocuments{base: s.base, shelf: s.shelf}, Web: webui.Dist(), Metrics: s.metrics(), MCP: s.endpoint(ctx, mcp), Resource: mcp.Resource,
		Roster: s.agents, Model: modelName(s.cfg.LLM),
		Hosts: hosts(s.cfg.Server), Secure: secure, BehindProxy: s.cfg.Server.BehindProxy, Clock: p.clock, Logger: s.logger,
		Limits: restLimits(s.cfg.Limits),
	})
}

// restLimits are the configured bounds of requests.
func restLimits(l config.Limits) api.Limits {
	return api.Limits{BodyBytes: int64(l.BodyBytes), RequestsPerMinute: l.RequestsPerMinute, LoginsPerMinute: l.LoginsPerMinute, ChatsAtOnce: l.ChatsAtOnce, TurnTimeout: l.TurnTimeout}
}

// hosts are the public names under which browsers may come.
func hosts(c config.Server) []string {
	if u, err := url.Parse(c.PublicURL); err == nil && u.Host != "" {
		return []string{u.Host}
	}
	return nil
}

// welcome says where the page is and, as long as nobody has logged in, gives a one-time link.
func (p *program) welcome(cfg *config.Config, first auth.FirstAdmin, bound string, secure bool) {
	address := publicAddress(cfg.Server, bound, secure)
	fmt.Fprintf(p.err, "\nResync answers at %s\n", address)
	if cfg.Server.BehindProxy && cfg.Server.PublicURL == "" {
		fmt.Fprintln(p.err, "Browsers that come through the proxy by a name are refused until APP_SERVER__PUBLIC_URL says that name.")
	}
	if !first.Link.IsZero() {
		fmt.Fprintf(p.err, "Log in once as %s with this link (10 minutes, one use):\n  %s/login/once?code=%s\nThen set a password: resync user password %s\n", first.Name, address, first.Link.Reveal(), first.Name)
	}
	fmt.Fprintln(p.err, "Stop it with Ctrl-C.")
}
