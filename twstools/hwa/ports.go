package hwa

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
)

// The optional ports. V1 alone knows most of what they tell, and a V2 server has V1 beside it: they are asked there whichever dialect the plan is read in.

const (
	portRests = 10 * time.Minute // how long a port that the server lacks or denies is not asked again
	zoneLasts = time.Hour        // the plan's zone does not change but with the plan
	zoneWaits = 2 * time.Second  // what an introduction may be held up by it
)

// ports is what the optional ports remember. Safe for concurrent use.
type ports struct {
	c   *Client
	one *v1 // V1 as the ports speak it

	files, critical, plans facts

	mu     sync.Mutex
	absent map[endpoint]refusal
	zone   string
	zoneAt time.Time
}

// refusal is why a port is not asked again for a while.
type refusal struct {
	err   error
	until time.Time
}

func (p *ports) start(c *Client) {
	p.c, p.one = c, newV1(c)
	for _, f := range []*facts{&p.files, &p.critical, &p.plans} {
		f.pages.learn(true)
	}
}

// Capabilities gives the optional ports. All are there; a server may still lack one, which a call then says with fault.Unsupported, or deny it, which is
// fault.UpstreamDenied. Both are remembered for ten minutes.
func (c *Client) Capabilities() twstools.Capabilities {
	p := &c.ports
	return twstools.Capabilities{Plans: p, Files: p, CriticalJobs: p, Mailbox: p, Events: p, Audit: p, Definitions: p, Metrics: p}
}

// portal asks a port unless it is known to be absent.
func portal[T any](ctx context.Context, p *ports, ep endpoint, read func(context.Context) (T, error)) (T, error) {
	if err := p.refused(ep); err != nil {
		var none T
		return none, err
	}
	out, err := read(ctx)
	p.remember(ep, err)
	return out, err
}

func (p *ports) refused(ep endpoint) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if r, ok := p.absent[ep]; ok && p.c.opts.Clock().Before(r.until) {
		return r.err
	}
	return nil
}

func (p *ports) remember(ep endpoint, err error) {
	denied := fault.Is(err, fault.UpstreamDenied) && status(err) != http.StatusUnauthorized && status(err)/100 != 3
	p.mu.Lock()
	defer p.mu.Unlock()
	if !denied && !fault.Is(err, fault.Unsupported) {
		delete(p.absent, ep)
		return
	}
	if p.absent == nil {
		p.absent = map[endpoint]refusal{}
	}
	p.absent[ep] = refusal{err, p.c.opts.Clock().Add(portRests)}
}

// lacking makes errors of a path that is not there say that it is the port that the server lacks.
func (p *ports) lacking(err error, what string) error {
	if err == nil || fault.Is(err, fault.NotFound) && saysNoObject(err) {
		return err
	}
	if absent(err) || noInterface(err) {
		return p.c.source(fault.Wrap(fault.Unsupported, err, "This engine cannot be asked about %s.", what).WithHint("Its interface V1 knows it, where the server offers that."))
	}
	return err
}

// planZone gives the plan's zone as V1 tells it, "" when it does not; it is asked for once an hour.
func (p *ports) planZone(ctx context.Context) string {
	now := p.c.opts.Clock()
	p.mu.Lock()
	zone, fresh := p.zone, !p.zoneAt.IsZero() && now.Sub(p.zoneAt) < zoneLasts
	p.mu.Unlock()
	if fresh {
		return zone
	}
	brief, cancel := context.WithTimeout(ctx, zoneWaits)
	defer cancel()
	w, err := p.PlanWindow(brief)
	p.mu.Lock()
	defer p.mu.Unlock()
	if err == nil {
		p.zone = w.TimeZone
	}
	if ctx.Err() == nil {
		p.zoneAt = now
		if err != nil {
			p.zoneAt = now.Add(portRests - zoneLasts)
		}
	}
	return p.zone
}
