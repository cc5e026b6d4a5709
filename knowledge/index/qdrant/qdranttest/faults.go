package qdranttest

import (
	"context"
	"math"
	"strconv"
	"sync"
	"time"

	"github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// Fault is what goes wrong, and with which calls.
type Fault struct {
	Method string // "Upsert", "QueryBatch" …; empty for all
	Skip   int    // so many calls are served first
	Times  int    // then so many fail; 0 for all until Heal
	Do     Action
}

// Action answers a call in place of the engine. It may let the engine do its work (Call.Serve) before or after.
type Action func(*Call) (any, error)

// Call is one call under way.
type Call struct {
	Method  string
	Request any

	ctx    context.Context
	server *Server
	next   func() (any, error)
}

// Serve lets the engine answer.
func (c *Call) Serve() (any, error) { return c.next() }

// faults holds what was injected and counts calls.
type faults struct {
	mu    sync.Mutex
	rules []*Fault
	calls map[string]int
}

// Inject makes calls fail from now on. Of several faults that fit, the first one injected acts.
func (s *Server) Inject(f Fault) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	if f.Times == 0 {
		f.Times = math.MaxInt
	}
	s.faults.rules = append(s.faults.rules, &f)
}

// Heal takes all faults away.
func (s *Server) Heal() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.rules = nil
}

// Calls tells how often the method was called by someone with the right key, faults included; the empty method counts all.
func (s *Server) Calls(method string) int {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	if method != "" {
		return s.faults.calls[method]
	}
	n := 0
	for _, v := range s.faults.calls {
		n += v
	}
	return n
}

func (f *faults) serve(c *Call) (any, error) {
	if do := f.take(c.Method); do != nil {
		return do(c)
	}
	return c.Serve()
}

// take counts the call and gives the action of the first fault that fits.
func (f *faults) take(method string) Action {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls[method]++
	for _, r := range f.rules {
		switch {
		case r.Method != "" && r.Method != method || r.Times == 0:
		case r.Skip > 0:
			r.Skip--
		default:
			r.Times--
			return r.Do
		}
	}
	return nil
}

// Fail answers with the code; nothing is done.
func Fail(code codes.Code) Action {
	return func(*Call) (any, error) { return nil, status.Error(code, "injected: "+code.String()) }
}

// FailAfter does the work and then answers with the code: what was written is written.
func FailAfter(code codes.Code) Action {
	return func(c *Call) (any, error) {
		if _, err := c.Serve(); err != nil {
			return nil, err
		}
		return nil, status.Error(code, "injected: "+code.String())
	}
}

// Limit answers RESOURCE_EXHAUSTED and asks to be left alone for so many seconds, as a rate limit of Qdrant does.
func Limit(seconds int) Action {
	return func(c *Call) (any, error) {
		if err := grpc.SetTrailer(c.ctx, metadata.Pairs("retry-after", strconv.Itoa(seconds))); err != nil {
			return nil, err
		}
		return nil, status.Error(codes.ResourceExhausted, "Rate limiting exceeded: injected")
	}
}

// Delay serves after a while, or not at all when the caller has gone.
func Delay(d time.Duration) Action {
	return func(c *Call) (any, error) {
		t := time.NewTimer(d)
		defer t.Stop()
		select {
		case <-t.C:
			return c.Serve()
		case <-c.ctx.Done():
			return nil, status.FromContextError(c.ctx.Err()).Err()
		}
	}
}

// Hold tells arrived of each call and serves it when release is closed, or not at all when the caller has gone.
func Hold(arrived chan<- struct{}, release <-chan struct{}) Action {
	return func(c *Call) (any, error) {
		select {
		case arrived <- struct{}{}:
		case <-c.ctx.Done():
		}
		select {
		case <-release:
			return c.Serve()
		case <-c.ctx.Done():
			return nil, status.FromContextError(c.ctx.Err()).Err()
		}
	}
}

// Cut closes the connections without an answer; nothing is done.
func Cut() Action {
	return func(c *Call) (any, error) {
		c.server.CloseConnections()
		return nil, status.Error(codes.Unavailable, "injected: cut")
	}
}

// CutAfter does the work and closes the connections before the answer leaves.
func CutAfter() Action {
	return func(c *Call) (any, error) {
		_, err := c.Serve()
		c.server.CloseConnections()
		return nil, err
	}
}

// Lie serves and changes the answer.
func Lie(change func(answer any)) Action {
	return func(c *Call) (any, error) {
		a, err := c.Serve()
		if err == nil {
			change(a)
		}
		return a, err
	}
}

// HalfBatch leaves the last result of a batch out.
func HalfBatch() Action {
	return Lie(func(a any) {
		if b, ok := a.(*qdrant.QueryBatchResponse); ok && len(b.GetResult()) > 0 {
			b.Result = b.Result[:len(b.Result)-1]
		}
	})
}

// EachScored changes every point of a query's answer.
func EachScored(change func(*qdrant.ScoredPoint)) Action {
	return Lie(func(a any) {
		for _, list := range scored(a) {
			for _, p := range *list {
				change(p)
			}
		}
	})
}

// NaN makes every score not a number.
func NaN() Action { return EachScored(func(p *qdrant.ScoredPoint) { p.Score = float32(math.NaN()) }) }

// NoPayload leaves out what was asked for.
func NoPayload() Action { return EachScored(func(p *qdrant.ScoredPoint) { p.Payload = nil }) }

// Strangers puts a point before every list that the collection does not have: the given id, the payload and score of the best one.
func Strangers(id uint64) Action {
	return Lie(func(a any) {
		for _, list := range scored(a) {
			if len(*list) == 0 {
				continue
			}
			first := (*list)[0]
			*list = append([]*qdrant.ScoredPoint{{Id: qdrant.NewIDNum(id), Payload: first.GetPayload(), Score: first.GetScore(), Version: first.GetVersion()}}, *list...)
		}
	})
}

// scored gives the lists of scored points of an answer.
func scored(a any) []*[]*qdrant.ScoredPoint {
	switch a := a.(type) {
	case *qdrant.QueryResponse:
		return []*[]*qdrant.ScoredPoint{&a.Result}
	case *qdrant.QueryBatchResponse:
		var lists []*[]*qdrant.ScoredPoint
		for _, b := range a.GetResult() {
			lists = append(lists, &b.Result)
		}
		return lists
	}
	return nil
}
