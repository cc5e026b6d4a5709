// Package data is the part of the REST API that shows the scheduler's state without any agent: each handler calls a tool of
// the tool set itself and answers with its evidence envelope. It also tells whether the engines can be read.
//
// It checks no right: the router in package api decides who may call what. Start at New. Safe for concurrent use; it starts
// no goroutine.
package data

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/resync-hwa/resync/agentsvc/api/operation"
	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools/tools"
)

// Caller is what this package needs of toolkit.Set.
type Caller interface {
	Call(ctx context.Context, name string, args json.RawMessage) toolkit.Result
}

// EngineHealth says whether one engine can be read.
type EngineHealth struct {
	Engine    string `json:"engine"`
	Mode      string `json:"mode" doc:"live, mock or replay."`
	API       string `json:"api,omitempty" doc:"v2 or v1; absent when it did not answer."`
	Status    string `json:"status" enum:"ok,degraded,down"`
	Code      string `json:"code,omitempty" doc:"Error code when not ok."`
	Detail    string `json:"detail,omitempty" doc:"The same in a sentence."`
	LatencyMS int64  `json:"latency_ms"`
}

// The words of EngineHealth.Status and of the whole.
const (
	OK       = "ok"
	Degraded = "degraded"
	Down     = "down"
)

// Health asks every configured engine whether it answers.
type Health func(ctx context.Context) []EngineHealth

// Options are what New needs.
type Options struct {
	Tools  Caller // nil: status is unsupported
	Views  Caller // what draws the plan; nil: unsupported
	Health Health // nil: health of the engines is unsupported
	Acks   Acks   // nil: acknowledgements are unsupported
	// Engines lists the engines, the one that answers by default first; nil: that is unsupported.
	Engines func(ctx context.Context) []ConfiguredEngine
	Feed    Feed // nil: nobody can follow a plan
	// Life ends with the server, and streams with it, before the server waits for what runs; nil: they end with their requests.
	Life      context.Context
	Heartbeat time.Duration // of streams; 0 means 15 s
	Now       func() time.Time
}

// API has the handlers.
type API struct {
	o       Options
	streams streams

	mu      sync.Mutex // held while engines are asked, so that many who look cause one question
	seen    EngineHealths
	expires time.Time
}

const (
	healthTTL     = 5 * time.Second
	healthTimeout = 10 * time.Second
)

// New makes the handlers.
func New(o Options) (*API, error) {
	if o.Now == nil {
		return nil, errors.New("data: a clock is needed")
	}
	return &API{o: o}, nil
}

// read is who may look: everybody with a role.
var read = operation.Rule{Access: operation.Known, Role: auth.Viewer, Scope: auth.ScopeRead}

// engineFails are the codes of whatever asks an engine.
var engineFails = []fault.Code{fault.NotFound, fault.Unsupported, fault.UpstreamUnavailable, fault.UpstreamDenied, fault.Timeout}

// Register adds the operations to the set.
func (a *API) Register(s *operation.Set) {
	register[statusInput, tools.PlanStatusOut](a, s, reading{path: "/api/status", id: "getStatus", tool: "plan_status", summary: "Show the state of the plan", gives: "The plan on one page",
		description: "Counts by status, workstations, and what needs a person: what the tool plan_status says, with the engine that was read and when.", moves: []string{"plan_now"}})
	operation.Register(s, operation.Operation{
		Rule: read, Method: http.MethodGet, Path: "/api/health/tws", ID: "getEngineHealth", Tag: "health", Summary: "Tell whether the engines can be read", Gives: "Each engine, and the worst of them as status",
		Description: "An answer is at most five seconds old, however many ask. The status is 503 when no engine can be read; the body is the same.",
		Fails:       []fault.Code{fault.Unsupported},
		Also:        map[int]string{http.StatusServiceUnavailable: "No engine can be read"},
	}, a.engineHealth)
	a.registerRadar(s)
	operation.Register(s, operation.Operation{
		Rule: read, Method: http.MethodGet, Path: "/api/knowledge/search", ID: "searchKnowledge", Tag: "knowledge", Summary: "Search manuals and runbooks", Gives: "Passages that fit, best first",
		Description: "What the tool search_knowledge says: passages with where they stand, and the meaning of message ids and return codes.",
		Fails:       []fault.Code{fault.Unsupported, fault.UpstreamUnavailable, fault.Timeout},
	}, a.passages)
	a.registerEngines(s)
	a.registerJobs(s)
	a.registerStreams(s)
	a.registerPlant(s)
	a.registerTimes(s)
	a.registerEvents(s)
}

