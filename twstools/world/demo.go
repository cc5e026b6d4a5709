package world

import (
	"embed"
	"io/fs"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
)

//go:embed demo/*.yaml
var demoFiles embed.FS

// Demo is the plant that ships with Resync: a fictional insurer in a night on which six things go wrong for six different reasons,
// told relative to now.
func Demo(now time.Time) (*World, error) {
	files, err := fs.Sub(demoFiles, "demo")
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err, "The demo's files are not in the program.")
	}
	return Load(files, now)
}
