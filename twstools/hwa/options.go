package hwa

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
)

// The API's usual port, and the port that people take for it.
const (
	defaultPort = 31116
	netmanPort  = "31111"
)

// Options say which engine to read, and as whom. One of BaseURL, Host and Hosts is needed; a Token goes before User and Password. Credentials go to the
// hosts named here and to no other.
type Options struct {
	Name string // the engine's configured name; "" means "default"
	Mode string // "live" (default) or "mock", shown to people

	BaseURL string // "https://mdm:31116", with or without /twsd or /twsd/api/v2
	Scheme  string // "https" (default) or "http"
	Host    string
	Hosts   []string // instead of Host: the master and its backup masters, the one to ask first first; each with a port of its own or without
	Port    int      // 0 means 31116

	// API is the interface to speak: "auto" (also "") asks the engine, "v2" or "v1" sets it.
	API string

	User, Password string
	Token          string // an API key: a JWT made in the console

	CAFile               string // PEM file of the authorities to trust besides the system's
	InsecureSkipVerify   bool   // trust any certificate; set only by a setting whose name says insecure
	Proxy                string // "http://", "https://" or "socks5://", may hold user and password; "none" for no proxy at all
	ProxyFromEnvironment bool   // HTTPS_PROXY and its kin, where Proxy is empty

	Timeout time.Duration // of one call; 0 means 30 s
	Clock   func() time.Time
	Logger  *slog.Logger

	// Watch is told that a call of the engine begins, by method and path template, and gives the context that the call goes on with and what is
	// told its end: the bytes read and, of a failure, the code. Neither may block. Nil: nobody watches.
	Watch func(ctx context.Context, method, template string) (context.Context, func(bytes int64, code fault.Code))

	// Transport stands in for the network, for tests. TLS and proxy settings are then the caller's.
	Transport http.RoundTripper
}

