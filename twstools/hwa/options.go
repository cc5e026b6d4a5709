package hwa

import (
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
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

// Options say which engine to read, and as whom. Either BaseURL or Host is needed; a Token goes before User and Password.
type Options struct {
	Name string // the engine's configured name; "" means "default"
	Mode string // "live" (default) or "mock", shown to people

	BaseURL string // "https://mdm:31116", with or without /twsd or /twsd/api/v2
	Scheme  string // "https" (default) or "http"
	Host    string
	Port    int // 0 means 31116

	User, Password string
	Token          string // an API key: a JWT made in the console

	CAFile               string // PEM file of the authorities to trust besides the system's
	InsecureSkipVerify   bool   // trust any certificate; set only by a setting whose name says insecure
	ProxyFromEnvironment bool

	Timeout time.Duration // of one call; 0 means 30 s
	Clock   func() time.Time
	Logger  *slog.Logger

	// Transport stands in for the network, for tests. TLS and proxy settings are then the caller's.
	Transport http.RoundTripper
}

func (o Options) withDefaults() Options {
	if o.Name == "" {
		o.Name = "default"
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
	return o
}

// takeAddress works out the base URL from BaseURL or Scheme, Host and Port, and moves credentials out of it.
func (o *Options) takeAddress() (*url.URL, error) {
	raw := o.BaseURL
	if raw == "" && strings.Contains(o.Host, "://") {
		raw = o.Host
	}
	if raw == "" {
		raw = o.fromHost()
	}
	if raw == "" {
		return nil, fault.New(fault.Invalid, "No engine is configured: the host is empty.").WithHint("Set TWS_HOST.")
	}
	u, err := url.Parse(strings.TrimSpace(raw))
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

func (o *Options) fromHost() string {
	host := strings.TrimSpace(o.Host)
	if host == "" {
		return ""
	}
	scheme, port := o.Scheme, strconv.Itoa(defaultPort)
	if scheme == "" {
		scheme = "https"
	}
	if h, p, err := net.SplitHostPort(host); err == nil {
		host, port = h, p
	}
	if o.Port != 0 {
		port = strconv.Itoa(o.Port)
	}
	return scheme + "://" + net.JoinHostPort(strings.Trim(host, "[]"), port)
}

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

// transport makes the wire for o.
func (o Options) transport() (http.RoundTripper, error) {
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
		DialContext:            (&net.Dialer{Timeout: min(10*time.Second, o.Timeout), KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:        conf,
		TLSHandshakeTimeout:    min(10*time.Second, o.Timeout),
		ResponseHeaderTimeout:  o.Timeout,
		MaxIdleConnsPerHost:    maxCalls,
		IdleConnTimeout:        90 * time.Second,
		ForceAttemptHTTP2:      true,
		MaxResponseHeaderBytes: 1 << 20,
	}
	if o.ProxyFromEnvironment {
		t.Proxy = http.ProxyFromEnvironment
	}
	return t, nil
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
