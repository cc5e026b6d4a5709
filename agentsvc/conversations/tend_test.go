package conversations_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/internal/fault"
)

// TestTendTrustsNoJump: when the clock jumps a year ahead nothing goes for a day, in which it can be set right; a store that nobody uses any more is
// emptied all the same, after a day in which the clock went well.
func TestTendTrustsNoJump(t *testing.T) {
	for _, tt := range []struct {
		says       string
		jump, back time.Duration // when the clock jumps ahead, and when it is set right
		asked      time.Duration // when somebody looks
		there      bool
	}{
		{"unused, within its time", 0, 0, 80 * 24 * time.Hour, true},
		{"unused for longer than it is kept", 0, 0, 92 * 24 * time.Hour, false},
		{"a jump", 48*time.Hour + 30*time.Minute, 0, 70 * time.Hour, true},
		{"a jump that was set right", 48*time.Hour + 30*time.Minute, 60*time.Hour + 30*time.Minute, 80 * 24 * time.Hour, true},
		{"a jump that nobody minds", 48*time.Hour + 30*time.Minute, 0, 75 * time.Hour, false},
	} {
		t.Run(tt.says, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				clock := func() time.Time {
					now := time.Now()
					if at := now.Sub(began); tt.jump > 0 && at >= tt.jump && (tt.back == 0 || at < tt.back) {
						return now.AddDate(1, 0, 0)
					}
					return now
				}
				c := conversations.New(conversations.Options{Now: clock})
				if err := c.Store().Create(t.Context(), conversations.Conversation{ID: "c1", Owner: "ana", Created: began, Updated: began}, conversations.Lease{Holder: "n"}); err != nil {
					t.Fatal(err)
				}
				if err := c.Store().Append(t.Context(), "ana", "c1", "n", conversations.Turn{ID: "m1", Question: "why?", At: began}); err != nil {
					t.Fatal(err)
				}
				if err := c.Store().Free(t.Context(), "ana", "c1", "n"); err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithCancel(t.Context())
				go c.Tend(ctx)
				time.Sleep(tt.asked)
				if _, err := c.Store().Get(t.Context(), "ana", "c1"); (err == nil) != tt.there || err != nil && !fault.Is(err, fault.NotFound) {
					t.Errorf("there: %v, want %v", err, tt.there)
				}
				cancel()
				synctest.Wait()
			})
		})
	}
}
