package embedded

import (
	"errors"
	"fmt"
	"io/fs"
	"math/bits"
	"os"
	"path/filepath"
	"sync/atomic"
)

// view is what one manifest says, with its segments open. It does not change. Holds are counted, and the files are let go with
// the last one.
type view struct {
	holds    atomic.Int64
	manifest manifest
	parts    []part
	seen     fs.FileInfo // the manifest's file; nil where there is none
}

// part is a segment with the passages of it that are deleted.
type part struct {
	segment *segment
	dead    rows // nil where none is
	gone    int  // how many are
}

func (p part) live() int { return p.segment.passages - p.gone }

// rows is a set of passages of one segment.
type rows []uint64

func (r rows) has(row int) bool { return r != nil && r[row>>6]&(1<<(row&63)) != 0 }

func (r rows) count() int {
	n := 0
	for _, w := range r {
		n += bits.OnesCount64(w)
	}
	return n
}

// newView makes a view with one hold, the caller's; it takes over the caller's holds of the segments.
func newView(m manifest, parts []part, seen fs.FileInfo) *view {
	v := &view{manifest: m, parts: parts, seen: seen}
	v.holds.Store(1)
	return v
}

// hold reports false where the view has been let go already.
func (v *view) hold() bool {
	for {
		n := v.holds.Load()
		if n == 0 {
			return false
		}
		if v.holds.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

func (v *view) release() {
	if v.holds.Add(-1) > 0 {
		return
	}
	for _, p := range v.parts {
		p.segment.release()
	}
}

// current reports whether the manifest in the folder is still the one that the view was made from.
func (v *view) current(dir string) (bool, error) {
	now, err := os.Stat(filepath.Join(dir, manifestName))
	if errors.Is(err, fs.ErrNotExist) {
		return v.seen == nil, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for the manifest: %w", err)
	}
	return v.seen != nil && os.SameFile(now, v.seen) && now.ModTime().Equal(v.seen.ModTime()) && now.Size() == v.seen.Size(), nil
}

// damage is an error of files that do not hold what was written. The index is built anew.
type damage struct {
	what     string
	manifest fs.FileInfo // that names the damaged file, where it could be read
}

func (d *damage) Error() string { return "damaged: " + d.what }

func damaged(format string, args ...any) *damage { return &damage{what: fmt.Sprintf(format, args...)} }

// loads is how often a manifest is read when a segment that it names is gone: a writer has merged it away meanwhile.
const loads = 10

// load reads the manifest of a folder and opens its segments; those that the old view has open are shared with it.
func load(dir string, old *view) (*view, error) {
	for try := 1; ; try++ {
		m, seen, err := readManifest(dir)
		if errors.Is(err, fs.ErrNotExist) {
			return newView(manifest{}, nil, nil), nil
		}
		if err != nil {
			return nil, err
		}
		parts, err := openParts(dir, m, old)
		if err == nil {
			return newView(m, parts, seen), nil
		}
		var d *damage
		if errors.Is(err, fs.ErrNotExist) && try == loads {
			err = damaged("%v", err)
		}
		if errors.As(err, &d) {
			d.manifest = seen
			return nil, d
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
}

func openParts(dir string, m manifest, old *view) (parts []part, err error) {
	defer func() {
		if err != nil {
			for _, p := range parts {
				p.segment.release()
			}
		}
	}()
	for _, e := range m.Segments {
		var s *segment
		for _, p := range old.parts {
			if p.segment.name == e.File && p.segment.check == e.Check {
				s = p.segment
				s.hold()
			}
		}
		if s == nil {
			if s, err = openSegment(dir, e); err != nil {
				return parts, err
			}
		}
		parts = append(parts, part{segment: s})
		dead, err := e.rows(s.passages)
		if err != nil {
			return parts, err
		}
		parts[len(parts)-1].dead, parts[len(parts)-1].gone = dead, dead.count()
	}
	return parts, nil
}
