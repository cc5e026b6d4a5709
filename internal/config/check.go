package config

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/loopback"
)

// Problem is one thing that is wrong. It never holds the value of a secret.
type Problem struct {
	Key    string // empty when a file or variable as a whole is meant
	Origin string // file, variable or flag; empty when keys do not fit each other
	Text   string // continues the name: "must be …"
}

// String gives the problem as a line for people.
func (p Problem) String() string {
	switch {
	case p.Key == "":
		return p.Origin + " " + p.Text + "."
	case p.Origin == "":
		return p.Key + " " + p.Text + "."
	default:
		return fmt.Sprintf("%s (from %s) %s.", p.Key, p.Origin, p.Text)
	}
}

// Problems are all that is wrong, in the order found.
type Problems []Problem

// fault makes one error of them, nil when there are none.
func (ps Problems) fault() error {
	if len(ps) == 0 {
		return nil
	}
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = strings.ReplaceAll(p.String(), "?.", "?")
	}
	return fault.New(fault.Invalid, "The configuration cannot be used: %s", strings.Join(lines, " ")).
		WithHint("`resync config print` shows every value and where it comes from.")
}

// Check tells what does not fit together; single values were checked when they were read.
func (c *Config) Check() Problems {
	var ps Problems
	add := func(key, format string, args ...any) {
		ps = append(ps, Problem{Key: key, Text: fmt.Sprintf(format, args...)})
	}
	c.checkServer(add)
	c.checkLLM(add)
	c.checkEmbedder(add)
	c.checkAuth(add)
	for _, e := range c.Engines {
		e.check(add)
	}
	for _, s := range c.MCPServers {
		s.check(add)
	}
	for _, w := range c.Webhooks {
		c.checkWebhook(w, add)
	}
	for _, s := range c.ToolServers {
		s.check(add)
	}
	if c.Production() {
		c.checkProduction(add)
	}
	return ps
}

type adder func(key, format string, args ...any)

func (c *Config) checkServer(add adder) {
	if (c.Server.TLSCert == "") != (c.Server.TLSKey == "") {
		add("server.tls_cert", "and server.tls_key belong together; set both or none")
	}
	if !loopback.Address(c.Server.Listen) && c.Server.TLSCert == "" && !c.Server.BehindProxy {
		add("server.listen", "is beyond loopback, so TLS (server.tls_cert and server.tls_key) or a declared proxy (server.behind_proxy) is needed")
	}
}

func (c *Config) checkEmbedder(add adder) {
	if c.Embedder.Provider == "none" {
		for _, key := range []string{"endpoint", "model", "api_key"} {
			if c.configured("embedder." + key) {
				add("embedder.provider", "must be openai or ollama with embedder.%s set", key)
				return
			}
		}
		return
	}
	if c.Embedder.Endpoint == "" {
		add("embedder.endpoint", "is needed with embedder.provider %s", c.Embedder.Provider)
	}
	if strings.TrimSpace(c.Embedder.Model) == "" {
		add("embedder.model", "is needed with embedder.provider %s", c.Embedder.Provider)
	}
}

func (c *Config) checkAuth(add adder) {
	if c.Auth.SessionIdle > c.Auth.SessionMax {
		add("auth.session_idle", "must not be longer than auth.session_max")
	}
	if c.Auth.TokenTTL > c.Auth.RefreshTTL {
		add("auth.token_ttl", "must not be longer than auth.refresh_ttl")
	}
	if c.Auth.OIDCIssuer != "" && c.Auth.OIDCAudience == "" {
		add("auth.oidc_audience", "or server.public_url is needed with auth.oidc_issuer, because a token says for which server it was made")
	}
	if c.Auth.OIDCIssuer == "" && (len(c.Auth.OIDCRoles) > 0 || c.Auth.OIDCCAFile != "" || c.configured("auth.oidc_audience")) {
		add("auth.oidc_issuer", "is needed with the other keys of auth.oidc_*")
	}
	if p := c.Auth.AdminPassword; !p.IsZero() && strings.EqualFold(p.Reveal(), c.Auth.AdminUsername) {
		add("auth.admin_password", "must differ from the user's name")
	}
}

