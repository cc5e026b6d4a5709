package hwa_test

import (
	"testing"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/enginetest"
	"github.com/resync-hwa/resync/twstools/hwa"
	"github.com/resync-hwa/resync/twstools/twsmock"
)

// V1 counts rows, and a row may be a run: what a page says of the whole list is the number of jobs, or that nobody knows.
func TestV1TotalsAreOfJobs(t *testing.T) {
	h, err := twsmock.New(twsmock.Options{World: twsmock.Fixed(enginetest.World(t))})
	if err != nil {
		t.Fatal(err)
	}
	v1 := func(o *hwa.Options) { o.API = "v1" }
	all, err := open(t, h, v1).Jobs(t.Context(), twstools.ListQuery{Limit: 10000})
	if err != nil || all.Total != len(all.Items) {
		t.Fatalf("%d of %d jobs, %v", len(all.Items), all.Total, err)
	}
	for limit := 1; limit < all.Total; limit++ {
		c := open(t, h, v1)
		for range 2 { // the second time the server is known
			page, err := c.Jobs(t.Context(), twstools.ListQuery{Limit: limit})
			if err != nil || len(page.Items) > limit {
				t.Fatalf("%d jobs of a page of %d, %v", len(page.Items), limit, err)
			}
			if page.Total != -1 && page.Total != all.Total {
				t.Errorf("a page of %d says %d, there are %d jobs", limit, page.Total, all.Total)
			}
			if page.Incomplete && len(page.Items) == limit {
				t.Errorf("a full page of %d is called incomplete", limit)
			}
		}
	}
}
