package sim

import (
	"embed"
	"io/fs"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
)

//go:embed plants
var plants embed.FS

// Bank gives the definitions of the plant for the living demo: a fictional bank with its day and its night, FINAL included.
func Bank() (Definitions, error) { return shipped("bank") }

// Small gives the definitions of a plant of a few streams, for tests and trials.
func Small() (Definitions, error) { return shipped("small") }

func shipped(name string) (Definitions, error) {
	files, err := fs.Sub(plants, "plants/"+name)
	if err != nil {
		return Definitions{}, fault.Wrap(fault.Internal, err, "The plant %s is not in the program.", name)
	}
	return Load(files)
}

// Since starts a simulation so long before opts.Start that statistics, archived plans and carried streams have come about by themselves, and
// lets it catch up to opts.Start.
func Since(d Definitions, opts Options, before time.Duration) (*Sim, error) {
	now := opts.Start
	opts.Start = now.Add(-before)
	s, err := New(d, opts)
	if err != nil {
		return nil, err
	}
	s.Advance(now)
	return s, nil
}