// configured reports whether a key was set to something.
func (c *Config) configured(key string) bool {
	for _, v := range c.values {
		if v.key == key {
			return form(v.typed) != ""
		}
	}
	return false
}

func (e Engine) check(add adder) {
	key := "engines." + e.Name + "."
	if e.Mode != "live" {
		return
	}
	if len(e.Hosts) == 0 {
		add(key+"host", "is needed with mode live")
	}
	if e.APIKey.IsZero() && (e.User == "") != e.Password.IsZero() {
		add(key+"user", "and %spassword belong together; set both, or an api_key", key)
	}
	if !e.APIKey.IsZero() && !e.Password.IsZero() {
		add(key+"api_key", "and %spassword are both set; set one of the two", key)
	}
}

func (s MCPServer) check(add adder) {
	key := "mcp_servers." + s.Name + "."
	if (s.Command == "") == (s.URL == "") {
		add(key+"command", "or %surl is needed, and only one of the two", key)
	}
	if len(s.Tools) == 0 {
		add(key+"tools", "must name the tools that may be used; nothing is allowed by default")
	}
	for _, t := range s.Tools {
		if strings.ContainsAny(t, "*?") {
			add(key+"tools", "takes names alone, no wildcard")
			break
		}
	}
	if s.URL == "" && !s.Bearer.IsZero() {
		add(key+"bearer", "is for a server with %surl; a program takes its secrets from %senv", key, key)
	}
	if u, err := url.Parse(s.URL); err == nil && u.Scheme == "http" && !s.Bearer.IsZero() && !loopback.Host(u.Hostname()) {
		add(key+"url", "must start with https:// beyond this machine, since a bearer is sent")
	}
	for _, e := range s.Env {
		if name, _, _ := strings.Cut(e.Reveal(), "="); !variableName.MatchString(name) {
			add(key+"env", "must be a list of NAME=VALUE or NAME")
			break
		}
	}
}

func (c *Config) checkWebhook(w Webhook, add adder) {
	key := "webhooks." + w.Name + "."
	if w.URL.IsZero() {
		add(key+"url", "is needed")
	}
	if w.Kind != "generic" && !w.Secret.IsZero() {
		add(key+"secret", "signs generic messages; %s has no signature", w.Kind)
	}
	for _, name := range w.Engines {
		known := name == defaultEngine && len(c.Engines) == 0
		for _, e := range c.Engines {
			known = known || e.Name == name
		}
		if !known {
			add(key+"engines", "names an engine that is not configured: %q", name)
		}
	}
}

func (s ToolServer) check(add adder) {
	key := "tool_servers." + s.Name + "."
	u, err := url.Parse(s.URL)
	switch {
	case s.URL == "":
		add(key+"url", "is needed")
	case err == nil && u.Scheme == "http" && !loopback.Host(u.Hostname()):
		add(key+"url", "must start with https:// beyond this machine, since a bearer is sent")
	}
	if s.Bearer.IsZero() {
		add(key+"bearer", "is needed: a key made there with the scopes mcp, read and delegate")
	}
}

func (c *Config) checkProduction(add adder) {
	live := 0
	for _, e := range c.Engines {
		key := "engines." + e.Name + "."
		if e.Mode != "live" {
			continue
		}
		live++
		if e.InsecureSkipVerify {
			add(key+"insecure_skip_verify", "is refused in production; name the authority in ca_file")
		}
		if e.Scheme != "https" {
			add(key+"scheme", "must be https in production")
		}
	}
	if live == 0 && len(c.ToolServers) == 0 {
		add("engines.default.host", "is needed in production, where the demo engine is refused; set TWS_HOST")
	}
	if c.Auth.SecretKey.IsZero() {
		add("auth.secret_key", "is needed in production; set SECRET_KEY or SECRET_KEY_FILE")
	}
}
