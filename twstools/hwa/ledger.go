package hwa

import (
	"sync"
	"time"
)

// Call is one line of the ledger: what left for the engine under one row of the table.
type Call struct {
	Method   string
	Template string        // path below /twsd/api/v2
	Count    int64         // requests sent, retries included
	Failed   int64         // of those, the ones that gave no usable answer
	Bytes    int64         // of answers read
	Latency  time.Duration // sum over all requests, to the last byte read
	Last     time.Time     // when the latest one was sent
}

// ledger counts every outgoing request.
type ledger struct {
	mu    sync.Mutex
	calls [len(allowed)]Call
}

func (l *ledger) add(ep endpoint, at time.Time, took time.Duration, bytes int64, failed bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := &l.calls[ep]
	c.Count++
	c.Bytes += bytes
	c.Latency += took
	c.Last = at
	if failed {
		c.Failed++
	}
}

func (l *ledger) list() []Call {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []Call
	for i, c := range l.calls {
		if c.Count > 0 {
			c.Method, c.Template = allowed[i].Method, allowed[i].Path
			out = append(out, c)
		}
	}
	return out
}

// Ledger says what has been sent to the engine so far, in the order of the table of allowed requests. Rows that were
// never used are left out.
func (c *Client) Ledger() []Call { return c.ledger.list() }

// Operation is one row of the table of what a Client can send.
type Operation struct {
	Method string
	Path   string // below /twsd/api/v2
	Query  []string
}

// Operations lists all that any Client can send: the proof of reading only starts here.
func Operations() []Operation {
	out := make([]Operation, 0, len(allowed))
	for _, op := range allowed {
		o := Operation{Method: op.Method, Path: op.Path}
		for _, p := range op.Query {
			o.Query = append(o.Query, string(p))
		}
		out = append(out, o)
	}
	return out
}
