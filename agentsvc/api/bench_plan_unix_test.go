//go:build unix

package api_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/resync-hwa/resync/agentsvc/api"
	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools/hwa"
	"github.com/resync-hwa/resync/twstools/reader"
	"github.com/resync-hwa/resync/twstools/tools"
	"github.com/resync-hwa/resync/twstools/twsmock"
	"github.com/resync-hwa/resync/twstools/world"
)

// BenchmarkPlan is what one reading of a large plan costs in this server while the plan stands still and has been read: guards, rights, the tool
// over the reader's cache, its envelope and its JSON, without a network. RESYNC_ROWS is how many jobs the plan has; 50,000 otherwise. Look at
// cpu-ns/op where others use the machine too.
func BenchmarkPlan(b *testing.B) {
	rows := 50_000
	if s := os.Getenv("RESYNC_ROWS"); s != "" {
		if _, err := fmt.Sscan(s, &rows); err != nil {
			b.Fatal(err)
		}
	}
	now := time.Date(2026, 3, 17, 5, 40, 0, 0, time.UTC) // the same plan at each run
	still := func() time.Time { return now }
	srv, err := twsmock.Start(b.Context(), twsmock.Options{World: twsmock.Fixed(world.Big(rows, now)), Clock: still})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = srv.Close() })
	client, err := hwa.Open(hwa.Options{Name: "default", Mode: "live", BaseURL: srv.URL(), Clock: still})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = client.Close() })
	plan, err := reader.Open(reader.Options{Engine: client, Name: "default", Clock: still, Interval: time.Hour})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = plan.Close() })
	all, err := tools.New(tools.Options{Engine: plan, Name: "default", Mode: "live", API: "v2", Clock: still}).All()
	if err != nil {
		b.Fatal(err)
	}
	if all, err = toolkit.Choose("engine", "which of the configured engines to ask", toolkit.Choice{Name: "default", Tools: all}); err != nil {
		b.Fatal(err)
	}
	set, err := toolkit.NewSet(all...)
	if err != nil {
		b.Fatal(err)
	}
	o, own := options(b)
	o.Logger, o.Limits.RequestsPerMinute, o.Tools = nil, 1<<30, set
	h, err := api.New(o)
	if err != nil {
		b.Fatal(err)
	}
	who := own.as(b, auth.Viewer, "token")
	for _, path := range []string{"/api/status", "/api/jobs", "/api/jobs?page_size=100", "/api/job-streams", "/api/workstations", "/api/resources", "/api/prompts", "/api/radar", "/api/changes"} {
		b.Run(path, func(b *testing.B) {
			get := func() int {
				r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "http://127.0.0.1"+path, http.NoBody)
				r.Header = who
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				if w.Code != http.StatusOK {
					b.Fatalf("%d %s", w.Code, w.Body)
				}
				return w.Body.Len()
			}
			size := get() // the first one reads the engine
			b.ReportAllocs()
			before := worked(b)
			for b.Loop() {
				get()
			}
			b.ReportMetric(float64(worked(b)-before)/float64(b.N), "cpu-ns/op")
			b.ReportMetric(float64(size), "B/answer")
		})
	}
}
