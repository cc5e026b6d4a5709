// Package edge lets the agent service work where no engine can be read: its tools and data are those of tool servers (resync mcp --http) elsewhere. An
// Edge joins several of them, each with engines of its own: the tools of all are one list, and the argument engine decides where a call goes. The agent
// calls over MCP, data are read from the servers' REST operations, and what changes is followed there, once an engine however many listen here.
//
// Each call tells the tool server for whom it is made (auth.SignCaller), so that rights, limits and the audit there are that person's. A server that is
// away costs only its own engines, and is there again as soon as it answers. Start at Open and Close what it gives. Safe for concurrent use.
package edge

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/resync-hwa/resync/agentsvc/api/data"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
)

// Server is one tool server.
type Server struct {
	Name string // for people: in errors and the log
	// Base is its address without a path, such as https://tools.example.com.
	Base string
	// Token is its key for us; with the scopes mcp, read and delegate.
	Token     string
	Transport http.RoundTripper // nil means http.DefaultTransport
	Timeout   time.Duration     // of one request for data; 0 means 50 s, a little more than any tool takes
	// Tools are its tools over MCP; they tell the server for whom each call is made.
	Tools toolkit.Caller
}

// Options are what Open needs.
type Options struct {
	Servers []Server
	// Watched puts what watches calls, and the audit, around a set; nil leaves it as it is.
	Watched func(*toolkit.Set) *toolkit.Set
	Now     func() time.Time // nil means time.Now
	Logger  *slog.Logger     // nil discards
}

// Edge is the tool servers, joined.
type Edge struct {
	o       Options
	servers []*server

	base   context.Context // ends with Close; the program's own work hangs on it
	cancel context.CancelFunc
	work   sync.WaitGroup

	mu     sync.Mutex
	joined *joined // what was known when it was last looked at
	taps   map[string]*tap
	closed bool
}

// How long what a server said of itself is believed, how long one that failed is left in peace, and how long it is waited for.
const (
	knownFor  = 30 * time.Second
	peace     = 3 * time.Second
	askedFor  = 10 * time.Second
	dataGrace = 50 * time.Second
)

