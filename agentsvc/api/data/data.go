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

	"github.com/resync-hwa/resync/agentsvc/api/wire"
	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
)

// caller is what this package needs of toolkit.Set.
type caller interface {
	Call(ctx context.Context, name string, args json.RawMessage) toolkit.Result
}

// EngineHealth says whether one engine can be read.
type EngineHealth struct {
	Engine    string `json:"engine"`
	Mode      string `json:"mode"`             // live, mock, replay
	API       string `json:"api,omitempty"`    // v2, v1; empty when it did not answer
	Status    string `json:"status"`           // ok, degraded, down
	Code      string `json:"code,omitempty"`   // error code when not ok
	Detail    string `json:"detail,omitempty"` // whole sentence
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
	Tools  caller // nil: status is unsupported
	Health Health // nil: health of the engines is unsupported
	Acks   Acks   // nil: acknowledgements are unsupported
	Now    func() time.Time
}

// API has the handlers.
type API struct {
	o Options

	mu      sync.Mutex // held while engines are asked, so that many who look cause one question
	seen    healthBody
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

// Status answers GET /api/status with the envelope of plan_status; ?engine= names one of several engines.
func (a *API) Status(w http.ResponseWriter, r *http.Request) error {
	args := map[string]string{}
	for name, values := range r.URL.Query() {
		if name != "engine" || len(values) != 1 {
			return fault.New(fault.Invalid, "The only query parameter is engine, once.")
		}
		if values[0] != "" {
			args[name] = values[0]
		}
	}
	raw, err := json.Marshal(args)
	if err != nil {
		return err
	}
	return a.answer(w, r, "plan_status", raw)
}

func (a *API) answer(w http.ResponseWriter, r *http.Request, tool string, args json.RawMessage) error {
	if a.o.Tools == nil {
		return fault.New(fault.Unsupported, "This server has no tools of its own.")
	}
	result := a.o.Tools.Call(r.Context(), tool, args)
	if e := result.Error; e != nil {
		return &fault.Error{Code: fault.Code(e.Code), Message: e.Message, Hint: e.Hint, Source: e.Source, Candidates: e.Candidates}
	}
	if result.Envelope == nil {
		return errors.New("tool " + tool + " gave neither data nor an error")
	}
	return wire.Write(w, http.StatusOK, result.Envelope)
}

type healthBody struct {
	Status    string         `json:"status"` // the worst of the engines
	Engines   []EngineHealth `json:"engines"`
	CheckedAt time.Time      `json:"checked_at"`
}

// EngineHealth answers GET /api/health/tws: 200, or 503 when no engine can be read. An answer is at most five seconds old.
func (a *API) EngineHealth(w http.ResponseWriter, r *http.Request) error {
	if a.o.Health == nil {
		return fault.New(fault.Unsupported, "This server does not read an engine itself.")
	}
	b, err := a.health(r.Context()).open(r.Context())
	if err != nil {
		return err
	}
	status := http.StatusOK
	if b.Status == Down {
		status = http.StatusServiceUnavailable
	}
	return wire.Write(w, status, b)
}

func (a *API) health(ctx context.Context) healthBody {
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
	a.seen = healthBody{Status: whole(engines), Engines: engines, CheckedAt: now.UTC()}
	a.expires = now.Add(healthTTL)
	return a.seen
}

// open is what of it the caller may see: of engines that their scopes do not open, not even the name.
func (b healthBody) open(ctx context.Context) (healthBody, error) {
	var engines []EngineHealth
	for _, e := range b.Engines {
		if auth.MayEngine(ctx, e.Engine) {
			engines = append(engines, e)
		}
	}
	if len(engines) == 0 && len(b.Engines) > 0 {
		return healthBody{}, fault.New(fault.Forbidden, "You may read no engine of this server.").WithHint("Your key or token names others; it needs the scope %s of one that is here.", auth.EngineScope("NAME"))
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
