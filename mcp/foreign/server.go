package foreign

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/mcp/mcpclient"
)

const (
	connecting = 30 * time.Second // a program may have to be fetched first
	listing    = 10 * time.Second
	// lookEvery is how old a listing may get, lookSoonest how soon after one another may follow, whatever the server says.
	lookEvery   = time.Minute
	lookSoonest = 5 * time.Second
	// The pauses between attempts double from one to the other. A connection that lasted begins again at the first.
	firstPause, longestPause = time.Second, 5 * time.Minute
	lasted                   = time.Minute
	atOnce                   = 4 // calls of one server
)

// server keeps one connection, and what the server offers through it.
type server struct {
	Settings
	o     Options
	tried chan struct{} // closed after the first attempt, whatever came of it
	once  sync.Once
	look  chan struct{} // asks for a look now
	slots chan struct{}

	mu    sync.Mutex
	conn  Connection // nil: away
	known []Offer
}

func newServer(s Settings, o Options) *server {
	return &server{Settings: s, o: o, tried: make(chan struct{}), look: make(chan struct{}, 1), slots: make(chan struct{}, atOnce)}
}

// keep connects, again and again, until the context ends.
func (s *server) keep(ctx context.Context) {
	pause := firstPause
	for {
		began := s.o.Now()
		err := s.attend(ctx)
		s.once.Do(func() { close(s.tried) })
		if ctx.Err() != nil {
			return
		}
		if s.o.Now().Sub(began) > lasted {
			pause = firstPause
		}
		s.o.Logger.Warn("mcp server is away", "server", s.Name, "error", untrusted.Normalize(err.Error()), "again_in", pause.String())
		t := time.NewTimer(pause)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return
		}
		pause = min(2*pause, longestPause)
	}
}

// attend uses one connection until it can be used no more.
func (s *server) attend(ctx context.Context) (err error) {
	first, cancel := context.WithTimeout(ctx, connecting)
	conn, err := s.Connect(first)
	cancel()
	if err != nil {
		return err
	}
	defer func() {
		s.mu.Lock()
		s.conn, s.known = nil, nil
		s.mu.Unlock()
		err = errors.Join(err, conn.Close())
	}()
	for {
		if err := s.take(ctx, conn); err != nil {
			return err
		}
		s.once.Do(func() { close(s.tried) })
		if err := s.rest(ctx, conn); err != nil {
			return err
		}
	}
}

// take lists the tools and judges them.
func (s *server) take(ctx context.Context, conn Connection) error {
	ctx, cancel := context.WithTimeout(ctx, listing)
	defer cancel()
	listed, err := conn.List(ctx)
	if err != nil {
		return err
	}
	offers, err := s.settle(listed)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tell(offers)
	s.conn, s.known = conn, offers
	return err
}

// settle judges a listing against the pins, and pins what is new. Where the pins cannot be read or kept nothing is offered.
func (s *server) settle(listed []mcpclient.Offered) ([]Offer, error) {
	pinned, err := readPins(s.o.Dir, s.Name)
	if err != nil {
		return nil, err
	}
	offers := s.judge(listed, pinned)
	fresh := false
	for i, o := range offers {
		if o.State == New {
			pinned[o.Tool], fresh = o.Now, true
			offers[i].State = Usable
		}
	}
	if fresh {
		err = writePins(s.o.Dir, s.Name, pinned)
	}
	if err != nil {
		return nil, err
	}
	return offers, nil
}

// tell logs what differs from the last look. It runs under mu.
func (s *server) tell(offers []Offer) {
	for _, o := range offers {
		before := slices.IndexFunc(s.known, func(k Offer) bool { return k.Tool == o.Tool })
		if before >= 0 && s.known[before].State == o.State && s.known[before].Why == o.Why {
			continue
		}
		level := slog.LevelInfo
		if o.State != Usable {
			level = slog.LevelWarn
		}
		s.o.Logger.Log(context.Background(), level, "tool of an mcp server", "server", s.Name, "tool", o.Tool, "state", string(o.State), "why", o.Why, "hash", o.Now.Hash)
	}
}

