package main

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/hwa"
)

func TestEngineMetrics(t *testing.T) {
	t.Parallel()
	bounds := hwa.LatencyBounds()
	buckets := make([]int64, len(bounds))
	for i := range buckets {
		buckets[i] = min(int64(i), 2)
	}
	m := newEngineMetrics([]engine{{name: "away"}, {name: "prod", ledger: func() []hwa.LedgerRow {
		return []hwa.LedgerRow{{Dialect: "v2", Method: "GET", Template: "/plan/job", Count: 3, Answers: 2, Failed: 1, Bytes: 70, Latency: 90 * time.Millisecond, Buckets: buckets,
			Errors: map[fault.Code]int64{fault.Timeout: 1}}, {Dialect: "v1", Method: "GET", Template: "/plan/job", Count: 1, Answers: 1, Bytes: 7, Buckets: buckets}}
	}}})
	want := `
# HELP resync_engine_failures_total Calls that brought nothing, by error code.
# TYPE resync_engine_failures_total counter
resync_engine_failures_total{api="v2",code="timeout",engine="prod",method="GET",path="/plan/job"} 1
# HELP resync_engine_requests_total Requests that left for the engine, retries included.
# TYPE resync_engine_requests_total counter
resync_engine_requests_total{api="v1",engine="prod",method="GET",path="/plan/job"} 1
resync_engine_requests_total{api="v2",engine="prod",method="GET",path="/plan/job"} 3
# HELP resync_engine_response_bytes_total Bytes of the engine's answers after decompression.
# TYPE resync_engine_response_bytes_total counter
resync_engine_response_bytes_total{api="v1",engine="prod",method="GET",path="/plan/job"} 7
resync_engine_response_bytes_total{api="v2",engine="prod",method="GET",path="/plan/job"} 70
`
	if err := testutil.CollectAndCompare(m, strings.NewReader(want), "resync_engine_failures_total", "resync_engine_requests_total", "resync_engine_response_bytes_total"); err != nil {
		t.Error(err)
	}
	if problems, err := testutil.CollectAndLint(m); err != nil || len(problems) > 0 {
		t.Errorf("%v %v", problems, err)
	}
}
