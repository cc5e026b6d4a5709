// Package foreign lets the agent use tools of further MCP servers: programs that are started here, or servers elsewhere over HTTP.
// Nothing about them is trusted. Only tools that the configuration names are offered, only those that say of themselves that they read,
// under a name that says where they come from (SERVER__tool), with cleaned and bounded texts. Each tool's description and schema are
// pinned at first use; a change takes the tool away until a person accepts it. What they answer becomes an envelope of ours whose only
// source is "mcp:SERVER/TOOL", which proves nothing about the plan.
//
// A server that is away costs its own tools and nothing else: they leave the list, and come back with it. Start at Open and Join.
package foreign

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/mcp/mcpclient"
)

// Connection is a connection to one server; mcpclient.Connection is one.
type Connection interface {
	List(ctx context.Context) ([]mcpclient.Offered, error)
	Call(ctx context.Context, name string, args json.RawMessage) (mcpclient.Answer, error)
	Gone() <-chan struct{}    // closed when it can be used no more; may be nil
	Changed() <-chan struct{} // receives when the list has changed
	io.Closer
}

// Settings are what a person says of one server.
type Settings struct {
	Name string // snake_case
	// Connect makes a connection; it is called again, with growing pauses, whenever the last one has ended.
	Connect func(ctx context.Context) (Connection, error)
	// Tools are the names, as the server has them, of the tools that may be offered. There is no wildcard.
	Tools   []string
	Timeout time.Duration // of one call; 0 means 30 s
	PerTurn int           // calls that one question may make; 0 means 4
	// TrustUnannotated offers tools, too, that do not say whether they only read. One that calls itself destructive is never offered.
	TrustUnannotated bool
}

// Options are what all servers share.
type Options struct {
	Dir    string        // where the pins are kept, one file a server
	Logger *slog.Logger  // nil: nothing is logged
	Audit  toolkit.Audit // called after each call; may be nil
	Now    func() time.Time
}

const (
	defaultTimeout = 30 * time.Second
	defaultPerTurn = 4
	maxArguments   = 32 << 10
	maxName        = 64 // of an offered tool: what model servers take
)

var serverName = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)

// Servers are the further servers of an agent. Safe for concurrent use.
type Servers struct {
	byName map[string]*server
	names  []string
	stop   context.CancelFunc
	ended  sync.WaitGroup
}

// Open begins to connect to all servers. It fails only for settings that can never work: a server that is away is tried again.
func Open(ctx context.Context, settings []Settings, o Options) (*Servers, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Servers{byName: map[string]*server{}}
	for _, one := range settings {
		if err := one.check(); err != nil {
			return nil, err
		}
		if s.byName[one.Name] != nil {
			return nil, fault.New(fault.Invalid, "Two MCP servers are named %s.", one.Name)
		}
		s.byName[one.Name] = newServer(one, o)
		s.names = append(s.names, one.Name)
	}
	slices.Sort(s.names)
	ctx, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	for _, one := range s.byName {
		s.ended.Go(func() { one.keep(ctx) })
	}
	return s, nil
}

func (s *Settings) check() error {
	switch {
	case !serverName.MatchString(s.Name) || len(s.Name) > maxName/2:
		return fault.New(fault.Invalid, "The name %q of an MCP server is not snake_case, or longer than %d characters.", s.Name, maxName/2)
	case len(s.Tools) == 0:
		return fault.New(fault.Invalid, "No tool of the MCP server %s is allowed.", s.Name).WithHint("Name those that may be used; there is no wildcard.")
	case s.Connect == nil || s.Timeout < 0 || s.PerTurn < 0:
		return fault.New(fault.Invalid, "The settings of the MCP server %s cannot be used.", s.Name)
	}
	if s.Timeout == 0 {
		s.Timeout = defaultTimeout
	}
	if s.PerTurn == 0 {
		s.PerTurn = defaultPerTurn
	}
	return nil
}

// Close ends all connections and the programs behind them, and waits for it.
func (s *Servers) Close() error {
	s.stop()
	s.ended.Wait()
	return nil
}

// Join gives our own tools and those of the servers as one Caller. Own names always mean our own tools.
func (s *Servers) Join(own toolkit.Caller) toolkit.Caller { return joined{own, s} }

type joined struct {
	own     toolkit.Caller
	servers *Servers
}

// firstLook is how long a listing waits for servers that have just begun to start. Later nobody waits for any of them.
const firstLook = 10 * time.Second

// Tools lists our own tools, then those that the servers offer just now.
func (j joined) Tools(ctx context.Context) ([]toolkit.Info, error) {
	infos, err := j.own.Tools(ctx)
	if err != nil {
		return nil, err
	}
	infos = slices.DeleteFunc(slices.Clone(infos), func(i toolkit.Info) bool { _, foreign := toolkit.ForeignServer(i.Name); return foreign })
	wait, cancel := context.WithTimeout(ctx, firstLook)
	defer cancel()
	for _, name := range j.servers.names {
		one := j.servers.byName[name]
		select {
		case <-one.tried:
		case <-wait.Done():
		}
		for _, o := range one.offers() {
			if o.State == Usable {
				infos = append(infos, o.Info)
			}
		}
	}
	return infos, nil
}

// Call calls a tool of ours, or of a server by the name under which it is offered.
func (j joined) Call(ctx context.Context, name string, args json.RawMessage) (toolkit.Result, error) {
	at, foreign := toolkit.ForeignServer(name)
	if !foreign {
		return j.own.Call(ctx, name, args)
	}
	one := j.servers.byName[at]
	if one == nil {
		return failed(ctx, "mcp:"+at, fault.New(fault.NotFound, "There is no MCP server %q.", at)), nil
	}
	return one.call(ctx, name, args)
}

// failed is the result of a call that gave none.
func failed(ctx context.Context, source string, err error) toolkit.Result {
	p := fault.Public(err)
	e := &toolkit.ErrorBody{Code: string(p.Code), Message: p.Message, Hint: p.Hint, Source: source, CorrelationID: toolkit.Correlation(ctx)}
	return toolkit.Result{Error: e, Text: e.Text()}
}

// Inspect connects to one server, says what it thinks of each allowed tool, and pins nothing.
func Inspect(ctx context.Context, s Settings, o Options) ([]Offer, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, connecting)
	defer cancel()
	c, err := s.Connect(ctx)
	if err != nil {
		return nil, err
	}
	listed, err := c.List(ctx)
	if err = errors.Join(err, c.Close()); err != nil {
		return nil, err
	}
	pinned, err := readPins(o.Dir, s.Name)
	if err != nil {
		return nil, err
	}
	return s.judge(listed, pinned), nil
}

// Accept pins what the offers, as Inspect gave them, say now. A process that has the server open sees it at its next look.
func Accept(s Settings, o Options, offers []Offer) error {
	pinned, err := readPins(o.Dir, s.Name)
	if err != nil {
		return err
	}
	for _, of := range offers {
		if of.State == Changed || of.State == New {
			pinned[of.Tool] = of.Now
		}
	}
	return writePins(o.Dir, s.Name, pinned)
}

// snake makes the offered form of a server's own tool name: small letters, digits and single underscores.
func snake(name string) string {
	var b strings.Builder
	lower := false
	for _, r := range name {
		switch {
		case r >= 'A' && r <= 'Z':
			if lower {
				b.WriteByte('_')
			}
			b.WriteRune(r + 'a' - 'A')
			lower = false
			continue
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
			lower = true
			continue
		}
		b.WriteByte('_')
		lower = false
	}
	return strings.Join(strings.FieldsFunc(b.String(), func(r rune) bool { return r == '_' }), "_")
}