// rest waits until it is time for another look; an error says that the connection is over.
func (s *server) rest(ctx context.Context, conn Connection) error {
	soonest, latest := time.NewTimer(lookSoonest), time.NewTimer(lookEvery)
	defer soonest.Stop()
	defer latest.Stop()
	var early <-chan time.Time // set once somebody asks for a look
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-conn.Gone():
			return errors.New("the connection has ended")
		case <-conn.Changed():
			early = soonest.C
		case <-s.look:
			early = soonest.C
		case <-early:
			return nil
		case <-latest.C:
			return nil
		}
	}
}

// offers are the allowed tools as last seen; none while the server is away.
func (s *server) offers() []Offer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn == nil {
		return nil
	}
	select {
	case <-s.conn.Gone():
		return nil // it has just ended
	default:
		return s.known
	}
}

// call calls an offered tool. Its error is the caller's own: it went away.
func (s *server) call(ctx context.Context, name string, args json.RawMessage) (toolkit.Result, error) {
	if toolkit.Correlation(ctx) == "" {
		ctx = toolkit.WithCorrelation(ctx, toolkit.NewCorrelation())
	}
	start := s.o.Now()
	r, err := s.result(ctx, name, args)
	if ctx.Err() != nil {
		return toolkit.Result{}, ctx.Err()
	}
	if err != nil {
		s.o.Logger.Warn("call of an mcp server failed", "server", s.Name, "tool", name, "correlation_id", toolkit.Correlation(ctx), "error", untrusted.Normalize(err.Error()))
		r = failed(ctx, "mcp:"+s.Name, err)
	}
	if s.o.Audit != nil {
		s.o.Audit(ctx, record(ctx, name, args, r, s.o.Now().Sub(start)))
	}
	return r, nil
}

func record(ctx context.Context, name string, args json.RawMessage, r toolkit.Result, took time.Duration) toolkit.AuditRecord {
	a := toolkit.AuditRecord{Tool: name, ArgsHash: toolkit.ArgsHash(args), ResultBytes: len(r.Text), Duration: took, CorrelationID: toolkit.Correlation(ctx)}
	if c, ok := auth.CallerFrom(ctx); ok {
		a.CallerID, a.By = c.ID, c.By
	}
	if r.Envelope != nil {
		a.ResultBytes += len(r.Envelope.Data)
	}
	if r.Error != nil {
		a.ErrorCode = r.Error.Code
	}
	return a
}

func (s *server) result(ctx context.Context, name string, args json.RawMessage) (toolkit.Result, error) {
	if len(args) > maxArguments {
		return toolkit.Result{}, fault.New(fault.Invalid, "The arguments have more than %d KB.", maxArguments>>10)
	}
	s.mu.Lock()
	conn := s.conn
	at := slices.IndexFunc(s.known, func(o Offer) bool { return o.Info.Name == name && o.State == Usable })
	var tool string
	if at >= 0 {
		tool = s.known[at].Tool
	}
	s.mu.Unlock()
	switch {
	case conn == nil:
		return toolkit.Result{}, fault.New(fault.UpstreamUnavailable, "The MCP server %s is away just now.", s.Name)
	case at < 0:
		return toolkit.Result{}, fault.New(fault.NotFound, "The MCP server %s offers no tool of this name.", s.Name)
	}
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		return toolkit.Result{}, fault.Wrap(fault.Limited, ctx.Err(), "The MCP server %s has too much to do.", s.Name)
	}
	a, err := conn.Call(ctx, tool, args)
	if err != nil {
		return toolkit.Result{}, s.unanswered(err)
	}
	return s.wrap(tool, a, toolkit.Correlation(ctx)), nil
}

// unanswered words why there is no answer; the server's own words stay in the log.
func (s *server) unanswered(err error) error {
	if errors.Is(err, mcpclient.ErrRefused) {
		return fault.Wrap(fault.Invalid, err, "The MCP server %s does not take this call.", s.Name).WithHint("Check the arguments against the tool's schema.")
	}
	select { // see whether it is still there
	case s.look <- struct{}{}:
	default:
	}
	if errors.Is(err, context.DeadlineExceeded) || fault.Is(err, fault.Timeout) {
		return fault.Wrap(fault.Timeout, err, "The MCP server %s did not answer within %s.", s.Name, s.Timeout)
	}
	return fault.Wrap(fault.UpstreamUnavailable, err, "The MCP server %s gave no usable answer.", s.Name)
}
