package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/resync-hwa/resync/agentsvc/api/data"
	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/config"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/hwa"
	"github.com/resync-hwa/resync/twstools/reader"
	"github.com/resync-hwa/resync/twstools/tools"
	"github.com/resync-hwa/resync/twstools/twsmock"
	"github.com/resync-hwa/resync/twstools/world"
)

// engine is one of the engines that this process reads.
type engine struct {
	name, mode, api string
	identity        string          // tells the engine and the account from others of the same name
	direct          twstools.Engine // asked at every call
	engine          twstools.Engine // with a reader in front
	reader          *reader.Reader  // the same
	past            *past           // what was usual and how things stood
	tools           *tools.Tools
	ledger          func() []hwa.LedgerRow
}

// openEngines opens every configured engine, or the demo when none is. It dials none of them: one that is away must not keep the others
// from being asked.
func (p *program) openEngines(ctx context.Context, s *site) error {
	if len(s.cfg.Engines) == 0 {
		return p.openDemo(ctx, s, "default", true)
	}
	for _, e := range inOrder(s.cfg.Engines) {
		if err := p.openEngine(ctx, s, e); err != nil {
			return err
		}
	}
	return nil
}

// setAPI is the interface that answers name until the engine has been asked: the configured one, else the one that is tried first.
func setAPI(configured string) string {
	if configured == "v1" {
		return "v1"
	}
	return "v2"
}

// inOrder puts the engine that answers by default first: the one of that name, else the first by name.
func inOrder(all []config.Engine) []config.Engine {
	out := slices.Clone(all)
	slices.SortStableFunc(out, func(a, b config.Engine) int {
		switch {
		case a.Name == b.Name:
			return 0
		case a.Name == "default":
			return -1
		case b.Name == "default":
			return 1
		}
		return strings.Compare(a.Name, b.Name)
	})
	return out
}

func (p *program) openEngine(ctx context.Context, s *site, e config.Engine) error {
	if e.Mode == "mock" {
		return p.openDemo(ctx, s, e.Name, false)
	}
	client, err := hwa.Open(hwa.Options{Name: e.Name, Mode: "live", API: e.API, Scheme: e.Scheme, Hosts: e.Hosts, Port: e.Port, User: e.User, Password: e.Password.Reveal(), Token: e.APIKey.Reveal(),
		CAFile: e.CAFile, InsecureSkipVerify: e.InsecureSkipVerify, Proxy: e.Proxy.Reveal(), ProxyFromEnvironment: true, Timeout: e.Timeout, Clock: p.clock, Logger: s.logger,
		Watch: s.instruments.engine(e.Name)})
	if err != nil {
		return err
	}
	s.closers = append(s.closers, client.Close)
	s.engines = append(s.engines, engine{name: e.Name, mode: "live", api: setAPI(e.API), direct: client, ledger: client.Ledger, identity: fmt.Sprint(e.Hosts, e.Port, e.User, e.API)})
	return nil
}

// openDemo starts the demo engine: a mock on a loopback port, over real HTTP. Its plan is told relative to the moment of the start
// and stands still from then on, its clock too: a night that does not move can be asked about at leisure.
func (p *program) openDemo(ctx context.Context, s *site, name string, say bool) error {
	if s.cfg.Production() {
		return fault.New(fault.Invalid, "No engine is configured, and in production there is no demo.").WithHint("Set TWS_HOST, TWS_USER and TWS_PASSWORD.")
	}
	start := p.clock()
	// The plan is told when somebody first asks for it: a client that only wants the list of tools need not wait for it.
	plan := sync.OnceValue(func() *world.World {
		w, err := world.Demo(start)
		if err != nil { // tests hold that the files of the program can be read
			s.logger.Error("the demo's plan cannot be loaded", "error", err)
			return &world.World{}
		}
		return w
	})
	if err := p.openMock(ctx, s, name, "mock", plan, func() time.Time { return start }); err != nil {
		return err
	}
	if say {
		fmt.Fprintln(p.err, "resync: no engine is configured, so the demo engine answers (an invented plant). Set TWS_HOST, TWS_USER and TWS_PASSWORD for a real one.")
	}
	return nil
}

