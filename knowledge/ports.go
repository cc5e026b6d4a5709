package knowledge

import (
	"context"
	"log/slog"
	"time"

	"github.com/resync-hwa/resync/knowledge/index"
	"github.com/resync-hwa/resync/knowledge/library"
)

// Embedder turns texts into vectors: one for each text, all of one length, each of length 1. It may be slow and may fail;
// search goes on by words alone when it does. Safe for concurrent use.
type Embedder interface {
	Embed(ctx context.Context, texts []string) ([][]float32, error)
}

// Parts are what a Base over a shelf is made of. Shelf and Index are required.
type Parts struct {
	Shelf library.Shelf
	Index index.Index
	// Model names what makes the vectors; "" means that there are none, and Questions and Documents are not used. Where the index
	// was made by another model it is made anew.
	Model     string
	Questions Embedder // for questions; gives up by itself in the time that a search may take
	Documents Embedder // for passages; models that tell the two apart want a different prefix
	// Instead answers as long as nothing stands on the shelf; nil leaves such questions without a passage.
	Instead *Base
	Logger  *slog.Logger
	Now     func() time.Time // nil: time.Now
}
