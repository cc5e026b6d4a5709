// Package embedded is the search index that needs no server: immutable segments with postings of its own, in a folder of files
// that are mapped into memory, or in memory alone.
//
// A segment (segment.go) is written once and never changed. A manifest (manifest.go) names the segments that count, with the
// passages of them that are deleted, and is replaced as a whole: what was told is kept, and a program that is killed leaves
// either the old manifest or the new one. Searches hold a view (view.go) of one manifest and never wait for a writer. Several
// processes may use one folder; whoever writes holds a lock file, and everybody sees a new manifest at the next search.
package embedded

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/knowledge/courtesy"
	"github.com/resync-hwa/resync/knowledge/index"
)

// Options of an index in a folder.
type Options struct {
	Logger *slog.Logger // learns of damage and of merges that failed; nil means silence
}

// Index implements index.Index. It is safe for concurrent use.
type Index struct {
	dir     string // "" for one in memory
	log     *slog.Logger
	writing chan struct{} // holds one token: who has it writes
	loading sync.Mutex    // one exchange of the view at a time
	view    atomic.Pointer[view]
	manners *courtesy.Courtesy
	told    atomic.Int64 // the mark that this index gave last: who goes on from there must find no less
}

var _ index.Index = (*Index)(nil)

// Memory makes an index that has no files and ends with the process.
func Memory() *Index { return open("", Options{}) }

// Open opens the index in a folder, which is made at the first write. Where its files are damaged the index is empty (State.Upto
// is 0), so that it is built anew. Several processes may open one folder.
func Open(dir string, o Options) (*Index, error) {
	if dir == "" {
		return nil, fault.New(fault.Invalid, "The search index has no folder.")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err, "The folder of the search index cannot be found.")
	}
	i := open(dir, o)
	if err := i.refresh(true); err != nil {
		return nil, err
	}
	return i, nil
}

func open(dir string, o Options) *Index {
	i := &Index{dir: dir, log: o.Logger, writing: make(chan struct{}, 1), manners: courtesy.New(nil)}
	if i.log == nil {
		i.log = slog.New(slog.DiscardHandler)
	}
	i.view.Store(newView(manifest{}, nil, nil))
	return i
}

const unreadable = "The search index cannot be read."

var errClosed = fault.New(fault.Internal, "The search index is closed.")

// hold gives the view as it is now, held until release.
func (i *Index) hold() (*view, error) {
	for {
		v := i.view.Load()
		if v == nil {
			return nil, errClosed
		}
		if v.hold() {
			return v, nil
		}
	}
}

// publish makes v the view of all searches that begin from now on. It takes over the caller's hold.
func (i *Index) publish(v *view) {
	for {
		old := i.view.Load()
		if old == nil { // closed meanwhile
			v.release()
			return
		}
		if i.view.CompareAndSwap(old, v) {
			old.release()
			return
		}
	}
}

// refresh looks whether another process has written a new manifest, and takes it over. Unless wait is set it leaves that to a
// search which is already at it.
func (i *Index) refresh(wait bool) error {
	if i.dir == "" {
		return nil
	}
	v, err := i.hold()
	if err != nil {
		return err
	}
	same, err := v.current(i.dir)
	v.release()
	if same || err != nil {
		return coded(err, unreadable)
	}
	if wait {
		i.loading.Lock()
	} else if !i.loading.TryLock() {
		return nil
	}
	defer i.loading.Unlock()
	if v, err = i.hold(); err != nil {
		return err
	}
	defer v.release()
	if same, err = v.current(i.dir); same || err != nil {
		return coded(err, unreadable)
	}
	next, err := load(i.dir, v)
	if err != nil {
		var d *damage
		if !errors.As(err, &d) {
			return coded(err, unreadable)
		}
		i.log.Warn("the search index is damaged and will be built anew", "error", err)
		next = newView(manifest{}, nil, d.manifest)
	}
	i.publish(next)
	return nil
}

// State implements index.Index.
func (i *Index) State(ctx context.Context) (index.State, error) {
	if err := ctx.Err(); err != nil {
		return index.State{}, err
	}
	if err := i.refresh(true); err != nil {
		return index.State{}, err
	}
	v, err := i.hold()
	if err != nil {
		return index.State{}, err
	}
	defer v.release()
	s := index.State{Layout: v.manifest.Layout, Upto: v.manifest.Upto, Vectors: v.manifest.Vectors}
	for _, p := range v.parts {
		s.Passages += p.live()
		s.Bytes += int64(len(p.segment.data))
	}
	i.told.Store(s.Upto)
	return s, nil
}

// Close implements index.Index. Searches that have begun end in peace; files stay mapped until they have.
func (i *Index) Close() error {
	if v := i.view.Swap(nil); v != nil {
		v.release()
	}
	return nil
}

// broken is called by whoever finds damage while it reads: from now on the index is empty, for everybody.
func (i *Index) broken(v *view, cause error) {
	i.log.Warn("the search index is damaged and will be built anew", "error", cause)
	i.loading.Lock()
	defer i.loading.Unlock()
	if i.view.Load() != v {
		return
	}
	unlock, ok, err := tryLock(i.dir)
	if err == nil && ok {
		defer unlock()
		if same, err := v.current(i.dir); err == nil && same {
			_ = os.Remove(filepath.Join(i.dir, manifestName)) // else every process finds the damage by itself
		}
	}
	seen, err := os.Stat(filepath.Join(i.dir, manifestName))
	if errors.Is(err, fs.ErrNotExist) {
		seen = nil
	} else if err != nil {
		seen = v.seen
	}
	i.publish(newView(manifest{}, nil, seen))
}