// openMock starts a mock engine on a loopback port and reads it over real HTTP. mode is what people are told about it: mock or replay.
func (p *program) openMock(ctx context.Context, s *site, name, mode string, plan func() *world.World, clock func() time.Time) error {
	user, password := "demo", rand.Text()
	server, err := twsmock.Start(ctx, twsmock.Options{World: plan, Late: true, User: user, Password: password, Clock: clock, Logger: s.logger})
	if err != nil {
		return fault.Wrap(fault.Internal, err, "The demo engine cannot be started.")
	}
	s.closers = append(s.closers, server.Close)
	client, err := hwa.Open(hwa.Options{Name: name, Mode: mode, BaseURL: server.URL(), User: user, Password: password, Clock: p.clock, Logger: s.logger, Watch: s.instruments.engine(name)})
	if err != nil {
		return err
	}
	s.closers = append(s.closers, client.Close)
	s.engines = append(s.engines, engine{name: name, mode: mode, api: "v2", direct: client, ledger: client.Ledger, identity: server.URL() + " " + password})
	return nil
}

// pick gives the engine of a name; the first one for "". What the caller may not read does not exist for them (auth.MayEngine).
func (s *site) pick(ctx context.Context, name string) (engine, error) {
	var names []string
	for _, e := range s.engines {
		if !auth.MayEngine(ctx, e.name) {
			continue
		}
		if name == "" || e.name == name {
			return e, nil
		}
		names = append(names, e.name)
	}
	if len(names) == 0 {
		return engine{}, fault.New(fault.Forbidden, "You may read no engine of this server.").WithHint("Your key or token names others; it needs the scope %s of one that is here.", auth.EngineScope("NAME"))
	}
	return engine{}, fault.New(fault.NotFound, "There is no engine %q.", name).WithHint("These are configured.").WithCandidates(names...)
}

// other gives the engines that stand beside one, by name; nil when there are none.
func (s *site) other(than string) func(context.Context, string) (twstools.Engine, error) {
	if len(s.engines) < 2 {
		return nil
	}
	return func(ctx context.Context, name string) (twstools.Engine, error) {
		e, err := s.pick(ctx, name)
		if err != nil {
			return nil, err
		}
		if name == "" || e.name == than {
			return nil, fault.New(fault.Invalid, "%s is the engine that is asked.", than).WithHint("Name another one.")
		}
		return e.engine, nil
	}
}

// listed names the engines to whoever reads over REST.
func (s *site) listed(context.Context) []data.ConfiguredEngine {
	out := make([]data.ConfiguredEngine, len(s.engines))
	for i, e := range s.engines {
		out[i] = data.ConfiguredEngine{Name: e.name, Mode: e.mode}
	}
	return out
}

// health asks each engine what it is, side by side: the cheapest proof that it can be read.
func (s *site) health(clock func() time.Time) data.Health {
	return func(ctx context.Context) []data.EngineHealth {
		out := make([]data.EngineHealth, len(s.engines))
		var all sync.WaitGroup
		for i, e := range s.engines {
			all.Go(func() { out[i] = e.health(ctx, clock) })
		}
		all.Wait()
		return out
	}
}

func (e engine) health(ctx context.Context, clock func() time.Time) data.EngineHealth {
	h := data.EngineHealth{Engine: e.name, Mode: e.mode, Status: data.OK, API: e.api}
	start := clock()
	if info, err := e.direct.Info(ctx); err != nil {
		f := fault.Public(err)
		h.Status, h.API, h.Code, h.Detail = data.Down, "", string(f.Code), f.Message
	} else if info.Dialect != "" {
		h.API = info.Dialect
	}
	h.LatencyMS = clock().Sub(start).Milliseconds()
	return h
}
