package api

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/resync-hwa/resync/agentsvc/api/operation"
	"github.com/resync-hwa/resync/internal/fault"
)

const readyTimeout = 3 * time.Second

// Health says that this process works.
type Health struct {
	Status string `json:"status" enum:"ok,ready"`
}

type healthOutput struct{ Body Health }

// alivePaths are where supervisors ask whether the process runs, and the names of these operations.
var alivePaths = map[string]string{"/livez": "getLiveness", "/api/health/app": "getHealth"}

// registerHealth adds what supervisors ask.
func (s *server) registerHealth(set *operation.Set) {
	public := operation.Rule{Access: operation.Public}
	for _, path := range slices.Sorted(maps.Keys(alivePaths)) {
		operation.Register(set, operation.Operation{
			Rule: public, Method: http.MethodGet, Path: path, ID: alivePaths[path], Tag: "health", Summary: "Tell that the process runs", Gives: "It runs",
			Description: "The process runs and answers. It says nothing of engines, models and stores; see /readyz and /api/health/tws.",
		}, alive)
	}
	operation.Register(set, operation.Operation{
		Rule: public, Method: http.MethodGet, Path: "/readyz", ID: "getReadiness", Tag: "health", Summary: "Tell whether the server can work", Gives: "It can",
		Description: "What this process cannot work without is there. Engines and models do not count: without them the server answers too, and says so.",
		Fails:       []fault.Code{fault.UpstreamUnavailable},
	}, s.ready)
}

// alive answers /livez and /api/health/app: the process runs and answers.
func alive(context.Context, *struct{}) (*healthOutput, error) {
	return &healthOutput{Body: Health{Status: "ok"}}, nil
}

// ready answers /readyz.
func (s *server) ready(ctx context.Context, _ *struct{}) (*healthOutput, error) {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	err := s.o.Auth.Ping(ctx)
	if err == nil && s.o.Ready != nil {
		err = s.o.Ready(ctx)
	}
	if err != nil {
		return nil, fault.Wrap(fault.UpstreamUnavailable, err, "This server is not ready.")
	}
	return &healthOutput{Body: Health{Status: "ready"}}, nil
}
