package hwa

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
)

// ask goes through the hosts, beginning with the one that answered last. When none answers, the error is that of the first one that was really asked.
func (c *Client) ask(ctx context.Context, r request, limit int64, consume func(answer) error) error {
	var first error
	for _, h := range c.hosts.order() {
		silent := h.patience.silent()
		err := c.once(ctx, h, r, limit, consume)
		if !nextHost(ctx, err, silent) {
			if c.hosts.prefer(h) {
				c.log.WarnContext(ctx, "another host answers for the engine now", "host", h.base.Host)
			}
			return err
		}
		if first == nil || notAsked(first) && !notAsked(err) {
			first = err
		}
		if ctx.Err() != nil {
			break
		}
	}
	return c.alone(first)
}

// alone says of the error of one host that the others failed too.
func (c *Client) alone(err error) error {
	var e *fault.Error
	if n := len(c.hosts.all); n < 2 || !errors.As(err, &e) {
		return err
	}
	return e.WithHint("%s", strings.TrimSpace(fmt.Sprintf("None of the %d configured hosts answers. %s", len(c.hosts.all), e.Hint)))
}

// nextHost reports whether another host may do better: this one could not be reached, broke off, or stands in front of an engine that it cannot
// reach itself. A late answer counts only while the host has never answered: a slow list is as slow on the next one, and costs the engine twice.
func nextHost(ctx context.Context, err error, silent bool) bool {
	if err == nil || ctx.Err() != nil {
		return false
	}
	if e, ok := refusedAs(err); ok {
		return elsewhereStatus(e.status)
	}
	var op *net.OpError
	if errors.Is(err, context.DeadlineExceeded) && !(errors.As(err, &op) && op.Op == "dial") {
		return silent
	}
	return notAsked(err) || !understood(err)
}

// notAsked reports whether the error stands for a call that was not made.
func notAsked(err error) bool {
	var open *openError
	return errors.Is(err, errStalled) || errors.As(err, &open)
}

// understood reports whether the error is about what was answered, rather than about getting an answer.
func understood(err error) bool {
	for _, about := range []error{errHTML, errTooLarge, errRowTooLarge, errEmpty, errNotJSON, errShape, errForbiddenRequest} {
		if errors.Is(err, about) {
			return true
		}
	}
	return false
}

// hostOutcome judges a server by one call. What it answers, good or bad, shows that it is there.
func hostOutcome(ctx context.Context, r request, err error) outcome {
	switch e, refused := refusedAs(err); {
	case err == nil:
		return served
	case ctx.Err() != nil || understood(err) || notAsked(err):
		return nothing
	case r.isLog() && (refused || errors.Is(err, context.DeadlineExceeded)):
		return nothing // logs come from agents: one that is away says nothing about the server
	case refused && !elsewhereStatus(e.status):
		return served
	}
	return broken
}

// engineOutcome judges the engine behind its hosts: it also fails when it turns readers away, cannot read its database, or refuses our credentials, which
// would be a directory server's burden with every call, and a locked account in the end.
func engineOutcome(ctx context.Context, r request, err error) outcome {
	o := hostOutcome(ctx, r, err)
	if e, ok := refusedAs(err); ok && o == served && (e.ill() || e.status == http.StatusTooManyRequests || e.status == http.StatusUnauthorized) {
		return broken
	}
	return o
}

// isLog reports whether the answer is a job's log: text, and fetched from an agent.
func (r request) isLog() bool { return r.ep.ofAgent() }
