package hwa_test

import (
	"testing"
	"time"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/enginetest"
	"github.com/resync-hwa/resync/twstools/hwa"
	"github.com/resync-hwa/resync/twstools/twsmock"
	"github.com/resync-hwa/resync/twstools/world"
)

// TestConformance holds the client to the promises of the Engine port, over the mock engine and real HTTP.
func TestConformance(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, w *world.World) twstools.Engine {
		srv, err := twsmock.Start(t.Context(), twsmock.Options{World: twsmock.Fixed(w), User: "reader", Password: "s3cret-pw", Clock: func() time.Time { return w.AsOf }})
		if err != nil {
			t.Fatal(err)
		}
		c, err := hwa.Open(hwa.Options{Name: "plant", Mode: "mock", BaseURL: srv.URL(), User: "reader", Password: "s3cret-pw"})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if n := srv.Writes(); n != 0 {
				t.Errorf("the mock refused %d writes, want none sent", n)
			}
			_ = c.Close()
			_ = srv.Close()
		})
		return c
	})
}
