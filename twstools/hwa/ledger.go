package hwa

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
)

// LedgerRow is one line of the ledger: what left for the engine under one row of the table.
type LedgerRow struct {
	Dialect  string // "v2", "v1", or "server" for what lies beside both
	Method   string
	Template string // path below /twsd/api/v2, /twsd, or the server's own root
	// Count is how many requests left, retries, redirects and logins included. The only ones that it does not see are those that Go's HTTP transport
	// sends again because an idle connection had been closed before the first byte of an answer.
	Count   int64
	Answers int64 // calls that ended, well or not; one may have taken several requests
	Failed  int64 // of Answers, the ones of no use
	// Errors are the Failed ones by code. An unknown object counts here too, as not_found.
	Errors  map[fault.Code]int64
	Bytes   int64         // of answers read, after decompression
	Latency time.Duration // sum over Answers, to the last byte read
	Slowest time.Duration
	Buckets []int64   // Answers that took at most LatencyBounds()[i]; cumulative, as Prometheus has it
	Last    time.Time // when the latest request was sent, by our clock, UTC
}

// latencyBounds spread from a warm list on a quiet master to the default deadline.
var latencyBounds = [...]time.Duration{5 * time.Millisecond, 10 * time.Millisecond, 25 * time.Millisecond, 50 * time.Millisecond, 100 * time.Millisecond,
	250 * time.Millisecond, 500 * time.Millisecond, time.Second, 2500 * time.Millisecond, 5 * time.Second, 10 * time.Second, 30 * time.Second}

// LatencyBounds are the upper bounds of LedgerRow.Buckets.
func LatencyBounds() []time.Duration { return append([]time.Duration(nil), latencyBounds[:]...) }

// ledger counts every outgoing request. Safe for concurrent use.
type ledger struct {
	mu   sync.Mutex
	rows [len(allowed)]ledgerRow
}

type ledgerRow struct {
	LedgerRow
	buckets [len(latencyBounds)]int64
}

// sent counts a request that leaves.
func (l *ledger) sent(ep endpoint, at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rows[ep].Count++
	l.rows[ep].Last = at.UTC()
}

// ended counts how a call ended; code is empty for a good answer.
func (l *ledger) ended(ep endpoint, took time.Duration, bytes int64, code fault.Code) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := &l.rows[ep]
	r.Answers++
	r.Bytes += bytes
	r.Latency += took
	r.Slowest = max(r.Slowest, took)
	for i, bound := range latencyBounds {
		if took <= bound {
			r.buckets[i]++
		}
	}
	if code == "" {
		return
	}
	if r.Errors == nil {
		r.Errors = map[fault.Code]int64{}
	}
	r.Failed++
	r.Errors[code]++
}

func (l *ledger) list() []LedgerRow {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []LedgerRow
	for i, r := range l.rows {
		if r.Count == 0 && r.Answers == 0 {
			continue
		}
		row := r.LedgerRow
		row.Dialect, row.Method, row.Template = allowed[i].Root.name(), allowed[i].Method, allowed[i].Path
		row.Errors, row.Buckets = maps.Clone(r.Errors), slices.Clone(r.buckets[:])
		out = append(out, row)
	}
	return out
}

// Ledger says what has been sent to the engine so far, in the order of the table of allowed requests. Rows that were never used are left out. The
// rows are copies.
func (c *Client) Ledger() []LedgerRow { return c.ledger.list() }

// Operation is one row of the table of what a Client can send.
type Operation struct {
	Dialect string // "v2", "v1", or "server" for what lies beside both
	Method  string
	Path    string // below /twsd/api/v2, /twsd, or the server's own root
	Query   []string
	Headers []string // those that steer the answer
}

// Operations lists all that any Client can send: the proof of reading only starts here.
func Operations() []Operation {
	out := make([]Operation, 0, len(allowed))
	for _, op := range allowed {
		o := Operation{Dialect: op.Root.name(), Method: op.Method, Path: op.Path}
		for _, p := range op.Query {
			o.Query = append(o.Query, string(p))
		}
		for _, h := range op.Headers {
			o.Headers = append(o.Headers, string(h))
		}
		out = append(out, o)
	}
	return out
}
