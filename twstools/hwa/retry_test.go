package hwa_test

import (
	"context"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/hwa"
)

// However an engine fails, retries stay within a tenth of the calls of the last minute, or ten where that is more.
func TestRetriesStayWithinTheirBudget(t *testing.T) {
	for _, seed := range []uint64{1, 2, 3} {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				random := rand.New(rand.NewPCG(seed, 1))
				s := named("MASTER")
				s.handle = func(w http.ResponseWriter, _ *http.Request) bool {
					if random.IntN(3) == 0 { // fewer than open the breaker
						w.WriteHeader(http.StatusServiceUnavailable)
						return true
					}
					return false
				}
				c := alone(t, s)
				type call struct {
					at       time.Time
					requests int
				}
				var calls []call
				retries := 0
				for range 600 {
					before := len(s.requests())
					_, _ = who(t, c)
					if n := len(s.requests()) - before; n > 0 {
						calls = append(calls, call{time.Now(), n})
						retries += n - 1
					}
					time.Sleep(time.Duration(random.IntN(300)) * time.Millisecond)
				}
				if retries < 15 {
					t.Fatalf("only %d retries in all: the test tests nothing", retries)
				}
				for i, last := range calls {
					n, extra := 0, 0
					for _, c := range calls[:i+1] {
						if last.at.Sub(c.at) < 54*time.Second { // the oldest tenth of a minute may be forgotten
							n, extra = n+1, extra+c.requests-1
						}
					}
					if bound := max(10, (n+60)/10); extra > bound {
						t.Fatalf("%d retries in %d calls within a minute", extra, n)
					}
				}
			})
		})
	}
}

// With the budget spent a failure is given as it is; a minute later there is a new one.
func TestBudgetIsSpentAndComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n atomic.Int32
		s := named("MASTER")
		s.handle = func(w http.ResponseWriter, _ *http.Request) bool {
			if n.Add(1)%3 == 1 { // fails, and works when tried again; the third keeps the breaker closed
				w.WriteHeader(http.StatusServiceUnavailable)
				return true
			}
			return false
		}
		c := alone(t, s)
		failed := 0
		for range 60 {
			if _, err := who(t, c); err != nil {
				failed++
			}
		}
		if failed == 0 {
			t.Error("no call failed: the budget has no bound")
		}
		time.Sleep(time.Minute)
		n.Store(0)
		if _, err := who(t, c); err != nil {
			t.Errorf("after a minute: %v", err)
		}
	})
}

// No caller is kept beyond its deadline for a retry that could not end in time.
func TestRetryLooksAtTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stub{handle: func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Retry-After", "2")
			w.WriteHeader(http.StatusServiceUnavailable)
			return true
		}}
		c := alone(t, s)
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		began := time.Now()
		_, err := c.Info(ctx)
		wantCode(t, err, fault.UpstreamUnavailable)
		if took := time.Since(began); took != 0 || len(s.requests()) != 1 {
			t.Errorf("%s and %d requests, want an error at once", took, len(s.requests()))
		}
		// With time enough the wait is what the server asked for, and no more than the spread on top.
		began = time.Now()
		_, err = c.Info(t.Context())
		wantCode(t, err, fault.UpstreamUnavailable)
		if took := time.Since(began); took < 2*time.Second || took > 2400*time.Millisecond || len(s.requests()) != 3 {
			t.Errorf("%s and %d requests, want 2 s to 2.4 s and 3", took, len(s.requests()))
		}
	})
}

// The waits of many clients are spread over the whole range, so that they do not come back together.
func TestRetriesAreSpread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		low, high := 0, 0
		for range 60 {
			var n atomic.Int32
			s := named("MASTER")
			s.handle = func(w http.ResponseWriter, _ *http.Request) bool {
				if n.Add(1) == 1 {
					w.WriteHeader(http.StatusServiceUnavailable)
					return true
				}
				return false
			}
			c := alone(t, s, func(o *hwa.Options) { o.Name = "one of many" })
			began := time.Now()
			if _, err := who(t, c); err != nil {
				t.Fatal(err)
			}
			switch took := time.Since(began); {
			case took < 200*time.Millisecond:
				low++
			case took < 400*time.Millisecond:
				high++
			default:
				t.Errorf("a wait of %s", took)
			}
		}
		if low < 10 || high < 10 { // 1 in 10 million by chance
			t.Errorf("%d short waits and %d long ones of 60", low, high)
		}
	})
}
