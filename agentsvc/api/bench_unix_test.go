//go:build unix

package api_test

import (
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"
	"time"

	"github.com/resync-hwa/resync/agentsvc/api"
	"github.com/resync-hwa/resync/internal/auth"
)

// BenchmarkRequest is what one small answer costs in this server: guards, who asks, rights, the query, the handler and its JSON, without a
// network. The tool behind /api/status does nothing here. Look at cpu-ns/op where others use the machine too.
func BenchmarkRequest(b *testing.B) {
	o, own := options(b)
	o.Logger, o.Limits.RequestsPerMinute = nil, 1<<30
	h, err := api.New(o)
	if err != nil {
		b.Fatal(err)
	}
	who := own.as(b, auth.Viewer, "token")
	for _, path := range []string{"/livez", "/api/agents", "/api/status", "/api/status?engine=default", "/api/status?nope=1"} {
		b.Run(path, func(b *testing.B) {
			b.ReportAllocs()
			size, before := 0, worked(b)
			for b.Loop() {
				r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "http://127.0.0.1"+path, http.NoBody)
				r.Header = who
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				if size = w.Body.Len(); w.Code >= 500 || size == 0 {
					b.Fatalf("%d %s", w.Code, w.Body)
				}
			}
			b.ReportMetric(float64(worked(b)-before)/float64(b.N), "cpu-ns/op")
			b.ReportMetric(float64(size), "B/answer")
		})
	}
}

// worked is how long the processors have worked for this process.
func worked(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
