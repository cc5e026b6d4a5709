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

// overMock opens the client over the mock engine and real HTTP. However it is asked, no write may reach the mock.
func overMock(mock twsmock.Options, api string) enginetest.Open {
	return func(t *testing.T, w *world.World) twstools.Engine {
		mock.World, mock.User, mock.Password, mock.Clock = twsmock.Fixed(w), "reader", "s3cret-pw", func() time.Time { return w.AsOf }
		srv, err := twsmock.Start(t.Context(), mock)
		if err != nil {
			t.Fatal(err)
		}
		c, err := hwa.Open(hwa.Options{Name: "plant", Mode: "mock", API: api, BaseURL: srv.URL(), User: "reader", Password: "s3cret-pw"})
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
	}
}

// TestConformance holds the client to the promises of the Engine port, in V2.
func TestConformance(t *testing.T) {
	enginetest.Run(t, overMock(twsmock.Options{}, "auto"))
}

// TestConformanceV1 does the same in V1, for each way in which its description can be read.
func TestConformanceV1(t *testing.T) {
	for name, o := range map[string]twsmock.V1Options{
		"a row for each run": {}, "a row for each job": {OneRowPerJob: true}, "no mirror, plain times": {NoMirror: true, PlainTimes: true},
		"predecessors as a node": {PredecessorsAsNode: true}, "folder in the name": {FolderInName: true},
	} {
		lacks := []enginetest.Lack{enginetest.Ignored}
		if o.OneRowPerJob {
			lacks = append(lacks, enginetest.EarlierRuns)
		}
		t.Run(name, func(t *testing.T) {
			enginetest.Run(t, overMock(twsmock.Options{Dialects: twsmock.OnlyV1, V1: o}, "auto"), lacks...)
		})
	}
}