// statusInput has no argument but the engine.
type statusInput struct {
	EngineChoice
	operation.Tagged
}

type envelope[Data any] struct {
	Body operation.Envelope[Data]
}

// put adds an argument that is there.
func put[T comparable](args map[string]any, name string, value T) {
	var none T
	if value != none {
		args[name] = value
	}
}

// answer calls a tool and gives its envelope, or its error.
func answer[Data any](ctx context.Context, a *API, tool string, args map[string]any) (*envelope[Data], error) {
	raw, err := json.Marshal(args)
	if err != nil {
		return nil, err
	}
	e, err := call(ctx, a.o.Tools, tool, raw)
	if err != nil {
		return nil, err
	}
	return &envelope[Data]{Body: operation.Envelope[Data]{Envelope: *e}}, nil
}

// EngineHealths is the body of GET /api/health/tws.
type EngineHealths struct {
	Status    string         `json:"status" enum:"ok,degraded,down" doc:"The worst of the engines."`
	Engines   []EngineHealth `json:"engines"`
	CheckedAt time.Time      `json:"checked_at"`
}

type healthOutput struct {
	Status int
	Body   EngineHealths
}

// engineHealth answers GET /api/health/tws: 200, or 503 when no engine can be read.
func (a *API) engineHealth(ctx context.Context, _ *struct{}) (*healthOutput, error) {
	if a.o.Health == nil {
		return nil, fault.New(fault.Unsupported, "This server does not read an engine itself.")
	}
	b, err := a.health(ctx).open(ctx)
	if err != nil {
		return nil, err
	}
	if b.Engines == nil {
		b.Engines = []EngineHealth{}
	}
	out := &healthOutput{Status: http.StatusOK, Body: b}
	if b.Status == Down {
		out.Status = http.StatusServiceUnavailable
	}
	return out, nil
}

func (a *API) health(ctx context.Context) EngineHealths {
	a.mu.Lock()
	defer a.mu.Unlock()
	if now := a.o.Now(); now.Before(a.expires) {
		return a.seen
	}
	// Others wait for this answer too, so it must not end when the first who asked leaves.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), healthTimeout)
	defer cancel()
	engines := a.o.Health(ctx)
	now := a.o.Now()
	a.seen = EngineHealths{Status: whole(engines), Engines: engines, CheckedAt: now.UTC()}
	a.expires = now.Add(healthTTL)
	return a.seen
}

// open is what of it the caller may see: of engines that their scopes do not open, not even the name.
func (b EngineHealths) open(ctx context.Context) (EngineHealths, error) {
	var engines []EngineHealth
	for _, e := range b.Engines {
		if auth.MayEngine(ctx, e.Engine) {
			engines = append(engines, e)
		}
	}
	if len(engines) == 0 && len(b.Engines) > 0 {
		return EngineHealths{}, fault.New(fault.Forbidden, "You may read no engine of this server.").WithHint("Your key or token names others; it needs the scope %s of one that is here.", auth.EngineScope("NAME"))
	}
	b.Status, b.Engines = whole(engines), engines
	return b, nil
}

// whole is ok when all engines are, down when none answers, and degraded between.
func whole(engines []EngineHealth) string {
	down, good := 0, 0
	for _, e := range engines {
		switch e.Status {
		case OK:
			good++
		case Down:
			down++
		}
	}
	switch len(engines) {
	case good:
		return OK
	case down:
		return Down
	default:
		return Degraded
	}
}
