package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/config"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/httpd"
	"github.com/resync-hwa/resync/internal/loopback"
	"github.com/resync-hwa/resync/internal/store"
	"github.com/resync-hwa/resync/mcp/mcpserver"
)

// mcpPath is where MCP answers.
const mcpPath = "/mcp"

// dataPath is below what the data operations answer.
const dataPath = "/api/"

// mcpDoor is who may come to resync mcp --http, and how. Close it after serving.
type mcpDoor struct {
	server  config.Server // with the address that is listened on
	secure  bool
	tls     *tls.Config
	db      *store.DB     // nil on an open door
	users   *auth.Service // nil on an open door
	options mcpserver.HTTPOptions
	limit   httpd.Guard
}

// mcpDoor opens a door at addr. Beyond this machine, and where keys says so or a provider is configured, callers must bring a key or a token; else
// whoever is on this machine may come in.
func (p *program) mcpDoor(ctx context.Context, cfg *config.Config, addr string, keys bool, offered []string) (*mcpDoor, error) {
	d := &mcpDoor{server: cfg.Server}
	d.server.Listen = addr
	var err error
	if d.secure, d.tls, err = transport(d.server); err != nil {
		return nil, err
	}
	d.limit = httpd.RateLimit(cfg.Limits.RequestsPerMinute, time.Minute)
	if loopback.Address(addr) && !d.server.BehindProxy && !keys && cfg.Auth.OIDCIssuer == "" {
		return d, nil
	}
	if d.db, d.users, err = p.authority(ctx, cfg); err != nil {
		return nil, err
	}
	d.options = mcpAccess(cfg, offered, d.secure)
	d.options.Now = p.clock
	return d, nil
}

// mcpAccess is what the MCP endpoint must know about tokens: offered are the toolsets.
func mcpAccess(cfg *config.Config, offered []string, secure bool) mcpserver.HTTPOptions {
	res := httpd.Resource{Base: cfg.Server.PublicURL, Secure: secure, Path: mcpPath, Name: "Resync", Scopes: []string{auth.ScopeMCP}}
	if cfg.Auth.OIDCIssuer != "" {
		res.Issuers = []string{cfg.Auth.OIDCIssuer}
	}
	for _, set := range offered {
		res.Scopes = append(res.Scopes, auth.ToolsetScope(set))
	}
	return mcpserver.HTTPOptions{Resource: res, People: httpd.RateLimit(cfg.Limits.RequestsPerMinute, time.Minute)}
}

// open reports whether nobody is asked for a key.
func (d *mcpDoor) open() bool { return d.users == nil }

// handler puts the door in front of MCP, the page of figures, the data and whatever else is mounted: the first three ask for keys.
func (d *mcpDoor) handler(mcp, page, data, elsewhere http.Handler, o httpd.Options) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", elsewhere)
	mux.Handle(dataPath, data)
	guard, figures := localCaller(d.limit(mcp)), localCaller(page) // all who need no key are one caller
	if !d.open() {
		guard = httpd.Bearer(d.users, d.options.Resource, auth.ScopeMCP, d.limit)(mcp)
		figures = httpd.Bearer(d.users, d.options.Resource, auth.ScopeMetrics, d.limit)(page)
		mux.Handle(httpd.MetadataPath, d.options.Resource.Metadata())
		mux.Handle(httpd.MetadataPath+mcpPath, d.options.Resource.Metadata())
	}
	mux.Handle("/metrics", figures)
	mux.Handle(mcpPath, guard)
	mux.Handle(mcpPath+"/{$}", guard)
	o.Hosts, o.HTTPS = hosts(d.server), d.secure
	h := httpd.Guards(o)(mux)
	if d.server.BehindProxy {
		h = httpd.Forwarded(h)
	}
	return h
}

// said makes the lines that tell whoever starts the server what they have opened, once the address is known.
func (d *mcpDoor) said(ctx context.Context) (func(bound string) string, error) {
	if d.open() {
		return func(bound string) string {
			return fmt.Sprintf("MCP answers at http://%s%s, without a login, to programs on this machine only; --auth asks them for keys. Stop it with Ctrl-C.", bound, mcpPath)
		}, nil
	}
	users, err := d.users.Users(ctx)
	if err != nil {
		return nil, err
	}
	return func(bound string) string {
		text := fmt.Sprintf("MCP answers at %s%s, for API keys and tokens with the scope %s. Stop it with Ctrl-C.", publicAddress(d.server, bound, d.secure), mcpPath, auth.ScopeMCP)
		if len(users) == 0 && len(d.options.Resource.Issuers) == 0 {
			text += "\nNobody has a key yet: resync user add NAME, then resync user key NAME --scope mcp."
		}
		if d.server.BehindProxy && d.server.PublicURL == "" {
			text += "\nClients that come through the proxy by a name are refused until APP_SERVER__PUBLIC_URL says that name."
		}
		return text
	}, nil
}

// publicAddress is the server's address as people type it.
func publicAddress(c config.Server, bound string, secure bool) string {
	switch {
	case c.PublicURL != "":
		return strings.TrimRight(c.PublicURL, "/")
	case secure:
		return "https://" + bound
	}
	return "http://" + bound
}

// Close closes the store.
func (d *mcpDoor) Close() error {
	if d.db == nil {
		return nil
	}
	return d.db.Close()
}

// provider makes what reads the tokens of the configured OpenID provider; nil when there is none.
func (p *program) provider(c config.Auth) (*auth.OIDC, error) {
	if c.OIDCIssuer == "" {
		return nil, nil
	}
	roles, err := auth.ParseRoles(c.OIDCRoles)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "The key auth.oidc_roles cannot be used.")
	}
	transport := http.DefaultTransport.(*http.Transport).Clone() //nolint:errcheck,forcetypeassert // the library's own
	transport.DisableKeepAlives = true                           // keys are read once an hour
	if c.OIDCCAFile != "" {
		pem, err := os.ReadFile(c.OIDCCAFile)
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, err, "The file %s of auth.oidc_ca_file cannot be read.", c.OIDCCAFile)
		}
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(pem) {
			return nil, fault.New(fault.Invalid, "The file %s of auth.oidc_ca_file holds no certificate.", c.OIDCCAFile)
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	provider, err := auth.NewOIDC(auth.OIDCOptions{Issuer: c.OIDCIssuer, Audience: c.OIDCAudience, RoleClaim: c.OIDCRoleClaim, Roles: roles, Now: p.clock, Transport: transport})
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "The identity provider of auth.oidc_issuer cannot be used.")
	}
	return provider, nil
}
