package data

import (
	"context"

	"github.com/resync-hwa/resync/internal/auth"
)

// ConfiguredEngine is one engine by its name.
type ConfiguredEngine struct {
	Name string `json:"name" doc:"As the parameter engine takes it."`
	Mode string `json:"mode" doc:"live, mock or replay."`
}

// open leaves the engines that the caller may read.
func open(ctx context.Context, all []ConfiguredEngine) []ConfiguredEngine {
	out := []ConfiguredEngine{}
	for _, e := range all {
		if auth.MayEngine(ctx, e.Name) {
			out = append(out, e)
		}
	}
	return out
}
