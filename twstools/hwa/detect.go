package hwa

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
)

// apiAuto is the option that lets the engine say which interface it has.
const apiAuto = "auto"

// Which interface an engine has is asked once, with the first call: both say what they are under engine/info, V2 below its own path. A V2 server has
// V1 as well, so V2 is asked first. The verdict holds until the engine was lost altogether, since a server that comes back may be another level.
const (
	askAgain   = time.Minute      // between two questions after a loss
	unsureHold = 20 * time.Second // how long a guess holds that the engine did not confirm
)

// tongue remembers which dialect the engine speaks. Safe for concurrent use.
type tongue struct {
	asking chan struct{} // held by the one call that asks

	mu    sync.Mutex
	is    twstools.Engine // nil: not known
	until time.Time       // of a guess; zero for what the engine said itself
	asked time.Time
	lost  bool
}

func (k *tongue) start(c *Client) {
	k.asking = make(chan struct{}, 1)
	switch c.opts.API {
	case dialectV2:
		k.is = newV2(c)
	case dialectV1:
		k.is = newV1(c)
	}
}

// current gives the dialect, or nil when the engine must be asked. A set one is never asked about.
func (k *tongue) current(now time.Time, set bool) twstools.Engine {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case set:
		return k.is
	case k.is != nil && !k.until.IsZero() && now.After(k.until):
		return nil
	case k.lost && now.Sub(k.asked) >= askAgain:
		return nil
	}
	return k.is
}

// speaking gives the dialect as far as it is known, without asking.
func (k *tongue) speaking() twstools.Engine {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.is
}

// settle keeps the outcome of a question; a guess does not replace what the engine itself had said.
func (k *tongue) settle(e twstools.Engine, sure bool, now time.Time) twstools.Engine {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.asked = now
	switch {
	case sure:
		k.is, k.until, k.lost = e, time.Time{}, false
	case k.is == nil || !k.until.IsZero():
		k.is, k.until, k.lost = e, now.Add(unsureHold), false
	}
	return k.is
}

// unanswered keeps that the question had no answer, and gives what was known before.
func (k *tongue) unanswered(now time.Time) twstools.Engine {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.asked = now
	if !k.until.IsZero() {
		k.is = nil
	}
	return k.is
}

// note looks at how a read ended: an engine that was lost altogether, or lacks the very lists of its interface, may be another one when it is back.
func (k *tongue) note(e twstools.Engine, err error) {
	if err == nil {
		k.mu.Lock()
		defer k.mu.Unlock()
		if k.is == e { // a guess that answers is none any more
			k.until = time.Time{}
		}
		return
	}
	if !fault.Is(err, fault.UpstreamUnavailable) || status(err) != 0 && !absent(err) {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.lost = true
}

// speaks gives the engine's dialect. Of concurrent first calls one asks and the others wait for it. What the engine said about itself comes along
// when this call has asked.
func (c *Client) speaks(ctx context.Context) (twstools.Engine, object, error) {
	k := &c.tongue
	set := c.opts.API == dialectV1 || c.opts.API == dialectV2
	if e := k.current(c.opts.Clock(), set); e != nil {
		return e, nil, nil
	}
	select {
	case k.asking <- struct{}{}:
		defer func() { <-k.asking }()
	case <-ctx.Done():
		return nil, nil, c.failed(ctx, request{what: introduction}, ctx.Err())
	}
	if e := k.current(c.opts.Clock(), set); e != nil {
		return e, nil, nil
	}
	e, said, err := c.recognise(ctx)
	if err != nil {
		if known := k.unanswered(c.opts.Clock()); known != nil {
			return known, nil, nil // the read itself will tell what is wrong
		}
		return nil, nil, err
	}
	return k.settle(e, said != nil, c.opts.Clock()), said, nil
}

const introduction = "what the engine says about itself"

func (c *Client) readInfo(ctx context.Context, ep endpoint) (object, error) {
	if ep == v1EngineInfo {
		return c.readV1Info(ctx)
	}
	r, err := newRequest(ep, "", nil)
	if err != nil {
		return nil, err
	}
	r.what = introduction
	return c.getObject(ctx, r)
}

// recognise asks the engine what it is. Without what it said, the dialect is a guess: the path answered, though not with what was asked.
func (c *Client) recognise(ctx context.Context) (twstools.Engine, object, error) {
	two, one := newV2(c), newV1(c)
	said, err := c.readInfo(ctx, engineInfo)
	switch {
	case err == nil:
		return two, said, nil
	case absent(err), status(err) == http.StatusGone, noInterface(err):
		said, errV1 := c.readInfo(ctx, v1EngineInfo)
		switch {
		case errV1 == nil && introduces(said):
			return one, said, nil
		case status(errV1) == http.StatusUnauthorized, errV1 != nil && ctx.Err() != nil:
			return nil, nil, errV1
		}
		return nil, nil, c.neither(err)
	case status(err) == 0, status(err) == http.StatusUnauthorized, status(err)/100 == 3:
		return nil, nil, err
	}
	return two, nil, nil
}

// noInterface reports whether an answer came from something that is no interface of the scheduler.
func noInterface(err error) bool {
	return errors.Is(err, errHTML) || errors.Is(err, errNotJSON) || errors.Is(err, errShape)
}

// introduces reports whether an object is what an engine says about itself: servers that answer everything with some JSON exist.
func introduces(o object) bool {
	for _, key := range []string{"displayVersion", "fullVersion", "version", "engineType", "type", "workstationName", "masterWorkstation", "planTimezone", "timezone",
		"synphonyRunNumber", "apiLevel", "licenseType"} {
		if o.has(key) {
			return true
		}
	}
	return false
}

// neither says that the server has no interface that Resync can speak.
func (c *Client) neither(err error) error {
	if !absent(err) {
		return err
	}
	e, ok := refusedAs(err)
	if !ok {
		return err
	}
	return c.source(fault.Wrap(fault.UpstreamUnavailable, e, "The server answers, but it offers neither the V2 nor the V1 interface of the scheduler (HTTP %d).", e.status).
		WithHint("Check TWS_HOST and TWS_PORT: the interface is on the master or a backup master, usually on port %d.", defaultPort))
}

// infoIn decodes what the engine said about itself.
func (c *Client) infoIn(ctx context.Context, e twstools.Engine, said object) twstools.Info {
	if _, ok := e.(*v1); ok {
		return c.info(said, dialectV1)
	}
	info := c.info(said, dialectV2)
	if zone := c.ports.planZone(ctx); zone != "" {
		info.TimeZone = zone
	}
	return info
}

// info decodes EngineInfo of either interface. The plan's zone is the one to show times in; where V1 says it, it goes before the server's own.
func (c *Client) info(o object, dialect string) twstools.Info {
	return twstools.Info{
		Engine: c.opts.Name, Mode: c.opts.Mode, Dialect: dialect,
		Version:  o.str("displayVersion", "fullVersion", "version"),
		TimeZone: o.str("planTimezone", "planTimeZone", "timezone", "timeZone"),
		Locale:   o.str("locale"),
		License:  o.str("licenseType", "license"),
	}
}