// Open joins the servers. It asks none of them: what is away may come later.
func Open(o Options) (*Edge, error) {
	if len(o.Servers) == 0 {
		return nil, fault.New(fault.Invalid, "An edge agent needs a tool server.")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Watched == nil {
		o.Watched = func(s *toolkit.Set) *toolkit.Set { return s }
	}
	e := &Edge{o: o, taps: map[string]*tap{}}
	for _, one := range o.Servers {
		if one.Token == "" {
			return nil, fault.New(fault.Invalid, "The tool server %s has no token.", one.Name).WithHint("Make a key there: resync user key NAME --scope mcp --scope read --scope delegate")
		}
		if slices.ContainsFunc(e.servers, func(s *server) bool { return s.o.Name == one.Name }) {
			return nil, fault.New(fault.Invalid, "Two tool servers are named %s.", one.Name)
		}
		e.servers = append(e.servers, newServer(one, o.Now))
	}
	e.base, e.cancel = context.WithCancel(context.Background())
	return e, nil
}

// Close ends what follows the servers. It does not close their Tools.
func (e *Edge) Close() error {
	e.mu.Lock()
	e.closed = true
	e.mu.Unlock()
	e.cancel()
	e.work.Wait()
	for _, s := range e.servers {
		s.client.CloseIdleConnections()
	}
	return nil
}

// Check asks every server now. It is an error when two have engines of one name, or one has none that the token opens; servers that are away are
// no error, and are named in away.
func (e *Edge) Check(ctx context.Context) (away []string, err error) {
	e.look(ctx)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	owner := map[string]string{}
	for _, s := range e.servers {
		engines, _, err := s.said()
		if err != nil {
			if !fault.Upstream(fault.CodeOf(err)) {
				return nil, err
			}
			away = append(away, s.o.Name+": "+fault.Public(err).Message)
			continue
		}
		if len(engines) == 0 {
			return nil, fault.New(fault.Invalid, "The tool server %s shows no engine to this token.", s.o.Name)
		}
		for _, one := range engines {
			if other, taken := owner[one.Name]; taken {
				return nil, fault.New(fault.Invalid, "The tool servers %s and %s both have an engine named %s.", other, s.o.Name, one.Name).WithHint("Name one of them anew there: [engines.NAME].")
			}
			owner[one.Name] = s.o.Name
		}
	}
	return away, nil
}

// Standing is how one server stands.
type Standing struct {
	Server  string
	Engines []string
	Tools   int
	Err     error // why it could not be asked; coded
}

// Servers tells how each server stands, after a look.
func (e *Edge) Servers(ctx context.Context) []Standing {
	e.look(ctx)
	var out []Standing
	for _, s := range e.servers {
		engines, infos, err := s.said()
		one := Standing{Server: s.o.Name, Tools: len(infos), Err: err}
		for _, have := range engines {
			one.Engines = append(one.Engines, have.Name)
		}
		out = append(out, one)
	}
	return out
}

// Engines lists the engines of all servers that have answered at some time, in the order of the servers.
func (e *Edge) Engines(ctx context.Context) []data.ConfiguredEngine {
	return e.now(ctx).engines
}

// Health asks every server for the health of its engines. The engines of a server that is away are down.
func (e *Edge) Health(ctx context.Context) []data.EngineHealth {
	j := e.now(ctx)
	parts := make([][]data.EngineHealth, len(e.servers))
	var all sync.WaitGroup
	for i, s := range e.servers {
		all.Go(func() { parts[i] = s.health(ctx) })
	}
	all.Wait()
	var out []data.EngineHealth
	for i, part := range parts {
		for _, h := range part {
			if owner, ok := j.owner[h.Engine]; !ok || owner == e.servers[i] {
				out = append(out, h)
			}
		}
	}
	return out
}

// look has every server asked whose word is too old, side by side, and waits for those that were never asked before: one that is away holds up nobody.
func (e *Edge) look(ctx context.Context) {
	e.mu.Lock()
	closed := e.closed
	for _, s := range e.servers {
		if !closed && !s.fresh() {
			e.work.Go(func() { s.ask(e.base) })
		}
	}
	e.mu.Unlock()
	if closed {
		return
	}
	for _, s := range e.servers {
		select {
		case <-s.first:
		case <-ctx.Done():
			return
		}
	}
}

// joined is what is known of all servers at one time.
type joined struct {
	words   []int // how often each server had spoken
	engines []data.ConfiguredEngine
	owner   map[string]*server
	tools   *toolkit.Set // over MCP, for the agent; nil while nothing is known
	data    *toolkit.Set // over REST
	unknown []string     // servers that have never answered
}

// now gives what is known, after a look at what is too old.
func (e *Edge) now(ctx context.Context) *joined {
	e.look(ctx)
	e.mu.Lock()
	defer e.mu.Unlock()
	var words []int
	for _, s := range e.servers {
		words = append(words, s.words())
	}
	if e.joined != nil && slices.Equal(words, e.joined.words) {
		return e.joined
	}
	j := &joined{words: words, owner: map[string]*server{}}
	for _, s := range e.servers {
		engines, _, _ := s.said()
		if s.words() == 0 {
			j.unknown = append(j.unknown, s.o.Name)
		}
		for _, one := range engines {
			if other, taken := j.owner[one.Name]; taken {
				e.o.Logger.WarnContext(ctx, "two tool servers have an engine of one name; the first one answers", "engine", one.Name, "first", other.o.Name, "second", s.o.Name)
				continue
			}
			j.owner[one.Name] = s
			j.engines = append(j.engines, one)
		}
	}
	if err := e.join(j); err != nil {
		e.o.Logger.ErrorContext(ctx, "the tools of the tool servers cannot be joined", "error", err)
	}
	e.joined = j
	return j
}

// reach gives the server of an engine.
func (e *Edge) reach(ctx context.Context, engine string) (*server, error) {
	j := e.now(ctx)
	if s, ok := j.owner[engine]; ok {
		return s, nil
	}
	return nil, j.nowhere(engine)
}

// nowhere is the error for an engine that no server has said to have.
func (j *joined) nowhere(engine string) error {
	if len(j.unknown) > 0 {
		return fault.New(fault.UpstreamUnavailable, "The tool server %s has not answered yet, so its engines are not known.", strings.Join(j.unknown, ", ")).WithSource("tools:" + j.unknown[0])
	}
	if len(j.engines) == 0 {
		return fault.New(fault.UpstreamUnavailable, "No tool server shows an engine.")
	}
	return fault.New(fault.NotFound, "There is no engine %q.", engine)
}

func orDefault(d, otherwise time.Duration) time.Duration { return cmp.Or(d, otherwise) }
