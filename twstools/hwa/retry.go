package hwa

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// What trying again may cost. Every request of the table is a read, so any of them may be repeated; the bound is for the server's sake. Ten per
// cent is what most budgets of this kind allow, the floor keeps a client that asks little from never trying again.
const (
	maxRetryWait = 2 * time.Second        // a server that wants longer is not waited for by the caller
	retrySpread  = 400 * time.Millisecond // full jitter: the wait is anything up to this
	budgetSpan   = time.Minute
	budgetShare  = 10 // one retry in so many calls
	budgetFloor  = 10 // retries within the span that are always free
)

// budget bounds the retries of one Client. Safe for concurrent use.
type budget struct {
	mu    sync.Mutex
	calls tally // calls, retries
}

func (b *budget) call(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.calls.span = budgetSpan
	b.calls.add(now, 0)
}

// retry takes one retry out of the budget, if it still has one.
func (b *budget) retry(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.calls.span = budgetSpan
	n := b.calls.sum(now)
	if n[1] >= max(budgetFloor, n[0]/budgetShare) {
		return false
	}
	b.calls.add(now, 1)
	return true
}

// again waits before a retry of a call that failed with err, and reports whether there should be one: the failure may pass, the budget has room, and
// the caller's deadline leaves time for more than the wait.
func (c *Client) again(ctx context.Context, err error) bool {
	wait, may := retryable(err)
	if !may || ctx.Err() != nil {
		return false
	}
	if end, ok := ctx.Deadline(); ok && time.Until(end) <= wait {
		return false
	}
	if !c.budget.retry(c.opts.Clock()) {
		return false
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// retryable reports whether the read may be tried once more, and after what wait.
func retryable(err error) (time.Duration, bool) {
	if err == nil {
		return 0, false
	}
	jitter := rand.N(retrySpread) // #nosec G404 -- spreads retries, hides nothing
	var refused *refusedError
	if errors.As(err, &refused) {
		return jitter + refused.retryAfter, retryLater(refused.status) && refused.retryAfter <= maxRetryWait
	}
	return jitter, brokenOff(err)
}

// retryLater reports whether the status means that the server, or the one behind it, cannot answer just now.
func retryLater(status int) bool {
	return status == http.StatusTooManyRequests || elsewhereStatus(status)
}

// elsewhereStatus reports whether the status means that another host may do better.
func elsewhereStatus(status int) bool {
	switch status {
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// retryAfter reads the header, seconds or a date; a date is counted from the answer's own Date, where it has one. What cannot be read is taken for
// "longer than we wait".
func retryAfter(h http.Header, now time.Time) time.Duration {
	v := h.Get("Retry-After")
	if v == "" {
		return 0
	}
	if n, err := strconv.Atoi(v); err == nil && n >= 0 {
		return time.Duration(min(n, 3600)) * time.Second
	}
	at, err := http.ParseTime(v)
	if err != nil {
		return time.Hour
	}
	if d, err := http.ParseTime(h.Get("Date")); err == nil {
		now = d
	}
	return min(max(at.Sub(now), 0), time.Hour)
}
