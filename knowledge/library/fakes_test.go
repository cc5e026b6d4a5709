package library_test

import (
	"context"
	"io/fs"
	"sync"
	"testing/fstest"

	"github.com/resync-hwa/resync/knowledge/extract"
	"github.com/resync-hwa/resync/knowledge/library"
)

// counted is extract.Read that counts how often it is called.
func counted(n *int) library.Read {
	var mu sync.Mutex
	return func(ctx context.Context, name string, data []byte, limits extract.Limits, each func(extract.File) error, bad func(name, reason string)) error {
		mu.Lock()
		*n++
		mu.Unlock()
		return extract.Read(ctx, name, data, limits, each, bad)
	}
}

// flaky is a file system in which some names cannot be opened.
type flaky struct {
	fstest.MapFS
	bad map[string]bool
}

func (f flaky) Open(name string) (fs.File, error) {
	if f.bad[name] {
		return nil, &fs.PathError{Op: "open", Path: "/secret/place/" + name, Err: fs.ErrPermission}
	}
	return f.MapFS.Open(name)
}

func (f flaky) Stat(name string) (fs.FileInfo, error) {
	if f.bad[name] && name != "late.md" { // late.md can be seen and not be opened
		return nil, fs.ErrPermission
	}
	return f.MapFS.Stat(name)
}

func (f flaky) ReadDir(name string) ([]fs.DirEntry, error) {
	if f.bad[name] {
		return nil, fs.ErrPermission
	}
	return f.MapFS.ReadDir(name)
}