func (o Options) withDefaults() Options {
	if o.Name == "" {
		o.Name = defaultEngine
	}
	if o.Mode == "" {
		o.Mode = "live"
	}
	if o.Timeout <= 0 {
		o.Timeout = 30 * time.Second
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Watch == nil {
		o.Watch = func(ctx context.Context, _, _ string) (context.Context, func(int64, fault.Code)) {
			return ctx, func(int64, fault.Code) {}
		}
	}
	return o
}

// takeAddresses works out the base URLs from BaseURL or Scheme, Hosts and Port, and moves credentials out of them.
func (o *Options) takeAddresses() ([]*url.URL, error) {
	texts := o.Hosts
	if len(texts) == 0 {
		texts = []string{o.Host}
	}
	if o.BaseURL != "" {
		texts = []string{o.BaseURL}
	}
	var out []*url.URL
	for _, text := range texts {
		u, err := o.takeAddress(text)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(out, func(known *url.URL) bool { return *known == *u }) {
			return nil, fault.New(fault.Invalid, "The host %s is configured twice.", u.Host).WithHint("Look at TWS_HOST.")
		}
		out = append(out, u)
	}
	return out, nil
}

// takeAddress reads one address, a URL or a host.
func (o *Options) takeAddress(raw string) (*url.URL, error) {
	if raw = strings.TrimSpace(raw); !strings.Contains(raw, "://") && o.BaseURL == "" {
		raw = o.fromHost(raw)
	}
	if raw == "" {
		return nil, fault.New(fault.Invalid, "No engine is configured: the host is empty.").WithHint("Set TWS_HOST.")
	}
	switch o.API {
	case "", apiAuto, dialectV2, dialectV1:
	default:
		return nil, fault.New(fault.Invalid, "%q is no interface of the engine.", clip(o.API, 40)).WithHint("Set APP_TWS_API to auto, v2 or v1.")
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		// The parse error would repeat the address, and with it a password inside it.
		return nil, fault.New(fault.Invalid, "The engine's address is not a URL.").WithHint("Write it like https://mdm.example.com:31116.")
	}
	if u.Scheme != "https" && u.Scheme != "http" {
		return nil, fault.New(fault.Invalid, "The engine's address must begin with https:// or http://.").WithHint("Look at APP_TWS_SCHEME.")
	}
	if u.User != nil {
		if o.User == "" {
			o.User = u.User.Username()
			o.Password, _ = u.User.Password()
		}
		u.User = nil
	}
	u.Path = rootPath(u.Path)
	u.RawPath, u.RawQuery, u.Fragment = "", "", ""
	return u, nil
}

func (o *Options) fromHost(host string) string {
	if host == "" {
		return ""
	}
	scheme, port := o.Scheme, strconv.Itoa(defaultPort)
	if scheme == "" {
		scheme = "https"
	}
	if o.Port != 0 {
		port = strconv.Itoa(o.Port)
	}
	if h, p, err := net.SplitHostPort(host); err == nil {
		host, port = h, p
	}
	return scheme + "://" + net.JoinHostPort(strings.Trim(host, "[]"), port)
}

// takeProxy reads the proxy's address; nil means none, or that of the environment.
func (o *Options) takeProxy() (*url.URL, error) {
	if o.Proxy == "" || o.Proxy == noProxy {
		return nil, nil
	}
	u, err := url.Parse(strings.TrimSpace(o.Proxy))
	if err == nil && u.Host != "" {
		switch u.Scheme {
		case "http", "https", "socks5", "socks5h":
			return u, nil
		}
	}
	// Neither the address nor the parse error is repeated: both may hold a password.
	return nil, fault.New(fault.Invalid, "The proxy's address must begin with http://, https:// or socks5:// and name a host.").WithHint("Look at APP_TWS_PROXY.")
}

// noProxy goes straight to the engine, whatever the environment says.
const noProxy = "none"

// rootPath completes a path that people give in part: nothing, a proxy's prefix, /twsd, or the whole.
func rootPath(p string) string {
	p = strings.TrimRight(p, "/")
	switch {
	case strings.HasSuffix(p, "/api/v2"):
		return p
	case strings.HasSuffix(p, "/twsd"):
		return p + "/api/v2"
	}
	return p + apiRoot
}

// connectTime bounds the way to a host that has others beside it: a machine that is switched off answers nothing at all, and must not use up the time
// in which the next one could answer. It stays below the share of Timeout that patience gives to a first contact.
func (o Options) connectTime(others bool) time.Duration {
	if others {
		return min(3*time.Second, o.Timeout/10)
	}
	return min(10*time.Second, o.Timeout)
}

// transport makes the wire for o.
func (o Options) transport(proxy *url.URL, several bool) (http.RoundTripper, error) {
	if o.Transport != nil {
		return o.Transport, nil
	}
	conf := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: o.InsecureSkipVerify} // #nosec G402 -- only by a setting that says insecure
	if o.CAFile != "" {
		pool, err := authorities(o.CAFile)
		if err != nil {
			return nil, err
		}
		conf.RootCAs = pool
	}
	t := &http.Transport{
		DialContext:            (&net.Dialer{Timeout: o.connectTime(several), KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:        conf,
		TLSHandshakeTimeout:    o.connectTime(several),
		ResponseHeaderTimeout:  o.Timeout,
		MaxIdleConnsPerHost:    maxCalls,
		IdleConnTimeout:        90 * time.Second,
		ForceAttemptHTTP2:      true,
		MaxResponseHeaderBytes: 1 << 20,
		OnProxyConnectResponse: ledThrough,
	}
	switch {
	case proxy != nil:
		t.Proxy = http.ProxyURL(proxy)
	case o.ProxyFromEnvironment && o.Proxy == "":
		t.Proxy = http.ProxyFromEnvironment
	}
	return t, nil
}

// proxyError is a proxy's refusal to lead to the engine.
type proxyError struct{ status int }

func (e *proxyError) Error() string { return fmt.Sprintf("the proxy answered HTTP %d", e.status) }

// ledThrough keeps a proxy's refusal apart from what an engine says.
func ledThrough(_ context.Context, _ *url.URL, _ *http.Request, answer *http.Response) error {
	if answer.StatusCode == http.StatusOK {
		return nil
	}
	return &proxyError{answer.StatusCode}
}

func authorities(file string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "The file of certificate authorities cannot be read.").WithHint("Look at APP_TWS_CA_FILE.")
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fault.New(fault.Invalid, "The file of certificate authorities holds no certificate in PEM form.").WithHint("Look at APP_TWS_CA_FILE.")
	}
	return pool, nil
}
