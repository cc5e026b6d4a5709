package hwa

import (
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
)

// maxCalls is how many requests a Client has under way at once.
const maxCalls = 4

// Client reads one engine in the dialect that it speaks. Safe for concurrent use; see the package comment.
type Client struct {
	opts    Options
	base    *url.URL // of the first host
	hosts   hosts
	creds   credentials
	wire    http.RoundTripper
	log     *slog.Logger
	slots   chan struct{}
	logs    slotsByName
	ledger  ledger
	clock   engineClock
	breaker breaker
	budget  budget
	tongue  tongue
	ports   ports
}

var (
	_ twstools.Engine  = (*Client)(nil)
	_ twstools.Clocked = (*Client)(nil)
	_ twstools.Capable = (*Client)(nil)
)

// Open makes a Client. It checks the options and reads the CA file, but dials nothing.
func Open(o Options) (*Client, error) {
	o = o.withDefaults()
	c, err := open(o)
	var e *fault.Error
	if errors.As(err, &e) {
		return nil, named(e, o.Name)
	}
	return c, err
}

func open(o Options) (*Client, error) {
	bases, err := o.takeAddresses()
	if err != nil {
		return nil, err
	}
	proxy, err := o.takeProxy()
	if err != nil {
		return nil, err
	}
	wire, err := o.transport(proxy, len(bases) > 1)
	if err != nil {
		return nil, err
	}
	c := &Client{base: bases[0], creds: newCredentials(o.User, o.Password, o.Token, proxy), wire: wire, log: o.Logger.With("engine", o.Name), slots: make(chan struct{}, maxCalls)}
	o.User, o.Password, o.Token, o.Proxy, o.BaseURL, o.Host, o.Hosts = "", "", "", "", "", "", nil // addresses may hold a password, too
	c.opts, c.clock.ours = o, o.Clock
	for _, base := range bases {
		c.hosts.all = append(c.hosts.all, c.newHost(base, wire))
	}
	c.tongue.start(c)
	c.ports.start(c)
	return c, nil
}

// Close frees idle connections. The Client may not be used afterwards.
func (c *Client) Close() error {
	for _, h := range c.hosts.all {
		h.http.CloseIdleConnections()
	}
	return nil
}

// PlanNow gives the engine's now: the Date of its last answer, moved on by the time since.
func (c *Client) PlanNow() (now time.Time, ours bool) { return c.clock.now() }

// engineClock keeps the last Date header. Both readings of ours carry the monotonic clock, so a jump of our wall clock moves nothing.
type engineClock struct {
	mu   sync.Mutex
	ours func() time.Time
	date time.Time
	seen time.Time
}

func (k *engineClock) note(header string, at time.Time) {
	d, err := http.ParseTime(header)
	if err != nil || d.Year() < 2000 {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.date, k.seen = d.UTC(), at
}

func (k *engineClock) now() (time.Time, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	at := k.ours()
	if k.date.IsZero() {
		return at.UTC(), true
	}
	return k.date.Add(at.Sub(k.seen)).UTC(), false
}
