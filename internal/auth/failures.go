package auth

import (
	"net/netip"
	"sync"
	"time"
)

// failures counts log-ins that did not succeed, per account and address and per address, whether the account exists or not.
type failures struct {
	mu   sync.Mutex
	seen map[string]*tally
}

type tally struct {
	n     int
	until time.Time // forgotten then
}

const (
	failureWindow     = 15 * time.Minute
	failuresPerLogin  = 5  // one account from one address
	failuresPerClient = 50 // all accounts from one address
	// maxTallies bounds the memory that strangers can take.
	maxTallies = 20_000
)

func newFailures() *failures { return &failures{seen: map[string]*tally{}} }

// attempt counts a try before its password is looked at, so that parallel tries count too. It gives the time to wait when
// there were too many.
func (f *failures) attempt(account, addr string, now time.Time) (wait time.Duration, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	login, client := f.tally(loginKey(account, addr), now), f.tally(clientKey(addr), now)
	if login.n >= failuresPerLogin {
		return login.until.Sub(now), false
	}
	if client.n >= failuresPerClient {
		return client.until.Sub(now), false
	}
	login.n++
	client.n++
	return 0, true
}

// succeeded forgets the account's tries, and takes the last one off the address.
func (f *failures) succeeded(account, addr string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.seen, loginKey(account, addr))
	if t := f.seen[clientKey(addr)]; t != nil && t.n > 0 {
		t.n--
	}
}

func (f *failures) tally(key string, now time.Time) *tally {
	t := f.seen[key]
	if t == nil || !now.Before(t.until) {
		if t == nil && len(f.seen) >= maxTallies {
			f.shrink(now)
		}
		t = &tally{until: now.Add(failureWindow)}
		f.seen[key] = t
	}
	return t
}

// shrink drops what is over; when that is not enough, the half that ends first.
func (f *failures) shrink(now time.Time) {
	middle := now.Add(failureWindow / 2)
	for _, limit := range []time.Time{now, middle, now.Add(2 * failureWindow)} {
		for key, t := range f.seen {
			if !t.until.After(limit) {
				delete(f.seen, key)
			}
		}
		if len(f.seen) < maxTallies {
			return
		}
	}
}

func loginKey(account, addr string) string { return "login " + clientNet(addr) + " " + account }
func clientKey(addr string) string         { return "client " + clientNet(addr) }

// clientNet gives the address, for IPv6 the /64 that one client usually has whole.
func clientNet(addr string) string {
	ip, err := netip.ParseAddr(addr)
	if err != nil {
		return addr
	}
	if ip = ip.Unmap(); ip.Is4() {
		return ip.String()
	}
	p, err := ip.WithZone("").Prefix(64)
	if err != nil {
		return addr
	}
	return p.String()
}
