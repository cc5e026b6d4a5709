package reader_test

import (
	"testing"
	"time"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/enginetest"
	"github.com/resync-hwa/resync/twstools/hwa"
	"github.com/resync-hwa/resync/twstools/reader"
	"github.com/resync-hwa/resync/twstools/twsmock"
	"github.com/resync-hwa/resync/twstools/world"
)

// TestConformance holds a Reader to the promises of the Engine port, over a world in memory and over the client and the mock engine.
func TestConformance(t *testing.T) {
	t.Run("world", func(t *testing.T) {
		enginetest.Run(t, func(t *testing.T, w *world.World) twstools.Engine {
			return open(t, reader.Options{Engine: world.Engine(w, world.Options{Name: "plant"}), Name: "plant"})
		})
	})
	t.Run("client", func(t *testing.T) {
		enginetest.Run(t, func(t *testing.T, w *world.World) twstools.Engine {
			return open(t, reader.Options{Engine: overHTTP(t, w), Name: "plant"})
		})
	})
}

// overHTTP is the client on a mock engine that serves w.
func overHTTP(t *testing.T, w *world.World) *hwa.Client {
	t.Helper()
	srv, err := twsmock.Start(t.Context(), twsmock.Options{World: twsmock.Fixed(w), User: "reader", Password: "s3cret-pw", Clock: func() time.Time { return w.AsOf }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = srv.Close() })
	c, err := hwa.Open(hwa.Options{Name: "plant", Mode: "mock", BaseURL: srv.URL(), User: "reader", Password: "s3cret-pw"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}
